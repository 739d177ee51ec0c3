/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_OPTIONS_H
#define WEIR_APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "flow/flow_tracker.h"
#include "query/engine.h"

// What the command line and the configuration file ask for, checked; the command line wins.

struct options {
	bool demo;
	const char *pcap;         // list of files and folders
	const char *iface;        // list of kernel interfaces
	char iface_list[1024];    // kernel interfaces of the configuration's ports
	const cJSON *pci;         // the configuration's ports, if a PCI address is among them
	const char *config;       // path
	bool interactive;
	const char *cmdline_file;
	bool listen;
	char listen_address[64];
	uint16_t listen_port;
	const char *store;        // URI
	const char *push;         // URI or NULL
	uint32_t workers;         // 0: as many as there are queues
	struct flow_limits limits;
	uint32_t flow_capacity;
	uint64_t pane_us;
	const char *report;       // file, "-", or NULL
	const char *flows;
	const char *results;
	uint64_t duration_us;     // 0: until told
	uint64_t seed;            // 0: random
	char appliance[64];
	struct query_parameters parameters;
	cJSON *protocols;         // from the configuration, or NULL
	cJSON *generator;         // profile from the configuration, or NULL
	cJSON *document;          // the configuration file; owns the two above and strings
	bool help;
	bool version;
};

/*
 * Parse arguments (argv[0] is the program's name). 0 with *ret filled, else -EINVAL with one line
 * that names the option or the configuration's field. `eal_given`: EAL options may bring ports, so
 * that no other input is needed. options_free() in either case.
 */
int options_parse(int argc, char **argv, struct options *ret, bool eal_given, struct error *err);
void options_free(struct options *o);
// Looks like a PCI address ("0000:01:00.0", "01:00.0")?
bool options_is_pci(const char *name);

void options_usage(void);  // prints --help

#endif
