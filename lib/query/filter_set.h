/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_FILTER_SET_H
#define WEIR_QUERY_FILTER_SET_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "base/error.h"
#include "query/filter.h"

// The filters in use, each with a bit of a flow's filter_mask. A filter keeps its bit for as long as
// some query has it, so masks of flows that were decided under an earlier set stay true in the bits
// that did not change.
//
// A bit that has become free may still be asked for: by the merge lcore, which has not seen the new
// set yet. It is given away again only when everybody has (`settled`).

#define FILTERS_MAX 64

struct filter_set {
	uint32_t version;   // changes when the filters do; 0 is no set
	uint64_t used;      // bits
	struct filter *filter[FILTERS_MAX];
	uint32_t since[FILTERS_MAX];  // version that gave the bit its filter
	uint32_t freed[FILTERS_MAX];  // version that took it away
};

#define FILTER_NONE FILTERS_MAX

// Bit number of a filter by its text, FILTER_NONE if it is not in use.
unsigned int filter_set_find(const struct filter_set *s, const char *text);

// One reference more to every filter of s, for a copy of it. Control thread, like the rest here.
void filter_set_hold(struct filter_set *s);
void filter_set_fini(struct filter_set *s);

/*
 * Bring a filter into s; its bit may be there already.
 *
 * @param settled every reader has seen the set of this version, or a later one
 * @return 0; -EINVAL with libpcap's message in err; -EAGAIN: all bits are in use or were a moment
 *         ago; -ENOMEM
 */
int filter_set_add(struct filter_set *s, const char *text, uint32_t settled, enum filter_mode mode,
	struct error *err);
// Free a bit, as of s->version.
void filter_set_remove(struct filter_set *s, unsigned int bit);

// RX lcore: which filters a packet passes, as a flow's filter_mask.
static inline uint64_t
filter_set_match(const struct filter_set *s, uint32_t linktype, const struct rte_mbuf *m)
{
	uint64_t mask = 0;

	for (uint64_t left = s->used; left != 0; left &= left - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(left);

		mask |= (uint64_t)filter_match(s->filter[bit], linktype, m) << bit;
	}
	return mask;
}

// RX lcore: the same for a flow that began before `seen`, the version its mask is of: what filters
// since then say of its key, and what it had of the others.
uint64_t filter_set_catch_up(const struct filter_set *s, uint64_t mask, uint32_t seen,
	const struct flow_key *key, bool swapped, const uint8_t src_mac[6],
	const uint8_t dst_mac[6]);

#endif
