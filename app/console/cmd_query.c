/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "console/weir_commands.h"
#include "console/table.h"

// show queries, show dimensions, add, set, del, pause, resume query

// {"type":"topk","k":10} -> "topk k=10"
static void
op_text(const cJSON *op, char *buf, size_t size)
{
	const char *type = table_member_text(op, "type");
	size_t len = (size_t)snprintf(buf, size, "%s", type == NULL ? "-" : type);
	const cJSON *v;

	cJSON_ArrayForEach(v, op) {
		if (strcmp(v->string, "type") == 0 || len >= size)
			continue;
		if (cJSON_IsNumber(v))
			len += (size_t)snprintf(buf + len, size - len, " %s=%.6g", v->string,
				v->valuedouble);
		else if (cJSON_IsString(v))
			len += (size_t)snprintf(buf + len, size - len, " %s", v->valuestring);
	}
}

static void
window_text(const cJSON *q, char *buf, size_t size)
{
	double window = table_member(q, "window_s");

	if (isfinite(window))
		snprintf(buf, size, "%.6g / %.6g s", window, table_member(q, "slide_s"));
	else
		snprintf(buf, size, "all / %.6g s", table_member(q, "slide_s"));
}

static void
query_row_add(struct table *t, const cJSON *q)
{
	bool paused = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(q, "paused"));
	char op[64], window[64];

	op_text(cJSON_GetObjectItemCaseSensitive(q, "op"), op, sizeof(op));
	window_text(q, window, sizeof(window));
	table_format(t, "%s%s", table_member_text(q, "name"), paused ? " (paused)" : "");
	table_text(t, table_member_text(q, "key"));
	table_text(t, table_member_text(q, "metric"));
	table_text(t, op);
	table_text(t, window);
	table_text(t, table_member_text(q, "scope"));
}

// Filters can be long: they come below the table.
static void
queries_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *queries = console_ask(c, "query.list", NULL);
	const cJSON *q;
	struct table t;

	(void)res;
	(void)cl;
	if (queries == NULL)
		return;
	table_start(&t, "query|key|metric|operator|window / slide|scope");
	cJSON_ArrayForEach(q, queries)
		query_row_add(&t, q);
	console_table(c, &t);
	cJSON_ArrayForEach(q, queries)
		if (table_member_text(q, "filter") != NULL)
			fprintf(c->out, "filter of %s: %s\n", table_member_text(q, "name"),
				table_member_text(q, "filter"));
	cJSON_Delete(queries);
}

// What queries share: one line for each key, scope and filter.
static void
dimension_add(struct table *t, const cJSON *d)
{
	bool approximate = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(d, "approximate"));
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(d, "error");

	table_text(t, table_member_text(d, "key"));
	table_text(t, table_member_text(d, "scope"));
	table_number(t, table_member(d, "queries"));
	table_number(t, table_member(d, "keys"));
	table_number(t, table_member(d, "budget"));
	table_text(t, approximate ? "approximate" : "exact");
	table_number(t, table_member(error, "bytes"));
	table_format(t, "%.0f", table_member(d, "bytes") / (1 << 20));
}

static void
dimensions_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *stats = console_ask(c, "stats.get", NULL);
	const cJSON *d, *list;
	struct table t;

	(void)res;
	(void)cl;
	if (stats == NULL)
		return;
	list = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(stats, "queries"), "dimensions");
	table_start(&t, "key|scope|>queries|>keys|>budget|state|>error, bytes|>MiB");
	cJSON_ArrayForEach(d, list)
		dimension_add(&t, d);
	console_table(c, &t);
	cJSON_Delete(stats);
}

// The answer to a change: the query as it is now.
static void
query_print(struct console *c, cJSON *query)
{
	char *text = query != NULL ? cJSON_PrintUnformatted(query) : NULL;

	if (text != NULL)
		fprintf(c->out, "%s\n", text);
	free(text);
	cJSON_Delete(query);
}

static void
query_json_run(struct console *c, const char *method, struct console_words *w)
{
	query_print(c, console_ask(c, method, console_value(w->value)));
}

static void
query_name_run(struct console *c, const char *method, const struct console_words *w)
{
	query_print(c, console_ask_with(c, method, "name", cJSON_CreateString(w->name)));
}

static void
add_run(void *res, struct cmdline *cl, void *data)
{
	(void)cl;
	query_json_run(data, "query.add", res);
}

static void
set_run(void *res, struct cmdline *cl, void *data)
{
	(void)cl;
	query_json_run(data, "query.update", res);
}

static void
del_run(void *res, struct cmdline *cl, void *data)
{
	(void)cl;
	query_name_run(data, "query.remove", res);
}

static void
pause_run(void *res, struct cmdline *cl, void *data)
{
	(void)cl;
	query_name_run(data, "query.pause", res);
}

static void
resume_run(void *res, struct cmdline *cl, void *data)
{
	(void)cl;
	query_name_run(data, "query.resume", res);
}

COMMAND_WORD(add_word, "add");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(del_word, "del");
COMMAND_WORD(pause_word, "pause");
COMMAND_WORD(resume_word, "resume");
COMMAND_WORD(queries_word, "queries");
COMMAND_WORD(dimensions_word, "dimensions");
COMMAND_REST(json_rest, "{\"name\": ..., \"key\": ..., "
	"\"op\": {\"type\": \"topk\", \"k\": 10}, \"window_s\": 10}");
COMMAND_WORD(show_word, "show");
COMMAND_WORD(query_word, "query");
COMMAND_WORD(all_word, "all");

COMMAND(queries_cmd, queries_run, "show queries               queries in work",
	(void *)&show_word, (void *)&queries_word);
COMMAND(dimensions_cmd, dimensions_run,
	"show dimensions            keys that queries keep, and their budget",
	(void *)&show_word, (void *)&dimensions_word);
COMMAND(query_all_cmd, queries_run, "show query all             the same",
	(void *)&show_word, (void *)&query_word, (void *)&all_word);
COMMAND(add_cmd, add_run, "add query JSON             one query more",
	(void *)&add_word, (void *)&query_word, (void *)&json_rest);
COMMAND(set_cmd, set_run, "set query JSON             change fields of the query of that name",
	(void *)&set_word, (void *)&query_word, (void *)&json_rest);
COMMAND(del_cmd, del_run, "del query NAME             one query less",
	(void *)&del_word, (void *)&query_word, &console_word_marks[WORD_QUERY]);
COMMAND(pause_cmd, pause_run, "pause query NAME           no results until it is resumed",
	(void *)&pause_word, (void *)&query_word, &console_word_marks[WORD_QUERY]);
COMMAND(resume_cmd, resume_run, "resume query NAME          results again",
	(void *)&resume_word, (void *)&query_word, &console_word_marks[WORD_QUERY]);

cmdline_parse_inst_t *console_cmds_query[] = {&queries_cmd, &dimensions_cmd, &query_all_cmd,
	&add_cmd, &set_cmd, &del_cmd, &pause_cmd, &resume_cmd, NULL};
