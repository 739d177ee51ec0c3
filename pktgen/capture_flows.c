/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture_flows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#define ROOM_FIRST 1024u
#define IP4_HEADER 20u
#define IP6_HEADER 40u

void
capture_flows_init(struct capture_flows *f)
{
	*f = (struct capture_flows){0};
	intern_init(&f->addresses, sizeof(struct address), 2 * CAPTURE_FLOWS_MAX);
	intern_init(&f->flows, sizeof(struct capture_flow), CAPTURE_FLOWS_MAX);
}

void
capture_flows_fini(struct capture_flows *f)
{
	intern_fini(&f->addresses);
	intern_fini(&f->flows);
	free(f->client);
}

static int
clients_grow(struct capture_flows *f)
{
	uint32_t room = RTE_MAX(2 * f->room, ROOM_FIRST);
	uint8_t *client;

	if (f->flows.count < f->room)
		return 0;
	client = realloc(f->client, room);
	if (client == NULL)
		return -ENOMEM;
	f->client = client;
	f->room = room;
	return 0;
}

// The key as a flow, and which end the sender is. False: no room.
static bool
flow_make(struct capture_flows *f, const struct frame_key *k, uint32_t captured,
	struct capture_flow *ret, uint8_t *ret_sender)
{
	uint32_t header = k->src.version == 4 ? IP4_HEADER : IP6_HEADER;
	uint32_t from = intern_number(&f->addresses, &k->src);
	uint32_t to = from != INTERN_NONE ? intern_number(&f->addresses, &k->dst) : INTERN_NONE;
	uint8_t sender = from != to ? from > to : k->port[0] > k->port[1];

	if (to == INTERN_NONE)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->end[sender] = from;
	ret->end[sender ^ 1] = to;
	ret->port[sender] = k->port[0];
	ret->port[sender ^ 1] = k->port[1];
	memcpy(ret->vlan, k->vlan, sizeof(ret->vlan));
	ret->vlan_count = k->vlan_count;
	ret->ip_proto = k->ip_proto;
	// Of a header that is not all there nothing is rewritten.
	ret->turns = k->outer && captured >= k->ip_at + header;
	*ret_sender = sender;
	return true;
}

static uint32_t
flow_number(struct capture_flows *f, const struct frame_key *k, uint32_t captured)
{
	struct capture_flow flow;
	uint32_t number, before = f->flows.count;
	uint8_t sender;

	errno = ENOMEM;
	if (clients_grow(f) != 0 || !flow_make(f, k, captured, &flow, &sender))
		return INTERN_NONE;
	number = intern_number(&f->flows, &flow);
	if (f->flows.count != before)
		f->client[number] = sender;
	return number;
}

uint32_t
capture_flows_number(struct capture_flows *f, const uint8_t *frame, uint32_t captured,
	uint32_t bytes)
{
	uint8_t padded[FRAME_KEY_BYTES] = {0};
	enum discard_reason why;
	struct frame_key k;
	uint32_t number;

	if (f->failed != 0)
		return 0;
	if (captured < RTE_MIN(bytes, FRAME_KEY_BYTES)) {
		memcpy(padded, frame, captured);
		frame = padded;
	}
	why = frame_key_read(frame, bytes, &k);
	if (why != DISCARD_NONE)
		return why;
	number = flow_number(f, &k, captured);
	if (number != INTERN_NONE)
		return CAPTURE_FLOWS_FIRST + number;
	f->failed = errno;
	return 0;
}
