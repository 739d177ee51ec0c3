/* SPDX-License-Identifier: BSD-3-Clause */
#include <netinet/in.h>
#include <string.h>

#include "answer_internal.h"

// Counts per flow into sums per protocol and address. Folding thread.

static void
flow_fold(struct answer_key *k, uint32_t flow, const struct answer_count *c)
{
	const struct plan_label *label = &k->plan->labels[flow];
	struct answer_sums *s = &k->now;

	if (c->packets == 0)
		return;
	answer_count_add(&s->all, c);
	if (flow < k->plan->undescribed) {
		answer_count_add(&s->no_key, c);
		answer_count_add(&s->reasons[flow], c);
		return;
	}
	answer_count_add(&s->protocols[label->protocol], c);
	answer_count_add(&s->addresses[label->address], c);
	answer_count_add(&s->addresses[label->peer], c);
}

static void
event_fold(struct answer_key *k, const struct answer_record *r)
{
	struct answer_sums *s = &k->now;
	struct plan_event_packet e;
	uint16_t protocol;

	plan_event_packet(k->plan, r->flow - k->plan->flow_count, r->word, &e);
	protocol = protocol_lookup(k->plan->names, IPPROTO_TCP, e.client_port, e.server_port);
	answer_count_add(&s->all, &r->count);
	answer_count_add(&s->protocols[protocol], &r->count);
	answer_count_add(&s->addresses[e.client], &r->count);
	answer_count_add(&s->addresses[e.server], &r->count);
	if (k->keep_flows)
		answer_flow_event(k, &e, &r->count);
}

void
answer_half_fold(struct answer_key *k, unsigned int lcore, struct answer_half *half)
{
	if (!half->counted)
		return;
	for (uint32_t i = 0; i < half->record_count; i++) {
		const struct answer_record *r = &half->records[i];

		if (r->flow >= k->plan->flow_count) {
			event_fold(k, r);
			continue;
		}
		flow_fold(k, r->flow, &r->count);
		answer_flow_end(k, r->flow, &r->count);
	}
	half->record_count = 0;
	for (uint32_t flow = lcore, i = 0; flow < k->plan->flow_count; flow += k->lcores, i++) {
		if (half->counts[i].packets == 0)
			continue;
		flow_fold(k, flow, &half->counts[i]);
		if (k->keep_flows && flow >= k->plan->undescribed)
			answer_flow_count(k, flow, &half->counts[i]);
		half->counts[i] = (struct answer_count){0};
	}
	half->counted = false;
}

static void
sums_clear(const struct answer_key *k, struct answer_sums *s)
{
	memset(&s->all, 0, sizeof(s->all));
	memset(&s->no_key, 0, sizeof(s->no_key));
	memset(s->reasons, 0, sizeof(s->reasons));
	memset(s->protocols, 0, k->protocol_count * sizeof(*s->protocols));
	memset(s->addresses, 0, k->address_count * sizeof(*s->addresses));
}

// The second into the total.
static void
sums_total(struct answer_key *k)
{
	answer_count_add(&k->total.all, &k->now.all);
	answer_count_add(&k->total.no_key, &k->now.no_key);
	for (unsigned int i = 0; i < DISCARD_COUNT; i++)
		answer_count_add(&k->total.reasons[i], &k->now.reasons[i]);
	for (uint32_t i = 0; i < k->protocol_count; i++)
		answer_count_add(&k->total.protocols[i], &k->now.protocols[i]);
	for (uint32_t i = 0; i < k->address_count; i++)
		answer_count_add(&k->total.addresses[i], &k->now.addresses[i]);
}

// Recordings may have long gaps: a second without packets costs next to nothing.
void
answer_second_finish(struct answer_key *k)
{
	bool any = k->now.all.packets != 0;

	if (any)
		sums_total(k);
	if (k->observe != NULL)
		k->observe(k->observe_arg, k->second, &k->now);
	if (k->window != NULL && any)
		answer_window_add(k->window, k->second, &k->now);
	if (k->file != NULL && any)
		answer_second_write(k);
	if (any)
		sums_clear(k, &k->now);
}
