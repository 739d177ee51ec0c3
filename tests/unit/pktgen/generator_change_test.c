/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Changes of a generator while it runs.

#define PROFILE "{\"addresses\": [\"192.0.2.1\", \"192.0.2.2\"], \"protocols\": [\"QUIC\"," \
	" \"DNS\"], \"flows\": 1000, \"rate_pps\": 100000, \"size\": {\"type\": \"fixed\"," \
	" \"bytes\": 100}, \"packets\": 10000}"

static int
change(struct generator *g, const char *text, struct error *err)
{
	cJSON *json = json_of(text);
	int rc = generator_set(g, json, err);

	cJSON_Delete(json);
	return rc;
}

static void
rate_alone_keeps_the_position(void **state)
{
	struct sink plain = {0}, changed = {0};
	struct generator *g = generator_of(PROFILE, &plain, true);

	(void)state;
	generator_start(g);
	generator_poll_until(g, &plain, UINT64_MAX);
	generator_free(g);
	g = generator_of(PROFILE, &changed, true);
	generator_start(g);
	generator_poll_until(g, &changed, 3000);
	assert_int_equal(change(g, "{\"rate_pps\": 777}", NULL), 0);
	generator_poll_until(g, &changed, 6000);
	assert_int_equal(change(g, "{\"rate_pps\": 0}", NULL), 0);
	generator_poll_until(g, &changed, UINT64_MAX);
	assert_int_equal(changed.packets, 10000);
	assert_int_equal(changed.hash, plain.hash);
	generator_free(g);
}

static void
a_wrong_change_changes_nothing(void **state)
{
	static const struct {
		const char *change;
		const char *field;
	} wrong[] = {
		{"{\"flows\": 5, \"seed\": -1}", "seed"},
		{"{\"address_weights\": [1, 2, 3]}", "address_weights"},
		{"{\"size\": {\"type\": \"fixed\", \"bytes\": 9001}}", "size.bytes"},
		{"{\"speed\": 5}", "speed"},
		{"[]", ""},
	};
	struct sink s = {0};
	struct generator *g = generator_of(PROFILE, &s, true);
	cJSON *before = generator_profile(g), *after;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct error err = {0};

		assert_true(change(g, wrong[i].change, &err) < 0);
		assert_string_equal(err.field, wrong[i].field);
		after = generator_profile(g);
		assert_true(cJSON_Compare(before, after, true));
		cJSON_Delete(after);
	}
	cJSON_Delete(before);
	generator_free(g);
}

static void
null_in_a_change_is_the_default(void **state)
{
	struct sink s = {0};
	struct generator *g = generator_of(PROFILE, &s, true);
	cJSON *profile;

	(void)state;
	assert_int_equal(change(g, "{\"packets\": null, \"flows\": null}", NULL), 0);
	profile = generator_profile(g);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(profile, "packets")));
	assert_int_equal(cJSON_GetObjectItem(profile, "flows")->valueint, 10000);
	cJSON_Delete(profile);
	generator_free(g);
}

static void
sizes_beyond_the_packet_buffers_are_refused(void **state)
{
	struct rte_mempool *small = rte_pktmbuf_pool_create("small", 31, 0, 0,
		RTE_PKTMBUF_HEADROOM + 1000, SOCKET_ID_ANY);
	struct sink s = {0};
	struct generator_params params = {.pool = small, .send = sink_send, .send_arg = &s,
		.protocols = support_names()};
	cJSON *json = json_of("{\"addresses\": [\"192.0.2.1\"], \"protocols\": [\"DNS\"],"
		" \"size\": {\"type\": \"fixed\", \"bytes\": 1001}}");
	struct error err = {0};

	(void)state;
	assert_null(generator_create(&params, json, &err));
	assert_string_equal(err.field, "size");
	cJSON_Delete(json);
	json = json_of("{\"addresses\": [\"192.0.2.1\"], \"protocols\": [\"DNS\"],"
		" \"size\": {\"type\": \"fixed\", \"bytes\": 1000}, \"answer_key\": \"k\"}");
	assert_null(generator_create(&params, json, &err));
	assert_string_equal(err.field, "answer_key");
	cJSON_Delete(json);
	rte_mempool_free(small);
}

static void
it_starts_stops_and_starts_anew(void **state)
{
	struct sink s = {0};
	struct generator *g = generator_of(PROFILE, &s, true);
	struct generator_stats stats;
	uint64_t hash;

	(void)state;
	assert_int_equal(generator_poll(g, 0), 1000);
	assert_int_equal(s.packets, 0);
	generator_start(g);
	generator_poll_until(g, &s, 500);
	generator_stop(g);
	assert_int_equal(generator_poll(g, 0), 1000);
	generator_stats_get(g, &stats);
	assert_false(stats.running);
	assert_int_equal(stats.sent, s.packets);
	generator_start(g);
	generator_poll_until(g, &s, UINT64_MAX);
	assert_int_equal(s.packets, 10000);
	generator_stats_get(g, &stats);
	assert_false(stats.running);
	assert_int_equal(stats.bytes, 1000000);
	hash = s.hash;
	s.hash = 0;
	generator_start(g);
	assert_false(generator_done(g));
	generator_poll_until(g, &s, UINT64_MAX);
	assert_int_equal(s.packets, 20000);
	assert_int_equal(s.hash, hash);
	generator_free(g);
}

// Who sleeps until there is more to do sees changes in time, however far apart packets are.
static void
it_never_waits_long(void **state)
{
	struct sink sink = {0};
	struct generator *g = generator_of(PROFILE, &sink, false);

	(void)state;
	assert_int_equal(change(g, "{\"rate_pps\": 1}", NULL), 0);
	generator_start(g);
	for (unsigned int i = 0; i < 5; i++)
		assert_in_range(generator_poll(g, 0), 0, 10000);
	assert_true(sink.packets >= 1);
	generator_free(g);
}

struct poller {
	struct generator *g;
	bool quit;
};

static void *
poller_main(void *arg)
{
	struct poller *p = arg;

	while (!__atomic_load_n(&p->quit, __ATOMIC_ACQUIRE)) {
		uint32_t us = generator_poll(p->g, 0);

		if (us > 0)
			usleep(us);
	}
	return NULL;
}

// Each frame is whole and of one of the plans: length and addresses as the profiles say.
static void
frame_of_some_plan(struct sink *s, const uint8_t *f, uint32_t bytes)
{
	(void)s;
	assert_true(bytes >= 100 && bytes < 150);
	assert_true((f[26] == 192 && f[28] == 2) || (f[30] == 192 && f[32] == 2));
}

static void
plans_change_under_a_polling_thread(void **state)
{
	struct sink s = {.each = frame_of_some_plan};
	struct poller p = {.g = generator_of(PROFILE, &s, false)};
	struct generator_stats stats;
	uint64_t sent = 0;
	pthread_t thread;
	char text[200];

	(void)state;
	assert_int_equal(change(p.g, "{\"packets\": null}", NULL), 0);
	generator_start(p.g);
	assert_int_equal(pthread_create(&thread, NULL, poller_main, &p), 0);
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "{\"flows\": %u, \"rate_pps\": %u, \"size\":"
			" {\"type\": \"fixed\", \"bytes\": %u}}", 50 + i * 13,
			i % 3 == 0 ? 0 : 200000, 100 + i % 50);
		assert_int_equal(change(p.g, text, NULL), 0);
		if (i % 40 == 39)
			generator_stop(p.g);
		if (i % 40 == 1)
			generator_start(p.g);
		usleep(500);
	}
	generator_start(p.g);
	generator_stats_get(p.g, &stats);
	// Still sending after all that.
	for (unsigned int i = 0; i < 5000 && sent <= stats.sent; i++) {
		struct generator_stats now;

		usleep(1000);
		generator_stats_get(p.g, &now);
		sent = now.sent;
	}
	assert_true(sent > stats.sent);
	__atomic_store_n(&p.quit, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	// And with nobody polling any more a change does not wait.
	assert_int_equal(change(p.g, "{\"flows\": 77}", NULL), 0);
	generator_free(p.g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_alone_keeps_the_position),
		cmocka_unit_test(a_wrong_change_changes_nothing),
		cmocka_unit_test(null_in_a_change_is_the_default),
		cmocka_unit_test(sizes_beyond_the_packet_buffers_are_refused),
		cmocka_unit_test(it_starts_stops_and_starts_anew),
		cmocka_unit_test(it_never_waits_long),
		cmocka_unit_test(plans_change_under_a_polling_thread),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
