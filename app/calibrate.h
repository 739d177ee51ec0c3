/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CALIBRATE_H
#define WEIR_APP_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/document.h"
#include "base/error.h"

// generator.calibrate: a profile runs through the live pipeline, and the results of the six
// built-in queries are held against the true answers (docs/adr/0020-calibration-by-position.md).

#define CALIBRATE_SECONDS_MAX 3600

struct calibration;
struct pipeline;

// For a pipeline with a generator. NULL with errno set.
struct calibration *calibration_create(struct pipeline *p);
// Ends a calibration that is going on. When the merge lcore has ended; before the generator is
// freed. NULL is fine.
void calibration_free(struct calibration *c);

// Merge lcore: this slice is complete, with so many packets received in it; its results and alerts
// follow.
// Neither waits; what finds no room makes the calibration fail. c may be NULL.
void calibration_slice(struct calibration *c, uint64_t index, uint64_t packets);
void calibration_document(struct calibration *c, struct document *d);

// Control thread. Start: 0, or -errno with err filled and nothing changed.
int calibration_start(struct calibration *c, const cJSON *changes, uint32_t seconds,
	struct error *err);
void calibration_tick(struct calibration *c);           // NULL is fine
bool calibration_is_on(const struct calibration *c);    // the generator is its; NULL: false
cJSON *calibration_json(const struct calibration *c);   // state and outcome; NULL: no memory

#endif
