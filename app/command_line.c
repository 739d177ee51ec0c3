/* SPDX-License-Identifier: BSD-3-Clause */
#include "command_line.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/param.h"
#include "base/units.h"

// One row = option, its argument, what it does. The help and the parser both come from here.
struct option_row {
	const char *name;
	char short_name;
	const char *argument;  // NULL: none
	const char *help;
	int (*apply)(struct options *o, const char *value, struct error *err);
};

static int
bad_value(struct error *err, const char *option, const char *value, const char *allowed)
{
	return error_field(err, -EINVAL, option, "%s: '%s' is not allowed here: %s", option, value,
		allowed);
}

#define FLAG_ROW(fn, member) \
	static int fn(struct options *o, const char *value, struct error *err) \
	{ \
		(void)value; \
		(void)err; \
		o->member = true; \
		return 0; \
	}

#define TEXT_ROW(fn, member, option) \
	static int fn(struct options *o, const char *value, struct error *err) \
	{ \
		if (*value == '\0') \
			return bad_value(err, option, value, "must not be empty"); \
		o->member = value; \
		return 0; \
	}

#define SECONDS_ROW(fn, member, option) \
	static int fn(struct options *o, const char *value, struct error *err) \
	{ \
		if (units_parse_seconds(value, &o->member) != 0) \
			return bad_value(err, option, value, \
				"seconds from 0 to 316224000, fractions allowed"); \
		return 0; \
	}

FLAG_ROW(demo_apply, demo)
FLAG_ROW(follow_apply, follow)
FLAG_ROW(interactive_apply, interactive)
FLAG_ROW(help_apply, help)
FLAG_ROW(version_apply, version)
TEXT_ROW(pcap_apply, pcap, "--pcap")
TEXT_ROW(iface_apply, iface, "--iface")
TEXT_ROW(config_apply, config, "--config")
TEXT_ROW(cmdline_file_apply, cmdline_file, "--cmdline-file")
TEXT_ROW(user_apply, user, "--user")
TEXT_ROW(users_apply, users, "--users")
TEXT_ROW(tls_cert_apply, tls_certificate, "--tls-cert")
TEXT_ROW(tls_key_apply, tls_key, "--tls-key")
FLAG_ROW(insecure_listen_apply, insecure_listen)
TEXT_ROW(store_apply, store, "--store")
TEXT_ROW(push_apply, push, "--push")
TEXT_ROW(report_apply, report, "--report")
TEXT_ROW(flows_apply, flows, "--flows")
TEXT_ROW(results_apply, results, "--results")
SECONDS_ROW(settle_apply, settle_us, "--follow-settle")
TEXT_ROW(limits_apply, limits_file, "--limits")
TEXT_ROW(ipfix_apply, ipfix, "--ipfix")
SECONDS_ROW(idle_apply, limits.idle_us, "--flow-idle-timeout")
SECONDS_ROW(active_apply, limits.active_us, "--flow-active-timeout")
SECONDS_ROW(duration_apply, duration_us, "--duration")

static int
listen_apply(struct options *o, const char *value, struct error *err)
{
	if (units_parse_host_port(value, o->listen_address, sizeof(o->listen_address),
		&o->listen_port) != 0)
		return bad_value(err, "--listen", value,
			"ADDRESS:PORT, for instance 127.0.0.1:8080 or [::1]:8080");
	o->listen = true;
	return 0;
}

static int
no_listen_apply(struct options *o, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	o->listen = false;
	return 0;
}

static int
workers_apply(struct options *o, const char *value, struct error *err)
{
	uint64_t n;

	if (units_parse_u64(value, 1, 64, &n) != 0)
		return bad_value(err, "--workers", value, "1 to 64");
	o->workers = (uint32_t)n;
	return 0;
}

static int
stats_period_apply(struct options *o, const char *value, struct error *err)
{
	uint64_t n;

	if (units_parse_u64(value, 0, 3600, &n) != 0)
		return bad_value(err, "--stats-period", value, "whole seconds from 0 to 3600");
	o->stats_period_s = (uint32_t)n;
	return 0;
}

static int
capacity_apply(struct options *o, const char *value, struct error *err)
{
	uint64_t n;

	if (units_parse_u64(value, 16, 1U << 26, &n) != 0)
		return bad_value(err, "--flow-capacity", value, "16 to 67108864");
	o->flow_capacity = (uint32_t)n;
	return 0;
}

static int
key_budget_apply(struct options *o, const char *value, struct error *err)
{
	uint64_t n;

	if (units_parse_u64(value, KEY_BUDGET_MIN, KEY_BUDGET_MAX, &n) != 0)
		return bad_value(err, "--key-budget", value, "1024 to 16000000");
	o->key_budget = (uint32_t)n;
	return 0;
}

static int
tcp_end_apply(struct options *o, const char *value, struct error *err)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return bad_value(err, "--flow-tcp-end", value, "on or off");
	o->limits.tcp_end = strcmp(value, "on") == 0;
	return 0;
}

static int
fragments_apply(struct options *o, const char *value, struct error *err)
{
	if (strcmp(value, "off") != 0 && strcmp(value, "follow") != 0)
		return bad_value(err, "--flow-fragments", value, "off or follow");
	o->fragments_follow = strcmp(value, "follow") == 0;
	return 0;
}

static int
log_level_apply(struct options *o, const char *value, struct error *err)
{
	struct error inner;

	if (log_levels_read(value, false, &inner) != 0)
		return bad_value(err, "--log-level", value, inner.text);
	o->log_levels = value;
	return 0;
}

static int
log_format_apply(struct options *o, const char *value, struct error *err)
{
	if (param_word_index(LOG_FORMATS, value) < 0)
		return bad_value(err, "--log-format", value, "text, logfmt or json");
	o->log_format = value;
	return 0;
}

static int
tunnels_apply(struct options *o, const char *value, struct error *err)
{
	if (strcmp(value, "off") != 0 && strcmp(value, "decapsulate") != 0)
		return bad_value(err, "--flow-tunnels", value, "off or decapsulate");
	o->tunnels = strcmp(value, "off") == 0 ? PACKET_TUNNELS_OFF : PACKET_TUNNELS_DECAPSULATE;
	return 0;
}

static int
seed_apply(struct options *o, const char *value, struct error *err)
{
	if (units_parse_u64(value, 0, UINT64_MAX, &o->seed) != 0)
		return bad_value(err, "--seed", value, "a whole number from 0 to 18446744073709551615");
	return 0;
}

static const struct option_row rows[] = {
	{"demo", 0, NULL, "one in-process ring port fed by the generator", demo_apply},
	{"pcap", 0, "FILE|DIR[,...]", "read these captures on packet time, report, exit", pcap_apply},
	{"follow", 0, NULL, "with --pcap DIR: go on with each capture that is finished there",
		follow_apply},
	{"follow-settle", 0, "S", "a file that nobody closed is finished when unchanged for S s (5)",
		settle_apply},
	{"iface", 0, "NAME[,...]", "capture kernel interfaces (net_af_packet)", iface_apply},
	{"config", 0, "FILE", "JSON configuration; options given here win", config_apply},
	{"interactive", 'i', NULL, "prompt 'weir> ' on the terminal", interactive_apply},
	{"cmdline-file", 0, "FILE", "run these console commands at start", cmdline_file_apply},
	{"stats-period", 0, "S", "without -i, print the ledger every S seconds, 0 not (0)",
		stats_period_apply},
	{"listen", 0, "ADDR:PORT", "panel, HTTP and websocket (127.0.0.1:8080)", listen_apply},
	{"no-listen", 0, NULL, "no panel; the default with --pcap", no_listen_apply},
	{"user", 0, "NAME", "become this user when ports and sockets are open", user_apply},
	{"users", 0, "FILE", "who may ask, made by weir passwd; else whoever reaches the address",
		users_apply},
	{"tls-cert", 0, "FILE", "serve HTTPS with this certificate chain, PEM", tls_cert_apply},
	{"tls-key", 0, "FILE", "its private key, PEM", tls_key_apply},
	{"insecure-listen", 0, NULL, "other addresses than loopback without TLS and users",
		insecure_listen_apply},
	{"store", 0, "URI", "sqlite:PATH (sqlite:weir.db) or none (with --pcap)", store_apply},
	{"push", 0, "URI", "also deliver results to mongodb://...", push_apply},
	{"workers", 0, "N", "RX lcores (as many as there are queues; more: spread in software)", workers_apply},
	{"flow-idle-timeout", 0, "S", "end flows after S seconds of silence, 0 never (60)",
		idle_apply},
	{"flow-active-timeout", 0, "S", "end flows S seconds old, 0 never (120)", active_apply},
	{"flow-tcp-end", 0, "on|off", "end flows on FIN and RST (on)", tcp_end_apply},
	{"flow-capacity", 0, "N", "flows tracked, over all workers (1048576)", capacity_apply},
	{"key-budget", 0, "N", "keys that queries keep exactly, each kind of key (1048576)",
		key_budget_apply},
	{"flow-tunnels", 0, "off|decapsulate", "flows of tunnels, or of what they carry (off)",
		tunnels_apply},
	{"flow-fragments", 0, "off|follow", "later fragments: ports 0, or in their first one's flow (off)",
		fragments_apply},
	{"report", 0, "FILE|-", "final report, JSON (- with --pcap)", report_apply},
	{"flows", 0, "FILE|-", "ended flow records, JSON lines", flows_apply},
	{"results", 0, "FILE|-", "query results, JSON lines", results_apply},
	{"limits", 0, "FILE", "limits table, JSON; a change of it takes effect within a second", limits_apply},
	{"ipfix", 0, "HOST:PORT[,...]", "ended flows to IPFIX collectors; tcp:HOST:PORT for TCP",
		ipfix_apply},
	{"log-level", 0, "[AREA:]LEVEL[,...]", "error, warning, notice, info or debug (notice)",
		log_level_apply},
	{"log-format", 0, "text|logfmt|json", "of the lines on standard error (text)",
		log_format_apply},
	{"duration", 0, "S", "stop after S seconds of wall time, 0 not by itself (0)", duration_apply},
	{"seed", 0, "N", "fixed seed for the flow table's hash, for tests (random)", seed_apply},
	{"help", 'h', NULL, "this text", help_apply},
	{"version", 'v', NULL, "print the version", version_apply},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))
#define FIRST_ROW_VALUE 256
static_assert(ROWS <= 64, "options.given has a bit for each row");

void
command_line_usage(void)
{
	printf("usage: weir [EAL options --] [options]\n\n"
		"Measures network traffic: flows, sliding-window top-k, shares and outliers.\n"
		"Inputs: --demo, --pcap, --iface, or the ports that the EAL options name.\n"
		"weir passwd makes users and tokens: see weir passwd --help.\n\n");
	for (unsigned int i = 0; i < ROWS; i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name,
			rows[i].argument != NULL ? " " : "",
			rows[i].argument != NULL ? rows[i].argument : "");
		printf("  %s%c%s %-28s %s\n", rows[i].short_name != 0 ? "-" : " ",
			rows[i].short_name != 0 ? rows[i].short_name : ' ',
			rows[i].short_name != 0 ? "," : " ", left, rows[i].help);
	}
	printf("\nWithout EAL options Weir composes some that work on this machine and prints them.\n"
		"Exit status: 0 done, 1 failed at run time, 2 bad arguments or configuration.\n");
}

static void
getopt_tables_fill(struct option *longs, char *shorts)
{
	*shorts++ = ':';
	for (unsigned int i = 0; i < ROWS; i++) {
		longs[i] = (struct option){rows[i].name,
			rows[i].argument != NULL ? required_argument : no_argument, NULL,
			(int)i + FIRST_ROW_VALUE};
		if (rows[i].short_name != 0)
			*shorts++ = rows[i].short_name;
	}
	longs[ROWS] = (struct option){0};
	*shorts = '\0';
}

bool
options_given(const struct options *o, const char *option)
{
	for (unsigned int i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, option + 2) == 0)
			return (o->given >> i & 1) != 0;
	return false;
}

// The two options that decide the defaults of others.
static bool
row_is_early(const struct option_row *row)
{
	return row->apply == config_apply || row->apply == pcap_apply;
}

static const struct option_row *
row_find(int c)
{
	for (unsigned int i = 0; i < ROWS; i++)
		if (c == (int)i + FIRST_ROW_VALUE || c == rows[i].short_name)
			return &rows[i];
	return NULL;
}

int
command_line_apply(int argc, char **argv, bool early, struct options *o, struct error *err)
{
	struct option longs[ROWS + 1];
	char shorts[ROWS + 2];
	int c, rc;

	getopt_tables_fill(longs, shorts);
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row = row_find(c);

		if (c == ':')
			return error_field(err, -EINVAL, argv[optind - 1], "%s: needs an argument",
				argv[optind - 1]);
		if (c == '?')
			return error_field(err, -EINVAL, argv[optind - 1],
				"%s: no such option; see --help", argv[optind - 1]);
		if (row == NULL || (early && !row_is_early(row)))
			continue;
		rc = row->apply(o, optarg, err);
		if (rc != 0)
			return rc;
		o->given |= UINT64_C(1) << (row - rows);
	}
	if (optind < argc)
		return error_field(err, -EINVAL, argv[optind],
			"'%s': not an option; see --help", argv[optind]);
	return 0;
}
