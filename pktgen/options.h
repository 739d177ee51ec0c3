/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_OPTIONS_H
#define WEIR_PKTGEN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

// The command line of weir-pktgen. With a "--", what stands before it goes to EAL unchanged.

#define EAL_LINE_ARGS 8
#define EAL_LINE_TEXT 40

struct options {
	const char *profile;
	const char *pcap;      // NULL: to ports
	const char *report;    // "-": standard output
	const char *names;     // file for the names of a replay's addresses; NULL: none
	double stats_period_s;  // of progress lines, 0: as progress.h says
	double duration_s;     // 0: as the profile says
	uint64_t packets;      // 0: as the profile says
	bool interactive;      // a console; the profile may be missing then
	bool help;
	bool version;
	int eal_argc;          // 0 where there was no "--": compose with options_eal()
	char **eal_argv;
};

// -EINVAL with err filled. The texts stay those of argv.
int options_parse(int argc, char **argv, struct options *ret, struct error *err);
void options_help(void);  // to standard output

// EAL arguments that were made up.
struct eal_line {
	int argc;
	char *argv[EAL_LINE_ARGS + 1];
	char text[EAL_LINE_ARGS][EAL_LINE_TEXT];
};

// For a capture file: no device, no hugepages, one lcore on a CPU of this process.
void eal_line_compose(struct eal_line *line);

#endif
