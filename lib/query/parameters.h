/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_PARAMETERS_H
#define WEIR_QUERY_PARAMETERS_H

#include <stdint.h>

#include "base/error.h"

// What the built-in queries are made from.

struct query_parameters {
	double H;    // percent of the total that a share row exceeds, 0 < H <= 100
	uint32_t T;  // seconds of the window, 1 ... 3600
	uint32_t k;  // rows of a top-k result, 1 ... 1000
	double X;    // standard deviations that an outlier exceeds, 0 < X <= 1000
};

#define QUERY_T_MAX 3600
#define QUERY_K_MAX 1000
#define QUERY_X_MAX 1000.0
#define QUERY_PARAMETERS_DEFAULT ((struct query_parameters){.H = 10, .T = 10, .k = 10, .X = 2})

// 0, or -EINVAL with err->field "H", "T", "k" or "X". err may be NULL.
int query_parameters_check(const struct query_parameters *p, struct error *err);

// As above, and T must be whole panes of pane_us microseconds.
int query_parameters_check_pane(const struct query_parameters *p, uint64_t pane_us,
	struct error *err);

#endif
