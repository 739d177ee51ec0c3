/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_HASH_H
#define WEIR_FLOW_FLOW_HASH_H

#include <stdint.h>

#include "packet/flow_key.h"

// Hash of a flow key under secret random words, so that nobody who sends packets can aim at one
// bucket. Each pair of key words, masked with a pair of secret words, is multiplied to 128 bits
// and folded: three independent multiplications, then one to mix. CRC and Toeplitz hashes are
// linear, and rte_jhash takes several times as long for 48 bytes.

struct flow_hash_secret {
	uint64_t word[8];
};

// Random words (rte_rand, seeded by EAL from the hardware), or reproducible ones if seed != 0.
void flow_hash_secret_init(struct flow_hash_secret *s, uint64_t seed);

static inline uint64_t
flow_hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline uint64_t
flow_hash(const struct flow_hash_secret *s, const struct flow_key *key)
{
	uint64_t h = 0;

	for (unsigned int i = 0; i < 6; i += 2)
		h += flow_hash_fold(flow_key_word(key, i) ^ s->word[i],
			flow_key_word(key, i + 1) ^ s->word[i + 1]);
	return flow_hash_fold(h ^ s->word[6], s->word[7]);
}

#endif
