/* SPDX-License-Identifier: BSD-3-Clause */
// The heaviest flow of a pane.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pane/pane_heaviest.h"

static struct pane_delta deltas[4] __rte_cache_aligned;

static void
delta_set(unsigned int i, uint64_t fwd, uint64_t rev, uint64_t bytes)
{
	deltas[i] = (struct pane_delta){.packets = {fwd, rev}, .bytes = {bytes, 1}};
}

static void
most_packets(void **state)
{
	struct pane p = {.deltas = deltas, .capacity = 4};

	(void)state;
	assert_null(pane_heaviest(&p));
	delta_set(0, 10, 0, 9000);
	delta_set(1, 6, 5, 700);   // eleven in both directions
	delta_set(2, 0, 11, 800);  // as many, more bytes
	delta_set(3, 11, 0, 800);  // nothing more than the one before
	for (unsigned int i = 0; i < 4; i++) {
		pane_weigh(&p, p.count++);
		assert_ptr_equal(pane_heaviest(&p), &deltas[RTE_MIN(i, 2U)]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
