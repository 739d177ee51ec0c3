/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>

#include <rte_byteorder.h>

#include "apportion.h"
#include "plan.h"
#include "prng.h"

// The flows: which address, which protocol, which peer and which ports.
//
// Address and protocol are handed out by apportion.h, each for itself, so the masses come out at
// both lists of weights at once and the two are independent. A packet then needs one draw, of its
// flow. Peers are handed out in turn, so that two flows of the same address and peer are at least
// a whole round of peers apart and differ in the client port, now and after they were renewed.

#define CLIENT_PORT_MIN 49152u  // dynamic ports, RFC 6335 section 6
#define SERVER_PORT_MIN 1024u   // of protocols that are none by name ("TCP", "UDP")
#define SERVER_PORTS (CLIENT_PORT_MIN - SERVER_PORT_MIN)
#define PORT_TRIES 256

struct flow_maker {
	struct plan *plan;
	const struct profile *profile;
	struct apportion *addresses;
	struct apportion *protocols;
	double *address_weights;   // one for each address, prefixes expanded
	double *protocol_weights;
	uint64_t stream;           // PRNG_ENDS
	uint64_t draws;
	uint64_t port_stream;      // PRNG_PORTS
	uint32_t peer_stride;      // no common divisor with the number of peers
	uint32_t peer_start;
};

static uint64_t
maker_word(struct flow_maker *m)
{
	return prng_word(m->stream, m->draws++);
}

static uint32_t
divisor_common(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

static int
weights_expand(struct flow_maker *m)
{
	const struct profile *p = m->profile;
	uint32_t n = 0;

	m->address_weights = calloc(m->plan->address_total, sizeof(double));
	m->protocol_weights = calloc(p->protocol_count, sizeof(double));
	if (m->address_weights == NULL || m->protocol_weights == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->address_entries; i++) {
		uint32_t count = p->addresses[i].count;

		for (uint32_t k = 0; k < count; k++, n++)
			m->address_weights[n] = p->address_weights == NULL ? 1 :
				p->addresses_bare ? p->address_weights[k] :
				p->address_weights[i] / count;
	}
	for (uint32_t i = 0; i < p->protocol_count; i++)
		m->protocol_weights[i] = p->protocol_weights == NULL ? 1 : p->protocol_weights[i];
	return 0;
}

// ICMP follows the IP version of the flow.
static uint8_t
ip_proto_fit(uint8_t ip_proto, uint8_t version)
{
	if (ip_proto == IPPROTO_ICMP || ip_proto == IPPROTO_ICMPV6)
		return version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	return ip_proto;
}

// The server's port: the protocol's own, or one that means nothing more than TCP or UDP.
static uint16_t
server_port_draw(struct flow_maker *m, const struct profile_protocol *q)
{
	uint16_t port = q->port.port;

	for (unsigned int i = 0; port == 0 && i < PORT_TRIES; i++) {
		uint16_t p = (uint16_t)(SERVER_PORT_MIN + prng_below(maker_word(m), SERVER_PORTS));
		uint16_t id = protocol_lookup(m->plan->names, q->port.ip_proto, CLIENT_PORT_MIN, p);

		if (strcasecmp(protocol_name(m->plan->names, id), q->name) == 0)
			port = p;
	}
	return port;
}

static bool
has_ports(uint8_t ip_proto)
{
	return ip_proto == IPPROTO_TCP || ip_proto == IPPROTO_UDP;
}

static void
ports_fill(struct flow_maker *m, uint32_t i, const struct profile_protocol *q,
	struct flow_ends *ends, uint16_t *ret_at)
{
	uint32_t peers = m->profile->peers4.count;

	if (!has_ports(ends->ip_proto)) {
		ends->client_port = (uint16_t)maker_word(m);
		return;
	}
	ends->server_port = server_port_draw(m, q);
	ends->client_port = rte_be_to_cpu_16(conversation_port_first(
		&m->plan->rules.ports[ends->ip_proto == IPPROTO_TCP ? 0 : 1], i / peers,
		(uint32_t)prng_below(prng_word(m->port_stream, i % peers), CONVERSATION_PORTS),
		ret_at));
	if (ends->ip_proto == IPPROTO_TCP) {
		uint64_t word = maker_word(m);

		ends->sequence[0] = (uint32_t)word;
		ends->sequence[1] = (uint32_t)(word >> 32);
	}
}

static void
flow_make(struct flow_maker *m, uint32_t i, double mass)
{
	const struct profile *p = m->profile;
	struct plan_label *label = &m->plan->labels[i];
	struct flow_ends ends = {0};
	struct address near_end, far_end;
	uint16_t port_at = 0;
	uint32_t peer;

	label->address = apportion_draw(m->addresses, mass);
	label->asked = (uint16_t)apportion_draw(m->protocols, mass);
	near_end = plan_address(m->plan, label->address);
	peer = (uint32_t)((m->peer_start + (uint64_t)i * m->peer_stride) % p->peers4.count);
	label->peer = m->plan->address_total + peer +
		(near_end.version == 4 ? 0 : p->peers4.count);
	far_end = plan_address(m->plan, label->peer);
	ends.client_far = (uint8_t)(maker_word(m) >> 63);
	ends.client = ends.client_far ? far_end : near_end;
	ends.server = ends.client_far ? near_end : far_end;
	ends.ip_proto = ip_proto_fit(p->protocols[label->asked].port.ip_proto, near_end.version);
	ports_fill(m, i, &p->protocols[label->asked], &ends, &port_at);
	label->protocol = protocol_lookup(m->plan->names, ends.ip_proto,
		has_ports(ends.ip_proto) ? ends.client_port : 0, ends.server_port);
	label->server_port = ends.server_port;
	flow_frame_fill(&m->plan->flows[i], &ends);
	m->plan->flows[i].port_at = port_at;
}

int
plan_flows_fill(struct plan *plan, const struct profile *p, const double *masses)
{
	struct flow_maker m = {.plan = plan, .profile = p,
		.stream = prng_stream(p->seed, PRNG_ENDS),
		.port_stream = prng_stream(p->seed, PRNG_PORTS)};
	int rc = weights_expand(&m);

	if (rc != 0)
		goto out;
	rc = -ENOMEM;
	m.addresses = apportion_create(m.address_weights, plan->address_total,
		prng_stream(p->seed, PRNG_ADDRESS));
	m.protocols = apportion_create(m.protocol_weights, p->protocol_count,
		prng_stream(p->seed, PRNG_PROTOCOL));
	if (m.addresses == NULL || m.protocols == NULL)
		goto out;
	m.peer_start = (uint32_t)prng_below(maker_word(&m), p->peers4.count);
	do
		m.peer_stride = 1 + (uint32_t)prng_below(maker_word(&m), p->peers4.count);
	while (divisor_common(m.peer_stride, p->peers4.count) != 1);
	for (uint32_t i = 0; i < p->flows; i++)
		flow_make(&m, i, masses[i]);
	rc = 0;
out:
	apportion_free(m.addresses);
	apportion_free(m.protocols);
	free(m.address_weights);
	free(m.protocol_weights);
	return rc;
}
