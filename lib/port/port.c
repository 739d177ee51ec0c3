/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/port.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_ethdev.h>

#include "base/log.h"

#define JUMBO_MTU 9000

// A Toeplitz key whose 16-bit period makes both directions of a flow hash alike (Woo and Park,
// "Scalable TCP session monitoring with symmetric RSS", 2012).
static uint8_t rss_symmetric_key[64] = {
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
};

int
port_queues_max(uint16_t id)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(id, &info);

	if (rc != 0)
		return rc;
	return info.max_rx_queues > 0 ? info.max_rx_queues : 1;
}

static void
conf_fill(const struct rte_eth_dev_info *info, uint16_t queues, struct rte_eth_conf *conf)
{
	*conf = (struct rte_eth_conf){0};
	if ((info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 &&
		info->max_mtu >= JUMBO_MTU) {
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
		conf->rxmode.mtu = JUMBO_MTU;
	}
	if (queues > 1) {
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_key = rss_symmetric_key;
		conf->rx_adv_conf.rss_conf.rss_key_len = RTE_MIN(
			info->hash_key_size != 0 ? info->hash_key_size : 40,
			(uint8_t)sizeof(rss_symmetric_key));
		conf->rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads &
			(RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP);
	}
}

// Ask the driver which key it uses: a port that silently kept its own would split flows.
static bool
rss_is_symmetric(uint16_t id, uint16_t queues)
{
	uint8_t key[sizeof(rss_symmetric_key)] = {0};
	struct rte_eth_rss_conf conf = {.rss_key = key, .rss_key_len = sizeof(key)};

	if (queues == 1)
		return true;
	if (rte_eth_dev_rss_hash_conf_get(id, &conf) != 0 || conf.rss_key_len == 0)
		return false;
	return memcmp(key, rss_symmetric_key, RTE_MIN(conf.rss_key_len, sizeof(key))) == 0 &&
		conf.rss_hf != 0;
}

/*
 * A net_af_packet port: take the interface's name, find its sockets to count what the kernel
 * drops, and note where frames are cut: the kernel puts 66 bytes of its own before an Ethernet
 * frame in a slot of `framesz` bytes (linux/if_packet.h, TPACKET_V2).
 */
static void
af_packet_note(struct port *p, const struct rte_eth_dev_info *info)
{
	const struct rte_devargs *devargs = rte_dev_devargs(info->device);
	const char *args = devargs != NULL ? devargs->args : NULL, *at;
	char interface[IF_NAMESIZE] = "";
	unsigned int framesz = 2048;

	if (strcmp(info->driver_name, "net_af_packet") != 0 || args == NULL)
		return;
	at = strstr(args, "iface=");
	if (at != NULL && sscanf(at, "iface=%15[^,]", interface) == 1)
		snprintf(p->name, sizeof(p->name), "%s", interface);
	at = strstr(args, "framesz=");
	if (at != NULL && sscanf(at, "framesz=%u", &framesz) == 1 && framesz < 128)
		framesz = 2048;
	p->snap_bytes = framesz - 66;
	af_packet_stats_find(&p->af_packet, interface);
	if (p->af_packet.count == 0)
		log_warning("port", "%s: cannot see what the kernel drops", p->name);
}

static int
queues_setup(const struct port *p, struct rte_mempool *pool)
{
	uint16_t rx = PORT_DESCRIPTORS, tx = PORT_DESCRIPTORS;
	int socket = rte_eth_dev_socket_id(p->id);
	int rc = rte_eth_dev_adjust_nb_rx_tx_desc(p->id, &rx, &tx);

	if (rc != 0)
		return rc;
	for (uint16_t q = 0; q < p->queues; q++) {
		rc = rte_eth_rx_queue_setup(p->id, q, rx, (unsigned int)socket, NULL, pool);
		if (rc != 0)
			return rc;
	}
	// Nothing is sent by Weir, but many drivers want a transmit queue, and ring ports use it.
	return rte_eth_tx_queue_setup(p->id, 0, tx, (unsigned int)socket, NULL);
}

static int
port_start(struct port *p)
{
	int rc = rte_eth_dev_start(p->id);

	if (rc != 0)
		return rc;
	if (rte_eth_promiscuous_enable(p->id) != 0)
		log_info("port", "%s: no promiscuous mode", p->name);
	if (rte_eth_allmulticast_enable(p->id) != 0)
		log_info("port", "%s: no all-multicast mode", p->name);
	return 0;
}

int
port_open(uint16_t id, uint16_t queues, struct rte_mempool *pool, struct port *ret,
	struct error *err)
{
	struct port p = {.id = id, .queues = queues};
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int rc;

	rc = rte_eth_dev_info_get(id, &info);
	if (rc != 0)
		return error_set(err, rc, "port %u: %s", id, strerror(-rc));
	rte_eth_dev_get_name_by_port(id, p.name);
	snprintf(p.driver, sizeof(p.driver), "%s", info.driver_name);
	if (queues > info.max_rx_queues)
		return error_field(err, -EINVAL, "--workers",
			"--workers: port %s has at most %u receive queues, %u wanted", p.name,
			info.max_rx_queues, queues);
	conf_fill(&info, queues, &conf);
	rc = rte_eth_dev_configure(id, queues, 1, &conf);
	if (rc == 0)
		rc = queues_setup(&p, pool);
	if (rc == 0)
		rc = port_start(&p);
	if (rc != 0)
		return error_set(err, rc, "port %s (%s): cannot be started: %s", p.name, p.driver,
			strerror(-rc));
	p.started = true;
	af_packet_note(&p, &info);
	p.rss_symmetric = rss_is_symmetric(id, queues);
	if (!p.rss_symmetric)
		log_warning("port", "%s: the driver does not confirm symmetric RSS; the two "
			"directions of a flow may be counted by different workers", p.name);
	*ret = p;
	return 0;
}

void
port_stats_get(struct port *p, struct port_stats *ret)
{
	struct rte_eth_stats s = {0};
	struct rte_eth_link link = {0};

	rte_eth_stats_get(p->id, &s);
	rte_eth_link_get_nowait(p->id, &link);
	*ret = (struct port_stats){
		.ipackets = s.ipackets,
		.ibytes = s.ibytes,
		.opackets = s.opackets,
		.obytes = s.obytes,
		.missed = s.imissed + __atomic_load_n(&p->refused, __ATOMIC_RELAXED) +
			af_packet_stats_dropped(&p->af_packet),
		.errors = s.ierrors,
		.nombuf = s.rx_nombuf,
		.link_up = link.link_status == RTE_ETH_LINK_UP,
	};
}

void
port_stop(struct port *p)
{
	// The driver closes its sockets: what they know is asked for now, and counted from then on.
	p->refused += af_packet_stats_dropped(&p->af_packet);
	p->af_packet = (struct af_packet_stats){0};
	if (p->started)
		rte_eth_dev_stop(p->id);
	p->started = false;
}

void
port_close(struct port *p)
{
	rte_eth_dev_close(p->id);
	rte_ring_free(p->ring);
	p->ring = NULL;
}
