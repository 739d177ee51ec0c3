/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_METRIC_H
#define WEIR_QUERY_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "pane/pane.h"
#include "query/counts.h"
#include "query/dimension_spec.h"

// What a key can be measured by. Metrics below QUERY_METRICS are sums, which every dimension counts
// anyway. The others are numbers of different things; each is a small file with one struct
// metric_ops, and they are counted where a query asks for them.

const char *query_metric_name(enum query_metric m);

static inline bool
query_metric_distinct(enum query_metric m)
{
	return m >= QUERY_METRICS;
}

// One thing that may be met again: equal things are equal in all of it.
struct metric_thing {
	uint64_t word[2];
	uint64_t kind;
};

#define METRIC_THINGS_MAX 2

struct metric_ops {
	const char *name;
	// Why it cannot be asked for with this key; NULL if it can.
	const char *(*refusal)(enum dimension_kind kind);
	// The things that a delta adds to a key of this kind. `part` is the contribution's: the end or
	// the direction that the key is of.
	unsigned int (*things)(enum dimension_kind kind, const struct pane_delta *delta,
		unsigned int part, struct metric_thing ret[METRIC_THINGS_MAX]);
};

extern const struct metric_ops metric_peers;
extern const struct metric_ops metric_ports;

// Of a metric that is distinct.
const struct metric_ops *metric_ops_get(enum query_metric m);

// Is the key the sender or the receiver of packets, so that directions are told apart? Such keys
// count things in the forward direction only: source and destination are those of the flow's first
// packet, as with the metric flows.
bool metric_kind_directed(enum dimension_kind kind);

#endif
