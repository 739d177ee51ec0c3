/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "flow/flow_record.h"
#include "pipeline.h"

struct flow_list {
	struct control_call *call;
	struct control_flows asked;  // its text is gone after the call
	struct filter *filter;       // NULL: all flows
	unsigned int workers;
	struct flow_scan scans[];    // of each worker
};

static bool
filter_passes(const void *arg, const struct flow *f)
{
	return filter_match_key(arg, &f->key, f->fwd_swapped, f->src_mac, f->dst_mac);
}

static void
list_free(struct flow_list *l)
{
	for (unsigned int i = 0; i < l->workers; i++)
		flow_scan_fini(&l->scans[i]);
	filter_put(l->filter);
	free(l);
}

static int
filter_prepare(struct flow_list *l, const char *text, struct error *err)
{
	struct error inner;

	if (text == NULL || text[0] == '\0')
		return 0;
	l->filter = filter_create(text, FILTER_ETHERNET, &inner);
	if (l->filter == NULL)
		return error_field(err, -errno, "filter", "filter: '%.100s': %s", text, inner.text);
	if (!filter_by_key(l->filter))
		return error_field(err, -EINVAL, "filter", "filter: '%.100s': asks for more than is "
			"kept of a flow; allowed: addresses, ports, protocols, VLANs and MAC addresses",
			text);
	return 0;
}

static int
scans_prepare(struct flow_list *l, unsigned int workers)
{
	for (; l->workers < workers; l->workers++) {
		struct flow_scan *s = &l->scans[l->workers];

		if (flow_scan_init(s, l->asked.limit) != 0)
			return -ENOMEM;
		s->order = (enum flow_order)l->asked.order;
		s->ascending = l->asked.ascending;
		s->match = l->filter != NULL ? filter_passes : NULL;
		s->arg = l->filter;
	}
	return 0;
}

// NULL: the call was refused.
static struct flow_list *
list_create(const struct pipeline *p, const struct control_flows *q, struct control_call *call)
{
	struct flow_list *l = calloc(1, sizeof(*l) + sizeof(l->scans[0]) * p->worker_count);
	struct error err = {0};

	if (l != NULL) {
		l->call = call;
		l->asked = *q;
		if (filter_prepare(l, q->filter, &err) == 0)
			return l;
		list_free(l);
	}
	if (err.field[0] != '\0')
		control_call_fail(call, CALL_INVALID_PARAMS, err.field, err.text);
	else
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
	return NULL;
}

// Memory for the walk is taken when it begins, so that questions that wait hold none.
static void
list_start(struct pipeline *p, struct flow_list *l)
{
	if (scans_prepare(l, p->worker_count) != 0) {
		control_call_fail(l->call, CALL_INTERNAL_ERROR, NULL, "out of memory");
		list_free(l);
		return;
	}
	p->flow_lists.walking = l;
	for (unsigned int i = 0; i < p->worker_count; i++)
		__atomic_store_n(&p->workers[i].scan, &l->scans[i], __ATOMIC_RELEASE);
}

void
flows_list_op(void *app, const struct control_flows *q, struct control_call *call)
{
	struct pipeline *p = app;
	struct flow_lists *lists = &p->flow_lists;
	struct flow_list *l;

	if (lists->count == FLOW_LISTS_MAX) {
		control_call_fail(call, CALL_REFUSED, NULL, "flows.list: too many at once");
		return;
	}
	l = list_create(p, q, call);
	if (l != NULL && lists->walking == NULL)
		list_start(p, l);
	else if (l != NULL)
		lists->waiting[lists->count++] = l;
}

// What all walks saw together.
static void
totals_write(struct json_out *o, const struct flow_list *l, uint32_t shown)
{
	uint64_t from = UINT64_MAX, to = 0, looked = 0, matched = 0, packets = 0, bytes = 0;

	for (unsigned int i = 0; i < l->workers; i++) {
		const struct flow_scan *s = &l->scans[i];

		from = RTE_MIN(from, s->from_us);
		to = RTE_MAX(to, s->to_us);
		looked += s->looked;
		matched += s->matched;
		packets += s->packets;
		bytes += s->bytes;
	}
	json_out_key(o, "taken");
	json_out_open(o, '{');
	json_out_key_u64(o, "from_us", from);
	json_out_key_u64(o, "to_us", to);
	json_out_close(o, '}');
	json_out_key_u64(o, "total", looked);
	json_out_key_u64(o, "matched", matched);
	json_out_key_u64(o, "shown", shown);
	json_out_key_u64(o, "packets", packets);
	json_out_key_u64(o, "bytes", bytes);
}

static unsigned int
worker_of(const struct flow_list *l, const struct flow *copy)
{
	unsigned int i = 0;

	while (copy < l->scans[i].copies || copy >= l->scans[i].copies + l->scans[i].limit)
		i++;
	return i;
}

static cJSON *
answer_make(const struct pipeline *p, struct flow_list *l)
{
	const struct flow **flows = calloc(l->asked.limit, sizeof(*flows));
	struct json_out o = {0};
	cJSON *answer = NULL;
	uint32_t n;

	if (flows == NULL)
		return NULL;
	n = flow_scan_collect(l->scans, l->workers, l->asked.limit, flows);
	json_out_open(&o, '{');
	totals_write(&o, l, n);
	json_out_key(&o, "flows");
	json_out_open(&o, '[');
	for (uint32_t i = 0; i < n; i++) {
		struct flow f = *flows[i];

		f.worker = (uint8_t)worker_of(l, flows[i]);
		flow_record_write(&o, &f, p->protocols);
	}
	json_out_close(&o, ']');
	json_out_close(&o, '}');
	free(flows);
	if (!o.failed)
		answer = cJSON_CreateRaw(o.data);
	json_out_free(&o);
	return answer;
}

// Has each worker given its walk back?
static bool
walk_is_over(const struct pipeline *p)
{
	for (unsigned int i = 0; i < p->worker_count; i++)
		if (__atomic_load_n(&p->workers[i].scan, __ATOMIC_ACQUIRE) != NULL)
			return false;
	return true;
}

// A worker that ends gives back what it did not finish.
static bool
walk_is_whole(const struct flow_list *l)
{
	for (unsigned int i = 0; i < l->workers; i++)
		if (!l->scans[i].complete)
			return false;
	return true;
}

static void
list_answer(const struct pipeline *p, struct flow_list *l)
{
	cJSON *answer;

	if (!walk_is_whole(l)) {
		control_call_fail(l->call, CALL_STOPPING, NULL, "Weir is ending");
		return;
	}
	answer = answer_make(p, l);
	if (answer != NULL)
		control_call_complete(l->call, answer);
	else
		control_call_fail(l->call, CALL_INTERNAL_ERROR, NULL, "out of memory");
}

void
flow_lists_tick(struct pipeline *p)
{
	struct flow_lists *lists = &p->flow_lists;
	struct flow_list *l = lists->walking;

	if (l == NULL || !walk_is_over(p))
		return;
	list_answer(p, l);
	list_free(l);
	lists->walking = NULL;
	while (lists->walking == NULL && lists->count > 0) {
		l = lists->waiting[0];
		memmove(&lists->waiting[0], &lists->waiting[1],
			--lists->count * sizeof(lists->waiting[0]));
		list_start(p, l);
	}
}

static void
list_refuse(struct flow_list *l)
{
	control_call_fail(l->call, CALL_STOPPING, NULL, "Weir is ending");
	list_free(l);
}

void
flow_lists_refuse(struct pipeline *p)
{
	struct flow_lists *lists = &p->flow_lists;

	if (lists->walking != NULL)
		list_refuse(lists->walking);
	for (unsigned int i = 0; i < lists->count; i++)
		list_refuse(lists->waiting[i]);
	*lists = (struct flow_lists){0};
}
