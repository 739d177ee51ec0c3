/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include "plan.h"
#include "sent_log.h"

// Notes n packets of flows first, first + 1, ... in one burst, of which the first `from` are not its.
static void
packets_put(struct sent_log *l, uint32_t first, uint16_t from, uint16_t n, uint32_t segment)
{
	struct burst b = {.n = from + n, .sent = from + n};

	for (uint16_t i = 0; i < n; i++) {
		b.flows[from + i] = first + i;
		b.bytes[from + i] = (uint16_t)(100 + i);
		b.words[from + i] = first * UINT64_C(1000) + i;
	}
	sent_log_put(l, &b, from, segment);
}

static void
packets_come_in_order(void **state)
{
	struct sent_log *l = sent_log_create(100);
	struct burst b = {0};
	uint32_t segment = 9;

	(void)state;
	assert_non_null(l);
	assert_int_equal(sent_log_take(l, 5, &b, &segment), 0);
	assert_int_equal(segment, 9);
	packets_put(l, 10, 2, 3, 0);
	packets_put(l, 70, 0, 2, 1);
	assert_int_equal(sent_log_count(l), 5);
	assert_int_equal(sent_log_take(l, 2, &b, &segment), 2);
	assert_int_equal(segment, 0);
	assert_int_equal(b.flows[1], 11);
	assert_int_equal(b.bytes[1], 101);
	assert_int_equal(b.words[1], 10001);
	assert_int_equal(b.sent, 2);
	assert_int_equal(sent_log_take(l, UINT64_MAX, &b, &segment), 3);
	assert_int_equal(segment, 1);
	assert_int_equal(b.flows[0], 12);
	assert_int_equal(b.flows[2], 71);
	assert_int_not_equal(sent_log_begun(l, 0), 0);
	assert_true(sent_log_begun(l, 1) >= sent_log_begun(l, 0));
	assert_int_equal(sent_log_begun(l, 2), 0);
	assert_int_equal(sent_log_lost(l), 0);
	sent_log_free(l);
}

static void
what_finds_no_room_is_counted(void **state)
{
	struct sent_log *l = sent_log_create(100);  // 127 slots

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		packets_put(l, i, 0, 64, 0);
	assert_int_equal(sent_log_count(l), 127);
	assert_int_equal(sent_log_lost(l), 3 * 64 - 127);
	sent_log_free(l);
}

// Of a generator: what the port takes and nothing else, until the profile is replaced.
static void
generator_notes_what_is_sent(void **state)
{
	const char *text = "{\"flows\": 50, \"packets\": 500, \"rate_pps\": 1000,"
		" \"addresses\": {\"net4\": \"10.0.0.0/24\", \"count\": 20},"
		" \"protocols\": [\"HTTPS\", \"DNS\"]}";
	struct sink sink = {.most = 20};
	struct generator *g = generator_of(text, &sink, true);
	struct sent_log *l = sent_log_create(1000);
	cJSON *profile = generator_profile(g);
	struct generator_stats stats;

	(void)state;
	assert_int_equal(generator_replace(g, profile, l, NULL), 0);
	generator_start(g);
	while (!generator_done(g))
		generator_poll(g, 0);
	generator_stats_get(g, &stats);
	assert_int_equal(stats.sent, sink.packets);
	assert_true(stats.dropped > 0);
	assert_int_equal(sent_log_count(l), stats.sent);
	assert_int_equal(generator_replace(g, profile, NULL, NULL), 0);
	generator_poll(g, 0);
	assert_int_equal(sent_log_count(l), stats.sent);
	generator_free(g);
	sent_log_free(l);
	cJSON_Delete(profile);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_in_order),
		cmocka_unit_test(what_finds_no_room_is_counted),
		cmocka_unit_test(generator_notes_what_is_sent),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
