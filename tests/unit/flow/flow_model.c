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
	if (m->limits.tcp_end && fin != NULL)
		moments[2].at = (on_clock ? fin->clock_us : fin->p.ts_us) + FIN_US;
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

// Gaps between the packets of one direction, or of both (dir 2).
static void
gaps(const struct model_flow *mf, unsigned int dir, int64_t *min, int64_t *max, flow_u128 *squares)
{
	const struct model_packet *before = NULL;
	unsigned int n = 0;

	for (size_t i = 0; i < mf->count; i++) {
		const struct model_packet *p = &mf->packet[i];
		__int128 gap;

		if (dir != 2 && p->dir != dir)
			continue;
		if (before != NULL) {
			gap = (__int128)p->p.ts_us - (__int128)before->p.ts_us;
			*min = n == 0 || gap < *min ? (int64_t)gap : *min;
			*max = n == 0 || gap > *max ? (int64_t)gap : *max;
			*squares += (flow_u128)(gap * gap);
			n++;
		}
		before = p;
	}
}

static void
direction_record(const struct model_flow *mf, unsigned int dir, struct flow_direction *d)
{
	for (size_t i = 0; i < mf->count; i++) {
		const struct packet *p = &mf->packet[i].p;

		if (mf->packet[i].dir != dir)
			continue;
		if (d->packets++ == 0)
			d->first_us = p->ts_us;
		d->last_us = p->ts_us;
		d->bytes += p->wire_bytes;
		d->l3_bytes += p->l3_bytes;
		d->tcp_flags |= p->flags;
		d->size_squares += (flow_u128)p->wire_bytes * p->wire_bytes;
		d->size_min = d->packets == 1 ? p->wire_bytes : RTE_MIN(d->size_min, p->wire_bytes);
		d->size_max = RTE_MAX(d->size_max, p->wire_bytes);
		d->ttl_min = d->packets == 1 ? p->ttl : RTE_MIN(d->ttl_min, p->ttl);
		d->ttl_max = RTE_MAX(d->ttl_max, p->ttl);
	}
	gaps(mf, dir, &d->iat_min_us, &d->iat_max_us, &d->iat_squares);
}

void
model_record(const struct model_flow *mf, struct flow *f)
{
	memset(f, 0, sizeof(*f));
	for (unsigned int dir = 0; dir < 2; dir++)
		direction_record(mf, dir, &f->dir[dir]);
	gaps(mf, 2, &f->iat_min_us, &f->iat_max_us, &f->iat_squares);
	f->last_us = mf->packet[mf->count - 1].p.ts_us;
	f->seen_us = mf->packet[mf->count - 1].clock_us;
	f->born_us = mf->packet[0].clock_us;
	f->end = (uint8_t)mf->end;
}
