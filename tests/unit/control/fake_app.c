/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake_app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
config_get(void *app, bool waiting)
{
	const struct fake_app *a = app;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(cJSON_AddObjectToObject(o, "parameters"), "k", a->parameters.k);
	if (waiting)
		cJSON_AddNumberToObject(o, "workers", 2);
	return o;
}

// Knows parameters.k, and finds two faults in anything else.
static int
config_set(void *app, const cJSON *config, const struct config_set_params *params, cJSON **ret,
	struct error_list *errors)
{
	const cJSON *k = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(config, "parameters"), "k");

	if (!cJSON_IsNumber(k) || k->valuedouble < 1) {
		error_list_add(errors, "parameters.k", "parameters.k: found nothing good");
		error_list_add(errors, "workers", "workers: not that many");
		return -EINVAL;
	}
	if (!params->dry_run)
		((struct fake_app *)app)->parameters.k = (uint32_t)k->valuedouble;
	*ret = cJSON_CreateObject();
	cJSON_AddBoolToObject(*ret, "applied", !params->dry_run);
	cJSON_AddItemToObject(*ret, "changes", cJSON_Parse("[{\"field\":\"parameters.k\",\"from\":10,"
		"\"to\":5,\"restart\":false},{\"field\":\"workers\",\"from\":null,\"to\":2,"
		"\"restart\":true}]"));
	cJSON_AddItemToObject(*ret, "restart", cJSON_Parse("[\"workers\"]"));
	cJSON_AddNumberToObject(*ret, "confirm_s", params->confirm_s);
	return 0;
}

static int
config_nothing(void *app, cJSON **ret, struct error_list *errors)
{
	(void)app;
	(void)ret;
	error_list_add(errors, "", "nothing waits");
	return -ENOENT;
}

static int
config_save(void *app, cJSON **ret, struct error_list *errors)
{
	(void)app;
	(void)errors;
	*ret = cJSON_CreateObject();
	cJSON_AddStringToObject(*ret, "saved", "/etc/weir/weir.json");
	return 0;
}

static cJSON *
query_list(void *app)
{
	(void)app;
	return cJSON_Parse("[{\"name\":\"ip-topk\",\"key\":\"ip\",\"metric\":\"bytes\",\"op\":"
		"{\"type\":\"topk\",\"k\":10},\"window_s\":10,\"slide_s\":1,\"scope\":\"all\"},"
		"{\"name\":\"protocol-share\",\"key\":\"protocol\",\"metric\":\"bytes\",\"op\":"
		"{\"type\":\"share\",\"percent\":10},\"window_s\":10,\"slide_s\":1,"
		"\"scope\":\"all\"}]");
}

// Takes what has a name of its own and a key, and finds two faults in anything else.
static int
query_add(void *app, const cJSON *query, cJSON **ret, struct error_list *errors)
{
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(query, "name"));

	(void)app;
	if (name == NULL || cJSON_GetObjectItemCaseSensitive(query, "key") == NULL) {
		error_list_add(errors, "name", "name: found nothing good");
		error_list_add(errors, "key", "key: missing");
		return -EINVAL;
	}
	*ret = cJSON_Duplicate(query, true);
	return 0;
}

static int
query_update(void *app, const cJSON *query, cJSON **ret, struct error_list *errors)
{
	(void)app;
	if (cJSON_GetObjectItemCaseSensitive(query, "busy") != NULL) {
		error_list_add(errors, "", "not applied: too many at once");
		return -EAGAIN;
	}
	*ret = cJSON_Duplicate(query, true);
	return 0;
}

static int
query_remove(void *app, const char *name, struct error_list *errors)
{
	(void)app;
	if (strcmp(name, "ip-topk") == 0)
		return 0;
	error_list_add(errors, "name", "name: '%s' stays", name);
	return -EBUSY;
}

static cJSON *
names_list(void *app)
{
	(void)app;
	return cJSON_Parse("{\"names\":{\"10.0.0.5\":\"db1\"},\"geoip\":[{\"file\":\"c.mmdb\","
		"\"type\":\"Country\",\"built_us\":1}]}");
}

// Takes any names, and forgets 10.0.0.5's only.
static int
names_change(void *app, const cJSON *names, const cJSON *keys, struct error_list *errors)
{
	const char *key = cJSON_GetStringValue(cJSON_GetArrayItem(keys, 0));

	(void)app;
	if (names != NULL || (key != NULL && strcmp(key, "10.0.0.5") == 0))
		return 0;
	error_list_add(errors, "keys", "keys: '%s' has no name", key);
	return -EINVAL;
}

static int
names_reload(void *app, struct error_list *errors)
{
	(void)app;
	error_list_add(errors, "geoip[0]", "geoip[0]: gone");
	return -EINVAL;
}

static cJSON *
limits_list(void *app)
{
	(void)app;
	return cJSON_Parse("{\"limits\":[{\"limit_name\":\"lab\",\"source\":\"10.0.0.0/8\","
		"\"max_bytes\":5000000,\"window_s\":300,\"effective_date\":\"2026-11-26T00:00:00.000Z\","
		"\"clear_after\":1,\"origin\":\"rpc\",\"state\":\"holds\"}],\"file\":{\"path\":\"x.json\","
		"\"fault\":\"x.json:3: no\"},\"clock_us\":1}");
}

// Takes one row with a name.
static int
limits_set(void *app, const cJSON *rows, cJSON **ret, struct error_list *errors)
{
	if (cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(rows, 0), "limit_name") == NULL) {
		error_list_add(errors, "rows[0].limit_name", "rows[0].limit_name: missing");
		return -EINVAL;
	}
	*ret = limits_list(app);
	return 0;
}

static int
limits_remove(void *app, const char *name, const char *date, cJSON **ret,
	struct error_list *errors)
{
	if (strcmp(name, "lab") != 0 || date != NULL) {
		error_list_add(errors, "limit_name", "limit_name: no limit '%s'",
			name != NULL ? name : "");
		return strcmp(name, "file") == 0 ? -EBUSY : -ENOENT;
	}
	*ret = limits_list(app);
	return 0;
}

static void
limits_dry_run(void *app, const cJSON *params, struct control_call *call)
{
	(void)app;
	(void)params;
	control_call_complete(call, cJSON_Parse("{\"from_us\":0,\"to_us\":5000000,\"windows\":5,"
		"\"exact\":true,\"alerts\":[{\"type\":\"alert\",\"query\":\"limits\",\"limit_name\":"
		"\"lab\",\"key\":\"10.0.0.0/8 > any\",\"value\":6000000,\"limit\":5000000,"
		"\"state\":\"raised\",\"at_us\":4000000}],\"more\":2}"));
}

static void
flows_list(void *app, const struct control_flows *q, struct control_call *call)
{
	cJSON *o;

	(void)app;
	if (q->filter != NULL && strcmp(q->filter, "no") == 0) {
		control_call_fail(call, CALL_INVALID_PARAMS, "filter", "filter: 'no': syntax error");
		return;
	}
	o = cJSON_Parse("{\"taken\":{\"from_us\":1,\"to_us\":2},\"total\":3,\"matched\":2,"
		"\"shown\":1,\"packets\":5,\"bytes\":500,\"flows\":[{\"type\":\"flow\",\"src\":"
		"\"10.0.0.1\",\"sport\":1234,\"dst\":\"192.0.2.7\",\"dport\":443,\"proto\":6,"
		"\"app\":\"HTTPS\",\"first_us\":0,\"last_us\":1500000,\"end\":null,"
		"\"fwd\":{\"packets\":3,\"bytes\":300},\"rev\":{\"packets\":2,\"bytes\":200},"
		"\"bidir\":{\"packets\":5,\"bytes\":500}}]}");
	// What was understood, for tests to compare.
	cJSON_AddStringToObject(o, "filter", q->filter != NULL ? q->filter : "");
	cJSON_AddNumberToObject(o, "order", q->order);
	cJSON_AddBoolToObject(o, "ascending", q->ascending);
	cJSON_AddNumberToObject(o, "limit", q->limit);
	control_call_complete(call, o);
}

static void
query_preview(void *app, const cJSON *query, struct control_call *call)
{
	(void)app;
	control_call_complete(call, cJSON_Duplicate(query, true));
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

static bool
query_exists(void *app, const char *query)
{
	(void)app;
	return strcmp(query, "ip-topk") == 0 || strcmp(query, "protocol-share") == 0;
}

struct document *
fake_result(const char *query, unsigned int seq, unsigned int padding)
{
	char *text = NULL, *pad = calloc(1, padding + 1);
	struct document *d;
	int len;

	memset(pad, 'x', padding);
	len = asprintf(&text, "{\"type\":\"result\",\"query\":\"%s\",\"seq\":%u,\"key\":\"ip\","
		"\"metric\":\"bytes\",\"op\":{\"type\":\"topk\",\"k\":10},\"window\":{\"start_us\":"
		"1764169000000000,\"end_us\":1764169010000000},\"total\":{\"bytes\":9007199254740993,"
		"\"packets\":3,\"flows\":1},\"keys\":2,\"exact\":true,\"pad\":\"%s\",\"rows\":[{"
		"\"key\":\"10.1.2.3\",\"value\":123456,\"share\":0.1234,\"error\":0}]}", query, seq,
		pad);
	d = document_create(DOCUMENT_RESULT, query, 0, 0, text, (size_t)len);
	free(text);
	free(pad);
	return d;
}

static struct document *
result_latest(void *app, const char *query)
{
	(void)app;
	return strcmp(query, "ip-topk") == 0 ? fake_result(query, 42, 0) : NULL;
}

static void
job_add(struct fake_app *a, struct control_call *call, cJSON *result)
{
	struct fake_store_job *j = calloc(1, sizeof(*j));

	j->call = call;
	j->result = result;
	pthread_mutex_lock(&a->lock);
	*a->jobs_tail = j;
	a->jobs_tail = &j->next;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
}

static cJSON *
times_json(const char *query, uint64_t from_us, uint64_t to_us)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "query", query);
	cJSON_AddNumberToObject(o, "from_us", (double)from_us);
	cJSON_AddNumberToObject(o, "to_us", (double)to_us);
	return o;
}

static void
results_list(void *app, const struct control_results *q, struct control_call *call)
{
	cJSON *o = times_json(q->query, q->from_us, q->to_us);

	cJSON_AddNumberToObject(o, "limit", q->limit);
	if (q->page) {
		cJSON_AddStringToObject(o, "cursor", q->cursor != NULL ? q->cursor : "none");
		cJSON_AddNumberToObject(o, "source", q->source);
	}
	job_add(app, call, o);
}

static void
results_newest(void *app, const char *query, struct control_call *call)
{
	char text[128];

	if (strcmp(query, "stored") == 0) {
		job_add(app, call, times_json(query, 0, 0));
		return;
	}
	snprintf(text, sizeof(text), query_exists(app, query) ? "query: '%s' has no result yet" :
		"query: no query '%s'; query.list lists them", query);
	control_call_fail(call, CALL_NOT_FOUND, "query", text);
}

static void
results_series(void *app, const struct control_series *q, struct control_call *call)
{
	cJSON *o = times_json(q->query, q->from_us, q->to_us);

	cJSON_AddStringToObject(o, "key", q->key);
	cJSON_AddNumberToObject(o, "step_us", (double)q->step_us);
	cJSON_AddNumberToObject(o, "source", q->source);
	job_add(app, call, o);
}

static void
results_insert(void *app, const cJSON *result, struct control_call *call)
{
	cJSON *o;

	if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(result, "query"))) {
		// completed on the control thread itself: allowed as well
		control_call_fail(call, -32602, "query", "query: missing, it must be a string");
		return;
	}
	((struct fake_app *)app)->stored++;
	o = cJSON_CreateObject();
	cJSON_AddNumberToObject(o, "inserted", 1);
	job_add(app, call, o);
}

static void
results_clear(void *app, struct control_call *call)
{
	struct fake_app *a = app;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "deleted", a->stored);
	a->stored = 0;
	job_add(a, call, o);
}

static void
daily_list(void *app, const struct control_daily *q, struct control_call *call)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "host", q->host != NULL ? q->host : "");
	cJSON_AddNumberToObject(o, "from_us", (double)q->from_us);
	cJSON_AddNumberToObject(o, "to_us", (double)q->to_us);
	cJSON_AddStringToObject(o, "after", q->after_host != NULL ? q->after_host : "");
	cJSON_AddNumberToObject(o, "limit", q->limit);
	if (q->page)
		cJSON_AddNumberToObject(o, "source", q->source);
	job_add(app, call, o);
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

const struct control_ops fake_ops = {
	.system_info = system_info,
	.stats_get = stats_get,
	.ports_list = ports_list,
	.processor_get = processor_get,
	.processor_parameters = processor_parameters,
	.processor_set = processor_set,
	.processor_run = processor_run,
	.config_get = config_get,
	.config_set = config_set,
	.config_confirm = config_nothing,
	.config_rollback = config_nothing,
	.config_save = config_save,
	.query_list = query_list,
	.query_add = query_add,
	.query_update = query_update,
	.query_remove = query_remove,
	.query_preview = query_preview,
	.flows_list = flows_list,
	.names_list = names_list,
	.names_change = names_change,
	.names_reload = names_reload,
	.limits_list = limits_list,
	.limits_set = limits_set,
	.limits_remove = limits_remove,
	.limits_dry_run = limits_dry_run,
	.generator_get = generator_get,
	.generator_set = generator_set,
	.generator_run = generator_run,
	.generator_calibrate = generator_calibrate,
	.generator_calibration = generator_calibration,
	.query_exists = query_exists,
	.result_latest = result_latest,
	.results_list = results_list,
	.results_newest = results_newest,
	.results_series = results_series,
	.results_insert = results_insert,
	.results_clear = results_clear,
	.daily_list = daily_list,
	.metrics = metrics,
	.health = health,
};

static void *
store_main(void *arg)
{
	struct fake_app *a = arg;
	struct fake_store_job *j;

	pthread_mutex_lock(&a->lock);
	while (true) {
		while (a->jobs == NULL && !a->store_stop)
			pthread_cond_wait(&a->work, &a->lock);
		j = a->jobs;
		if (j == NULL)
			break;
		a->jobs = j->next;
		if (a->jobs == NULL)
			a->jobs_tail = &a->jobs;
		pthread_mutex_unlock(&a->lock);
		usleep(a->store_delay_ms * 1000);
		control_call_complete(j->call, j->result);
		free(j);
		pthread_mutex_lock(&a->lock);
		a->completed++;
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
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
	a->jobs_tail = &a->jobs;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_create(&a->store, NULL, store_main, a);
}

void
fake_app_stop(struct fake_app *a)
{
	pthread_mutex_lock(&a->lock);
	a->store_stop = true;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->store, NULL);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
}
