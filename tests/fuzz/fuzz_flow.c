/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations from the input on a tracker with a small table, beside a list of what should be in it:
 * per key the packets, bytes, times, gaps and squares of its living flow, and how far its TCP
 * connection has come to its end. Each record that comes out must say what the list says, and end
 * for a reason that holds: a timeout that has come, a close that is complete, or, for want of room,
 * as the least recently seen of its neighbours. Every flow in the list must be found, in its first
 * bucket or the second one, and nothing else; counters must add up; no flow may outlive its time.
 *
 * Input: limits and capacity (4 bytes), then operations of 8 bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow_record.h"
#include "flow/flow_stats.h"
#include "flow/flow_tracker.h"

#define KEYS 256
#define BUCKETS 256  // more than the largest table here has
#define START_US UINT64_C(1700000000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Packets of one direction or of both.
struct expected_part {
	uint64_t packets, last_us;
	__int128 gap_min, gap_max, gap_sum;
	unsigned __int128 gap_squares, size_squares;
};

// The living flow of a key; packets 0: there is none.
struct expected {
	uint64_t packets, bytes, first_us, last_us, seen_us, born_us;
	struct expected_part part[3];  // fwd, rev, both
	uint8_t first_swapped;
	uint8_t fins;              // bit: FIN seen in this direction
	uint8_t fin_last;          // direction of the later one
	uint32_t fin_ack;          // what acknowledges it
	uint64_t fin_us, fin_ts_us;  // of the earlier one
};

enum doing { DOING_EXPIRE, DOING_PACKET, DOING_CLOSE, DOING_FLUSH };

struct fuzz {
	struct flow_table *table;
	struct protocol_table *protocols;
	struct flow_tracker tracker;
	struct expected flow[KEYS];
	uint64_t living;
	uint64_t now_us;
	enum doing doing;
	const struct packet_meta *packet;  // DOING_PACKET, DOING_CLOSE
	enum flow_end close;               // that the packet must bring about
	struct json_out out;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
key_set(struct flow_key *k, uint8_t number)
{
	*k = (struct flow_key){.version = 4, .proto = number & 1 ? 6 : 17};
	k->addr[0][15] = number >> 4;
	k->addr[1][14] = 1;
	k->addr[1][15] = number;
}

static void
part_check(const struct flow *f, enum flow_part part, const struct expected_part *e)
{
	struct flow_gaps g;

	flow_gaps(f, part, &g);
	require(g.n == (e->packets > 0 ? e->packets - 1 : 0));
	require(g.min_us == e->gap_min && g.max_us == e->gap_max && g.sum_us == e->gap_sum);
	require(g.squares == e->gap_squares && flow_size_squares(f, part) == e->size_squares);
}

static struct expected *
expected_of(struct fuzz *z, const struct flow_key *k)
{
	return &z->flow[k->addr[1][15]];
}

// Has `limit` passed since `from_us` on the clock, or since `from_ts` by a packet of this flow?
static bool
has_passed(const struct fuzz *z, const struct flow *f, uint64_t limit, uint64_t from_us,
	uint64_t from_ts)
{
	if (limit == 0)
		return false;
	return from_us + limit <= z->now_us || (z->doing == DOING_PACKET &&
		flow_key_equal(&z->packet->key, &f->key) &&
		(int64_t)(z->packet->ts_us - from_ts - limit) >= 0);
}

static bool
timeout_has_come(const struct fuzz *z, const struct flow *f, const struct expected *e,
	enum flow_end end)
{
	const struct flow_limits *l = &z->tracker.limits;

	switch (end) {
	case FLOW_END_IDLE:
		return has_passed(z, f, l->idle_us, e->seen_us, e->last_us);
	case FLOW_END_ACTIVE:
		return has_passed(z, f, l->active_us, e->born_us, e->first_us);
	default:
		return e->fins != 0 &&
			has_passed(z, f, FLOW_FIN_TIMEOUT_US, e->fin_us, e->fin_ts_us);
	}
}

// The bucket that this flow lies in.
static const struct flow_bucket *
bucket_of(const struct fuzz *z, const struct flow *f)
{
	const struct flow_table *t = z->table;

	for (uint64_t b = 0; b <= t->bucket_mask; b++)
		for (unsigned int i = 0; i < 8; i++)
			if ((t->buckets[b].used & 1U << i) != 0 &&
				t->buckets[b].slot[i] == flow_table_slot(t, f))
				return &t->buckets[b];
	abort();
}

// There was no room, and no neighbour was seen longer ago.
static void
eviction_check(struct fuzz *z, const struct flow *f, const struct expected *e)
{
	const struct flow_bucket *b = bucket_of(z, f);

	require(z->doing == DOING_PACKET);
	require(z->living == z->table->capacity || b->used == 0xff);
	for (unsigned int i = 0; i < 8; i++)
		if ((b->used & 1U << i) != 0)
			require(expected_of(z, &z->table->flows[b->slot[i]].key)->seen_us >=
				e->seen_us);
}

static void
end_check(struct fuzz *z, const struct flow *f, const struct expected *e)
{
	switch (f->end) {
	case FLOW_END_IDLE:
	case FLOW_END_ACTIVE:
	case FLOW_END_FIN_TIMEOUT:
		require(timeout_has_come(z, f, e, f->end));
		return;
	case FLOW_END_FIN:
	case FLOW_END_RST:
		require(z->doing == DOING_CLOSE && f->end == z->close);
		return;
	case FLOW_END_EVICTED:
		eviction_check(z, f, e);
		break;
	default:
		require(f->end == FLOW_END_FLUSH && z->doing == DOING_FLUSH);
	}
	// Who goes for another reason had not run out of time.
	require(!timeout_has_come(z, f, e, FLOW_END_IDLE));
	require(!timeout_has_come(z, f, e, FLOW_END_ACTIVE));
	require(!timeout_has_come(z, f, e, FLOW_END_FIN_TIMEOUT));
}

static void
flow_ended(void *arg, struct flow *f)
{
	struct fuzz *z = arg;
	struct expected *e = expected_of(z, &f->key);

	require(e->packets > 0 && f->end > FLOW_ACTIVE_STILL && f->end < FLOW_END_COUNT);
	end_check(z, f, e);
	require(f->dir[0].packets + f->dir[1].packets == e->packets);
	require(f->dir[0].bytes + f->dir[1].bytes == e->bytes);
	require(f->first_us == e->first_us && f->last_us == e->last_us);
	require(flow_seen_us(f) == e->seen_us && f->born_us == e->born_us);
	for (unsigned int part = 0; part < FLOW_PARTS; part++)
		part_check(f, (enum flow_part)part, &e->part[part]);
	json_out_reset(&z->out);
	flow_record_write(&z->out, f, z->protocols);
	require(!z->out.failed && z->out.len > 200);
	*e = (struct expected){0};
	z->living--;
}

static void
part_expect(struct expected_part *e, const struct packet_meta *m)
{
	__int128 gap = (__int128)m->ts_us - e->last_us;

	if (e->packets++ > 0) {
		e->gap_min = e->packets == 2 || gap < e->gap_min ? gap : e->gap_min;
		e->gap_max = e->packets == 2 || gap > e->gap_max ? gap : e->gap_max;
		e->gap_sum += gap;
		e->gap_squares += (unsigned __int128)(gap * gap);
	}
	e->size_squares += (unsigned __int128)m->wire_bytes * m->wire_bytes;
	e->last_us = m->ts_us;
}

static void
packet_expect(struct fuzz *z, const struct packet_meta *m, bool is_new)
{
	struct expected *e = expected_of(z, &m->key);

	require(is_new == (e->packets == 0));  // on_end has cleared it where a flow was over
	if (is_new) {
		e->first_us = m->ts_us;
		e->born_us = z->now_us;
		e->first_swapped = m->swapped;
		z->living++;
	}
	part_expect(&e->part[m->swapped != e->first_swapped], m);
	part_expect(&e->part[2], m);
	e->packets++;
	e->bytes += m->wire_bytes;
	e->last_us = m->ts_us;
	e->seen_us = z->now_us;
}

/*
 * How the packet must end the flow: at once by RST; or when FIN was seen in both directions and it
 * acknowledges the later one, from the other end (RFC 9293, section 3.6). A FIN that is sent again
 * changes nothing.
 */
static enum flow_end
close_expect(const struct fuzz *z, struct expected *e, const struct packet_meta *m)
{
	uint8_t dir = m->swapped != e->first_swapped;

	if (!z->tracker.limits.tcp_end || m->key.proto != 6)
		return FLOW_ACTIVE_STILL;
	if ((m->tcp_flags & 4) != 0)
		return FLOW_END_RST;
	if ((m->tcp_flags & 1) != 0 && (e->fins & 1U << dir) == 0) {
		if (e->fins == 0) {
			e->fin_us = z->now_us;
			e->fin_ts_us = m->ts_us;
		}
		e->fins |= (uint8_t)(1U << dir);
		e->fin_last = dir;
		e->fin_ack = m->tcp_seq + 1 + ((m->tcp_flags & 2) != 0);
	}
	return e->fins == 3 && dir != e->fin_last && (m->tcp_flags & 16) != 0 &&
		(int32_t)(m->tcp_ack - e->fin_ack) >= 0 ? FLOW_END_FIN : FLOW_ACTIVE_STILL;
}

// op[1..]: key, direction and flags, numbers, time step (2 bytes), size, scale of the step: seconds
// mostly, years now and then; sizes whose squares pass 64 bits if its highest bit is set
static void
packet_apply(struct fuzz *z, const uint8_t *op)
{
	int64_t step = (int16_t)(op[4] << 8 | op[5]);
	struct packet_meta m = {.swapped = (uint8_t)(op[2] >> 7), .tcp_ack = op[3] & 15,
		.tcp_seq = op[3] >> 4,
		.wire_bytes = (uint32_t)op[6] << (op[7] & 128 ? 22 : 0), .ttl = op[6]};
	unsigned int dir;
	uint32_t guess;
	struct flow *f;
	bool is_new, closed;

	key_set(&m.key, op[1]);
	if (m.key.proto == 6)
		m.tcp_flags = op[2] & 0x17;
	m.hash = flow_hash(&z->table->secret, &m.key);
	m.ts_us = z->now_us + (uint64_t)step * (UINT64_C(1) << (op[7] & (op[7] & 64 ? 31 : 7)));
	if (m.ts_us > INT64_MAX / 1000)
		m.ts_us = z->now_us;  // beyond what a capture can say
	z->now_us = RTE_MAX(z->now_us, m.ts_us);
	z->doing = DOING_PACKET;
	z->packet = &m;
	guess = flow_table_guess(z->table, m.hash);
	f = flow_tracker_resolve(&z->tracker, &m, guess != FLOW_NONE && op[7] & 32 ?
		&z->table->flows[guess] : NULL, z->now_us, &is_new);
	require(flow_key_equal(&f->key, &m.key));
	dir = flow_direction_of(f, &m);
	packet_expect(z, &m, is_new);
	flow_stats_update(f, &m, dir, z->now_us);
	z->doing = DOING_CLOSE;
	z->close = close_expect(z, expected_of(z, &m.key), &m);
	closed = flow_tracker_close(&z->tracker, f, &m, dir, z->now_us);
	require(closed == (z->close != FLOW_ACTIVE_STILL));
	require(flow_table_find(z->table, &m.key, m.hash) == (closed ? NULL : f));
	z->doing = DOING_EXPIRE;
	z->packet = NULL;
}

// A packet for each of a row of keys: few bytes fill a table, and buckets beyond eight places.
static void
packets_apply(struct fuzz *z, const uint8_t *op)
{
	uint8_t one[8];

	memcpy(one, op, sizeof(one));
	one[2] = 0;
	for (unsigned int i = 0; i < op[2]; i++, one[1]++)
		packet_apply(z, one);
}

// Each flow of the list is in the table under its key, others are not; and each bucket knows how
// many of its flows lie elsewhere.
static void
table_check(struct fuzz *z)
{
	const struct flow_table *t = z->table;
	unsigned int lying = 0, elsewhere[BUCKETS] = {0};

	require(t->bucket_mask < BUCKETS);
	for (unsigned int i = 0; i < KEYS; i++) {
		struct flow_key key;
		uint64_t hash;
		struct flow *f;

		key_set(&key, (uint8_t)i);
		hash = flow_hash(&t->secret, &key);
		f = flow_table_find(z->table, &key, hash);
		require((f != NULL) == (z->flow[i].packets > 0));
		if (f == NULL)
			continue;
		require(flow_key_equal(&f->key, &key));
		elsewhere[hash & t->bucket_mask] +=
			bucket_of(z, f) != flow_table_first_bucket(t, hash);
	}
	for (uint64_t b = 0; b <= t->bucket_mask; b++) {
		lying += (unsigned int)__builtin_popcount(t->buckets[b].used);
		require(t->buckets[b].spilled == elsewhere[b]);
	}
	require(lying == z->living);
}

// All timers done: what is left must be within its time, give or take a tick.
static void
timers_check(struct fuzz *z)
{
	const struct flow_limits *l = &z->tracker.limits;

	while (flow_tracker_expire(&z->tracker, z->now_us, 7))
		;
	for (unsigned int i = 0; i < KEYS; i++) {
		const struct expected *e = &z->flow[i];

		require(e->packets == 0 || l->idle_us == 0 ||
			e->seen_us + l->idle_us + FLOW_TIMER_TICK_US >= z->now_us);
		require(e->packets == 0 || l->active_us == 0 ||
			e->born_us + l->active_us + FLOW_TIMER_TICK_US >= z->now_us);
		require(e->packets == 0 || e->fins == 0 ||
			e->fin_us + FLOW_FIN_TIMEOUT_US + FLOW_TIMER_TICK_US >= z->now_us);
	}
}

static void
counts_check(const struct fuzz *z)
{
	const struct flow_counts *c = &z->tracker.counts;
	uint64_t ended = 0;

	for (unsigned int i = 0; i < FLOW_END_COUNT; i++)
		ended += c->ended[i];
	require(c->created == c->active + ended && c->active == z->living);
	require(z->table->count == z->living && z->living <= z->table->capacity);
}

static void
flush_check(struct fuzz *z)
{
	z->doing = DOING_FLUSH;
	flow_tracker_flush(&z->tracker, z->now_us);
	z->doing = DOING_EXPIRE;
	require(z->living == 0 && z->tracker.counts.active == 0);
}

static void
operation_apply(struct fuzz *z, const uint8_t *op)
{
	switch (op[0] % 16) {
	case 0:
		z->now_us += (uint64_t)(op[1] << 8 | op[2]) << (op[3] % 24);
		z->now_us = RTE_MIN(z->now_us, (uint64_t)INT64_MAX / 1000);
		break;
	case 1:
		flow_tracker_expire(&z->tracker, z->now_us, op[1]);
		break;
	case 2:
		timers_check(z);
		break;
	case 3:
		if (op[1] == 0)
			flush_check(z);
		else if (op[1] < 32)
			table_check(z);
		break;
	case 4:
		packets_apply(z, op);
		break;
	default:
		packet_apply(z, op);
	}
	counts_check(z);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct protocol_table *protocols;
	struct fuzz *z;
	struct flow_limits limits;

	if (size < 4)
		return 0;
	if (protocols == NULL && (protocols = protocol_table_create(NULL, NULL)) == NULL)
		abort();
	z = calloc(1, sizeof(*z));
	if (z == NULL)
		abort();
	limits = (struct flow_limits){data[0] * UINT64_C(500000), data[1] * UINT64_C(500000),
		data[2] & 1};
	z->now_us = START_US;
	z->protocols = protocols;
	z->table = flow_table_create("fuzz", 16 + data[3], 1 + data[2], SOCKET_ID_ANY);
	require(z->table != NULL);
	flow_tracker_init(&z->tracker, z->table, z->protocols, &limits, z->now_us);
	z->tracker.on_end = flow_ended;
	z->tracker.arg = z;
	for (data += 4, size -= 4; size >= 8; data += 8, size -= 8)
		operation_apply(z, data);
	table_check(z);
	flush_check(z);
	json_out_free(&z->out);
	flow_table_free(z->table);
	free(z);
	return 0;
}
