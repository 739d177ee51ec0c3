/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_common.h>

#include "pane_build.h"
#include "query/daily_table.h"

// Hosts within a bound, directions, what is given out, and documents there and back. Sums over whole
// captures are compared in tests/golden/test_daily.py.

static struct network_set *
networks_make(const char *json)
{
	struct error_list errors = {.count = 0};
	cJSON *list = cJSON_Parse(json);
	struct network_set *s = network_set_create(list, "local_networks", &errors);

	cJSON_Delete(list);
	assert_non_null(s);
	return s;
}

static struct pane_delta *
delta_add(struct pane *p, uint8_t a, uint8_t b, bool swapped, uint64_t fwd, uint64_t rev)
{
	struct pane_delta *d = pane_build_add(p, 0, 3, 0, 1, fwd, true);

	memset(d->key.addr, 0, sizeof(d->key.addr));
	d->key.version = 6;
	d->key.addr[0][15] = a;
	d->key.addr[1][15] = b;
	d->fwd_swapped = swapped;
	d->bytes[0] = fwd;
	d->bytes[1] = rev;
	d->packets[0] = 1;
	d->packets[1] = 2;
	return d;
}

// The totals of a host by the last byte of its address; 0 is `other`.
static struct daily_totals
totals_of(struct daily_table *t, uint8_t host)
{
	struct daily_totals ret = {.of = {0}};
	struct daily_host h;

	daily_table_touch(t);
	while (daily_table_next(t, &h)) {
		if (host == (h.version == 0 ? 0 : h.addr[15]))
			ret = h.totals;
		daily_table_settle(t);
	}
	return ret;
}

static void
totals_are(struct daily_table *t, uint8_t host, uint64_t in, uint64_t in_packets, uint64_t out,
	uint64_t out_packets)
{
	const struct daily_totals expected = {.of = {in, in_packets, out, out_packets}};
	const struct daily_totals found = totals_of(t, host);

	assert_memory_equal(&found, &expected, sizeof(found));
}

static void
directions_are_those_of_packets(void **state)
{
	struct network_set *n = networks_make("[\"::/124\"]");
	struct pane *p = pane_build(0, 8);
	struct daily_table t;

	(void)state;
	assert_int_equal(daily_table_init(&t, 16), 0);
	delta_add(p, 1, 200, false, 10, 20);  // 1 sends 10, gets 20; 200 is not local
	delta_add(p, 2, 3, true, 100, 200);   // 3 sends 100, gets 200
	delta_add(p, 4, 4, false, 7, 8);      // to itself
	daily_table_fold(&t, n, p);
	totals_are(&t, 1, 20, 2, 10, 1);
	totals_are(&t, 2, 100, 1, 200, 2);
	totals_are(&t, 3, 200, 2, 100, 1);
	totals_are(&t, 4, 15, 3, 15, 3);
	totals_are(&t, 200, 0, 0, 0, 0);
	daily_table_fini(&t);
	pane_build_free(p);
	network_set_free(n);
}

static void
hosts_without_room_are_other(void **state)
{
	struct network_set *n = networks_make("[\"::/120\"]");
	struct daily_host before = {.version = 6, .addr = {[15] = 9}, .totals = {.of = {1, 1, 1, 1}}};
	struct pane *p = pane_build(0, 8);
	struct daily_table t;

	(void)state;
	assert_int_equal(daily_table_init(&t, 2), 0);
	delta_add(p, 1, 2, false, 10, 20);
	delta_add(p, 3, 4, false, 100, 200);
	daily_table_fold(&t, n, p);
	daily_table_restore(&t, &before);  // no room: left out
	before.version = 0;
	daily_table_restore(&t, &before);
	totals_are(&t, 1, 20, 2, 10, 1);
	totals_are(&t, 0, 301, 4, 301, 4);
	totals_are(&t, 9, 0, 0, 0, 0);
	daily_table_fini(&t);
	pane_build_free(p);
	network_set_free(n);
}

static void
only_changes_are_given_out(void **state)
{
	struct network_set *n = networks_make("[\"::/120\"]");
	struct pane *p = pane_build(0, 8);
	struct daily_host h, again;
	struct daily_table t;

	(void)state;
	assert_int_equal(daily_table_init(&t, 4), 0);
	assert_false(daily_table_next(&t, &h));
	delta_add(p, 1, 2, false, 10, 20);
	daily_table_fold(&t, n, p);
	assert_true(daily_table_next(&t, &h));
	assert_true(daily_table_next(&t, &again));
	assert_int_equal(h.addr[15], again.addr[15]);
	daily_table_settle(&t);
	assert_true(daily_table_next(&t, &again));
	assert_int_not_equal(h.addr[15], again.addr[15]);
	daily_table_settle(&t);
	assert_false(daily_table_next(&t, &h));
	daily_table_restore(&t, &h);  // is in the store already
	assert_false(daily_table_next(&t, &h));
	daily_table_fini(&t);
	pane_build_free(p);
	network_set_free(n);
}

static void
documents_are_read_back(void **state)
{
	const struct daily_host h = {.version = 4,
		.addr = {[10] = 0xff, 0xff, 10, 0, 0, 1}, .totals = {.of = {1, 2, 3, 9007199254740992}}};
	struct daily_host back[2];
	struct json_out o = {0};
	uint32_t damaged;

	(void)state;
	json_out_open(&o, '[');
	daily_host_write(&o, 19684, &h);
	json_out_close(&o, ']');
	assert_string_equal(o.data, "[{\"type\":\"daily\",\"day\":\"2023-11-23\",\"host\":\"10.0.0.1\","
		"\"inBytes\":1,\"inPackets\":2,\"outBytes\":3,\"outPackets\":9007199254740992}]");
	assert_int_equal(daily_hosts_read(o.data, back, 2, &damaged), 1);
	assert_int_equal(damaged, 0);
	// Not the padding between its members.
	assert_int_equal(back[0].version, h.version);
	assert_memory_equal(back[0].addr, h.addr, sizeof(h.addr));
	assert_memory_equal(&back[0].totals, &h.totals, sizeof(h.totals));
	assert_true(daily_hosts_read("{", back, 2, &damaged) < 0);
	assert_true(daily_hosts_read("{}", back, 2, &damaged) < 0);
	json_out_free(&o);
}

// Damaged totals are left out and counted; the others of the day are read.
static void
damaged_documents_are_left_out(void **state)
{
	static const char json[] = "[{\"host\":\"10.0.0\"},{\"host\":\"other\"},5,{\"host\":\"10.0.0.1\","
		"\"inBytes\":1,\"inPackets\":2,\"outBytes\":3,\"outPackets\":4},{\"host\":\"10.0.0.2\","
		"\"inBytes\":-1,\"inPackets\":2,\"outBytes\":3,\"outPackets\":4}]";
	struct daily_host back[5];
	uint32_t damaged;

	(void)state;
	assert_int_equal(daily_hosts_read(json, back, 5, &damaged), 1);
	assert_int_equal(damaged, 4);
	assert_int_equal(back[0].totals.of[DAILY_OUT_PACKETS], 4);
	assert_int_equal(daily_hosts_read(json, back, 2, &damaged), 0);
	assert_int_equal(damaged, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directions_are_those_of_packets),
		cmocka_unit_test(hosts_without_room_are_other),
		cmocka_unit_test(only_changes_are_given_out),
		cmocka_unit_test(documents_are_read_back),
		cmocka_unit_test(damaged_documents_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
