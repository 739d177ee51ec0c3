/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_DOCUMENT_H
#define WEIR_BASE_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

// A result, alert, flow record, daily total or statistics sample on its way to files, store, push and clients:
// JSON text of the contract (interfaces.md sections 3 to 5) with what is needed to route it beside
// it. Built once, then immutable and shared; every holder has a reference.

enum document_kind {
	DOCUMENT_RESULT,
	DOCUMENT_ALERT,
	DOCUMENT_STATS,
	DOCUMENT_FLOW,
	DOCUMENT_DAILY,
	DOCUMENT_KINDS,
};

const char *document_kind_name(enum document_kind k);  // "result", ..., "daily"

#define DOCUMENT_NAME_LEN 64

struct document {
	uint32_t references;  // use document_get() and document_put()
	enum document_kind kind;
	char name[DOCUMENT_NAME_LEN];  // query of results and alerts, host of daily totals, else ""
	uint64_t start_us;    // window of a result, day of a total; both the moment for the others
	uint64_t end_us;
	size_t len;           // of json, without the NUL
	char json[];          // one JSON object, no newline
};

// A document with one reference, owned by the caller; the text is copied. NULL if memory ran out.
struct document *document_create(enum document_kind kind, const char *name, uint64_t start_us,
	uint64_t end_us, const char *json, size_t len);
struct document *document_get(struct document *d);  // one more reference; gives back d
void document_put(struct document *d);              // one reference less; NULL is fine; any thread

#endif
