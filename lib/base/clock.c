/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/clock.h"

#include <stdio.h>

char *
clock_rfc3339(uint64_t us, char *buf)
{
	time_t s = (time_t)(us / CLOCK_US_PER_S);
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(buf, CLOCK_RFC3339_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, CLOCK_RFC3339_LEN - n, ".%03uZ", (unsigned int)(us % CLOCK_US_PER_S / 1000));
	return buf;
}
