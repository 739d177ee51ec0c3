/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PROGRESS_H
#define WEIR_PKTGEN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "generator.h"
#include "profile.h"

// The progress line of weir-pktgen on standard error: on a terminal one that is written anew, elsewhere
// a line each time. One thread.

struct progress {
	double period_s;    // 0: none
	bool in_place;      // standard error is a terminal
	bool shown;         // there is a line that has not ended
	double duration_s;  // of the profile, 0: no end in time
	uint64_t packets;   // likewise, 0: no end in packets
	bool timed;         // packet time goes by the clock
	uint64_t begun_tsc, last_tsc, last_sent;
};

// period_s 0: each second on a terminal, not at all elsewhere. timed: packet time goes by the clock.
void progress_begin(struct progress *p, double period_s, const struct profile *profile, bool timed);
void progress_tick(struct progress *p, const struct generator *g);  // as often as you like
void progress_end(struct progress *p);

// Seconds until an end after so much time or so many packets (0: none), whichever comes first, at this rate;
// infinite without one. s: since the begin.
double progress_left(double duration_s, uint64_t packets, const struct generator_stats *s, double pps);

#endif
