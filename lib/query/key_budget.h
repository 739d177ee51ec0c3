/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_KEY_BUDGET_H
#define WEIR_QUERY_KEY_BUDGET_H

#include <assert.h>
#include <stdint.h>

#include "query/slice.h"

// The most keys of one dimension, in its windows, retained slices and the one that is being filled:
// what may be asked for, and what holds where nothing is asked. The default is as many as flows are
// tracked by default: so many flows at a time are told apart exactly, whatever the key.

#define KEY_BUDGET_MIN 1024
#define KEY_BUDGET_MAX 16000000
#define KEY_BUDGET_DEFAULT (UINT32_C(1) << 20)
static_assert(KEY_BUDGET_MAX < 1 << SLICE_ID_BITS, "ids of keys fit slices");

#endif
