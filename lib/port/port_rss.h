/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_PORT_RSS_H
#define WEIR_PORT_PORT_RSS_H

#include <stdbool.h>

#include <rte_ethdev.h>

#include "port/port.h"

// Receive side scaling such that both directions of a flow come to the same queue: what to ask a
// driver for, and whether it did it. A driver that says nothing, keeps its own key, or hashes more
// than it was asked to is not trusted: wrong flows are worse than a slower way.

// Can the driver be asked at all, by what it says of itself?
bool port_rss_possible(const struct rte_eth_dev_info *info);

// What to ask for. The key in it is static memory.
void port_rss_fill(const struct rte_eth_dev_info *info, const struct port_wish *wish,
	struct rte_eth_rss_conf *ret);

/*
 * Ask the started port what it does; if that is something else than port_rss_fill() asked for, ask it
 * once more to change (some drivers listen only while they run). NULL if it does that or a part of
 * it, with RTE_ETH_RSS_ bits in *ret_types; else a few words that say what is wrong.
 */
const char *port_rss_confirm(uint16_t id, const struct rte_eth_dev_info *info,
	const struct port_wish *wish, uint64_t *ret_types);

// Words for people and for ports.list.
const char *port_rss_tuple(uint64_t types);  // "addresses" or "addresses_ports"
const char *port_rss_level(uint64_t types);  // "inner", "outer", or "driver": its default

#endif
