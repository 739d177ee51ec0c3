/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_STORE_H
#define WEIR_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/document.h"
#include "base/error.h"

// The store plane: one thread with a bounded queue in front, a sink operations table behind
// (struct sink_ops in sink.h; SQLite now), and a push thread that only talks to MongoDB. Callers
// never wait for a disk or a server.

struct store;

// What is kept of one kind of documents. Both bounds hold, the oldest go first.
struct store_bound {
	uint64_t age_us;  // since it was stored
	uint64_t bytes;   // in the file, about: packed text and STORE_ROW_BYTES for each
};

#define STORE_ROW_BYTES 128  // columns, index entries and unused parts of pages, measured

struct store_bounds {
	struct store_bound kept[DOCUMENT_KINDS];  // but DOCUMENT_STATS
	uint64_t outbox_rows;   // documents waiting for MongoDB
	uint64_t outbox_bytes;  // of their packed text
};

// A day of the built-in queries is about 520,000 results of 470 bytes, 240 MB.
#define STORE_BOUNDS_DEFAULT { \
	.kept = { \
		[DOCUMENT_RESULT] = {UINT64_C(30) * 86400 * 1000000, UINT64_C(8) << 30}, \
		[DOCUMENT_ALERT] = {UINT64_C(90) * 86400 * 1000000, UINT64_C(256) << 20}, \
		[DOCUMENT_FLOW] = {UINT64_C(7) * 86400 * 1000000, UINT64_C(2) << 30}, \
		[DOCUMENT_DAILY] = {UINT64_C(730) * 86400 * 1000000, UINT64_C(1) << 30}, \
	}, \
	.outbox_rows = 1000000, \
	.outbox_bytes = UINT64_C(1) << 30, \
}

struct store_params {
	const char *uri;        // "sqlite:PATH" or "none"
	const char *push_uri;   // "mongodb://..." or NULL
	const char *appliance;  // name of this appliance in pushed documents
	uint32_t queue_size;    // documents and requests waiting for the store thread, power of two
	const struct store_bounds *bounds;  // NULL: STORE_BOUNDS_DEFAULT; copied
	uint64_t push_ttl_us;    // MongoDB deletes documents this long after their end; 0 never
};

struct store_kept {
	uint64_t rows;
	uint64_t bytes;  // as in struct store_bound
};

struct store_stats {
	uint64_t stored;       // documents committed; one that was there already counts too
	uint64_t dropped;      // refused as too large or because the queue was full, or lost to a disk fault
	uint64_t queued;       // waiting now
	uint64_t outbox;       // waiting for MongoDB
	uint64_t pushed;       // acknowledged by MongoDB
	uint64_t push_failures;  // attempts that failed
	uint64_t push_rejected;  // refused by MongoDB for what they are, given up
	uint64_t outbox_lost;    // forced out of the full outbox, or in a file that was set aside
	bool push_connected;   // the last attempt succeeded
	struct store_kept kept[DOCUMENT_KINDS];  // in the file now
	char state[128];       // "ok", or the fault in one line; never holds a password
	char push_state[128];  // "off", "ok", or the fault
};

#define STORE_URI_MAX 1024  // bytes, as of the field of the configuration
#define STORE_NAME_MAX 220  // of the file's name; what is set aside has 29 more, of NAME_MAX (255)

// Check the URIs without opening anything: 0, or -EINVAL with a line that names the option
// (--store, --push). Passwords never appear in the line.
int store_params_check(const struct store_params *p, struct error *err);

// Open and start the threads. NULL with err filled. A full or read-only disk, an I/O error or a
// lock is no reason to fail: `state` tells, and the store is tried again every second. With store
// "none" and a push URI documents wait for the server in memory (up to 50,000 or 128 MiB).
struct store *store_open(const struct store_params *p, struct error *err);

// Drain the queue, commit, try to deliver what can be delivered within `push_wait_ms`, close. A
// server that does not answer is tried once and not waited for longer than that. No other call may
// run at the same time or follow.
void store_close(struct store *s, unsigned int push_wait_ms);

// Any thread, never waits: take a reference to d and queue it. -ENOBUFS when full, -E2BIG when d is
// larger than STORE_DOCUMENT_MAX (both counted), -EINVAL when d is of a kind that is not stored. With
// store "none" and no push: 0, and nothing.
int store_put(struct store *s, struct document *d);

struct store_query {
	char query[DOCUMENT_NAME_LEN];  // "" is all queries
	uint64_t from_us;  // window end within [from_us, to_us)
	uint64_t to_us;
	uint32_t limit;    // newest first, at most this many, 10,000 and about 64 MiB
};

// Called on the store thread. rc 0: json is a JSON array of result documents (list) or
// {"deleted": N} (clear) or {"inserted": 1} (insert; 0 where there is one already with this query
// and window end, which stays); else json is an error line. What was queued before a request is
// committed first. -EINVAL and -E2BIG: the document is not a JSON object that can be stored.
typedef void store_reply_fn(void *arg, int rc, const char *json);

// Any thread, never wait: -ENOBUFS when the queue is full, -ENOTSUP with store "none"; then the
// reply is not called. Otherwise it is called exactly once, also when the store closes.
int store_results_list(struct store *s, const struct store_query *q, store_reply_fn *reply,
	void *arg);
int store_results_clear(struct store *s, store_reply_fn *reply, void *arg);
int store_results_insert(struct store *s, struct document *d, store_reply_fn *reply, void *arg);

// Daily totals by day and host, oldest first; hosts in the order of their text. As the requests
// above: json is an array of documents.
struct store_daily_query {
	char host[DOCUMENT_NAME_LEN];        // "" is all hosts
	uint64_t from_us;                    // days that begin within [from_us, to_us]
	uint64_t to_us;
	char after_host[DOCUMENT_NAME_LEN];  // of the day from_us only hosts after this one
	uint32_t limit;                      // at most this many, 10,000 and about 64 MiB
};

int store_daily_list(struct store *s, const struct store_daily_query *q, store_reply_fn *reply,
	void *arg);

// Alerts, of a query or of all, newest first and at most q->limit. As the requests above: json is
// {"alerts": [...], "more": are there older ones?, "source": "local"}.
int store_alerts_list(struct store *s, const struct store_query *q, store_reply_fn *reply,
	void *arg);

/*
 * Questions about what was stored, answered by a thread of their own that reads the file beside the
 * store thread and asks MongoDB: however long that takes, nothing else waits. The local store is asked
 * first. With STORE_AUTO what is older than it holds comes from MongoDB, where documents are pushed;
 * when that fails the answer is the local part, says `partial` and why. Documents are those of this
 * appliance, and the same text whoever answers. What was put less than a second ago may be missing.
 */
enum store_source {
	STORE_AUTO,
	STORE_LOCAL,
	STORE_MONGODB,
};

struct store_series_query {
	char query[DOCUMENT_NAME_LEN];
	char key[256];     // as in the rows of results
	uint64_t from_us;  // window end within [from_us, to_us)
	uint64_t to_us;
	uint64_t step_us;  // 0: as suits the range
};

enum store_question_type {
	STORE_RESULTS_PAGE,
	STORE_DAILY_PAGE,
	STORE_SERIES,
};

struct store_question {
	enum store_question_type type;
	enum store_source source;
	union {
		struct store_query results;       // with a query's name
		struct store_daily_query daily;
		struct store_series_query series;
	};
};

// As the requests above, but the reply comes on the thread that answers, and may come after
// store_close() where a server does not answer. json: an object with `results`, `totals` or the series
// of series.h, `source`, `partial` and, of pages, `cursor`. -ENOTSUP also where the source is not
// there; -EINVAL: the series' range is empty or has too many steps.
int store_history_ask(struct store *s, const struct store_question *q, store_reply_fn *reply,
	void *arg);

// Cursors of pages: where the next one goes on. False: it is none.
bool store_results_cursor_read(const char *text, uint64_t *ret_before_us);

/*
 * Which capture files were read (weir --pcap DIR --follow). Two are the same file when size, time
 * and head are equal, whatever their names; the newest STORE_CAPTURES_MAX are remembered. The
 * reply is "true" or "false" to `known`, and "true" to `remember`, which comes only after
 * everything that was queued before is committed. As for the requests above, and -EAGAIN in the
 * reply when documents are still waiting for a disk.
 */
struct store_capture {
	char name[256];    // for people
	uint64_t size;
	int64_t mtime_ns;
	char head[33];     // hash of the first bytes, hexadecimal
};
#define STORE_CAPTURES_MAX 1000000
#define STORE_DOCUMENT_MAX ((size_t)64 << 20)  // bytes of its JSON

int store_capture_known(struct store *s, const struct store_capture *c, store_reply_fn *reply,
	void *arg);
int store_capture_remember(struct store *s, const struct store_capture *c, store_reply_fn *reply,
	void *arg);

void store_stats_get(const struct store *s, struct store_stats *ret);

#endif
