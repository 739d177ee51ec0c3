/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_model.h"

#include <stdlib.h>

void
model_free(struct model *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->flow[i].packet);
	free(m->flow);
	*m = (struct model){0};
}

static void *
grow(void *array, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return array;
	*cap = *cap != 0 ? *cap * 2 : 16;
	array = realloc(array, *cap * size);
	if (array == NULL)
		abort();
	return array;
}

// 0: same direction as a, 1: the other one, -1: not the same flow.
static int
direction(const struct packet *a, const struct packet *b)
{
	if (a->proto != b->proto)
		return -1;
	if (a->src == b->src && a->dst == b->dst && a->sport == b->sport && a->dport == b->dport)
		return 0;
	if (a->src == b->dst && a->dst == b->src && a->sport == b->dport && a->dport == b->sport)
		return 1;
	return -1;
}

struct moment {
	enum flow_end end;
	uint64_t at;
};

static enum flow_end
earliest(const struct moment *moments, uint64_t now)
{
	const struct moment *first = NULL;

	for (unsigned int i = 0; i < 3; i++)
		if (moments[i].at != 0 && moments[i].at <= now &&
			(first == NULL || moments[i].at < first->at))
			first = &moments[i];
	return first != NULL ? first->end : FLOW_ACTIVE_STILL;
}

// Has the time run out by `now`, on the clock or on the packets' own time?
static enum flow_end
over(const struct model *m, const struct model_flow *f, bool on_clock, uint64_t now)
{
	const struct model_packet *first = &f->packet[0], *last = &f->packet[f->count - 1];
	const struct model_packet *fin = NULL;
	struct moment moments[3] = {{FLOW_END_IDLE, 0}, {FLOW_END_ACTIVE, 0},
		{FLOW_END_FIN_TIMEOUT, 0}};

	for (unsigned int i = 0; i < 2; i++)
		if (f->fin[i] >= 0 && (fin == NULL || &f->packet[f->fin[i]] < fin))
			fin = &f->packet[f->fin[i]];
	if (m->limits.idle_us != 0)
		moments[0].at = (on_clock ? last->clock_us : last->p.ts_us) + m->limits.idle_us;
	if (m->limits.active_us != 0)
		moments[1].at = (on_clock ? first->clock_us : first->p.ts_us) + m->limits.active_us;
	if (m->limits.tcp_end && fin != NULL && on_clock)
		moments[2].at = fin->clock_us + FIN_US;
	return earliest(moments, now);
}

static bool
acknowledges(const struct packet *p, const struct packet *fin)
{
	uint32_t beyond = fin->seq + fin->payload + 1 + ((fin->flags & TCP_SYN) != 0);

	return (p->flags & TCP_ACK) != 0 && p->ack - beyond < UINT32_C(0x80000000);
}

// What the newest packet of f does to it.
static enum flow_end
tcp_end(struct model_flow *f)
{
	const struct model_packet *newest = &f->packet[f->count - 1];
	unsigned int later;

	if ((newest->p.flags & TCP_RST) != 0)
		return FLOW_END_RST;
	if ((newest->p.flags & TCP_FIN) != 0 && f->fin[newest->dir] < 0)
		f->fin[newest->dir] = (int)f->count - 1;
	if (f->fin[0] < 0 || f->fin[1] < 0)
		return FLOW_ACTIVE_STILL;
	later = f->fin[1] > f->fin[0];
	return newest->dir != later && acknowledges(&newest->p, &f->packet[f->fin[later]].p) ?
		FLOW_END_FIN : FLOW_ACTIVE_STILL;
}

static struct model_flow *
find(struct model *m, const struct packet *p, unsigned int *ret_dir)
{
	for (size_t i = m->count; i-- > 0;) {
		struct model_flow *f = &m->flow[i];
		int dir = f->end == FLOW_ACTIVE_STILL ? direction(&f->packet[0].p, p) : -1;

		if (dir >= 0) {
			*ret_dir = (unsigned int)dir;
			return f;
		}
	}
	return NULL;
}

void
model_packet(struct model *m, const struct packet *p)
{
	unsigned int dir = 0;
	struct model_flow *f = find(m, p, &dir);

	m->clock_us = RTE_MAX(m->clock_us, p->ts_us);
	if (f != NULL) {
		f->end = over(m, f, true, m->clock_us);
		if (f->end == FLOW_ACTIVE_STILL)
			f->end = over(m, f, false, p->ts_us);
	}
	if (f == NULL || f->end != FLOW_ACTIVE_STILL) {
		m->flow = grow(m->flow, m->count, &m->cap, sizeof(*m->flow));
		f = &m->flow[m->count++];
		*f = (struct model_flow){.fin = {-1, -1}};
		dir = 0;
	}
	f->packet = grow(f->packet, f->count, &f->cap, sizeof(*f->packet));
	f->packet[f->count++] = (struct model_packet){*p, m->clock_us, dir};
	if (m->limits.tcp_end)
		f->end = tcp_end(f);
}

void
model_flush(struct model *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct model_flow *f = &m->flow[i];

		if (f->end == FLOW_ACTIVE_STILL)
			f->end = over(m, f, true, m->clock_us);
		if (f->end == FLOW_ACTIVE_STILL)
			f->end = FLOW_END_FLUSH;
	}
}

// Does the packet belong to this part?
static bool
belongs(const struct model_packet *p, unsigned int part)
{
	return part == MODEL_BOTH || p->dir == part;
}

static void
gaps_answer(const struct model_flow *mf, unsigned int part, struct model_part *a)
{
	const struct model_packet *before = NULL;

	for (size_t i = 0; i < mf->count; i++) {
		const struct model_packet *p = &mf->packet[i];
		__int128 gap;

		if (!belongs(p, part))
			continue;
		if (before != NULL) {
			gap = (__int128)p->p.ts_us - (__int128)before->p.ts_us;
			a->gap_min = a->gaps == 0 || gap < a->gap_min ? gap : a->gap_min;
			a->gap_max = a->gaps == 0 || gap > a->gap_max ? gap : a->gap_max;
			a->gap_sum += gap;
			a->gap_squares += (unsigned __int128)(gap * gap);
			a->gaps++;
		}
		before = p;
	}
}

static void
packets_answer(const struct model_flow *mf, unsigned int part, struct model_part *a)
{
	for (size_t i = 0; i < mf->count; i++) {
		const struct packet *p = &mf->packet[i].p;

		if (!belongs(&mf->packet[i], part))
			continue;
		if (a->packets++ == 0) {
			a->first_us = p->ts_us;
			a->size_min = p->wire_bytes;
			a->ttl_min = p->ttl;
		}
		a->last_us = p->ts_us;
		a->bytes += p->wire_bytes;
		a->l3_bytes += p->l3_bytes;
		a->tcp_flags |= p->flags;
		a->size_squares += (unsigned __int128)p->wire_bytes * p->wire_bytes;
		a->size_min = RTE_MIN(a->size_min, (uint64_t)p->wire_bytes);
		a->size_max = RTE_MAX(a->size_max, (uint64_t)p->wire_bytes);
		a->ttl_min = RTE_MIN(a->ttl_min, (unsigned int)p->ttl);
		a->ttl_max = RTE_MAX(a->ttl_max, (unsigned int)p->ttl);
	}
}

void
model_answer(const struct model_flow *mf, struct model_answer *ret)
{
	*ret = (struct model_answer){
		.born_us = mf->packet[0].clock_us,
		.seen_us = mf->packet[mf->count - 1].clock_us,
		.end = mf->end,
	};
	for (unsigned int part = 0; part < MODEL_PARTS; part++) {
		packets_answer(mf, part, &ret->part[part]);
		gaps_answer(mf, part, &ret->part[part]);
	}
}
