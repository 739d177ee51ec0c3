/* SPDX-License-Identifier: BSD-3-Clause */
#include "conversation.h"

#include <math.h>
#include <netinet/in.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "prng.h"

#define CLIENT_PORT_MIN 49152u  // dynamic ports, RFC 6335 section 6
#define UNITS_OF_MEAN 4096      // units of time in a mean lifetime, at least

// How a packet's random word is used besides its direction (bit 0) and size (the upper half).
#define WORD_LIFETIME_SHIFT 1
#define WORD_RESET_SHIFT 11

void
conversation_begin(const struct conversation_rules *r, struct flow_frame *f, uint64_t position,
	uint64_t word)
{
	uint32_t lifetime = r->lifetimes[(word >> WORD_LIFETIME_SHIFT) % CONVERSATION_STEPS];
	bool tcp = frame_kind_is_tcp(f->kind);

	if (!r->ends)
		f->end = 0;
	else if (r->by_packets)
		f->end = lifetime - !tcp;  // SYN is counted down like what follows
	else
		f->end = (uint32_t)(position >> r->unit_shift) + lifetime;
	f->message = 0;
	f->state = STATE_TURN | (tcp ? PHASE_FRESH : PHASE_OPEN);
}

void
conversation_renew(const struct conversation_rules *r, struct flow_frame *f, uint64_t word)
{
	bool tcp = frame_kind_is_tcp(f->kind);
	const struct conversation_ports *p = &r->ports[tcp ? 0 : 1];

	f->state = PHASE_FRESH;
	if (frame_kind_is_icmp(f->kind))
		return;
	f->port_at = conversation_port_next(p, f->port_at);
	flow_frame_port_set(f, p->list[f->port_at]);
	if (tcp) {
		word = prng_mix(word);
		f->sequence[0] = (uint32_t)word;
		f->sequence[1] = (uint32_t)(word >> 32);
	}
}

static void
step_set(struct frame_step *ret, unsigned int direction, uint32_t flags)
{
	*ret = (struct frame_step){direction, 0, flags};
}

// The flow has lived its time: FIN from one side, or RST.
static void
close_begin(const struct conversation_rules *r, struct flow_frame *f, uint64_t word,
	struct frame_step *ret)
{
	bool reset = ((word >> WORD_RESET_SHIFT) & 0xffff) < r->reset;

	step_set(ret, word & 1, RTE_TCP_ACK_FLAG |
		(reset ? RTE_TCP_RST_FLAG : RTE_TCP_FIN_FLAG));
	f->state = reset ? PHASE_OVER : ret->direction == 0 ? PHASE_FIN_CLIENT : PHASE_FIN_SERVER;
}

void
conversation_tcp_special(const struct conversation_rules *r, struct flow_frame *f,
	uint64_t position, uint64_t word, struct frame_step *ret)
{
	// By phase, but for the open one: what is sent, and what comes after it.
	static const struct {
		uint8_t direction;
		uint8_t flags;
		uint8_t next;
	} steps[] = {
		[PHASE_FRESH] = {0, RTE_TCP_SYN_FLAG, PHASE_SYN_SENT},
		[PHASE_SYN_SENT] = {1, RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG, PHASE_SYN_ANSWERED},
		[PHASE_SYN_ANSWERED] = {0, RTE_TCP_ACK_FLAG, PHASE_OPEN},
		[PHASE_FIN_CLIENT] = {1, RTE_TCP_FIN_FLAG | RTE_TCP_ACK_FLAG, PHASE_LAST_CLIENT},
		[PHASE_FIN_SERVER] = {0, RTE_TCP_FIN_FLAG | RTE_TCP_ACK_FLAG, PHASE_LAST_SERVER},
		[PHASE_LAST_CLIENT] = {0, RTE_TCP_ACK_FLAG, PHASE_OVER},
		[PHASE_LAST_SERVER] = {1, RTE_TCP_ACK_FLAG, PHASE_OVER},
	};
	unsigned int phase = f->state & PHASE_MASK;

	if (phase == PHASE_OPEN) {
		close_begin(r, f, word, ret);
		return;
	}
	if (phase < PHASE_OPEN)
		conversation_over(r, f, position);  // these count, but always go to their end
	step_set(ret, steps[phase].direction, steps[phase].flags);
	f->state = (uint8_t)((f->state & ~PHASE_MASK) | steps[phase].next);
}

// Two packets of the message and nothing from its receiver yet.
static bool
ack_send(struct flow_frame *f, struct frame_step *ret)
{
	if ((f->state & STATE_ACK_DUE) == 0)
		return false;
	step_set(ret, (f->state & STATE_TURN) == 0, RTE_TCP_ACK_FLAG);
	f->state &= (uint8_t)~(STATE_ACK_DUE | STATE_UNACKED);
	return true;
}

static void
message_begin(const struct conversation_rules *r, struct flow_frame *f, uint64_t word)
{
	f->state ^= STATE_TURN;
	f->state &= (uint8_t)~(STATE_UNACKED | STATE_ACK_DUE);
	f->message = size_draw(f->state & STATE_TURN ? &r->response : &r->request,
		(uint32_t)(word >> 32));
}

void
conversation_exchange(const struct conversation_rules *r, struct flow_frame *f, uint64_t position,
	uint64_t word, struct frame_step *ret)
{
	bool tcp = frame_kind_is_tcp(f->kind);
	uint32_t room = r->frame_max - frame_header_bytes[f->kind] - r->extra;

	(void)position;
	if (f->message == 0)
		message_begin(r, f, word);
	if (tcp && ack_send(f, ret))
		return;
	*ret = (struct frame_step){(f->state & STATE_TURN) != 0, RTE_MIN(f->message, room),
		RTE_TCP_ACK_FLAG};
	f->message -= ret->payload;
	if (f->message == 0)
		ret->flags |= RTE_TCP_PSH_FLAG;
	else
		f->state |= f->state & STATE_UNACKED ? STATE_ACK_DUE : STATE_UNACKED;
}

uint16_t
conversation_port_first(const struct conversation_ports *p, uint32_t n, uint32_t start,
	uint16_t *ret_at)
{
	uint32_t rounds = p->limit / p->step;

	*ret_at = (uint16_t)(n % p->step + start % rounds * p->step);
	return p->list[*ret_at];
}

// Ports by which either direction, seen first, is taken for the server's protocol: those that the
// table has no name for. A table with a name for each of them leaves all of them.
static void
ports_fill(struct conversation_ports *ports, const struct protocol_table *names, uint8_t ip_proto,
	uint32_t flows_of_peer)
{
	uint16_t nameless = protocol_lookup(names, ip_proto, 0, 0);
	uint32_t n = 0;

	for (uint32_t port = CLIENT_PORT_MIN; port <= UINT16_MAX; port++)
		if (protocol_lookup(names, ip_proto, (uint16_t)port, (uint16_t)port) == nameless)
			ports->list[n++] = rte_cpu_to_be_16((uint16_t)port);
	for (uint32_t port = CLIENT_PORT_MIN; n == 0 && port <= UINT16_MAX; port++)
		ports->list[port - CLIENT_PORT_MIN] = rte_cpu_to_be_16((uint16_t)port);
	if (n == 0)
		n = CONVERSATION_PORTS;
	ports->step = RTE_MIN(flows_of_peer, n);
	ports->limit = n - n % ports->step;
}

// The quantile of a lifetime of mean 1.
static double
lifetime_quantile(const struct lifetime *l, double q)
{
	switch (l->type) {
	case LIFETIME_EXPONENTIAL:
		return -log1p(-q);
	case LIFETIME_PARETO:
		return (l->shape - 1) / l->shape * pow(1 - q, -1 / l->shape);
	default:
		return 1;
	}
}

static void
lifetimes_fill(struct conversation_rules *r, const struct profile *p)
{
	double mean = p->lifetime.mean, sum = 0, most = UINT32_MAX / 4;

	r->ends = p->lifetime.unit != LIFETIME_ENDLESS;
	r->by_packets = p->lifetime.unit == LIFETIME_PACKETS;
	if (!r->ends)
		return;
	if (!r->by_packets) {
		mean *= (double)p->rate_pps;
		while (mean > UNITS_OF_MEAN * 2) {
			mean /= 2;
			r->unit_shift++;
		}
	}
	for (unsigned int i = 0; i < CONVERSATION_STEPS; i++)
		sum += lifetime_quantile(&p->lifetime, (i + 0.5) / CONVERSATION_STEPS);
	for (unsigned int i = 0; i < CONVERSATION_STEPS; i++) {
		double v = mean * CONVERSATION_STEPS / sum *
			lifetime_quantile(&p->lifetime, (i + 0.5) / CONVERSATION_STEPS);

		r->lifetimes[i] = (uint32_t)fmax(fmin(round(v), most), 1);
	}
}

int
conversation_rules_fill(struct conversation_rules *r, const struct profile *p,
	const struct protocol_table *names, uint32_t extra)
{
	uint32_t flows_of_peer = (p->flows - 1) / p->peers4.count + 1;
	int rc = size_model_fill(&r->size, &p->size);

	r->exchange = p->exchange.on;
	r->extra = extra;
	r->frame_max = RTE_MAX(size_largest(&p->size), FRAME_HEADERS_MAX + extra);
	r->reset = (uint32_t)lround(p->lifetime.reset_percent / 100 * 65536);
	if (rc == 0 && r->exchange)
		rc = size_model_fill(&r->request, &p->exchange.request);
	if (rc == 0 && r->exchange)
		rc = size_model_fill(&r->response, &p->exchange.response);
	lifetimes_fill(r, p);
	ports_fill(&r->ports[0], names, IPPROTO_TCP, flows_of_peer);
	ports_fill(&r->ports[1], names, IPPROTO_UDP, flows_of_peer);
	return rc;
}
