/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define DURATION_MIN_S 0.001
#define STATS_PERIOD_MIN_S 0.1
#define STATS_PERIOD_MAX_S 86400.0
#define DURATION_MAX_S (10 * 366 * 86400.0)
#define PACKETS_MAX ((UINT64_C(1) << 53) - 1)

enum option_id {
	OPTION_PROFILE = 'f',
	OPTION_HELP = 'h',
	OPTION_INTERACTIVE = 'i',
	OPTION_PCAP = 256,
	OPTION_DURATION,
	OPTION_PACKETS,
	OPTION_REPORT,
	OPTION_NAMES,
	OPTION_STATS_PERIOD,
	OPTION_VERSION,
};

static const struct option table[] = {
	{"profile", required_argument, NULL, OPTION_PROFILE},
	{"pcap", required_argument, NULL, OPTION_PCAP},
	{"duration", required_argument, NULL, OPTION_DURATION},
	{"packets", required_argument, NULL, OPTION_PACKETS},
	{"report", required_argument, NULL, OPTION_REPORT},
	{"names", required_argument, NULL, OPTION_NAMES},
	{"stats-period", required_argument, NULL, OPTION_STATS_PERIOD},
	{"interactive", no_argument, NULL, OPTION_INTERACTIVE},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

static int
value_parse(int id, char *value, struct options *o, struct error *err)
{
	switch (id) {
	case OPTION_PROFILE:
		o->profile = value;
		return 0;
	case OPTION_PCAP:
		o->pcap = value;
		return 0;
	case OPTION_REPORT:
		o->report = value;
		return 0;
	case OPTION_NAMES:
		o->names = value;
		return 0;
	case OPTION_DURATION:
		if (units_parse_double(value, DURATION_MIN_S, DURATION_MAX_S, &o->duration_s) == 0)
			return 0;
		return error_field(err, -EINVAL, "--duration",
			"--duration: found \"%s\", allowed is a number of seconds from %g to %g",
			value, DURATION_MIN_S, DURATION_MAX_S);
	case OPTION_STATS_PERIOD:
		if (units_parse_double(value, STATS_PERIOD_MIN_S, STATS_PERIOD_MAX_S,
				&o->stats_period_s) == 0)
			return 0;
		return error_field(err, -EINVAL, "--stats-period", "--stats-period: found \"%s\", "
			"allowed is a number of seconds from %g to %g", value,
			STATS_PERIOD_MIN_S, STATS_PERIOD_MAX_S);
	case OPTION_PACKETS:
		if (units_parse_u64(value, 1, PACKETS_MAX, &o->packets) == 0)
			return 0;
		return error_field(err, -EINVAL, "--packets",
			"--packets: found \"%s\", allowed is a whole number from 1", value);
	case OPTION_INTERACTIVE:
		o->interactive = true;
		return 0;
	case OPTION_HELP:
		o->help = true;
		return 0;
	default:
		o->version = true;
		return 0;
	}
}

// Cut argv at "--": EAL's part before it, ours after it.
static void
eal_split(int *argc, char ***argv, struct options *o)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp((*argv)[i], "--") != 0)
			continue;
		o->eal_argc = i;
		o->eal_argv = *argv;
		*argc -= i;
		*argv += i;
		return;
	}
}

int
options_parse(int argc, char **argv, struct options *ret, struct error *err)
{
	struct options o = {.report = "-"};
	int id, rc;

	eal_split(&argc, &argv, &o);
	opterr = 0;
	optind = 1;
	while ((id = getopt_long(argc, argv, ":f:hi", table, NULL)) != -1) {
		const char *word = argv[optind - 1];

		if (id == ':')
			return error_field(err, -EINVAL, word, "%s: found no value after it", word);
		if (id == '?')
			return error_field(err, -EINVAL, word,
				"%s: found an unknown option, allowed are --profile --pcap "
				"--duration --packets --report --names --stats-period "
				"--interactive --help --version", word);
		rc = value_parse(id, optarg, &o, err);
		if (rc != 0)
			return rc;
	}
	if (optind < argc)
		return error_field(err, -EINVAL, argv[optind],
			"%s: found a word that belongs to no option", argv[optind]);
	if (o.interactive && o.stats_period_s > 0)
		return error_field(err, -EINVAL, "--stats-period", "--stats-period: found with "
			"--interactive, allowed is without; there is watch show stats");
	if (o.profile == NULL && !o.interactive && !o.help && !o.version)
		return error_field(err, -EINVAL, "--profile",
			"--profile: found nothing, allowed is the profile's file name");
	*ret = o;
	return 0;
}

void
options_help(void)
{
	puts("usage: weir-pktgen [EAL options --] --profile FILE [options]\n"
		"       weir-pktgen [EAL options --] -i [--profile FILE] [options]\n"
		"\n"
		"Sends the traffic of a profile to every DPDK port that EAL is given,\n"
		"or writes it to a capture file.\n"
		"\n"
		"  -f, --profile FILE  what to send, JSON (docs/pktgen.md)\n"
		"      --pcap FILE     write a capture instead of sending\n"
		"      --duration S    stop after this time, in place of the profile's duration_s\n"
		"      --packets N     stop after so many packets, in place of its packets\n"
		"      --report FILE   where the report goes, - for standard output (the default)\n"
		"      --names FILE    where a replay of flow records writes its devices' names\n"
		"      --stats-period S  a line of progress each S seconds on standard error\n"
		"                      (the default is each second where that is a terminal)\n"
		"  -i, --interactive   a prompt: start, stop, show and set fields while it sends; help\n"
		"                      lists the commands. They may come from a file or pipe\n"
		"  -h, --help          this text\n"
		"      --version       the version\n"
		"\n"
		"Example: weir-pktgen -l 0-1 --vdev net_null0 -- --profile p.json --duration 10");
}

static int
first_cpu(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 0;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			return cpu;
	return 0;
}

void
eal_line_compose(struct eal_line *line)
{
	static const char *const fixed[] = {"weir-pktgen", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "--log-level=lib.eal:warning", "--lcores"};
	int n = sizeof(fixed) / sizeof(fixed[0]);

	for (int i = 0; i < n; i++)
		snprintf(line->text[i], sizeof(line->text[i]), "%s", fixed[i]);
	snprintf(line->text[n], sizeof(line->text[n]), "0@%d", first_cpu());
	line->argc = n + 1;
	for (int i = 0; i < line->argc; i++)
		line->argv[i] = line->text[i];
	line->argv[line->argc] = NULL;
}
