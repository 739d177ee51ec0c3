/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/parameters.h"

#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"

int
query_parameters_check(const struct query_parameters *p, struct error *err)
{
	if (!(p->H > 0 && p->H <= 100))
		return error_field(err, -EINVAL, "H",
			"H: %g found, percent above 0 and at most 100 allowed", p->H);
	if (p->T < 1 || p->T > QUERY_T_MAX)
		return error_field(err, -EINVAL, "T",
			"T: %" PRIu32 " found, whole seconds from 1 to %d allowed",
			p->T, QUERY_T_MAX);
	if (p->k < 1 || p->k > QUERY_K_MAX)
		return error_field(err, -EINVAL, "k",
			"k: %" PRIu32 " found, rows from 1 to %d allowed", p->k, QUERY_K_MAX);
	if (!(p->X > 0 && p->X <= QUERY_X_MAX))
		return error_field(err, -EINVAL, "X",
			"X: %g found, standard deviations above 0 and at most %g allowed",
			p->X, QUERY_X_MAX);
	return 0;
}

int
query_parameters_check_pane(const struct query_parameters *p, uint64_t pane_us, struct error *err)
{
	int rc = query_parameters_check(p, err);

	if (rc != 0)
		return rc;
	if (p->T * CLOCK_US_PER_S % pane_us != 0)
		return error_field(err, -EINVAL, "T",
			"T: %" PRIu32 " found, a multiple of the pane (%g seconds) allowed", p->T,
			(double)pane_us / CLOCK_US_PER_S);
	return 0;
}
