/* SPDX-License-Identifier: BSD-3-Clause */
// What the merge lcore pays: deltas folded per second into all dimensions, and the time of a slide
// with its six results, by number of addresses. `meson test --benchmark query_fold`.

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "pane_build.h"
#include "query/engine.h"

#define SLICES 24
#define MEASURE_FROM 12  // the window is full by then

static void
discard(struct document *d, void *bytes)
{
	*(size_t *)bytes += d->len;
	document_put(d);
}

static void
bench(const struct protocol_table *t, uint32_t addresses, uint32_t deltas)
{
	struct query_parameters p = QUERY_PARAMETERS_DEFAULT;
	struct query_engine *e = engine_build(1000000, t, &p);
	struct pane *pane = pane_build(0, deltas);
	uint64_t fold_us = 0, advance_us = 0;
	struct random r = {addresses};
	size_t bytes = 0;

	for (uint32_t i = 0; i < deltas; i++)
		pane_build_add(pane, 3 * (uint32_t)random_below(&r, addresses),
			3 * (uint32_t)random_below(&r, addresses),
			(uint16_t)random_below(&r, protocol_count(t)), 10, 9000, i % 10 == 0);
	for (uint64_t s = 0; s < SLICES; s++) {
		uint64_t start = clock_monotonic_us(), folded;

		pane->index = s;
		if (query_engine_fold(e, pane) != 0)
			printf("fold failed\n");
		folded = clock_monotonic_us();
		if (query_engine_advance(e, s, discard, &bytes) != 0)
			printf("advance failed\n");
		if (s >= MEASURE_FROM) {
			fold_us += folded - start;
			advance_us += clock_monotonic_us() - folded;
		}
	}
	printf("%8" PRIu32 " addresses, %8" PRIu32 " deltas a pane: %6.1f M deltas/s, "
		"slide and 6 results %8.1f us\n", addresses, deltas,
		(double)deltas * (SLICES - MEASURE_FROM) / (double)fold_us,
		(double)advance_us / (SLICES - MEASURE_FROM));
	pane_build_free(pane);
	query_engine_free(e);
}

int
main(void)
{
	struct protocol_table *t = protocol_table_create(NULL, NULL);

	if (t == NULL)
		return 1;
	bench(t, 1000, 10000);
	bench(t, 10000, 10000);
	bench(t, 10000, 100000);
	bench(t, 100000, 200000);
	bench(t, 1000000, 1000000);
	protocol_table_free(t);
	return 0;
}
