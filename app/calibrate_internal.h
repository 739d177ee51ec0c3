/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CALIBRATE_INTERNAL_H
#define WEIR_APP_CALIBRATE_INTERNAL_H

#include <pthread.h>

#include <rte_ring.h>

#include "answer_score.h"
#include "base/document.h"
#include "calibrate.h"
#include "generator.h"
#include "profile.h"
#include "sent_log.h"

// The inside of calibration: its control half (calibrate.c), its thread (calibrate_run.c), and what
// it has found as JSON (calibrate_write.c).

// What the control thread has done.
enum calibration_phase {
	CALIBRATION_IDLE,      // never, or over: see the outcome
	CALIBRATION_SETTLING,  // the generator is silent; waiting for the thread to be ready
	CALIBRATION_RUNNING,   // it sends
	CALIBRATION_STOPPING,  // it was told to stop
	CALIBRATION_DRAINING,  // it has stopped: everything that was sent is in the log
};

// What the thread has done.
enum calibration_progress {
	CALIBRATION_WAITING,  // for a slice without packets
	CALIBRATION_READY,    // there was one, and from there on everything is known
	CALIBRATION_ENDED,
};

// From the merge lcore.
struct calibration_message {
	uint64_t serial;            // of the calibration that it is for
	uint64_t index;             // a slice, or
	struct document *document;  // a result or an alert, by reference
	uint64_t number;            // packets of the slice; of a document, TSC when it was there
};

// An event of the profile with a key, and the first share or outlier row that came of it.
struct calibration_event {
	char key[PROFILE_NAME_LEN];
	enum event_type type;
	double at_s;
	uint32_t segment;           // that it begins
	bool caused;                // its first packet was received
	uint64_t slice;             // in which it was
	bool before[ANSWER_QUERIES];  // the key had a row already
	bool seen;
	enum answer_query query;    // whose row was first
	uint64_t slides;            // from the cause until then, counting the cause's own
	double seconds;             // likewise, from packet sent to result

	// Alerts with the key: of limit queries and of the limits table.
	bool alert_before;          // one was raised before the event began
	bool alerted;
	char alert_query[DOCUMENT_NAME_LEN];  // of the first one that was raised since
	double alert_seconds;       // until then, from packet sent
};

// One calibration: the thread's while it runs, else the control thread's.
struct calibration_run {
	struct pipeline *pipeline;
	uint64_t serial;
	const struct plan *plan;
	struct sent_log *log;
	struct answer_key *key;
	struct answer_window *window;
	struct answer_parameters parameters;
	uint64_t from_index;        // slices from here on began when the generator was silent
	uint32_t window_slices, slide_slices;

	bool based;
	uint64_t base;              // index of the first slice that is known
	uint64_t slices;            // that are known
	uint64_t waited;            // slices that did not help
	uint32_t segments;          // that have begun
	struct answer_score score[ANSWER_QUERIES];
	uint64_t due;               // windows that every query should have answered
	struct calibration_event events[PROFILE_EVENTS_MAX];
	uint32_t event_count;
	uint64_t received;          // packets of the log that were received
	uint64_t foreign;           // packets received that the log does not have
	uint64_t unreceived;        // the other way round
	struct error err;           // text "" unless it failed
};

struct calibration {
	struct rte_ring *messages;
	uint64_t serial;            // in work, 0: none. Control thread writes, merge lcore reads
	uint64_t messages_lost;     // merge lcore writes, the thread reads
	uint64_t alerts_lost;       // merge lcore writes, control thread reads
	enum calibration_phase phase;        // control thread writes, the thread reads
	enum calibration_progress progress;  // the thread writes, control thread reads
	bool quit;                  // the thread shall end
	pthread_t thread;
	struct calibration_run run;

	// Control thread.
	uint64_t serials;           // used up
	cJSON *saved;               // the profile that there was
	bool saved_running;
	cJSON *profile;             // that was run
	uint32_t seconds;
	uint64_t begun_us, end_us;  // of sending; monotonic
	uint64_t queries_version;
	struct generator_stats before, after;
};

void *calibration_thread(void *calibration);

#endif
