/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "base/units.h"
#include "console/weir_commands.h"
#include "console/table.h"

// show port stats all, show ledger, show lcores, show workers, clear port stats all, clear ledger

static void
port_print(struct console *c, const cJSON *port)
{
	const char *link = table_member_text(port, "link");
	struct table t;

	fprintf(c->out, "port %.0f %s (%s), %.0f queue%s%s%s\n", table_member(port, "port"),
		table_member_text(port, "name"), table_member_text(port, "driver"),
		table_member(port, "queues"), table_member(port, "queues") == 1 ? "" : "s",
		link == NULL ? "" : ", link ", link == NULL ? "" : link);
	table_start(&t, "|>packets|>bytes|>missed|>errors|>no mbuf");
	table_text(&t, "received");
	table_number(&t, table_member(port, "ipackets"));
	table_number(&t, table_member(port, "ibytes"));
	table_number(&t, table_member(port, "imissed"));
	table_number(&t, table_member(port, "ierrors"));
	table_number(&t, table_member(port, "rx_nombuf"));
	table_text(&t, "sent");
	table_number(&t, table_member(port, "opackets"));
	table_number(&t, table_member(port, "obytes"));
	for (int i = 0; i < 3; i++)
		table_text(&t, "");
	console_table(c, &t);
}

/*
 * Counters since `clear`. Weir's own are never set back, as the report, /metrics and other people read
 * the same ones: the console remembers what they were, and takes that away. Gauges and names stay as
 * they are.
 */
static void
since_take(cJSON *now, const cJSON *base, const char *const *names)
{
	for (; *names != NULL; names++) {
		cJSON *v = cJSON_GetObjectItemCaseSensitive(now, *names);
		double before = table_member(base, *names);

		if (cJSON_IsNumber(v) && isfinite(before))
			cJSON_SetNumberHelper(v, v->valuedouble - before);
	}
}

static void
ports_since(cJSON *ports, const cJSON *base)
{
	static const char *const names[] = {"ipackets", "ibytes", "opackets", "obytes", "imissed",
		"ierrors", "rx_nombuf", NULL};
	const cJSON *before = base != NULL ? base->child : NULL;
	cJSON *port;

	cJSON_ArrayForEach(port, ports) {
		if (before == NULL)
			return;
		since_take(port, before, names);
		before = before->next;
	}
}

// All numbers of an object, which may lie deeper.
static void
all_since(cJSON *now, const cJSON *base)
{
	cJSON *v;

	cJSON_ArrayForEach(v, now) {
		const cJSON *before = cJSON_GetObjectItemCaseSensitive(base, v->string);

		if (cJSON_IsObject(v))
			all_since(v, before);
		else if (cJSON_IsNumber(v) && cJSON_IsNumber(before))
			cJSON_SetNumberHelper(v, v->valuedouble - before->valuedouble);
	}
}

static void
ledger_since(cJSON *stats, const cJSON *base)
{
	static const char *const names[] = {"created", NULL};

	all_since(cJSON_GetObjectItemCaseSensitive(stats, "ledger"),
		cJSON_GetObjectItemCaseSensitive(base, "ledger"));
	since_take(cJSON_GetObjectItemCaseSensitive(stats, "flows"),
		cJSON_GetObjectItemCaseSensitive(base, "flows"), names);
}

static void
base_set(struct console *c, cJSON **base, const char *method)
{
	int rc;
	cJSON *now = console_ask_raw(c, method, NULL, &rc);

	if (rc != 0) {
		console_answer_tell(c, now, rc);
		cJSON_Delete(now);
		return;
	}
	cJSON_Delete(*base);
	*base = now;
	fprintf(c->out, "counted from here, on this console\n");
}

static void
clear_ledger_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;

	(void)res;
	(void)cl;
	base_set(c, &c->stats_base, "stats.get");
}

static void
clear_ports_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;

	(void)res;
	(void)cl;
	base_set(c, &c->ports_base, "ports.list");
}

static void
ports_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *ports = console_ask(c, "ports.list", NULL);
	const cJSON *port;

	(void)res;
	(void)cl;
	ports_since(ports, c->ports_base);
	cJSON_ArrayForEach(port, ports)
		port_print(c, port);
	if (ports != NULL && cJSON_GetArraySize(ports) == 0)
		fprintf(c->out, "no ports\n");
	cJSON_Delete(ports);
}

static void
ledger_row(struct table *t, const char *name, double packets, double of)
{
	table_text(t, name);
	table_number(t, packets);
	if (of > 0 && isfinite(packets))
		table_format(t, "%.3f %%", 100 * packets / of);
	else
		table_text(t, "");
}

static void
ledger_print(struct console *c, const cJSON *ledger)
{
	const cJSON *nic = cJSON_GetObjectItemCaseSensitive(ledger, "nic");
	const cJSON *reason;
	double offered = table_member(ledger, "offered");
	char name[64];
	struct table t;

	table_start(&t, "ledger|>packets|>of offered");
	ledger_row(&t, "offered", offered, offered);
	ledger_row(&t, "  missed by the port", table_member(nic, "missed"), offered);
	ledger_row(&t, "  port errors", table_member(nic, "errors"), offered);
	ledger_row(&t, "  no mbuf", table_member(nic, "nombuf"), offered);
	ledger_row(&t, "  received", table_member(ledger, "received"), offered);
	ledger_row(&t, "    in flows", table_member(ledger, "flow_packets"), offered);
	cJSON_ArrayForEach(reason, cJSON_GetObjectItemCaseSensitive(ledger, "discarded")) {
		if (reason->valuedouble == 0)
			continue;
		snprintf(name, sizeof(name), "    discarded: %s", reason->string);
		ledger_row(&t, name, reason->valuedouble, offered);
	}
	ledger_row(&t, "    residual", table_member(ledger, "residual"), 0);
	ledger_row(&t, "detail lost, in totals only", table_member(
		cJSON_GetObjectItemCaseSensitive(ledger, "detail_lost"), "packets"), offered);
	console_table(c, &t);
}

static void
flows_print(struct console *c, const cJSON *flows)
{
	char created[32], active[32], capacity[32];

	fprintf(c->out, "flows: %s created, %s active of %s\n",
		table_thousands(table_member(flows, "created"), created),
		table_thousands(table_member(flows, "active"), active),
		table_thousands(table_member(flows, "capacity"), capacity));
}

static void
rates_print(struct console *c, const cJSON *rates)
{
	char pps[32], bps[32];

	if (!isfinite(table_member(rates, "pps")))
		return;
	fprintf(c->out, "rate: %spps, %sbit/s\n",
		units_format_si(table_member(rates, "pps"), pps, sizeof(pps)),
		units_format_si(table_member(rates, "bps"), bps, sizeof(bps)));
}

static void
ledger_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *stats = console_ask(c, "stats.get", NULL);

	(void)res;
	(void)cl;
	if (stats == NULL)
		return;
	ledger_since(stats, c->stats_base);
	ledger_print(c, cJSON_GetObjectItemCaseSensitive(stats, "ledger"));
	flows_print(c, cJSON_GetObjectItemCaseSensitive(stats, "flows"));
	rates_print(c, cJSON_GetObjectItemCaseSensitive(stats, "rates"));
	cJSON_Delete(stats);
}

static void
workers_print(struct console *c, const cJSON *workers)
{
	const cJSON *w;
	struct table t;

	table_start(&t, ">worker|>lcore|>received|>in flows|>flow bytes|>active flows");
	cJSON_ArrayForEach(w, workers) {
		table_number(&t, table_member(w, "worker"));
		table_number(&t, table_member(w, "lcore"));
		table_number(&t, table_member(w, "received"));
		table_number(&t, table_member(w, "flow_packets"));
		table_number(&t, table_member(w, "flow_bytes"));
		table_number(&t, table_member(w, "flows_active"));
	}
	fputc('\n', c->out);
	console_table(c, &t);
}

static void
lcores_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *stats = console_ask(c, "stats.get", NULL);
	const cJSON *l;
	struct table t;

	(void)res;
	(void)cl;
	if (stats == NULL)
		return;
	table_start(&t, ">lcore|>cpu|role|>busy");
	cJSON_ArrayForEach(l, cJSON_GetObjectItemCaseSensitive(stats, "lcores")) {
		table_number(&t, table_member(l, "lcore"));
		table_number(&t, table_member(l, "cpu"));
		table_text(&t, table_member_text(l, "role"));
		if (isfinite(table_member(l, "busy_share")))
			table_format(&t, "%.1f %%", 100 * table_member(l, "busy_share"));
		else
			table_text(&t, NULL);
	}
	console_table(c, &t);
	workers_print(c, cJSON_GetObjectItemCaseSensitive(stats, "workers"));
	cJSON_Delete(stats);
}

static void
percent_put(struct table *t, double share)
{
	if (isfinite(share))
		table_format(t, "%.1f %%", 100 * share);
	else
		table_text(t, NULL);
}

static void
heaviest_print(struct console *c, const cJSON *w)
{
	const cJSON *slice = cJSON_GetObjectItemCaseSensitive(w, "last_pane");
	const cJSON *h = cJSON_GetObjectItemCaseSensitive(slice, "heaviest");
	char packets[32];

	if (!cJSON_IsObject(h))
		return;
	fprintf(c->out, "worker %.0f had most of protocol %.0f in the last pane, %s packets, %.1f %%:\n"
		"    %s port %.0f - %s port %.0f\n", table_member(w, "worker"),
		table_member(h, "proto"), table_thousands(table_member(h, "packets"), packets),
		100 * table_member(h, "share"), table_member_text(h, "src"),
		table_member(h, "sport"), table_member_text(h, "dst"), table_member(h, "dport"));
}

static void
workers_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *stats = console_ask(c, "stats.get", NULL);
	const cJSON *w, *list = cJSON_GetObjectItemCaseSensitive(stats, "workers");
	const cJSON *skew = cJSON_GetObjectItemCaseSensitive(stats, "skew");
	struct table t;

	(void)res;
	(void)cl;
	if (stats == NULL)
		return;
	table_start(&t, ">worker|>received|>share|>busy|>missed|>waiting|>late p99, us");
	cJSON_ArrayForEach(w, list) {
		table_number(&t, table_member(w, "worker"));
		table_number(&t, table_member(w, "received"));
		percent_put(&t, table_member(w, "share"));
		percent_put(&t, table_member(w, "busy_share"));
		table_number(&t, table_member(w, "dispatch_missed"));
		table_number(&t, table_member(w, "dispatch_waiting"));
		table_number(&t, table_member(cJSON_GetObjectItemCaseSensitive(w, "lateness_us"),
			"p99"));
	}
	console_table(c, &t);
	if (skew != NULL)
		fprintf(c->out, "busiest worker over mean: %.2f in all, %.2f in the last pane\n",
			table_member(skew, "total"), table_member(skew, "last_pane"));
	cJSON_ArrayForEach(w, list)
		heaviest_print(c, w);
	cJSON_Delete(stats);
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(clear_word, "clear");
COMMAND_WORD(port_word, "port");
COMMAND_WORD(stats_word, "stats");
COMMAND_WORD(all_word, "all");
COMMAND_WORD(ledger_word, "ledger");
COMMAND_WORD(lcores_word, "lcores");
COMMAND_WORD(workers_word, "workers");

COMMAND(ports_cmd, ports_run, "show port stats all        counters of the ports",
	(void *)&show_word, (void *)&port_word, (void *)&stats_word, (void *)&all_word);
COMMAND(ledger_cmd, ledger_run, "show ledger                every packet by name",
	(void *)&show_word, (void *)&ledger_word);
COMMAND(clear_ports_cmd, clear_ports_run, "clear port stats all       count from here, on this console",
	(void *)&clear_word, (void *)&port_word, (void *)&stats_word, (void *)&all_word);
COMMAND(clear_ledger_cmd, clear_ledger_run, "clear ledger               the same for show ledger",
	(void *)&clear_word, (void *)&ledger_word);
COMMAND(lcores_cmd, lcores_run, "show lcores                who works where, and how busy",
	(void *)&show_word, (void *)&lcores_word);

COMMAND(workers_cmd, workers_run, "show workers               parts, losses, heaviest flows",
	(void *)&show_word, (void *)&workers_word);

cmdline_parse_inst_t *console_cmds_traffic[] = {&ports_cmd, &ledger_cmd, &lcores_cmd, &workers_cmd,
	&clear_ports_cmd, &clear_ledger_cmd, NULL};
