/* SPDX-License-Identifier: BSD-3-Clause */
#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>

#include "plan.h"
#include "prng.h"

// Scans and floods. Each packet is a flow of its own, and all of it comes from the packet's random
// word, so that the answer key can tell later what was sent.

uint32_t
plan_label_find(const struct plan *p, const struct address *a)
{
	for (uint32_t i = 0; i < p->address_entries; i++) {
		const struct address_range *r = &p->addresses[i];

		for (uint32_t k = 0; address_range_has(r, a) && k < r->count; k++) {
			struct address at = address_range_at(r, k);

			if (address_compare(&at, a) == 0)
				return p->address_base[i] + k;
		}
	}
	return UINT32_MAX;
}

// The first label of a flood's sources. Floods with the same sources share them.
static uint32_t
sources_label(struct plan *plan, const struct address_range *sources)
{
	uint32_t label = plan->address_total + plan->peers4.count + plan->peers6.count;

	for (uint32_t i = 0; i < plan->source_count; i++) {
		if (strcmp(plan->sources[i].text, sources->text) == 0 &&
				plan->sources[i].count == sources->count)
			return label;
		label += plan->sources[i].count;
	}
	plan->sources[plan->source_count++] = *sources;
	return label;
}

static void
event_fill(struct plan *plan, const struct profile_event *e)
{
	struct plan_event *to = &plan->events[plan->event_count++];

	*to = (struct plan_event){.type = e->type, .port_min = e->port_min,
		.ports = (uint32_t)e->port_max - e->port_min + 1,
		.key = plan_label_find(plan, &e->address)};
	if (e->type == EVENT_SCAN) {
		to->others = plan->address_total +
			(e->address.version == 4 ? 0 : plan->peers4.count);
		to->other_count = e->targets;
	} else {
		to->others = sources_label(plan, &e->sources);
		to->other_count = e->sources.count;
	}
}

void
plan_events_fill(struct plan *plan, const struct profile *p)
{
	for (uint32_t i = 0; i < p->event_count; i++) {
		if (p->events[i].rate_pps == 0)
			continue;
		event_fill(plan, &p->events[i]);
		plan->rate_bound = true;
	}
}

void
plan_event_packet(const struct plan *p, uint32_t event, uint64_t word,
	struct plan_event_packet *ret)
{
	const struct plan_event *e = &p->events[event];
	const struct conversation_ports *ports = &p->rules.ports[0];
	uint64_t more = prng_mix(word);
	uint32_t other = e->others + (uint32_t)prng_below(word, e->other_count);
	bool scan = e->type == EVENT_SCAN;

	ret->client = scan ? e->key : other;
	ret->server = scan ? other : e->key;
	ret->server_port = (uint16_t)(e->port_min + prng_below(more, e->ports));
	ret->client_port = rte_be_to_cpu_16(ports->list[(uint32_t)more % ports->limit]);
}

void
plan_event_flow(const struct plan *p, uint32_t event, uint64_t word, struct flow_frame *ret)
{
	struct plan_event_packet packet;
	struct flow_ends ends = {.ip_proto = IPPROTO_TCP, .sequence = {(uint32_t)word, 0},
		.client_far = p->events[event].type == EVENT_SYN_FLOOD};

	plan_event_packet(p, event, word, &packet);
	ends.client = plan_address(p, packet.client);
	ends.server = plan_address(p, packet.server);
	ends.client_port = packet.client_port;
	ends.server_port = packet.server_port;
	flow_frame_fill(ret, &ends);
}
