/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "pipeline.h"
#include "query/engine_try.h"
#include "query/limit_row.h"

// limits.dry_run: which alerts there would have been. Like a preview, the question goes to the merge
// lcore with the call, and is answered in steps.

#define STEP_ITEMS 100000  // some milliseconds

struct dry_run {
	struct preview preview;
	bool of_row;
	struct query_spec query;
	struct limit_row row;
	struct query_trial *work;  // merge lcore
};

static struct document *
dry_run_go_on(struct query_engine *e, struct preview *v)
{
	struct dry_run *d = (struct dry_run *)v;
	struct document *answer;

	if (d->work == NULL)
		d->work = d->of_row ? query_trial_of_row(e, &d->row) :
			query_trial_of_query(e, &d->query);
	if (d->work == NULL)
		return NULL;
	if (!query_trial_step(d->work, STEP_ITEMS)) {
		errno = EINPROGRESS;
		return NULL;
	}
	answer = query_trial_result(d->work);
	if (answer == NULL)
		errno = ENOMEM;
	return answer;
}

static void
dry_run_free(struct preview *v)
{
	query_trial_free(((struct dry_run *)v)->work);
	free(v);
}

static void
query_read(struct pipeline *p, struct dry_run *d, const cJSON *json, struct error_list *errors)
{
	if (query_set_check(p->settings.current->queries, json, &d->query, errors) != 0)
		return;
	if (d->query.op.kind != OPERATOR_LIMIT)
		error_list_add(errors, "op.type", "op.type: found another operator; allowed is limit, "
			"as the others raise no alerts");
	if (query_metric_distinct(d->query.metric))
		error_list_add(errors, "metric", "metric: found %s; allowed is bytes, packets or flows, as "
			"no sums of others are retained", query_metric_name(d->query.metric));
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
		.run = dry_run_go_on,
		.free = dry_run_free,
		.field = "key",
		.missing = "key: nothing is retained for this key, scope and filter; what queries "
			"look at is, so add the query, for a limit one with key src_dst_ip",
		.call = call,
	};
	d->of_row = limit != NULL;
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
