/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/clock.h"
#include "console/weir_commands.h"
#include "console/table.h"

// show daily: what local hosts had today

static cJSON *
daily_ask(struct console *c)
{
	char today[CLOCK_RFC3339_LEN];

	clock_rfc3339(clock_wall_us(), today);
	today[sizeof("2026-11-27") - 1] = '\0';
	return console_ask_with(c, "daily.list", "from", cJSON_CreateString(today));
}

static void
daily_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *list = daily_ask(c);
	const cJSON *d;
	struct table t;

	(void)res;
	(void)cl;
	if (list == NULL)
		return;
	table_start(&t, "day|host|>bytes in|>packets in|>bytes out|>packets out");
	cJSON_ArrayForEach(d, list) {
		table_text(&t, table_member_text(d, "day"));
		table_text(&t, table_member_text(d, "host"));
		table_number(&t, table_member(d, "inBytes"));
		table_number(&t, table_member(d, "inPackets"));
		table_number(&t, table_member(d, "outBytes"));
		table_number(&t, table_member(d, "outPackets"));
	}
	console_table(c, &t);
	if (cJSON_GetArraySize(list) == 0)
		fprintf(c->out, "nothing is written yet: local_networks, the store, the first minute\n");
	cJSON_Delete(list);
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(daily_word, "daily");
COMMAND(daily_cmd, daily_run, "show daily                 totals of local hosts, today (UTC)",
	(void *)&show_word, (void *)&daily_word);

cmdline_parse_inst_t *console_cmds_daily[] = {&daily_cmd, NULL};
