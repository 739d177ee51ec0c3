/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_ALERTS_H
#define WEIR_APP_ALERTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "alert_command.h"
#include "base/document.h"

struct rte_ring;
struct pipeline;

// Alerts to a command (on_alert) and to syslog(3), from a thread of its own, as both may take their
// time. The merge lcore offers alerts and never waits.

struct alerts_out {
	struct rte_ring *documents;     // merge -> alerts; NULL: nobody wants any
	pthread_t thread;
	bool running;
	bool stop;
	bool has_command;
	int facility;                   // of syslog(3), -1 without
	struct alert_command command;   // the thread's, but for its stats
	uint64_t logged;                // the thread's: alerts given to syslog
	uint64_t lost;                  // merge lcore's: the ring was full
};

int alerts_prepare(struct pipeline *p, struct error *err);  // before EAL: is it a program?
int alerts_start(struct pipeline *p, struct error *err);
// After the merge lcore has ended. What is queued is handed out; commands get the rest of their time.
void alerts_stop(struct pipeline *p);

// Merge lcore: takes a reference of its own.
void alerts_offer(struct pipeline *p, struct document *d);

void alerts_stats_add(const struct pipeline *p, cJSON *stats);

#endif
