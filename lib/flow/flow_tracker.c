/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_tracker.h"

#include <rte_branch_prediction.h>
#include <rte_prefetch.h>

#include "flow/flow_stats.h"

#define FIN_SECOND_DIRECTION 4

void
flow_tracker_init(struct flow_tracker *tr, struct flow_table *table,
	const struct protocol_table *protocols, const struct flow_limits *limits, uint64_t now_us)
{
	*tr = (struct flow_tracker){.table = table, .protocols = protocols};
	flow_tracker_set_limits(tr, limits);
	flow_timer_init(&tr->timer, now_us);
}

void
flow_tracker_set_limits(struct flow_tracker *tr, const struct flow_limits *limits)
{
	uint64_t ticks = limits->active_us >> FLOW_TICK_SHIFT;

	tr->limits = *limits;
	tr->hot.idle_us = limits->idle_us != 0 ? limits->idle_us : UINT64_MAX;
	// A tick count wraps after 17 years: beyond half of that, ages are looked at one by one, and a
	// gap as long as the active timeout is never left to ticks, as it may be that long.
	if (limits->active_us != 0)
		tr->hot.idle_us = RTE_MIN(tr->hot.idle_us, limits->active_us);
	if (limits->active_us == 0)
		tr->hot.active_ticks = UINT32_MAX;
	else
		tr->hot.active_ticks = ticks < UINT32_MAX / 2 ? (uint32_t)ticks : 0;
}

static void
flow_finish(struct flow_tracker *tr, struct flow *f, enum flow_end end)
{
	f->end = (uint8_t)end;
	tr->counts.ended[end]++;
	tr->counts.active--;
	tr->removals++;
	if (tr->on_end != NULL)
		tr->on_end(tr->arg, f);
	flow_timer_cancel(&tr->timer, tr->table, f);
	flow_table_remove(tr->table, f);
}

// Which timeout comes first for a flow with these times, and when; UINT64_MAX if none. One rule
// for the packets' time and for the clock.
static enum flow_end
flow_deadline(const struct flow_tracker *tr, uint64_t born, uint64_t last, uint64_t *ret_us)
{
	const struct flow_limits *l = &tr->limits;
	enum flow_end end = FLOW_END_IDLE;
	uint64_t at = l->idle_us != 0 ? last + l->idle_us : UINT64_MAX;

	if (l->active_us != 0 && born + l->active_us < at) {
		at = born + l->active_us;
		end = FLOW_END_ACTIVE;
	}
	*ret_us = at;
	return end;
}

static uint64_t
flow_deadline_clock(const struct flow_tracker *tr, const struct flow *f, enum flow_end *ret_end)
{
	uint64_t at;

	*ret_end = flow_deadline(tr, f->born_us, flow_seen_us(f), &at);
	if (unlikely(f->fin_seen != 0) && tr->limits.tcp_end &&
		f->fin_us + FLOW_FIN_TIMEOUT_US < at) {
		at = f->fin_us + FLOW_FIN_TIMEOUT_US;
		*ret_end = FLOW_END_FIN_TIMEOUT;
	}
	return at;
}

// Has a timeout come by the clock? Then the flow ends now, and how late that is goes to the lateness.
static inline bool
flow_time_is_up(struct flow_tracker *tr, const struct flow *f, uint64_t now_us,
	enum flow_end *ret_end)
{
	uint64_t at = flow_deadline_clock(tr, f, ret_end);

	if (likely(at > now_us))
		return false;
	histogram_add(&tr->lateness, now_us - at);
	return true;
}

/*
 * Has the flow's time run out before a packet of time ts_us? On the clock first, as the timer would
 * have found if it had been looked at in between, so that no record depends on when it was. Then
 * on the packets' own time, which is another one only where time stamps went backwards: a packet
 * that carries an earlier time than the flow's last one does not end anything.
 */
static bool
flow_is_over(struct flow_tracker *tr, const struct flow *f, uint64_t ts_us, uint64_t now_us,
	enum flow_end *ret_end)
{
	uint64_t at;

	if (unlikely(flow_time_is_up(tr, f, now_us, ret_end)))
		return true;
	if (likely(ts_us == now_us && f->last_us == flow_seen_us(f) && f->first_us == f->born_us))
		return false;
	*ret_end = flow_deadline(tr, f->first_us, f->last_us, &at);
	return at != UINT64_MAX && (int64_t)(ts_us - at) >= 0;
}

// Without any timeout the flow goes to the wheel's far end: limits can change.
static void
flow_file(struct flow_tracker *tr, struct flow *f)
{
	enum flow_end end;

	flow_timer_file(&tr->timer, tr->table, f, flow_deadline_clock(tr, f, &end));
}

static struct flow *
flow_begin(struct flow_tracker *tr, const struct packet_meta *m, uint64_t now_us)
{
	struct flow *f;
	uint16_t port[2];

	while (unlikely((f = flow_table_victim(tr->table, m->hash)) != NULL)) {
		enum flow_end end = FLOW_END_EVICTED;

		if (!flow_time_is_up(tr, f, now_us, &end))
			end = FLOW_END_EVICTED;
		flow_finish(tr, f, end);
	}
	f = flow_table_insert(tr->table, &m->key, m->hash, now_us);
	flow_stats_begin(f, m, now_us);
	if (unlikely(m->tunnel.type != TUNNEL_NONE)) {
		flow_cold_begin(f);
		f->tunnel = m->tunnel;
	}
	port[0] = rte_be_to_cpu_16(m->key.port[m->swapped]);
	port[1] = rte_be_to_cpu_16(m->key.port[!m->swapped]);
	f->app = protocol_lookup(tr->protocols, m->key.proto, port[0], port[1]);
	tr->counts.created++;
	tr->counts.active++;
	flow_file(tr, f);
	return f;
}

struct flow *
flow_tracker_resolve_slow(struct flow_tracker *tr, const struct packet_meta *m, uint64_t now_us,
	bool *ret_new)
{
	struct flow *f = flow_table_find(tr->table, &m->key, m->hash);
	enum flow_end end;

	if (f != NULL) {
		if (likely(!flow_is_over(tr, f, m->ts_us, now_us, &end))) {
			*ret_new = false;
			return f;
		}
		flow_finish(tr, f, end);
	}
	*ret_new = true;
	return flow_begin(tr, m, now_us);
}

// The sequence number that acknowledges everything up to and including this FIN (RFC 9293).
static uint32_t
fin_acknowledgement(const struct packet_meta *m)
{
	return m->tcp_seq + m->tcp_payload + 1 + ((m->tcp_flags & TCP_SYN) != 0);
}

static void
fin_note(struct flow_tracker *tr, struct flow *f, const struct packet_meta *m, unsigned int dir,
	uint64_t now_us)
{
	if ((f->fin_seen & 1U << dir) != 0)
		return;  // sent again
	f->fin_ack[dir] = fin_acknowledgement(m);
	if (f->fin_seen == 0) {
		f->fin_us = now_us;
	} else if (dir == 1) {
		f->fin_seen |= FIN_SECOND_DIRECTION;
	}
	f->fin_seen |= (uint8_t)(1U << dir);
	if (f->fin_seen == 1U << dir)
		flow_file(tr, f);  // a nearer deadline than it was filed under
}

// Both ends have sent FIN, and this packet acknowledges the later one.
static bool
close_is_complete(const struct flow *f, const struct packet_meta *m, unsigned int dir)
{
	unsigned int second = (f->fin_seen & FIN_SECOND_DIRECTION) != 0;

	return (f->fin_seen & 3) == 3 && dir != second && (m->tcp_flags & TCP_ACK) != 0 &&
		(int32_t)(m->tcp_ack - f->fin_ack[second]) >= 0;
}

bool
flow_tracker_close_slow(struct flow_tracker *tr, struct flow *f, const struct packet_meta *m,
	unsigned int dir, uint64_t now_us)
{
	if (!tr->limits.tcp_end)
		return false;
	if ((m->tcp_flags & TCP_RST) != 0) {
		flow_finish(tr, f, FLOW_END_RST);
		return true;
	}
	if ((m->tcp_flags & TCP_FIN) != 0)
		fin_note(tr, f, m, dir, now_us);
	if (close_is_complete(f, m, dir)) {
		flow_finish(tr, f, FLOW_END_FIN);
		return true;
	}
	return false;
}

bool
flow_tracker_expire(struct flow_tracker *tr, uint64_t now_us, unsigned int budget)
{
	while (budget-- > 0) {
		struct flow *f = flow_timer_next(&tr->timer, tr->table, now_us);
		enum flow_end end;

		if (f == NULL)
			return false;
		if (flow_time_is_up(tr, f, now_us, &end))
			flow_finish(tr, f, end);
		else
			flow_file(tr, f);
	}
	return true;
}

// Slots whose flow and bucket are on their way while one is ended.
#define FLUSH_AHEAD 8

static inline void
flush_prefetch(const struct flow_table *t, uint32_t slot)
{
	const struct flow *next = &t->flows[RTE_MIN(slot + FLUSH_AHEAD, t->fresh - 1)];
	const struct flow *far = &t->flows[RTE_MIN(slot + 2 * FLUSH_AHEAD, t->fresh - 1)];

	rte_prefetch0(&far->key);
	rte_prefetch0(&far->first_us);
	rte_prefetch0(flow_table_first_bucket(t, flow_hash(&t->secret, &next->key)));
}

void
flow_tracker_flush(struct flow_tracker *tr, uint64_t now_us)
{
	struct flow_table *t = tr->table;

	for (uint32_t i = 0; i < t->fresh; i++) {
		struct flow *f = &t->flows[i];
		enum flow_end end = FLOW_END_FLUSH;

		flush_prefetch(t, i);
		if (f->key.version == 0)
			continue;
		if (!flow_time_is_up(tr, f, now_us, &end))
			end = FLOW_END_FLUSH;
		flow_finish(tr, f, end);
	}
}
