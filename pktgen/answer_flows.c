/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>

#include "answer_internal.h"

// Pairs of addresses and flows in the answer key. Folding thread.
//
// Client ports follow the same turn as the lcore's, so the lcore need not say which one a flow had.
// What a scan or a flood sends are flows and pairs of their own, written one by one: their number
// has no bound, so they are kept in text and not in tables.

static int
plan_pair_compare(const void *a, const void *b, void *labels_of)
{
	const struct plan_label *labels = labels_of;
	const struct plan_label *x = &labels[*(const uint32_t *)a];
	const struct plan_label *y = &labels[*(const uint32_t *)b];

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->peer < y->peer ? -1 : x->peer > y->peer;
}

// Number the pairs in the order of their addresses.
static int
pairs_number(struct answer_key *k)
{
	struct answer_flows *f = &k->flows;
	uint32_t n = k->plan->flow_count, *order = calloc(n, sizeof(*order));

	f->pair_flow = calloc(n, sizeof(*f->pair_flow));
	if (order == NULL || f->pair_flow == NULL) {
		free(order);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), plan_pair_compare, k->plan->labels);
	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || plan_pair_compare(&order[i - 1], &order[i], k->plan->labels) != 0)
			f->pair_flow[f->pair_count++] = order[i];
		f->pair_of[order[i]] = f->pair_count - 1;
	}
	free(order);
	return 0;
}

int
answer_flows_create(struct answer_key *k)
{
	struct answer_flows *f = &k->flows;
	uint32_t n = k->plan->flow_count;

	f->pair_of = calloc(n, sizeof(*f->pair_of));
	f->port_at = calloc(n, sizeof(*f->port_at));
	f->pairs = calloc(n, sizeof(*f->pairs));
	f->pair_totals = calloc(n, sizeof(*f->pair_totals));
	f->flow_now = calloc(n, sizeof(*f->flow_now));
	f->flow_totals = calloc(n, sizeof(*f->flow_totals));
	f->total_pairs = tmpfile();
	f->total_flows = tmpfile();
	if (f->pair_of == NULL || f->port_at == NULL || f->pairs == NULL ||
			f->pair_totals == NULL || f->flow_now == NULL || f->flow_totals == NULL ||
			f->total_pairs == NULL || f->total_flows == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; k->plan->flows != NULL && i < n; i++)
		f->port_at[i] = k->plan->flows[i].port_at;
	return pairs_number(k);
}

void
answer_flows_free(struct answer_flows *f)
{
	free(f->pair_of);
	free(f->pair_flow);
	free(f->port_at);
	free(f->pairs);
	free(f->pair_totals);
	free(f->flow_now);
	free(f->flow_totals);
	json_out_free(&f->second_pairs);
	json_out_free(&f->second_flows);
	if (f->total_pairs != NULL)
		fclose(f->total_pairs);
	if (f->total_flows != NULL)
		fclose(f->total_flows);
}

static void
count_close(struct json_out *o, const struct answer_count *c)
{
	json_out_key_u64(o, "packets", c->packets);
	json_out_key_u64(o, "bytes", c->bytes);
	json_out_close(o, '}');
}

static void
pair_write(const struct answer_key *k, struct json_out *o, uint32_t a, uint32_t b,
	const struct answer_count *c)
{
	char text[ADDRESS_TEXT_LEN];
	struct address address = plan_address(k->plan, a);

	json_out_open(o, '{');
	json_out_key_str(o, "a", address_format(&address, text));
	address = plan_address(k->plan, b);
	json_out_key_str(o, "b", address_format(&address, text));
	count_close(o, c);
}

static void
ends_write(const struct answer_key *k, struct json_out *o, const struct plan_event_packet *e,
	uint8_t ip_proto, const struct answer_count *c)
{
	char text[ADDRESS_TEXT_LEN];
	struct address address = plan_address(k->plan, e->client);

	json_out_open(o, '{');
	json_out_key_str(o, "src", address_format(&address, text));
	json_out_key_u64(o, "sport", e->client_port);
	address = plan_address(k->plan, e->server);
	json_out_key_str(o, "dst", address_format(&address, text));
	json_out_key_u64(o, "dport", e->server_port);
	json_out_key_u64(o, "proto", ip_proto);
	count_close(o, c);
}

// The ends of the flow that is counted in this place; gives back its IP protocol.
static uint8_t
flow_ends(const struct answer_key *k, uint32_t flow, struct plan_event_packet *ret)
{
	static const uint8_t protos[FRAME_KINDS] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6};
	const struct plan_label *label = &k->plan->labels[flow];
	const struct flow_frame *f = k->plan->flows != NULL ? &k->plan->flows[flow] : NULL;
	bool far = f != NULL ? f->client_far : label->client_far;

	*ret = (struct plan_event_packet){far ? label->peer : label->address,
		far ? label->address : label->peer, label->client_port, label->server_port};
	if (f == NULL)
		return label->ip_proto;
	if (frame_kind_is_icmp(f->kind))
		ret->server_port = 0;
	else  // Recorded flows keep their port; others take turns.
		ret->client_port = rte_be_to_cpu_16(k->plan->replay != NULL ?
			flow_frame_client_port(f) :
			k->plan->rules.ports[frame_kind_is_tcp(f->kind) ? 0 : 1]
				.list[k->flows.port_at[flow]]);
	return protos[f->kind];
}

static void
flow_write(const struct answer_key *k, struct json_out *o, uint32_t flow,
	const struct answer_count *c)
{
	struct plan_event_packet ends;
	uint8_t ip_proto = flow_ends(k, flow, &ends);

	ends_write(k, o, &ends, ip_proto, c);
}

// One more entry of a list in a temporary file.
static void
total_append(struct answer_key *k, FILE *f, bool *any)
{
	if (*any)
		fputc(',', f);
	*any = true;
	if (k->out.failed || fwrite(k->out.data, 1, k->out.len, f) != k->out.len)
		k->write_errno = k->out.failed ? ENOMEM : EIO;
	json_out_reset(&k->out);
}

void
answer_flow_count(struct answer_key *k, uint32_t flow, const struct answer_count *c)
{
	answer_count_add(&k->flows.pairs[k->flows.pair_of[flow]], c);
	answer_count_add(&k->flows.flow_now[flow], c);
}

// The flow's part of the second, and what it had before.
static void
flow_second_write(struct answer_key *k, uint32_t flow)
{
	struct answer_flows *f = &k->flows;

	if (f->flow_now[flow].packets == 0)
		return;
	flow_write(k, &f->second_flows, flow, &f->flow_now[flow]);
	answer_count_add(&f->flow_totals[flow], &f->flow_now[flow]);
	f->flow_now[flow] = (struct answer_count){0};
}

void
answer_flow_end(struct answer_key *k, uint32_t flow, const struct answer_count *c)
{
	struct answer_flows *f = &k->flows;
	const struct plan *plan = k->plan;
	const struct conversation_ports *ports =
		&plan->rules.ports[frame_kind_is_tcp(plan->flows[flow].kind) ? 0 : 1];

	answer_flow_count(k, flow, c);
	flow_second_write(k, flow);
	if (f->flow_totals[flow].packets != 0) {
		flow_write(k, &k->out, flow, &f->flow_totals[flow]);
		total_append(k, f->total_flows, &f->any_total_flow);
	}
	f->flow_totals[flow] = (struct answer_count){0};
	f->port_at[flow] = conversation_port_next(ports, f->port_at[flow]);
}

void
answer_flow_event(struct answer_key *k, const struct plan_event_packet *e,
	const struct answer_count *c)
{
	struct answer_flows *f = &k->flows;

	pair_write(k, &f->second_pairs, e->client, e->server, c);
	ends_write(k, &f->second_flows, e, IPPROTO_TCP, c);
	pair_write(k, &k->out, e->client, e->server, c);
	total_append(k, f->total_pairs, &f->any_total_pair);
	ends_write(k, &k->out, e, IPPROTO_TCP, c);
	total_append(k, f->total_flows, &f->any_total_flow);
}

static void
table_pair_write(const struct answer_key *k, struct json_out *o, uint32_t pair,
	const struct answer_count *c)
{
	const struct plan_label *label = &k->plan->labels[k->flows.pair_flow[pair]];

	if (c->packets != 0)
		pair_write(k, o, label->address, label->peer, c);
}

// What has gathered in a list of its own, put into one that is open.
static void
list_move(struct json_out *o, const char *name, struct json_out *entries)
{
	json_out_key(o, name);
	json_out_open(o, '[');
	if (entries->failed)
		o->failed = true;
	else if (entries->len != 0)
		json_out_raw(o, entries->data);
	json_out_close(o, ']');
	json_out_reset(entries);
}

void
answer_flows_write(struct answer_key *k, struct json_out *o)
{
	struct answer_flows *f = &k->flows;

	for (uint32_t i = 0; i < f->pair_count; i++) {
		table_pair_write(k, &f->second_pairs, i, &f->pairs[i]);
		answer_count_add(&f->pair_totals[i], &f->pairs[i]);
		f->pairs[i] = (struct answer_count){0};
	}
	for (uint32_t i = 0; i < k->plan->flow_count; i++)
		flow_second_write(k, i);
	list_move(o, "pairs", &f->second_pairs);
	list_move(o, "flows", &f->second_flows);
}

static void
total_copy(struct answer_key *k, FILE *from)
{
	char buf[4096];
	size_t n;

	rewind(from);
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		if (fwrite(buf, 1, n, k->file) != n)
			k->write_errno = EIO;
}

void
answer_flow_totals_write(struct answer_key *k)
{
	struct answer_flows *f = &k->flows;

	for (uint32_t i = 0; i < f->pair_count; i++) {
		table_pair_write(k, &k->out, i, &f->pair_totals[i]);
		if (k->out.len != 0)
			total_append(k, f->total_pairs, &f->any_total_pair);
	}
	for (uint32_t i = 0; i < k->plan->flow_count; i++) {
		if (f->flow_totals[i].packets == 0)
			continue;
		flow_write(k, &k->out, i, &f->flow_totals[i]);
		total_append(k, f->total_flows, &f->any_total_flow);
	}
	fputs(",\"pairs\":[", k->file);
	total_copy(k, f->total_pairs);
	fputs("],\"flows\":[", k->file);
	total_copy(k, f->total_flows);
	fputs("]", k->file);
}
