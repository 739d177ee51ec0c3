/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_SIZE_H
#define WEIR_PKTGEN_SIZE_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"

// Frame sizes. Bytes are layer-2 frame bytes without FCS, as everywhere in Weir: what other tools
// call a 64-byte frame is 60 here. A frame is never shorter than its headers.

#define SIZE_BYTES_MIN 60u
#define SIZE_BYTES_MAX 9000u
#define SIZE_CHOICES 12u  // of the simple IMIX: 7 small, 4 medium, 1 large

enum size_type {
	SIZE_FIXED,
	SIZE_UNIFORM,
	SIZE_IMIX,
};

struct size_spec {
	enum size_type type;
	uint32_t min;  // both the size of SIZE_FIXED
	uint32_t max;
};

// A draw in one form for all types: a base and an even choice of what is added to it.
struct size_model {
	uint32_t min;
	uint32_t span;    // sizes min to min + span - 1; 0 where the table decides
	uint16_t choices[SIZE_CHOICES];
};

int size_read(struct size_spec *inout, const cJSON *item, struct error *err);
cJSON *size_json(const struct size_spec *s);
uint32_t size_largest(const struct size_spec *s);
struct size_model size_model_make(const struct size_spec *s);

// The size that 32 random bits stand for.
static inline uint32_t
size_draw(const struct size_model *m, uint32_t bits)
{
	if (m->span != 0)
		return m->min + (uint32_t)(((uint64_t)bits * m->span) >> 32);
	return m->choices[((uint64_t)bits * SIZE_CHOICES) >> 32];
}

#endif
