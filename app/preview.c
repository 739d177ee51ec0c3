/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "pipeline.h"

// query.preview: what a query would answer now. Slices belong to the merge lcore, so the question
// goes there with the call, which is answered from there.

struct preview {
	struct query_spec spec;
	struct control_call *call;
};

void
preview_op(void *app, const cJSON *query, struct control_call *call)
{
	struct error_list errors = {.count = 0};
	struct pipeline *p = app;
	struct preview *v = malloc(sizeof(*v));

	if (v == NULL) {
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
		return;
	}
	v->call = call;
	if (query_set_check(p->settings.current->queries, query, &v->spec, &errors) != 0) {
		control_call_fail_all(call, CALL_INVALID_PARAMS, &errors);
		free(v);
		return;
	}
	if (__atomic_load_n(&p->merged, __ATOMIC_ACQUIRE) ||
			rte_ring_enqueue(p->merge.previews, v) != 0) {
		control_call_fail(call, CALL_REFUSED, NULL,
			"previews: too many at once, or Weir is ending");
		free(v);
	}
}

static void
preview_answer(struct pipeline *p, const struct preview *v)
{
	struct document *d = query_engine_preview(p->merge.engine, &v->spec);
	int rc = d != NULL ? ENOMEM : errno;
	cJSON *result = d != NULL ? cJSON_CreateRaw(d->json) : NULL;

	document_put(d);
	if (result != NULL)
		control_call_complete(v->call, result);
	else if (rc == ENOENT)
		control_call_fail(v->call, CALL_NOT_FOUND, "key", "key: nothing is retained for this "
			"key, scope and filter; what queries look at is, so add the query");
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
