/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_PROFILE_FIELDS_H
#define WEIR_BASE_PROFILE_FIELDS_H

#include "base/param.h"

// The members of a generator's profile (interfaces.md section 8), ended by a row without a name: which
// ones pktgen/profile.c knows, and what generator.set tells of its parameters. Here, as both the control
// plane and the generator need it.
extern const struct param profile_fields[];

#endif
