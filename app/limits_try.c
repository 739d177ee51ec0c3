/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "pipeline.h"
#include "query/limit_row.h"

// limits.dry_run: which alerts there would have been. Like a preview, the question goes to the merge
// lcore with the call.

struct dry_run {
	struct preview preview;
	struct query_spec query;
	struct limit_row row;
};

static struct document *
query_run(struct query_engine *e, struct preview *v)
{
	return query_engine_try_query(e, &((const struct dry_run *)v)->query);
}

static struct document *
row_run(struct query_engine *e, struct preview *v)
{
	return query_engine_try_limit(e, &((const struct dry_run *)v)->row);
}

static void
query_read(struct pipeline *p, struct dry_run *d, const cJSON *json, struct error_list *errors)
{
	if (query_set_check(p->settings.current->queries, json, &d->query, errors) != 0)
		return;
	if (d->query.op.kind != OPERATOR_LIMIT)
		error_list_add(errors, "op.type", "op.type: found another operator; allowed is limit, "
			"as the others raise no alerts");
}

void
limits_dry_run_op(void *app, const cJSON *params, struct control_call *call)
{
	const cJSON *query = cJSON_GetObjectItemCaseSensitive(params, "query");
	const cJSON *limit = cJSON_GetObjectItemCaseSensitive(params, "limit");
	struct error_list errors = {.count = 0};
	struct dry_run *d = calloc(1, sizeof(*d));
	struct pipeline *p = app;

	if (d == NULL) {
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
		return;
	}
	d->preview = (struct preview){
		.run = query != NULL ? query_run : row_run,
		.field = "key",
		.missing = "key: nothing is retained for this key, scope and filter; what queries "
			"look at is, so add the query, for a limit one with key src_dst_ip",
		.call = call,
	};
	if ((query == NULL) == (limit == NULL))
		error_list_add(&errors, "limit", "limit: allowed is one of limit (a row) and query");
	else if (query != NULL)
		query_read(p, d, query, &errors);
	else
		limit_row_parse(limit, "limit.", p->options.pane_us, &d->row, &errors);
	if (errors.count > 0) {
		control_call_fail_all(call, CALL_INVALID_PARAMS, &errors);
		free(d);
		return;
	}
	preview_ask(p, &d->preview);
}
