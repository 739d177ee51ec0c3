/* SPDX-License-Identifier: BSD-3-Clause */
// The ledger while it is written: no copy may show half a burst.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/ledger.h"
#include "eal_support.h"

#define BURSTS 400000u

static void
reasons_have_unique_names(void **state)
{
	(void)state;
	for (unsigned int i = DISCARD_NONE + 1; i < DISCARD_COUNT; i++) {
		const char *name = discard_reason_name((enum discard_reason)i);

		assert_non_null(name);
		assert_true(name[0] != '\0' &&
			name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")]
			== '\0');
		assert_true(strlen(discard_reason_help((enum discard_reason)i)) > 0);
		for (unsigned int k = i + 1; k < DISCARD_COUNT; k++)
			assert_string_not_equal(name, discard_reason_name((enum discard_reason)k));
	}
	assert_null(discard_reason_name(DISCARD_NONE));
	assert_null(discard_reason_help(DISCARD_NONE));
	assert_null(discard_reason_name(DISCARD_COUNT));
	assert_null(discard_reason_help(DISCARD_COUNT));
}

static void
sums_and_residual(void **state)
{
	struct ledger_counts a = {.received = 10, .received_bytes = 1000, .flow_packets = 6,
		.flow_bytes = 700, .detail_lost_packets = 2, .detail_lost_bytes = 99};
	struct ledger_counts sum = {0};

	(void)state;
	a.discarded[DISCARD_ARP] = 3;
	a.discarded[DISCARD_STOPPED] = 1;
	assert_int_equal(ledger_residual(&a), 0);
	ledger_add(&sum, &a);
	ledger_add(&sum, &a);
	assert_true(sum.received == 20 && sum.received_bytes == 2000 && sum.flow_packets == 12);
	assert_true(sum.flow_bytes == 1400 && sum.detail_lost_packets == 4);
	assert_true(sum.detail_lost_bytes == 198 && sum.discarded[DISCARD_ARP] == 6);
	assert_int_equal(ledger_residual(&sum), 0);
	sum.received++;
	assert_int_equal(ledger_residual(&sum), 1);
	sum.discarded[DISCARD_LINKTYPE] += 3;
	assert_int_equal(ledger_residual(&sum), -2);
}

struct contest {
	struct ledger ledger;
	bool done;
};

static void *
worker_run(void *arg)
{
	struct contest *c = arg;
	struct random r = {5};

	for (unsigned int i = 0; i < BURSTS; i++) {
		struct ledger_counts burst = {0};
		uint64_t flow = random_below(&r, 33), drop = random_below(&r, 33);

		burst.received = flow + drop;
		burst.flow_packets = flow;
		burst.discarded[1 + random_below(&r, DISCARD_COUNT - 1)] = drop;
		burst.received_bytes = burst.flow_bytes = 64 * flow;
		burst.received_bytes += 60 * drop;
		ledger_begin(&c->ledger);
		ledger_add(&c->ledger.counts, &burst);
		ledger_end(&c->ledger);
		if (i % 1024 == 0)
			sched_yield();
	}
	__atomic_store_n(&c->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void
copies_are_consistent(void **state)
{
	struct contest *c = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*c));
	struct ledger_counts counts, before = {0};
	unsigned int copies = 0, changed = 0;
	pthread_t thread;
	bool done;

	(void)state;
	memset(c, 0, sizeof(*c));
	assert_int_equal(pthread_create(&thread, NULL, worker_run, c), 0);
	do {
		done = __atomic_load_n(&c->done, __ATOMIC_ACQUIRE);
		ledger_read(&c->ledger, &counts);
		if (ledger_residual(&counts) != 0 ||
			counts.flow_bytes != 64 * counts.flow_packets ||
			counts.received_bytes != 64 * counts.flow_packets +
				60 * (counts.received - counts.flow_packets) ||
			counts.received < before.received)
			break;
		changed += counts.received != before.received;
		before = counts;
		copies++;
	} while (!done);
	pthread_join(thread, NULL);
	assert_int_equal(ledger_residual(&counts), 0);
	assert_int_equal(counts.flow_bytes, 64 * counts.flow_packets);
	assert_true(done && copies > 100 && changed > 10);
	assert_int_equal(counts.received, c->ledger.counts.received);
	free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_have_unique_names),
		cmocka_unit_test(sums_and_residual),
		cmocka_unit_test(copies_are_consistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
