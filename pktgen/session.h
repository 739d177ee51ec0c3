/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_SESSION_H
#define WEIR_PKTGEN_SESSION_H

#include <pthread.h>

#include "generator.h"
#include "latency.h"
#include "output_pcap.h"
#include "output_port.h"
#include "sent_history.h"

// What the console of weir-pktgen asks of the generator: methods with parameters and results in JSON, as
// those of Weir's control plane. The console's thread asks; the main thread folds the answer key and
// ends the run. Both hold the lock while they are the generator's control thread (generator.h).

struct session {
	pthread_mutex_t lock;
	struct generator *generator;
	const struct protocol_table *protocols;
	struct output_pcap *pcap;             // NULL: to ports
	const char *pcap_path;
	struct output_port *port;             // NULL: to a capture
	const struct latency_meter *latency;  // of what the ports receive
	struct sent_history history;
};

// generator_params.retire; the session is its argument.
void session_retire(void *session, struct plan *plan, const cJSON *profile);

// Main thread, often: fold the answer key unless the console is at work, and finish that of a profile
// that is done.
void session_tick(struct session *s);

/*
 * Console thread: console_params.ask.
 *
 *   generator.get                      counters, rates, time left
 *   generator.start {duration_s}       go on; with a duration: from the beginning, for so long
 *   generator.stop
 *   profile.get                        complete with defaults
 *   profile.set {field, value}         a field by its path
 *   profile.load {file}, profile.save {file}
 *   key.get                            what was sent under each profile, and the answer keys' totals
 *   ports.list, latency.get
 */
int session_ask(void *session, const char *method, const char *params_json, char **ret_json);

#endif
