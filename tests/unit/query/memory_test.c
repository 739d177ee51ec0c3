/* SPDX-License-Identifier: BSD-3-Clause */
// Memory that runs out, at each allocation in turn, once or for a while: failures are reported,
// results that are missing detail say so, and once the window has passed all is as if nothing had
// happened.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "pane_build.h"
#include "query/engine.h"

static struct {
	bool armed;
	unsigned int count;  // allocations so far
	unsigned int first;  // which fail: [first, end)
	unsigned int end;
} fault;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_mem_table_alloc(const char *name, size_t bytes, int socket);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_mem_table_alloc(const char *name, size_t bytes, int socket);
void *__real_mem_table_grow(const char *name, void *p, size_t bytes, size_t larger, int socket);
void *__wrap_mem_table_grow(const char *name, void *p, size_t bytes, size_t larger, int socket);

static bool
fails(void)
{
	unsigned int n;

	if (!fault.armed)
		return false;
	n = fault.count++;
	return n >= fault.first && n < fault.end;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *
__wrap_mem_table_alloc(const char *name, size_t bytes, int socket)
{
	if (!fails())
		return __real_mem_table_alloc(name, bytes, socket);
	errno = ENOMEM;
	return NULL;
}

void *
__wrap_mem_table_grow(const char *name, void *p, size_t bytes, size_t larger, int socket)
{
	if (!fails())
		return __real_mem_table_grow(name, p, bytes, larger, socket);
	errno = ENOMEM;
	return NULL;
}

#define SLICES 8
#define WINDOW 2
#define DELTAS 1500

struct story {
	struct protocol_table *protocols;
	struct pane *panes[SLICES];
	char *expected[SLICES][QUERY_BUILTINS];
	struct query_set *set;
	unsigned int allocations;
	bool applied;
};

static const struct query_parameters parameters = {.H = 0.1, .T = WINDOW, .k = 20, .X = 1};

// Enough addresses in the middle slices that every table grows.
static void
story_begin(struct story *s)
{
	struct random r = {31};

	*s = (struct story){
		.protocols = protocol_table_create(NULL, NULL),
		.set = set_build(1000000, &parameters, NULL, NULL),
	};
	for (unsigned int i = 0; i < SLICES; i++) {
		uint32_t range = i < 1 || i > 4 ? 20 : 2000;

		s->panes[i] = pane_build(i, DELTAS);
		for (unsigned int j = 0; j < DELTAS; j++)
			pane_build_add(s->panes[i], 3 * (uint32_t)random_below(&r, range),
				3 * (uint32_t)random_below(&r, range),
				(uint16_t)random_below(&r, 30), 1,
				60 + random_below(&r, 1000), true);
	}
}

static void
story_end(struct story *s)
{
	for (unsigned int i = 0; i < SLICES; i++) {
		pane_build_free(s->panes[i]);
		for (unsigned int q = 0; q < QUERY_BUILTINS; q++)
			free(s->expected[i][q]);
	}
	query_set_put(s->set);
	protocol_table_free(s->protocols);
}

static unsigned int
query_index(const char *name)
{
	unsigned int q = 0;

	while (strcmp(query_builtin_name(q), name) != 0)
		q++;
	return q;
}

// From behind `seq`, which begins anew for a query that had to wait for its memory.
static const char *
behind_seq(const char *json)
{
	return strstr(json, "\"key\":");
}

// A result that says it is exact is the one of the undisturbed run; one that is not says so.
static void
results_check(struct story *s, unsigned int slice, int rc, struct collect *out)
{
	if (rc == 0 && s->applied)
		assert_int_equal(out->count, QUERY_BUILTINS);
	for (unsigned int i = 0; i < out->count; i++) {
		const struct document *d = out->document[i];
		char **expected = &s->expected[slice][query_index(d->name)];

		if (*expected == NULL)
			*expected = strdup(d->json);
		else if (strstr(d->json, "\"exact\":true") != NULL)
			assert_string_equal(behind_seq(d->json), behind_seq(*expected));
	}
}

// Once all slices are too old, no key is left behind.
static void
keys_check(struct query_engine *e)
{
	struct query_engine_stats s;

	assert_int_equal(query_engine_skip(e, 1 << 20), 0);
	query_engine_stats_get(e, &s);
	for (unsigned int i = 0; i < s.count; i++)
		assert_true(s.dimension[i].keys == 0 && s.dimension[i].window_keys == 0);
	assert_int_equal(s.slices, 0);
}

// Returns how many calls reported a failure.
static unsigned int
story_run(struct story *s)
{
	unsigned int failures = 0;
	struct query_engine *e;
	struct error err = {0};

	fault.count = 0;
	fault.armed = true;
	s->applied = false;
	e = query_engine_create(1000000, s->protocols, &err);
	if (e == NULL) {
		assert_int_equal(errno, ENOMEM);
		assert_true(err.text[0] != '\0');
	}
	for (unsigned int i = 0; e != NULL && i < SLICES; i++) {
		struct collect out = {0};
		int folded, rc;

		if (i == SLICES - WINDOW)
			fault.armed = false;
		if (!s->applied) {
			s->applied = query_engine_apply(e, s->set, NULL, NULL) == 0;
			failures += !s->applied;
		}
		folded = query_engine_fold(e, s->panes[i]);
		rc = query_engine_advance(e, i, collect_emit, &out);
		failures += (folded != 0) + (rc != 0);
		assert_true(folded == 0 || folded == -ENOMEM);
		assert_true(rc == 0 || rc == -ENOMEM);
		results_check(s, i, rc, &out);
		if (i == SLICES - 1)
			for (unsigned int q = 0; q < QUERY_BUILTINS; q++)
				assert_string_equal(behind_seq(out.document[q]->json),
					behind_seq(s->expected[i][q]));
		collect_clear(&out);
	}
	fault.armed = false;
	s->allocations = fault.count;
	if (e != NULL)
		keys_check(e);
	query_engine_free(e);
	return failures + (e == NULL);
}

static void
every_allocation_fails_once(void **state)
{
	struct story s;
	unsigned int total;

	(void)state;
	story_begin(&s);
	fault.first = fault.end = 0;
	assert_int_equal(story_run(&s), 0);
	total = s.allocations;
	assert_true(total > 50);
	for (unsigned int n = 0; n < total; n++) {
		fault.first = n;
		fault.end = n + 1;
		assert_int_not_equal(story_run(&s), 0);
	}
	story_end(&s);
}

static void
memory_stays_away(void **state)
{
	struct story s;
	unsigned int total;

	(void)state;
	story_begin(&s);
	fault.first = fault.end = 0;
	assert_int_equal(story_run(&s), 0);
	total = s.allocations;
	fault.end = UINT32_MAX;
	for (fault.first = 0; fault.first < total; fault.first++)
		assert_int_not_equal(story_run(&s), 0);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_fails_once),
		cmocka_unit_test(memory_stays_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
