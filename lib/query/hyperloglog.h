/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_HYPERLOGLOG_H
#define WEIR_QUERY_HYPERLOGLOG_H

#include <assert.h>
#include <stdint.h>

// How many different things there were, from registers. A thing is hashed to 40 bits: the upper 11
// choose one of 2048 registers, the rest gives a rank, the number of its leading zeros and one. A
// register holds the largest rank that it has met. (Flajolet, Fusy, Gandouet, Meunier: HyperLogLog,
// AofA 2007.)
//
// 40 bits keep collisions of hashes out of
// it: of 10^8 things they hide 0.005 percent.

#define HLL_PRECISION 11
#define HLL_REGISTERS (1U << HLL_PRECISION)
#define HLL_HASH_BITS 40
#define HLL_REST_BITS (HLL_HASH_BITS - HLL_PRECISION)
#define HLL_RANK_MAX (HLL_REST_BITS + 1)
#define HLL_STANDARD_ERROR 0.0230  // 1.04 / sqrt(HLL_REGISTERS)

// What a hash says besides its register.
static inline unsigned int
hll_rank(uint64_t hash)
{
	uint64_t rest = hash & ((UINT64_C(1) << HLL_REST_BITS) - 1);

	return rest == 0 ? HLL_RANK_MAX :
		(unsigned int)__builtin_clzll(rest) - (64 - HLL_REST_BITS) + 1;
}

/*
 * @param of how many registers hold each rank, 0 for those that have met nothing; HLL_REGISTERS in sum
 */
uint64_t hll_estimate(const uint32_t of[HLL_RANK_MAX + 1]);

// The error of an estimate that three standard errors allow, in whole things: the true number is
// within value - error ... value + error in more than 99.7 of 100 cases.
uint64_t hll_error(uint64_t value);

#endif
