/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "pipeline.h"

// query.preview: what a query would answer now. Slices belong to the merge lcore, so the question
// goes there with the call, which is answered from there.

struct query_preview {
	struct preview preview;
	struct query_spec spec;
};

static struct document *
query_run(struct query_engine *e, const struct preview *v)
{
	return query_engine_preview(e, &((const struct query_preview *)v)->spec);
}

void
preview_ask(struct pipeline *p, struct preview *v)
{
	if (!__atomic_load_n(&p->merged, __ATOMIC_ACQUIRE) &&
			rte_ring_enqueue(p->merge.previews, v) == 0)
		return;
	control_call_fail(v->call, CALL_REFUSED, NULL,
		"previews: too many at once, or Weir is ending");
	free(v);
}

void
preview_op(void *app, const cJSON *query, struct control_call *call)
{
	struct error_list errors = {.count = 0};
	struct pipeline *p = app;
	struct query_preview *v = malloc(sizeof(*v));

	if (v == NULL) {
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
		return;
	}
	v->preview = (struct preview){query_run, call};
	if (query_set_check(p->settings.current->queries, query, &v->spec, &errors) != 0) {
		control_call_fail_all(call, CALL_INVALID_PARAMS, &errors);
		free(v);
		return;
	}
	preview_ask(p, &v->preview);
}

static void
preview_answer(struct pipeline *p, const struct preview *v)
{
	struct document *d = v->run(p->merge.engine, v);
	int rc = d != NULL ? ENOMEM : errno;
	cJSON *result = d != NULL ? cJSON_CreateRaw(d->json) : NULL;

	document_put(d);
	if (result != NULL)
		control_call_complete(v->call, result);
	else if (rc == ENOENT)
		control_call_fail(v->call, CALL_NOT_FOUND, "key", "key: nothing is retained for this "
			"key, scope and filter; what queries look at is, so add the query, for a "
			"limit one with key src_dst_ip");
	else if (rc == EAGAIN)
		control_call_fail(v->call, CALL_NOT_FOUND, NULL, "no slide is complete yet");
	else
		control_call_fail(v->call, CALL_INTERNAL_ERROR, NULL, "out of memory");
}

void
previews_serve(struct pipeline *p)
{
	void *v;

	while (rte_ring_dequeue(p->merge.previews, &v) == 0) {
		preview_answer(p, v);
		free(v);
	}
}

void
previews_refuse(struct pipeline *p)
{
	void *v;

	while (rte_ring_dequeue(p->merge.previews, &v) == 0) {
		control_call_fail(((struct preview *)v)->call, CALL_STOPPING, NULL, "Weir is ending");
		free(v);
	}
}
