/* SPDX-License-Identifier: BSD-3-Clause */
// Alerts of the limits table: without traffic, with detail lost, of a limit that begins late, in a gap.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "limit_build.h"
#include "protocols_fixture.h"

// A link that never had a packet.
static void
minimum_without_any_traffic(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = limit_table_build(QUIET);
	struct collect out = {.count = 0};

	(void)state;
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	for (uint64_t i = T0; i < T0 + 2; i++)
		assert_int_equal(query_engine_pass_idle(e, i, collect_emit, &out), 0);
	assert_int_equal(out.count, 0);
	assert_int_equal(query_engine_pass_idle(e, T0 + 2, collect_emit, &out), 0);
	assert_int_equal(out.count, 1);
	assert_string_equal(out.document[0]->json, "{\"type\":\"alert\",\"query\":\"limits\","
		"\"limit_name\":\"quiet\",\"key\":\"any > 192.0.2.0/24\",\"value\":0,\"limit\":1,"
		"\"state\":\"raised\",\"at_us\":1795651203000000,\"exact\":true}");
	collect_clear(&out);
	query_engine_free(e);
	limit_table_put(t);
}

static void
lost_detail_is_not_exact(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = limit_table_build(QUIET);
	struct collect out = {.count = 0};

	(void)state;
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	for (uint64_t i = T0; i < T0 + 3; i++) {
		struct pane *p = pane_build(i, 1);

		pane_build_add(p, 0, 3, 0, 3, 100, true);
		if (i == T0)
			pane_build_lose(p);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, i, collect_emit, &out), 0);
		pane_build_free(p);
	}
	alerts_only(&out);
	assert_int_equal(out.count, 1);
	assert_non_null(strstr(out.document[0]->json, "\"exact\":false"));
	collect_clear(&out);
	query_engine_free(e);
	limit_table_put(t);
}

#define BUSY(effective) "[{\"limit_name\":\"busy\",\"source\":\"0.0.0.0/0\",\"max_bytes\":10," \
	"\"window_s\":3,\"effective_date\":\"" effective "\"}]"

// A limit that begins while traffic goes on does not know what was before: the alert of its first slice
// says so, one of a whole window does not.
static void
begins_inexact(const char *early, const char *late)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = limit_table_build(early);
	struct collect out = {.count = 0};
	// Above the limit in its first slice, then not, then again when a window has passed.
	static const uint64_t bytes[] = {0, 100, 100, 0, 0, 0, 100};

	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	for (uint64_t i = 0; i < RTE_DIM(bytes); i++) {
		struct pane *p = pane_build(T0 + i, 1);

		if (i == 2 && late != NULL) {
			limit_table_put(t);
			t = limit_table_build(late);
			assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
		}
		pane_build_add(p, 0, 3, 0, 1, bytes[i], true);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(p);
	}
	alerts_only(&out);
	assert_int_equal(out.count, 3);
	assert_non_null(strstr(out.document[0]->json, "\"state\":\"raised\""));
	assert_non_null(strstr(out.document[0]->json, "\"exact\":false"));
	assert_non_null(strstr(out.document[1]->json, "\"state\":\"cleared\""));
	assert_non_null(strstr(out.document[1]->json, "\"exact\":true"));
	assert_non_null(strstr(out.document[2]->json, "\"exact\":true"));
	collect_clear(&out);
	query_engine_free(e);
	limit_table_put(t);
}

static void
limit_added_later_is_not_exact(void **state)
{
	(void)state;
	begins_inexact("[]", BUSY("2026-01-01"));
	begins_inexact(QUIET, BUSY("2026-01-01"));
	begins_inexact(BUSY("2026-11-26T00:00:02Z"), NULL);  // its date comes
}

// Windows are not empty before an alert that is to come has come, so a gap is crossed that far.
static void
gap_ends_with_the_last_alert(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &(struct query_parameters){10, 1, 10, 2});
	struct limit_table *t = limit_table_build("[{\"limit_name\":\"a\",\"source\":\"10.0.0.0/8\","
		"\"max_bytes\":1,\"window_s\":4,\"clear_after\":3}]");
	struct pane *p = pane_build(T0, 1);
	struct collect out = {.count = 0};
	unsigned int slices = 0;

	(void)state;
	pane_build_add(p, 0, 3, 0, 3, 100, true);
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	assert_int_equal(query_engine_fold(e, p), 0);
	for (; !query_engine_windows_empty(e); slices++)
		assert_int_equal(query_engine_advance(e, T0 + slices, collect_emit, &out), 0);
	assert_int_equal(slices, 7);  // 4 outside, 3 inside
	alerts_only(&out);
	assert_int_equal(out.count, 2);
	assert_non_null(strstr(out.document[1]->json, "\"state\":\"cleared\",\"at_us\":1795651207000000"));
	collect_clear(&out);
	pane_build_free(p);
	query_engine_free(e);
	limit_table_put(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minimum_without_any_traffic),
		cmocka_unit_test(lost_detail_is_not_exact),
		cmocka_unit_test(limit_added_later_is_not_exact),
		cmocka_unit_test(gap_ends_with_the_last_alert),
	};

	return cmocka_run_group_tests(tests, protocols_setup, protocols_teardown);
}
