/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PROGRAM_H
#define WEIR_PKTGEN_PROGRAM_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "latency.h"
#include "options.h"
#include "output_pcap.h"
#include "output_port.h"
#include "profile.h"
#include "progress.h"
#include "session.h"

// weir-pktgen: options -> profile -> EAL -> output -> generator -> report.

struct console;

struct program {
	struct options options;
	cJSON *json;
	struct protocol_table *names;
	struct profile *profile;
	struct rte_mempool *pool;
	struct output_pcap *pcap;
	struct output_port *port;
	struct generator *generator;
	unsigned int lcores;  // that generate
	unsigned int next;    // number of the next one to start
	uint32_t lcore_quit;  // set by the main thread, read by the generator lcores
	struct latency_meter latency;  // of what comes back
	struct progress progress;

	// With --interactive.
	struct session session;
	struct console *console;
	pthread_t console_thread;
	uint32_t console_ended;  // set by the console's thread, read by the main thread
};

// Send until the profile is done, or the console ends, or a signal comes: on all worker lcores of EAL
// where it has any. signals are blocked.
void program_send(struct program *p, const sigset_t *signals);
// End the lcores, and wait for what is under way to come back.
void program_settle(struct program *p);

// Latency is measured: the ports receive, and the profile stamps packets.
bool program_latency_wanted(const struct program *p);

// A thread that runs what is typed, or comes from a pipe. -errno with err filled.
int program_console_start(struct program *p, struct error *err);
// Gives back true when all commands went well, as far as they came from a file or pipe.
bool program_console_stop(struct program *p);

#endif
