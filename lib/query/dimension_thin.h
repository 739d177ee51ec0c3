/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DIMENSION_THIN_H
#define WEIR_QUERY_DIMENSION_THIN_H

#include <stdbool.h>
#include <stddef.h>

#include "query/dimension.h"

// Bounded memory (docs/adr/0015-bounded-keys.md). A dimension that has as many keys as it may have
// drops many at once, those whose shares of all that was counted are the smallest. Where a key goes,
// what it can have been at most becomes the floor of the slice (or cumulative window) that it was in:
// from then on a key that is not there may have had that much, and no key more. A key that comes
// later may have been dropped before, so it starts with the floor as its error. This is Space-Saving
// (Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in Data
// Streams, 2005) with many replacements at a time, for three counters of a key at once.
//
// Of the open slice, floors are noted with each drop that raises them, so that keys have the error
// of the time when they came: 0 for those that were there before the first.

/*
 * Have fewer keys than the budget: retained slices that no window needs go first, then keys. Keys
 * that only the open slice has go alone where they are many.
 */
void dimension_make_room(struct dimension *d);

// Retained slices take more than `bytes` although no other is left that could go: drop keys until
// they do not.
void dimension_fit(struct dimension *d, size_t bytes);

// What a row of a result over this dimension may have less than it says, at most.
struct query_counts dimension_error(const struct dimension *d);

#endif
