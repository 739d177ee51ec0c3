/* SPDX-License-Identifier: BSD-3-Clause */
// Previews of queries that nobody has, from the log: equal to what an installed query gives, for every
// key, scope and kind of filter; the log's bound, what it says of its reach, and that what goes while
// somebody reads is told.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>

#include "pane_build.h"
#include "query/dimension.h"
#include "query/retained_log.h"

#define PANE_US 1000000
#define BEGIN 100   // the first slice
#define SLICES 12
#define DELTAS 400  // of a pane at most
#define MIB ((size_t)1 << 20)

static struct protocol_table *protocols;
static struct network_set *networks;

static void
ignore(struct document *d, void *arg)
{
	(void)arg;
	document_put(d);
}

static struct query_set *
set_of(const char *queries)
{
	const struct query_context c = {.pane_us = PANE_US, .parameters = QUERY_PARAMETERS_DEFAULT,
		.networks = networks, .builtins_off = (1U << QUERY_BUILTINS) - 1};
	struct error_list errors = {.count = 0};
	cJSON *json = cJSON_Parse(queries);
	struct query_set *s = query_set_create(&c, json, "queries", FILTER_ETHERNET, &errors);

	cJSON_Delete(json);
	if (s == NULL)
		fail_msg("%s", errors.error[0].text);
	return s;
}

// Every key in every scope, with this filter.
static struct query_set *
set_of_all(const char *filter)
{
	static const char *const metrics[] = {"bytes", "packets", "flows"};
	char list[32768];
	size_t len = 0;
	struct random r = {7};

	for (unsigned int k = 0; k < DIMENSION_KINDS; k++)
		for (unsigned int s = 0; s < QUERY_SCOPES; s++)
			len += (size_t)snprintf(list + len, sizeof(list) - len,
				"%c{\"name\":\"q%u.%u\",\"key\":\"%s\",\"scope\":\"%s\",\"filter\":\"%s\","
				"\"metric\":\"%s\",\"op\":{\"type\":\"topk\",\"k\":1000}%s}", len > 0 ? ',' : '[',
				k, s, dimension_ops_get(k)->name, query_scope_name(s), filter,
				metrics[random_below(&r, 3)],
				random_below(&r, 3) > 0 ? ",\"window_s\":5" : "");
	assert_true(len + 2 < sizeof(list));
	strcpy(list + len, "]");
	return set_of(list);
}

static struct query_engine *
engine_of(const struct query_set *s, size_t log_bytes)
{
	struct query_engine *e = query_engine_create(PANE_US, protocols, NULL);

	assert_non_null(e);
	assert_int_equal(query_engine_set_log(e, log_bytes), 0);
	assert_int_equal(query_engine_apply(e, s, ignore, NULL), 0);
	return e;
}

// Everything that a delta may hold, and counts beyond 32 bits.
static void
delta_random(struct random *r, struct pane *p)
{
	uint64_t packets = 1 + random_below(r, random_below(r, 8) ? 50 : UINT64_C(1) << 34);
	uint32_t from = (uint32_t)random_below(r, 60), to;
	struct pane_delta *d;

	do
		to = (uint32_t)random_below(r, 60);
	while (address_version(from) != address_version(to));
	d = pane_build_add(p, from, to, (uint16_t)random_below(r, protocol_count(protocols)), packets,
		packets * (60 + random_below(r, 1400)), random_below(r, 3) == 0);
	d->fwd_swapped = (uint8_t)random_below(r, 2);
	d->key.proto = random_below(r, 2) ? 6 : 17;
	for (unsigned int end = 0; end < 2; end++)
		d->key.port[end] = rte_cpu_to_be_16((uint16_t)(random_below(r, 2) ? 443 : 50000 +
			random_below(r, 9)));
	d->key.vlan_count = (uint8_t)(random_below(r, 3) == 0 ? 1 + random_below(r, 4) : 0);
	for (unsigned int i = 0; i < d->key.vlan_count; i++)
		d->key.vlan[i] = (uint16_t)(1 + random_below(r, 4));
	d->src_mac[5] = (uint8_t)random_below(r, 5);
	d->dst_mac[0] = (uint8_t)(2 * random_below(r, 5));
}

static struct pane *
pane_random(struct random *r, uint64_t index)
{
	uint32_t n = (uint32_t)random_below(r, DELTAS);
	struct pane *p = pane_build(index, DELTAS);

	for (uint32_t i = 0; i < n; i++)
		delta_random(r, p);
	p->filter_version = 1;
	return p;
}

// Masks as workers would set them, or at random in the only bit: as if a filter had looked at
// something that is in no key.
static void
masks_set(struct random *r, struct pane *p, const struct query_set *s, bool by_key)
{
	for (uint32_t i = 0; i < p->count; i++) {
		struct pane_delta *d = &p->deltas[i];

		d->filter_mask = by_key ? filter_set_catch_up(&s->filters, 0, 0, &d->key,
			d->fwd_swapped != 0, d->src_mac, d->dst_mac) : random_below(r, 2);
	}
}

static void
results_equal(const struct document *result, const struct document *preview)
{
	cJSON *a = cJSON_ParseWithLength(result->json, result->len);
	cJSON *b = cJSON_ParseWithLength(preview->json, preview->len);

	cJSON_DeleteItemFromObjectCaseSensitive(a, "seq");
	cJSON_DeleteItemFromObjectCaseSensitive(b, "seq");
	assert_true(cJSON_GetObjectItemCaseSensitive(b, "retained_from_us")->valuedouble ==
		(double)BEGIN * PANE_US);
	cJSON_DeleteItemFromObjectCaseSensitive(b, "retained_from_us");
	if (!cJSON_Compare(a, b, true))
		fail_msg("installed: %s\npreview: %s", result->json, preview->json);
	cJSON_Delete(a);
	cJSON_Delete(b);
}

// The same panes to an engine that has the queries and to one that has at most the filter.
static void
stream_compare(const char *filter, const char *others, bool by_key)
{
	struct query_set *all = set_of_all(filter), *few = set_of(others);
	struct query_engine *installed = engine_of(all, 0), *asked = engine_of(few, 16 * MIB);
	struct random r = {strlen(filter) + 3};
	struct collect out = {0};

	for (uint64_t s = BEGIN; s < BEGIN + SLICES; s++) {
		for (unsigned int worker = 0; worker < 3; worker++) {
			struct pane *p = pane_random(&r, s);

			masks_set(&r, p, all, by_key);
			assert_int_equal(query_engine_fold(installed, p), 0);
			assert_int_equal(query_engine_fold(asked, p), 0);
			pane_build_free(p);
		}
		collect_clear(&out);
		assert_int_equal(query_engine_advance(installed, s, collect_emit, &out), 0);
		assert_int_equal(query_engine_advance(asked, s, ignore, NULL), 0);
	}
	assert_int_equal(out.count, all->count);
	for (unsigned int i = 0; i < all->count; i++) {
		struct filter *f = filter[0] == '\0' ? NULL :
			filter_create(filter, FILTER_ETHERNET, NULL);
		struct document *d = preview_make(asked, &all->spec[i], f);

		assert_non_null(d);
		results_equal(out.document[i], d);
		document_put(d);
		filter_put(f);
	}
	collect_clear(&out);
	query_engine_free(installed);
	query_engine_free(asked);
	query_set_put(all);
	query_set_put(few);
}

static void
equal_to_installed(void **state)
{
	(void)state;
	stream_compare("", "[]", true);
	stream_compare("tcp dst port 443", "[]", true);
	stream_compare("ether src 00:00:00:00:00:01", "[]", true);
}

// Where some query has the filter, it was asked with first packets, and that holds.
static void
masks_hold(void **state)
{
	(void)state;
	stream_compare("tcp[tcpflags] & tcp-syn != 0", "[{\"name\":\"t\",\"key\":\"total\",\"op\":{\"type\":"
		"\"topk\",\"k\":1},\"filter\":\"tcp[tcpflags] & tcp-syn != 0\"}]", false);
}

static struct query_spec
spec_of(const char *query)
{
	struct query_set *s = set_of(query);
	struct query_spec spec = s->spec[0];

	query_set_put(s);
	return spec;
}

#define IP "[{\"name\":\"p\",\"key\":\"ip\",\"scope\":\"all\",\"op\":{\"type\":\"topk\",\"k\":1}"
#define DELTA_BYTES 60

// A slice of so many deltas between two addresses.
static void
slice_feed(struct query_engine *e, uint64_t index, uint32_t deltas)
{
	struct pane *p = pane_build(index, deltas);

	for (uint32_t i = 0; i < deltas; i++)
		pane_build_add(p, 3, 0, 1, 1, DELTA_BYTES, false);
	assert_int_equal(query_engine_fold(e, p), 0);
	assert_int_equal(query_engine_advance(e, index, ignore, NULL), 0);
	pane_build_free(p);
}

static void
document_expect(struct document *d, bool exact, uint64_t bytes, uint64_t *ret_from_us)
{
	cJSON *json;

	assert_non_null(d);
	json = cJSON_ParseWithLength(d->json, d->len);
	assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(json, "exact")), exact);
	if (exact)
		assert_true(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "total"), "bytes")->valuedouble
			== (double)bytes);
	*ret_from_us = (uint64_t)cJSON_GetObjectItem(json, "retained_from_us")->valuedouble;
	cJSON_Delete(json);
	document_put(d);
}

static void
bound_holds(void **state)
{
	const struct query_spec three = spec_of(IP ",\"window_s\":3}]");
	const struct query_spec hundred = spec_of(IP ",\"window_s\":100}]");
	const struct query_spec ever = spec_of(IP "}]");
	struct query_set *none = set_of("[]");
	struct query_engine *e = engine_of(none, MIB);
	struct query_engine_stats s;
	uint64_t from_us;

	(void)state;
	assert_null(preview_make(e, &three, NULL));
	assert_int_equal(errno, EAGAIN);
	for (uint64_t i = BEGIN; i < BEGIN + 100; i++) {
		slice_feed(e, i, 1000);
		query_engine_stats_get(e, &s);
		assert_in_range(s.log_bytes, RETAINED_CHUNK_BYTES, MIB);
	}
	// At 48 bytes a delta, three chunks hold 16 of the 100 slices, and the fourth some.
	document_expect(preview_make(e, &three, NULL), true, 3000 * DELTA_BYTES, &from_us);
	assert_true(from_us == s.log_from_us);
	assert_in_range(from_us / PANE_US, BEGIN + 100 - 22, BEGIN + 100 - 16);
	document_expect(preview_make(e, &hundred, NULL), false, 0, &from_us);
	document_expect(preview_make(e, &ever, NULL), false, 0, &from_us);
	query_engine_free(e);
	e = engine_of(none, 0);
	slice_feed(e, BEGIN, 10);
	assert_null(preview_make(e, &three, NULL));
	assert_int_equal(errno, ENOENT);
	query_engine_free(e);
	query_set_put(none);
}

// An hour after the last packet nothing is left.
static void
age_holds(void **state)
{
	struct query_set *none = set_of("[]");
	struct query_engine *e = engine_of(none, MIB);
	struct query_engine_stats s;

	(void)state;
	slice_feed(e, BEGIN, 10);
	assert_int_equal(query_engine_skip(e, BEGIN + 3600), 0);
	query_engine_stats_get(e, &s);
	assert_int_equal(s.log_bytes, RETAINED_CHUNK_BYTES);
	assert_int_equal(query_engine_skip(e, BEGIN + 3601), 0);
	query_engine_stats_get(e, &s);
	assert_int_equal(s.log_bytes, 0);
	query_engine_free(e);
	query_set_put(none);
}

static void
going_while_read_is_told(void **state)
{
	const struct query_spec ever = spec_of(IP "}]");
	struct query_set *none = set_of("[]");
	struct query_engine *e = engine_of(none, MIB);
	struct query_preview *v;
	uint64_t from_us, index = BEGIN;

	(void)state;
	while (index < BEGIN + 15)
		slice_feed(e, index++, 1000);
	v = query_preview_begin(e, &ever, NULL);
	assert_non_null(v);
	assert_false(query_preview_step(v, 1500));
	while (index < BEGIN + 30)
		slice_feed(e, index++, 1000);
	while (!query_preview_step(v, 1000))
		;
	document_expect(query_preview_result(v), false, 0, &from_us);
	query_preview_free(v);
	query_engine_free(e);
	query_set_put(none);
}

// A query that was added late knows less than the log; and what workers lost is missing in both.
static void
log_answers_for_new_queries(void **state)
{
	const struct query_spec ten = spec_of(IP ",\"window_s\":10}]");
	struct query_set *none = set_of("[]"), *late = set_of(IP ",\"window_s\":10}]");
	struct query_engine *e = engine_of(none, MIB);
	struct pane *p = pane_build(BEGIN + 6, 1);
	uint64_t from_us;

	(void)state;
	for (uint64_t i = 0; i < 5; i++)
		slice_feed(e, BEGIN + i, 10);
	assert_int_equal(query_engine_apply(e, late, ignore, NULL), 0);
	slice_feed(e, BEGIN + 5, 10);
	document_expect(preview_make(e, &ten, NULL), true, 60 * DELTA_BYTES, &from_us);
	assert_true(from_us == (uint64_t)BEGIN * PANE_US);
	pane_build_add(p, 3, 0, 1, 1, DELTA_BYTES, false);
	pane_build_lose(p);
	assert_int_equal(query_engine_fold(e, p), 0);
	assert_int_equal(query_engine_advance(e, BEGIN + 6, ignore, NULL), 0);
	document_expect(preview_make(e, &ten, NULL), false, 0, &from_us);
	pane_build_free(p);
	query_engine_free(e);
	query_set_put(none);
	query_set_put(late);
}

// What no key tells is not claimed: the filter was not asked when the packets came.
static void
guessed_filter_is_not_exact(void **state)
{
	const struct query_spec ten = spec_of(IP ",\"window_s\":10}]");
	struct query_set *none = set_of("[]");
	struct query_engine *e = engine_of(none, MIB);
	uint64_t from_us;

	(void)state;
	for (uint64_t i = 0; i < 5; i++)
		slice_feed(e, BEGIN + i, 10);
	for (unsigned int i = 0; i < 2; i++) {
		struct filter *f = filter_create(i == 0 ? "ip" : "ip[8] > 64", FILTER_ETHERNET, NULL);

		document_expect(preview_make(e, &ten, f), i == 0, 50 * DELTA_BYTES, &from_us);
		filter_put(f);
	}
	query_engine_free(e);
	query_set_put(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_to_installed),
		cmocka_unit_test(masks_hold),
		cmocka_unit_test(bound_holds),
		cmocka_unit_test(age_holds),
		cmocka_unit_test(going_while_read_is_told),
		cmocka_unit_test(log_answers_for_new_queries),
		cmocka_unit_test(guessed_filter_is_not_exact),
	};
	char *eal[] = {(char *)(uintptr_t)"test", (char *)(uintptr_t)"--no-huge",
		(char *)(uintptr_t)"--no-pci", (char *)(uintptr_t)"--no-shconf",
		(char *)(uintptr_t)"--no-telemetry", (char *)(uintptr_t)"--log-level=error",
		(char *)(uintptr_t)"-m64"};
	struct error_list errors = {.count = 0};
	cJSON *local = cJSON_Parse("[\"10.0.1.0/28\",\"2001:db8::/32\"]");
	int rc;

	if (rte_eal_init(RTE_DIM(eal), eal) < 0)
		return 1;
	protocols = protocol_table_create(NULL, NULL);
	networks = network_set_create(local, "local_networks", &errors);
	cJSON_Delete(local);
	if (protocols == NULL || networks == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	network_set_free(networks);
	protocol_table_free(protocols);
	rte_eal_cleanup();
	return rc;
}
