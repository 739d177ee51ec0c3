/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_EAL_SUPPORT_H
#define WEIR_TEST_EAL_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

// cmocka's group set-up and tear-down around EAL without hugepages, devices or shared files. The
// tear-down fails when a packet was not given back.
int eal_setup(void **state);
int eal_teardown(void **state);

// A packet of `len` bytes copied from data, cut into segments of at most `segment` bytes, with
// `first` bytes in the first one. Freed by the caller.
struct rte_mbuf *eal_packet(const uint8_t *data, size_t len, size_t first, size_t segment);

/*
 * Memory whose end is the end of the readable world: len bytes that are followed by a page which
 * faults. Filled from data. Freed by eal_edge_free() with the same len.
 */
uint8_t *eal_edge_alloc(const void *data, size_t len);
void eal_edge_free(uint8_t *edge, size_t len);

// A packet of one segment over such memory, which stays the caller's.
struct rte_mbuf *eal_packet_over(uint8_t *data, size_t len);

// How many of the pages that lie wholly in these bytes the process has memory for.
size_t eal_pages_present(const void *p, size_t bytes);

// Small random numbers that are the same in every run (xorshift).
struct random {
	uint64_t state;
};

uint64_t random_next(struct random *r);
uint64_t random_below(struct random *r, uint64_t n);

#endif
