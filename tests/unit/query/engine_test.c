/* SPDX-License-Identifier: BSD-3-Clause */
// What the random test does not: the text of results, the rules of the calls, parameters, the list,
// retention.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "pane_build.h"
#include "query/engine.h"

static const struct query_parameters defaults = {.H = 10, .T = 10, .k = 10, .X = 2};

struct fixture {
	struct protocol_table *protocols;
	struct query_engine *engine;
	struct collect out;
};

static void
fixture_begin(struct fixture *f, uint64_t pane_us)
{
	*f = (struct fixture){.protocols = protocol_table_create(NULL, NULL)};
	assert_non_null(f->protocols);
	f->engine = engine_build(pane_us, f->protocols, &defaults);
	assert_non_null(f->engine);
}

static void
fixture_end(struct fixture *f)
{
	collect_clear(&f->out);
	query_engine_free(f->engine);
	protocol_table_free(f->protocols);
}

static int
advance(struct fixture *f, uint64_t index)
{
	collect_clear(&f->out);
	return query_engine_advance(f->engine, index, collect_emit, &f->out);
}

// One packet of `bytes` bytes between two IPv4 addresses.
static void
fold_one(struct fixture *f, uint64_t index, uint64_t bytes)
{
	struct pane *p = pane_build(index, 1);

	pane_build_add(p, 0, 3, protocol_lookup(f->protocols, 6, 50000, 443), 1, bytes, true);
	assert_int_equal(query_engine_fold(f->engine, p), 0);
	pane_build_free(p);
}

static void
text_of_results(void **state)
{
	struct fixture f;
	struct pane *p;

	(void)state;
	fixture_begin(&f, 500000);
	p = pane_build(3, 4);
	// addresses 0, 3: 10.0.0.254, 10.0.0.255; 1: ::ffff:10.0.0.254, an IPv6 one;
	// 2: 2001:db8::a00:fe
	pane_build_add(p, 3, 0, protocol_lookup(f.protocols, 6, 50000, 443), 3, 300, true);
	pane_build_add(p, 1, 2, protocol_lookup(f.protocols, 17, 50000, 53), 1, 100, false);
	pane_build_add(p, 0, 0, protocol_lookup(f.protocols, 6, 443, 50000), 2, 100, true);
	assert_int_equal(query_engine_fold(f.engine, p), 0);
	assert_int_equal(advance(&f, 3), 0);
	assert_int_equal(f.out.count, QUERY_BUILTINS);
	assert_string_equal(f.out.document[0]->json,
		"{\"type\":\"result\",\"query\":\"protocol-share\",\"seq\":1,\"key\":\"protocol\","
		"\"metric\":\"bytes\",\"op\":{\"type\":\"share\",\"percent\":10},"
		"\"window\":{\"start_us\":-8000000,\"end_us\":2000000},"
		"\"total\":{\"bytes\":500,\"packets\":6,\"flows\":2},\"left_out\":{\"keys\":0,"
		"\"value\":0,\"most\":0},\"keys\":2,\"exact\":true,"
		"\"rows\":[{\"key\":\"HTTPS\",\"value\":400,\"share\":0.8,\"error\":0,\"z\":1},"
		"{\"key\":\"DNS\",\"value\":100,\"share\":0.2,\"error\":0,\"z\":-1}]}");
	assert_string_equal(f.out.document[2]->json,
		"{\"type\":\"result\",\"query\":\"protocol-outlier\",\"seq\":1,\"key\":\"protocol\","
		"\"metric\":\"bytes\",\"op\":{\"type\":\"outlier\",\"x\":2,\"method\":\"sigma\"},"
		"\"window\":{\"start_us\":-8000000,\"end_us\":2000000},"
		"\"total\":{\"bytes\":500,\"packets\":6,\"flows\":2},\"left_out\":{\"keys\":2,"
		"\"value\":500,\"most\":400},\"keys\":2,"
		"\"stats\":{\"mean\":250,\"sigma\":150,\"median\":250,\"mad\":150,\"max_z\":1,"
		"\"can_fire\":false},\"exact\":true,\"rows\":[]}");
	// 500, 300, 100, 100 bytes: mean 250, sigma sqrt(27500); IPv6 after IPv4, then by number
	assert_non_null(strstr(f.out.document[4]->json,
		"\"query\":\"ip-topk\",\"seq\":1,\"key\":\"ip\",\"metric\":\"bytes\","
		"\"op\":{\"type\":\"topk\",\"k\":10},"));
	assert_non_null(strstr(f.out.document[4]->json,
		"\"keys\":4,\"exact\":true,\"rows\":["
		"{\"key\":\"10.0.0.254\",\"value\":500,\"share\":1,"));
	assert_non_null(strstr(f.out.document[4]->json, "{\"key\":\"10.0.0.255\",\"value\":300,"));
	assert_non_null(strstr(f.out.document[4]->json,
		"{\"key\":\"::ffff:10.0.0.254\",\"value\":100,\"share\":0.2,"));
	assert_true(strstr(f.out.document[4]->json, "\"2001:db8::a00:fe\"") >
		strstr(f.out.document[4]->json, "\"::ffff:10.0.0.254\""));
	assert_int_equal(f.out.document[4]->kind, DOCUMENT_RESULT);
	assert_string_equal(f.out.document[4]->name, "ip-topk");
	assert_true(f.out.document[4]->start_us == 0 && f.out.document[4]->end_us == 2000000);
	assert_int_equal(f.out.document[4]->len, strlen(f.out.document[4]->json));
	pane_build_free(p);
	fixture_end(&f);
}

static void
results_start_with_the_first_packet(void **state)
{
	struct fixture f;
	struct pane *p = pane_build(8, 0);

	(void)state;
	fixture_begin(&f, 1000000);
	assert_int_equal(advance(&f, 5), 0);
	assert_int_equal(f.out.count, 0);
	assert_int_equal(advance(&f, 7), 0);  // any index, until a packet has come
	assert_int_equal(query_engine_fold(f.engine, p), 0);
	assert_int_equal(advance(&f, 8), 0);
	assert_int_equal(f.out.count, 0);
	p->index = 9;
	p->packets = 1;  // discarded
	assert_int_equal(query_engine_fold(f.engine, p), 0);
	assert_int_equal(advance(&f, 9), 0);
	assert_int_equal(f.out.count, QUERY_BUILTINS);
	assert_non_null(strstr(f.out.document[0]->json, "\"keys\":0,\"exact\":true,\"rows\":[]}"));
	assert_int_equal(advance(&f, 11), -EINVAL);
	assert_int_equal(f.out.count, 0);
	assert_int_equal(query_engine_fold(f.engine, p), -EINVAL);
	assert_int_equal(advance(&f, 10), 0);
	assert_non_null(strstr(f.out.document[5]->json, "\"seq\":2,"));
	pane_build_free(p);
	fixture_end(&f);
}

static void
far_time_is_refused(void **state)
{
	struct fixture f;
	struct pane *p = pane_build(UINT64_MAX, 0);

	(void)state;
	fixture_begin(&f, 1000000);
	assert_int_equal(query_engine_fold(f.engine, p), -ERANGE);
	assert_int_equal(advance(&f, UINT64_MAX), -ERANGE);
	assert_int_equal(advance(&f, INT64_MAX / 1000000), -ERANGE);
	fold_one(&f, INT64_MAX / 1000000 - 1, 60);
	assert_int_equal(advance(&f, INT64_MAX / 1000000 - 1), 0);
	assert_int_equal(f.out.count, QUERY_BUILTINS);
	assert_non_null(strstr(f.out.document[0]->json, "\"end_us\":9223372036854000000}"));
	pane_build_free(p);
	fixture_end(&f);
}

static void
skipping(void **state)
{
	struct fixture f;

	(void)state;
	fixture_begin(&f, 1000000);
	assert_true(query_engine_windows_empty(f.engine));
	fold_one(&f, 100, 60);
	assert_false(query_engine_windows_empty(f.engine));
	assert_int_equal(query_engine_skip(f.engine, 200), -EBUSY);
	assert_int_equal(advance(&f, 100), 0);
	assert_false(query_engine_windows_empty(f.engine));
	assert_int_equal(query_engine_skip(f.engine, 100), -EINVAL);
	assert_int_equal(query_engine_skip(f.engine, 109), 0);  // as if 101 ... 108 were empty
	assert_false(query_engine_windows_empty(f.engine));
	assert_int_equal(advance(&f, 109), 0);
	assert_non_null(strstr(f.out.document[0]->json, "\"seq\":2,"));
	assert_non_null(strstr(f.out.document[0]->json, "\"keys\":1,"));
	assert_int_equal(query_engine_skip(f.engine, UINT64_C(1) << 40), 0);
	assert_true(query_engine_windows_empty(f.engine));
	fold_one(&f, UINT64_C(1) << 40, 60);
	assert_int_equal(advance(&f, UINT64_C(1) << 40), 0);
	assert_non_null(strstr(f.out.document[0]->json, "\"total\":{\"bytes\":60,\"packets\":1,"));
	assert_non_null(strstr(f.out.document[0]->json, "\"exact\":true"));
	fixture_end(&f);
}

// Bytes of the window and whether it is exact, after slice `index` got one packet.
static void
window_expect(struct fixture *f, uint64_t index, const char *bytes, const char *exact)
{
	fold_one(f, index, 100);
	assert_int_equal(advance(f, index), 0);
	for (unsigned int i = 0; i < f->out.count; i++) {
		assert_non_null(strstr(f->out.document[i]->json, bytes));
		assert_non_null(strstr(f->out.document[i]->json, exact));
	}
}

static void
a_larger_window_uses_what_is_retained(void **state)
{
	struct query_parameters p = defaults;
	struct query_engine_stats s;
	struct fixture f;
	uint64_t i;

	(void)state;
	fixture_begin(&f, 1000000);
	for (i = 0; i < 50; i++) {
		fold_one(&f, i, 100);
		assert_int_equal(advance(&f, i), 0);
	}
	query_engine_stats_get(f.engine, &s);
	assert_int_equal(s.slices, 50);
	assert_int_equal(engine_dimension(f.engine, DIMENSION_IP).keys, 2);
	assert_int_equal(engine_dimension(f.engine, DIMENSION_PROTOCOL).window_keys, 1);
	assert_true(s.bytes > 0);
	p.T = 40;
	assert_int_equal(engine_set_parameters(f.engine, 1000000, &p), 0);
	window_expect(&f, i++, "\"bytes\":4000,", "\"exact\":true");
	p.T = 3600;
	assert_int_equal(engine_set_parameters(f.engine, 1000000, &p), 0);
	window_expect(&f, i++, "\"bytes\":5200,", "\"exact\":true");
	p.T = 5;
	assert_int_equal(engine_set_parameters(f.engine, 1000000, &p), 0);
	query_engine_set_retention(f.engine, 0);
	window_expect(&f, i++, "\"bytes\":500,", "\"exact\":true");
	query_engine_stats_get(f.engine, &s);
	assert_int_equal(s.slices, 5);
	p.T = 8;
	assert_int_equal(engine_set_parameters(f.engine, 1000000, &p), 0);
	window_expect(&f, i++, "\"bytes\":600,", "\"exact\":false");
	window_expect(&f, i++, "\"bytes\":700,", "\"exact\":false");
	window_expect(&f, i++, "\"bytes\":800,", "\"exact\":true");
	fixture_end(&f);
}

// Slices older than an hour leave, keys with them, whatever the memory.
static void
an_hour_is_retained(void **state)
{
	struct query_engine_stats s;
	struct fixture f;

	(void)state;
	fixture_begin(&f, 10000000);  // 360 panes an hour
	for (uint64_t i = 0; i < 400; i++) {
		struct pane *p = pane_build(i, 1);

		pane_build_add(p, (uint32_t)i * 6, (uint32_t)i * 6 + 3, 6, 1, 60, true);
		assert_int_equal(query_engine_fold(f.engine, p), 0);
		assert_int_equal(advance(&f, i), 0);
		pane_build_free(p);
	}
	query_engine_stats_get(f.engine, &s);
	assert_int_equal(s.slices, 360);
	assert_int_equal(engine_dimension(f.engine, DIMENSION_IP).keys, 720);
	assert_int_equal(engine_dimension(f.engine, DIMENSION_IP).window_keys, 2);
	assert_int_equal(query_engine_skip(f.engine, 1000), 0);
	query_engine_stats_get(f.engine, &s);
	assert_int_equal(s.slices, 0);
	assert_int_equal(engine_dimension(f.engine, DIMENSION_IP).keys, 0);
	fixture_end(&f);
}

static void
parameters_are_checked(void **state)
{
	const struct {
		struct query_parameters p;
		const char *field;
	} bad[] = {
		{{0, 10, 10, 2}, "H"}, {{100.5, 10, 10, 2}, "H"}, {{-1, 10, 10, 2}, "H"},
		{{NAN, 10, 10, 2}, "H"}, {{10, 0, 10, 2}, "T"}, {{10, 3601, 10, 2}, "T"},
		{{10, 10, 0, 2}, "k"}, {{10, 10, 1001, 2}, "k"}, {{10, 10, 10, 0}, "X"},
		{{10, 10, 10, 1000.5}, "X"}, {{10, 10, 10, NAN}, "X"},
		{{10, 10, 10, INFINITY}, "X"},
	};
	const struct query_parameters edges[] = {{100, 3600, 1000, 1000}, {1e-9, 1, 1, 1e-9}};
	struct protocol_table *t = protocol_table_create(NULL, NULL);
	struct fixture f;
	struct error err;

	(void)state;
	fixture_begin(&f, 1000000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(query_parameters_check(&bad[i].p, &err), -EINVAL);
		assert_string_equal(err.field, bad[i].field);
		assert_int_equal(strncmp(err.text, bad[i].field, 1), 0);
		assert_int_equal(query_parameters_check_pane(&bad[i].p, 1000000, &err), -EINVAL);
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(engine_set_parameters(f.engine, 1000000, &edges[i]), 0);
	assert_null(query_engine_create(99999, t, &err));
	assert_int_equal(errno, EINVAL);
	assert_string_equal(err.field, "pane_ms");
	// 10 s are not whole panes of 3 s
	assert_int_equal(query_parameters_check_pane(&defaults, 3000000, &err), -EINVAL);
	assert_string_equal(err.field, "T");
	fixture_end(&f);
	protocol_table_free(t);
}

static void
the_list(void **state)
{
	struct query_set *set = set_build(100000, &defaults, NULL, NULL);
	cJSON *list = query_set_list(set);
	char *text = cJSON_PrintUnformatted(list);

	(void)state;
	assert_int_equal(cJSON_GetArraySize(list), QUERY_BUILTINS);
	assert_string_equal(query_builtin_name(0), "protocol-share");
	assert_string_equal(query_builtin_name(5), "ip-outlier");
	assert_non_null(strstr(text, "{\"name\":\"ip-share\",\"key\":\"ip\",\"metric\":\"bytes\","
		"\"op\":{\"type\":\"share\",\"percent\":10},\"window_s\":10,\"slide_s\":0.1,"
		"\"scope\":\"all\",\"builtin\":true}"));
	query_set_put(set);
	cJSON_free(text);
	cJSON_Delete(list);
}

// Two ids of one name are one key, also where a configuration makes them so.
static void
protocols_are_names(void **state)
{
	cJSON *config = cJSON_Parse("{\"TCP\": [\"tcp/80\"], \"WEB\": [\"tcp/81\"]}");
	struct protocol_table *t = protocol_table_create(config, NULL);
	struct query_engine *e = engine_build(1000000, t, &defaults);
	struct pane *p = pane_build(1, 3);
	struct collect out = {0};

	(void)state;
	pane_build_add(p, 0, 3, protocol_lookup(t, 6, 50000, 80), 1, 100, true);
	pane_build_add(p, 0, 3, protocol_lookup(t, 6, 50000, 50001), 1, 100, true);
	pane_build_add(p, 0, 3, protocol_lookup(t, 6, 50000, 81), 1, 100, true);
	assert_int_not_equal(p->deltas[0].app, p->deltas[1].app);
	assert_int_equal(query_engine_fold(e, p), 0);
	assert_int_equal(query_engine_advance(e, 1, collect_emit, &out), 0);
	assert_non_null(strstr(out.document[1]->json, "\"keys\":2,"));
	assert_non_null(strstr(out.document[1]->json, "{\"key\":\"TCP\",\"value\":200,"));
	collect_clear(&out);
	pane_build_free(p);
	query_engine_free(e);
	protocol_table_free(t);
	cJSON_Delete(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_results),
		cmocka_unit_test(results_start_with_the_first_packet),
		cmocka_unit_test(far_time_is_refused),
		cmocka_unit_test(skipping),
		cmocka_unit_test(a_larger_window_uses_what_is_retained),
		cmocka_unit_test(an_hour_is_retained),
		cmocka_unit_test(parameters_are_checked),
		cmocka_unit_test(the_list),
		cmocka_unit_test(protocols_are_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
