/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/port_rss.h"

#include <string.h>

#define KEY_MAX 64
#define KEY_USUAL 40
#define PORT_TYPES (RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP)

// A Toeplitz key whose 16-bit period makes both directions of a flow hash alike (Woo and Park,
// "Scalable TCP session monitoring with symmetric RSS", 2012).
#define KEY_4 0x6d, 0x5a, 0x6d, 0x5a
#define KEY_16 KEY_4, KEY_4, KEY_4, KEY_4
static uint8_t symmetric_key[KEY_MAX] = {KEY_16, KEY_16, KEY_16, KEY_16};

bool
port_rss_possible(const struct rte_eth_dev_info *info)
{
	return (info->flow_type_rss_offloads & RTE_ETH_RSS_IP) != 0 && info->max_rx_queues > 1;
}

static size_t
key_bytes(const struct rte_eth_dev_info *info)
{
	return info->hash_key_size == 0 ? KEY_USUAL :
		RTE_MIN((size_t)info->hash_key_size, sizeof(symmetric_key));
}

static bool
level_inner_possible(const struct rte_eth_dev_info *info)
{
	return RTE_ETH_RSS_LEVEL(info->flow_type_rss_offloads) >=
		RTE_ETH_RSS_LEVEL(RTE_ETH_RSS_LEVEL_INNERMOST);
}

/*
 * Addresses, and ports where they keep flows together. They do not where fragments have to meet
 * (later ones have no ports), nor where inner flows are followed and the hash sees outer headers
 * only: the UDP ports of VXLAN or Geneve differ by direction, outer addresses are the same two.
 */
static uint64_t
types_wanted(const struct rte_eth_dev_info *info, const struct port_wish *wish)
{
	bool inner = wish->inner && !wish->by_addresses && level_inner_possible(info);
	uint64_t types = RTE_ETH_RSS_IP;

	if (!wish->by_addresses && (inner || !wish->inner))
		types |= PORT_TYPES;
	types &= info->flow_type_rss_offloads;
	if (inner)
		types |= RTE_ETH_RSS_LEVEL_INNERMOST;
	else if (wish->inner &&
		(info->flow_type_rss_offloads & RTE_ETH_RSS_LEVEL_OUTERMOST) != 0)
		types |= RTE_ETH_RSS_LEVEL_OUTERMOST;
	return types;
}

void
port_rss_fill(const struct rte_eth_dev_info *info, const struct port_wish *wish,
	struct rte_eth_rss_conf *ret)
{
	*ret = (struct rte_eth_rss_conf){
		.rss_key = symmetric_key,
		.rss_key_len = (uint8_t)key_bytes(info),
		.rss_hf = types_wanted(info, wish),
	};
}

static const char *
rss_fault(uint16_t id, const struct rte_eth_dev_info *info, const struct port_wish *wish,
	uint64_t *ret_types)
{
	uint64_t wanted = types_wanted(info, wish);
	uint8_t key[KEY_MAX] = {0};
	struct rte_eth_rss_conf conf = {.rss_key = key, .rss_key_len = sizeof(key)};

	if (rte_eth_dev_rss_hash_conf_get(id, &conf) != 0)
		return "the driver does not say how it spreads flows";
	// Drivers that leave the length alone have written as many bytes as they announce.
	if (conf.rss_key_len == 0 ||
		memcmp(key, symmetric_key, RTE_MIN((size_t)conf.rss_key_len, key_bytes(info))) != 0)
		return "the driver has not taken the symmetric key";
	if ((conf.rss_hf & wanted & RTE_ETH_RSS_IP) == 0 || (conf.rss_hf & ~wanted &
		(PORT_TYPES | RTE_ETH_RSS_LEVEL_MASK)) != 0 ||
		((wanted & ~conf.rss_hf) & RTE_ETH_RSS_LEVEL_MASK) != 0)
		return "the driver hashes other fields than asked for";
	*ret_types = conf.rss_hf;
	return NULL;
}

const char *
port_rss_confirm(uint16_t id, const struct rte_eth_dev_info *info, const struct port_wish *wish,
	uint64_t *ret_types)
{
	const char *fault = rss_fault(id, info, wish, ret_types);
	struct rte_eth_rss_conf conf;

	if (fault == NULL)
		return NULL;
	port_rss_fill(info, wish, &conf);
	if (rte_eth_dev_rss_hash_update(id, &conf) != 0)
		return fault;
	return rss_fault(id, info, wish, ret_types);
}

const char *
port_rss_tuple(uint64_t types)
{
	return (types & PORT_TYPES) != 0 ? "addresses_ports" : "addresses";
}

const char *
port_rss_level(uint64_t types)
{
	switch (types & RTE_ETH_RSS_LEVEL_MASK) {
	case RTE_ETH_RSS_LEVEL_INNERMOST:
		return "inner";
	case RTE_ETH_RSS_LEVEL_OUTERMOST:
		return "outer";
	default:
		return "driver";
	}
}
