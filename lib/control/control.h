/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_CONTROL_H
#define WEIR_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/document.h"
#include "base/error_list.h"

// The control plane: one thread runs the libwebsockets loop and everything that changes Weir. A
// method table gives each JSON-RPC method its parameters, help and handler; websocket /ws,
// POST /rpc, REST and the console are ways to reach the same table.

struct control;

struct control_params {
	bool listen;             // false: no socket, the table is reachable by control_call() only
	const char *address;     // "127.0.0.1", "::1", ...
	uint16_t port;
	const char *panel_dir;   // built panel, served at /; NULL: a page that says it is not built
	// With TLS: PEM files; NULL without. On other addresses than loopback both TLS and users are
	// needed, or `insecure`.
	const char *tls_certificate;
	const char *tls_key;
	bool insecure;
	// Of texts (or NULL): names of this server that Host may say besides its own, and prefixes of
	// the reverse proxies whose X-Forwarded-For is believed.
	const cJSON *names;
	const cJSON *trusted_proxies;
	uint64_t waiting_bytes;  // most that may wait to be sent to all clients; 0: 256 MiB
	const char *users_file;  // who may ask (access/users.h); NULL: whoever reaches the address
};

struct processor_parameters {
	double H;     // percent, 0 < H <= 100
	uint32_t T;   // seconds, 1 .. 3600
	uint32_t k;   // 1 .. 1000
	double X;     // standard deviations, 0 < X <= 1000
};

// What config.set is asked to do with a document.
struct config_set_params {
	bool replace;      // fields that are not in it get their defaults; else they stay
	bool dry_run;      // only say what would be
	double confirm_s;  // 0: at once for good
};

// JSON-RPC 2.0 error codes, and the application's below -32000.
enum call_code {
	CALL_PARSE_ERROR = -32700,
	CALL_INVALID_REQUEST = -32600,
	CALL_METHOD_NOT_FOUND = -32601,
	CALL_INVALID_PARAMS = -32602,
	CALL_INTERNAL_ERROR = -32603,
	CALL_REFUSED = -32000,    // the application would not or could not
	CALL_NOT_FOUND = -32001,  // nothing by that name, or nothing yet
	CALL_NO_STORE = -32002,   // there is no local store to ask
	CALL_STOPPING = -32003,   // Weir is ending
	CALL_TOO_LARGE = -32004,  // the answer would be larger than one reply may be
	CALL_STORE_FAULT = -32005,  // the store cannot answer now
	CALL_UNAUTHENTICATED = -32006,  // log in first, or bring a token
	CALL_FORBIDDEN = -32007,  // the caller's role may not
	CALL_BUSY = -32008,       // too many calls or attempts: later
};

// Who is asked for what was stored.
enum control_source {
	CONTROL_SOURCE_AUTO,     // the local store, and MongoDB for what is older than that holds
	CONTROL_SOURCE_LOCAL,
	CONTROL_SOURCE_MONGODB,
};

// Which results: checked.
struct control_results {
	const char *query;
	uint64_t from_us;      // window end within [from_us, to_us)
	uint64_t to_us;
	uint32_t limit;
	bool page;             // an object with cursor and source instead of an array from the local store
	const char *cursor;    // where the page goes on; NULL: the newest
	enum control_source source;
};

// The values of which key.
struct control_series {
	const char *query;
	const char *key;
	uint64_t from_us;      // window end within [from_us, to_us)
	uint64_t to_us;
	uint64_t step_us;      // 0: as suits the range
	enum control_source source;
};

// Which daily totals: checked, times are those at which days begin.
struct control_daily {
	bool page;               // an object with cursor and source, else an array from the local store
	enum control_source source;
	const char *host;        // an address in its usual form, or "other"; NULL: all
	uint64_t from_us;
	uint64_t to_us;          // the last day, itself included
	const char *after_host;  // of the first day only hosts after this one; NULL: all
	uint32_t limit;
};

#define CONTROL_ALERTS_MAX 1000  // in one answer, and in memory where no store has them

// Which alerts: checked.
struct control_alerts {
	const char *query;     // "limits" is the limits table; NULL: all
	uint64_t from_us;      // raised or cleared within [from_us, to_us)
	uint64_t to_us;
	uint32_t limit;
};

// Which flows: checked but for the filter.
struct control_flows {
	const char *filter;  // pcap-filter(7), NULL: all
	unsigned int order;  // enum flow_order (flow/flow_scan.h)
	bool ascending;
	uint32_t limit;
};

// Completes a call that a handler left pending. Any thread; exactly once per call.
struct control_call;
void control_call_complete(struct control_call *call, cJSON *result);  // takes result
void control_call_fail(struct control_call *call, int code, const char *field, const char *text);
// As above, with everything that is wrong: the answer's message is the first of it.
void control_call_fail_all(struct control_call *call, int code, const struct error_list *errors);

/*
 * What the application does for the table. All run on the control thread and never block. `app`
 * is what control_create() was given. JSON that is returned belongs to the caller; NULL is out of
 * memory. Functions that return int give 0 or -errno with err (and err->field) filled and nothing
 * changed.
 */
struct control_ops {
	cJSON *(*system_info)(void *app);
	cJSON *(*stats_get)(void *app);    // interfaces.md section 5 and more
	cJSON *(*ports_list)(void *app);
	cJSON *(*processor_get)(void *app);  // {"H","T","k","X","running"}
	void (*processor_parameters)(void *app, struct processor_parameters *ret);
	int (*processor_set)(void *app, const struct processor_parameters *p, struct error *err);
	int (*processor_run)(void *app, bool run, struct error *err);
	cJSON *(*config_get)(void *app, bool waiting);  // with what waits for the next start
	// {"applied","changes","restart",...}; faults with the paths of their fields.
	int (*config_set)(void *app, const cJSON *config, const struct config_set_params *params,
		cJSON **ret, struct error_list *errors);
	int (*config_confirm)(void *app, cJSON **ret, struct error_list *errors);
	int (*config_rollback)(void *app, cJSON **ret, struct error_list *errors);
	int (*config_save)(void *app, cJSON **ret, struct error_list *errors);
	cJSON *(*query_list)(void *app);
	// Changes give the query as it is then. Faults go to errors, with fields of the query.
	int (*query_add)(void *app, const cJSON *query, cJSON **ret, struct error_list *errors);
	int (*query_update)(void *app, const cJSON *query, cJSON **ret, struct error_list *errors);
	int (*query_remove)(void *app, const char *name, struct error_list *errors);
	void (*query_preview)(void *app, const cJSON *query, struct control_call *call);  // pending
	cJSON *(*names_list)(void *app);  // {"names": {...}, "geoip": [...]}
	// Give these keys these names (object, or NULL), take those of these keys (array, or NULL):
	// all of it or, with errors filled, nothing.
	int (*names_change)(void *app, const cJSON *names, const cJSON *keys,
		struct error_list *errors);
	int (*names_reload)(void *app, struct error_list *errors);  // read the .mmdb files again
	cJSON *(*limits_list)(void *app);
	// Changes of the limits table give what limits_list does. Faults: fields of the rows; -ENOENT
	// where there is no such limit.
	int (*limits_set)(void *app, const cJSON *rows, cJSON **ret, struct error_list *errors);
	int (*limits_remove)(void *app, const char *name, const char *date, cJSON **ret,
		struct error_list *errors);
	void (*limits_dry_run)(void *app, const cJSON *params, struct control_call *call);  // pending
	cJSON *(*generator_get)(void *app);  // {"running","profile",...}; NULL when there is none
	int (*generator_set)(void *app, const cJSON *changes, struct error *err);
	int (*generator_run)(void *app, bool run, struct error *err);
	// Only where there is a generator: start a calibration (profile: changes, or NULL); its state.
	int (*generator_calibrate)(void *app, const cJSON *profile, uint32_t seconds,
		struct error *err);
	cJSON *(*generator_calibration)(void *app);
	bool (*query_exists)(void *app, const char *query);
	struct document *(*result_latest)(void *app, const char *query);  // reference, or NULL
	// Pending calls: complete them with control_call_complete() or _fail().
	void (*results_list)(void *app, const struct control_results *q, struct control_call *call);
	// The newest stored result of a query, which may be one that there is no more.
	void (*results_newest)(void *app, const char *query, struct control_call *call);
	void (*results_series)(void *app, const struct control_series *q, struct control_call *call);
	void (*results_insert)(void *app, const cJSON *result, struct control_call *call);
	void (*results_clear)(void *app, struct control_call *call);
	void (*daily_list)(void *app, const struct control_daily *q, struct control_call *call);
	void (*alerts_list)(void *app, const struct control_alerts *q, struct control_call *call);
	// Pending. Says itself what is wrong with the filter.
	void (*flows_list)(void *app, const struct control_flows *q, struct control_call *call);
	char *(*metrics)(void *app);       // OpenMetrics text, malloc()ed
	// What is wrong: [{"area","fault","text"}, ...], faults first; without a fault it is healthy.
	cJSON *(*health)(void *app, bool *ret_healthy);
};

// NULL with err filled (address in use, not loopback while `listen` may only be loopback, ...).
struct control *control_create(const struct control_params *p, const struct control_ops *ops,
	void *app, struct error *err);
// After control_run() has returned. Calls that are still pending may be completed even later.
void control_free(struct control *c);

// Before control_run(): write the audit log to this file. 0 or -errno with err filled.
int control_audit_open(struct control *c, const char *path, struct error *err);
/*
 * Control thread: record a change that no call asked for. `via` is what did ("signal"), `action` stands
 * for the method, params_json is an object (NULL: memory ran out, which counts as lost). fault: NULL if it
 * was done, else why not.
 */
void control_audit_note(struct control *c, const char *via, const char *action,
	const char *params_json, const char *fault);

// Run the loop on this thread until control_stop(). tick (may be NULL) is called about every
// 100 ms on it.
void control_run(struct control *c, void (*tick)(void *app));
void control_stop(struct control *c);  // any thread, also from tick

// Control thread: read the users' file and the certificate again, as a signal asks for; both are
// told in the log and the audit log. What cannot be read leaves what there is. Logins of users who are
// gone or have another password end. False: there are neither.
bool control_reload(struct control *c);

// Any thread, never waits: queue d for the subscribers of its kind (takes its own reference).
// Dropped and counted when the queue is full.
void control_publish(struct control *c, struct document *d);

// Any thread: does any client subscribe to this kind now? Spares making what nobody would get.
bool control_wanted(const struct control *c, enum document_kind kind);

/*
 * Call a method and wait for the answer; any thread but the control thread, while control_run()
 * runs. params_json may be NULL. Returns 0 with *ret_json the result, or the JSON-RPC error code
 * (negative) with *ret_json the error object; text is malloc()ed.
 */
int control_call(struct control *c, const char *method, const char *params_json, char **ret_json);

// The port that is listened on (for tests with port 0), 0 if none.
uint16_t control_listen_port(const struct control *c);

struct control_stats {
	uint32_t clients;       // websockets open
	uint64_t requests;
	uint64_t notifications;
	uint64_t dropped;       // notifications not sent, to slow readers or for want of room
};
void control_stats_get(const struct control *c, struct control_stats *ret);

#endif
