/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_RX_FILTER_H
#define WEIR_APP_RX_FILTER_H

#include <rte_branch_prediction.h>

#include "flow/flow.h"
#include "query/filter_set.h"

// Filters are decided once per flow, on its first packet. When the set of filters has changed since,
// the flow is looked at again with its next packet that comes in a new pane, which is when its line
// of the pane is touched anyway: what is new is decided on its key.

static inline void
rx_filter_flow(const struct filter_set *s, struct flow *f, bool started, uint32_t linktype,
	const struct rte_mbuf *m)
{
	if (likely(!started && f->filter_version == s->version))
		return;
	if (started)
		f->filter_mask = filter_set_match(s, linktype, m);
	else
		f->filter_mask = filter_set_catch_up(s, f->filter_mask, f->filter_version, &f->key,
			f->fwd_swapped, f->src_mac, f->dst_mac);
	f->filter_version = s->version;
}

#endif
