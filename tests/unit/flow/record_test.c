/* SPDX-License-Identifier: BSD-3-Clause */
// Flow records as a program that reads them sees them: every field of interfaces.md section 4, and
// 64-bit numbers digit by digit.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "flow/flow_record.h"
#include "flow/flow_stats.h"
#include "flow_support.h"

#define T0 (1700000000 * S)

static const cJSON *
at(const cJSON *json, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);

	if (item == NULL)
		fail_msg("no field %s", key);
	return item;
}

static double
number(const cJSON *json, const char *key)
{
	const cJSON *item = at(json, key);

	assert_true(cJSON_IsNumber(item));
	return item->valuedouble;
}

static void
fields_are(const cJSON *json, const char *const *names)
{
	const cJSON *item = json->child;

	for (; *names != NULL; names++, item = item->next) {
		assert_non_null(item);
		assert_string_equal(item->string, *names);
	}
	assert_null(item);
}

static cJSON *
record_of(const struct flow *f, const struct protocol_table *protocols, struct json_out *o)
{
	const char *end;
	cJSON *json;

	json_out_reset(o);
	flow_record_write(o, f, protocols);
	assert_false(o->failed);
	json = cJSON_ParseWithOpts(o->data, &end, true);
	assert_non_null(json);
	assert_int_equal(*end, '\0');
	return json;
}

static void
statistics_have_fields(const cJSON *json, const char *key)
{
	static const char *const fields[] = {"packets", "bytes", "l3_bytes", "tcp_flags", "size",
		"iat_us", "ttl", NULL};
	static const char *const summary[] = {"min", "max", "mean", "std", NULL};

	fields_are(at(json, key), fields);
	fields_are(at(at(json, key), "size"), summary);
	fields_are(at(at(json, key), "iat_us"), summary);
}

static void
summary_is(const cJSON *json, double min, double max, double mean, double std)
{
	assert_true(number(json, "min") == min && number(json, "max") == max);
	assert_true(number(json, "mean") == mean);
	assert_float_equal(number(json, "std"), std, 1e-9);
}

static void
all_fields(void **state)
{
	static const char *const fields[] = {"type", "src", "sport", "dst", "dport", "proto",
		"vlan",
		"app", "first_us", "last_us", "end", "end_reason", "worker", "fwd", "rev", "bidir", NULL};
	struct json_out o = {0};
	const cJSON *fwd, *rev, *both;
	struct bench b;
	cJSON *json;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){.tcp_end = true}, T0);
	bench_packet(&b, &(struct packet){T0, 9, 2, 40000, 443, 6, TCP_SYN, 64, 60, 46, 0, 0, 0},
		NULL);
	bench_packet(&b, &(struct packet){T0 + 30, 2, 9, 443, 40000, 6, TCP_SYN | TCP_ACK, 50, 100,
		86,
		0, 0, 0}, NULL);
	bench_packet(&b, &(struct packet){T0 + 10, 9, 2, 40000, 443, 6, TCP_RST, 63, 90, 76, 0, 0,
		0},
		NULL);
	assert_int_equal(b.ended.count, 1);
	b.ended.record[0].worker = 3;
	b.ended.record[0].key.vlan_count = 2;
	b.ended.record[0].key.vlan[0] = 100;
	b.ended.record[0].key.vlan[1] = 4095;
	json = record_of(&b.ended.record[0], b.protocols, &o);
	fields_are(json, fields);
	statistics_have_fields(json, "fwd");
	statistics_have_fields(json, "rev");
	statistics_have_fields(json, "bidir");
	assert_string_equal(at(json, "type")->valuestring, "flow");
	assert_string_equal(at(json, "src")->valuestring, "10.0.0.9");
	assert_string_equal(at(json, "dst")->valuestring, "10.0.0.2");
	assert_true(number(json, "sport") == 40000 && number(json, "dport") == 443);
	assert_true(number(json, "proto") == 6 && number(json, "worker") == 3);
	assert_string_equal(at(json, "app")->valuestring, "HTTPS");
	assert_string_equal(at(json, "end")->valuestring, "rst");
	assert_true(number(json, "end_reason") == 3);
	assert_true(number(json, "first_us") == T0 && number(json, "last_us") == T0 + 10);
	assert_int_equal(cJSON_GetArraySize(at(json, "vlan")), 2);
	assert_true(at(json, "vlan")->child->valueint == 100);
	assert_true(at(json, "vlan")->child->next->valueint == 4095);

	fwd = at(json, "fwd");
	rev = at(json, "rev");
	both = at(json, "bidir");
	assert_true(number(fwd, "packets") == 2 && number(rev, "packets") == 1);
	assert_true(number(both, "packets") == 3 && number(both, "bytes") == 250);
	assert_true(number(fwd, "bytes") == 150 && number(fwd, "l3_bytes") == 122);
	assert_true(number(both, "l3_bytes") == 208);
	assert_true(number(fwd, "tcp_flags") == 6 && number(rev, "tcp_flags") == 18);
	assert_true(number(both, "tcp_flags") == 22);
	summary_is(at(fwd, "size"), 60, 90, 75, 21.213203435596427);
	summary_is(at(rev, "size"), 100, 100, 100, 0);
	summary_is(at(both, "size"), 60, 100, 250.0 / 3, 20.816659994661325);
	summary_is(at(fwd, "iat_us"), 10, 10, 10, 0);
	summary_is(at(rev, "iat_us"), 0, 0, 0, 0);
	summary_is(at(both, "iat_us"), -20, 30, 5, 35.35533905932738);
	assert_true(number(at(both, "ttl"), "min") == 50 && number(at(both, "ttl"), "max") == 64);
	assert_true(number(at(fwd, "ttl"), "min") == 63 && number(at(rev, "ttl"), "max") == 50);
	cJSON_Delete(json);
	json_out_free(&o);
	bench_end(&b);
}

// One packet: the other direction is there, and all of it is 0.
static void
one_direction(void **state)
{
	struct json_out o = {0};
	struct bench b;
	cJSON *json;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){0}, T0);
	bench_packet(&b, &(struct packet){.ts_us = T0, .src = 1, .dst = 2, .proto = 50, .ttl = 9,
		.wire_bytes = 77}, NULL);
	json = record_of(&b.table->flows[0], b.protocols, &o);
	assert_true(cJSON_IsNull(at(json, "end")));  // it lives
	assert_true(cJSON_IsNull(at(json, "end_reason")));
	assert_true(cJSON_IsArray(at(json, "vlan")) && at(json, "vlan")->child == NULL);
	assert_string_equal(at(json, "app")->valuestring, "ESP");
	statistics_have_fields(json, "rev");
	assert_true(number(at(json, "rev"), "packets") == 0);
	summary_is(at(at(json, "rev"), "size"), 0, 0, 0, 0);
	summary_is(at(at(json, "rev"), "iat_us"), 0, 0, 0, 0);
	summary_is(at(at(json, "bidir"), "size"), 77, 77, 77, 0);
	summary_is(at(at(json, "bidir"), "iat_us"), 0, 0, 0, 0);
	assert_true(number(at(at(json, "bidir"), "ttl"), "min") == 9);
	cJSON_Delete(json);
	json_out_free(&o);
	bench_end(&b);
}

static void
numbers_beyond_2_53(void **state)
{
	struct protocol_table *protocols = protocol_table_create(NULL, NULL);
	struct json_out o = {0};
	struct flow f = {.key = {.version = 4, .proto = 17}, .app = 17, .end = FLOW_END_ACTIVE};

	(void)state;
	f.first_us = UINT64_C(9007199254740997);
	f.last_us = UINT64_C(9007199254740995);
	f.dir[0] = (struct flow_direction){.packets = 3, .bytes = UINT64_C(9007199254740993),
		.l3_bytes = UINT64_C(18446744073709551615),
		.gap_min_us = FLOW_GAP_WIDE};
	f.state = FLOW_TWO_WAY | FLOW_COLD;
	f.gaps_wide[FLOW_FWD].min_us = -INT64_C(9007199254740999);
	f.gaps_wide[FLOW_FWD].max_us = INT64_C(9007199254740997);
	f.gap_min_us = FLOW_GAP_WIDE;
	f.gaps_wide[FLOW_BOTH].min_us = INT64_MIN;
	f.gaps_wide[FLOW_BOTH].max_us = INT64_MAX;
	cJSON_Delete(record_of(&f, protocols, &o));
	assert_non_null(strstr(o.data,
		"\"first_us\":9007199254740997,\"last_us\":9007199254740995,"));
	assert_non_null(strstr(o.data,
		"\"bytes\":9007199254740993,\"l3_bytes\":18446744073709551615,"));
	assert_non_null(strstr(o.data, "\"min\":-9007199254740999,\"max\":9007199254740997,"));
	assert_non_null(strstr(o.data,
		"\"min\":-9223372036854775808,\"max\":9223372036854775807,"));
	json_out_free(&o);
	protocol_table_free(protocols);
}

static void
addresses(void **state)
{
	struct protocol_table *protocols = protocol_table_create(NULL, NULL);
	struct flow f = {.key = {.version = 6, .proto = 58}, .fwd_swapped = 1};
	struct json_out o = {0};
	cJSON *json;

	(void)state;
	f.dir[0].packets = 1;
	f.key.addr[0][15] = 1;
	memset(f.key.addr[1], 0xff, 16);
	f.key.port[1] = rte_cpu_to_be_16(65535);
	json = record_of(&f, protocols, &o);
	assert_string_equal(at(json, "src")->valuestring,
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_string_equal(at(json, "dst")->valuestring, "::1");
	assert_true(number(json, "sport") == 65535 && number(json, "dport") == 0);
	cJSON_Delete(json);
	// a real IPv6 packet whose addresses look mapped stays one
	memset(f.key.addr, 0, sizeof(f.key.addr));
	memset(&f.key.addr[0][10], 0xff, 2);
	f.key.addr[0][12] = 10;
	json = record_of(&f, protocols, &o);
	assert_string_equal(at(json, "dst")->valuestring, "::ffff:10.0.0.0");
	cJSON_Delete(json);
	f.key.version = 4;
	json = record_of(&f, protocols, &o);
	assert_string_equal(at(json, "dst")->valuestring, "10.0.0.0");
	cJSON_Delete(json);
	json_out_free(&o);
	protocol_table_free(protocols);
}

static void
end_names(void **state)
{
	static const char *const names[] = {"active_still", "idle", "active", "fin", "rst",
		"fin_timeout", "evicted", "flush"};

	(void)state;
	assert_int_equal(RTE_DIM(names), FLOW_END_COUNT);
	for (unsigned int i = 0; i < FLOW_END_COUNT; i++)
		assert_string_equal(flow_end_name((enum flow_end)i), names[i]);
	assert_null(flow_end_name(FLOW_END_COUNT));
}

// IANA's registry: 1 idle timeout, 2 active timeout, 3 end of flow detected, 4 forced end, 5 lack of
// resources; in the order of enum flow_end.
static void
end_reasons(void **state)
{
	static const uint8_t reasons[] = {0, 1, 2, 3, 3, 3, 5, 4};

	(void)state;
	assert_int_equal(RTE_DIM(reasons), FLOW_END_COUNT);
	for (unsigned int i = 0; i < FLOW_END_COUNT; i++)
		assert_int_equal(flow_end_reason((enum flow_end)i), reasons[i]);
	assert_int_equal(flow_end_reason(FLOW_END_COUNT), 0);
}

// First and latest time stamp of each direction, and counters of both together.
static void
parts(void **state)
{
	struct flow_counters c;
	uint64_t first, last;
	struct bench b;
	struct flow *f;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){0}, T0);
	bench_packet(&b, &(struct packet){T0, 9, 2, 4, 5, 6, TCP_SYN, 64, 60, 46, 0, 0, 0}, NULL);
	f = &b.table->flows[0];
	flow_part_times(f, FLOW_REV, &first, &last);
	assert_true(first == 0 && last == 0);
	flow_part_counters(f, FLOW_BOTH, &c);
	assert_true(c.packets == 1 && c.size_min == 60 && c.ttl_min == 64);
	bench_packet(&b, &(struct packet){T0 + 7, 2, 9, 5, 4, 6, TCP_ACK, 3, 90, 76, 0, 0, 0}, NULL);
	bench_packet(&b, &(struct packet){T0 + 9, 2, 9, 5, 4, 6, TCP_RST, 5, 80, 66, 0, 0, 0}, NULL);
	bench_packet(&b, &(struct packet){T0 + 8, 9, 2, 4, 5, 6, 0, 70, 61, 47, 0, 0, 0}, NULL);
	flow_part_times(f, FLOW_FWD, &first, &last);
	assert_true(first == T0 && last == T0 + 8);
	flow_part_times(f, FLOW_REV, &first, &last);
	assert_true(first == T0 + 7 && last == T0 + 9);
	flow_part_times(f, FLOW_BOTH, &first, &last);
	assert_true(first == T0 && last == T0 + 8);  // in arrival order
	flow_part_counters(f, FLOW_BOTH, &c);
	assert_true(c.packets == 4 && c.bytes == 291 && c.l3_bytes == 235);
	assert_true(c.size_min == 60 && c.size_max == 90 && c.ttl_min == 3 && c.ttl_max == 70);
	assert_int_equal(c.tcp_flags, TCP_SYN | TCP_ACK | TCP_RST);
	flow_part_counters(f, FLOW_REV, &c);
	assert_true(c.packets == 2 && c.size_min == 80 && c.size_max == 90 && c.ttl_max == 5);
	bench_end(&b);
}

// The first packet's tunnel stays the flow's, and is in the record only where there is one.
static void
tunnel_of_the_first_packet(void **state)
{
	static const char *const fields[] = {"type", "src", "dst", "id", "depth", NULL};
	struct packet_tunnel tunnel = {.type = TUNNEL_VXLAN, .depth = 2, .version = 6, .has_id = 1,
		.id = 0xffffff, .src = {0x20, 1, [15] = 1}, .dst = {0x20, 1, [15] = 2}};
	struct packet p = {.ts_us = T0, .src = 9, .dst = 2, .proto = 17};
	struct json_out o = {0};
	const cJSON *written;
	struct packet_meta m;
	struct bench b;
	struct flow *f;
	cJSON *json;
	bool is_new;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){.tcp_end = true}, T0);
	meta_of(&p, b.table, &m);
	m.tunnel = tunnel;
	f = flow_tracker_resolve(&b.tracker, &m, NULL, T0, &is_new);
	assert_true(is_new);
	m.tunnel.id = 7;
	assert_ptr_equal(flow_tracker_resolve(&b.tracker, &m, NULL, T0, &is_new), f);
	json = record_of(f, b.protocols, &o);
	written = at(json, "tunnel");
	fields_are(written, fields);
	assert_string_equal(at(written, "type")->valuestring, "vxlan");
	assert_string_equal(at(written, "src")->valuestring, "2001::1");
	assert_string_equal(at(written, "dst")->valuestring, "2001::2");
	assert_true(number(written, "id") == 0xffffff && number(written, "depth") == 2);
	cJSON_Delete(json);
	f->tunnel.has_id = 0;
	f->tunnel.version = 4;
	json = record_of(f, b.protocols, &o);
	assert_true(cJSON_IsNull(at(at(json, "tunnel"), "id")));
	assert_string_equal(at(at(json, "tunnel"), "src")->valuestring, "0.0.0.1");
	cJSON_Delete(json);
	f->tunnel.type = TUNNEL_NONE;
	json = record_of(f, b.protocols, &o);
	assert_null(cJSON_GetObjectItemCaseSensitive(json, "tunnel"));
	cJSON_Delete(json);
	json_out_free(&o);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnel_of_the_first_packet),
		cmocka_unit_test(all_fields),
		cmocka_unit_test(one_direction),
		cmocka_unit_test(numbers_beyond_2_53),
		cmocka_unit_test(addresses),
		cmocka_unit_test(end_names),
		cmocka_unit_test(end_reasons),
		cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
