/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "console/weir_commands.h"
#include "console/table.h"

// show limits, set limit, del limit, preview limit, preview alerts

static const char *
time_text(double us, char buf[CLOCK_RFC3339_LEN])
{
	return isfinite(us) && us >= 0 ? clock_rfc3339((uint64_t)us, buf) : "-";
}

static void
end_text(struct table *t, const cJSON *row, const char *name)
{
	const char *text = table_member_text(row, name);

	table_text(t, text != NULL ? text : "any");
}

// For people: "holds" sounds like a limit that is not passed.
static const char *
state_text(const cJSON *row)
{
	const char *state = table_member_text(row, "state");

	return state != NULL && strcmp(state, "holds") == 0 ? "in force" : state;
}

static void
row_add(struct table *t, const cJSON *row)
{
	table_text(t, table_member_text(row, "limit_name"));
	end_text(t, row, "source");
	end_text(t, row, "destination");
	table_number(t, table_member(row, "min_bytes"));
	table_number(t, table_member(row, "max_bytes"));
	table_number(t, table_member(row, "window_s"));
	table_text(t, state_text(row));
}

// Dates are long: they come below the table.
static void
dates_print(struct console *c, const cJSON *rows)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, rows)
		if (table_member_text(row, "effective_date") != NULL)
			fprintf(c->out, "%s (%s, %s): from %s\n", table_member_text(row, "limit_name"),
				table_member_text(row, "origin"), state_text(row),
				table_member_text(row, "effective_date"));
}

static void
limits_print(struct console *c, cJSON *answer)
{
	const cJSON *file = cJSON_GetObjectItemCaseSensitive(answer, "file");
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(answer, "limits"), *row;
	struct table t;

	if (answer == NULL)
		return;
	table_start(&t, "limit|source|destination|>min bytes|>max bytes|>window s|state");
	cJSON_ArrayForEach(row, rows)
		row_add(&t, row);
	console_table(c, &t);
	dates_print(c, rows);
	if (table_member_text(file, "fault") != NULL)
		fprintf(c->out, "file: %s\n", table_member_text(file, "fault"));
	else if (cJSON_IsObject(file))
		fprintf(c->out, "file: %s is in force\n", table_member_text(file, "path"));
	cJSON_Delete(answer);
}

static void
show_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	limits_print(data, console_ask(data, "limits.list", NULL));
}

static void
set_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *rows = cJSON_CreateArray();
	struct console_words *w = res;

	(void)cl;
	cJSON_AddItemToArray(rows, console_json_value(console_value(w->value)));
	limits_print(data, console_ask_with(data, "limits.set", "rows", rows));
}

static void
del_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;

	(void)cl;
	limits_print(data, console_ask_with(data, "limits.remove", "limit_name",
		cJSON_CreateString(w->name)));
}

static void
alert_add(struct table *t, const cJSON *alert)
{
	char when[CLOCK_RFC3339_LEN];

	table_text(t, time_text(table_member(alert, "at_us"), when));
	table_text(t, table_member_text(alert, "state"));
	table_text(t, table_member_text(alert, "key"));
	table_number(t, table_member(alert, "value"));
	table_number(t, table_member(alert, "limit"));
}

static void
trial_print(struct console *c, cJSON *answer)
{
	char from[CLOCK_RFC3339_LEN], to[CLOCK_RFC3339_LEN];
	const cJSON *alert;
	struct table t;

	if (answer == NULL)
		return;
	table_start(&t, "at|state|key|>value|>limit");
	cJSON_ArrayForEach(alert, cJSON_GetObjectItemCaseSensitive(answer, "alerts"))
		alert_add(&t, alert);
	console_table(c, &t);
	fprintf(c->out, "%.0f windows from %s to %s%s\n", table_member(answer, "windows"),
		time_text(table_member(answer, "from_us"), from),
		time_text(table_member(answer, "to_us"), to),
		cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(answer, "exact")) ?
		", not exact: some detail was lost" : "");
	if (table_member(answer, "more") > 0)
		fprintf(c->out, "and %.0f alerts more\n", table_member(answer, "more"));
	cJSON_Delete(answer);
}

static void
try_limit_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	trial_print(data, console_ask_with(data, "limits.dry_run", "limit",
		console_json_value(console_value(w->value))));
}

static void
try_query_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	trial_print(data, console_ask_with(data, "limits.dry_run", "query",
		console_json_value(console_value(w->value))));
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(limits_word, "limits");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(del_word, "del");
COMMAND_WORD(preview_word, "preview");
COMMAND_WORD(limit_word, "limit");
COMMAND_WORD(alerts_word, "alerts");
COMMAND_REST(row_rest, "a row: {\"limit_name\": ..., \"source\": ..., \"max_bytes\": ...}");
COMMAND_REST(query_rest, "a query with operator limit, as in add query");

COMMAND(show_cmd, show_run, "show limits                rows of the limits table",
	(void *)&show_word, (void *)&limits_word);
COMMAND(set_cmd, set_run, "set limit JSON             a row, in the place of one of its name and date",
	(void *)&set_word, (void *)&limit_word, (void *)&row_rest);
COMMAND(del_cmd, del_run, "del limit NAME             its rows go, unless they come from the file",
	(void *)&del_word, (void *)&limit_word, &console_word_marks[WORD_LIMIT]);
COMMAND(try_limit_cmd, try_limit_run,
	"preview limit JSON         alerts that this row would have raised",
	(void *)&preview_word, (void *)&limit_word, (void *)&row_rest);
COMMAND(try_query_cmd, try_query_run,
	"preview alerts JSON        alerts that this query would have raised",
	(void *)&preview_word, (void *)&alerts_word, (void *)&query_rest);

cmdline_parse_inst_t *console_cmds_limits[] = {
	&show_cmd, &set_cmd, &del_cmd, &try_limit_cmd, &try_query_cmd, NULL};
