/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_PKTGEN_SUPPORT_H
#define WEIR_TEST_PKTGEN_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <rte_mbuf.h>

#include "generator.h"
#include "profile.h"

// What the generator's tests share: EAL, a pool, profiles from text, a port that keeps frames.

int support_setup(void **state);     // group setup: EAL and the pool
int support_teardown(void **state);
struct rte_mempool *support_pool(void);
const struct protocol_table *support_names(void);

cJSON *json_of(const char *text);
struct profile *profile_of(const char *text);  // must be valid

// Takes `most` packets of a burst (0: all of them), and keeps a hash over the bytes of all frames.
struct sink {
	uint16_t most;
	uint64_t packets;
	uint64_t hash;
	void (*each)(struct sink *s, const uint8_t *frame, uint32_t bytes);  // may be NULL
	void *arg;
};

uint16_t sink_send(void *arg, struct rte_mbuf **packets, uint16_t n);
// A generator into the sink that does not wait for the clock.
struct generator *generator_of(const char *text, struct sink *s, bool unpaced);
void generator_poll_until(struct generator *g, const struct sink *s, uint64_t packets);

#endif
