/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_TEST_H
#define WEIR_STORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store_private.h"

// What the store's tests share. Each test has a folder of its own, removed at its end.

struct fixture {
	char folder[64];
	char path[128];  // of the database, not there yet
	char uri[160];   // sqlite:path
	struct store_params params;
	struct store_limits limits;
	struct store_bounds bounds;  // of params
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

// Run SQL on a database, beside the store if that is open; fails the test where it cannot.
void database_run(const char *path, const char *text);
// The number that a SELECT gives.
int64_t count_rows(const char *path, const char *sql);

struct store *fixture_open(struct fixture *f);  // fails the test where it cannot

// A result whose JSON says {"seq": seq, "pad": pad x's} and whose window ends at seq seconds.
struct document *result_make(const char *query, uint64_t seq, unsigned int pad);
void result_put(struct store *s, const char *query, uint64_t seq);  // fails the test when refused
void alert_put(struct store *s, const char *key);  // all of one moment; likewise

// Requests that wait for their reply; ret_json (free()) may be NULL.
int list_wait(struct store *s, const struct store_query *q, char **ret_json);
int alerts_wait(struct store *s, const struct store_query *q, char **ret_json);
int clear_wait(struct store *s, char **ret_json);
int insert_wait(struct store *s, struct document *d, char **ret_json);

int history_wait(struct store *s, const struct store_question *q, char **ret_json);
int known_wait(struct store *s, const struct store_capture *c, char **ret_json);
int remember_wait(struct store *s, const struct store_capture *c, char **ret_json);

// The "seq" of each document of a list of all queries, newest first; at most n. Gives the count.
uint32_t list_seqs(struct store *s, const char *query, uint32_t limit, uint64_t *seqs, uint32_t n);

// Poll until pred(stats, arg), at most 10 s; fails the test after that.
void stats_wait(struct store *s, bool (*pred)(const struct store_stats *st, uint64_t arg),
	uint64_t arg);
bool stored_reached(const struct store_stats *st, uint64_t arg);
bool state_is_fault(const struct store_stats *st, uint64_t arg);
bool state_is_ok(const struct store_stats *st, uint64_t arg);

#endif
