/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_PIPELINE_H
#define WEIR_APP_PIPELINE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>

#include <rte_ring.h>
#include <rte_spinlock.h>

#include "alerts.h"
#include "alerts_kept.h"
#include "base/ledger.h"
#include "base/live_clock.h"
#include "calibrate.h"
#include "control/control.h"
#include "export.h"
#include "flow_lists.h"
#include "flow/flow_tracker.h"
#include "flow/fragment_table.h"
#include "generator.h"
#include "health.h"
#include "latency.h"
#include "lcore_load.h"
#include "limits_control.h"
#include "memory_plan.h"
#include "options.h"
#include "pane/pane_writer.h"
#include "port/capture_follow.h"
#include "port/dispatch.h"
#include "port/port.h"
#include "port/source.h"
#include "query/engine.h"
#include "query/query_set.h"
#include "reconfigure.h"
#include "settings.h"
#include "store/store.h"

// The picture in docs/architecture.md as one struct: who owns what, who reads what.
//
//   ports ──▶ rx_worker × N ──sealed panes──▶ merge_worker ──documents──▶ control, store, output
//     ▲            └──────────ended flows────────────────────────────────────────────▶ output
//   gen_worker

#define WORKERS_MAX 64
#define PORTS_MAX 16
// Results kept: of the queries there are, and of some that have just been removed.
#define LATEST_MAX (2 * QUERY_SET_MAX)
// Previews that wait for the merge lcore.
#define PREVIEWS_MAX 64
#define RX_BURST 64
// Flow records on their way from one worker to the output thread.
#define RECORDS_RING_SIZE 8192
// As many panes' deltas as there is room for between a worker and the merge lcore: one being written,
// one being folded, two for a merge lcore that was late for a second.
#define PANES_PER_WORKER 4
#define STORE_QUEUE_SIZE 8192

struct daily;
struct pipeline;

// One RX lcore. It writes everything here but `share`, set up before it runs, and `scan`; other
// threads read ledger (through ledger_read()), flow counts and load.
struct rx_worker {
	struct pipeline *pipeline;
	unsigned int index;
	unsigned int lcore;
	struct source *sources[PORTS_MAX];
	unsigned int source_count;
	enum clock_source clock;
	int capture_info_offset;
	// Of captures each worker reads everything and keeps the flows that fall to it.
	unsigned int share_count;

	struct flow_table *table;
	struct flow_tracker tracker;
	struct fragment_table *fragments;  // NULL unless later fragments are followed
	uint64_t now_us;             // the clock in use; never goes backwards
	uint64_t late_packets;       // of captures: older than the pane that they were counted in
	bool clock_started;

	struct pane_exchange *exchange;
	struct pane_writer panes;
	uint64_t pane_index;
	uint64_t pane_end_us;
	struct ledger_counts unpaned;  // what came while there was no pane: goes into the next one

	bool draining;               // the run is over: the rest may take its time
	struct rte_ring *records;    // ended flows by value, NULL if nobody wants them
	void (*on_record)(struct rx_worker *w, const struct flow *f);  // NULL likewise
	uint64_t records_lost;       // ring full on a live input; never on captures
	uint64_t records_lost_packets, records_lost_octets;  // of those flows; octets of layer 3

	// A walk over the flows that was asked for: set by the control thread, NULL again when done.
	struct flow_scan *scan;

	struct burst *burst;
	struct lcore_load load;
	struct ledger ledger;
	struct latency_meter latency;  // of stamped packets of this process's generator
} __rte_cache_aligned;

// What one worker had in one slice of time.
struct worker_slice {
	uint64_t packets;             // all that it received
	bool any;                     // there is a heaviest flow
	struct pane_delta heaviest;   // the flow with most packets
};

struct merge_worker {
	unsigned int lcore;
	struct query_engine *engine;   // merge lcore only
	struct daily *daily;           // likewise; NULL: no daily totals are kept
	uint64_t queries_version;            // of the set that the engine has
	bool queries_incomplete;             // memory ran out for some: tried again with each slide
	uint64_t limits_version;             // of the limits table that the engine has
	struct rte_ring *previews;           // control -> merge: struct preview
	struct preview *preview;             // that is being answered, NULL for none
	uint64_t slice_packets;              // folded into the slice that is being filled
	struct pane *held[WORKERS_MAX];      // next part of each worker, not folded yet
	bool continued[WORKERS_MAX];         // the worker's last part was not all of its pane
	bool ended[WORKERS_MAX];
	bool started;
	uint64_t next_index;                 // slices before it have given their results; others read
	struct query_engine_stats stats;     // copied for readers once per slide
	struct worker_slice filling[WORKERS_MAX];  // of the slice that is being filled
	struct worker_slice last[WORKERS_MAX];     // of the last one, for readers
	uint64_t last_start_us;              // 0: there was none yet
	rte_spinlock_t stats_lock;           // of stats and last
	struct lcore_load load;
	uint64_t folds_incomplete;           // memory ran out for keys: results say exact false
	uint64_t documents_lost;             // memory ran out, or the output ring was full on live input
};

// The latest result of each query: the merge lcore writes, and the store thread what was inserted; the
// control thread reads.
struct latest_results {
	rte_spinlock_t lock;
	struct document *of[LATEST_MAX];
	unsigned int count;
};

// Until the start has succeeded nothing of the files is changed.
enum output_state {
	OUTPUT_WAITS,     // the thread takes nothing yet
	OUTPUT_WRITES,
	OUTPUT_DISCARDS,  // the start has failed: what comes goes nowhere, so that lcores can end
};

// Files: --flows and --results, written by a thread of their own.
struct output {
	FILE *flows;
	FILE *results;
	FILE *report;
	uint64_t lines_lost;         // after a write error nothing more is written
	struct rte_ring *documents;  // results on their way to the file, NULL if not wanted
	pthread_t thread;
	bool running;
	enum output_state state;  // set by main
	bool stop;       // set by main, the thread drains and ends
	int error;       // first write error, -errno; set by the thread
	// Made by this run, and taken away again if it does not begin.
	bool flows_made, results_made, report_made;
};

struct pipeline {
	struct options options;
	struct protocol_table *protocols;
	struct network_set *networks;  // local ones
	struct query_set *queries;     // that the run begins with
	struct address_book *names;    // likewise
	struct geoip *geoip;           // likewise
	struct limits limits;
	struct alerts_out alerts;    // to the command and to syslog
	struct alerts_kept alerts_kept;  // of alerts.list
	struct settings_cell settings;
	struct config_state config;    // control thread
	char **captures;             // of --pcap; the folder alone where it is followed
	struct capture_follow *follow;  // with --follow, else NULL
	struct memory_plan memory;

	struct rte_mempool *pool;
	struct port ports[PORTS_MAX];
	unsigned int port_count;
	enum port_link links[PORTS_MAX];  // control thread: as they were told last
	// Ports that one lcore spreads over the workers; NULL for the others. Polled by the dispatch
	// lcore, if there is one, else port i by worker i modulo their number.
	struct dispatch *dispatch[PORTS_MAX];
	unsigned int dispatch_lcore;    // UINT_MAX: none
	struct lcore_load dispatch_load;

	struct rx_worker *workers;
	unsigned int worker_count;
	struct merge_worker merge;

	struct generator *generator;
	struct rte_mempool *generator_pool;
	unsigned int generator_lcore;
	struct lcore_load generator_load;
	struct calibration *calibration;  // where there is a generator
	struct health health;        // control thread
	struct flow_lists flow_lists;  // of flows.list; control thread

	struct latest_results latest;
	struct output output;
	struct exports exports;      // --ipfix: set up by main, then the output thread's
	struct store *store;         // NULL with --store none and no --push
	struct control *control;

	struct live_clock clock;     // of live inputs
	bool clock_told;             // that wall time has stepped back

	bool shares_cpu;             // several lcores run on one CPU: idle ones give way
	bool stop;                   // main: RX lcores finish
	bool stop_asked;             // signal handler, console: end the run
	bool generator_stop;
	unsigned int workers_running;  // lcores decrement
	bool merged;                 // the merge lcore has folded everything
	uint64_t start_us;           // monotonic
	uint64_t end_us;

	// Rates over the last second, kept by the control thread.
	uint64_t rate_packets, rate_bytes, rate_at_us;
	double pps, bps;
};

// Reader numbers for settings_read(): workers are their index, the merge lcore comes last.
static inline unsigned int
pipeline_merge_reader(const struct pipeline *p)
{
	return p->worker_count;
}

// What can fail for the user's reasons and needs no EAL: URIs, files to read and to write, protocol
// names, the address to listen on. Sets p->captures, p->protocols, p->output and p->control.
// 0, or -errno with one line in err; pipeline_fini() in either case.
int pipeline_prepare(struct pipeline *p, struct error *err);

/*
 * Build everything else from p->options after EAL has started. 0, or -errno with one line in err; what
 * was built is torn down by pipeline_fini() in either case.
 */
int pipeline_init(struct pipeline *p, struct error *err);
void pipeline_fini(struct pipeline *p);

// Roles that want an lcore besides the main one, for `workers` workers.
static inline unsigned int
pipeline_lcores(const struct options *o, unsigned int workers)
{
	return workers + 1 + (o->demo ? 1 : 0);
}

// Is some port spread over the workers in software?
bool pipeline_dispatches(const struct pipeline *p);

// Flows that each worker's table holds.
static inline uint32_t
pipeline_worker_capacity(const struct pipeline *p)
{
	return RTE_MAX(p->options.flow_capacity / p->worker_count, 16U);
}

// Start the lcores and the output thread; wait for them to be done with everything received.
int pipeline_start(struct pipeline *p, struct error *err);
void pipeline_stop(struct pipeline *p);
void pipeline_store_settle(struct pipeline *p);

// Lcore loops, arg is the struct rx_worker or the struct pipeline.
int rx_worker_init(struct rx_worker *w, int socket);  // it has its table; 0 or -errno, fini then too
void rx_worker_fini(struct rx_worker *w);
size_t rx_worker_panes_bytes(uint32_t capacity);  // of the panes of a worker with so many flows
int rx_worker_run(void *arg);
int merge_worker_run(void *arg);
int gen_worker_run(void *arg);
int dispatch_worker_run(void *arg);

// Consistent sum over all workers; any thread.
void pipeline_ledger(const struct pipeline *p, struct ledger_counts *ret);
// Sums over all workers' flows, and over all ports' losses; control thread.
void pipeline_flow_counts(const struct pipeline *p, struct flow_counts *ret);
void pipeline_fragment_counts(const struct pipeline *p, struct fragment_counts *ret);
void pipeline_port_losses(struct pipeline *p, struct port_stats *ret);
// Packets that found a worker's ring full (part of the ports' missed): of one port to all workers,
// and of all ports to one worker; any thread.
uint64_t pipeline_port_dispatch_missed(const struct pipeline *p, unsigned int port);
uint64_t pipeline_worker_dispatch_missed(const struct pipeline *p, unsigned int worker);

// Largest part of a worker, times the number of workers: 1 is even, the number of workers is all in
// one. 0 where there are no packets.
double workers_skew(const uint64_t *packets, unsigned int workers);
// Skew of all that was received, and of the last slice; any thread.
void pipeline_skew(struct pipeline *p, double *ret_total, double *ret_last);
// A worker's part of the last slice; any thread.
void pipeline_worker_slice(struct pipeline *p, unsigned int worker, struct worker_slice *ret);

/*
 * Output files and thread. Files are opened before EAL starts, with what is in them. output_begin(),
 * when nothing else of the start can fail, empties them, and the thread begins to write. A start that
 * fails calls output_discard() before lcores are ended, and output_forget() (with any end) takes away
 * what the start has made.
 */
int output_open(struct pipeline *p, struct error *err);
int output_start(struct pipeline *p, struct error *err);
int output_begin(struct pipeline *p, struct error *err);
void output_discard(struct pipeline *p);
void output_forget(struct pipeline *p);
// Do records of ended flows go to the output thread?
bool output_wants_records(const struct pipeline *p);
int output_stop(struct pipeline *p);  // after all lcores have ended; 0 or the first write error

// Queries: before EAL, what the configuration asks for; then the engine; control thread, what
// query.* do; merge lcore, previews that were asked for, and at the end those that are left.
int queries_prepare(struct pipeline *p, struct error *err);
int queries_init(struct pipeline *p, struct error *err);
// What previews may be answered from, in bytes.
size_t queries_log_bytes(const struct pipeline *p);
// Is there nobody to whom results go, or who can ask for them? Stays so while the run goes on.
bool queries_unread(const struct pipeline *p);
void queries_fini(struct pipeline *p);
cJSON *queries_list_op(void *app);
int queries_add_op(void *app, const cJSON *query, cJSON **ret, struct error_list *errors);
int queries_update_op(void *app, const cJSON *query, cJSON **ret, struct error_list *errors);
int queries_remove_op(void *app, const char *name, struct error_list *errors);
int queries_set_parameters(struct pipeline *p, const struct query_parameters *new,
	struct error *err);

// Daily totals: made after the store; the merge lcore folds each pane, and writes after each slice and
// at the end of the run. Freed after the store.
int daily_init(struct pipeline *p, struct error *err);
void daily_free(struct daily *d);
size_t daily_bytes(const struct pipeline *p);  // that they may take
void daily_fold(struct pipeline *p, const struct pane *pane);
void daily_write(struct pipeline *p);
void daily_finish(struct pipeline *p);

// Names of keys: before EAL, what the configuration says; control thread, names.*.
int names_prepare(struct pipeline *p, struct error *err);
void names_fini(struct pipeline *p);
cJSON *names_list_op(void *app);
int names_change_op(void *app, const cJSON *names, const cJSON *keys, struct error_list *errors);
// After the generator was made: the devices of a replay of flow records.
int names_add_generator(struct pipeline *p, struct error *err);
int names_reload_op(void *app, struct error_list *errors);

// Links of ports, control thread: note them as they are, then once a second tell what changes.
void links_start(struct pipeline *p);
void links_tick(struct pipeline *p);
const struct port *links_gone(const struct pipeline *p);  // a port whose interface is gone, or NULL

// generator.*: control thread.
cJSON *generator_get_op(void *app);
int generator_set_op(void *app, const cJSON *changes, struct error *err);
int generator_run_op(void *app, bool run, struct error *err);
int generator_calibrate_op(void *app, const cJSON *profile, uint32_t seconds, struct error *err);
cJSON *generator_calibration_op(void *app);
// From the generator to the RX lcores, over all of them; any thread. False: its profile stamps no
// packets, or there is none.
bool pipeline_latency(const struct pipeline *p, struct latency_summary *ret);
// Its counters and latency for reports; null without one.
cJSON *pipeline_generator_stats(const struct pipeline *p);

// A question for the engine, at the beginning of a struct that is malloc()ed.
struct preview {
	// Merge lcore: a document with the answer, NULL with errno: EINPROGRESS: called again
	// soon; ENOENT: nothing is retained; EAGAIN: no slice was closed yet; ENOMEM.
	struct document *(*run)(struct query_engine *e, struct preview *v);
	void (*free)(struct preview *v);  // of the whole struct, NULL: free()
	const char *field;                // that is wrong, and why, where nothing is retained
	const char *missing;
	bool waits;                       // merge lcore: nothing is done before a slice is closed
	struct control_call *call;
};

void preview_ask(struct pipeline *p, struct preview *v);  // takes over v
// Results of queries that are gone are gone, too. Control thread.
void queries_latest_forget(struct pipeline *p);
void preview_op(void *app, const cJSON *query, struct control_call *call);
bool previews_serve(struct pipeline *p);  // merge lcore; true if there was work
void previews_refuse(struct pipeline *p);

// A document from the merge lcore to everyone who wants it; takes over the reference.
void pipeline_emit(struct document *d, void *arg);

// A result from elsewhere that is stored: the latest of its query, if its window is newer and the query
// has results, until the query has another one. Any thread.
void pipeline_latest_offer(struct pipeline *p, struct document *d);

// A document to the local store, if there is one. Only on captures it waits for room.
void pipeline_store(struct pipeline *p, struct document *d);

extern const struct control_ops pipeline_control_ops;

// The JSON of stats.get and of the report.
cJSON *pipeline_stats(struct pipeline *p);
void pipeline_stats_workers(struct pipeline *p, cJSON *stats);
cJSON *pipeline_ports(struct pipeline *p);
char *pipeline_metrics(struct pipeline *p);
void pipeline_tick(void *arg);

// Where the built panel is: what the environment's WEIR_PANEL_DIR says, beside this program in a
// build tree, or where it is installed. NULL if it is in neither place. Static memory.
const char *panel_dir_find(void);

#endif
