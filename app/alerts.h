/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_ALERTS_H
#define WEIR_APP_ALERTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "alert_command.h"
#include "base/document.h"

struct options;
struct rte_ring;
struct pipeline;

// Alerts to a command (on_alert) and to syslog(3), from a thread of its own, as both may take their
// time. The merge lcore offers alerts and never waits. The thread begins when there is something to do
// for it, and then stays; a change of the configuration is handed to it as a whole.

// What the configuration says of alerts.
struct alert_setup {
	cJSON *words;                       // of the command, or NULL
	cJSON *shown;                       // the same for the control thread
	struct alert_command_params params;
	bool has_command;
	int facility;                       // of syslog(3), -1 without
};

struct alerts_out {
	struct rte_ring *documents;     // merge -> alerts
	bool wanted;                    // control thread writes, merge lcore reads
	bool has_command;               // control thread's, what is in force
	int facility;
	cJSON *words;                   // that options.alert_command is; NULL: none
	pthread_t thread;
	bool running;                   // control thread's
	bool stop;
	pthread_mutex_t lock;           // of `next`
	struct alert_setup *next;       // control -> alerts; NULL: nothing new
	struct alert_setup *setup;      // the thread's, as what follows
	struct alert_command command;   // others read its stats
	uint64_t logged;                // the thread's: alerts given to syslog
	uint64_t lost;                  // merge lcore's: the ring was full
};

// Before EAL, and before a change: is it a program? 0, or -errno with a line in err.
int alerts_check(const struct options *o, struct error *err);
void alerts_prepare(struct pipeline *p);  // before EAL
int alerts_start(struct pipeline *p, struct error *err);
// After the merge lcore has ended. What is queued is handed out; commands get the rest of their time.
void alerts_stop(struct pipeline *p);

// Control thread, a change in two steps, of which the second one cannot fail. The setup that next asks
// for, with the thread that does it running; NULL with err filled.
struct alert_setup *alerts_setup_make(struct pipeline *p, const struct options *next,
	struct error *err);
void alerts_setup_free(struct alert_setup *s);  // not committed; NULL is fine
void alerts_setup_commit(struct pipeline *p, const struct options *next, struct alert_setup *s);

// Merge lcore: takes a reference of its own.
void alerts_offer(struct pipeline *p, struct document *d);

void alerts_stats_add(const struct pipeline *p, cJSON *stats);

#endif
