/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_version.h>

#include "base/log.h"
#include "pipeline.h"
#include "stats.h"
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

// The store's answer (store thread) becomes the call's.
static void
store_reply(void *arg, int rc, const char *json)
{
	struct control_call *call = arg;
	cJSON *result;

	if (rc != 0) {
		control_call_fail(call, CALL_STORE_FAULT, NULL, json);
		return;
	}
	result = cJSON_CreateRaw(json);
	if (result == NULL)
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
	else
		control_call_complete(call, result);
}

// rc of a request that the store did not take.
static void
store_refusal(struct control_call *call, int rc)
{
	if (rc == -ENOTSUP)
		control_call_fail(call, CALL_NO_STORE, NULL, "there is no store: start with --store");
	else if (rc != 0)
		control_call_fail(call, CALL_STORE_FAULT, NULL, "the store is busy, try again");
}

static void
results_list_op(void *app, const char *query, uint64_t from_us, uint64_t to_us, uint32_t limit,
	struct control_call *call)
{
	struct pipeline *p = app;
	struct store_query q = {.from_us = from_us, .to_us = to_us, .limit = limit};

	snprintf(q.query, sizeof(q.query), "%s", query != NULL ? query : "");
	store_refusal(call, p->store == NULL ? -ENOTSUP :
		store_results_list(p->store, &q, store_reply, call));
}

static void
results_clear_op(void *app, struct control_call *call)
{
	struct pipeline *p = app;

	store_refusal(call, p->store == NULL ? -ENOTSUP :
		store_results_clear(p->store, store_reply, call));
}

static void
daily_list_op(void *app, const struct control_daily *q, struct control_call *call)
{
	struct pipeline *p = app;
	struct store_daily_query query = {
		.from_us = q->from_us, .to_us = q->to_us, .limit = q->limit,
	};

	snprintf(query.host, sizeof(query.host), "%s", q->host != NULL ? q->host : "");
	snprintf(query.after_host, sizeof(query.after_host), "%s",
		q->after_host != NULL ? q->after_host : "");
	store_refusal(call, p->store == NULL ? -ENOTSUP :
		store_daily_list(p->store, &query, store_reply, call));
}

// Microseconds in result.window.<name>; false if it is not there or no such number.
static bool
window_time(const cJSON *result, const char *name, uint64_t *ret_us)
{
	const cJSON *window = cJSON_GetObjectItemCaseSensitive(result, "window");
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(window, name);

	if (!cJSON_IsNumber(v) || v->valuedouble < 0 || v->valuedouble > 9e15)
		return false;
	*ret_us = (uint64_t)v->valuedouble;
	return true;
}

static void
results_insert_op(void *app, const cJSON *result, struct control_call *call)
{
	struct pipeline *p = app;
	const cJSON *query = cJSON_GetObjectItemCaseSensitive(result, "query");
	uint64_t start_us, end_us;
	struct document *d;
	char *text;
	int rc;

	if (!cJSON_IsString(query) || query->valuestring[0] == '\0' ||
		strlen(query->valuestring) >= DOCUMENT_NAME_LEN) {
		control_call_fail(call, CALL_INVALID_PARAMS, "query", "query: must be text of 1 to 63 bytes");
		return;
	}
	if (!window_time(result, "start_us", &start_us) || !window_time(result, "end_us", &end_us) ||
		start_us >= end_us) {
		control_call_fail(call, CALL_INVALID_PARAMS, "window",
			"window: must have start_us and end_us, start before end");
		return;
	}
	if (p->store == NULL) {
		store_refusal(call, -ENOTSUP);
		return;
	}
	text = cJSON_PrintUnformatted(result);
	d = text == NULL ? NULL : document_create(DOCUMENT_RESULT, query->valuestring, start_us,
		end_us, text, strlen(text));
	free(text);
	rc = d == NULL ? -ENOMEM : store_results_insert(p->store, d, store_reply, call);
	document_put(d);
	store_refusal(call, rc);
}

static char *
metrics_op(void *app)
{
	return pipeline_metrics(app);
}

static bool
healthy_op(void *app, char *ret_reason, size_t size)
{
	struct pipeline *p = app;
	struct ledger_counts c;
	struct store_stats s;

	pipeline_ledger(p, &c);
	if (ledger_residual(&c) != 0) {
		snprintf(ret_reason, size, "the ledger does not close: residual %lld",
			(long long)ledger_residual(&c));
		return false;
	}
	if (p->output.error != 0) {
		snprintf(ret_reason, size, "--flows or --results: %s", strerror(-p->output.error));
		return false;
	}
	if (p->store != NULL) {
		store_stats_get(p->store, &s);
		if (strcmp(s.state, "ok") != 0) {
			snprintf(ret_reason, size, "store: %s", s.state);
			return false;
		}
	}
	snprintf(ret_reason, size, "ok");
	return true;
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
	.results_list = results_list_op,
	.results_insert = results_insert_op,
	.results_clear = results_clear_op,
	.daily_list = daily_list_op,
	.metrics = metrics_op,
	.healthy = healthy_op,
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
	stats_publish(p);
}
