/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_support.h"

#include <stdlib.h>

#include "flow/flow_stats.h"

static void
end_set(uint8_t addr[16], uint16_t number)
{
	addr[10] = addr[11] = 0xff;
	addr[12] = 10;
	addr[14] = (uint8_t)(number >> 8);
	addr[15] = (uint8_t)number;
}

void
meta_of(const struct packet *p, const struct flow_table *t, struct packet_meta *ret)
{
	bool swap = p->src > p->dst || (p->src == p->dst && p->sport > p->dport);

	memset(ret, 0, sizeof(*ret));
	end_set(ret->key.addr[swap], p->src);
	end_set(ret->key.addr[!swap], p->dst);
	ret->key.port[swap] = rte_cpu_to_be_16(p->sport);
	ret->key.port[!swap] = rte_cpu_to_be_16(p->dport);
	ret->key.proto = p->proto != 0 ? p->proto : 17;
	ret->key.version = 4;
	ret->swapped = swap;
	ret->ts_us = p->ts_us;
	ret->wire_bytes = p->wire_bytes != 0 ? p->wire_bytes : 100;
	ret->l3_bytes = p->l3_bytes;
	ret->tcp_flags = p->flags;
	ret->tcp_seq = p->seq;
	ret->tcp_ack = p->ack;
	ret->tcp_payload = p->payload;
	ret->ttl = p->ttl;
	ret->hash = flow_hash(&t->secret, &ret->key);
}

void
record_list_add(void *list, struct flow *f)
{
	struct record_list *l = list;

	if (l->count == l->cap) {
		struct flow *grown;

		l->cap = l->cap != 0 ? l->cap * 2 : 64;
		grown = aligned_alloc(RTE_CACHE_LINE_SIZE, l->cap * sizeof(*grown));
		if (grown == NULL)
			abort();
		if (l->count > 0)
			memcpy(grown, l->record, l->count * sizeof(*grown));
		free(l->record);
		l->record = grown;
	}
	l->record[l->count++] = *f;
}

void
record_list_free(struct record_list *l)
{
	free(l->record);
	*l = (struct record_list){0};
}

void
bench_begin(struct bench *b, uint32_t capacity, struct flow_limits limits, uint64_t now_us)
{
	*b = (struct bench){.now_us = now_us};
	b->table = flow_table_create("test", capacity, 1, -1);
	b->protocols = protocol_table_create(NULL, NULL);
	if (b->table == NULL || b->protocols == NULL)
		abort();
	flow_tracker_init(&b->tracker, b->table, b->protocols, &limits, now_us);
	b->tracker.on_end = record_list_add;
	b->tracker.arg = &b->ended;
}

void
bench_end(struct bench *b)
{
	record_list_free(&b->ended);
	protocol_table_free(b->protocols);
	flow_table_free(b->table);
}

struct flow *
bench_packet(struct bench *b, const struct packet *p, bool *ret_new)
{
	struct packet_meta m;
	unsigned int dir;
	struct flow *f;
	uint32_t guess;
	bool is_new;

	meta_of(p, b->table, &m);
	if (m.ts_us > b->now_us)
		b->now_us = m.ts_us;
	guess = flow_table_guess(b->table, m.hash);
	f = flow_tracker_resolve(&b->tracker, &m,
		guess != FLOW_NONE ? &b->table->flows[guess] : NULL, b->now_us, &is_new);
	dir = flow_direction_of(f, &m);
	flow_stats_update(f, &m, dir, b->now_us);
	flow_tracker_close(&b->tracker, f, &m, dir, b->now_us);
	if (ret_new != NULL)
		*ret_new = is_new;
	return f;
}

bool
bench_adds_up(const struct bench *b)
{
	const struct flow_counts *c = &b->tracker.counts;
	uint64_t ended = 0;

	for (unsigned int i = 0; i < FLOW_END_COUNT; i++)
		ended += c->ended[i];
	return c->created == c->active + ended && c->active == b->table->count &&
		ended == b->ended.count && c->ended[FLOW_ACTIVE_STILL] == 0;
}
