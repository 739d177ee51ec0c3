/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>

#include "base/units.h"
#include "console/generator_tables.h"
#include "console/table.h"
#include "console_commands.h"

// show profile, stats, key, ports, latency; clear stats

static const char *const counters[] = {"sent", "bytes", "dropped", "late"};

// A counter since `clear stats`.
static double
counter_since(const struct console *c, const cJSON *state, const char *name)
{
	double base = table_member(c->stats_base, name);

	return table_member(state, name) - (isfinite(base) ? base : 0);
}

static void
rate_row(struct table *t, const char *label, double pps)
{
	char text[32];

	table_text(t, label);
	table_format(t, "%spps", units_format_si(pps, text, sizeof(text)));
}

static void
seconds_row(struct table *t, const char *label, double seconds)
{
	table_text(t, label);
	if (isfinite(seconds))
		table_format(t, "%.1f s", seconds);
	else
		table_text(t, NULL);
}

void
pktgen_stats_table(struct console *c, cJSON *state)
{
	bool running = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(state, "running"));
	bool done = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(state, "done"));
	struct table t;

	if (state == NULL)
		return;
	table_start(&t, "stats|>value");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		table_text(&t, counters[i]);
		table_number(&t, counter_since(c, state, counters[i]));
	}
	rate_row(&t, "rate now", table_member(state, "achieved_pps"));
	rate_row(&t, "slowest second", table_member(state, "slowest_pps"));
	rate_row(&t, "fastest second", table_member(state, "fastest_pps"));
	seconds_row(&t, "time sending", counter_since(c, state, "seconds"));
	seconds_row(&t, "time left", table_member(state, "seconds_left"));
	console_table(c, &t);
	fprintf(c->out, "%s\n", running ? "running" : done ? "done" : "stopped");
	cJSON_Delete(state);
}

static void
stats_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	pktgen_stats_table(data, console_ask(data, "generator.get", NULL));
}

static void
clear_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *base = console_ask_quietly(data, "generator.get");
	struct console *c = data;

	(void)res;
	(void)cl;
	cJSON_Delete(c->stats_base);
	c->stats_base = base;
}

static void
profile_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *profile = console_ask(data, "profile.get", NULL);

	(void)res;
	(void)cl;
	if (profile != NULL)
		console_profile_table(data, profile);
	cJSON_Delete(profile);
}

static void
latency_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *latency = console_ask(data, "latency.get", NULL);

	(void)res;
	(void)cl;
	if (latency != NULL)
		console_latency_table(data, latency);
	cJSON_Delete(latency);
}

static void
ports_run(void *res, struct cmdline *cl, void *data)
{
	static const char *const numbers[] = {"opackets", "obytes", "oerrors", "ipackets", "ibytes"};
	cJSON *ports = console_ask(data, "ports.list", NULL);
	const cJSON *port;
	struct table t;

	(void)res;
	(void)cl;
	if (ports == NULL)
		return;
	table_start(&t, "port|link|>packets out|>bytes out|>errors|>packets in|>bytes in");
	cJSON_ArrayForEach(port, ports) {
		const cJSON *link = cJSON_GetObjectItemCaseSensitive(port, "link");

		table_text(&t, table_member_text(port, "name"));
		table_text(&t, link == NULL ? NULL : cJSON_IsTrue(link) ? "up" : "down");
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			table_number(&t, table_member(port, numbers[i]));
	}
	console_table(data, &t);
	cJSON_Delete(ports);
}

static void
count_add(cJSON *sum, const char *name, double value)
{
	cJSON *item = cJSON_GetObjectItemCaseSensitive(sum, name);

	if (item == NULL)
		cJSON_AddNumberToObject(sum, name, value);
	else
		cJSON_SetNumberValue(item, item->valuedouble + value);
}

// A profile's row; what its key counts comes into the sums.
static void
key_row(struct table *t, unsigned int number, const cJSON *row, cJSON *packets, cJSON *bytes)
{
	const cJSON *key = cJSON_GetObjectItemCaseSensitive(row, "answer_key"), *protocol;
	bool open = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "open"));
	double sent = table_member(row, "sent"), counted = table_member(key, "packets");

	table_format(t, "%u", number);
	table_number(t, sent);
	table_number(t, table_member(row, "dropped"));
	table_number(t, counted);
	table_number(t, sent - counted);
	table_text(t, open ? "(this second is not counted yet)" : table_member_text(row, "file"));
	cJSON_ArrayForEach(protocol, cJSON_GetObjectItemCaseSensitive(key, "protocols")) {
		count_add(packets, protocol->string, table_member(protocol, "packets"));
		count_add(bytes, protocol->string, table_member(protocol, "bytes"));
	}
}

static void
protocols_print(struct console *c, const cJSON *packets, const cJSON *bytes)
{
	const cJSON *p, *b = bytes->child;
	struct table t;

	if (packets->child == NULL)
		return;
	fputc('\n', c->out);
	table_start(&t, "protocol|>packets|>bytes");
	cJSON_ArrayForEach(p, packets) {
		table_text(&t, p->string);
		table_number(&t, p->valuedouble);
		table_number(&t, b->valuedouble);
		b = b->next;
	}
	console_table(c, &t);
}

static void
key_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *answer = console_ask(data, "key.get", NULL);
	cJSON *packets = cJSON_CreateObject(), *bytes = cJSON_CreateObject();
	unsigned int number = 0;
	const cJSON *row;
	struct table t;

	(void)res;
	(void)cl;
	if (answer != NULL) {
		table_start(&t, ">profile|>sent|>dropped|>key|>sent - key|file");
		cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(answer, "profiles"))
			key_row(&t, ++number, row, packets, bytes);
		console_table(data, &t);
		protocols_print(data, packets, bytes);
	}
	cJSON_Delete(packets);
	cJSON_Delete(bytes);
	cJSON_Delete(answer);
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(clear_word, "clear");
COMMAND_WORD(stats_word, "stats");
COMMAND_WORD(profile_word, "profile");
COMMAND_WORD(key_word, "key");
COMMAND_WORD(ports_word, "ports");
COMMAND_WORD(latency_word, "latency");

COMMAND(profile_cmd, profile_run, "show profile               what is sent, every field of it",
	(void *)&show_word, (void *)&profile_word);
COMMAND(stats_cmd, stats_run, "show stats                 counters, rates, the time left",
	(void *)&show_word, (void *)&stats_word);
COMMAND(key_cmd, key_run, "show key                   sent under each profile, and the answer keys",
	(void *)&show_word, (void *)&key_word);
COMMAND(ports_cmd, ports_run, "show ports                 the ports' own counters, or the capture",
	(void *)&show_word, (void *)&ports_word);
COMMAND(latency_cmd, latency_run, "show latency               of packets that came back, with timestamps",
	(void *)&show_word, (void *)&latency_word);
COMMAND(clear_cmd, clear_run, "clear stats                show stats counts from here on",
	(void *)&clear_word, (void *)&stats_word);

cmdline_parse_inst_t *pktgen_cmds_show[] = {&profile_cmd, &stats_cmd, &key_cmd, &ports_cmd,
	&latency_cmd, &clear_cmd, NULL};
