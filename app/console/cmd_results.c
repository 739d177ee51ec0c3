/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "console/weir_commands.h"
#include "console/table.h"

// show result NAME, show stored NAME [N], top KEY, preview query JSON, clear results

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
result_print(struct console *c, const cJSON *result)
{
	const char *metric = table_member_text(result, "metric");
	unsigned int rank = 0;
	char heading[96];
	const cJSON *row;
	bool bounded;
	struct table t;

	result_heading(c, result);
	bounded = isfinite(table_member(result, "unseen"));
	snprintf(heading, sizeof(heading), ">#|key|>%.32s%s|>share|>z",
		metric == NULL ? "value" : metric, bounded ? "|>error" : "");
	table_start(&t, heading);
	cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(result, "rows"))
		row_add(&t, ++rank, row, bounded);
	console_table(c, &t);
	if (rank == 0)
		fprintf(c->out, "no rows\n");
}

static void
answer_print(struct console *c, cJSON *answer)
{
	if (answer != NULL)
		result_print(c, answer);
	cJSON_Delete(answer);
}

static void
result_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;

	(void)cl;
	answer_print(data, console_ask_with(data, "results.latest", "query",
		cJSON_CreateString(w->name)));
}

static void
preview_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	answer_print(data, console_ask(data, "query.preview", console_value(w->value)));
}

// Where there are local networks, built-in queries count what goes out and comes in.
static const char *
builtin_scope(struct console *c)
{
	int rc;
	cJSON *config = console_ask_raw(c, "config.get", NULL, &rc);
	bool local = rc == 0 && cJSON_GetArraySize(
		cJSON_GetObjectItemCaseSensitive(config, "local_networks")) > 0;

	cJSON_Delete(config);
	return local ? "external" : "all";
}

// The heaviest of a key, as the built-in queries count: over T, k rows, in their scope.
static void
top_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;
	cJSON *parameters, *query = cJSON_CreateObject(), *op;
	struct console *c = data;
	int rc;

	(void)cl;
	parameters = console_ask_raw(c, "processor.get", NULL, &rc);
	if (rc != 0) {
		console_answer_tell(c, parameters, rc);
	} else {
		cJSON_AddStringToObject(query, "key", w->name);
		op = cJSON_AddObjectToObject(query, "op");
		cJSON_AddStringToObject(op, "type", "topk");
		cJSON_AddItemToObject(op, "k", cJSON_Duplicate(
			cJSON_GetObjectItemCaseSensitive(parameters, "k"), true));
		cJSON_AddItemToObject(query, "window_s", cJSON_Duplicate(
			cJSON_GetObjectItemCaseSensitive(parameters, "T"), true));
		cJSON_AddStringToObject(query, "scope", builtin_scope(c));
		answer_print(c, console_ask_params(c, "query.preview", query));
		query = NULL;
	}
	cJSON_Delete(query);
	cJSON_Delete(parameters);
}

static void
stored_print(struct console *c, cJSON *list)
{
	const cJSON *result;

	cJSON_ArrayForEach(result, list) {
		if (result != list->child)
			fputc('\n', c->out);
		result_print(c, result);
	}
	if (list != NULL && cJSON_GetArraySize(list) == 0)
		fprintf(c->out, "no results are stored\n");
	cJSON_Delete(list);
}

#define STORED_COUNT 10

static void
stored_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *params = cJSON_CreateObject();
	const struct console_words *w = res;

	(void)cl;
	cJSON_AddStringToObject(params, "query", w->name);
	cJSON_AddNumberToObject(params, "limit", STORED_COUNT);
	stored_print(data, console_ask_params(data, "results.list", params));
}

static void
stored_count_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *params = cJSON_CreateObject();
	struct console_words *w = res;

	(void)cl;
	cJSON_AddStringToObject(params, "query", w->name);
	cJSON_AddItemToObject(params, "limit", console_json_value(console_value(w->value)));
	stored_print(data, console_ask_params(data, "results.list", params));
}

static void
clear_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *answer = console_ask(data, "results.clear", NULL);
	struct console *c = data;
	char count[32];

	(void)res;
	(void)cl;
	if (answer != NULL)
		fprintf(c->out, "%s results deleted\n",
			table_thousands(table_member(answer, "deleted"), count));
	cJSON_Delete(answer);
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(result_word, "result");
COMMAND_WORD(results_word, "results");
COMMAND_WORD(stored_word, "stored");
COMMAND_WORD(top_word, "top");
COMMAND_WORD(preview_word, "preview");
COMMAND_WORD(query_word, "query");
COMMAND_WORD(clear_word, "clear");
COMMAND_REST(json_rest, "{\"key\": ..., \"op\": {\"type\": \"topk\", \"k\": 10}, \"window_s\": 10}");
COMMAND_REST(count_rest, "how many, the newest");

COMMAND(result_cmd, result_run, "show result NAME           newest result of a query",
	(void *)&show_word, (void *)&result_word, &console_word_marks[WORD_QUERY]);
COMMAND(stored_cmd, stored_run, "show stored NAME           the newest 10 results that are stored",
	(void *)&show_word, (void *)&stored_word, &console_word_marks[WORD_QUERY]);
COMMAND(stored_count_cmd, stored_count_run, "show stored NAME N         the newest N",
	(void *)&show_word, (void *)&stored_word, &console_word_marks[WORD_QUERY],
	(void *)&count_rest);
COMMAND(top_cmd, top_run, "top KEY                    the heaviest now, over T s, k rows",
	(void *)&top_word, &console_word_marks[WORD_KEY]);
COMMAND(preview_cmd, preview_run, "preview query JSON         what it would answer now",
	(void *)&preview_word, (void *)&query_word, (void *)&json_rest);
COMMAND(clear_cmd, clear_run, "clear results              delete all that are stored",
	(void *)&clear_word, (void *)&results_word);

cmdline_parse_inst_t *console_cmds_results[] = {&result_cmd, &stored_cmd, &stored_count_cmd, &top_cmd,
	&preview_cmd, &clear_cmd, NULL};
