/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>

#include "pane/pane_heaviest.h"
#include "pipeline.h"
#include "stats.h"

// What stats.get and the report say of each worker: its part of the packets, how it keeps up, and the
// flow that it had most of.

uint64_t
pipeline_worker_dispatch_missed(const struct pipeline *p, unsigned int worker)
{
	uint64_t missed = 0;

	for (unsigned int i = 0; i < p->port_count; i++)
		if (p->dispatch[i] != NULL)
			missed += dispatch_missed(p->dispatch[i], worker);
	return missed;
}

void
pipeline_worker_slice(struct pipeline *p, unsigned int worker, struct worker_slice *ret)
{
	rte_spinlock_lock(&p->merge.stats_lock);
	*ret = p->merge.last[worker];
	rte_spinlock_unlock(&p->merge.stats_lock);
}

double
workers_skew(const uint64_t *packets, unsigned int workers)
{
	uint64_t sum = 0, max = 0;

	for (unsigned int i = 0; i < workers; i++) {
		sum += packets[i];
		max = RTE_MAX(max, packets[i]);
	}
	return sum == 0 ? 0 : (double)max * workers / (double)sum;
}

void
pipeline_skew(struct pipeline *p, double *ret_total, double *ret_last)
{
	uint64_t total[WORKERS_MAX], last[WORKERS_MAX];

	for (unsigned int i = 0; i < p->worker_count; i++) {
		struct ledger_counts c;

		ledger_read(&p->workers[i].ledger, &c);
		total[i] = c.received;
	}
	rte_spinlock_lock(&p->merge.stats_lock);
	for (unsigned int i = 0; i < p->worker_count; i++)
		last[i] = p->merge.last[i].packets;
	rte_spinlock_unlock(&p->merge.stats_lock);
	*ret_total = workers_skew(total, p->worker_count);
	*ret_last = workers_skew(last, p->worker_count);
}

// How late flows were ended whose time was up, in microseconds of the clock in use.
static void
lateness_add(cJSON *worker, const struct histogram *h)
{
	cJSON *o = cJSON_AddObjectToObject(worker, "lateness_us");
	struct histogram_summary s;

	histogram_summarize(h, &s);
	json_add_u64(o, "count", s.count);
	json_add_u64(o, "p50", s.p50);
	json_add_u64(o, "p99", s.p99);
	json_add_u64(o, "max", s.max);
}

// Packets in the rings to a worker.
static unsigned int
worker_waiting(const struct pipeline *p, unsigned int worker)
{
	unsigned int waiting = 0;

	for (unsigned int i = 0; i < p->port_count; i++)
		if (p->dispatch[i] != NULL)
			waiting += dispatch_waiting(p->dispatch[i], worker);
	return waiting;
}

static void
share_add(cJSON *o, uint64_t part, uint64_t of)
{
	cJSON_AddNumberToObject(o, "share", of == 0 ? 0 : (double)part / (double)of);
}

static void
end_add(cJSON *o, const struct flow_key *k, unsigned int end, const char *host,
	const char *port)
{
	char text[INET6_ADDRSTRLEN];

	if (k->version == 4)
		inet_ntop(AF_INET, k->addr[end] + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, k->addr[end], text, sizeof(text));
	cJSON_AddStringToObject(o, host, text);
	cJSON_AddNumberToObject(o, port, rte_be_to_cpu_16(k->port[end]));
}

// Named as in a flow record; src is the sender of the flow's first packet.
static void
heaviest_add(cJSON *slice, const struct worker_slice *s)
{
	const struct pane_delta *d = &s->heaviest;
	cJSON *o, *vlans;

	if (!s->any) {
		cJSON_AddNullToObject(slice, "heaviest");
		return;
	}
	o = cJSON_AddObjectToObject(slice, "heaviest");
	end_add(o, &d->key, d->fwd_swapped, "src", "sport");
	end_add(o, &d->key, !d->fwd_swapped, "dst", "dport");
	cJSON_AddNumberToObject(o, "proto", d->key.proto);
	vlans = cJSON_AddArrayToObject(o, "vlan");
	for (unsigned int i = 0; i < d->key.vlan_count && i < FLOW_KEY_VLANS; i++)
		cJSON_AddItemToArray(vlans, cJSON_CreateNumber(d->key.vlan[i]));
	json_add_u64(o, "packets", pane_delta_packets(d));
	json_add_u64(o, "bytes", pane_delta_bytes(d));
	share_add(o, pane_delta_packets(d), s->packets);
}

static void
slice_add(struct pipeline *p, cJSON *worker, unsigned int index)
{
	cJSON *o = cJSON_AddObjectToObject(worker, "last_pane");
	struct worker_slice s;

	pipeline_worker_slice(p, index, &s);
	json_add_u64(o, "packets", s.packets);
	heaviest_add(o, &s);
}

static void
skew_add(struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "skew");
	double total, last;

	pipeline_skew(p, &total, &last);
	cJSON_AddNumberToObject(o, "total", total);
	cJSON_AddNumberToObject(o, "last_pane", last);
}

void
pipeline_stats_workers(struct pipeline *p, cJSON *stats)
{
	cJSON *list = cJSON_AddArrayToObject(stats, "workers");
	struct ledger_counts all;

	pipeline_ledger(p, &all);
	for (unsigned int i = 0; i < p->worker_count; i++) {
		const struct rx_worker *w = &p->workers[i];
		uint64_t discarded = 0;
		struct ledger_counts c;
		cJSON *o = cJSON_CreateObject();

		ledger_read(&w->ledger, &c);
		for (unsigned int r = 0; r < DISCARD_COUNT; r++)
			discarded += c.discarded[r];
		cJSON_AddNumberToObject(o, "worker", w->index);
		cJSON_AddNumberToObject(o, "lcore", w->lcore);
		json_add_u64(o, "received", c.received);
		share_add(o, c.received, all.received);
		json_add_u64(o, "flow_packets", c.flow_packets);
		json_add_u64(o, "flow_bytes", c.flow_bytes);
		json_add_u64(o, "discarded", discarded);
		json_add_u64(o, "dispatch_missed", pipeline_worker_dispatch_missed(p, i));
		json_add_u64(o, "dispatch_waiting", worker_waiting(p, i));
		json_add_u64(o, "flows_active", __atomic_load_n(&w->tracker.counts.active,
			__ATOMIC_RELAXED));
		cJSON_AddNumberToObject(o, "busy_share", lcore_load_share(&w->load));
		lateness_add(o, &w->tracker.lateness);
		slice_add(p, o, i);
		cJSON_AddItemToArray(list, o);
	}
	skew_add(p, stats);
}
