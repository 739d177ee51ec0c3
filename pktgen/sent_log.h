/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_SENT_LOG_H
#define WEIR_PKTGEN_SENT_LOG_H

#include <stdint.h>

#include "run.h"

// Every packet that the port took, in order: one generator lcore notes them, one other thread takes
// them. For calibration (docs/adr/0020): a ring port hands packets over in this same order, so whoever
// knows how many packets were received until some moment knows which ones.

struct sent_log;

// With room for at least so many packets. NULL with errno set.
struct sent_log *sent_log_create(uint32_t packets);
void sent_log_free(struct sent_log *l);  // NULL is fine

// Generator lcore: packets from `from` to b->sent - 1 were sent, in this segment of the plan. What
// finds no room is counted.
void sent_log_put(struct sent_log *l, const struct burst *b, uint16_t from, uint32_t segment);

/*
 * The other thread: the next packets, as a burst that answer_key_count() takes.
 * @param most at most so many, and at most BURST_MAX
 * @param ret_segment of the last one; untouched when there is none
 * @return their number
 */
uint16_t sent_log_take(struct sent_log *l, uint64_t most, struct burst *b, uint32_t *ret_segment);
uint32_t sent_log_count(const struct sent_log *l);  // that wait to be taken
uint64_t sent_log_lost(const struct sent_log *l);   // any thread: that found no room

// TSC when the first packet of a segment was sent that has been taken; 0: none yet.
uint64_t sent_log_begun(const struct sent_log *l, uint32_t segment);

#endif
