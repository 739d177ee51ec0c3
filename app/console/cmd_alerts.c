/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "console/weir_commands.h"
#include "console/table.h"

// show alerts [N]

// By name of the limit, where the row of a table raised it.
static void
alert_add(struct table *t, const cJSON *alert)
{
	const char *limit = table_member_text(alert, "limit_name");
	const char *key = table_member_text(alert, "key"), *name = table_member_text(alert, "name");
	const double at_us = table_member(alert, "at_us");
	char when[CLOCK_RFC3339_LEN];

	table_text(t, isfinite(at_us) && at_us >= 0 ? clock_rfc3339((uint64_t)at_us, when) : NULL);
	table_text(t, table_member_text(alert, "state"));
	table_text(t, limit != NULL ? limit : table_member_text(alert, "query"));
	if (key != NULL && name != NULL)
		table_format(t, "%s (%s)", key, name);
	else
		table_text(t, key);
	table_number(t, table_member(alert, "value"));
	table_number(t, table_member(alert, "limit"));
}

// What is not in the list, and why.
static void
rest_print(struct console *c, const cJSON *answer)
{
	const char *source = table_member_text(answer, "source");
	const char *fault = table_member_text(answer, "fault");
	const double dropped = table_member(answer, "dropped");
	char count[32];

	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(answer, "alerts")) == 0)
		fprintf(c->out, "no alerts\n");
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "more")))
		fprintf(c->out, "and older ones: show alerts N, or call alerts.list with to_us\n");
	if (source == NULL || strcmp(source, "memory") != 0)
		return;
	if (fault != NULL)
		fprintf(c->out, "from memory, as the store does not answer: %s\n", fault);
	if (dropped > 0)
		fprintf(c->out, "%s older ones are no longer in memory\n",
			table_thousands(dropped, count));
}

static void
alerts_print(struct console *c, cJSON *answer)
{
	const cJSON *alert;
	struct table t;

	if (answer == NULL)
		return;
	table_start(&t, "at|state|limit or query|key|>value|>bound");
	cJSON_ArrayForEach(alert, cJSON_GetObjectItemCaseSensitive(answer, "alerts"))
		alert_add(&t, alert);
	console_table(c, &t);
	rest_print(c, answer);
	cJSON_Delete(answer);
}

#define ALERTS_COUNT 20

static void
alerts_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	alerts_print(data, console_ask_with(data, "alerts.list", "limit",
		cJSON_CreateNumber(ALERTS_COUNT)));
}

static void
alerts_count_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	alerts_print(data, console_ask_with(data, "alerts.list", "limit",
		console_json_value(console_value(w->value))));
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(alerts_word, "alerts");
COMMAND_REST(count_rest, "how many, the newest");

COMMAND(alerts_cmd, alerts_run, "show alerts                the newest 20, also from before now",
	(void *)&show_word, (void *)&alerts_word);
COMMAND(alerts_count_cmd, alerts_count_run, "show alerts N              the newest N",
	(void *)&show_word, (void *)&alerts_word, (void *)&count_rest);

cmdline_parse_inst_t *console_cmds_alerts[] = {&alerts_cmd, &alerts_count_cmd, NULL};
