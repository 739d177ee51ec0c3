/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_DRAW_AHEAD_H
#define WEIR_PKTGEN_DRAW_AHEAD_H

#include <stdint.h>

#include <rte_prefetch.h>

#include "plan.h"

// Draws of flows ahead of their packets. A draw touches two lines of memory that no cache near the
// CPU holds, one of the table and one of the flow. So they are taken in two steps, each a window
// before the next, and one of either with each packet that is written: the requests for memory go
// out evenly, beside the work on the packet, and are answered when their turn comes.
//
//    position            + DRAW_AHEAD             + 2 * DRAW_AHEAD
//    |  flow known,       |  column known,         |
//    |  line on its way   |  line on its way       |
//
// Which flow a packet has is a function of table and position: what is known ahead is dropped when
// either is another one than expected. One lcore's.

#define DRAW_AHEAD 32u  // a power of two: places are positions modulo this

struct draw_ahead {
	const struct alias_table *table;  // NULL: nothing is known
	uint64_t position;                // of the next flow to be taken
	uint32_t flows[DRAW_AHEAD];
	uint32_t columns[DRAW_AHEAD];
	uint32_t fractions[DRAW_AHEAD];
};

// The column of a position, with its line on the way.
static inline void
draw_ahead_column(struct draw_ahead *a, const struct plan *plan, uint64_t position)
{
	unsigned int place = position % DRAW_AHEAD;

	a->columns[place] = alias_column(a->table, prng_word(plan->flow_stream, position),
		&a->fractions[place]);
	rte_prefetch0(&a->table->columns[a->columns[place]]);
}

// The flow of the column at a place, with its line on the way.
static inline void
draw_ahead_flow(struct draw_ahead *a, const struct plan *plan, unsigned int place)
{
	a->flows[place] = alias_resolve(a->table, a->columns[place], a->fractions[place]);
	rte_prefetch0(&plan->flows[a->flows[place]]);
}

// From here on, drawn from this table.
static inline void
draw_ahead_reach(struct draw_ahead *a, const struct plan *plan, const struct alias_table *table,
	uint64_t position)
{
	if (likely(a->table == table && a->position == position))
		return;
	a->table = table;
	a->position = position;
	for (unsigned int i = 0; i < DRAW_AHEAD; i++)
		draw_ahead_column(a, plan, position + i);
	for (unsigned int i = 0; i < DRAW_AHEAD; i++)
		draw_ahead_flow(a, plan, (position + i) % DRAW_AHEAD);
	for (unsigned int i = 0; i < DRAW_AHEAD; i++)
		draw_ahead_column(a, plan, position + DRAW_AHEAD + i);
}

// The flow of the next position.
static inline uint32_t
draw_ahead_take(struct draw_ahead *a, const struct plan *plan)
{
	unsigned int place = a->position % DRAW_AHEAD;
	uint32_t flow = a->flows[place];

	draw_ahead_flow(a, plan, place);
	draw_ahead_column(a, plan, a->position + 2 * DRAW_AHEAD);
	a->position++;
	return flow;
}

#endif
