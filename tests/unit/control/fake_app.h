/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_CONTROL_FAKE_APP_H
#define WEIR_TEST_CONTROL_FAKE_APP_H

#include <pthread.h>
#include <stdbool.h>

#include "control/control.h"

// An application behind the method table, small enough to see through: two queries, a generator
// that can be taken away, and a store that is one thread with a list, so that pending calls are
// completed from another thread as in the real program.

struct fake_store_job {
	struct control_call *call;
	cJSON *result;
	struct fake_store_job *next;
};

struct fake_app {
	struct processor_parameters parameters;
	bool running;
	_Atomic bool has_generator;  // _Atomic: the test changes these while the loop runs
	bool generator_running;
	double rate_pps;
	uint32_t calibrated_s;  // 0: never
	_Atomic bool healthy;
	bool has_local_networks;  // in the configuration

	pthread_t store;
	pthread_mutex_t lock;
	pthread_cond_t work;
	bool store_stop;
	_Atomic unsigned int store_delay_ms;  // before each completion
	struct fake_store_job *jobs, **jobs_tail;
	unsigned int stored;          // documents inserted and not cleared
	_Atomic unsigned int completed;
};

const struct control_ops *fake_ops(void);  // before the loop runs
// The parts of it, by file.
void fake_questions_add(struct control_ops *o);
void fake_store_add(struct control_ops *o);
void fake_store_start(struct fake_app *a);
void fake_store_stop(struct fake_app *a);

// What calls have set, as JSON, when their answers have come. As snprintf().
int fake_app_state(const struct fake_app *a, char *buf, size_t size);

void fake_app_start(struct fake_app *a);  // zeroes and starts the store thread
void fake_app_stop(struct fake_app *a);   // completes what is left, joins

// A result document with `padding` bytes in it; one reference.
struct document *fake_result(const char *query, unsigned int seq, unsigned int padding);

#endif
