/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake_app.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static cJSON *
system_info(void *app)
{
	cJSON *o = cJSON_CreateObject();

	(void)app;
	cJSON_AddStringToObject(o, "version", "test");
	return o;
}

static cJSON *
stats_get(void *app)
{
	(void)app;
	return cJSON_Parse("{\"ledger\":{\"offered\":1234567,\"received\":1234567,\"nic\":"
		"{\"missed\":0,\"errors\":0,\"nombuf\":0},\"flow_packets\":1234000,"
		"\"flow_bytes\":98765432,\"discarded\":{\"arp\":567},\"residual\":0,"
		"\"detail_lost\":{\"packets\":0,\"bytes\":0}},\"flows\":{\"created\":9,"
		"\"active\":4,\"ended\":{\"idle\":5},\"capacity\":1048576},\"workers\":[{"
		"\"worker\":0,\"lcore\":1,\"received\":1234567,\"flow_packets\":1234000,"
		"\"flow_bytes\":98765432,\"discarded\":567,\"busy_share\":0.25,"
		"\"flows_active\":4,\"share\":0.75,\"dispatch_missed\":98765,"
		"\"lateness_us\":{\"p99\":8703},\"last_pane\":{\"packets\":80000,\"heaviest\":{"
		"\"src\":\"2001:db8:1111:2222:3333:4444:5555:6666\",\"sport\":40000,"
		"\"dst\":\"192.0.2.77\",\"dport\":443,\"proto\":6,\"packets\":20000,"
		"\"share\":0.25}}}],\"skew\":{\"total\":1.5,\"last_pane\":1.25},\"lcores\":[{\"lcore\":1,\"cpu\":0,\"role\":\"worker\","
		"\"busy_share\":0.25}],\"rates\":{\"pps\":1000000.0,\"bps\":640000000.0},"
		"\"uptime_s\":12.5}");
}

static cJSON *
ports_list(void *app)
{
	(void)app;
	return cJSON_Parse("[{\"port\":0,\"name\":\"net_ring0\",\"driver\":\"net_ring\","
		"\"queues\":1,\"ipackets\":1234567,\"ibytes\":98765432,\"opackets\":0,"
		"\"obytes\":0,\"imissed\":0,\"ierrors\":0,\"rx_nombuf\":0,\"link\":\"up\"}]");
}

static cJSON *
processor_get(void *app)
{
	const struct fake_app *a = app;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "H", a->parameters.H);
	cJSON_AddNumberToObject(o, "T", a->parameters.T);
	cJSON_AddNumberToObject(o, "k", a->parameters.k);
	cJSON_AddNumberToObject(o, "X", a->parameters.X);
	cJSON_AddBoolToObject(o, "running", a->running);
	return o;
}

static void
processor_parameters(void *app, struct processor_parameters *ret)
{
	*ret = ((struct fake_app *)app)->parameters;
}

static int
processor_set(void *app, const struct processor_parameters *p, struct error *err)
{
	if (p->k == 999)
		return error_field(err, -EBUSY, "k", "k: the application would not");
	((struct fake_app *)app)->parameters = *p;
	return 0;
}

static int
processor_run(void *app, bool run, struct error *err)
{
	(void)err;
	((struct fake_app *)app)->running = run;
	return 0;
}

static cJSON *
generator_get(void *app)
{
	const struct fake_app *a = app;
	cJSON *o, *profile;

	if (!a->has_generator)
		return NULL;
	o = cJSON_Parse("{\"sent\":12345,\"bytes\":790080,\"dropped\":0,\"late\":0,"
		"\"achieved_pps\":999000.5}");
	cJSON_AddBoolToObject(o, "running", a->generator_running);
	profile = cJSON_AddObjectToObject(o, "profile");
	cJSON_AddNumberToObject(profile, "rate_pps", a->rate_pps);
	cJSON_AddItemToObject(profile, "size", cJSON_Parse("{\"type\":\"imix\"}"));
	return o;
}

static int
generator_set(void *app, const cJSON *changes, struct error *err)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, changes)
		if (strcmp(v->string, "rate_pps") != 0 && strcmp(v->string, "size") != 0)
			return error_field(err, -EINVAL, v->string, "%s: unknown field", v->string);
	v = cJSON_GetObjectItemCaseSensitive(changes, "rate_pps");
	if (v != NULL && (!cJSON_IsNumber(v) || v->valuedouble < 0))
		return error_field(err, -EINVAL, "rate_pps", "rate_pps: allowed: 0 or more");
	if (v != NULL)
		((struct fake_app *)app)->rate_pps = v->valuedouble;
	return 0;
}

static int
generator_run(void *app, bool run, struct error *err)
{
	(void)err;
	((struct fake_app *)app)->generator_running = run;
	return 0;
}

// Calibrates at once.
static int
generator_calibrate(void *app, const cJSON *profile, uint32_t seconds, struct error *err)
{
	if (cJSON_HasObjectItem(profile, "colour"))
		return error_field(err, -EINVAL, "profile.colour", "profile.colour: unknown field");
	((struct fake_app *)app)->calibrated_s = seconds;
	return 0;
}

static cJSON *
generator_calibration(void *app)
{
	const struct fake_app *a = app;
	cJSON *o = cJSON_CreateObject(), *query = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "state", a->calibrated_s == 0 ? "never" : "done");
	cJSON_AddNumberToObject(o, "seconds", a->calibrated_s);
	cJSON_AddNumberToObject(o, "sent", 1234567);
	cJSON_AddBoolToObject(o, "exact", a->calibrated_s > 5);
	cJSON_AddStringToObject(query, "query", "ip-topk");
	cJSON_AddNumberToObject(query, "precision", 0.5);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "queries"), query);
	return o;
}

static char *
metrics(void *app)
{
	(void)app;
	return strdup("# TYPE weir_up gauge\nweir_up 1\n# EOF\n");
}

// Sick of the store; well, with a warning.
static cJSON *
health(void *app, bool *ret_healthy)
{
	const struct fake_app *a = app;

	*ret_healthy = a->healthy;
	return cJSON_Parse(a->healthy ?
		"[{\"area\":\"ports\",\"fault\":false,\"text\":\"7 packets missed\"}]" :
		"[{\"area\":\"store\",\"fault\":true,\"text\":\"the store is down\"},"
		"{\"area\":\"ports\",\"fault\":false,\"text\":\"7 packets missed\"}]");
}

const struct control_ops *
fake_ops(void)
{
	static struct control_ops ops = {
		.system_info = system_info,
		.stats_get = stats_get,
		.ports_list = ports_list,
		.processor_get = processor_get,
		.processor_parameters = processor_parameters,
		.processor_set = processor_set,
		.processor_run = processor_run,
		.generator_get = generator_get,
		.generator_set = generator_set,
		.generator_run = generator_run,
		.generator_calibrate = generator_calibrate,
		.generator_calibration = generator_calibration,
		.metrics = metrics,
		.health = health,
	};

	fake_questions_add(&ops);
	fake_store_add(&ops);
	return &ops;
}

int
fake_app_state(const struct fake_app *a, char *buf, size_t size)
{
	const struct processor_parameters *p = &a->parameters;

	return snprintf(buf, size, "[%.17g,%u,%u,%.17g,%d,%d,%.17g,%u,%u]", p->H, p->T, p->k, p->X,
		a->running, a->generator_running, a->rate_pps, a->calibrated_s, a->stored);
}

void
fake_app_start(struct fake_app *a)
{
	*a = (struct fake_app){
		.parameters = {.H = 10, .T = 10, .k = 10, .X = 2},
		.running = true,
		.has_generator = true,
		.rate_pps = 1000000,
		.healthy = true,
	};
	fake_store_start(a);
}

void
fake_app_stop(struct fake_app *a)
{
	fake_store_stop(a);
}
