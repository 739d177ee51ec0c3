/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PRNG_H
#define WEIR_PKTGEN_PRNG_H

#include <stdint.h>

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
// 2014), used as a function of a counter: number n of a stream is a mix of seed and n. So packet k
// draws the same numbers whoever asks for it, in whatever order and however large the burst.

// Independent streams of one seed.
enum prng_stream {
	PRNG_ADDRESS = 1,  // which address a flow gets
	PRNG_PROTOCOL,     // which protocol a flow gets
	PRNG_ENDS,         // client side, peer, server ports, first sequence numbers
	PRNG_PORTS,        // where the client ports of a peer begin
	PRNG_FLOW,         // which flow packet k belongs to
	PRNG_SHAPE,        // size and direction of packet k
	PRNG_GAP,          // time from packet k to the next one
};

#define PRNG_GAMMA UINT64_C(0x9e3779b97f4a7c15)  // 2^64 / golden ratio, odd

static inline uint64_t
prng_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

// Where a stream of a seed begins.
static inline uint64_t
prng_stream(uint64_t seed, enum prng_stream id)
{
	return prng_mix(prng_mix(seed + PRNG_GAMMA) + (uint64_t)id * PRNG_GAMMA);
}

// Number n of a stream, 64 bits.
static inline uint64_t
prng_word(uint64_t stream, uint64_t n)
{
	return prng_mix(stream + (n + 1) * PRNG_GAMMA);
}

// A word scaled to [0, bound).
static inline uint64_t
prng_below(uint64_t word, uint64_t bound)
{
	return (uint64_t)(((unsigned __int128)word * bound) >> 64);
}

#endif
