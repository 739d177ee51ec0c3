/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_OPTIONS_H
#define WEIR_APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "export/ipfix_exporter.h"
#include "flow/flow_tracker.h"
#include "query/engine.h"

// What the command line and the configuration file ask for, checked; the command line wins.

// Where in the configuration an option's value came from, so that a fault found later names the place.
struct option_origin {
	const char *option;  // "--store"
	char field[48];      // "store"
	unsigned int line;
};
#define OPTION_ORIGINS_MAX 16

struct options {
	bool demo;
	const char *pcap;         // list of files and folders
	bool follow;              // keep watching the folder of pcap
	uint64_t settle_us;       // a followed file that nobody closed is finished after this
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
	enum packet_tunnels tunnels;
	bool fragments_follow;    // later fragments join their first one's flow
	uint64_t pane_us;
	const char *report;       // file, "-", or NULL
	const char *flows;
	const char *results;
	const char *ipfix;        // list of collectors
	char ipfix_list[1200];    // the configuration's
	struct ipfix_params ipfix_params;
	uint64_t duration_us;     // 0: until told
	uint64_t seed;            // 0: random
	char appliance[64];
	struct query_parameters parameters;
	const cJSON *queries;     // from the configuration, or NULL
	const cJSON *local_networks;  // from the configuration, or NULL
	cJSON *protocols;         // from the configuration, or NULL
	cJSON *generator;         // profile from the configuration, or NULL
	cJSON *document;          // the configuration file; owns the four above and strings
	bool help;
	bool version;
	struct option_origin origins[OPTION_ORIGINS_MAX];
	unsigned int origin_count;
};

/*
 * Parse arguments (argv[0] is the program's name). 0 with *ret filled, else -EINVAL with one line
 * that names the option or the configuration's field. `eal_given`: EAL options may bring ports, so
 * that no other input is needed. options_free() in either case.
 */
int options_parse(int argc, char **argv, struct options *ret, bool eal_given, struct error *err);
void options_free(struct options *o);
// Note that an option's value came from the configuration; forget it when the command line gave it.
void options_origin_note(struct options *o, const char *option, const char *field, unsigned int line);
void options_origin_forget(struct options *o, const char *option);
// "FILE:LINE: FIELD: " if the option's value came from the configuration, else "". Returns buf.
const char *options_origin_text(const struct options *o, const char *option, char *buf, size_t size);

// Looks like a PCI address ("0000:01:00.0", "01:00.0")?
bool options_is_pci(const char *name);

void options_usage(void);  // prints --help

#endif
