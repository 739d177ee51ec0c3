/* SPDX-License-Identifier: BSD-3-Clause */
// A set of slots against an array of flags: in order, each once, also while others come in.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "pane/slot_set.h"

static struct slot_set
set_create(uint32_t slots)
{
	struct slot_set s;
	void *memory = calloc(1, slot_set_bytes(slots));

	assert_non_null(memory);
	slot_set_init(&s, memory, slots);
	return s;
}

static void
against_flags(void **state)
{
	static const uint32_t sizes[] = {1, 63, 64, 65, 4095, 4096, 4097, 100000};

	(void)state;
	for (size_t k = 0; k < RTE_DIM(sizes); k++) {
		struct slot_set s = set_create(sizes[k]);
		uint8_t *flags = calloc(sizes[k], 1);
		struct random r = {k + 1};
		uint32_t slot, at = 0;

		for (unsigned int round = 0; round < 20; round++) {
			for (uint64_t n = random_below(&r, sizes[k] + 1); n > 0; n--) {
				slot = (uint32_t)random_below(&r, sizes[k]);
				flags[slot] = 1;
				slot_set_add(&s, slot);
			}
			for (at = 0; at < sizes[k]; at++) {
				if (flags[at] == 0)
					continue;
				assert_true(slot_set_take(&s, &slot));
				assert_int_equal(slot, at);
				flags[at] = 0;
			}
			assert_false(slot_set_take(&s, &slot));
		}
		free(flags);
		free(s.groups);
	}
}

// What comes in behind or before the one that was taken last is found all the same.
static void
added_between(void **state)
{
	struct slot_set s = set_create(1U << 20);
	uint32_t slot;

	(void)state;
	slot_set_add(&s, 500000);
	slot_set_add(&s, 900000);
	assert_true(slot_set_take(&s, &slot) && slot == 500000);
	slot_set_add(&s, 500001);
	slot_set_add(&s, 7);
	slot_set_add(&s, (1U << 20) - 1);
	assert_true(slot_set_take(&s, &slot) && slot == 7);
	assert_true(slot_set_take(&s, &slot) && slot == 500001);
	assert_true(slot_set_take(&s, &slot) && slot == 900000);
	assert_true(slot_set_take(&s, &slot) && slot == (1U << 20) - 1);
	assert_false(slot_set_take(&s, &slot));
	free(s.groups);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_flags),
		cmocka_unit_test(added_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
