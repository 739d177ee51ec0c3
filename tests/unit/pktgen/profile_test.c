/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/profile_fields.h"

// A profile that lacks nothing; a case adds or replaces one member of it.
#define BASE "{\"addresses\": [\"192.0.2.1\", \"192.0.2.2\"], \"protocols\": [\"HTTPS\", \"DNS\"]}"

#define EVENT(type, more) "{\"events\": [{\"type\": \"" type "\", \"at_s\": 1," \
	" \"for_s\": 1, " more "}]}"

static const struct {
	const char *change;
	const char *field;  // the path that the error names
} wrong[] = {
	{"{\"speed\": 1}", "speed"},
	{"{\"rate\": -1}", "rate"},
	{"{\"rate\": true}", "rate"},
	{"{\"rate\": \"10\", \"rate_pps\": 11}", "rate_pps"},
	{"{\"rate\": \"10gbit\"}", "rate"},
	{"{\"rate\": \"-1gbps\"}", "rate"},
	{"{\"rate\": \"1bps\"}", "rate"},
	{"{\"rate\": \"100tbps\"}", "rate"},
	{"{\"pacing\": 1}", "pacing"},
	{"{\"pacing\": {\"type\": \"even\"}}", "pacing.type"},
	{"{\"pacing\": {\"type\": 1}}", "pacing.type"},
	{"{\"pacing\": {\"type\": \"poisson\", \"on_s\": 1}}", "pacing.on_s"},
	{"{\"pacing\": {\"type\": \"bursts\", \"on_s\": 1}}", "pacing.off_s"},
	{"{\"pacing\": {\"type\": \"bursts\", \"on_s\": 0, \"off_s\": 1}}", "pacing.on_s"},
	{"{\"pacing\": {\"type\": \"bursts\", \"on_s\": 1, \"off_s\": \"1\"}}", "pacing.off_s"},
	{"{\"rate_pps\": 0, \"pacing\": {\"type\": \"poisson\"}}", "rate_pps"},
	{"{\"rate_pps\": 0, \"lifetime\": {\"mean_s\": 1}}", "rate_pps"},
	{"{\"lifetime\": 5}", "lifetime"},
	{"{\"lifetime\": {}}", "lifetime"},
	{"{\"lifetime\": {\"mean_s\": 1, \"mean_packets\": 1}}", "lifetime"},
	{"{\"lifetime\": {\"mean\": 1}}", "lifetime.mean"},
	{"{\"lifetime\": {\"mean_s\": 0}}", "lifetime.mean_s"},
	{"{\"lifetime\": {\"mean_packets\": 0.5}}", "lifetime.mean_packets"},
	{"{\"lifetime\": {\"arrivals_per_s\": []}}", "lifetime.arrivals_per_s"},
	{"{\"lifetime\": {\"mean_s\": 1, \"type\": \"normal\"}}", "lifetime.type"},
	{"{\"lifetime\": {\"mean_s\": 1, \"shape\": 2}}", "lifetime.shape"},
	{"{\"lifetime\": {\"mean_s\": 1, \"type\": \"pareto\", \"shape\": 1}}",
		"lifetime.shape"},
	{"{\"lifetime\": {\"mean_s\": 1, \"reset_percent\": 101}}", "lifetime.reset_percent"},
	{"{\"exchange\": true}", "exchange"},
	{"{\"exchange\": {\"request\": {\"type\": \"fixed\", \"bytes\": 1}}}", "exchange.response"},
	{"{\"exchange\": {\"request\": {\"type\": \"fixed\", \"bytes\": 0}}}",
		"exchange.request.bytes"},
	{"{\"encapsulation\": {}}", "encapsulation"},
	{"{\"encapsulation\": [\"vlan\"]}", "encapsulation[0]"},
	{"{\"encapsulation\": [{\"id\": 1}]}", "encapsulation[0].type"},
	{"{\"encapsulation\": [{\"type\": \"gtp\"}]}", "encapsulation[0].type"},
	{"{\"encapsulation\": [{\"type\": \"vlan\"}]}", "encapsulation[0].id"},
	{"{\"encapsulation\": [{\"type\": \"vlan\", \"id\": 4095}]}", "encapsulation[0].id"},
	{"{\"encapsulation\": [{\"type\": \"vlan\", \"id\": 1.5}]}", "encapsulation[0].id"},
	{"{\"encapsulation\": [{\"type\": \"mpls\", \"label\": 3}]}", "encapsulation[0].label"},
	{"{\"encapsulation\": [{\"type\": \"gre\", \"vni\": 3}]}", "encapsulation[0].vni"},
	{"{\"encapsulation\": [{\"type\": \"gre\", \"src\": \"2001:db8::1\"}]}",
		"encapsulation[0].src"},
	{"{\"encapsulation\": [{\"type\": \"vxlan\", \"vni\": 16777216}]}", "encapsulation[0].vni"},
	{"{\"encapsulation\": [{\"type\": \"gre\"}, {\"type\": \"vlan\", \"id\": 5}]}",
		"encapsulation[1]"},
	{"{\"encapsulation\": [{\"type\": \"gre\"}, {\"type\": \"gre\"}]}", "encapsulation[1]"},
	{"{\"encapsulation\": [{\"type\": \"mpls\", \"label\": 16}, {\"type\": \"vlan\","
		" \"id\": 5}]}", "encapsulation[1]"},
	{"{\"encapsulation\": [{\"type\": \"vlan\", \"id\": 1}, {\"type\": \"vlan\", \"id\": 2},"
		" {\"type\": \"vlan\", \"id\": 3}]}", "encapsulation[2]"},
	{"{\"ipNum\": 0}", "ipNum"},
	{"{\"ipNum\": \"5\"}", "ipNum"},
	{"{\"ipNum\": 5, \"addresses\": [\"192.0.2.1\"]}", "ipNum"},
	{"{\"ipNum\": 3, \"ipPercent\": [50, 50]}", "ipPercent"},
	{"{\"ipPercent\": [0, 0]}", "ipPercent"},
	{"{\"ipPercent\": [50, -50]}", "ipPercent[1]"},
	{"{\"ipPercent\": [50, 50], \"address_weights\": [1, 1]}", "ipPercent"},
	{"{\"protocolNum\": 25}", "protocolNum"},
	{"{\"protocolNum\": 2, \"protocolPercent\": [100]}", "protocolPercent"},
	{"{\"protocolPercent\": [100, \"0\"]}", "protocolPercent[1]"},
	{"{\"answer_key_flows\": 1}", "answer_key_flows"},
	{"{\"answer_key_queries\": true}", "answer_key_queries"},
	{"{\"answer_key_queries\": {\"T\": 0}}", "answer_key_queries.T"},
	{"{\"answer_key_queries\": {\"k\": 1001}}", "answer_key_queries.k"},
	{"{\"answer_key_queries\": {\"H\": 101}}", "answer_key_queries.H"},
	{"{\"answer_key_queries\": {\"t\": 1}}", "answer_key_queries.t"},
	{"{\"rate_pps\": -1}", "rate_pps"},
	{"{\"rate_pps\": 1.5}", "rate_pps"},
	{"{\"rate_pps\": 1e999}", "rate_pps"},
	{"{\"rate_pps\": 2000000000}", "rate_pps"},
	{"{\"rate_pps\": \"fast\"}", "rate_pps"},
	{"{\"rate_pps\": \"2gpps\"}", "rate_pps"},
	{"{\"rate_pps\": [1]}", "rate_pps"},
	{"{\"seed\": \"1\"}", "seed"},
	{"{\"seed\": 1e17}", "seed"},
	{"{\"flows\": 0}", "flows"},
	{"{\"flows\": 1048577}", "flows"},
	{"{\"packets\": 0}", "packets"},
	{"{\"duration_s\": 0}", "duration_s"},
	{"{\"duration_s\": true}", "duration_s"},
	{"{\"answer_key\": 1}", "answer_key"},
	{"{\"answer_key\": \"\"}", "answer_key"},
	{"{\"popularity\": \"zipf\"}", "popularity"},
	{"{\"popularity\": {}}", "popularity.type"},
	{"{\"popularity\": {\"type\": \"normal\"}}", "popularity.type"},
	{"{\"popularity\": {\"type\": \"pareto\", \"alpha\": 0}}", "popularity.alpha"},
	{"{\"popularity\": {\"type\": \"pareto\", \"s\": 1}}", "popularity.s"},
	{"{\"size\": {\"type\": \"weighted\"}}", "size.sizes"},
	{"{\"size\": {\"type\": \"weighted\", \"sizes\": []}}", "size.sizes"},
	{"{\"size\": {\"type\": \"weighted\", \"sizes\": [60, 59]}}", "size.sizes[1]"},
	{"{\"size\": {\"type\": \"weighted\", \"sizes\": [60, 61.5]}}", "size.sizes[1]"},
	{"{\"size\": {\"type\": \"weighted\", \"sizes\": [60], \"weights\": [1, 2]}}",
		"size.weights"},
	{"{\"size\": {\"type\": \"weighted\", \"sizes\": [60], \"weights\": [0]}}",
		"size.weights"},
	{"{\"popularity\": {\"type\": \"zipf\", \"s\": -1}}", "popularity.s"},
	{"{\"popularity\": {\"type\": \"uniform\", \"s\": 1}}", "popularity.s"},
	{"{\"size\": 64}", "size"},
	{"{\"size\": {\"type\": \"normal\"}}", "size.type"},
	{"{\"size\": {\"type\": \"fixed\"}}", "size.bytes"},
	{"{\"size\": {\"type\": \"fixed\", \"bytes\": 59}}", "size.bytes"},
	{"{\"size\": {\"type\": \"fixed\", \"bytes\": 9001}}", "size.bytes"},
	{"{\"size\": {\"type\": \"uniform\", \"min\": 64}}", "size.max"},
	{"{\"size\": {\"type\": \"uniform\", \"min\": 100, \"max\": 99}}", "size.max"},
	{"{\"size\": {\"type\": \"imix\", \"min\": 64}}", "size.min"},
	{"{\"addresses\": null}", "addresses"},
	{"{\"addresses\": []}", "addresses"},
	{"{\"addresses\": \"192.0.2.1\"}", "addresses"},
	{"{\"addresses\": [\"192.0.2.1\", \"192.0.2.256\"]}", "addresses[1]"},
	{"{\"addresses\": [\"192.0.2.1\", 7]}", "addresses[1]"},
	{"{\"addresses\": [\"192.0.2.1\", \"192.0.2.2\", \"192.0.2.1\"]}", "addresses[2]"},
	{"{\"addresses\": [{\"net4\": \"192.0.2.0/24\", \"count\": 9}, \"192.0.2.9\"]}",
		"addresses[1]"},
	{"{\"addresses\": [\"198.18.0.7\"]}", "addresses[0]"},
	{"{\"addresses\": {\"net4\": \"198.0.0.0/8\", \"count\": 1048576}, \"peers\":"
		" {\"net4\": \"198.0.1.0/24\", \"count\": 9}}", "addresses"},
	{"{\"addresses\": {\"net4\": \"10.0.0.0/16\"}}", "addresses.count"},
	{"{\"addresses\": {\"net4\": \"10.0.0.0/30\", \"count\": 3}}", "addresses.count"},
	{"{\"addresses\": {\"net4\": \"10.0.0.1/16\", \"count\": 3}}", "addresses.net4"},
	{"{\"addresses\": {\"net4\": \"10.0.0.0/33\", \"count\": 3}}", "addresses.net4"},
	{"{\"addresses\": {\"net4\": \"2001:db8::/64\", \"count\": 3}}", "addresses.net4"},
	{"{\"addresses\": {\"net6\": \"10.0.0.0/8\", \"count\": 3}}", "addresses.net6"},
	{"{\"addresses\": {\"count\": 3}}", "addresses"},
	{"{\"addresses\": {\"net\": \"10.0.0.0/8\", \"count\": 3}}", "addresses.net"},
	{"{\"address_weights\": [1]}", "address_weights"},
	{"{\"address_weights\": [1, 2, 3]}", "address_weights"},
	{"{\"address_weights\": [0, 0]}", "address_weights"},
	{"{\"address_weights\": [1, -1]}", "address_weights[1]"},
	{"{\"address_weights\": [1, 1e999]}", "address_weights[1]"},
	{"{\"address_weights\": [\"1\", 1]}", "address_weights[0]"},
	{"{\"address_weights\": [null, 1]}", "address_weights[0]"},
	{"{\"address_weights\": {}}", "address_weights"},
	{"{\"protocols\": []}", "protocols"},
	{"{\"protocols\": {\"HTTPS\": 1}}", "protocols"},
	{"{\"protocols\": [\"HTTPS\", \"NOPE\"]}", "protocols[1]"},
	{"{\"protocols\": [\"HTTPS\", \"https\"]}", "protocols[1]"},
	{"{\"protocols\": [\"HTTPS\", \"OSPF\"]}", "protocols[1]"},
	{"{\"protocol_weights\": [1]}", "protocol_weights"},
	{"{\"protocol_weights\": [0, 0]}", "protocol_weights"},
	{"{\"protocol_weights\": [0, -0.5]}", "protocol_weights[1]"},
	{"{\"peers\": []}", "peers"},
	{"{\"peers\": {\"net4\": \"198.18.0.0\"}}", "peers.net4"},
	{"{\"peers\": {\"net4\": \"198.18.0.0/24\", \"count\": 255}}", "peers.count"},
	{"{\"events\": {}}", "events"},
	{"{\"events\": [{}]}", "events[0].type"},
	{"{\"events\": [{\"type\": \"surge\"}]}", "events[0].at_s"},
	{"{\"events\": [{\"type\": \"storm\", \"at_s\": 1, \"for_s\": 1}]}", "events[0].type"},
	{"{\"events\": [7]}", "events[0]"},
	{"{\"events\": [{\"type\": \"outage\", \"at_s\": 1, \"for_s\": 1, \"key\": \"x\"}]}",
		"events[0].key"},
	{"{\"events\": [{\"type\": \"outage\", \"at_s\": 1, \"for_s\": 1, \"factor\": 2}]}",
		"events[0].factor"},
	{EVENT("scan", "\"key\": \"DNS\"") , "events[0].key"},
	{EVENT("scan", "\"key\": \"192.0.2.1\""), "events[0].rate_pps"},
	{EVENT("scan", "\"key\": \"192.0.2.1\", \"rate_pps\": 9, \"port_min\": 9, \"port_max\": 8"),
		"events[0].port_max"},
	{EVENT("scan", "\"key\": \"192.0.2.1\", \"rate_pps\": 9, \"port_min\": 0"),
		"events[0].port_min"},
	{EVENT("scan", "\"key\": \"192.0.2.1\", \"rate_pps\": 9, \"targets\": 5000"),
		"events[0].targets"},
	{EVENT("syn_flood", "\"key\": \"192.0.2.1\", \"rate_pps\": \"x\""),
		"events[0].rate_pps"},
	{EVENT("syn_flood", "\"key\": \"192.0.2.1\", \"rate_pps\": 9, \"port\": 65536"),
		"events[0].port"},
	{EVENT("syn_flood", "\"key\": \"192.0.2.1\", \"rate_pps\": 9, \"sources\": 1"),
		"events[0].sources"},
	{EVENT("syn_flood", "\"key\": \"192.0.2.1\", \"rate_pps\": 9, \"sources\":"
		" {\"net6\": \"100::/64\", \"count\": 9}"), "events[0].sources"},
	{EVENT("syn_flood", "\"key\": \"192.0.2.1\", \"rate_pps\": 9, \"sources\":"
		" {\"net4\": \"198.18.0.0/24\", \"count\": 9}"), "events[0].sources"},
	{"{\"events\": [{\"type\": \"surge\", \"at_s\": 1, \"for_s\": 0, \"key\": \"DNS\","
		" \"factor\": 2}]}", "events[0].for_s"},
	{"{\"events\": [{\"type\": \"surge\", \"at_s\": 1, \"for_s\": 1, \"key\": \"192.0.2.9\","
		" \"factor\": 2}]}", "events[0].key"},
	{"{\"events\": [{\"type\": \"surge\", \"at_s\": 1, \"for_s\": 1, \"key\": \"DNS\","
		" \"factor\": 0}]}", "events[0].factor"},
	{"{\"rate_pps\": 0, \"events\": [{\"type\": \"surge\", \"at_s\": 1, \"for_s\": 1,"
		" \"key\": \"DNS\", \"factor\": 2}]}", "rate_pps"},
};

static void
errors_name_the_field(void **state)
{
	cJSON *base = json_of(BASE);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cJSON *change = json_of(wrong[i].change);
		struct error err = {0};
		cJSON *merged = profile_merge(base, change, &err);
		struct profile *p = NULL;

		if (merged != NULL)
			p = profile_create(merged, support_names(), &err);
		if (p != NULL)
			fail_msg("accepted: %s", wrong[i].change);
		if (strcmp(err.field, wrong[i].field) != 0)
			fail_msg("%s: field is %s (%s)", wrong[i].change, err.field, err.text);
		assert_non_null(strstr(err.text, "found"));
		assert_non_null(strstr(err.text, "allowed"));
		cJSON_Delete(merged);
		cJSON_Delete(change);
	}
	cJSON_Delete(base);
}

static void
duplicate_member_is_an_error(void **state)
{
	cJSON *json = json_of("{\"addresses\": [\"192.0.2.1\"], \"protocols\": [\"DNS\"],"
		" \"seed\": 1, \"seed\": 2}");
	struct error err = {0};

	(void)state;
	assert_null(profile_create(json, support_names(), &err));
	assert_string_equal(err.field, "seed");
	cJSON_Delete(json);
}

// Every member is written out, and what is written reads as the same.
static void
json_is_complete_and_stable(void **state)
{
	static const char *const members[] = {"rate_pps", "seed", "flows", "popularity",
		"addresses", "address_weights", "protocols", "protocol_weights", "peers", "size",
		"duration_s", "packets", "answer_key", "events", "rate", "pacing", "lifetime",
		"exchange", "encapsulation", "answer_key_flows", "answer_key_queries", "timestamps"};
	static const char *const texts[] = {BASE, NULL,
		"{\"addresses\": {\"net6\": \"2001:db8::/64\", \"count\": 3}, \"address_weights\":"
		" [1, 0.1, 7], \"protocols\": [\"TCP\"], \"size\": {\"type\": \"imix\"},"
		" \"packets\": 7, \"duration_s\": 0.25, \"answer_key\": \"k\","
		" \"events\": [{\"type\": \"surge\", \"at_s\": 1, \"for_s\": 2, \"key\":"
		" \"2001:db8::3\", \"factor\": 2.5}]}",
		"{\"addresses\": [\"192.0.2.1\", \"2001:db8::1\"], \"protocols\": [\"TCP\", \"DNS\"],"
		" \"rate\": \"2.5gbps\", \"pacing\": {\"type\": \"bursts\", \"on_s\": 0.1,"
		" \"off_s\": 0.9}, \"lifetime\": {\"arrivals_per_s\": 100, \"type\": \"pareto\"},"
		" \"exchange\": {\"request\": {\"type\": \"imix\"}, \"response\": {\"type\":"
		" \"weighted\", \"sizes\": [1, 20000]}}, \"encapsulation\": [{\"type\": \"vlan\","
		" \"id\": 5}, {\"type\": \"mpls\", \"label\": 16}, {\"type\": \"vxlan\", \"vni\": 7}],"
		" \"popularity\": {\"type\": \"pareto\", \"alpha\": 2}, \"answer_key_flows\": true, \"timestamps\": 9,"
		" \"answer_key_queries\": {\"T\": 3},"
		" \"events\": [{\"type\": \"outage\", \"at_s\": 1, \"for_s\": 2}, {\"type\": \"scan\","
		" \"at_s\": 1, \"for_s\": 1, \"key\": \"192.0.2.1\", \"rate_pps\": \"5kpps\"},"
		" {\"type\": \"syn_flood\", \"at_s\": 1, \"for_s\": 1, \"key\": \"2001:db8::1\","
		" \"rate_pps\": 7}]}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct profile *p = profile_of(i == 1 ? generator_default_profile() : texts[i]);
		cJSON *once = profile_json(p), *twice;

		for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++)
			assert_true(cJSON_HasObjectItem(once, members[k]));
		assert_int_equal(cJSON_GetArraySize(once), sizeof(members) / sizeof(members[0]));
		profile_free(p);
		p = profile_create(once, support_names(), NULL);
		assert_non_null(p);
		twice = profile_json(p);
		assert_true(cJSON_Compare(once, twice, true));
		cJSON_Delete(once);
		cJSON_Delete(twice);
		profile_free(p);
	}
}

// The table that control shows has the members that are taken, and all of those that are given back.
static void
the_table_has_all_members(void **state)
{
	struct profile *p = profile_of(BASE);
	cJSON *base = profile_json(p), *v;

	(void)state;
	for (const struct param *row = profile_fields; row->name != NULL; row++) {
		cJSON *change = cJSON_CreateObject(), *merged;

		cJSON_AddNullToObject(change, row->name);
		merged = profile_merge(base, change, NULL);
		if (merged == NULL)
			fail_msg("%s is not taken", row->name);
		cJSON_Delete(merged);
		cJSON_Delete(change);
	}
	cJSON_ArrayForEach(v, base)
		if (param_find(profile_fields, v->string) == NULL)
			fail_msg("%s is not in the table", v->string);
	cJSON_Delete(base);
	profile_free(p);
}

static void
null_resets_to_the_default(void **state)
{
	cJSON *base = json_of("{\"addresses\": [\"192.0.2.1\"], \"protocols\": [\"DNS\"],"
		" \"rate_pps\": \"2.5kpps\", \"flows\": 7}");
	cJSON *change = json_of("{\"flows\": null}");
	cJSON *merged = profile_merge(base, change, NULL);
	struct profile *p = profile_create(merged, support_names(), NULL);

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->rate_pps, 2500);
	assert_int_equal(p->flows, 10000);
	profile_free(p);
	cJSON_Delete(merged);
	cJSON_Delete(change);
	cJSON_Delete(base);
}

static struct profile *
changed_of(const char *base_text, const char *change_text)
{
	cJSON *base = json_of(base_text), *change = json_of(change_text), *merged;
	struct error err = {0};
	struct profile *p;

	merged = profile_merge(base, change, &err);
	if (merged == NULL)
		fail_msg("%s", err.text);
	p = profile_create(merged, support_names(), &err);
	if (p == NULL)
		fail_msg("%s", err.text);
	cJSON_Delete(merged);
	cJSON_Delete(change);
	cJSON_Delete(base);
	return p;
}

static void
simple_form_is_put_in_terms_of_the_profile(void **state)
{
	struct profile *p = changed_of(BASE, "{\"rate\": \"2kpps\", \"ipNum\": 3, \"protocolNum\": 2,"
		" \"ipPercent\": [50, 30, 20], \"protocolPercent\": [90, 10]}");

	(void)state;
	assert_int_equal(p->rate_pps, 2000);
	assert_int_equal(profile_address_total(p), 3);
	assert_true(p->addresses_bare && p->address_weights[1] == 30);
	assert_int_equal(p->protocol_count, 2);
	assert_string_equal(p->protocols[1].name, "DNS");
	assert_true(p->protocol_weights[0] == 90);
	profile_free(p);
	// Other addresses, other weights: the old ones are gone.
	p = changed_of("{\"addresses\": [\"192.0.2.1\"], \"address_weights\": [7],"
		" \"protocols\": [\"DNS\"]}", "{\"ipNum\": 4}");
	assert_null(p->address_weights);
	profile_free(p);
}

// 1000 bytes are 8000 bits; of 100 bytes ten times as many packets.
static void
rates_in_bits_follow_the_sizes(void **state)
{
	const char *text = "{\"addresses\": [\"192.0.2.1\"], \"protocols\": [\"DNS\"], \"rate\":"
		" \"8mbps\", \"size\": {\"type\": \"weighted\", \"sizes\": [500, 1500]}}";
	struct profile *p = profile_of(text);
	cJSON *json;
	char *full;

	(void)state;
	assert_int_equal(p->rate_pps, 1000);
	json = profile_json(p);
	full = cJSON_PrintUnformatted(json);
	profile_free(p);
	p = changed_of(full, "{\"size\": {\"type\": \"fixed\", \"bytes\": 100}}");
	assert_int_equal(p->rate_pps, 10000);
	profile_free(p);
	p = changed_of(full, "{\"rate_pps\": 5}");
	assert_int_equal(p->rate_pps, 5);
	assert_int_equal(p->rate_bps, 0);
	profile_free(p);
	cJSON_free(full);
	cJSON_Delete(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_name_the_field),
		cmocka_unit_test(duplicate_member_is_an_error),
		cmocka_unit_test(json_is_complete_and_stable),
		cmocka_unit_test(the_table_has_all_members),
		cmocka_unit_test(null_resets_to_the_default),
		cmocka_unit_test(simple_form_is_put_in_terms_of_the_profile),
		cmocka_unit_test(rates_in_bits_follow_the_sizes),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
