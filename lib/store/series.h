/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_SERIES_H
#define WEIR_STORE_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json_out.h"
#include "store/store.h"

// The value of one key over time, from results in any order: time is cut into steps, and of the
// results whose windows end in a step the series keeps how many there are, in how many the key is
// among the rows, and the least, the sum and the most of its values. One thread.

struct series_point {
	uint64_t results;  // that end in this step
	uint64_t listed;   // of them, with the key among the rows
	uint64_t min, max; // of listed ones
	double sum;
};

struct series {
	uint64_t from_us;  // a multiple of step_us
	uint64_t step_us;
	uint64_t results;
	uint32_t count;
	struct series_point *points;
	uint64_t newest_us;   // end of the newest result, and what it says of itself
	uint64_t window_us;
	char metric[32];
};

// Steps that a range may be cut into at most.
#define SERIES_POINTS_MOST 10000
#define SERIES_POINTS_USUAL 500

// A step that people like, so that the range has at most SERIES_POINTS_USUAL of them.
uint64_t series_step_usual(uint64_t range_us);

// How many steps [from_us, to_us) touches.
uint64_t series_steps(uint64_t from_us, uint64_t to_us, uint64_t step_us);

// from_us < to_us and at most SERIES_POINTS_MOST steps; 0 or -ENOMEM. series_fini() when done.
int series_init(struct series *s, uint64_t from_us, uint64_t to_us, uint64_t step_us);
void series_fini(struct series *s);

// One result, whose window ends at end_us. value NULL: the key is not among its rows. Results
// outside of the range are left out.
void series_add(struct series *s, uint64_t end_us, const uint64_t *value);

// Is this the newest result so far? Then it says what the values are.
void series_describe(struct series *s, uint64_t end_us, uint64_t window_us, const char *metric);

// The members metric, window_us, step_us, results and points: the points with at least one result,
// oldest first. min, mean and max are null where the key was in none of them.
void series_write(const struct series *s, struct json_out *o);

#endif
