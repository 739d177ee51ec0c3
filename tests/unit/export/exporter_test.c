/* SPDX-License-Identifier: BSD-3-Clause */
// Exporters against real sockets on loopback, on a clock that the test moves.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "decode.h"
#include "export/ipfix_exporter.h"

#define S UINT64_C(1000000)

struct bench {
	struct ipfix_target target;
	struct ipfix_exporter *x;
	struct collector c;
	struct sockaddr_in address;
	int listener;             // TCP: listens; UDP: the socket itself
	int stream;               // TCP: the connection, -1 if there is none
	uint8_t bytes[1 << 16];   // of the stream, not taken yet
	size_t have;
	uint64_t now_us;
};

static void
collector_open(struct bench *b, bool tcp)
{
	int one = 1;

	b->listener = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	assert_true(b->listener >= 0);
	setsockopt(b->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(b->listener, (struct sockaddr *)&b->address, sizeof(b->address)), 0);
	if (tcp)
		assert_int_equal(listen(b->listener, 4), 0);
}

static void
bench_begin(struct bench *b, bool tcp, const struct ipfix_params *params)
{
	socklen_t size = sizeof(b->address);
	char text[64];

	memset(b, 0, sizeof(*b));
	b->stream = -1;
	b->now_us = 100 * S;
	b->address.sin_family = AF_INET;
	b->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	collector_open(b, tcp);
	getsockname(b->listener, (struct sockaddr *)&b->address, &size);
	snprintf(text, sizeof(text), "%s:127.0.0.1:%u", tcp ? "tcp" : "udp",
		ntohs(b->address.sin_port));
	assert_int_equal(ipfix_targets_parse(text, &b->target, NULL), 1);
	assert_int_equal(ipfix_target_resolve(&b->target, NULL), 0);
	b->x = ipfix_exporter_create(&b->target, params);
	assert_non_null(b->x);
	collector_begin(&b->c);
}

static void
bench_end(struct bench *b)
{
	ipfix_exporter_free(b->x);
	ipfix_target_release(&b->target);
	collector_end(&b->c);
	close(b->listener);
	if (b->stream >= 0)
		close(b->stream);
}

static const struct ipfix_params params = {
	.domain = 9,
	.template_us = 60 * S,
	.template_messages = 1000,
	.message_bytes = 1400,
};

static void
add(struct bench *b, unsigned int n)
{
	struct flow f;

	flow_make(&f, n, n % 5 == 0, n % 2 == 0);
	assert_int_equal(ipfix_exporter_add(b->x, &f, b->now_us), 0);
}

static void
step(struct bench *b, uint64_t us)
{
	b->now_us += us;
	ipfix_exporter_service(b->x, b->now_us);
}

static bool
readable(int fd, int wait_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, wait_ms) == 1;
}

// Datagrams that have arrived. Gives the longest.
static size_t
datagrams_take(struct bench *b)
{
	size_t longest = 0;

	while (readable(b->listener, 20)) {
		ssize_t n = recv(b->listener, b->bytes, sizeof(b->bytes), 0);

		assert_true(n > 0);
		collector_take(&b->c, b->bytes, (size_t)n);
		longest = (size_t)n > longest ? (size_t)n : longest;
	}
	return longest;
}

// Source ports tell flows apart: 0 to n - 1, each once, in order.
static void
flows_are(const struct collector *c, unsigned int n)
{
	unsigned int at = 0;

	for (unsigned int i = 0; i < c->records; i++)
		if (record_has(&c->record[i], 0, 7))
			assert_int_equal(record_value(&c->record[i], 0, 7), at++);
	assert_int_equal(at, n);
}

static void
stats_are(const struct bench *b, const char *state, uint64_t records, uint64_t lost)
{
	struct ipfix_stats s;

	ipfix_exporter_stats(b->x, &s);
	assert_string_equal(s.state, state);
	assert_true(s.records == records && s.lost == lost);
}

static void
udp_session(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, false, &params);
	for (unsigned int i = 0; i < 100; i++)
		add(&b, i);
	step(&b, 1);
	assert_in_range(datagrams_take(&b), 1200, 1400);
	assert_true(b.c.records < 100);  // the last message is not full and waits
	step(&b, IPFIX_FLUSH_US);
	datagrams_take(&b);
	flows_are(&b.c, 100);
	assert_int_equal(b.c.domain, 9);
	assert_int_equal(b.c.templates_seen, 5);  // four shapes and the statistics
	stats_are(&b, "up", 100, 0);
	bench_end(&b);
}

// RFC 7011 section 8.4: templates again after a time, and after a number of messages.
static void
udp_templates_again(void **state)
{
	struct ipfix_params often = params;
	struct bench b;

	(void)state;
	bench_begin(&b, false, &params);
	add(&b, 0);
	step(&b, 0);
	step(&b, S);
	datagrams_take(&b);
	assert_int_equal(b.c.templates_seen, 2);
	step(&b, 58 * S);
	datagrams_take(&b);
	assert_int_equal(b.c.templates_seen, 2);
	step(&b, S);
	datagrams_take(&b);
	assert_int_equal(b.c.templates_seen, 4);
	assert_int_equal(b.c.options, 1);  // statistics come with them
	bench_end(&b);

	often.template_messages = 10;
	bench_begin(&b, false, &often);
	for (unsigned int i = 0; i < 1000; i++) {
		add(&b, i);
		if (i % 100 == 99) {  // no more than a socket holds
			step(&b, S);
			datagrams_take(&b);
		}
	}
	flows_are(&b.c, 1000);
	assert_in_range(b.c.templates_seen, (b.c.messages / 12) * 5, (b.c.messages / 10 + 1) * 5);
	bench_end(&b);
}

static void
udp_message_bytes(void **state)
{
	struct ipfix_params small = params;
	struct bench b;

	(void)state;
	small.message_bytes = IPFIX_MESSAGE_MIN;
	bench_begin(&b, false, &small);
	for (unsigned int i = 0; i < 50; i++)
		add(&b, i);
	step(&b, S);
	assert_in_range(datagrams_take(&b), 300, IPFIX_MESSAGE_MIN);
	flows_are(&b.c, 50);
	bench_end(&b);
}

// The collector's host says that nobody listens; one that begins to is told the templates soon.
static void
udp_refused(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, false, &params);
	close(b.listener);
	add(&b, 0);
	for (unsigned int i = 0; i < 5; i++) {
		step(&b, S);
		usleep(1000);
		add(&b, i);
	}
	stats_are(&b, "refused", 5, 0);
	collector_open(&b, false);
	step(&b, 2 * S);
	step(&b, S);
	while (readable(b.listener, 20)) {
		ssize_t n = recv(b.listener, b.bytes, sizeof(b.bytes), 0);

		if (b.c.messages == 0)
			b.c.sequence = (uint32_t)b.bytes[8] << 24 | (uint32_t)b.bytes[9] << 16 |
				(uint32_t)b.bytes[10] << 8 | b.bytes[11];
		collector_take(&b.c, b.bytes, (size_t)n);
	}
	assert_true(b.c.templates_seen >= 4 && b.c.records >= 1);
	bench_end(&b);
}

static void
stream_accept(struct bench *b)
{
	assert_true(readable(b->listener, 1000));
	b->stream = accept(b->listener, NULL, NULL);
	assert_true(b->stream >= 0);
	b->have = 0;
	collector_session(&b->c);
}

// What the stream has: whole messages to the collector. Gives false at the end of the stream.
static bool
stream_take(struct bench *b, int wait_ms)
{
	while (readable(b->stream, wait_ms)) {
		ssize_t n = recv(b->stream, b->bytes + b->have, sizeof(b->bytes) - b->have, 0);
		size_t at = 0, len;

		assert_true(n >= 0);
		if (n == 0)
			return false;
		b->have += (size_t)n;
		while (b->have - at >= 16 &&
			b->have - at >= (len = (size_t)b->bytes[at + 2] << 8 | b->bytes[at + 3])) {
			collector_take(&b->c, b->bytes + at, len);
			at += len;
		}
		memmove(b->bytes, b->bytes + at, b->have - at);
		b->have -= at;
	}
	return true;
}

static void
tcp_session(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, true, &params);
	for (unsigned int i = 0; i < 500; i++)
		add(&b, i);
	step(&b, 0);
	stream_accept(&b);
	for (unsigned int i = 0; i < 200; i++) {
		step(&b, S);  // more than the interval of templates, which TCP does not have
		stream_take(&b, 0);
	}
	ipfix_exporter_finish(b.x);
	while (!ipfix_exporter_is_done(b.x)) {
		step(&b, 1000);
		stream_take(&b, 1);
	}
	ipfix_exporter_close(b.x);
	assert_false(stream_take(&b, 1000));
	assert_int_equal(b.have, 0);
	flows_are(&b.c, 500);
	assert_int_equal(b.c.templates_seen, 5);
	assert_true(b.c.options >= 1);
	assert_true(record_value(&b.c.record[b.c.records - 1], 0, 42) == 500);
	stats_are(&b, "closed", 500, 0);
	bench_end(&b);
}

static void
fill_until_stuck(struct bench *b, unsigned int *n)
{
	struct ipfix_stats s;

	do {
		for (unsigned int i = 0; i < 8; i++)
			add(b, (*n)++);
		step(b, 1000);
		ipfix_exporter_stats(b->x, &s);
	} while (s.queued < 100);
}

/*
 * The connection breaks with a message half out. Numbers start anew, templates come first, and what
 * was not out as a whole comes again: nothing is there twice, and nothing of the queue is missing.
 */
static void
tcp_again(void **state)
{
	int small = 4096;
	unsigned int n = 0, got;
	struct ipfix_stats s;
	struct bench b;

	(void)state;
	bench_begin(&b, true, &params);
	setsockopt(b.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	step(&b, 0);
	stream_accept(&b);
	fill_until_stuck(&b, &n);
	ipfix_exporter_stats(b.x, &s);
	assert_true(s.records > 0);
	got = (unsigned int)s.records;
	close(b.stream);  // with data unread: a reset
	usleep(20000);
	step(&b, 1000);
	stats_are(&b, "down", got, 0);
	step(&b, IPFIX_RETRY_FIRST_US);
	stream_accept(&b);
	for (unsigned int i = 0; i < 1000; i++) {
		step(&b, IPFIX_FLUSH_US);
		stream_take(&b, 0);
	}
	// the first of the new session is the first that was not out as a whole
	assert_true(b.c.records > 0);
	for (unsigned int i = 0, at = got; i < b.c.records; i++)
		if (record_has(&b.c.record[i], 0, 7))
			assert_int_equal(record_value(&b.c.record[i], 0, 7), at++);
	assert_int_equal(b.c.records - b.c.options, n - got);
	stats_are(&b, "up", n, 0);
	bench_end(&b);
}

// Nobody there: the queue is bounded, and attempts become rare.
static void
tcp_nobody(void **state)
{
	unsigned int n = 0, attempts = 0;
	struct ipfix_stats s;
	struct bench b;
	struct flow f;

	(void)state;
	bench_begin(&b, true, &params);
	close(b.listener);
	flow_make(&f, 1, true, true);
	while (ipfix_exporter_add(b.x, &f, b.now_us) == 0)
		assert_true(++n < IPFIX_QUEUE_MESSAGES * 20);
	ipfix_exporter_stats(b.x, &s);
	assert_true(n >= IPFIX_QUEUE_MESSAGES * 6);
	ipfix_exporter_drop(b.x, &f);
	for (unsigned int i = 0; i < 100; i++) {
		step(&b, S);
		ipfix_exporter_stats(b.x, &s);
		assert_true(strcmp(s.state, "down") == 0 || strcmp(s.state, "connecting") == 0);
		attempts += s.error == ECONNREFUSED;
	}
	assert_true(attempts > 90 && s.queued == IPFIX_QUEUE_MESSAGES);
	// what was lost before and what still waits at the end counts as lost
	ipfix_exporter_lost_before(b.x, 10, 20, 30);
	ipfix_exporter_lost_before(b.x, 10, 20, 30);
	ipfix_exporter_lost_before(b.x, 15, 20, 30);
	ipfix_exporter_close(b.x);
	stats_are(&b, "closed", 0, n + 1 + 15);
	bench_end(&b);
}

// UDP on captures: a steady pace.
static void
udp_pace(void **state)
{
	struct ipfix_params slow = params;
	struct ipfix_stats s;
	struct bench b;

	(void)state;
	slow.pace_us = 100;
	bench_begin(&b, false, &slow);
	for (unsigned int i = 0; i < 2000; i++)
		add(&b, i);
	step(&b, 0);
	ipfix_exporter_stats(b.x, &s);
	assert_in_range(s.messages, 20, 40);
	for (unsigned int i = 0; i < 10; i++) {
		step(&b, 1000);
		datagrams_take(&b);
	}
	ipfix_exporter_stats(b.x, &s);
	assert_in_range(s.messages, 120, 140);
	datagrams_take(&b);
	for (unsigned int i = 0; i < 10; i++) {
		step(&b, S);
		datagrams_take(&b);
	}
	flows_are(&b.c, 2000);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_session),
		cmocka_unit_test(udp_templates_again),
		cmocka_unit_test(udp_message_bytes),
		cmocka_unit_test(udp_refused),
		cmocka_unit_test(tcp_session),
		cmocka_unit_test(tcp_again),
		cmocka_unit_test(tcp_nobody),
		cmocka_unit_test(udp_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
