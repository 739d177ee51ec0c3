/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <string.h>

#include <rte_lcore.h>

#include "follow.h"
#include "pipeline.h"
#include "port/port_rss.h"
#include "port/source_capture.h"
#include "stats.h"

// stats.get and the final report: one document (interfaces.md section 5).

#define EXACT_DOUBLE (UINT64_C(1) << 53)

void
json_add_u64(cJSON *object, const char *name, uint64_t v)
{
	char text[24];

	if (v < EXACT_DOUBLE) {
		cJSON_AddNumberToObject(object, name, (double)v);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64, v);
	cJSON_AddRawToObject(object, name, text);
}

static uint64_t
counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

uint64_t
pipeline_port_dispatch_missed(const struct pipeline *p, unsigned int port)
{
	uint64_t missed = 0;

	for (unsigned int w = 0; w < p->worker_count && p->dispatch[port] != NULL; w++)
		missed += dispatch_missed(p->dispatch[port], w);
	return missed;
}

void
pipeline_port_losses(struct pipeline *p, struct port_stats *ret)
{
	*ret = (struct port_stats){0};
	for (unsigned int i = 0; i < p->port_count; i++) {
		struct port_stats s;

		port_stats_get(&p->ports[i], &s);
		ret->missed += s.missed + pipeline_port_dispatch_missed(p, i);
		ret->errors += s.errors;
		ret->nombuf += s.nombuf;
	}
}

static void
discarded_add(cJSON *ledger, const struct ledger_counts *c)
{
	cJSON *o = cJSON_AddObjectToObject(ledger, "discarded");

	for (unsigned int r = DISCARD_NONE + 1; r < DISCARD_COUNT; r++)
		if (c->discarded[r] != 0)
			json_add_u64(o, discard_reason_name(r), c->discarded[r]);
}

// Where they were missed: in front of the port, or between it and a worker that was late. Counters
// move on between reading the sum and its part: the part is never larger.
static void
missed_at_add(const struct pipeline *p, cJSON *ledger, uint64_t missed)
{
	cJSON *o = cJSON_AddObjectToObject(ledger, "missed_at");
	uint64_t dispatch = 0;

	for (unsigned int i = 0; i < p->port_count; i++)
		dispatch += pipeline_port_dispatch_missed(p, i);
	dispatch = RTE_MIN(dispatch, missed);
	json_add_u64(o, "port", missed - dispatch);
	json_add_u64(o, "dispatch", dispatch);
}

static void
ledger_stats_add(struct pipeline *p, cJSON *stats, const struct ledger_counts *c)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "ledger"), *part;
	struct port_stats s;

	pipeline_port_losses(p, &s);
	json_add_u64(o, "offered", c->received + s.missed + s.errors + s.nombuf);
	json_add_u64(o, "received", c->received);
	json_add_u64(o, "received_bytes", c->received_bytes);
	part = cJSON_AddObjectToObject(o, "nic");
	json_add_u64(part, "missed", s.missed);
	json_add_u64(part, "errors", s.errors);
	json_add_u64(part, "nombuf", s.nombuf);
	missed_at_add(p, o, s.missed);
	json_add_u64(o, "flow_packets", c->flow_packets);
	json_add_u64(o, "flow_bytes", c->flow_bytes);
	discarded_add(o, c);
	cJSON_AddNumberToObject(o, "residual", (double)ledger_residual(c));
	part = cJSON_AddObjectToObject(o, "detail_lost");
	json_add_u64(part, "packets", c->detail_lost_packets);
	json_add_u64(part, "bytes", c->detail_lost_bytes);
}

void
pipeline_flow_counts(const struct pipeline *p, struct flow_counts *ret)
{
	*ret = (struct flow_counts){0};
	for (unsigned int i = 0; i < p->worker_count; i++) {
		const struct flow_counts *c = &p->workers[i].tracker.counts;

		ret->created += counter_read(&c->created);
		ret->active += counter_read(&c->active);
		for (unsigned int e = 0; e < FLOW_END_COUNT; e++)
			ret->ended[e] += counter_read(&c->ended[e]);
	}
}

/*
 * With several workers over captures each of them reads, and follows, everything: the first one
 * stands for all.
 */
void
pipeline_fragment_counts(const struct pipeline *p, struct fragment_counts *ret)
{
	unsigned int workers = p->captures != NULL ? 1 : p->worker_count;

	*ret = (struct fragment_counts){0};
	for (unsigned int i = 0; i < workers && p->workers[i].fragments != NULL; i++) {
		const struct fragment_counts *c = &p->workers[i].fragments->counts;

		ret->first += counter_read(&c->first);
		ret->followed += counter_read(&c->followed);
		ret->unmatched += counter_read(&c->unmatched);
		ret->replaced += counter_read(&c->replaced);
		ret->evicted += counter_read(&c->evicted);
	}
}

static void
fragments_add(const struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "fragments");
	struct fragment_counts c;

	cJSON_AddStringToObject(o, "mode", p->options.fragments_follow ? "follow" : "off");
	if (!p->options.fragments_follow)
		return;
	pipeline_fragment_counts(p, &c);
	json_add_u64(o, "first", c.first);
	json_add_u64(o, "followed", c.followed);
	json_add_u64(o, "unmatched", c.unmatched);
	json_add_u64(o, "replaced", c.replaced);
	json_add_u64(o, "evicted", c.evicted);
}

static void
flows_add(const struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "flows"), *ended;
	struct flow_counts counts;
	uint64_t lost = 0;

	pipeline_flow_counts(p, &counts);
	for (unsigned int i = 0; i < p->worker_count; i++)
		lost += counter_read(&p->workers[i].records_lost);
	json_add_u64(o, "created", counts.created);
	json_add_u64(o, "active", counts.active);
	json_add_u64(o, "capacity", p->options.flow_capacity);
	json_add_u64(o, "records_lost", lost);
	json_add_u64(o, "lines_lost", counter_read(&p->output.lines_lost));
	ended = cJSON_AddObjectToObject(o, "ended");
	for (unsigned int e = FLOW_ACTIVE_STILL + 1; e < FLOW_END_COUNT; e++)
		json_add_u64(ended, flow_end_name(e), counts.ended[e]);
}

static void
lcore_add(cJSON *list, unsigned int lcore, const char *role, const struct lcore_load *load)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "lcore", lcore);
	cJSON_AddNumberToObject(o, "cpu", rte_lcore_to_cpu_id((int)lcore));
	cJSON_AddStringToObject(o, "role", role);
	if (load != NULL)
		cJSON_AddNumberToObject(o, "busy_share", lcore_load_share(load));
	else
		cJSON_AddNullToObject(o, "busy_share");
	cJSON_AddItemToArray(list, o);
}

static void
lcores_add(const struct pipeline *p, cJSON *stats)
{
	cJSON *list = cJSON_AddArrayToObject(stats, "lcores");

	lcore_add(list, rte_get_main_lcore(), "control", NULL);
	for (unsigned int i = 0; i < p->worker_count; i++)
		lcore_add(list, p->workers[i].lcore, "rx", &p->workers[i].load);
	lcore_add(list, p->merge.lcore, "merge", &p->merge.load);
	if (p->generator != NULL)
		lcore_add(list, p->generator_lcore, "generator", &p->generator_load);
	if (p->dispatch_lcore != UINT_MAX)
		lcore_add(list, p->dispatch_lcore, "dispatch", &p->dispatch_load);
}

// Keys in the window of the first dimension of this kind without a filter.
static uint64_t
window_keys(const struct query_engine_stats *s, enum dimension_kind kind)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->dimension[i].kind == kind && s->dimension[i].filter[0] == '\0')
			return s->dimension[i].window_keys;
	return 0;
}

static cJSON *
dimension_json(const struct dimension_stats *d)
{
	cJSON *o = cJSON_CreateObject(), *error;

	cJSON_AddStringToObject(o, "key", dimension_ops_get(d->kind)->name);
	cJSON_AddStringToObject(o, "scope", query_scope_name(d->scope));
	if (d->filter[0] != '\0')
		cJSON_AddStringToObject(o, "filter", d->filter);
	json_add_u64(o, "queries", d->queries);
	json_add_u64(o, "keys", d->keys);
	json_add_u64(o, "window_keys", d->window_keys);
	json_add_u64(o, "slices", d->slices);
	json_add_u64(o, "bytes", d->bytes);
	json_add_u64(o, "budget", d->budget);
	json_add_u64(o, "drops", d->drops);
	cJSON_AddBoolToObject(o, "approximate", !query_counts_zero(&d->error));
	error = cJSON_AddObjectToObject(o, "error");
	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		json_add_u64(error, query_metric_name(m), d->error.of[m]);
	return o;
}

static void
queries_add(struct pipeline *p, cJSON *stats)
{
	struct query_engine_stats s;
	cJSON *o, *list, *distinct, *log;

	rte_spinlock_lock(&p->merge.stats_lock);
	s = p->merge.stats;
	rte_spinlock_unlock(&p->merge.stats_lock);
	o = cJSON_AddObjectToObject(stats, "queries");
	json_add_u64(o, "count", s.queries);
	json_add_u64(o, "raised", s.raised);
	json_add_u64(o, "protocol_keys", window_keys(&s, DIMENSION_PROTOCOL));
	json_add_u64(o, "ip_keys", window_keys(&s, DIMENSION_IP));
	json_add_u64(o, "slices", s.slices);
	json_add_u64(o, "bytes", s.bytes);
	distinct = cJSON_AddObjectToObject(o, "distinct");
	json_add_u64(distinct, "bytes", s.distinct_bytes);
	json_add_u64(distinct, "bytes_max", s.distinct_bytes_max);
	json_add_u64(distinct, "lost", s.distinct_lost);
	log = cJSON_AddObjectToObject(o, "retained");
	json_add_u64(log, "bytes", s.log_bytes);
	json_add_u64(log, "bytes_max", queries_log_bytes(p));
	json_add_u64(log, "from_us", s.log_from_us);
	json_add_u64(o, "results_lost", counter_read(&p->merge.documents_lost));
	json_add_u64(o, "folds_incomplete", counter_read(&p->merge.folds_incomplete));
	list = cJSON_AddArrayToObject(o, "dimensions");
	for (uint32_t i = 0; i < s.count; i++)
		cJSON_AddItemToArray(list, dimension_json(&s.dimension[i]));
}

static void
store_kept_add(cJSON *o, const struct store_stats *s)
{
	cJSON *kept = cJSON_AddObjectToObject(o, "kept");

	for (unsigned int k = 0; k < DOCUMENT_KINDS; k++) {
		if (k == DOCUMENT_STATS)
			continue;
		cJSON *kind = cJSON_AddObjectToObject(kept, document_kind_name(k));

		json_add_u64(kind, "documents", s->kept[k].rows);
		json_add_u64(kind, "bytes", s->kept[k].bytes);
	}
}

static void
store_add(struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "store");
	struct store_stats s;

	if (p->store == NULL) {
		cJSON_AddStringToObject(o, "state", "off");
		return;
	}
	store_stats_get(p->store, &s);
	cJSON_AddStringToObject(o, "state", s.state);
	json_add_u64(o, "stored", s.stored);
	json_add_u64(o, "dropped", s.dropped);
	json_add_u64(o, "queued", s.queued);
	store_kept_add(o, &s);
	cJSON_AddStringToObject(o, "push_state", s.push_state);
	json_add_u64(o, "outbox", s.outbox);
	json_add_u64(o, "pushed", s.pushed);
	json_add_u64(o, "push_failures", s.push_failures);
	json_add_u64(o, "push_rejected", s.push_rejected);
	json_add_u64(o, "outbox_lost", s.outbox_lost);
}

static void
exports_add(const struct pipeline *p, cJSON *stats)
{
	cJSON *list = cJSON_AddArrayToObject(stats, "ipfix");

	for (unsigned int i = 0; i < p->exports.count; i++) {
		cJSON *o = cJSON_CreateObject();
		struct ipfix_stats s;

		ipfix_exporter_stats(p->exports.of[i], &s);
		cJSON_AddStringToObject(o, "collector", s.collector);
		cJSON_AddStringToObject(o, "state", s.state);
		if (s.error != 0)
			cJSON_AddStringToObject(o, "error", strerror(s.error));
		else
			cJSON_AddNullToObject(o, "error");
		json_add_u64(o, "records", s.records);
		json_add_u64(o, "messages", s.messages);
		json_add_u64(o, "bytes", s.bytes);
		json_add_u64(o, "lost", s.lost);
		json_add_u64(o, "queued_messages", s.queued);
		json_add_u64(o, "connections", s.connections);
		cJSON_AddItemToArray(list, o);
	}
}

static void
control_add(struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "control");
	struct control_stats s;

	control_stats_get(p->control, &s);
	cJSON_AddNumberToObject(o, "clients", s.clients);
	json_add_u64(o, "requests", s.requests);
	json_add_u64(o, "notifications", s.notifications);
	json_add_u64(o, "dropped", s.dropped);
}

static void
capture_fault_add(void *arg, const char *line)
{
	cJSON_AddItemToArray(arg, cJSON_CreateString(line));
}

// Read to the end, not stopped on the way.
static bool
captures_read_whole(const struct pipeline *p)
{
	for (unsigned int i = 0; i < p->worker_count; i++)
		if (!source_finished(p->workers[i].sources[0]))
			return false;
	return true;
}

// What was wrong with captures, once they are read; all workers read the same files.
static void
captures_add(struct pipeline *p, cJSON *stats)
{
	cJSON *o, *faults;
	unsigned int n = 0;

	if (p->captures == NULL)
		return;
	if (p->follow != NULL) {
		follow_stats_add(p, stats);
		return;
	}
	o = cJSON_AddObjectToObject(stats, "captures");
	while (p->captures[n] != NULL)
		n++;
	cJSON_AddNumberToObject(o, "files", n);
	cJSON_AddBoolToObject(o, "complete", captures_read_whole(p));
	json_add_u64(o, "late_packets", counter_read(&p->workers[0].late_packets));
	faults = cJSON_AddArrayToObject(o, "faults");
	if (__atomic_load_n(&p->merged, __ATOMIC_ACQUIRE))
		source_capture_faults(p->workers[0].sources[0], capture_fault_add, faults);
}

cJSON *
pipeline_stats(struct pipeline *p)
{
	cJSON *stats = cJSON_CreateObject(), *o;
	uint64_t end_us = p->end_us != 0 ? p->end_us : clock_monotonic_us();
	struct ledger_counts c;

	pipeline_ledger(p, &c);
	ledger_stats_add(p, stats, &c);
	flows_add(p, stats);
	fragments_add(p, stats);
	pipeline_stats_workers(p, stats);
	lcores_add(p, stats);
	queries_add(p, stats);
	limits_stats_add(p, stats);
	alerts_stats_add(p, stats);
	memory_plan_json(&p->memory, stats);
	o = cJSON_AddObjectToObject(stats, "rates");
	cJSON_AddNumberToObject(o, "pps", p->pps);
	cJSON_AddNumberToObject(o, "bps", p->bps);
	store_add(p, stats);
	exports_add(p, stats);
	control_add(p, stats);
	captures_add(p, stats);
	cJSON_AddItemToObject(stats, "generator", pipeline_generator_stats(p));
	json_add_u64(stats, "at_us", clock_wall_us());
	cJSON_AddNumberToObject(stats, "uptime_s",
		p->start_us != 0 ? (double)(end_us - p->start_us) / 1e6 : 0);
	return stats;
}

// How the port's packets come to the workers. Both directions of a flow come to one of them in any
// of these ways: rss_symmetric says so to those who know only this field.
static void
spread_add(cJSON *o, const struct port *port)
{
	static const char *const ways[] = {
		[PORT_SPREAD_NONE] = "none",
		[PORT_SPREAD_RSS] = "rss",
		[PORT_SPREAD_SOFTWARE] = "software",
	};
	bool rss = port->spread == PORT_SPREAD_RSS;

	cJSON_AddBoolToObject(o, "rss_symmetric", true);
	cJSON_AddStringToObject(o, "spread", ways[port->spread]);
	if (rss) {
		cJSON_AddStringToObject(o, "rss_tuple", port_rss_tuple(port->rss_types));
		cJSON_AddStringToObject(o, "rss_headers", port_rss_level(port->rss_types));
	}
}

cJSON *
pipeline_ports(struct pipeline *p)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned int i = 0; i < p->port_count; i++) {
		struct port *port = &p->ports[i];
		struct port_stats s;
		cJSON *o = cJSON_CreateObject();

		port_stats_get(port, &s);
		cJSON_AddNumberToObject(o, "port", port->id);
		cJSON_AddStringToObject(o, "name", port->name);
		cJSON_AddStringToObject(o, "driver", port->driver);
		cJSON_AddNumberToObject(o, "queues", port->queues);
		spread_add(o, port);
		json_add_u64(o, "ipackets", s.ipackets);
		json_add_u64(o, "ibytes", s.ibytes);
		json_add_u64(o, "opackets", s.opackets);
		json_add_u64(o, "obytes", s.obytes);
		json_add_u64(o, "imissed", s.missed);
		json_add_u64(o, "dispatch_missed", pipeline_port_dispatch_missed(p, i));
		json_add_u64(o, "ierrors", s.errors);
		json_add_u64(o, "rx_nombuf", s.nombuf);
		cJSON_AddStringToObject(o, "link", port_link_name(s.link));
		cJSON_AddItemToArray(list, o);
	}
	return list;
}
