/* SPDX-License-Identifier: BSD-3-Clause */
#include "alerts_kept.h"

#include <stdbool.h>
#include <string.h>

void
alerts_kept_add(struct alerts_kept *k, struct document *d)
{
	struct document *old, **place;

	rte_spinlock_lock(&k->lock);
	place = &k->of[k->count++ % CONTROL_ALERTS_MAX];
	old = *place;
	*place = document_get(d);
	rte_spinlock_unlock(&k->lock);
	document_put(old);
}

void
alerts_kept_free(struct alerts_kept *k)
{
	for (unsigned int i = 0; i < CONTROL_ALERTS_MAX; i++)
		document_put(k->of[i]);
	memset(k->of, 0, sizeof(k->of));
	k->count = 0;
}

static bool
wanted(const struct store_query *q, const struct document *d)
{
	return (q->query[0] == '\0' || strcmp(q->query, d->name) == 0) && d->end_us >= q->from_us &&
		d->end_us < q->to_us;
}

// References to those that are asked for, newest first. Returns their number, at most q->limit.
static unsigned int
collect(struct alerts_kept *k, const struct store_query *q, struct document **ret,
	bool *ret_more, uint64_t *ret_dropped)
{
	unsigned int n = 0;
	uint64_t first;

	*ret_more = false;
	rte_spinlock_lock(&k->lock);
	first = k->count > CONTROL_ALERTS_MAX ? k->count - CONTROL_ALERTS_MAX : 0;
	for (uint64_t i = k->count; i > first && !*ret_more; i--) {
		struct document *d = k->of[(i - 1) % CONTROL_ALERTS_MAX];

		if (!wanted(q, d))
			continue;
		if (n == q->limit)
			*ret_more = true;
		else
			ret[n++] = document_get(d);
	}
	rte_spinlock_unlock(&k->lock);
	*ret_dropped = first;
	return n;
}

void
alerts_kept_write(struct alerts_kept *k, const struct store_query *q, const char *fault,
	struct json_out *o)
{
	struct document *of[CONTROL_ALERTS_MAX];
	uint64_t dropped;
	bool more;
	unsigned int n = collect(k, q, of, &more, &dropped);

	json_out_open(o, '{');
	json_out_key(o, "alerts");
	json_out_open(o, '[');
	for (unsigned int i = 0; i < n; i++) {
		json_out_raw(o, of[i]->json);
		document_put(of[i]);
	}
	json_out_close(o, ']');
	json_out_key_bool(o, "more", more);
	json_out_key_str(o, "source", "memory");
	json_out_key_u64(o, "dropped", dropped);
	json_out_key(o, "fault");
	if (fault != NULL)
		json_out_str(o, fault);
	else
		json_out_null(o);
	json_out_close(o, '}');
}
