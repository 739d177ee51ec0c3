/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_OPTIONS_H
#define WEIR_APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "config/file.h"
#include "export/ipfix_exporter.h"
#include "flow/flow_tracker.h"
#include "query/engine.h"
#include "store/store.h"

// What the command line and the configuration file ask for, checked; the command line wins.

// When slices of pairs of addresses are retained, for dry runs (`limits.retain`).
enum limits_retain {
	LIMITS_RETAIN_TABLE,  // while there is a table: rows, or a file
	LIMITS_RETAIN_ALWAYS,
	LIMITS_RETAIN_NEVER,
};

// As in the words of syslog.facility.
enum syslog_facility {
	SYSLOG_OFF,
	SYSLOG_DAEMON,
	SYSLOG_USER,
	SYSLOG_LOCAL0,
	SYSLOG_LOCAL7 = SYSLOG_LOCAL0 + 7,
};

struct options {
	bool demo;
	const char *pcap;         // list of files and folders
	bool follow;              // keep watching the folder of pcap
	uint64_t settle_us;       // a followed file that nobody closed is finished after this
	const char *iface;        // list of kernel interfaces
	char iface_list[1024];    // kernel interfaces of the configuration's ports
	const cJSON *ports;       // the configuration's, or NULL
	const cJSON *pci;         // the configuration's ports, if a PCI address is among them
	const char *config;       // path
	bool interactive;
	const char *cmdline_file;
	uint32_t stats_period_s;  // 0: the ledger is not printed by itself
	bool listen;
	char listen_address[64];
	uint16_t listen_port;
	const char *user;         // of the machine, that this process becomes; NULL: it stays
	const char *users;        // file, or NULL
	const char *tls_certificate, *tls_key;  // PEM files, or NULL
	const cJSON *listen_names;    // from the configuration, or NULL
	const cJSON *trusted_proxies; // from the configuration, or NULL
	bool insecure_listen;     // other addresses than loopback without TLS and users
	const char *store;        // URI
	const char *push;         // URI or NULL
	struct store_bounds store_bounds;
	bool store_flows;         // flow records go to the store too
	uint64_t push_ttl_us;      // 0: MongoDB deletes nothing
	uint32_t workers;         // 0: as many as there are queues
	struct flow_limits limits;
	uint32_t flow_capacity;
	uint32_t key_budget;      // most keys of a query's dimension
	uint64_t retain_bytes;    // of the log that previews are answered from, 0: none
	enum packet_tunnels tunnels;
	bool fragments_follow;    // later fragments join their first one's flow
	uint64_t pane_us;
	const char *report;       // file, "-", or NULL
	const char *flows;
	const char *results;
	const char *ipfix;        // list of collectors
	char ipfix_list[1200];    // the configuration's
	struct ipfix_params ipfix_params;
	const char *limits_file;  // or NULL
	uint64_t limits_refresh_us;   // 0: follow it
	enum limits_retain limits_retain;
	const cJSON *alert_command;   // words, or NULL
	uint32_t alert_per_minute;
	uint32_t alert_at_once;
	uint64_t alert_timeout_us;
	enum syslog_facility syslog_facility;
	const char *log_levels;   // as log_levels_read() takes it, or NULL
	const char *log_format;   // of LOG_FORMATS, or NULL
	uint64_t duration_us;     // 0: until told
	uint64_t seed;            // 0: random
	char appliance[64];
	struct query_parameters parameters;
	uint32_t builtins_off;    // bits of built-in queries that are not wanted
	const cJSON *queries;     // from the configuration, or NULL
	const cJSON *local_networks;  // from the configuration, or NULL
	const cJSON *names;       // from the configuration, or NULL
	const cJSON *geoip;       // from the configuration, or NULL
	cJSON *protocols;         // from the configuration, or NULL
	cJSON *generator;         // profile from the configuration, or NULL
	struct config_file file;  // of --config; owns the parts and texts above
	char state_file[1100];    // of this run's configuration; "" without a store
	bool recovered;           // `file` is the state file of a run that did not end in order
	bool help;
	bool version;
	uint64_t given;           // bits of the rows in command_line.c that the command line has
	bool eal_given;           // EAL options are the user's
	int argc;                 // the command line, for options_derive()
	char **argv;
};

/*
 * Parse arguments (argv[0] is the program's name) and the file of --config. 0 with *ret filled, else
 * -EINVAL with one line that names the option or the configuration's field. `eal_given`: EAL options
 * may bring ports, so that no other input is needed. options_free() in either case.
 */
int options_parse(int argc, char **argv, struct options *ret, bool eal_given, struct error *err);
/*
 * What a run that crashed has left goes in (options_recover()), if anything; then all of it has to go
 * together: 0, or -EINVAL with a line as above. Only for who has the lock of the store.
 */
int options_finish(struct options *o, struct error *err);
void options_free(struct options *o);

// Did the command line give this option ("--store")?
bool options_given(const struct options *o, const char *option);

/*
 * "FILE:LINE: " of a field of the configuration ("queries[2].key"), or "FILE:LINE: FIELD: " of an
 * option, if the value in use came from the file; else "". Returns buf.
 */
const char *options_place(const struct options *o, const char *field, char *buf, size_t size);

/*
 * The options that this command line makes of a checked document (NULL: none) in the place of its
 * --config; what the document has stays its own. `line_wins`: as at the start, the command line says
 * the last word; else the document does.
 */
void options_derive(int argc, char **argv, const cJSON *document, bool line_wins,
	struct options *ret);

// Looks like a PCI address ("0000:01:00.0", "01:00.0")?
bool options_is_pci(const char *name);

#endif
