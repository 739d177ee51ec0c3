/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_SPEC_READ_H
#define WEIR_QUERY_SPEC_READ_H

#include "query/spec.h"

// For the files that read a query's JSON.

struct spec_reader {
	const char *path;  // before the names of fields in faults
	const struct query_context *context;
	struct query_spec *spec;
	struct error_list *errors;
};

// "PATH FIELD: found X; allowed is Y", or that it is missing (item NULL).
void spec_fault(const struct spec_reader *r, const char *field, const cJSON *item,
	const char *allowed);

// A field that is there twice is a fault: only one of them would be looked at.
void spec_twice_check(const struct spec_reader *r, const char *prefix, const cJSON *object);

// Whole microseconds of a number of seconds above 0, at most the longest window; 0 if it is none.
uint64_t spec_seconds_get(const cJSON *item);

// After metric, slide and window, which it has to suit.
void spec_compare_read(const struct spec_reader *r, const cJSON *json);

void spec_op_read(const struct spec_reader *r, const cJSON *json);

#endif
