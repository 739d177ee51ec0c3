/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H

#include <stdint.h>
#include <stddef.h>
#include <time.h>

#define CLOCK_US_PER_S UINT64_C(1000000)

// Which time panes, flows and windows run on (`clock` in the configuration).
enum clock_source {
	CLOCK_WALL,    // the machine's real-time clock
	CLOCK_PACKET,  // time stamps of the packets, on captures
};

// Wall time in microseconds since the Unix epoch. vDSO read, no system call; any thread.
static inline uint64_t
clock_wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_US_PER_S + (uint64_t)ts.tv_nsec / 1000;
}

// Monotonic microseconds, for durations and pacing of control work; any thread.
static inline uint64_t
clock_monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_US_PER_S + (uint64_t)ts.tv_nsec / 1000;
}

#define CLOCK_RFC3339_LEN 32

// Write `us` as RFC 3339 UTC with milliseconds ("2026-11-26T14:40:44.123Z") into buf, which has
// at least CLOCK_RFC3339_LEN bytes. Returns buf.
char *clock_rfc3339(uint64_t us, char *buf);

#endif
