/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_SIZE_H
#define WEIR_PKTGEN_SIZE_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "alias.h"
#include "base/error.h"

// Frame sizes. Bytes are layer-2 frame bytes without FCS, as everywhere in Weir: what other tools
// call a 64-byte frame is 60 here. A frame is never shorter than its headers.

#define SIZE_BYTES_MIN 60u
#define SIZE_BYTES_MAX 9000u
#define SIZE_CHOICES 64u

enum size_type {
	SIZE_FIXED,
	SIZE_UNIFORM,
	SIZE_IMIX,
	SIZE_WEIGHTED,
};

struct size_spec {
	enum size_type type;
	uint32_t min;  // both the size of SIZE_FIXED
	uint32_t max;
	uint32_t count;  // of SIZE_WEIGHTED
	uint32_t sizes[SIZE_CHOICES];
	double weights[SIZE_CHOICES];
};

// A draw in one form for all types: a base and an even choice of what is added to it, or a table.
struct size_model {
	uint32_t min;
	uint32_t span;   // sizes min to min + span - 1; 0 where the table decides
	uint32_t count;
	uint32_t sizes[SIZE_CHOICES];
	struct alias_column columns[SIZE_CHOICES];
};

/*
 * Read a size, of frames or of messages.
 * @param path of the item, for errors
 * @param min, max bytes that are allowed
 */
int size_read(struct size_spec *inout, const cJSON *item, const char *path, uint32_t min,
	uint32_t max, struct error *err);
cJSON *size_json(const struct size_spec *s);
uint32_t size_largest(const struct size_spec *s);
// The mean of a value that each size has.
double size_mean(const struct size_spec *s, double (*value)(uint32_t size, const void *arg),
	const void *arg);
// -ENOMEM is possible.
int size_model_fill(struct size_model *m, const struct size_spec *s);

// The size that 32 random bits stand for.
static inline uint32_t
size_draw(const struct size_model *m, uint32_t bits)
{
	uint64_t x = (uint64_t)bits * m->count;
	const struct alias_column *c = &m->columns[x >> 32];

	if (m->span != 0)
		return m->min + (uint32_t)(((uint64_t)bits * m->span) >> 32);
	return m->sizes[(uint32_t)x <= c->threshold ? x >> 32 : c->other];
}

#endif
