/* SPDX-License-Identifier: BSD-3-Clause */
// The limits table: dates, rows from JSON with everything that can be wrong with them, which row of
// a name holds, and the matcher against a look at every row.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "pane_build.h"
#include "query/limit_date.h"
#include "query/limit_table.h"
#include "query/limit_window.h"

#define PANE_US 1000000

static struct error_list errors;

static void
dates(void **state)
{
	// Seconds as `date -u -d TEXT +%s` gives them.
	static const struct {
		const char *text;
		uint64_t us;
	} good[] = {
		{"1970-01-01", 0},
		{"2026-11-26", 1795651200000000},
		{"2026-11-26T14:40:44Z", 1795704044000000},
		{"2026-11-26t14:40:44z", 1795704044000000},
		{"2026-11-26T14:40:44.5Z", 1795704044500000},
		{"2026-11-26T14:40:44.1234567891Z", 1795704044123456},
		{"2026-11-26T14:40:44+01:00", 1795700444000000},
		{"2026-11-26T14:40:44-09:30", 1795738244000000},
		{"2024-02-29", 1709164800000000},
		{"2016-12-31T23:59:60Z", 1483228800000000},
		{"9999-12-31T23:59:59Z", 253402300799000000},
	};
	static const char *const bad[] = {
		"", "2026", "2026-11", "2026-1-26", "26-11-2026", "2026-13-01", "2026-00-10",
		"2026-02-30", "2023-02-29", "2026-11-00", "2026-11-26T", "2026-11-26 14:40:44Z",
		"2026-11-26T14:40:44", "2026-11-26T14:40Z", "2026-11-26T24:00:00Z",
		"2026-11-26T14:60:00Z", "2026-11-26T14:40:61Z", "2026-11-26T14:40:44.Z",
		"2026-11-26T14:40:44,5Z", "2026-11-26T14:40:44+0100", "2026-11-26T14:40:44+24:00",
		"2026-11-26T14:40:44+01:60", "2026-11-26T14:40:44Zx", "2026-11-26x", " 2026-11-26",
		"1969-12-31", "1970-01-01T00:00:00+01:00", "-026-11-26", "\xff",
	};
	uint64_t us;

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(good); i++) {
		if (limit_date_parse(good[i].text, &us) != 0)
			fail_msg("%s is refused", good[i].text);
		assert_int_equal(us, good[i].us);
	}
	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		us = 77;
		if (limit_date_parse(bad[i], &us) == 0)
			fail_msg("%s is taken", bad[i]);
		assert_int_equal(us, 77);
	}
}

static int
rows_read(const char *text, enum limit_origin origin, struct limit_rows *ret)
{
	cJSON *json = cJSON_Parse(text);
	int rc;

	assert_non_null(json);
	errors.count = 0;
	rc = limit_rows_parse(json, "rows", PANE_US, origin, ret, &errors);
	cJSON_Delete(json);
	return rc;
}

static void
rows_that_are_right(void **state)
{
	static const char *const same[] = {
		"{\"limit_name\":\"a\",\"source\":\"10.0.0.0/8\",\"max_bytes\":1000,\"window_s\":300,"
		"\"clear_after\":1}",
		"{\"limit_name\":\"a\",\"destination\":\"192.0.2.1\",\"min_bytes\":1,\"window_s\":86400,"
		"\"effective_date\":\"2026-11-26T14:40:44.500Z\",\"clear_after\":1000}",
		"{\"limit_name\":\"a.b-c_1\",\"source\":\"2001:db8::/32\",\"destination\":\"::/0\","
		"\"min_bytes\":5,\"max_bytes\":5,\"window_s\":1,\"clear_after\":3}",
	};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(same); i++) {
		struct json_out o = {0};
		struct limit_rows rows;
		char list[512];

		snprintf(list, sizeof(list), "[%s]", same[i]);
		if (rows_read(list, LIMIT_FROM_RPC, &rows) != 0)
			fail_msg("%s: %s", same[i], errors.error[0].text);
		assert_int_equal(rows.count, 1);
		assert_int_equal(rows.row[0].origin, LIMIT_FROM_RPC);
		json_out_open(&o, '{');
		limit_row_write(&o, &rows.row[0]);
		json_out_close(&o, '}');
		assert_string_equal(o.data, same[i]);
		json_out_free(&o);
		limit_rows_free(&rows);
	}
}

static void
what_is_left_out(void **state)
{
	struct limit_rows rows;

	(void)state;
	assert_int_equal(rows_read("[{\"limit_name\":\"a\",\"source\":\"::1\",\"max_bytes\":0}]",
		LIMIT_FROM_FILE, &rows), 0);
	assert_int_equal(rows.row[0].window_s, 300);
	assert_int_equal(rows.row[0].effective_us, 0);
	assert_int_equal(rows.row[0].op.clear_after, 1);
	assert_int_equal(rows.row[0].op.max, 0);
	assert_false(rows.row[0].match.has_destination);
	limit_rows_free(&rows);
}

#define OK "\"limit_name\":\"a\",\"source\":\"10.0.0.0/8\",\"max_bytes\":1"

static void
rows_that_are_wrong(void **state)
{
	static const struct {
		const char *list;
		const char *field;  // of the first fault
	} bad[] = {
		{"{}", "rows"},
		{"\"x\"", "rows"},
		{"[7]", "rows[0]"},
		{"[{" OK "},{\"source\":\"10.0.0.0/8\",\"max_bytes\":1}]", "rows[1].limit_name"},
		{"[{\"limit_name\":\"a\",\"max_bytes\":1}]", "rows[0].source"},
		{"[{\"limit_name\":\"a\",\"source\":\"10.0.0.0/8\"}]", "rows[0].max_bytes"},
		{"[{\"limit_name\":\"\",\"source\":\"10.0.0.0/8\",\"max_bytes\":1}]", "rows[0].limit_name"},
		{"[{\"limit_name\":5,\"source\":\"10.0.0.0/8\",\"max_bytes\":1}]", "rows[0].limit_name"},
		{"[{\"limit_name\":\"a\",\"source\":\"10.0.0.1/8\",\"max_bytes\":1}]", "rows[0].source"},
		{"[{\"limit_name\":\"a\",\"source\":\"10.0.0.0/33\",\"max_bytes\":1}]", "rows[0].source"},
		{"[{\"limit_name\":\"a\",\"source\":\"host\",\"max_bytes\":1}]", "rows[0].source"},
		{"[{\"limit_name\":\"a\",\"source\":null,\"max_bytes\":1}]", "rows[0].source"},
		{"[{" OK ",\"destination\":\"::1\"}]", "rows[0].destination"},
		{"[{" OK ",\"min_bytes\":2}]", "rows[0].min_bytes"},
		{"[{" OK ",\"min_bytes\":0}]", "rows[0].min_bytes"},
		{"[{" OK ",\"min_bytes\":0.5}]", "rows[0].min_bytes"},
		{"[{" OK ",\"min_bytes\":-1}]", "rows[0].min_bytes"},
		{"[{" OK ",\"min_bytes\":\"1\"}]", "rows[0].min_bytes"},
		{"[{" OK ",\"window_s\":0}]", "rows[0].window_s"},
		{"[{" OK ",\"window_s\":86401}]", "rows[0].window_s"},
		{"[{" OK ",\"window_s\":1.5}]", "rows[0].window_s"},
		{"[{" OK ",\"clear_after\":0}]", "rows[0].clear_after"},
		{"[{" OK ",\"effective_date\":\"soon\"}]", "rows[0].effective_date"},
		{"[{" OK ",\"effective_date\":20261126}]", "rows[0].effective_date"},
		{"[{" OK ",\"max_byte\":1}]", "rows[0].max_byte"},
		{"[{" OK ",\"max_bytes\":2}]", "rows[0].max_bytes"},
		{"[{\"limit_name\":\"a\",\"source\":\"::1\",\"max_bytes\":1e300}]", "rows[0].max_bytes"},
		{"[{" OK "},{" OK ",\"effective_date\":\"2026-01-01\"},{" OK "}]", "rows[2].limit_name"},
	};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		struct limit_rows rows = {.count = 77};

		if (rows_read(bad[i].list, LIMIT_FROM_FILE, &rows) == 0)
			fail_msg("%s is taken", bad[i].list);
		assert_string_equal(errors.error[0].field, bad[i].field);
		assert_non_null(strstr(errors.error[0].text, "allowed is"));
		assert_int_equal(rows.count, 77);
	}
}

static struct limit_table *
table_make(const char *file, const char *rpc)
{
	struct limit_rows a, b;
	struct limit_table *t;

	assert_int_equal(rows_read(file, LIMIT_FROM_FILE, &a), 0);
	assert_int_equal(rows_read(rpc, LIMIT_FROM_RPC, &b), 0);
	t = limit_table_create(&a, &b, PANE_US, 1, &errors);
	limit_rows_free(&a);
	limit_rows_free(&b);
	return t;
}

#define ROW(name, max, date) "{\"limit_name\":\"" name "\",\"source\":\"10.0.0.0/8\",\"max_bytes\":" max \
	",\"effective_date\":\"" date "\"}"

static uint64_t
holding_max(const struct limit_table *t, const char *name, const char *date)
{
	uint64_t at_us;

	assert_int_equal(limit_date_parse(date, &at_us), 0);
	for (uint32_t i = 0, next; i < t->count; i = next) {
		uint32_t row;

		next = limit_table_next(t, i);
		row = limit_table_holding(t, i, next, at_us);
		if (strcmp(t->row[i].name, name) == 0)
			return row != LIMIT_NONE ? t->row[row].op.max : 0;
	}
	return 0;
}

static void
newest_row_not_in_the_future(void **state)
{
	struct limit_table *t = table_make("[" ROW("b", "3", "2026-03-01") "," ROW("a", "9", "2026-01-01")
		"," ROW("b", "1", "2026-01-01") "," ROW("b", "2", "2026-02-01") "]",
		"[" ROW("b", "20", "2026-02-01") "," ROW("b", "4", "2026-04-01T00:00:00.5Z") "]");

	(void)state;
	assert_non_null(t);
	assert_int_equal(t->count, 5);  // the client's row of 1 February replaces the file's
	assert_int_equal(holding_max(t, "b", "2025-12-31T23:59:59.999999Z"), 0);
	assert_int_equal(holding_max(t, "b", "2026-01-01"), 1);
	assert_int_equal(holding_max(t, "b", "2026-01-31T23:59:59Z"), 1);
	assert_int_equal(holding_max(t, "b", "2026-02-01"), 20);
	assert_int_equal(holding_max(t, "b", "2026-04-01"), 3);
	assert_int_equal(holding_max(t, "b", "2026-04-01T00:00:00.5Z"), 4);
	assert_int_equal(holding_max(t, "a", "2030-01-01"), 9);
	limit_table_put(t);
}

static void
tables_that_are_wrong(void **state)
{
	struct limit_rows none = {.count = 0}, many = {.count = LIMIT_ROWS_MAX};

	(void)state;
	many.row = calloc(LIMIT_ROWS_MAX, sizeof(*many.row));
	assert_non_null(many.row);
	for (uint32_t i = 0; i < LIMIT_ROWS_MAX; i++) {
		snprintf(many.row[i].name, sizeof(many.row[i].name), "n%u", i);
		many.row[i].match = (struct limit_match){.version = 4, .has_source = true};
		many.row[i].window_s = LIMIT_WINDOW_S_MAX;
	}
	errors.count = 0;
	assert_null(limit_table_create(&many, &none, PANE_US, 1, &errors));
	assert_string_equal(errors.error[0].field, "window_s");
	errors.count = 0;
	assert_null(limit_table_create(&many, &many, PANE_US, 1, &errors));
	limit_rows_free(&many);
}

// A prefix in a small world of addresses, so that many of them lie in each other.
static struct range
range_random(struct random *r, uint8_t version)
{
	unsigned int bits = version == 4 ? 32 : 128;
	unsigned int length = random_below(r, 12) == 0 ? (unsigned int)random_below(r, bits + 1) :
		bits - (unsigned int)random_below(r, 9);
	ip_number a = random_below(r, 512);

	if (random_below(r, 16) == 0)
		a = ~(ip_number)0 >> (128 - bits);
	else if (version == 6)
		a |= (ip_number)0x20010db8 << 96;
	if (length < bits)
		a = length == 0 ? 0 : a >> (bits - length) << (bits - length);
	return range_of_prefix(a, length, bits);
}

static struct limit_row
row_random(struct random *r)
{
	struct limit_match m = {.version = random_below(r, 3) == 0 ? 6 : 4};
	unsigned int ends = 1 + (unsigned int)random_below(r, 3);

	m.has_source = (ends & 1) != 0;
	m.has_destination = (ends & 2) != 0;
	if (m.has_source)
		m.source = range_random(r, m.version);
	if (m.has_destination)
		m.destination = range_random(r, m.version);
	return (struct limit_row){.match = m};
}

static bool
in_range(bool given, const struct range *r, ip_number a)
{
	return !given || (r->first <= a && a <= r->last);
}

static ip_number
address_random(struct random *r, uint8_t version, uint8_t bytes[16])
{
	ip_number a = range_random(r, version).first + random_below(r, 3) - 1;
	ip_number whole;

	if (version == 4)
		a = (uint32_t)a;
	whole = version == 4 ? (ip_number)0xffff << 32 | a : a;
	for (unsigned int i = 16; i-- > 0; whole >>= 8)
		bytes[i] = (uint8_t)whole;
	return a;
}

static void
packet_check(const struct limit_classes *c, const struct limit_row *rows, uint32_t count,
	struct random *r)
{
	uint8_t version = random_below(r, 3) == 0 ? 6 : 4, from[16], to[16];
	ip_number a = address_random(r, version, from), b = address_random(r, version, to);
	static uint16_t found[LIMIT_ROWS_MAX];
	uint32_t n = limit_classes_rows(c, limit_classes_find(c, version, from).source,
		limit_classes_find(c, version, to).destination, found), at = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct limit_match *m = &rows[i].match;
		bool matches = m->version == version && in_range(m->has_source, &m->source, a) &&
			in_range(m->has_destination, &m->destination, b);

		assert_int_equal(matches, at < n && found[at] == i);
		at += matches;
	}
	assert_int_equal(at, n);
}

static void
matcher_against_every_row(void **state)
{
	static const uint32_t counts[] = {0, 1, 2, 5, 63, 64, 65, 300, 1000};
	struct random r = {20261126};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(counts) * 4; i++) {
		uint32_t count = counts[i % RTE_DIM(counts)];
		struct limit_row *rows = calloc(count + 1, sizeof(*rows));
		struct limit_classes *c;

		assert_non_null(rows);
		for (uint32_t j = 0; j < count; j++)
			rows[j] = row_random(&r);
		c = limit_classes_create(rows, count);
		assert_non_null(c);
		for (unsigned int j = 0; j < 2000; j++)
			packet_check(c, rows, count, &r);
		limit_classes_free(c);
		free(rows);
	}
}

static void
levels(void **state)
{
	const struct query_op op = {.min = 10, .max = 20, .clear_after = 2};
	static const struct {
		uint64_t sum;
		bool full;
		enum limit_change change;
	} steps[] = {
		{5, false, LIMIT_SAME}, {25, false, LIMIT_RAISED}, {5, false, LIMIT_SAME},
		{25, false, LIMIT_SAME}, {5, true, LIMIT_RAISED}, {20, true, LIMIT_SAME},
		{9, true, LIMIT_SAME}, {10, true, LIMIT_SAME}, {15, true, LIMIT_CLEARED},
		{15, true, LIMIT_SAME}, {0, true, LIMIT_RAISED}, {21, true, LIMIT_RAISED},
	};
	struct limit_level level = {0}, next;

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(steps); i++) {
		if (limit_level_next(&level, &op, steps[i].sum, steps[i].full, &next) != steps[i].change)
			fail_msg("step %u", i);
		level = next;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates),
		cmocka_unit_test(rows_that_are_right),
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(rows_that_are_wrong),
		cmocka_unit_test(newest_row_not_in_the_future),
		cmocka_unit_test(tables_that_are_wrong),
		cmocka_unit_test(matcher_against_every_row),
		cmocka_unit_test(levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
