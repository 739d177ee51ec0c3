/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_MEMORY_PLAN_H
#define WEIR_APP_MEMORY_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"

struct pipeline;

/*
 * What this run can take in memory, said before it is taken. Each part is bounded from the start
 * and has a row of its own; the program and EAL's own are what is resident when the plan is made.
 * Of the queries it has those that the run begins with. What a worker, a port or a thread allocates
 * for good belongs here.
 */
struct memory_part {
	const char *name;
	size_t bytes;
};

#define MEMORY_PARTS 16

struct memory_plan {
	struct memory_part parts[MEMORY_PARTS];
	unsigned int count;
	size_t bytes;        // sum of all parts
	size_t tables;       // of them, for the flows of all workers
	size_t queries;      // and for the queries
	bool present;        // the tables are made present at the start
};

/*
 * Make the plan and print it on standard error: after EAL has started and workers are decided,
 * before anything large is allocated. 0, or -ENOMEM with err naming what is larger, --flow-capacity
 * or --key-budget, when there is less than that.
 */
int memory_plan_make(const struct pipeline *p, struct memory_plan *ret, struct error *err);

// Make the tables of all workers present, if the plan says so. 0, or -ENOMEM with err filled.
int memory_plan_prefault(const struct pipeline *p, struct error *err);

// "memory" of stats.get and of the report. Any thread.
void memory_plan_json(const struct memory_plan *plan, cJSON *stats);

#endif
