/* SPDX-License-Identifier: BSD-3-Clause */
// Push without a server: nothing waits for it, the outbox keeps what it may keep, and no password
// shows anywhere. Delivery to a real server is tests/e2e/test_mongodb.py.
#include "store_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define SECRET "hunter2-secret"

// A loopback port: one that answers nothing where listening, else one that refuses.
static int
port_open(bool listening, uint16_t *ret_port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	if (listening)
		assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static int
push_to(struct fixture *f, bool listening, char *uri, size_t size)
{
	uint16_t port;
	int fd = port_open(listening, &port);

	snprintf(uri, size, "mongodb://weir:" SECRET "@127.0.0.1:%u/w?authSource=admin", port);
	f->params.push_uri = uri;
	return fd;
}

static bool
push_failed(const struct store_stats *st, uint64_t arg)
{
	return st->push_failures >= arg;
}

static bool
outbox_is(const struct store_stats *st, uint64_t arg)
{
	return st->outbox == arg;
}

static void
documents_wait_for_a_dead_server(void **state)
{
	struct fixture *f = *state;
	struct store_stats st;
	struct store *s;
	char uri[160];
	int fd = push_to(f, false, uri, sizeof(uri));
	uint64_t i, seqs[1], began_us;

	s = fixture_open(f);
	for (i = 1; i <= 20; i++)
		result_put(s, "q", i);
	result_put(s, "q", 20);  // a repeat is not delivered again either
	stats_wait(s, stored_reached, 21);
	stats_wait(s, push_failed, 3);
	store_stats_get(s, &st);
	assert_int_equal(st.outbox, 20);
	assert_int_equal(st.pushed, 0);
	assert_false(st.push_connected);
	assert_string_equal(st.state, "ok");
	assert_null(strstr(st.push_state, SECRET));
	assert_non_null(strstr(st.push_state, "next attempt"));
	assert_int_equal(list_seqs(s, "q", 10, seqs, 1), 10);
	began_us = clock_monotonic_us();
	store_close(s, 10000);
	assert_true(clock_monotonic_us() - began_us < 3 * CLOCK_US_PER_S);

	// They are still there after a restart.
	s = fixture_open(f);
	stats_wait(s, outbox_is, 20);
	store_close(s, 0);
	close(fd);
}

// A server that accepts and says nothing holds the push thread inside the network for seconds.
static void
silent_server_delays_nobody(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	char uri[160];
	int fd = push_to(f, true, uri, sizeof(uri));
	uint64_t seqs[1], began_us;

	s = fixture_open(f);
	usleep(200000);
	began_us = clock_monotonic_us();
	result_put(s, "q", 1);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 1), 1);
	assert_true(clock_monotonic_us() - began_us < CLOCK_US_PER_S);
	began_us = clock_monotonic_us();
	store_close(s, 300);
	assert_true(clock_monotonic_us() - began_us < 2 * CLOCK_US_PER_S);
	close(fd);
}

static bool
outbox_within(const struct store_stats *st, uint64_t arg)
{
	return st->outbox <= arg && st->outbox > 0;
}

static void
full_outbox_forces_out_the_oldest_and_counts(void **state)
{
	struct fixture *f = *state;
	struct store_stats st;
	struct store *s;
	char uri[160];
	int fd = push_to(f, false, uri, sizeof(uri));
	uint64_t i;

	f->bounds.outbox_rows = 50;
	s = fixture_open(f);
	for (i = 1; i <= 10; i++)
		result_put(s, "q", i);
	stats_wait(s, stored_reached, 10);
	usleep(300000);  // these ten are with the push thread now and stay
	for (; i <= 210; i++)
		result_put(s, "q", i);
	stats_wait(s, stored_reached, 210);
	stats_wait(s, outbox_within, 50);
	store_stats_get(s, &st);
	assert_int_equal(st.outbox, 50);
	assert_int_equal(st.outbox_lost, 160);
	store_close(s, 0);
	close(fd);
}

static void
total_put(struct store *s, unsigned int host, uint64_t day, uint64_t bytes)
{
	struct document *d;
	char name[32], json[64];

	snprintf(name, sizeof(name), "10.0.%u.%u", host / 256, host % 256);
	snprintf(json, sizeof(json), "{\"inBytes\":%lu}", (unsigned long)bytes);
	d = document_create(DOCUMENT_DAILY, name, day, day + 1, json, strlen(json));
	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}

// While nobody takes them, a host's totals are one document however often they are written, and all of
// them together a quarter of the outbox at most: no result is lost to them.
static void
totals_do_not_push_results_out(void **state)
{
	struct fixture *f = *state;
	struct store_stats st;
	unsigned int host, version;
	struct store *s;
	char uri[160];
	int fd = push_to(f, false, uri, sizeof(uri));
	uint64_t i;

	f->bounds.outbox_rows = 100;
	s = fixture_open(f);
	for (i = 1; i <= 10; i++)
		result_put(s, "q", i);
	stats_wait(s, stored_reached, 10);
	usleep(300000);  // these ten are with the push thread now
	for (; i <= 70; i++)
		result_put(s, "q", i);
	for (version = 1; version <= 5; version++)
		for (host = 0; host < 20; host++)
			total_put(s, host, 1, version * 1000);
	stats_wait(s, stored_reached, 70 + 100);
	store_stats_get(s, &st);
	assert_int_equal(st.outbox, 70 + 20);
	assert_int_equal(st.outbox_lost, 0);
	for (host = 0; host < 200; host++)
		total_put(s, host, 2, 5);
	stats_wait(s, stored_reached, 70 + 100 + 200);
	store_stats_get(s, &st);
	assert_int_equal(st.outbox, 70 + 25);
	assert_int_equal(st.outbox_lost, 220 - 25);
	store_close(s, 0);
	s = fixture_open(f);  // counted anew from the file
	for (host = 0; host < 50; host++)
		total_put(s, host, 3, 5);
	stats_wait(s, stored_reached, 50);
	store_stats_get(s, &st);
	assert_in_range(st.outbox, 70 + 25, 70 + 25 + 1);  // one beside those on their way
	store_close(s, 0);
	close(fd);
}

static void
none_with_push_waits_in_memory(void **state)
{
	struct fixture *f = *state;
	struct store_query q = {.to_us = UINT64_MAX, .limit = 1};
	struct store *s;
	char uri[160];
	int fd = push_to(f, false, uri, sizeof(uri));

	f->params.uri = "none";
	s = fixture_open(f);
	result_put(s, "q", 1);
	result_put(s, "q", 2);
	stats_wait(s, outbox_is, 2);
	assert_int_equal(list_wait(s, &q, NULL), -ENOTSUP);
	store_close(s, 0);
	assert_int_not_equal(access(f->path, F_OK), 0);
	close(fd);
}

static void
bad_uris_are_refused_without_the_password(void **state)
{
	static const char *const bad[] = {
		"", "http://x", "mongodb://", "mongodb://weir:" SECRET "@", "mongodb:///x y",
		"mongodb://weir:" SECRET "/@host/db", "mongodb://weir:" SECRET "@@host:99999/db",
		"mongodb://h:0/db", "mongodb://weir:%zz" SECRET "@host/db",
		"mongodb://host/?tlsCertificateKeyFilePassword=" SECRET "&tls=maybe&tls",
	};
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < RTE_DIM(bad); i++) {
		struct error err = {0};

		f->params.push_uri = bad[i];
		if (store_params_check(&f->params, &err) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_string_equal(err.field, "--push");
		assert_non_null(strstr(err.text, "--push"));
		assert_null(strstr(err.text, SECRET));
		assert_null(store_open(&f->params, &err));
		assert_null(strstr(err.text, SECRET));
	}
	assert_int_not_equal(access(f->path, F_OK), 0);
}

static void
good_uris_are_taken(void **state)
{
	static const char *const good[] = {
		"mongodb://host", "mongodb://a:1,b:2/db?replicaSet=x", "mongodb://[::1]:27017/",
		"mongodb://u:p%40@host/db?tls=true", "mongodb+srv://cluster.example.org/db",
	};
	struct fixture *f = *state;
	struct error err = {0};
	unsigned int i;

	for (i = 0; i < RTE_DIM(good); i++) {
		f->params.push_uri = good[i];
		if (store_params_check(&f->params, &err) != 0)
			fail_msg("%s: %s", good[i], err.text);
	}
}

int
main(void)
{
#define PUSH_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		PUSH_TEST(documents_wait_for_a_dead_server),
		PUSH_TEST(silent_server_delays_nobody),
		PUSH_TEST(full_outbox_forces_out_the_oldest_and_counts),
		PUSH_TEST(totals_do_not_push_results_out),
		PUSH_TEST(none_with_push_waits_in_memory),
		PUSH_TEST(bad_uris_are_refused_without_the_password),
		PUSH_TEST(good_uris_are_taken),
	};

	return cmocka_run_group_tests_name("store push", tests, NULL, NULL);
}
