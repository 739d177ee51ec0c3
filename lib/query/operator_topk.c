/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/operator.h"

#include <errno.h>

#include <rte_common.h>

// The k largest. A heap of k rows with the worst one on top: a key that is worse than that, which
// is nearly every one, costs one comparison. Keys with nothing of the metric are none of them.

static bool
row_worse(const struct operator_view *v, const struct row *a, const struct row *b)
{
	return row_compare(v, a, b) > 0;
}

static void
heap_sink(const struct operator_view *v, struct rows *heap, uint32_t at)
{
	struct row sinking = heap->row[at];

	for (;;) {
		uint32_t child = at * 2 + 1;

		if (child >= heap->count)
			break;
		if (child + 1 < heap->count &&
				row_worse(v, &heap->row[child + 1], &heap->row[child]))
			child++;
		if (!row_worse(v, &heap->row[child], &sinking))
			break;
		heap->row[at] = heap->row[child];
		at = child;
	}
	heap->row[at] = sinking;
}

static int
topk_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	const struct window *w = v->window;
	uint32_t k = RTE_MIN(op->k, w->count);

	if (k == 0)
		return 0;
	if (rows_reserve(rows, k) != 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < w->count; i++) {
		struct row row = row_of_item(v, i);

		if (row.value == 0)
			continue;
		if (rows->count < k) {
			rows->row[rows->count++] = row;
			for (uint32_t at = k / 2; rows->count == k && at > 0; at--)
				heap_sink(v, rows, at - 1);
		} else if (row_worse(v, &rows->row[0], &row)) {
			rows_leave(rows, rows->row[0].value);
			rows->row[0] = row;
			heap_sink(v, rows, 0);
		} else {
			rows_leave(rows, row.value);
		}
	}
	return 0;
}

static void
topk_write(struct json_out *o, const struct query_op *op)
{
	json_out_key_u64(o, "k", op->k);
}

const struct operator_ops operator_topk = {
	.type = "topk",
	.evaluate = topk_evaluate,
	.write = topk_write,
};
