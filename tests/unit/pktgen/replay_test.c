/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "replay.h"

// Packet times where what is recorded spans more than 64 bits of nanoseconds hold in a few loops.

struct two_packets {
	struct replay_source head;
	unsigned int at;
};

static void
two_free(struct replay_source *s)
{
	free(s);
}

static void
two_rewind(struct replay_source *s)
{
	((struct two_packets *)s)->at = 0;
}

static bool
two_next_ns(const struct replay_source *s, uint64_t *ret_ns)
{
	const struct two_packets *t = (const struct two_packets *)s;

	*ret_ns = t->at == 0 ? s->first_ns : s->last_ns;
	return t->at < 2;
}

static uint32_t
two_write(struct replay_source *s, uint64_t loop, uint8_t *to, uint32_t *ret_flow)
{
	(void)loop;
	(void)to;
	*ret_flow = 0;
	((struct two_packets *)s)->at++;
	return 64;
}

static const struct replay_source_ops two_ops = {
	.free = two_free, .rewind = two_rewind, .next_ns = two_next_ns, .write = two_write,
};

// Times never go back and stay below the limit, over some loops.
static void
goes_forward(uint64_t first_ns, uint64_t last_ns, enum replay_pace pace, double multiple)
{
	const struct replay_spec spec = {.pace = pace, .multiple = multiple};
	struct two_packets *source = calloc(1, sizeof(*source));
	uint64_t ns, before = 0;
	struct replay *r;
	uint32_t flow;

	assert_non_null(source);
	source->head = (struct replay_source){&two_ops, 2, first_ns, last_ns};
	r = replay_create(&spec, &source->head);
	assert_non_null(r);
	for (int i = 0; i < 10; i++) {
		assert_true(replay_next_ns(r, &ns));
		assert_true(ns >= before);
		assert_true(ns <= REPLAY_NS_MAX);
		assert_true(i != 0 || ns == 0);
		before = ns;
		replay_write(r, NULL, &flow);
	}
	replay_free(r);
}

static void
test_huge_spans(void **state)
{
	(void)state;
	goes_forward(0, UINT64_MAX, REPLAY_MULTIPLE, 1);
	goes_forward(1000, UINT64_MAX / 3, REPLAY_MULTIPLE, 1);
	goes_forward(0, UINT64_MAX / 8, REPLAY_MULTIPLE, 0.001);
	goes_forward(5, 1000000005, REPLAY_MULTIPLE, 1e-12);
	goes_forward(0, UINT64_MAX - 1, REPLAY_MULTIPLE, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_huge_spans),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
