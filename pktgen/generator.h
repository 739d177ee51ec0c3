/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_GENERATOR_H
#define WEIR_PKTGEN_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <rte_mbuf.h>

#include "base/error.h"
#include "base/json_out.h"
#include "packet/protocol.h"

// The generator: a profile (JSON, interfaces.md section 8) decides a sequence of packets
// completely; one lcore or several build and send it, paced by TSC. Changed by swapping whole immutable
// plans, so that the lcore never sees half a change.

#define GENERATOR_LCORES_MAX 16

struct generator;
struct plan;
struct sent_log;

struct generator_params {
	struct rte_mempool *pool;  // packets are allocated here; data room for the largest size
	// Sends a burst, as rte_eth_tx_burst() does: returns how many were taken; the rest is counted
	// as dropped and freed by the generator.
	uint16_t (*send)(void *arg, struct rte_mbuf **packets, uint16_t n);
	void *send_arg;
	// Lcores that each send a part of it, 0 as 1; and their send_args where they differ.
	unsigned int lcores;
	void *send_args[GENERATOR_LCORES_MAX];
	bool stamps;  // packets carry their packet time in the mbuf's timestamp field, nanoseconds
	// An lcore of its own spins until the next burst is due. One that shares its CPU sleeps.
	bool shares_cpu;
	// What protocol names mean; must outlive the generator. NULL: the built-in table.
	const struct protocol_table *protocols;
	bool unpaced;      // packet time only: everything is due at once (capture files)
	bool answer_keys;  // the profile may ask for an answer key; else that is an error
	/*
	 * Control thread: what was sent under this profile is complete, and nothing is sent meanwhile. The
	 * counters of generator_stats_get() are exact; plan->key, unless NULL, may be finished, freed and
	 * set to NULL here, else nobody will. May be called more than once for a plan. NULL: a profile
	 * with an answer key does not change but for its rate.
	 */
	void (*retire)(void *arg, struct plan *plan, const cJSON *profile);
	void *retire_arg;
};

struct generator_stats {
	uint64_t sent;      // packets the port took
	uint64_t bytes;     // frame bytes of those, without FCS
	uint64_t dropped;   // built but not taken by the port
	uint64_t late;      // packets worth the time that was given up, more than 100 ms behind
	double achieved_pps;  // over the last second
	double slowest_pps;   // over any whole second, by the clock; several lcores: the sum of theirs
	double fastest_pps;
	double active_s;    // time spent running, from start to stop or to the end of the profile
	bool running;
};

// The profile that `weir --demo` starts with, as JSON text.
const char *generator_default_profile(void);

// A stopped generator with this profile. NULL with err filled and err->field the path within the
// profile ("size.min").
struct generator *generator_create(const struct generator_params *p, const cJSON *profile,
	struct error *err);
void generator_free(struct generator *g);

// Control thread: merge the changes into the profile (members replace members; null resets one to
// its default) and switch to it. The whole is validated first; on error nothing changes.
int generator_set(struct generator *g, const cJSON *changes, struct error *err);
/*
 * Control thread: switch to this complete profile. Where only the rate differs, and `anew` is false, the
 * place in the sequence is kept; else it begins from its beginning, with fresh flows. One that has come to
 * its end is stopped. A replay may change in its duration, packets and answer key only.
 * @return on error nothing changes
 */
int generator_change(struct generator *g, const cJSON *profile, bool anew, struct error *err);
// Control thread: what generator_set() would say; changes nothing.
int generator_check(struct generator *g, const cJSON *changes, struct error *err);
// Control thread: the profile in effect, complete with defaults; caller frees.
cJSON *generator_profile(const struct generator *g);
// Control thread: names of the addresses in a replay of flow records, an object {address: name} in
// the order of their appearance, at most `most`; empty without a replay. *ret_total gets how many there
// are. Caller frees; NULL: no memory.
cJSON *generator_names(const struct generator *g, uint32_t most, uint32_t *ret_total);
// Control thread: an object that tells how many packets a loop of a replay has, and what of it cannot
// be sent, by reason; null without a replay.
void generator_replay_write(const struct generator *g, struct json_out *out);

/*
 * Control thread, for calibration: send this complete profile from its beginning, with fresh flows.
 * @param log notes what the port takes (one generator lcore only), until the profile is replaced
 * or set once more; NULL: none
 * @return on error nothing changes
 */
int generator_replace(struct generator *g, const cJSON *profile, struct sent_log *log,
	struct error *err);
// Control thread: what is sent, until the profile is replaced or set once more.
const struct plan *generator_plan(const struct generator *g);
// Any thread: the tag of the time stamps in packets that are sent now (stamp.h); 0: there are none.
uint64_t generator_stamp_tag(const struct generator *g);
void generator_start(struct generator *g);
void generator_stop(struct generator *g);
void generator_stats_get(const struct generator *g, struct generator_stats *ret);  // any thread

/*
 * Generator lcore: build and send what is due now of the lcore's part. Returns the microseconds
 * until there is more to do (0: call again at once; a stopped generator says 1000). The caller
 * sleeps or spins.
 * @param lcore below the number of lcores, each polled by one thread
 */
uint32_t generator_poll(struct generator *g, unsigned int lcore);

// Any thread: true when a profile that ends by itself (`packets`, `duration_s`) is done. Starting
// it once more sends it from the beginning.
bool generator_done(const struct generator *g);

// Control thread, when the profile is done or no lcore polls any more: generator_params.retire for it.
void generator_finish(struct generator *g);

// Control thread, now and then where the profile asks for an answer key: take over the counts of
// a finished second (the lcore waits before it begins the second after the next).
void generator_answer_key_fold(struct generator *g);

/*
 * Control thread, when the lcore polls no more: complete the answer key's file.
 * @param ret_totals gets the totals as one JSON object, or null where there is no answer key
 */
int generator_answer_key_finish(struct generator *g, struct json_out *ret_totals,
	struct error *err);

#endif
