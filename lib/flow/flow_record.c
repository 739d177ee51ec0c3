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

uint8_t
flow_end_reason(enum flow_end e)
{
	static const uint8_t reasons[FLOW_END_COUNT] = {
		[FLOW_END_IDLE] = 1,         // idle timeout
		[FLOW_END_ACTIVE] = 2,       // active timeout
		[FLOW_END_FIN] = 3,          // end of flow detected
		[FLOW_END_RST] = 3,
		[FLOW_END_FIN_TIMEOUT] = 3,  // its FIN was what was detected
		[FLOW_END_EVICTED] = 5,      // lack of resources
		[FLOW_END_FLUSH] = 4,        // forced end
	};

	return e < FLOW_END_COUNT ? reasons[e] : 0;
}

static void
address_write(struct json_out *o, const char *key, uint8_t version, const uint8_t addr[16])
{
	char text[INET6_ADDRSTRLEN];

	if (version == 4)
		inet_ntop(AF_INET, addr + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, addr, text, sizeof(text));
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
counters_write(struct json_out *o, const struct flow_counters *c)
{
	json_out_key_u64(o, "packets", c->packets);
	json_out_key_u64(o, "bytes", c->bytes);
	json_out_key_u64(o, "l3_bytes", c->l3_bytes);
	json_out_key_u64(o, "tcp_flags", c->tcp_flags);
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
part_write(struct json_out *o, const char *key, const struct flow *f, enum flow_part part)
{
	struct flow_counters c;
	struct flow_summary s;

	flow_part_counters(f, part, &c);
	json_out_key(o, key);
	json_out_open(o, '{');
	counters_write(o, &c);
	flow_summarize(c.packets, c.size_min, c.size_max, (int64_t)c.bytes,
		flow_size_squares(f, part), &s);
	summary_write(o, "size", &s);
	gaps_write(o, f, part);
	ttl_write(o, c.ttl_min, c.ttl_max);
	json_out_close(o, '}');
}

static void
key_write(struct json_out *o, const struct flow *f)
{
	unsigned int src = f->fwd_swapped, dst = !f->fwd_swapped;

	address_write(o, "src", f->key.version, f->key.addr[src]);
	json_out_key_u64(o, "sport", rte_be_to_cpu_16(f->key.port[src]));
	address_write(o, "dst", f->key.version, f->key.addr[dst]);
	json_out_key_u64(o, "dport", rte_be_to_cpu_16(f->key.port[dst]));
	json_out_key_u64(o, "proto", f->key.proto);
	json_out_key(o, "vlan");
	json_out_open(o, '[');
	for (unsigned int i = 0; i < f->key.vlan_count; i++)
		json_out_u64(o, f->key.vlan[i]);
	json_out_close(o, ']');
}

static void
tunnel_write(struct json_out *o, const struct packet_tunnel *t)
{
	json_out_key(o, "tunnel");
	json_out_open(o, '{');
	json_out_key_str(o, "type", tunnel_type_name(t->type));
	address_write(o, "src", t->version, t->src);
	address_write(o, "dst", t->version, t->dst);
	json_out_key(o, "id");
	if (t->has_id)
		json_out_u64(o, t->id);
	else
		json_out_null(o);
	json_out_key_u64(o, "depth", t->depth);
	json_out_close(o, '}');
}

static void
end_write(struct json_out *o, enum flow_end end)
{
	if (end == FLOW_ACTIVE_STILL) {
		json_out_key(o, "end");
		json_out_null(o);
		json_out_key(o, "end_reason");
		json_out_null(o);
		return;
	}
	json_out_key_str(o, "end", flow_end_name(end));
	json_out_key_u64(o, "end_reason", flow_end_reason(end));
}

void
flow_record_write(struct json_out *o, const struct flow *f, const struct protocol_table *protocols)
{
	json_out_open(o, '{');
	json_out_key_str(o, "type", "flow");
	key_write(o, f);
	if (flow_has_tunnel(f))
		tunnel_write(o, &f->tunnel);
	json_out_key_str(o, "app", protocol_name(protocols, f->app));
	json_out_key_u64(o, "first_us", f->first_us);
	json_out_key_u64(o, "last_us", f->last_us);
	end_write(o, f->end);
	json_out_key_u64(o, "worker", f->worker);
	part_write(o, "fwd", f, FLOW_FWD);
	part_write(o, "rev", f, FLOW_REV);
	part_write(o, "bidir", f, FLOW_BOTH);
	json_out_close(o, '}');
}
