/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_APPORTION_H
#define WEIR_PKTGEN_APPORTION_H

#include <stdint.h>

// Hands out flows to addresses (or protocols) so that the masses of the flows come out at the
// weights. Each key starts with a capacity, its weight; a flow goes to a key drawn in proportion to
// the capacity left, among those that still hold the flow's mass where there is one, and takes
// its mass from it. With flows in order of falling mass the last and smallest fill what the
// large ones left over, so the error of a key is about the mass of a small flow.

struct apportion;

// n keys; none of the weights negative, their sum above 0. NULL with errno set.
struct apportion *apportion_create(const double *weights, uint32_t n, uint64_t stream);
void apportion_free(struct apportion *a);

// The key of the next flow, whose part of all packets is mass.
uint32_t apportion_draw(struct apportion *a, double mass);

#endif
