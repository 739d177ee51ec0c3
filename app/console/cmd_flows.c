/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "console/weir_commands.h"
#include "console/table.h"

// show flows [by ORDER] [filter FILTER]

#define FLOWS_SHOWN 20

static void
end_text(struct table *t, const cJSON *flow, const char *address, const char *port)
{
	const char *text = table_member_text(flow, address);

	table_format(t, text != NULL && strchr(text, ':') != NULL ? "[%s]:%.0f" : "%s:%.0f",
		text != NULL ? text : "-", table_member(flow, port));
}

static void
flow_add(struct table *t, const cJSON *flow)
{
	const cJSON *fwd = cJSON_GetObjectItemCaseSensitive(flow, "fwd");
	const cJSON *rev = cJSON_GetObjectItemCaseSensitive(flow, "rev");

	end_text(t, flow, "src", "sport");
	end_text(t, flow, "dst", "dport");
	table_text(t, table_member_text(flow, "app"));
	table_number(t, table_member(fwd, "bytes"));
	table_number(t, table_member(rev, "bytes"));
	table_format(t, "%.1f", (table_member(flow, "last_us") - table_member(flow, "first_us")) / 1e6);
}

static void
flows_print(struct console *c, const cJSON *answer)
{
	const cJSON *flows = cJSON_GetObjectItemCaseSensitive(answer, "flows"), *flow;
	char matched[32], total[32];
	struct table t;

	if (cJSON_GetArraySize(flows) > 0) {
		table_start(&t, "source|destination|app|>bytes there|>bytes back|>seconds");
		cJSON_ArrayForEach(flow, flows)
			flow_add(&t, flow);
		console_table(c, &t);
	}
	fprintf(c->out, "%d shown of %s that match, of %s flows\n", cJSON_GetArraySize(flows),
		table_thousands(table_member(answer, "matched"), matched),
		table_thousands(table_member(answer, "total"), total));
}

static void
flows_ask(struct console *c, const char *sort, char *filter)
{
	cJSON *params = cJSON_CreateObject(), *answer;

	cJSON_AddNumberToObject(params, "limit", FLOWS_SHOWN);
	if (sort != NULL)
		cJSON_AddStringToObject(params, "sort", sort);
	if (filter != NULL)
		cJSON_AddStringToObject(params, "filter", console_value(filter));
	answer = console_ask_params(c, "flows.list", params);
	if (answer != NULL)
		flows_print(c, answer);
	cJSON_Delete(answer);
}

static void
flows_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	flows_ask(data, NULL, NULL);
}

static void
by_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	flows_ask(data, w->name, NULL);
}

static void
filter_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	flows_ask(data, NULL, w->value);
}

static void
by_filter_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	flows_ask(data, w->name, w->value);
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(flows_word, "flows");
COMMAND_WORD(by_word, "by");
COMMAND_WORD(filter_word, "filter");
COMMAND_CHOICE(order_word, "bytes#packets#last#first#duration");
COMMAND_REST(filter_rest, "a filter, as in tcp port 443 and net 10.0.0.0/8");

COMMAND(flows_cmd, flows_run, "show flows                 the largest flows that live now",
	(void *)&show_word, (void *)&flows_word);
COMMAND(by_cmd, by_run, "show flows by ORDER        by bytes, packets, last, first or duration",
	(void *)&show_word, (void *)&flows_word, (void *)&by_word, (void *)&order_word);
COMMAND(filter_cmd, filter_run, "show flows filter FILTER   the largest of those that pass, "
	"pcap-filter(7)",
	(void *)&show_word, (void *)&flows_word, (void *)&filter_word, (void *)&filter_rest);
COMMAND(by_filter_cmd, by_filter_run, "show flows by ORDER filter FILTER  both",
	(void *)&show_word, (void *)&flows_word, (void *)&by_word, (void *)&order_word,
	(void *)&filter_word, (void *)&filter_rest);

cmdline_parse_inst_t *console_cmds_flows[] = {
	&flows_cmd, &by_cmd, &filter_cmd, &by_filter_cmd, NULL,
};
