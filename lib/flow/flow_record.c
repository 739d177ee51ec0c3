/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_record.h"

#include <arpa/inet.h>

#include "flow/flow_stats.h"

const char *
flow_end_name(enum flow_end e)
{
	static const char *const names[FLOW_END_COUNT] = {
		[FLOW_ACTIVE_STILL] = "active_still",
		[FLOW_END_IDLE] = "idle",
		[FLOW_END_ACTIVE] = "active",
		[FLOW_END_FIN] = "fin",
		[FLOW_END_RST] = "rst",
		[FLOW_END_FIN_TIMEOUT] = "fin_timeout",
		[FLOW_END_EVICTED] = "evicted",
		[FLOW_END_FLUSH] = "flush",
	};

	return e < FLOW_END_COUNT ? names[e] : NULL;
}

static void
address_write(struct json_out *o, const char *key, const struct flow_key *k, unsigned int end)
{
	char text[INET6_ADDRSTRLEN];

	if (k->version == 4)
		inet_ntop(AF_INET, k->addr[end] + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, k->addr[end], text, sizeof(text));
	json_out_key_str(o, key, text);
}

static void
summary_write(struct json_out *o, const char *key, const struct flow_summary *s)
{
	json_out_key(o, key);
	json_out_open(o, '{');
	json_out_key_i64(o, "min", s->min);
	json_out_key_i64(o, "max", s->max);
	json_out_key_f64(o, "mean", s->mean);
	json_out_key_f64(o, "std", s->std);
	json_out_close(o, '}');
}

static void
counters_write(struct json_out *o, uint64_t packets, uint64_t bytes, uint64_t l3_bytes,
	uint8_t tcp_flags)
{
	json_out_key_u64(o, "packets", packets);
	json_out_key_u64(o, "bytes", bytes);
	json_out_key_u64(o, "l3_bytes", l3_bytes);
	json_out_key_u64(o, "tcp_flags", tcp_flags);
}

static void
ttl_write(struct json_out *o, uint8_t min, uint8_t max)
{
	json_out_key(o, "ttl");
	json_out_open(o, '{');
	json_out_key_u64(o, "min", min);
	json_out_key_u64(o, "max", max);
	json_out_close(o, '}');
}

static void
gaps_write(struct json_out *o, const struct flow *f, enum flow_part part)
{
	struct flow_summary s;
	struct flow_gaps g;

	flow_gaps(f, part, &g);
	flow_summarize(g.n, g.min_us, g.max_us, g.sum_us, g.squares, &s);
	summary_write(o, "iat_us", &s);
}

static void
direction_write(struct json_out *o, const char *key, const struct flow *f, enum flow_part part)
{
	const struct flow_direction *d = &f->dir[part];
	struct flow_summary s;

	json_out_key(o, key);
	json_out_open(o, '{');
	counters_write(o, d->packets, d->bytes, d->l3_bytes, f->tcp_flags[part]);
	flow_summarize(d->packets, d->size_min, d->size_max, (int64_t)d->bytes,
		flow_size_squares(f, part), &s);
	summary_write(o, "size", &s);
	gaps_write(o, f, part);
	ttl_write(o, f->ttl_min[part], f->ttl_max[part]);
	json_out_close(o, '}');
}

static void
both_write(struct json_out *o, const struct flow *f)
{
	const struct flow_direction *a = &f->dir[0], *b = &f->dir[1];
	uint64_t packets = a->packets + b->packets, bytes = a->bytes + b->bytes;
	bool one = b->packets == 0;
	struct flow_summary s;

	json_out_key(o, "bidir");
	json_out_open(o, '{');
	counters_write(o, packets, bytes, a->l3_bytes + b->l3_bytes,
		f->tcp_flags[0] | f->tcp_flags[1]);
	flow_summarize(packets, one ? a->size_min : RTE_MIN(a->size_min, b->size_min),
		RTE_MAX(a->size_max, b->size_max), (int64_t)bytes, flow_size_squares(f, FLOW_BOTH),
		&s);
	summary_write(o, "size", &s);
	gaps_write(o, f, FLOW_BOTH);
	ttl_write(o, one ? f->ttl_min[0] : RTE_MIN(f->ttl_min[0], f->ttl_min[1]),
		RTE_MAX(f->ttl_max[0], f->ttl_max[1]));
	json_out_close(o, '}');
}

static void
key_write(struct json_out *o, const struct flow *f)
{
	unsigned int src = f->fwd_swapped, dst = !f->fwd_swapped;

	address_write(o, "src", &f->key, src);
	json_out_key_u64(o, "sport", rte_be_to_cpu_16(f->key.port[src]));
	address_write(o, "dst", &f->key, dst);
	json_out_key_u64(o, "dport", rte_be_to_cpu_16(f->key.port[dst]));
	json_out_key_u64(o, "proto", f->key.proto);
	json_out_key(o, "vlan");
	json_out_open(o, '[');
	for (unsigned int i = 0; i < f->key.vlan_count; i++)
		json_out_u64(o, f->key.vlan[i]);
	json_out_close(o, ']');
}

void
flow_record_write(struct json_out *o, const struct flow *f, const struct protocol_table *protocols)
{
	json_out_open(o, '{');
	json_out_key_str(o, "type", "flow");
	key_write(o, f);
	json_out_key_str(o, "app", protocol_name(protocols, f->app));
	json_out_key_u64(o, "first_us", f->first_us);
	json_out_key_u64(o, "last_us", f->last_us);
	json_out_key(o, "end");
	if (f->end == FLOW_ACTIVE_STILL)
		json_out_null(o);
	else
		json_out_str(o, flow_end_name(f->end));
	json_out_key_u64(o, "worker", f->worker);
	direction_write(o, "fwd", f, FLOW_FWD);
	direction_write(o, "rev", f, FLOW_REV);
	both_write(o, f);
	json_out_close(o, '}');
}
