/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_SIGMA_TIES_H
#define WEIR_TEST_SIGMA_TIES_H

#include <stdbool.h>
#include <stdint.h>

// Values of which the largest lies X sigma above the mean, as near as a double can say, which is
// not exactly: (n value - sum) / sqrt(n squares - sum^2) is no rational number in any of them.
// Whether it is an outlier follows from n value - sum > X sqrt(n squares - sum^2), each side
// rounded to a double at each step, and sqrt(n - 1) > X.
struct sigma_tie {
	uint64_t values[8];  // rising
	uint32_t count;
	double x;
	bool outlier;
};

static const struct sigma_tie sigma_ties[] = {
	{{1, 8, 12}, 3, 1.0998533626601497, true},
	{{1, 1, 5, 6}, 4, 1.2074068598865937, true},
	{{1, 2, 3, 10, 11}, 5, 1.3258384266690595, true},
	{{1, 1, 1, 5}, 4, 1.7320508075688772, false},
	{{1, 2, 2, 13}, 4, 1.7260884807271524, false},
	{{1, 1, 2, 6, 12}, 5, 1.7993521504794379, false},
};

#define SIGMA_TIES (sizeof(sigma_ties) / sizeof(sigma_ties[0]))

#endif
