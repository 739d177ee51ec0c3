/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "console/command.h"
#include "console/table.h"

// show queries, show dimensions, add, set, del, pause, resume, preview query, show result NAME

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
	table_end(&t, c->out);
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
	table_end(&t, c->out);
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

static void
result_heading(struct console *c, const cJSON *result)
{
	const cJSON *window = cJSON_GetObjectItemCaseSensitive(result, "window");
	const cJSON *total = cJSON_GetObjectItemCaseSensitive(result, "total");
	double end_us = table_member(window, "end_us");
	double length_us = end_us - table_member(window, "start_us");
	char when[CLOCK_RFC3339_LEN] = "-", bytes[32], packets[32], keys[32];

	if (isfinite(end_us) && end_us >= 0)
		clock_rfc3339((uint64_t)end_us, when);
	fprintf(c->out, "%s, %.6g s to %s\n", table_member_text(result, "query"), length_us / 1e6,
		when);
	fprintf(c->out, "%s bytes in %s packets, %s keys\n",
		table_thousands(table_member(total, "bytes"), bytes),
		table_thousands(table_member(total, "packets"), packets),
		table_thousands(table_member(result, "keys"), keys));
	if (isfinite(table_member(result, "unseen")))
		fprintf(c->out, "approximate: more keys than the budget (show dimensions); values are at "
			"most too high by `error`,\nkeys that are not kept have at most %s; ~ has an "
			"uncertain rank\n",
			table_thousands(table_member(result, "unseen"), bytes));
	else if (cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(result, "exact")))
		fprintf(c->out, "not exact: some detail was lost in this window (show ledger)\n");
}

static void
row_add(struct table *t, unsigned int rank, const cJSON *row, bool bounded)
{
	const cJSON *key = cJSON_GetObjectItemCaseSensitive(row, "key");
	const char *name = table_member_text(row, "name");
	char *text = cJSON_IsString(key) ? NULL : cJSON_PrintUnformatted(key);

	table_format(t, "%u%s", rank,
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "swap")) ? "~" : "");
	if (cJSON_IsString(key) && name != NULL)
		table_format(t, "%s (%s)", key->valuestring, name);
	else
		table_text(t, cJSON_IsString(key) ? key->valuestring : text);
	free(text);
	table_number(t, table_member(row, "value"));
	if (bounded)
		table_number(t, table_member(row, "error"));
	if (isfinite(table_member(row, "share")))
		table_format(t, "%.2f %%", 100 * table_member(row, "share"));
	else
		table_text(t, NULL);
	if (isfinite(table_member(row, "z")))
		table_format(t, "%.2f", table_member(row, "z"));
	else
		table_text(t, "");
}

static void
result_print(struct console *c, cJSON *result)
{
	const char *metric = table_member_text(result, "metric");
	unsigned int rank = 0;
	char heading[96];
	const cJSON *row;
	bool bounded;
	struct table t;

	if (result == NULL)
		return;
	result_heading(c, result);
	bounded = isfinite(table_member(result, "unseen"));
	snprintf(heading, sizeof(heading), ">#|key|>%.32s%s|>share|>z",
		metric == NULL ? "value" : metric, bounded ? "|>error" : "");
	table_start(&t, heading);
	cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(result, "rows"))
		row_add(&t, ++rank, row, bounded);
	table_end(&t, c->out);
	if (rank == 0)
		fprintf(c->out, "no rows\n");
	cJSON_Delete(result);
}

static void
result_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;

	(void)cl;
	result_print(data, console_ask_with(data, "results.latest", "query",
		cJSON_CreateString(w->name)));
}

static void
preview_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	result_print(data, console_ask(data, "query.preview", console_value(w->value)));
}

COMMAND_WORD(add_word, "add");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(del_word, "del");
COMMAND_WORD(pause_word, "pause");
COMMAND_WORD(resume_word, "resume");
COMMAND_WORD(preview_word, "preview");
COMMAND_WORD(queries_word, "queries");
COMMAND_WORD(dimensions_word, "dimensions");
COMMAND_REST(json_rest);
COMMAND_WORD(show_word, "show");
COMMAND_WORD(query_word, "query");
COMMAND_WORD(all_word, "all");
COMMAND_WORD(result_word, "result");

COMMAND(queries_cmd, queries_run, "show queries               queries in work",
	(void *)&show_word, (void *)&queries_word);
COMMAND(dimensions_cmd, dimensions_run, "show dimensions            keys that queries keep, and their budget",
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
COMMAND(preview_cmd, preview_run, "preview query JSON         what it would answer now",
	(void *)&preview_word, (void *)&query_word, (void *)&json_rest);
COMMAND(result_cmd, result_run, "show result NAME           newest result of a query",
	(void *)&show_word, (void *)&result_word, &console_word_marks[WORD_QUERY]);

cmdline_parse_inst_t *console_cmds_query[] = {&queries_cmd, &dimensions_cmd, &query_all_cmd, &add_cmd, &set_cmd, &del_cmd,
	&pause_cmd, &resume_cmd, &preview_cmd, &result_cmd, NULL};
