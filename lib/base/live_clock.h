/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_LIVE_CLOCK_H
#define WEIR_BASE_LIVE_CLOCK_H

#include <stdint.h>

#include "base/clock.h"

/*
 * The clock of live inputs: wall time that never stands still and never goes back. It is the
 * machine's monotonic clock plus an offset that follows wall time:
 *
 *   wall time steps forward (a first NTP answer, a resumed machine): followed at once
 *   wall time steps back: the clock stays ahead and gives back a tenth of the time that passes,
 *   so windows go on with every second a little short, until both agree again
 */
struct live_clock {
	int64_t offset_us;    // wall - monotonic; control thread writes, any thread reads
	uint64_t followed_us; // monotonic time of the last live_clock_follow()
};

#define LIVE_CLOCK_STEP_US INT64_C(1000000)  // differences from here on are worth a word

void live_clock_init(struct live_clock *c, uint64_t wall_us, uint64_t monotonic_us);

// Control thread, several times a second: compare with wall time. Returns the difference that was
// found (positive: wall time is ahead), in microseconds.
int64_t live_clock_follow(struct live_clock *c, uint64_t wall_us, uint64_t monotonic_us);

// Any thread: microseconds since the Unix epoch.
static inline uint64_t
live_clock_us(const struct live_clock *c)
{
	return (uint64_t)((int64_t)clock_monotonic_us() +
		__atomic_load_n(&c->offset_us, __ATOMIC_RELAXED));
}

#endif
