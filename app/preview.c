/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "pipeline.h"
#include "query/engine_preview.h"

// query.preview: what a query would answer now. Slices belong to the merge lcore, so the question
// goes there with the call, which is answered from there: one at a time, where the log is asked a step
// while no part of a pane has come and one after each slice, so that panes do not wait.

#define STEP_DELTAS 50000  // some milliseconds

struct query_question {
	struct preview preview;
	struct query_spec spec;
	struct filter *filter;       // its program, NULL without
	struct query_preview *work;  // merge lcore
};

static void
preview_free(struct preview *v)
{
	if (v->free != NULL)
		v->free(v);
	else
		free(v);
}

static void
query_free(struct preview *v)
{
	struct query_question *q = (struct query_question *)v;

	query_preview_free(q->work);
	filter_put(q->filter);
	free(q);
}

static struct document *
query_run(struct query_engine *e, struct preview *v)
{
	struct query_question *q = (struct query_question *)v;

	if (q->work == NULL)
		q->work = query_preview_begin(e, &q->spec, q->filter);
	if (q->work == NULL)
		return NULL;
	if (!query_preview_step(q->work, STEP_DELTAS)) {
		v->waits = query_preview_waits(q->work);
		errno = EINPROGRESS;
		return NULL;
	}
	return query_preview_result(q->work);
}

// What is folded was decided by an Ethernet frame, whatever the link.
static int
filter_prepare(struct query_question *q, struct error_list *errors)
{
	const char *text = q->spec.dimension.filter;
	struct error err;

	if (text[0] == '\0')
		return 0;
	q->filter = filter_create(text, FILTER_ETHERNET, &err);
	if (q->filter != NULL)
		return 0;
	error_list_add(errors, "filter", "filter: '%.100s': %s", text, err.text);
	return -EINVAL;
}

static void
missing_tell(struct query_question *q)
{
	bool distinct = query_metric_distinct(q->spec.metric);

	q->preview.field = distinct ? "metric" : "key";
	q->preview.missing = distinct ?
		"metric: what counts different things is retained only for a query of the same key, "
		"scope, filter and metric with a window as long; add the query" :
		"key: nothing is retained for this key, scope and filter, as no query looks at them; "
		"add the query, or start Weir with retain_mib above 0 in its configuration, which "
		"retains what any query needs";
}

void
preview_ask(struct pipeline *p, struct preview *v)
{
	if (!__atomic_load_n(&p->merged, __ATOMIC_ACQUIRE) &&
			rte_ring_enqueue(p->merge.previews, v) == 0)
		return;
	control_call_fail(v->call, CALL_REFUSED, NULL,
		"previews: too many at once, or Weir is ending");
	preview_free(v);
}

void
preview_op(void *app, const cJSON *query, struct control_call *call)
{
	struct error_list errors = {.count = 0};
	struct pipeline *p = app;
	struct query_question *q = calloc(1, sizeof(*q));

	if (q == NULL) {
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
		return;
	}
	q->preview = (struct preview){.run = query_run, .free = query_free, .call = call};
	if (query_set_check(p->settings.current->queries, query, &q->spec, &errors) != 0 ||
			filter_prepare(q, &errors) != 0) {
		control_call_fail_all(call, CALL_INVALID_PARAMS, &errors);
		query_free(&q->preview);
		return;
	}
	missing_tell(q);
	preview_ask(p, &q->preview);
}

static void
preview_fail(const struct preview *v, int rc)
{
	if (rc == ENOENT)
		control_call_fail(v->call, CALL_NOT_FOUND, v->field, v->missing);
	else if (rc == EAGAIN)
		control_call_fail(v->call, CALL_NOT_FOUND, NULL, "no slide is complete yet");
	else
		control_call_fail(v->call, CALL_INTERNAL_ERROR, NULL, "out of memory");
}

// True once v has its answer.
static bool
preview_go_on(struct pipeline *p, struct preview *v)
{
	struct document *d = v->run(p->merge.engine, v);
	int rc = d != NULL ? ENOMEM : errno;
	cJSON *result = d != NULL ? cJSON_CreateRaw(d->json) : NULL;

	document_put(d);
	if (result != NULL)
		control_call_complete(v->call, result);
	else if (rc == EINPROGRESS)
		return false;
	else
		preview_fail(v, rc);
	return true;
}

// The next one that was asked for; NULL if there is none.
static struct preview *
preview_take(struct pipeline *p)
{
	void *v = p->merge.preview;

	p->merge.preview = NULL;
	if (v == NULL && rte_ring_dequeue(p->merge.previews, &v) != 0)
		return NULL;
	return v;
}

bool
previews_serve(struct pipeline *p)
{
	struct preview *v = preview_take(p);

	if (v == NULL)
		return false;
	if (preview_go_on(p, v)) {
		preview_free(v);
		return true;
	}
	p->merge.preview = v;
	return !v->waits;
}

void
previews_refuse(struct pipeline *p)
{
	struct preview *v;

	while ((v = preview_take(p)) != NULL) {
		control_call_fail(v->call, CALL_STOPPING, NULL, "Weir is ending");
		preview_free(v);
	}
}
