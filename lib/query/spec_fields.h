/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_SPEC_FIELDS_H
#define WEIR_QUERY_SPEC_FIELDS_H

#include "base/param.h"

// The fields of a query (interfaces.md section 2), ended by a row without a name: what spec_parse.c
// says is allowed, and what the methods query.* tell of their parameters.
extern const struct param query_fields[];

#endif
