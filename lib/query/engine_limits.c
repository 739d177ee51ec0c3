/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "query/engine_internal.h"

// The limits table in the engine; how it works is in limit_watch.h.

static const struct dimension_spec pairs = {.kind = DIMENSION_SRC_DST_IP};

static int
pairs_retain(struct query_engine *e, bool retain)
{
	e->limit_pairs = retain ? engine_dimension_get(e, &pairs) : NULL;
	if (!retain)
		engine_unused_drop(e);
	return retain && e->limit_pairs == NULL ? -ENOMEM : 0;
}

int
query_engine_set_limits(struct query_engine *e, struct limit_table *t, bool retain,
	query_emit_fn *emit, void *arg)
{
	const struct limit_output out = {&e->json, emit, arg};
	int rc = pairs_retain(e, retain);

	if (e->limits == NULL && t->count == 0)
		return rc;
	if (e->limits == NULL)
		e->limits = limit_watch_create(e->pane_us);
	if (e->limits == NULL || limit_watch_apply(e->limits, t, e->folded ? e->index + 1 : 0,
			e->started, e->index * e->pane_us, &out) != 0)
		rc = -ENOMEM;
	return rc;
}

int
query_engine_pass_idle(struct query_engine *e, uint64_t index, query_emit_fn *emit, void *arg)
{
	const struct limit_output out = {&e->json, emit, arg};
	uint64_t end_us;
	int rc = engine_slice_end_us(e, index, &end_us);

	if (rc != 0 || e->started || e->limits == NULL)
		return rc;
	return limit_watch_close(e->limits, index, &out);
}
