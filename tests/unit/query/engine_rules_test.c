/* SPDX-License-Identifier: BSD-3-Clause */
// Rules of queries one by one, on slices made by hand: alerts and their hysteresis, panes that do not
// know a filter yet, slides and the last one, previews, what goes with the last query.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pane_build.h"

#define PANE_US 1000000

static struct protocol_table *protocols;
static struct network_set *networks;

// One engine with one query besides the built-in ones, fed by hand.
struct one {
	struct query_engine *engine;
	struct collect out;
	uint64_t index;
};

static void
one_begin(struct one *o, const char *list)
{
	*o = (struct one){.engine = query_engine_create(PANE_US, protocols, NULL), .index = 100};
	assert_non_null(o->engine);
	set_apply(o->engine, PANE_US, networks, list, 1, &o->out);
}

static void
one_end(struct one *o)
{
	collect_clear(&o->out);
	query_engine_free(o->engine);
}

// A slice in which address 3 sends `bytes` to address 0, in a pane that knows `filters`.
static void
one_slice(struct one *o, uint64_t bytes, uint64_t mask, uint32_t filters)
{
	struct pane *p = pane_build(o->index, 1);

	if (bytes > 0)
		pane_build_add(p, 3, 0, 1, 1, bytes, true)->filter_mask = mask;
	p->filter_version = filters;
	collect_clear(&o->out);
	assert_int_equal(query_engine_fold(o->engine, p), 0);
	assert_int_equal(query_engine_advance(o->engine, o->index++, collect_emit, &o->out), 0);
	pane_build_free(p);
}

// The documents of query `name`, one after the other, hold these pieces; NULL ends.
static void
one_expect(const struct one *o, const char *name, ...)
{
	const char *piece;
	va_list ap;

	va_start(ap, name);
	for (unsigned int i = 0; i < o->out.count; i++) {
		if (strcmp(o->out.document[i]->name, name) != 0)
			continue;
		piece = va_arg(ap, const char *);
		if (piece == NULL || strstr(o->out.document[i]->json, piece) == NULL)
			fail_msg("'%s' is not in: %s", piece != NULL ? piece : "(nothing)",
				o->out.document[i]->json);
	}
	assert_null(va_arg(ap, const char *));
	va_end(ap);
}

static void
alerts_have_hysteresis(void **state)
{
	static const char list[] = "[{\"name\":\"l\",\"key\":\"ip_proto\",\"op\":{\"type\":\"limit\",\"min\":100,"
		"\"max\":200,\"clear_after\":2},\"window_s\":1}]";
	struct one o;

	(void)state;
	one_begin(&o, list);
	one_slice(&o, 150, 0, 0);
	one_expect(&o, "l", "\"rows\":[]", NULL);
	one_slice(&o, 201, 0, 0);
	one_expect(&o, "l", "{\"type\":\"alert\",\"query\":\"l\",\"key\":\"0\",\"name\":\"HOPOPT\",\"value\":201,"
		"\"limit\":200,\"state\":\"raised\",\"at_us\":102000000}", "\"value\":201", NULL);
	one_slice(&o, 300, 0, 0);
	one_expect(&o, "l", "\"value\":300", NULL);
	one_slice(&o, 200, 0, 0);
	one_expect(&o, "l", "\"rows\":[]", NULL);
	one_slice(&o, 999, 0, 0);  // outside again: counting begins anew
	one_expect(&o, "l", "\"value\":999", NULL);
	one_slice(&o, 150, 0, 0);
	one_expect(&o, "l", "\"rows\":[]", NULL);
	one_slice(&o, 160, 0, 0);
	one_expect(&o, "l", "\"value\":160,\"limit\":200,\"state\":\"cleared\",\"at_us\":107000000", "\"rows\":[]",
		NULL);
	// Below, and then silent: still below, though in no window.
	one_slice(&o, 99, 0, 0);
	one_expect(&o, "l", "\"value\":99,\"limit\":100,\"state\":\"raised\"", "\"value\":99", NULL);
	for (unsigned int i = 0; i < 5; i++) {
		one_slice(&o, 0, 0, 0);
		one_expect(&o, "l", "\"rows\":[]", NULL);
	}
	one_slice(&o, 500, 0, 0);  // from below to above: of the other limit
	one_expect(&o, "l", "\"limit\":200,\"state\":\"raised\"", "\"value\":500", NULL);
	// Changing its window leaves it raised, removing it clears it.
	collect_clear(&o.out);
	set_apply(o.engine, PANE_US, networks, "[{\"name\":\"l\",\"key\":\"ip_proto\",\"op\":{\"type\":\"limit\",\"max\":90},"
		"\"window_s\":1}]", 2, &o.out);
	assert_int_equal(o.out.count, 0);
	one_slice(&o, 500, 0, 0);
	one_expect(&o, "l", "\"limit\":90,\"state\":\"raised\"", "\"value\":500", NULL);
	collect_clear(&o.out);
	set_apply(o.engine, PANE_US, networks, NULL, 3, &o.out);
	one_expect(&o, "l", "\"value\":500,\"limit\":90,\"state\":\"cleared\",\"at_us\":115000000", NULL);
	one_end(&o);
}

static void
total_is_zero_without_traffic(void **state)
{
	struct one o;

	(void)state;
	one_begin(&o, "[{\"name\":\"l\",\"key\":\"total\",\"metric\":\"packets\",\"op\":{\"type\":\"limit\","
		"\"min\":1},\"window_s\":1}]");
	one_slice(&o, 60, 0, 0);
	one_expect(&o, "l", "\"rows\":[]", NULL);
	one_slice(&o, 0, 0, 0);
	one_expect(&o, "l", "\"key\":\"total\",\"value\":0,\"limit\":1,\"state\":\"raised\"",
		"\"keys\":0,\"exact\":true,\"rows\":[{\"key\":\"total\",\"value\":0,", NULL);
	one_slice(&o, 60, 0, 0);
	one_expect(&o, "l", "\"value\":1,\"limit\":1,\"state\":\"cleared\"", "\"rows\":[]", NULL);
	one_end(&o);
}

// Masks count from the panes on that know the filter.
static void
filters_count_from_their_version_on(void **state)
{
	static const char list[] = "[{\"name\":\"f\",\"key\":\"total\",\"filter\":\"tcp\",\"op\":{\"type\":\"topk\","
		"\"k\":1},\"window_s\":2},{\"name\":\"g\",\"key\":\"total\",\"filter\":\"udp\",\"op\":{\"type\":"
		"\"topk\",\"k\":1},\"window_s\":2}]";
	struct one o;

	(void)state;
	one_begin(&o, list);
	one_slice(&o, 100, 3, 0);  // of before the filters: says nothing
	one_expect(&o, "f", "\"total\":{\"bytes\":0,\"packets\":0,\"flows\":0},"
		"\"left_out\":{\"keys\":0,\"value\":0,\"most\":0},\"keys\":0,\"exact\":false", NULL);
	one_slice(&o, 0, 0, 0);    // no packets: nothing is missing
	one_slice(&o, 100, 1, 1);
	one_expect(&o, "f", "\"total\":{\"bytes\":100,\"packets\":1,\"flows\":1},"
		"\"left_out\":{\"keys\":0,\"value\":0,\"most\":0},\"keys\":1,\"exact\":true", NULL);
	one_expect(&o, "g", "\"total\":{\"bytes\":0,\"packets\":0,\"flows\":0},"
		"\"left_out\":{\"keys\":0,\"value\":0,\"most\":0},\"keys\":0,\"exact\":true", NULL);
	one_slice(&o, 50, 3, 7);
	one_expect(&o, "f", "\"total\":{\"bytes\":150,", NULL);
	one_expect(&o, "g", "\"total\":{\"bytes\":50,", NULL);
	one_end(&o);
}

static void
slides_and_their_end(void **state)
{
	struct one o;

	(void)state;
	one_begin(&o, "[{\"name\":\"s\",\"key\":\"total\",\"op\":{\"type\":\"topk\",\"k\":1},\"window_s\":8,"
		"\"slide_s\":4},{\"name\":\"c\",\"key\":\"total\",\"op\":{\"type\":\"topk\",\"k\":1},\"slide_s\":7}]");
	o.index = 102;
	one_slice(&o, 10, 0, 0);
	one_expect(&o, "s", NULL);
	one_slice(&o, 20, 0, 0);
	one_expect(&o, "s", "\"seq\":1,\"key\":\"total\",\"metric\":\"bytes\",\"op\":{\"type\":\"topk\",\"k\":1},"
		"\"window\":{\"start_us\":96000000,\"end_us\":104000000},\"total\":{\"bytes\":30,", NULL);
	one_slice(&o, 40, 0, 0);
	one_expect(&o, "c", "\"window\":{\"start_us\":102000000,\"end_us\":105000000},\"total\":{\"bytes\":70,",
		NULL);
	one_slice(&o, 80, 0, 0);
	one_expect(&o, "s", NULL);
	collect_clear(&o.out);
	assert_int_equal(query_engine_finish(o.engine, collect_emit, &o.out), 0);
	one_expect(&o, "s", "\"window\":{\"start_us\":100000000,\"end_us\":108000000},\"total\":{\"bytes\":150,",
		NULL);
	one_expect(&o, "c", "\"window\":{\"start_us\":102000000,\"end_us\":112000000},\"total\":{\"bytes\":150,",
		NULL);
	one_expect(&o, "ip-topk", NULL);
	one_end(&o);
}

static struct document *
preview(struct one *o, const char *query)
{
	struct query_set *s = set_build(PANE_US, &QUERY_PARAMETERS_DEFAULT, networks, NULL);
	struct error_list errors = {.count = 0};
	cJSON *json = cJSON_Parse(query);
	struct query_spec spec;

	assert_int_equal(query_set_check(s, json, &spec, &errors), 0);
	cJSON_Delete(json);
	query_set_put(s);
	return preview_make(o->engine, &spec, NULL);
}

static void
previews(void **state)
{
	static const char good[] = "{\"key\":\"ip\",\"metric\":\"packets\",\"op\":{\"type\":\"topk\",\"k\":9},"
		"\"window_s\":3,\"scope\":\"external\"}";
	struct query_engine_stats before, after;
	struct document *d;
	struct one o;

	(void)state;
	one_begin(&o, NULL);
	assert_null(preview(&o, good));
	assert_int_equal(errno, EAGAIN);
	for (unsigned int i = 0; i < 5; i++)
		one_slice(&o, 100, 0, 0);
	query_engine_stats_get(o.engine, &before);
	d = preview(&o, good);
	assert_non_null(d);
	assert_non_null(strstr(d->json, "\"query\":\"preview\",\"seq\":0,\"key\":\"ip\",\"metric\":\"packets\""));
	assert_non_null(strstr(d->json, "\"window\":{\"start_us\":102000000,\"end_us\":105000000},\"total\":"
		"{\"bytes\":300,\"packets\":3,\"flows\":3},"
		"\"left_out\":{\"keys\":0,\"value\":0,\"most\":0},\"keys\":2,\"exact\":true"));
	document_put(d);
	d = preview(&o, "{\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":9},\"scope\":\"external\"}");
	assert_non_null(strstr(d->json, "\"total\":{\"bytes\":500,"));
	document_put(d);
	query_engine_stats_get(o.engine, &after);
	assert_memory_equal(&before.count, &after.count, sizeof(before.count));
	assert_true(before.dimension[1].bytes == after.dimension[1].bytes);
	assert_null(preview(&o, "{\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":9},\"window_s\":3}"));
	assert_int_equal(errno, ENOENT);
	assert_null(preview(&o, "{\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":9},\"scope\":\"external\","
		"\"filter\":\"tcp\"}"));
	assert_int_equal(errno, ENOENT);
	one_end(&o);
}

// What nobody asks for any more is given back, keys of cumulative windows too.
static void
dimensions_go_with_their_queries(void **state)
{
	struct query_engine_stats s;
	struct one o;

	(void)state;
	one_begin(&o, "[{\"name\":\"c\",\"key\":\"flow\",\"op\":{\"type\":\"topk\","
		"\"k\":1}},{\"name\":\"w\",\"key\":\"flow\",\"op\":{\"type\":\"topk\",\"k\":1},\"window_s\":2}]");
	query_engine_stats_get(o.engine, &s);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.queries, QUERY_BUILTINS + 2);
	query_engine_set_retention(o.engine, 0);
	for (unsigned int i = 0; i < 20; i++) {
		struct pane *p = pane_build(o.index, 1);

		pane_build_add(p, 3 * i, 3 * i + 3, 1, 1, 60, true);
		assert_int_equal(query_engine_fold(o.engine, p), 0);
		collect_clear(&o.out);
		assert_int_equal(query_engine_advance(o.engine, o.index++, collect_emit, &o.out), 0);
		one_expect(&o, "c", "\"exact\":true", NULL);
		pane_build_free(p);
	}
	assert_int_equal(engine_dimension(o.engine, DIMENSION_FLOW).keys, 20);
	collect_clear(&o.out);
	set_apply(o.engine, PANE_US, networks, "[{\"name\":\"w\",\"key\":\"flow\",\"op\":{\"type\":\"topk\",\"k\":1},\"window_s\":2}]", 2,
		&o.out);
	assert_int_equal(engine_dimension(o.engine, DIMENSION_FLOW).keys, 2);
	set_apply(o.engine, PANE_US, networks, NULL, 3, &o.out);
	query_engine_stats_get(o.engine, &s);
	assert_int_equal(s.count, 2);
	one_end(&o);
}

// Results for nobody are not made, but alerts come as ever, and are raised and cleared when they would be.
static void
unread_results_are_not_made(void **state)
{
	static const char list[] = "[{\"name\":\"l\",\"key\":\"ip_proto\",\"op\":{\"type\":\"limit\",\"max\":200},"
		"\"window_s\":1},{\"name\":\"t\",\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":3},\"window_s\":5,"
		"\"slide_s\":5}]";
	struct one o;

	(void)state;
	one_begin(&o, list);
	query_engine_set_unread(o.engine);
	for (unsigned int i = 0; i < 4; i++) {
		one_slice(&o, i == 2 ? 201 : 150, 0, 0);
		if (i == 2)
			one_expect(&o, "l", "\"state\":\"raised\"", "\"value\":201", NULL);
		else if (i == 3)
			one_expect(&o, "l", "\"state\":\"cleared\"", "\"rows\":[]", NULL);
		else
			one_expect(&o, "l", "\"rows\":[]", NULL);
		assert_int_equal(o.out.count, i < 2 ? 1 : 2);
	}
	collect_clear(&o.out);
	assert_int_equal(query_engine_finish(o.engine, collect_emit, &o.out), 0);
	assert_int_equal(o.out.count, 0);
	assert_int_equal(engine_dimension(o.engine, DIMENSION_IP).window_keys, 2);
	one_end(&o);
}

#define NUMBERS 1500  // protocols: ids a multiple of DIMENSION_NUMBERS apart are among them

static struct protocol_table *
many_protocols(void)
{
	cJSON *config = cJSON_CreateObject();
	struct protocol_table *t;
	char name[16], port[16];

	for (unsigned int i = 0; i < NUMBERS; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		snprintf(port, sizeof(port), "tcp/%u", 1000 + i);
		cJSON_AddItemToArray(cJSON_AddArrayToObject(config, name), cJSON_CreateString(port));
	}
	t = protocol_table_create(config, NULL);
	cJSON_Delete(config);
	assert_non_null(t);
	return t;
}

// The rows of query `all` are these protocols with these bytes, and no others.
static void
numbers_expect(const struct one *o, const struct protocol_table *t, const uint64_t bytes[NUMBERS])
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < NUMBERS; i++)
		left += bytes[i] > 0;
	for (unsigned int i = 0; i < o->out.count; i++) {
		cJSON *d, *row;

		if (strcmp(o->out.document[i]->name, "all") != 0)
			continue;
		d = cJSON_Parse(o->out.document[i]->json);
		cJSON_ArrayForEach(row, cJSON_GetObjectItem(d, "rows")) {
			const char *key = cJSON_GetStringValue(cJSON_GetObjectItem(row, "key"));
			unsigned int number;

			assert_int_equal(sscanf(key, "p%u", &number), 1);
			assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(row, "value")), bytes[number]);
			left--;
		}
		cJSON_Delete(d);
	}
	assert_int_equal(left, 0);
	assert_true(protocol_count(t) > NUMBERS);
}

// Protocols whose ids have the same remainder take each other's place, and one that went and came back, or
// left its id to another one, is itself.
static void
numbers_with_one_place(void **state)
{
	static const char list[] = "[{\"name\":\"all\",\"key\":\"protocol\",\"op\":{\"type\":\"topk\",\"k\":1000},"
		"\"window_s\":1}]";
	struct protocol_table *builtin = protocols, *t = many_protocols();
	struct one o;

	(void)state;
	protocols = t;
	one_begin(&o, list);
	query_engine_set_retention(o.engine, 0);
	for (unsigned int s = 0; s < 40; s++) {
		uint64_t bytes[NUMBERS] = {0};
		struct pane *p = pane_build(o.index, 900);

		for (unsigned int i = 0; i < 900; i++) {
			// For longer than the built-in windows a few only, and none that is new. A quarter
			// has its place alone.
			unsigned int n = (i % 4 < 3 ? i % 4 * 512 : 300) + i / 4 % (s % 12 ? 10 : 40 + s);

			pane_build_add(p, 3, 0, protocol_lookup(t, 6, 0, (uint16_t)(1000 + n)), 1, 60 + i, false);
			bytes[n] += 60 + i;
		}
		collect_clear(&o.out);
		assert_int_equal(query_engine_fold(o.engine, p), 0);
		assert_int_equal(query_engine_advance(o.engine, o.index++, collect_emit, &o.out), 0);
		numbers_expect(&o, t, bytes);
		pane_build_free(p);
	}
	one_end(&o);
	protocol_table_free(t);
	protocols = builtin;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_have_hysteresis),
		cmocka_unit_test(total_is_zero_without_traffic),
		cmocka_unit_test(filters_count_from_their_version_on),
		cmocka_unit_test(slides_and_their_end),
		cmocka_unit_test(previews),
		cmocka_unit_test(dimensions_go_with_their_queries),
		cmocka_unit_test(unread_results_are_not_made),
		cmocka_unit_test(numbers_with_one_place),
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
