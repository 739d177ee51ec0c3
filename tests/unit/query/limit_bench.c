/* SPDX-License-Identifier: BSD-3-Clause */
// What limits cost the merge lcore, by number of rows: nanoseconds for each delta on top of the built-in
// queries' cost, the time of a slide, and of making the table. `meson test --benchmark query_limits`.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "pane_build.h"
#include "query/engine.h"
#include "query/limit_table.h"

#define ADDRESSES 100000
#define DELTAS 200000
#define SLICES 12
#define MEASURE_FROM 6

static void
discard(struct document *d, void *arg)
{
	(void)arg;
	document_put(d);
}

// Prefixes that lie among the addresses: a third of the rows has a source, a third a destination, a
// third both. They raise no alert.
static struct limit_table *
table_make(uint32_t rows, uint64_t *ret_us)
{
	struct limit_rows list = {.row = calloc(rows + 1, sizeof(*list.row)), .count = rows};
	struct limit_rows none = {.count = 0};
	struct error_list errors = {.count = 0};
	uint64_t start = clock_monotonic_us();
	struct random r = {rows + 1};
	struct limit_table *t;

	for (uint32_t i = 0; i < rows; i++) {
		struct limit_row *row = &list.row[i];
		unsigned int length = 20 + (unsigned int)random_below(&r, 13);
		uint32_t mask = length == 32 ? UINT32_MAX : ~(UINT32_MAX >> length);
		struct range range = range_of_prefix(
			(0x0a0000feU + (uint32_t)random_below(&r, ADDRESSES)) & mask, length, 32);

		snprintf(row->name, sizeof(row->name), "n%u", i);
		row->op = (struct query_op){.kind = OPERATOR_LIMIT, .max = INT64_MAX, .clear_after = 1};
		row->window_s = 300;
		row->match = (struct limit_match){
			.version = 4, .has_source = i % 3 != 1, .has_destination = i % 3 != 0,
			.source = range, .destination = range,
		};
	}
	t = limit_table_create(&list, &none, 1000000, 1, &errors);
	limit_rows_free(&list);
	*ret_us = clock_monotonic_us() - start;
	return t;
}

static void
bench(const struct protocol_table *protocols, uint32_t rows)
{
	struct query_engine *e = engine_build(1000000, protocols, &QUERY_PARAMETERS_DEFAULT);
	uint64_t fold_us = 0, advance_us = 0, table_us;
	struct limit_table *t = table_make(rows, &table_us);
	struct pane *pane = pane_build(0, DELTAS);
	struct random r = {ADDRESSES};

	query_engine_set_limits(e, t, false, discard, NULL);
	for (uint32_t i = 0; i < DELTAS; i++)
		pane_build_add(pane, 3 * (uint32_t)random_below(&r, ADDRESSES),
			3 * (uint32_t)random_below(&r, ADDRESSES), 0, 10, 9000, i % 10 == 0);
	for (uint64_t s = 0; s < SLICES; s++) {
		uint64_t start = clock_monotonic_us(), folded;

		pane->index = s;
		query_engine_fold(e, pane);
		folded = clock_monotonic_us();
		query_engine_advance(e, s, discard, NULL);
		if (s >= MEASURE_FROM) {
			fold_us += folded - start;
			advance_us += clock_monotonic_us() - folded;
		}
	}
	printf("%5" PRIu32 " rows: %6.1f ns a delta with the built-in queries, slide and results %8.1f us, "
		"table made in %6" PRIu64 " us\n", rows,
		(double)fold_us * 1000 / DELTAS / (SLICES - MEASURE_FROM),
		(double)advance_us / (SLICES - MEASURE_FROM), table_us);
	pane_build_free(pane);
	query_engine_free(e);
	limit_table_put(t);
}

int
main(void)
{
	static const uint32_t rows[] = {0, 10, 100, 1000, 4096};
	struct protocol_table *t = protocol_table_create(NULL, NULL);

	for (unsigned int i = 0; i < RTE_DIM(rows) && t != NULL; i++)
		bench(t, rows[i]);
	protocol_table_free(t);
	return t == NULL;
}
