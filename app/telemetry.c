/* SPDX-License-Identifier: BSD-3-Clause */
#include "telemetry.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_telemetry.h>

#include "base/log.h"
#include "control/control.h"

// What rte_telemetry can carry: a dictionary of at most 256 names of letters, digits, '_' and '/', or an
// array of as many texts of at most 127 bytes. So objects are told flat, nic/missed, and rows as texts.

#define ENTRIES_MAX RTE_TEL_MAX_DICT_ENTRIES
#define NAME_LEN 64

// There is no argument in rte_telemetry_register_cmd() of DPDK 22.11, so this is the file's.
static struct control *control;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static cJSON *
ask(const char *method, const char *params)
{
	char *text = NULL;
	cJSON *answer = NULL;

	pthread_mutex_lock(&lock);
	if (control != NULL && control_call(control, method, params, &text) == 0)
		answer = cJSON_Parse(text);
	pthread_mutex_unlock(&lock);
	free(text);
	return answer;
}

static void
leaf_add(struct rte_tel_data *d, const char *name, const cJSON *v)
{
	char text[32];

	if (cJSON_IsString(v)) {
		rte_tel_data_add_dict_string(d, name, v->valuestring);
	} else if (cJSON_IsBool(v)) {
		rte_tel_data_add_dict_int(d, name, cJSON_IsTrue(v));
	} else if (cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble < 0x1p63 &&
			trunc(v->valuedouble) == v->valuedouble) {
		rte_tel_data_add_dict_u64(d, name, (uint64_t)v->valuedouble);
	} else if (cJSON_IsNumber(v)) {
		snprintf(text, sizeof(text), "%.9g", v->valuedouble);
		rte_tel_data_add_dict_string(d, name, text);
	}
}

// Members of an object or an array, those of inner ones as outer/inner.
static void
members_add(struct rte_tel_data *d, const char *path, const cJSON *of)
{
	unsigned int i = 0;
	const cJSON *v;

	cJSON_ArrayForEach(v, of) {
		char name[NAME_LEN], index[16];

		snprintf(index, sizeof(index), "%u", i++);
		snprintf(name, sizeof(name), "%s%s%s", path, path[0] != '\0' ? "/" : "",
			v->string != NULL ? v->string : index);
		if (cJSON_IsObject(v) || cJSON_IsArray(v))
			members_add(d, name, v);
		else
			leaf_add(d, name, v);
	}
}

static int
stats_part(const char *part, struct rte_tel_data *d)
{
	cJSON *stats = ask("stats.get", NULL);

	rte_tel_data_start_dict(d);
	members_add(d, "", cJSON_GetObjectItemCaseSensitive(stats, part));
	cJSON_Delete(stats);
	return stats != NULL ? 0 : -EAGAIN;
}

// "/weir/flows" and others of its kind: the part of stats.get of that name.
static int
stats_command(const char *cmd, const char *params, struct rte_tel_data *d)
{
	(void)params;
	return stats_part(cmd + sizeof("/weir/") - 1, d);
}

static int
queries_command(const char *cmd, const char *params, struct rte_tel_data *d)
{
	cJSON *list = ask("query.list", NULL);
	unsigned int n = 0;
	const cJSON *q;

	(void)cmd;
	(void)params;
	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	cJSON_ArrayForEach(q, list) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(q, "name"));

		if (name != NULL && n++ < ENTRIES_MAX)
			rte_tel_data_add_array_string(d, name);
	}
	cJSON_Delete(list);
	return list != NULL ? 0 : -EAGAIN;
}

static void
rows_add(struct rte_tel_data *d, const cJSON *rows)
{
	unsigned int n = 0;
	const cJSON *row;

	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	cJSON_ArrayForEach(row, rows) {
		const cJSON *key = cJSON_GetObjectItemCaseSensitive(row, "key");
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, "value");
		char text[RTE_TEL_MAX_STRING_LEN];

		if (!cJSON_IsString(key) || !cJSON_IsNumber(value) || n++ == ENTRIES_MAX)
			return;
		snprintf(text, sizeof(text), "%.100s %.0f", key->valuestring, value->valuedouble);
		rte_tel_data_add_array_string(d, text);
	}
}

// "/weir/result,NAME": rows of the newest result as "KEY VALUE".
static int
result_command(const char *cmd, const char *params, struct rte_tel_data *d)
{
	cJSON *p = cJSON_CreateObject(), *result;
	char *text;

	(void)cmd;
	cJSON_AddStringToObject(p, "query", params != NULL ? params : "");
	text = cJSON_PrintUnformatted(p);
	cJSON_Delete(p);
	result = text != NULL ? ask("results.latest", text) : NULL;
	cJSON_free(text);
	rows_add(d, cJSON_GetObjectItemCaseSensitive(result, "rows"));
	cJSON_Delete(result);
	return result != NULL ? 0 : -ENOENT;
}

void
telemetry_start(struct control *c)
{
	static const struct {
		const char *name;
		telemetry_cb fn;
		const char *help;
	} commands[] = {
		{"/weir/ledger", stats_command, "Every packet by name. No parameters."},
		{"/weir/flows", stats_command, "Flows begun, living, ended. No parameters."},
		{"/weir/lcores", stats_command, "Roles and busy shares. No parameters."},
		{"/weir/queries", queries_command, "Names of the queries. No parameters."},
		{"/weir/result", result_command, "Rows of a query's newest result. Parameter: its name."},
	};

	pthread_mutex_lock(&lock);
	control = c;
	pthread_mutex_unlock(&lock);
	for (unsigned int i = 0; i < RTE_DIM(commands); i++)
		if (rte_telemetry_register_cmd(commands[i].name, commands[i].fn,
				commands[i].help) != 0)
			log_warning("app", "telemetry: no command %s", commands[i].name);
}

void
telemetry_stop(void)
{
	pthread_mutex_lock(&lock);
	control = NULL;
	pthread_mutex_unlock(&lock);
}
