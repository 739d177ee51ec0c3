/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/metric.h"

static const struct metric_ops *const distinct[QUERY_METRIC_KINDS - QUERY_METRICS] = {
	[QUERY_METRIC_PEERS - QUERY_METRICS] = &metric_peers,
	[QUERY_METRIC_PORTS - QUERY_METRICS] = &metric_ports,
};

const struct metric_ops *
metric_ops_get(enum query_metric m)
{
	return distinct[m - QUERY_METRICS];
}

const char *
query_metric_name(enum query_metric m)
{
	static const char *const sums[QUERY_METRICS] = {
		[QUERY_METRIC_BYTES] = "bytes",
		[QUERY_METRIC_PACKETS] = "packets",
		[QUERY_METRIC_FLOWS] = "flows",
	};

	return query_metric_distinct(m) ? metric_ops_get(m)->name : sums[m];
}

bool
metric_kind_directed(enum dimension_kind kind)
{
	switch (kind) {
	case DIMENSION_SRC_IP:
	case DIMENSION_DST_IP:
	case DIMENSION_SRC_PORT:
	case DIMENSION_DST_PORT:
	case DIMENSION_SRC_MAC:
	case DIMENSION_DST_MAC:
		return true;
	default:
		return false;
	}
}
