/* SPDX-License-Identifier: BSD-3-Clause */
// Queries that come, go, pause and change while packets flow: those that stay give byte for byte what
// they give in an engine that nobody touches, and the others give the same as soon as they say that
// they are exact.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "pane_build.h"

#define PANE_US 1000000
#define STEPS 600

static struct protocol_table *protocols;
static struct network_set *networks;

// Those whose name begins with k are always there.
static const char *const queries[] = {
	"{\"name\":\"k1\",\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":5},\"window_s\":10}",
	"{\"name\":\"k2\",\"key\":\"src_ip\",\"metric\":\"flows\",\"op\":{\"type\":\"topk\",\"k\":5},"
	"\"window_s\":30,\"slide_s\":10,\"scope\":\"out\"}",
	"{\"name\":\"k3\",\"key\":\"flow\",\"op\":{\"type\":\"share\",\"percent\":3}}",
	"{\"name\":\"k4\",\"key\":\"dst_ip\",\"metric\":\"packets\",\"op\":{\"type\":\"limit\",\"max\":60,"
	"\"min\":2,\"clear_after\":2},\"window_s\":3,\"scope\":\"in\"}",
	"{\"name\":\"k5\",\"key\":\"total\",\"op\":{\"type\":\"limit\",\"min\":2000},\"window_s\":2}",
	// Over what the ones above look at.
	"{\"name\":\"s1\",\"key\":\"ip\",\"metric\":\"flows\",\"op\":{\"type\":\"outlier\",\"x\":1.5},\"window_s\":10}",
	"{\"name\":\"s2\",\"key\":\"ip\",\"op\":{\"type\":\"share\",\"percent\":2},\"window_s\":60,\"slide_s\":4}",
	"{\"name\":\"s3\",\"key\":\"src_ip\",\"op\":{\"type\":\"topk\",\"k\":50},\"window_s\":7,\"scope\":\"out\"}",
	"{\"name\":\"s4\",\"key\":\"flow\",\"metric\":\"packets\",\"op\":{\"type\":\"topk\",\"k\":3},\"slide_s\":5}",
	"{\"name\":\"s5\",\"key\":\"total\",\"op\":{\"type\":\"topk\",\"k\":1},\"window_s\":20,\"slide_s\":20}",
	// By themselves.
	"{\"name\":\"n1\",\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":5},\"window_s\":10,\"scope\":\"external\"}",
	"{\"name\":\"n2\",\"key\":\"ip_pair\",\"op\":{\"type\":\"outlier\",\"x\":2,\"method\":\"mad\"},\"window_s\":15}",
	"{\"name\":\"n3\",\"key\":\"subnet\",\"op\":{\"type\":\"topk\",\"k\":9},\"window_s\":6,\"slide_s\":3}",
	"{\"name\":\"n4\",\"key\":\"subnet\",\"prefix4\":31,\"op\":{\"type\":\"topk\",\"k\":9},\"window_s\":6}",
};

struct life {
	struct random random;
	struct query_engine *still;    // has all queries from the beginning
	struct query_engine *changing;
	uint64_t version;
	uint64_t index;
	bool installed[RTE_DIM(queries)];
	bool paused[RTE_DIM(queries)];
	unsigned int exact, inexact;
};

// The queries that are in, in an order of their own each time.
static void
changing_apply(struct life *l, struct collect *out)
{
	unsigned int first = (unsigned int)random_below(&l->random, RTE_DIM(queries));
	char list[8192] = "[";

	for (unsigned int n = 0; n < RTE_DIM(queries); n++) {
		unsigned int i = (first + n) % RTE_DIM(queries);

		if (!l->installed[i])
			continue;
		strcat(list, list[1] != '\0' ? "," : "");
		strcat(list, queries[i]);
		if (l->paused[i])
			strcpy(list + strlen(list) - 1, ",\"paused\":true}");
	}
	strcat(list, "]");
	set_apply(l->changing, PANE_US, networks, list, ++l->version, out);
}

static void
life_begin(struct life *l, uint64_t seed)
{
	struct collect none = {0};
	char list[8192] = "[";

	*l = (struct life){.random = {seed}, .index = 5000};
	l->still = query_engine_create(PANE_US, protocols, NULL);
	l->changing = query_engine_create(PANE_US, protocols, NULL);
	assert_non_null(l->still);
	assert_non_null(l->changing);
	for (unsigned int i = 0; i < RTE_DIM(queries); i++) {
		strcat(list, i > 0 ? "," : "");
		strcat(list, queries[i]);
		l->installed[i] = strstr(queries[i], "\"name\":\"k") != NULL;
	}
	strcat(list, "]");
	set_apply(l->still, PANE_US, networks, list, 1, &none);
	changing_apply(l, &none);
	assert_int_equal(none.count, 0);
}

static void
slice_fold(struct life *l, bool part)
{
	struct random *r = &l->random;
	uint32_t n = (uint32_t)random_below(r, 25);
	struct pane *p = pane_build(l->index, n);

	p->continued = part;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t from = (uint32_t)random_below(r, 40), to;
		struct pane_delta *d;

		do
			to = (uint32_t)random_below(r, 40);
		while (address_version(from) != address_version(to));
		d = pane_build_add(p, from, to, (uint16_t)random_below(r, 9), 1 + random_below(r, 20),
			60 + random_below(r, 500), random_below(r, 3) == 0);
		d->fwd_swapped = random_below(r, 2) != 0;
		d->key.port[0] = (uint16_t)random_below(r, 3);
		d->key.proto = 17;
	}
	assert_int_equal(query_engine_fold(l->still, p), 0);
	assert_int_equal(query_engine_fold(l->changing, p), 0);
	pane_build_free(p);
}

static const char *
behind_seq(const struct document *d)
{
	return strstr(d->json, "\"key\":");
}

static bool
is_exact(const struct document *d)
{
	return strstr(d->json, "\"exact\":true") != NULL;
}

// Document of the same kind, query, and if it is an alert, text; NULL if there is none.
static const struct document *
find(const struct collect *c, const struct document *d)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (c->document[i]->kind == d->kind && strcmp(c->document[i]->name, d->name) == 0 &&
				(d->kind != DOCUMENT_ALERT || strcmp(c->document[i]->json, d->json) == 0))
			return c->document[i];
	return NULL;
}

static void
results_compare(struct life *l, const struct collect *still, const struct collect *changing)
{
	for (unsigned int i = 0; i < changing->count; i++) {
		const struct document *d = changing->document[i], *s = find(still, d);

		if (query_builtin_find(d->name) < QUERY_BUILTINS)
			continue;
		if (s == NULL)
			fail_msg("only in the one that changes: %s", d->json);
		if (d->name[0] == 'k')
			assert_string_equal(d->json, s->json);
		if (d->name[0] != 'n')
			assert_true(is_exact(d) || d->kind == DOCUMENT_ALERT);
		if (d->kind == DOCUMENT_RESULT && is_exact(d))
			assert_string_equal(behind_seq(d), behind_seq(s));
		l->exact += is_exact(d);
		l->inexact += d->kind == DOCUMENT_RESULT && !is_exact(d);
	}
	for (unsigned int i = 0; i < still->count; i++) {
		const struct document *d = still->document[i];

		for (unsigned int q = 0; q < RTE_DIM(queries); q++)
			if (strncmp(queries[q] + 9, d->name, 2) == 0 && l->installed[q] && !l->paused[q] &&
					(d->kind == DOCUMENT_RESULT || d->name[0] == 'k'))
				assert_non_null(find(changing, d));
	}
}

static void
queries_change(struct life *l)
{
	struct collect none = {0};

	for (unsigned int n = 1 + (unsigned int)random_below(&l->random, 4); n > 0; n--) {
		unsigned int i = (unsigned int)random_below(&l->random, RTE_DIM(queries));

		if (strstr(queries[i], "\"name\":\"k") != NULL)
			continue;
		if (random_below(&l->random, 3) == 0)
			l->paused[i] = !l->paused[i];
		else
			l->installed[i] = !l->installed[i];
	}
	changing_apply(l, &none);
	assert_int_equal(none.count, 0);
}

static void
step(struct life *l)
{
	struct collect still = {0}, changing = {0};

	if (random_below(&l->random, 4) == 0)
		queries_change(l);
	if (random_below(&l->random, 40) == 0) {
		l->index += random_below(&l->random, 80);
		assert_int_equal(query_engine_skip(l->still, l->index), 0);
		assert_int_equal(query_engine_skip(l->changing, l->index), 0);
	}
	if (random_below(&l->random, 5) != 0)
		slice_fold(l, false);
	if (random_below(&l->random, 10) == 0) {
		queries_change(l);  // in the middle of a slice
		slice_fold(l, false);
	}
	assert_int_equal(query_engine_advance(l->still, l->index, collect_emit, &still), 0);
	assert_int_equal(query_engine_advance(l->changing, l->index, collect_emit, &changing), 0);
	l->index++;
	results_compare(l, &still, &changing);
	collect_clear(&still);
	collect_clear(&changing);
}

static void
undisturbed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct life *l = test_malloc(sizeof(*l));
		struct collect still = {0}, changing = {0};

		life_begin(l, seed);
		for (unsigned int n = 0; n < STEPS; n++)
			step(l);
		assert_int_equal(query_engine_finish(l->still, collect_emit, &still), 0);
		assert_int_equal(query_engine_finish(l->changing, collect_emit, &changing), 0);
		results_compare(l, &still, &changing);
		assert_true(l->exact > 1000 && l->inexact > 20);
		collect_clear(&still);
		collect_clear(&changing);
		query_engine_free(l->still);
		query_engine_free(l->changing);
		test_free(l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undisturbed),
	};
	cJSON *list = cJSON_Parse("[\"10.0.1.0/29\",\"10.0.0.254\",\"2001:db8::/124\"]");
	struct error_list errors = {.count = 0};
	int rc;

	protocols = protocol_table_create(NULL, NULL);
	networks = network_set_create(list, "local_networks", &errors);
	cJSON_Delete(list);
	if (protocols == NULL || networks == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	network_set_free(networks);
	protocol_table_free(protocols);
	return rc;
}
