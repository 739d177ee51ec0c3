/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_version.h>

#include "base/log.h"
#include "pipeline.h"
#include "stats.h"
#include "stored.h"
#include "weir_build.h"

// What the application does for the method table (control/control.h); all on the control thread.

static cJSON *
system_info_op(void *app)
{
	const struct pipeline *p = app;
	const char *input = p->options.demo ? "demo" : p->captures != NULL ? "pcap" :
		p->options.iface != NULL ? "iface" : "ports";
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", "weir");
	cJSON_AddStringToObject(o, "version", WEIR_VERSION);
	cJSON_AddStringToObject(o, "dpdk", rte_version());
	cJSON_AddStringToObject(o, "appliance", p->options.appliance);
	cJSON_AddStringToObject(o, "input", input);
	cJSON_AddStringToObject(o, "clock", p->captures != NULL ? "packet" : "wall");
	cJSON_AddNumberToObject(o, "pane_ms", (double)p->options.pane_us / 1000);
	cJSON_AddNumberToObject(o, "workers", p->worker_count);
	cJSON_AddBoolToObject(o, "lcores_share_cpus", p->shares_cpu);
	cJSON_AddNumberToObject(o, "uptime_s",
		(double)(clock_monotonic_us() - p->start_us) / 1e6);
	return o;
}

static cJSON *
stats_op(void *app)
{
	return pipeline_stats(app);
}

static cJSON *
ports_op(void *app)
{
	return pipeline_ports(app);
}

static cJSON *
processor_get_op(void *app)
{
	const struct pipeline *p = app;
	const struct settings *s = p->settings.current;
	const struct query_parameters *q = &s->queries->context.parameters;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "H", q->H);
	cJSON_AddNumberToObject(o, "T", q->T);
	cJSON_AddNumberToObject(o, "k", q->k);
	cJSON_AddNumberToObject(o, "X", q->X);
	cJSON_AddBoolToObject(o, "running", s->running);
	return o;
}

static void
processor_parameters_op(void *app, struct processor_parameters *ret)
{
	const struct pipeline *p = app;
	const struct query_parameters *q = &p->settings.current->queries->context.parameters;

	*ret = (struct processor_parameters){q->H, q->T, q->k, q->X};
}

static int
settings_change(struct pipeline *p, const struct settings *s, struct error *err)
{
	int rc = settings_publish(&p->settings, s);

	if (rc != 0)
		return error_set(err, rc, "not applied: %s", strerror(-rc));
	return 0;
}

static int
processor_set_op(void *app, const struct processor_parameters *new, struct error *err)
{
	const struct query_parameters parameters = {new->H, new->T, new->k, new->X};
	struct pipeline *p = app;
	int rc = query_parameters_check_pane(&parameters, p->options.pane_us, err);

	return rc != 0 ? rc : queries_set_parameters(p, &parameters, err);
}

static int
processor_run_op(void *app, bool run, struct error *err)
{
	struct pipeline *p = app;
	struct settings s = *p->settings.current;

	s.running = run;
	return settings_change(p, &s, err);
}

static bool
query_exists_op(void *app, const char *query)
{
	const struct pipeline *p = app;

	return query_set_find(p->settings.current->queries, query) != NULL;
}

static struct document *
result_latest_op(void *app, const char *query)
{
	struct pipeline *p = app;
	struct document *d = NULL;

	rte_spinlock_lock(&p->latest.lock);
	for (unsigned int i = 0; i < p->latest.count && d == NULL; i++)
		if (strcmp(p->latest.of[i]->name, query) == 0)
			d = document_get(p->latest.of[i]);
	rte_spinlock_unlock(&p->latest.lock);
	return d;
}

static char *
metrics_op(void *app)
{
	return pipeline_metrics(app);
}

const struct control_ops pipeline_control_ops = {
	.system_info = system_info_op,
	.stats_get = stats_op,
	.ports_list = ports_op,
	.processor_get = processor_get_op,
	.processor_parameters = processor_parameters_op,
	.processor_set = processor_set_op,
	.processor_run = processor_run_op,
	.config_get = config_get_op,
	.config_set = config_set_op,
	.config_confirm = config_confirm_op,
	.config_rollback = config_rollback_op,
	.config_save = config_save_op,
	.query_list = queries_list_op,
	.query_add = queries_add_op,
	.query_update = queries_update_op,
	.query_remove = queries_remove_op,
	.query_preview = preview_op,
	.names_list = names_list_op,
	.names_change = names_change_op,
	.names_reload = names_reload_op,
	.limits_list = limits_list_op,
	.limits_set = limits_set_op,
	.limits_remove = limits_remove_op,
	.limits_dry_run = limits_dry_run_op,
	.generator_get = generator_get_op,
	.generator_set = generator_set_op,
	.generator_run = generator_run_op,
	.generator_calibrate = generator_calibrate_op,
	.generator_calibration = generator_calibration_op,
	.query_exists = query_exists_op,
	.result_latest = result_latest_op,
	.results_list = stored_results_list,
	.results_newest = stored_results_newest,
	.results_series = stored_results_series,
	.results_insert = stored_results_insert,
	.results_clear = stored_results_clear,
	.daily_list = stored_daily_list,
	.alerts_list = stored_alerts_list,
	.flows_list = flows_list_op,
	.metrics = metrics_op,
	.health = health_op,
};

// Rates over a second, and a sample for those who subscribed to `stats`.
static void
rates_update(struct pipeline *p, uint64_t now_us)
{
	struct ledger_counts c;
	double s = (double)(now_us - p->rate_at_us) / 1e6;

	pipeline_ledger(p, &c);
	p->pps = (double)(c.received - p->rate_packets) / s;
	p->bps = (double)(c.received_bytes - p->rate_bytes) * 8 / s;
	p->rate_packets = c.received;
	p->rate_bytes = c.received_bytes;
	p->rate_at_us = now_us;
}

static void
stats_publish(struct pipeline *p)
{
	cJSON *stats = pipeline_stats(p);
	char *text = cJSON_PrintUnformatted(stats);
	uint64_t now = clock_wall_us();
	struct document *d = NULL;

	cJSON_Delete(stats);
	if (text != NULL)
		d = document_create(DOCUMENT_STATS, "", now, now, text, strlen(text));
	free(text);
	if (d != NULL)
		control_publish(p->control, d);
	document_put(d);
}

static void
clock_follow(struct pipeline *p, uint64_t now_us)
{
	int64_t difference = live_clock_follow(&p->clock, clock_wall_us(), now_us);

	if (difference >= LIVE_CLOCK_STEP_US)
		log_warning("app", "wall time stepped forward by %.1f s: followed",
			(double)difference / 1e6);
	if (difference <= -LIVE_CLOCK_STEP_US && !p->clock_told)
		log_warning("app", "wall time stepped back by %.1f s: windows go on ahead of it and "
			"fall in slowly", (double)-difference / 1e6);
	p->clock_told = difference <= -LIVE_CLOCK_STEP_US;
}

void
pipeline_tick(void *arg)
{
	struct pipeline *p = arg;
	uint64_t now = clock_monotonic_us();

	settings_reclaim(&p->settings);
	limits_tick(p);
	flow_lists_tick(p);
	clock_follow(p, now);
	calibration_tick(p->calibration);
	reconfigure_tick(p, now);
	if (__atomic_load_n(&p->stop_asked, __ATOMIC_RELAXED) ||
		(p->options.duration_us != 0 && now - p->start_us >= p->options.duration_us)) {
		control_stop(p->control);
		return;
	}
	if (now - p->rate_at_us < CLOCK_US_PER_S)
		return;
	rates_update(p, now);
	links_tick(p);
	health_tick(p, now);
	stats_publish(p);
}
