/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pane/pane_heaviest.h"
#include "pipeline.h"

// GET /metrics: OpenMetrics text 1.0. Names follow its rules: counters end in _total, units are
// in the name.

static void
family(FILE *f, const char *name, const char *type, const char *help)
{
	static const char *const units[] = {"bytes", "packets", "ratio", "seconds"};
	const char *last = strrchr(name, '_') + 1;

	fprintf(f, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
	for (unsigned int i = 0; i < RTE_DIM(units); i++)
		if (strcmp(last, units[i]) == 0)
			fprintf(f, "# UNIT %s %s\n", name, units[i]);
}

static void
counter(FILE *f, const char *name, const char *help, uint64_t value)
{
	family(f, name, "counter", help);
	fprintf(f, "%s_total %" PRIu64 "\n", name, value);
}

static void
gauge(FILE *f, const char *name, const char *help, double value)
{
	family(f, name, "gauge", help);
	fprintf(f, "%s %.17g\n", name, value);
}

static void
ledger_metrics(FILE *f, struct pipeline *p)
{
	struct ledger_counts c;

	pipeline_ledger(p, &c);
	counter(f, "weir_received_packets", "Packets taken from ports.", c.received);
	counter(f, "weir_received_bytes", "Frame bytes of packets taken from ports.",
		c.received_bytes);
	counter(f, "weir_flow_packets", "Packets accounted to flows.", c.flow_packets);
	counter(f, "weir_flow_bytes", "Frame bytes accounted to flows.", c.flow_bytes);
	family(f, "weir_discarded_packets", "counter", "Packets in no flow, by reason.");
	for (unsigned int r = DISCARD_NONE + 1; r < DISCARD_COUNT; r++)
		fprintf(f, "weir_discarded_packets_total{reason=\"%s\"} %" PRIu64 "\n",
			discard_reason_name(r), c.discarded[r]);
	counter(f, "weir_detail_lost_packets", "Packets in totals but in no pane.",
		c.detail_lost_packets);
	gauge(f, "weir_ledger_residual_packets", "Packets that are in no place; not 0 is a defect.",
		(double)ledger_residual(&c));
}

static void
worker_metrics(FILE *f, const struct pipeline *p)
{
	family(f, "weir_worker_received_packets", "counter", "Packets taken by a worker.");
	for (unsigned int i = 0; i < p->worker_count; i++) {
		struct ledger_counts c;

		ledger_read(&p->workers[i].ledger, &c);
		fprintf(f, "weir_worker_received_packets_total{worker=\"%u\"} %" PRIu64 "\n", i,
			c.received);
	}
	family(f, "weir_worker_dispatch_missed_packets", "counter",
		"Packets that found the ring to a worker full.");
	for (unsigned int i = 0; i < p->worker_count; i++)
		fprintf(f, "weir_worker_dispatch_missed_packets_total{worker=\"%u\"} %" PRIu64 "\n",
			i, pipeline_worker_dispatch_missed(p, i));
}

static void
skew_metrics(FILE *f, struct pipeline *p)
{
	double total, last;

	pipeline_skew(p, &total, &last);
	family(f, "weir_worker_skew_ratio", "gauge", "Packets of the busiest worker over the mean.");
	fprintf(f, "weir_worker_skew_ratio{over=\"total\"} %.6f\n", total);
	fprintf(f, "weir_worker_skew_ratio{over=\"last_pane\"} %.6f\n", last);
	family(f, "weir_worker_heaviest_flow_packets", "gauge",
		"Packets in the last pane of the flow that a worker had most of.");
	for (unsigned int i = 0; i < p->worker_count; i++) {
		struct worker_slice s;

		pipeline_worker_slice(p, i, &s);
		fprintf(f, "weir_worker_heaviest_flow_packets{worker=\"%u\"} %" PRIu64 "\n", i,
			s.any ? pane_delta_packets(&s.heaviest) : 0);
	}
}

static void
port_metrics(FILE *f, struct pipeline *p)
{
	static const char *const kinds[] = {"missed", "errors", "nombuf", "dispatch"};

	family(f, "weir_port_lost_packets", "counter", "Packets that a port could not deliver.");
	for (unsigned int i = 0; i < p->port_count; i++) {
		struct port_stats s;
		uint64_t values[4];

		port_stats_get(&p->ports[i], &s);
		values[0] = s.missed;
		values[1] = s.errors;
		values[2] = s.nombuf;
		values[3] = pipeline_port_dispatch_missed(p, i);
		for (unsigned int k = 0; k < RTE_DIM(kinds); k++)
			fprintf(f, "weir_port_lost_packets_total{port=\"%u\",kind=\"%s\"} %" PRIu64
				"\n", p->ports[i].id, kinds[k], values[k]);
	}
}

static void
flow_metrics(FILE *f, const struct pipeline *p)
{
	struct flow_counts c;

	pipeline_flow_counts(p, &c);
	counter(f, "weir_flows_created", "Flows begun.", c.created);
	gauge(f, "weir_flows_active", "Flows in the tables now.", (double)c.active);
	family(f, "weir_flows_ended", "counter", "Flows ended, by reason.");
	for (unsigned int e = FLOW_ACTIVE_STILL + 1; e < FLOW_END_COUNT; e++)
		fprintf(f, "weir_flows_ended_total{end=\"%s\"} %" PRIu64 "\n", flow_end_name(e),
			c.ended[e]);
}

// Seconds, as OpenMetrics wants them; the largest is a family of its own, a summary has no place
// for it.
static void
lateness_metrics(FILE *f, const struct pipeline *p)
{
	struct histogram_summary s;

	family(f, "weir_flow_lateness_seconds", "summary",
		"From a flow's timeout on the clock in use to its end.");
	for (unsigned int i = 0; i < p->worker_count; i++) {
		histogram_summarize(&p->workers[i].tracker.lateness, &s);
		fprintf(f, "weir_flow_lateness_seconds{worker=\"%u\",quantile=\"0.5\"} %.6f\n", i,
			(double)s.p50 / 1e6);
		fprintf(f, "weir_flow_lateness_seconds{worker=\"%u\",quantile=\"0.99\"} %.6f\n", i,
			(double)s.p99 / 1e6);
		fprintf(f, "weir_flow_lateness_seconds_count{worker=\"%u\"} %" PRIu64 "\n", i,
			s.count);
	}
	family(f, "weir_flow_lateness_max_seconds", "gauge", "The largest of them since the start.");
	for (unsigned int i = 0; i < p->worker_count; i++) {
		histogram_summarize(&p->workers[i].tracker.lateness, &s);
		fprintf(f, "weir_flow_lateness_max_seconds{worker=\"%u\"} %.6f\n", i,
			(double)s.max / 1e6);
	}
}

static void
generator_metrics(FILE *f, const struct pipeline *p)
{
	struct generator_stats g;
	struct latency_summary s;

	if (p->generator == NULL)
		return;
	generator_stats_get(p->generator, &g);
	counter(f, "weir_generator_sent_packets", "Packets that the generator sent.", g.sent);
	counter(f, "weir_generator_dropped_packets", "Packets that its port did not take.",
		g.dropped);
	counter(f, "weir_generator_late_packets", "Packets worth the time that was given up.",
		g.late);
	if (!pipeline_latency(p, &s))
		return;
	family(f, "weir_generator_latency_seconds", "summary",
		"From the generator to the RX lcore, of packets with a time stamp.");
	fprintf(f, "weir_generator_latency_seconds{quantile=\"0.5\"} %.9f\n", (double)s.p50 / 1e9);
	fprintf(f, "weir_generator_latency_seconds{quantile=\"0.99\"} %.9f\n", (double)s.p99 / 1e9);
	fprintf(f, "weir_generator_latency_seconds{quantile=\"0.999\"} %.9f\n",
		(double)s.p999 / 1e9);
	fprintf(f, "weir_generator_latency_seconds_count %" PRIu64 "\n", s.packets);
	gauge(f, "weir_generator_latency_max_seconds", "The largest of them.", (double)s.max / 1e9);
	gauge(f, "weir_generator_jitter_seconds",
		"Mean difference between the latency of one packet and the next.", s.jitter / 1e9);
}

static void
fragment_metrics(FILE *f, const struct pipeline *p)
{
	struct fragment_counts c;

	if (!p->options.fragments_follow)
		return;
	pipeline_fragment_counts(p, &c);
	counter(f, "weir_fragments_first", "First fragments of datagrams.", c.first);
	counter(f, "weir_fragments_followed", "Later fragments in the flow of their first one.",
		c.followed);
	counter(f, "weir_fragments_unmatched", "Later fragments whose first one was not known.",
		c.unmatched);
	counter(f, "weir_fragments_replaced",
		"Datagrams forgotten for another one with their identification.", c.replaced);
	counter(f, "weir_fragments_evicted", "Datagrams forgotten early for want of room.",
		c.evicted);
}

static void
lcore_metrics(FILE *f, const struct pipeline *p)
{
	family(f, "weir_lcore_busy_ratio", "gauge", "Share of time that went into work.");
	for (unsigned int i = 0; i < p->worker_count; i++)
		fprintf(f, "weir_lcore_busy_ratio{lcore=\"%u\",role=\"rx\"} %.6f\n",
			p->workers[i].lcore, lcore_load_share(&p->workers[i].load));
	fprintf(f, "weir_lcore_busy_ratio{lcore=\"%u\",role=\"merge\"} %.6f\n", p->merge.lcore,
		lcore_load_share(&p->merge.load));
	if (p->generator != NULL)
		fprintf(f, "weir_lcore_busy_ratio{lcore=\"%u\",role=\"generator\"} %.6f\n",
			p->generator_lcore, lcore_load_share(&p->generator_load));
	if (p->dispatch_lcore != UINT_MAX)
		fprintf(f, "weir_lcore_busy_ratio{lcore=\"%u\",role=\"dispatch\"} %.6f\n",
			p->dispatch_lcore, lcore_load_share(&p->dispatch_load));
}

static void
kept_metrics(FILE *f, const struct store_stats *s)
{
	family(f, "weir_store_kept_bytes", "gauge", "Size of what the local store keeps, by kind.");
	for (unsigned int k = 0; k < DOCUMENT_KINDS; k++)
		if (k != DOCUMENT_STATS)
			fprintf(f, "weir_store_kept_bytes{kind=\"%s\"} %" PRIu64 "\n",
				document_kind_name(k), s->kept[k].bytes);
}

static void
limits_metrics(FILE *f, struct pipeline *p)
{
	struct limits_file_stats file;
	struct limit_stats s;

	rte_spinlock_lock(&p->merge.stats_lock);
	s = p->merge.stats.limits;
	rte_spinlock_unlock(&p->merge.stats_lock);
	gauge(f, "weir_limits_watched", "Limits of which a row holds.", s.watched);
	gauge(f, "weir_limits_raised", "Limits whose alert is raised.", s.raised);
	if (p->limits.file == NULL)
		return;
	limits_file_stats_get(p->limits.file, &file);
	gauge(f, "weir_limits_file_ok", "1 while what holds is what the file says, else 0.",
		file.well);
	counter(f, "weir_limits_file_faults", "Times that the limits file was wrong.", file.faults);
}

static void
alert_metrics(FILE *f, const struct pipeline *p)
{
	const struct alert_command_stats *s = &p->alerts.command.stats;

	if (p->alerts.facility >= 0)
		counter(f, "weir_syslog_alerts", "Alerts given to syslog.",
			__atomic_load_n(&p->alerts.logged, __ATOMIC_RELAXED));
	if (!p->alerts.has_command)
		return;
	counter(f, "weir_on_alert_started", "Commands started for alerts.",
		__atomic_load_n(&s->started, __ATOMIC_RELAXED));
	counter(f, "weir_on_alert_failed", "Commands that failed, or could not be started.",
		__atomic_load_n(&s->failed, __ATOMIC_RELAXED));
	counter(f, "weir_on_alert_killed", "Commands killed as they took too long.",
		__atomic_load_n(&s->killed, __ATOMIC_RELAXED));
	counter(f, "weir_on_alert_suppressed", "Alerts for which no command was started.",
		__atomic_load_n(&s->suppressed, __ATOMIC_RELAXED));
}

static void
store_metrics(FILE *f, struct pipeline *p)
{
	struct store_stats s;

	if (p->store == NULL)
		return;
	store_stats_get(p->store, &s);
	gauge(f, "weir_store_up", "1 while the local store can be written to.",
		strcmp(s.state, "ok") == 0);
	if (p->options.push != NULL)
		gauge(f, "weir_push_up", "1 while MongoDB takes documents.", s.push_connected);
	counter(f, "weir_push_failures", "Attempts to deliver to MongoDB that failed.",
		s.push_failures);
	kept_metrics(f, &s);
	counter(f, "weir_store_documents", "Documents committed to the local store.", s.stored);
	counter(f, "weir_store_dropped_documents", "Documents that were not stored.", s.dropped);
	gauge(f, "weir_store_queued_documents", "Documents waiting for the store.",
		(double)s.queued);
	counter(f, "weir_push_documents", "Documents acknowledged by MongoDB.", s.pushed);
	gauge(f, "weir_push_outbox_documents", "Documents waiting for MongoDB.",
		(double)s.outbox);
	counter(f, "weir_push_rejected_documents", "Documents that MongoDB refused for good.",
		s.push_rejected);
	counter(f, "weir_push_lost_documents", "Documents that the outbox had no room for.",
		s.outbox_lost);
}

static void
follow_metrics(FILE *f, const struct pipeline *p)
{
	struct capture_follow_stats s;

	if (p->follow == NULL)
		return;
	capture_follow_stats_get(p->follow, &s);
	counter(f, "weir_captures_read", "Captures of the followed folder read to their end.",
		s.read);
	counter(f, "weir_captures_failed", "Files that cannot be read as captures.", s.failed);
	gauge(f, "weir_captures_pending", "Files that are not finished or not read yet.",
		(double)s.pending);
}

// One family: a line for each collector, of one member of its statistics.
static void
export_family(FILE *f, const struct pipeline *p, const char *name, const char *help, size_t member)
{
	family(f, name, "counter", help);
	for (unsigned int i = 0; i < p->exports.count; i++) {
		struct ipfix_stats s;

		ipfix_exporter_stats(p->exports.of[i], &s);
		fprintf(f, "%s_total{collector=\"%s\"} %" PRIu64 "\n", name, s.collector,
			*(const uint64_t *)((const char *)&s + member));
	}
}

static void
export_metrics(FILE *f, const struct pipeline *p)
{
	if (p->exports.count == 0)
		return;
	export_family(f, p, "weir_ipfix_records", "Flow records sent to the collector.",
		offsetof(struct ipfix_stats, records));
	export_family(f, p, "weir_ipfix_messages", "IPFIX messages sent to the collector.",
		offsetof(struct ipfix_stats, messages));
	export_family(f, p, "weir_ipfix_lost_records",
		"Flow records that could not be sent to the collector.",
		offsetof(struct ipfix_stats, lost));
	export_family(f, p, "weir_ipfix_connections", "Times that the link came up.",
		offsetof(struct ipfix_stats, connections));
}

static void
label_print(FILE *f, const char *name, const char *value)
{
	fprintf(f, ",%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', f);
		fputc(*value, f);
	}
	fputc('"', f);
}

// One gauge, a line for each dimension. Dimensions may be equal in all other labels.
static void
dimension_family(FILE *f, const struct query_engine_stats *s, const char *name, const char *help,
	uint64_t (*value)(const struct dimension_stats *d))
{
	family(f, name, "gauge", help);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct dimension_stats *d = &s->dimension[i];

		fprintf(f, "%s{dimension=\"%u\"", name, i);
		label_print(f, "key", dimension_ops_get(d->kind)->name);
		label_print(f, "scope", query_scope_name(d->scope));
		label_print(f, "filter", d->filter);
		fprintf(f, "} %" PRIu64 "\n", value(d));
	}
}

static uint64_t
dimension_keys(const struct dimension_stats *d)
{
	return d->keys;
}

static uint64_t
dimension_budget(const struct dimension_stats *d)
{
	return d->budget;
}

static uint64_t
dimension_approximate(const struct dimension_stats *d)
{
	return !query_counts_zero(&d->error);
}

static uint64_t
dimension_error_bytes(const struct dimension_stats *d)
{
	return d->error.of[QUERY_METRIC_BYTES];
}

static uint64_t
dimension_memory(const struct dimension_stats *d)
{
	return d->bytes;
}

static void
query_metrics(FILE *f, struct pipeline *p)
{
	struct query_engine_stats s;

	rte_spinlock_lock(&p->merge.stats_lock);
	s = p->merge.stats;
	rte_spinlock_unlock(&p->merge.stats_lock);
	dimension_family(f, &s, "weir_query_keys", "Keys that the queries of one kind know.",
		dimension_keys);
	dimension_family(f, &s, "weir_query_key_budget", "The most that they may know.",
		dimension_budget);
	dimension_family(f, &s, "weir_query_approximate",
		"1 where some window has had more keys than that.", dimension_approximate);
	dimension_family(f, &s, "weir_query_error_bytes",
		"The most that a value in bytes can be too high by.", dimension_error_bytes);
	dimension_family(f, &s, "weir_query_memory_bytes", "Memory of the keys and their counts.",
		dimension_memory);
}

char *
pipeline_metrics(struct pipeline *p)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	ledger_metrics(f, p);
	port_metrics(f, p);
	worker_metrics(f, p);
	skew_metrics(f, p);
	flow_metrics(f, p);
	lateness_metrics(f, p);
	generator_metrics(f, p);
	fragment_metrics(f, p);
	lcore_metrics(f, p);
	limits_metrics(f, p);
	alert_metrics(f, p);
	store_metrics(f, p);
	follow_metrics(f, p);
	query_metrics(f, p);
	export_metrics(f, p);
	fprintf(f, "# EOF\n");
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
