/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_SINK_H
#define WEIR_STORE_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/document.h"
#include "base/error.h"
#include "base/json_out.h"
#include "store/store.h"

// Where documents are kept. A sink is used by one thread only (the store thread) after it was
// opened, may wait for a disk, and knows nothing of queues, batches' timing or MongoDB. Its outbox
// is the durable list of what the push thread still has to deliver.
//
// All operations return 0 or -errno with one line in err. The codes that the store acts on:
//   -EUCLEAN  the file is corrupted: close, open again with set_aside
//   -ENOSPC, -EROFS, -EBUSY, -EIO  may pass: nothing was changed, try again later

struct sink_params {
	const char *path;  // after the scheme; borrowed for the life of the sink
	bool keep;         // keep documents (false: the outbox only)
	bool outbox;       // put what is new into the outbox too
	bool set_aside;    // the file is known to be corrupted: rename it and begin a new one
	struct store_bounds bounds;  // kept in small steps inside the writes
};

struct sink_outbox {
	uint64_t rows;
	uint64_t daily;  // of them, daily totals
	uint64_t bytes;
	uint64_t lost;  // forced out by the limits since the sink was opened
};

struct outbox_row {
	int64_t id;
	struct document *document;  // a reference, owned by whoever holds the row
};

struct sink;

struct sink_ops {
	const char *scheme;  // the URI is "scheme:path", or "scheme" without path_needed
	bool path_needed;
	bool keeps;          // results can be listed

	int (*open)(const struct sink_params *p, struct sink **ret, struct error *err);
	void (*close)(struct sink *s);

	// All of them or none, in one transaction. A document that is there already (query and
	// window end for results; the whole text for alerts) changes nothing; flow records are
	// never taken for each other, and a daily total replaces the one of its day and host. *ret_new counts the others.
	int (*write)(struct sink *s, struct document *const *docs, uint32_t n, uint32_t *ret_new,
		struct error *err);

	// Append a JSON array, newest window end first.
	int (*list)(struct sink *s, const struct store_query *q, struct json_out *out,
		struct error *err);

	int (*daily_list)(struct sink *s, const struct store_daily_query *q, struct json_out *out,
		struct error *err);

	// As list, of alerts. ret_more: there are older ones.
	int (*alerts_list)(struct sink *s, const struct store_query *q, struct json_out *out,
		bool *ret_more, struct error *err);

	// Delete all results. What waits in the outbox is still delivered.
	int (*clear)(struct sink *s, uint64_t *ret_deleted, struct error *err);

	// Captures that were read, see store.h.
	int (*capture_known)(struct sink *s, const struct store_capture *c, bool *ret,
		struct error *err);
	int (*capture_remember)(struct sink *s, const struct store_capture *c, struct error *err);

	// The oldest rows, at most n and about max_bytes; they stay until removed and are not
	// forced out before the next call of outbox_remove.
	int (*outbox_read)(struct sink *s, struct outbox_row *rows, uint32_t n, uint64_t max_bytes,
		uint32_t *ret_n, struct error *err);
	int (*outbox_remove)(struct sink *s, const int64_t *ids, uint32_t n, struct error *err);
	void (*outbox_stats)(const struct sink *s, struct sink_outbox *ret);

	// What is kept of a kind, as committed.
	void (*kept_stats)(const struct sink *s, enum document_kind k, struct store_kept *ret);
};

extern const struct sink_ops sink_sqlite;
extern const struct sink_ops sink_none;

// Find the sink for a --store URI; *ret_path points into uri. 0 or -EINVAL with err filled.
int sink_find(const char *uri, const struct sink_ops **ret_ops, const char **ret_path,
	struct error *err);

#endif
