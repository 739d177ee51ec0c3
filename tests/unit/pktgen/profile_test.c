/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A profile that lacks nothing; a case adds or replaces one member of it.
#define BASE "{\"addresses\": [\"192.0.2.1\", \"192.0.2.2\"], \"protocols\": [\"HTTPS\", \"DNS\"]}"

static const struct {
	const char *change;
	const char *field;  // the path that the error names
} wrong[] = {
	{"{\"rate\": 1}", "rate"},
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
	{"{\"popularity\": {\"type\": \"pareto\"}}", "popularity.type"},
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
	{"{\"events\": [{\"type\": \"outage\", \"at_s\": 1, \"for_s\": 1}]}", "events[0].type"},
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
		"duration_s", "packets", "answer_key", "events"};
	static const char *const texts[] = {BASE, NULL,
		"{\"addresses\": {\"net6\": \"2001:db8::/64\", \"count\": 3}, \"address_weights\":"
		" [1, 0.1, 7], \"protocols\": [\"TCP\"], \"size\": {\"type\": \"imix\"},"
		" \"packets\": 7, \"duration_s\": 0.25, \"answer_key\": \"k\","
		" \"events\": [{\"type\": \"surge\", \"at_s\": 1, \"for_s\": 2, \"key\":"
		" \"2001:db8::3\", \"factor\": 2.5}]}"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_name_the_field),
		cmocka_unit_test(duplicate_member_is_an_error),
		cmocka_unit_test(json_is_complete_and_stable),
		cmocka_unit_test(null_resets_to_the_default),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
