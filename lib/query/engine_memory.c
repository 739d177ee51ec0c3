/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_common.h>

#include "query/engine_internal.h"

// The most memory that a set of queries can take, known before it is taken.

// Keys that there can be of a kind, where that is few.
static uint32_t
keys_most(enum dimension_kind kind, uint32_t budget)
{
	switch (kind) {
	case DIMENSION_TOTAL:
		return 1;
	case DIMENSION_IP_PROTO:
		return RTE_MIN(budget, UINT32_C(1) << 8);
	case DIMENSION_PROTOCOL:
	case DIMENSION_SRC_PORT:
	case DIMENSION_DST_PORT:
		return RTE_MIN(budget, UINT32_C(1) << 16);
	default:
		return budget;
	}
}

static bool
dimension_is_first(const struct query_set *s, unsigned int query)
{
	for (unsigned int i = 0; i < query; i++)
		if (dimension_spec_equal(&s->spec[i].dimension, &s->spec[query].dimension))
			return false;
	return true;
}

// Windows of the dimension of a query, which is the first of it.
static uint32_t
windows_count(const struct query_set *s, unsigned int query)
{
	uint32_t count = 0;

	for (unsigned int i = query; i < s->count; i++) {
		bool first = dimension_spec_equal(&s->spec[i].dimension,
			&s->spec[query].dimension);

		for (unsigned int j = query; j < i && first; j++)
			first = s->spec[j].window_us != s->spec[i].window_us ||
				!dimension_spec_equal(&s->spec[j].dimension,
					&s->spec[query].dimension);
		count += first;
		// Earlier windows, some of which may be shared.
		if (dimension_spec_equal(&s->spec[i].dimension, &s->spec[query].dimension))
			count += s->spec[i].compare.previous + (s->spec[i].compare.period_us != 0);
	}
	return count;
}

size_t
query_engine_bytes_most(const struct query_set *s, uint32_t keys)
{
	uint32_t slices = retained_slices(s->context.pane_us);
	size_t sum = sizeof(struct query_engine) + QUERY_SLICES_BYTES, evaluated = 0;
	bool distinct = false;

	for (unsigned int i = 0; i < s->count; i++) {
		uint32_t most = keys_most(s->spec[i].dimension.kind, keys);

		// Values in order, and as many rows.
		evaluated = RTE_MAX(evaluated,
			most * (2 * sizeof(uint64_t) + sizeof(struct row)));
		distinct |= query_metric_distinct(s->spec[i].metric);
		if (s->spec[i].op.kind == OPERATOR_LIMIT)
			sum += alerts_bytes();
		if (dimension_is_first(s, i))
			sum += dimension_bytes_most(most, slices, windows_count(s, i));
	}
	return sum + evaluated + (distinct ? DISTINCT_BYTES : 0);
}

size_t
query_engine_pairs_bytes_most(const struct query_set *s, uint32_t keys)
{
	const struct dimension_spec pairs = {.kind = DIMENSION_SRC_DST_IP};

	for (unsigned int i = 0; i < s->count; i++)
		if (dimension_spec_equal(&s->spec[i].dimension, &pairs))
			return 0;
	return dimension_bytes_most(keys, retained_slices(s->context.pane_us), 0);
}
