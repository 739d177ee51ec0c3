/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ALERT_H
#define WEIR_QUERY_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/document.h"
#include "base/json_out.h"
#include "query/key_label.h"
#include "query/operator.h"

// Which keys of a query with operator `limit` are outside, from window to window, and the alerts
// that say so: raised with the first window in which a key is outside, cleared when it has been
// inside for `clear_after` windows. A key whose alert is raised is remembered by itself, as its
// traffic may end and with it everything else that knows it; without traffic its value is 0. Where a
// value is known within bounds only and may be inside or outside, nothing is raised and nothing cleared.

// Keys that one query may have outside at the same time. What comes on top is in the rows, but
// raises no alert.
#define ALERTS_MAX 4096

struct alerts;

struct alerts *alerts_create(void);  // NULL if memory ran out
void alerts_free(struct alerts *a);

// Takes over the reference to d.
typedef void (query_emit_fn)(struct document *d, void *arg);

// What an alert says (interfaces.md section 3).
struct alert_text {
	const char *query;
	const char *key;
	uint64_t value;
	uint64_t error;          // of value; 0 is not written
	uint64_t limit;
	const char *state;       // "raised", "cleared"
	uint64_t at_us;
	const char *limit_name;  // of the limits table, else NULL
	bool exact;              // goes with limit_name
	// For the key's label; NULL without one.
	const struct dimension *dimension;
	const struct query_key *labelled;
	const struct key_names *names;
};

// Write it into o, which is emptied, and give it to emit. 0 or -ENOMEM.
int alert_emit(const struct alert_text *t, struct json_out *o, query_emit_fn *emit, void *arg);

// Whose alerts, and where they go.
struct alert_context {
	const char *query;
	const struct dimension *dimension;
	const struct query_op *op;
	const struct key_names *names;
	uint64_t at_us;
	struct json_out *json;  // for the text
	query_emit_fn *emit;
	void *arg;
};

/*
 * One window: rows are the keys outside. 0, or -ENOMEM: some alerts are missing, and come with a
 * later window.
 */
int alerts_follow(struct alerts *a, const struct alert_context *c, const struct operator_view *v,
	const struct rows *rows);

// The query goes: whatever is raised is cleared.
int alerts_clear(struct alerts *a, const struct alert_context *c);

uint32_t alerts_raised(const struct alerts *a);
size_t alerts_bytes(void);  // of one query

#endif
