/* SPDX-License-Identifier: BSD-3-Clause */
// Queries as JSON: what is taken, printed and refused, all faults at once; local networks; sets.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "pane_build.h"
#include "query/dimension.h"
#include "query/spec_fields.h"

static struct network_set *networks;
static struct error_list errors;

static struct query_context
context(bool local)
{
	return (struct query_context){
		.pane_us = 500000, .parameters = QUERY_PARAMETERS_DEFAULT,
		.networks = local ? networks : NULL,
	};
}

static int
parse(const char *text, bool local, struct query_spec *ret)
{
	const struct query_context c = context(local);
	cJSON *json = cJSON_Parse(text);
	int rc;

	assert_non_null(json);
	errors.count = 0;
	rc = query_spec_parse(json, "", &c, ret, &errors);
	cJSON_Delete(json);
	assert_int_equal(rc, errors.count == 0 ? 0 : -EINVAL);
	return rc;
}

#define HEAD "{\"name\":\"q\",\"key\":\"ip\",\"metric\":\"bytes\","
#define TOPK "\"op\":{\"type\":\"topk\",\"k\":10},"
#define TAIL "\"window_s\":10,\"slide_s\":0.5,\"scope\":\"all\"}"

static void
good_ones_come_back(void **state)
{
	static const char *const same[] = {
		HEAD TOPK TAIL,
		"{\"name\":\"Q-1_2.x\",\"key\":\"subnet\",\"prefix4\":0,\"prefix6\":128,\"metric\":\"flows\","
		"\"filter\":\"dst port 80\",\"op\":{\"type\":\"share\",\"percent\":0.25},\"window_s\":null,"
		"\"slide_s\":3600,\"scope\":\"external\",\"paused\":true}",
		HEAD "\"op\":{\"type\":\"outlier\",\"x\":1.5,\"method\":\"sigma\"}," TAIL,
		HEAD "\"op\":{\"type\":\"outlier\",\"x\":1000,\"method\":\"mad\"}," TAIL,
		HEAD "\"op\":{\"type\":\"limit\",\"min\":5,\"clear_after\":1}," TAIL,
		HEAD "\"op\":{\"type\":\"limit\",\"max\":0,\"clear_after\":1000}," TAIL,
		HEAD "\"op\":{\"type\":\"limit\",\"min\":5,\"max\":9007199254740991,\"clear_after\":2}," TAIL,
	};
	static const char *const keys[] = {"protocol", "ip_proto", "ip", "src_ip", "dst_ip", "ip_pair",
		"src_dst_ip", "flow", "src_port", "dst_port", "vlan", "src_mac", "dst_mac", "total"};
	static const char *const metrics[] = {"bytes", "packets", "flows"};
	static const char *const scopes[] = {"all", "external", "in", "out", "internal"};
	struct query_spec s;

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(same) + RTE_DIM(keys) * 15; i++) {
		unsigned int n = i - RTE_DIM(same);
		struct json_out o = {0};
		char made[512];

		if (i >= RTE_DIM(same))
			snprintf(made, sizeof(made), "{\"name\":\"q\",\"key\":\"%s\",\"metric\":\"%s\"," TOPK
				"\"window_s\":60,\"slide_s\":1.5,\"scope\":\"%s\"}", keys[n / 15],
				metrics[n % 3], scopes[n / 3 % 5]);
		else
			snprintf(made, sizeof(made), "%s", same[i]);
		if (parse(made, true, &s) != 0)
			fail_msg("%s: %s", made, errors.error[0].text);
		query_spec_write(&o, &s);
		assert_string_equal(o.data, made);
		json_out_free(&o);
	}
}

static void
what_is_left_out(void **state)
{
	struct json_out o = {0};
	struct query_spec s;

	(void)state;
	assert_int_equal(parse("{\"op\":{\"k\":3,\"type\":\"topk\"},\"key\":\"subnet\",\"name\":\"q\"}",
		false, &s), 0);
	query_spec_write(&o, &s);
	assert_string_equal(o.data, "{\"name\":\"q\",\"key\":\"subnet\",\"prefix4\":24,\"prefix6\":64,"
		"\"metric\":\"bytes\",\"op\":{\"type\":\"topk\",\"k\":3},\"window_s\":null,\"slide_s\":0.5,"
		"\"scope\":\"all\"}");
	json_out_free(&o);
}

// One fault each: the field that is named, and a piece of what is said.
static void
bad_ones_name_the_field(void **state)
{
	static const struct {
		const char *json, *field, *says;
	} bad[] = {
		{"{\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":1}}", "name", "missing"},
		{"{\"name\":\"q\"," TOPK "\"x\":null,\"key\":\"ip\"}", "x", "none of that name"},
		{"{\"name\":\"q\"," TOPK "\"scope\":\"all\"}", "key", "missing; allowed is one of protocol"},
		{"{\"name\":\"q\",\"key\":\"ip\"}", "op", "missing"},
		{HEAD TOPK "\"name\":\"q\"," TAIL, "name", "a field once"},
		{"{\"name\":\"\",\"key\":\"ip\"," TOPK TAIL, "name", "1 to 63 letters"},
		{"{\"name\":\"-a\",\"key\":\"ip\"," TOPK TAIL, "name", "beginning with"},
		{"{\"name\":\"a/b\",\"key\":\"ip\"," TOPK TAIL, "name", "found \"a/b\""},
		{"{\"name\":5,\"key\":\"ip\"," TOPK TAIL, "name", "found 5"},
		{"{\"name\":\"q\",\"key\":\"IP\"," TOPK TAIL, "key", "found \"IP\""},
		{"{\"name\":\"q\",\"key\":[1]," TOPK TAIL, "key", "found [1]"},
		{"{\"name\":\"q\",\"key\":\"ip_pair\",\"metric\":\"peers\"," TOPK TAIL, "metric",
			"another one with key ip_pair: both ends are in the key"},
		{"{\"name\":\"q\",\"metric\":\"ports\",\"key\":\"dst_port\"," TOPK TAIL, "metric",
			"another one with key dst_port: the port is in the key"},
		{"{\"name\":\"q\",\"key\":\"ip\",\"metric\":\"bits\"," TOPK TAIL, "metric", "bytes, packets, flows, peers, ports"},
		{"{\"name\":\"q\",\"key\":\"ip\",\"prefix4\":8," TOPK TAIL, "prefix4", "with key subnet only"},
		{"{\"name\":\"q\",\"key\":\"subnet\",\"prefix4\":33," TOPK TAIL, "prefix4", "0 to 32"},
		{"{\"name\":\"q\",\"key\":\"subnet\",\"prefix6\":1.5," TOPK TAIL, "prefix6", "0 to 128"},
		{HEAD "\"filter\":5," TOPK TAIL, "filter", "pcap-filter(7)"},
		{HEAD "\"op\":\"topk\"," TAIL, "op", "an object with a type"},
		{HEAD "\"op\":{\"k\":5}," TAIL, "op.type", "missing; allowed is one of topk"},
		{HEAD "\"op\":{\"type\":\"top\",\"k\":5}," TAIL, "op.type", "found \"top\""},
		{HEAD "\"op\":{\"type\":\"topk\"}," TAIL, "op.k", "missing"},
		{HEAD "\"op\":{\"type\":\"topk\",\"k\":0}," TAIL, "op.k", "1 to 1000"},
		{HEAD "\"op\":{\"type\":\"topk\",\"k\":1.5}," TAIL, "op.k", "found 1.5"},
		{HEAD "\"op\":{\"type\":\"topk\",\"k\":5,\"x\":1}," TAIL, "op.x", "with this type"},
		{HEAD "\"op\":{\"type\":\"topk\",\"k\":5,\"k\":6}," TAIL, "op.k", "a field once"},
		{HEAD "\"op\":{\"type\":\"share\",\"percent\":0}," TAIL, "op.percent", "above 0"},
		{HEAD "\"op\":{\"type\":\"share\",\"percent\":100.1}," TAIL, "op.percent", "at most 100"},
		{HEAD "\"op\":{\"type\":\"outlier\",\"x\":\"2\"}," TAIL, "op.x", "found \"2\""},
		{HEAD "\"op\":{\"type\":\"outlier\",\"x\":2,\"method\":\"iqr\"}," TAIL, "op.method", "sigma or mad"},
		{HEAD "\"op\":{\"type\":\"limit\"}," TAIL, "op.min", "min, max, or both"},
		{HEAD "\"op\":{\"type\":\"limit\",\"min\":-1}," TAIL, "op.min", "from 0 on"},
		{HEAD "\"op\":{\"type\":\"limit\",\"min\":5,\"max\":4}," TAIL, "op.min", "not above max"},
		{HEAD "\"op\":{\"type\":\"limit\",\"max\":4,\"clear_after\":0}," TAIL, "op.clear_after", "1 to 1000"},
		{HEAD TOPK "\"slide_s\":0.7,\"window_s\":7}", "slide_s", "a multiple of the pane (0.5 s)"},
		{HEAD TOPK "\"slide_s\":0,\"window_s\":7}", "slide_s", "found 0"},
		{HEAD TOPK "\"slide_s\":2,\"window_s\":7}", "window_s", "a multiple of slide_s (2 s)"},
		{HEAD TOPK "\"window_s\":3600.5}", "window_s", "at most 3600 s"},
		{HEAD TOPK "\"window_s\":\"x\"}", "window_s", "or null"},
		{HEAD TOPK "\"window_s\":-1}", "window_s", "found -1"},
		{HEAD TOPK "\"window_s\":1e300}", "window_s", "found 1e+300"},
		{HEAD TOPK "\"scope\":\"inside\"}", "scope", "all, external, in, out, internal"},
		{HEAD TOPK "\"paused\":1}", "paused", "true or false"},
		{HEAD TOPK "\"builtin\":true}", "builtin", "built-in queries' names only"},
		{"{\"name\":\"ip-topk\",\"builtin\":true,\"metric\":\"flows\"}", "builtin", "the parameters"},
	};
	struct query_spec s;

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		if (parse(bad[i].json, true, &s) == 0)
			fail_msg("taken: %s", bad[i].json);
		if (errors.count != 1 || strcmp(errors.error[0].field, bad[i].field) != 0 ||
				strstr(errors.error[0].text, bad[i].says) == NULL)
			fail_msg("%s: %u faults, %s: %s", bad[i].json, errors.count,
				errors.error[0].field, errors.error[0].text);
	}
	assert_int_equal(parse(HEAD TOPK "\"scope\":\"in\"}", false, &s), -EINVAL);
	assert_non_null(strstr(errors.error[0].text, "no local_networks"));
	assert_int_equal(parse("[]", false, &s), -EINVAL);
	assert_int_equal(parse("5", false, &s), -EINVAL);
}

static void
all_faults_are_told(void **state)
{
	const char *const text = "[{\"name\":\"a b\",\"key\":\"x\",\"metric\":1,\"filter\":2,\"op\":{\"type\":"
		"\"topk\",\"k\":0},\"slide_s\":0.1,\"window_s\":0.2,\"scope\":3,\"paused\":4,\"y\":5},"
		"{\"name\":\"q\",\"key\":\"ip\"," TOPK "\"filter\":\"dst prt 80\"},"
		"{\"name\":\"q\",\"key\":\"ip\"," TOPK "\"window_s\":1}, 7]";
	static const char *const fields[] = {"queries[0].y", "queries[0].name", "queries[0].key",
		"queries[0].metric", "queries[0].filter", "queries[0].op.k", "queries[0].slide_s",
		"queries[0].window_s", "queries[0].scope", "queries[0].paused", "queries[2].name",
		"queries[3]", "queries[1].filter"};
	const struct query_context c = context(true);
	cJSON *json = cJSON_Parse(text);

	(void)state;
	errors.count = 0;
	assert_null(query_set_create(&c, json, "queries", FILTER_CHECK, &errors));
	assert_int_equal(errors.count, RTE_DIM(fields));
	for (unsigned int i = 0; i < RTE_DIM(fields); i++) {
		assert_string_equal(errors.error[i].field, fields[i]);
		assert_int_equal(strncmp(errors.error[i].text, fields[i], strlen(fields[i])), 0);
	}
	// libpcap's own words, and whose filter it is.
	assert_non_null(strstr(errors.error[12].text, "query 'q': 'dst prt 80': "));
	cJSON_Delete(json);
}

static void
networks_are_ranges(void **state)
{
	static const struct {
		const char *address;
		bool local;
	} cases[] = {
		{"10.0.0.0", true}, {"10.255.255.255", true}, {"11.0.0.0", false}, {"9.255.255.255", false},
		{"192.168.7.1", true}, {"192.168.8.0", false}, {"192.168.9.255", true}, {"203.0.113.5", true},
		{"203.0.113.6", false}, {"2001:db8::1", true}, {"2001:db9::", false},
		{"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", false}, {"::ffff:10.0.0.1", false}, {"fe80::1", false},
	};
	static const char *const bad[] = {"[\"10.0.0.1/8\"]", "[\"10.0.0.0/33\"]", "[\"::/129\"]", "[5]",
		"[\"10.0.0.0/\"]", "[\"10.0.0.0/-1\"]", "[\"x\"]", "[\"10.0.0.0/8x\"]", "{}", "[\"\"]",
		"[\"2001:db8::/31 \"]", "[\"10.0.0.0/08x\"]"};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		bool v6 = strchr(cases[i].address, ':') != NULL;
		uint8_t a[16] = {[10] = 0xff, 0xff};

		assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, cases[i].address,
			v6 ? a : a + 12), 1);
		if (network_set_contains(networks, v6 ? 6 : 4, a) != cases[i].local)
			fail_msg("%s", cases[i].address);
	}
	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		cJSON *json = cJSON_Parse(bad[i]);

		errors.count = 0;
		if (network_set_create(json, "local_networks", &errors) != NULL)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(strncmp(errors.error[0].field, "local_networks", 14), 0);
		cJSON_Delete(json);
	}
}

static struct query_set *
change(struct query_set *s, struct query_set *(*how)(const struct query_set *s, const cJSON *query,
	uint32_t settled, struct error_list *errors), const char *text)
{
	cJSON *json = cJSON_Parse(text);
	struct query_set *next;

	errors.count = 0;
	next = how(s, json, s->filters.version, &errors);
	cJSON_Delete(json);
	assert_int_equal(next == NULL, errors.count > 0);
	if (next != NULL)
		query_set_put(s);
	return next;
}

static void
sets_change(void **state)
{
	struct query_set *s = set_build(500000, &QUERY_PARAMETERS_DEFAULT, networks,
		"[{\"name\":\"ip-share\",\"key\":\"total\"," TOPK "\"window_s\":1},"
		"{\"name\":\"ip-topk\",\"builtin\":true,\"paused\":true}]");
	struct query_parameters p = QUERY_PARAMETERS_DEFAULT;
	uint32_t filters;

	(void)state;
	assert_int_equal(s->count, QUERY_BUILTINS);
	assert_int_equal(query_set_find(s, "ip-share")->dimension.kind, DIMENSION_TOTAL);
	assert_true(query_set_find(s, "ip-topk")->paused && query_set_find(s, "ip-topk")->builtin);
	assert_int_equal(query_set_find(s, "ip-topk")->dimension.scope, QUERY_SCOPE_EXTERNAL);
	filters = s->filters.version;
	s = change(s, query_set_add, "{\"name\":\"a\",\"key\":\"ip\"," TOPK "\"window_s\":1}");
	assert_int_equal(s->filters.version, filters);
	s = change(s, query_set_add, "{\"name\":\"b\",\"key\":\"ip\"," TOPK "\"filter\":\"tcp\"}");
	assert_int_equal(s->filters.version, filters + 1);
	s = change(s, query_set_add, "{\"name\":\"c\",\"key\":\"vlan\"," TOPK "\"filter\":\"tcp\"}");
	assert_int_equal(s->filters.version, filters + 1);
	assert_null(change(s, query_set_add, "{\"name\":\"a\",\"key\":\"ip\"," TOPK "\"window_s\":1}"));
	assert_string_equal(errors.error[0].field, "name");
	assert_null(change(s, query_set_add, "{\"name\":\"ip-topk\",\"key\":\"ip\"," TOPK "\"window_s\":1}"));
	assert_null(change(s, query_set_update, "{\"name\":\"b\",\"filter\":\"tpc\"}"));
	assert_string_equal(errors.error[0].field, "filter");
	assert_null(change(s, query_set_update, "{\"name\":\"none\",\"filter\":\"tcp\"}"));
	s = change(s, query_set_update, "{\"name\":\"b\",\"metric\":\"flows\",\"key\":\"subnet\",\"prefix4\":8}");
	assert_int_equal(query_set_find(s, "b")->dimension.prefix4, 8);
	assert_int_equal(query_set_find(s, "b")->op.k, 10);
	s = change(s, query_set_update, "{\"name\":\"b\",\"key\":\"flow\"}");
	assert_int_equal(query_set_find(s, "b")->dimension.prefix4, 0);
	// A built-in query that is only paused follows the parameters, one that is changed does not.
	s = change(s, query_set_update, "{\"name\":\"protocol-topk\",\"paused\":true}");
	s = change(s, query_set_update, "{\"name\":\"protocol-share\",\"metric\":\"flows\"}");
	p.T = 20;
	p.k = 7;
	p.H = 33;
	{
		struct query_set *next = query_set_parameters(s, &p, &errors);

		query_set_put(s);
		s = next;
	}
	assert_int_equal(query_set_find(s, "protocol-topk")->op.k, 7);
	assert_true(query_set_find(s, "protocol-topk")->paused);
	assert_true(query_set_find(s, "protocol-share")->op.percent == 10);
	assert_false(query_set_find(s, "protocol-share")->builtin);
	assert_int_equal(query_set_find(s, "a")->window_us, 1000000);
	for (unsigned int i = 0; i < 2; i++) {
		struct query_set *next = query_set_remove(s, i == 0 ? "b" : "c", &errors);

		query_set_put(s);
		s = next;
		assert_int_equal(s->filters.used != 0, i == 0);  // c still has it
	}
	assert_null(query_set_remove(s, "b", &errors));
	query_set_put(s);
}

static void
a_set_has_its_limit(void **state)
{
	struct query_set *s = set_build(500000, &QUERY_PARAMETERS_DEFAULT, NULL, NULL), *next;
	char text[128];

	(void)state;
	for (unsigned int i = s->count; i < QUERY_SET_MAX; i++) {
		snprintf(text, sizeof(text), "{\"name\":\"q%u\",\"key\":\"ip\"," TOPK "\"window_s\":1}", i);
		s = change(s, query_set_add, text);
		assert_non_null(s);
	}
	next = change(s, query_set_add, "{\"name\":\"x\",\"key\":\"ip\"," TOPK "\"window_s\":1}");
	assert_null(next);
	assert_non_null(strstr(errors.error[0].text, "128 queries"));
	query_set_put(s);
}

static void
word_expect(const char *field, unsigned int index, const char *word)
{
	const struct param *p = param_find(query_fields, field);

	if (param_word_index(p->choices, word) != (int)index)
		fail_msg("%s is not word %u of %s in query_fields", word, index, field);
}

// The table that is shown to people has the words that are taken, in their order.
static void
the_table_has_all_words(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DIMENSION_KINDS; i++)
		word_expect("key", i, dimension_ops_get(i)->name);
	for (unsigned int i = 0; i < QUERY_METRIC_KINDS; i++)
		word_expect("metric", i, query_metric_name(i));
	for (unsigned int i = 0; i < QUERY_SCOPES; i++)
		word_expect("scope", i, query_scope_name(i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_all_words),
		cmocka_unit_test(good_ones_come_back),
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(bad_ones_name_the_field),
		cmocka_unit_test(all_faults_are_told),
		cmocka_unit_test(networks_are_ranges),
		cmocka_unit_test(sets_change),
		cmocka_unit_test(a_set_has_its_limit),
	};
	cJSON *list = cJSON_Parse("[\"10.0.0.0/8\",\"192.168.9.0/24\",\"192.168.0.0/21\",\"192.168.4.0/22\","
		"\"203.0.113.5\",\"2001:db8::/32\"]");
	int rc;

	networks = network_set_create(list, "local_networks", &errors);
	cJSON_Delete(list);
	if (networks == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	network_set_free(networks);
	return rc;
}
