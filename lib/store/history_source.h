/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_HISTORY_SOURCE_H
#define WEIR_STORE_HISTORY_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_out.h"
#include "store/series.h"
#include "store/store.h"

// Where questions about what was stored find their answers: the local file, or MongoDB. Both are
// used by the history thread only and may wait for a disk or a network.

// When to give up: Weir ends, or it takes too long.
struct history_watch {
	const uint32_t *stop;  // atomic
	uint64_t until_us;     // monotonic
};

bool history_over(const struct history_watch *w);

// A page in the making.
struct history_page {
	struct json_out *out;   // the array that documents go into
	uint32_t wanted;        // how many still fit
	bool full;              // that many, or as many bytes as an answer may have, are there
	bool any;
	uint64_t last_us;       // of the last document: the end of its window, or the day's begin
	char last_host[DOCUMENT_NAME_LEN];  // of a daily total
	uint64_t unreadable;    // documents that were left out as damaged
};

// Append a document; host is NULL for results.
void history_page_add(struct history_page *p, const char *json, uint64_t us, const char *host);

// All return 0 or -errno with err. What was found before an error stays found.
struct history_source_ops {
	const char *name;  // in answers

	// Newest first, q->limit is not looked at.
	int (*results)(void *source, const struct store_query *q, struct history_page *p,
		const struct history_watch *w, struct error *err);
	// By day and host.
	int (*daily)(void *source, const struct store_daily_query *q, struct history_page *p,
		const struct history_watch *w, struct error *err);
	int (*series)(void *source, const struct store_series_query *q, struct series *s,
		const struct history_watch *w, struct error *err);
};

// history_local.c
struct history_local;
extern const struct history_source_ops history_local_ops;

struct history_local *history_local_create(const char *path);  // NULL: no memory
void history_local_free(struct history_local *l);              // NULL is fine

// Since when the file holds what it was given: the end of the oldest result of a query, the
// oldest day. UINT64_MAX: there is nothing.
int history_local_since_result(struct history_local *l, const char *query, uint64_t *ret_us,
	struct error *err);
int history_local_since_day(struct history_local *l, uint64_t *ret_us, struct error *err);

// history_mongodb.c
struct history_mongodb;
extern const struct history_source_ops history_mongodb_ops;

// NULL: no memory, or the URI is none (push_uri_check()). Connects when it is asked first.
struct history_mongodb *history_mongodb_create(const char *uri, const char *appliance);
void history_mongodb_free(struct history_mongodb *m);  // NULL is fine

#endif
