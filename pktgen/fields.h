/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_FIELDS_H
#define WEIR_PKTGEN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"

// Reads the members of a JSON object so that every error says the path of the field, what was
// found there and what is allowed. A member that is missing or null leaves *inout as it is: the
// caller has put the default there.

#define FIELD_PATH_LEN 96  // as error.h

// The largest whole number that every JSON reader holds exactly.
#define FIELD_WHOLE_MAX ((UINT64_C(1) << 53) - 1)

// "found X, allowed is <allowed>" at the path; gives back -EINVAL.
int field_wrong(struct error *err, const char *path, const cJSON *item, const char *allowed, ...)
	__attribute__((format(printf, 4, 5)));

// "parent.name", or name alone where the parent is the profile itself (""). Returns buf.
char *field_path(char *buf, const char *parent, const char *name);
char *field_path_index(char *buf, const char *parent, size_t index);

// The member, NULL where it is missing or null.
const cJSON *field_item(const cJSON *object, const char *name);

// item is an object with no members but the known ones (NULL terminated), each at most once.
int fields_check(const cJSON *item, const char *path, const char *const *known,
	struct error *err);

int field_whole(const cJSON *object, const char *parent, const char *name, uint64_t min,
	uint64_t max, uint64_t *inout, struct error *err);
int field_number(const cJSON *object, const char *parent, const char *name, double min,
	double max, double *inout, struct error *err);
int field_bool(const cJSON *object, const char *parent, const char *name, bool *inout,
	struct error *err);
// Text of 1 to size - 1 bytes.
int field_text(const cJSON *object, const char *parent, const char *name, char *inout,
	size_t size, struct error *err);

// A list of `count` weights, one for each of `of`: none negative, not all 0.
int field_weights(const cJSON *object, const char *parent, const char *name, const char *of,
	uint32_t count, double *inout, struct error *err);
// One of the texts (NULL terminated), as its index.
int field_choice(const cJSON *object, const char *parent, const char *name,
	const char *const *choices, unsigned int *inout, struct error *err);
// As field_number(), of a member that has to be there.
int field_number_required(const cJSON *object, const char *parent, const char *name, double min,
	double max, double *ret, struct error *err);

#endif
