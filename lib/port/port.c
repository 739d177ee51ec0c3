/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/port.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_ethdev.h>

#include "base/log.h"
#include "port/port_rss.h"
#include "port/promiscuous.h"

#define JUMBO_MTU 9000

int
port_queues_max(uint16_t id)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(id, &info);

	if (rc != 0)
		return rc;
	return port_rss_possible(&info) ? info.max_rx_queues : 1;
}

/*
 * Drivers whose queues are made with the device: whoever feeds them does so whether they are polled
 * or not (the kernel's fanout group, the captures of net_pcap), so all of them have to be.
 */
static bool
queues_are_fixed(const struct rte_eth_dev_info *info)
{
	static const char *const drivers[] = {"net_af_packet", "net_af_xdp", "net_pcap", "net_ring"};

	for (unsigned int i = 0; i < RTE_DIM(drivers); i++)
		if (strcmp(info->driver_name, drivers[i]) == 0)
			return true;
	return false;
}

// Queues where the hardware does not spread flows.
static uint16_t
queues_plain(const struct rte_eth_dev_info *info)
{
	return queues_are_fixed(info) ? info->max_rx_queues : 1;
}

int
port_queues_needed(uint16_t id, uint16_t workers)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(id, &info);

	if (rc != 0)
		return rc;
	if (port_rss_possible(&info) && workers <= info.max_rx_queues)
		return workers;
	return queues_plain(&info);
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

// A kernel interface is left as it was found. Its flag is gone when the driver starts, where somebody
// had set it.
static void
interface_promiscuous(struct port *p, bool flag)
{
	int rc = flag ? promiscuous_flag_set(p->name) : 0;

	p->promiscuous_fd = promiscuous_hold(p->af_packet.ifindex);
	if (p->promiscuous_fd < 0)
		rc = p->promiscuous_fd;
	if (rc != 0)
		log_warning("port", "%s: promiscuous mode: %s", p->name, strerror(-rc));
}

static int
port_start(struct port *p)
{
	bool is_interface = p->af_packet.ifindex != 0;
	bool flag = is_interface && promiscuous_flag_get(p->name);
	int rc = rte_eth_dev_start(p->id);

	if (rc != 0)
		return rc;
	if (is_interface)
		interface_promiscuous(p, flag);
	else if (rte_eth_promiscuous_enable(p->id) != 0)
		log_info("port", "%s: no promiscuous mode", p->name);
	if (rte_eth_allmulticast_enable(p->id) != 0)
		log_info("port", "%s: no all-multicast mode", p->name);
	return 0;
}

// Configure and start with p->queues and, if there is a wish, flows spread over them.
static int
port_begin(struct port *p, const struct rte_eth_dev_info *info, const struct port_wish *rss,
	struct rte_mempool *pool)
{
	struct rte_eth_conf conf = {0};
	int rc;

	// Some drivers (net_tap) take any MTU and then refuse the frames that it makes.
	if ((info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 &&
		info->max_mtu >= JUMBO_MTU && info->max_rx_pktlen >= JUMBO_MTU +
		RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN) {
		conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
		conf.rxmode.mtu = JUMBO_MTU;
	}
	if (rss != NULL) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		port_rss_fill(info, rss, &conf.rx_adv_conf.rss_conf);
	}
	rc = rte_eth_dev_configure(p->id, p->queues, 1, &conf);
	if (rc == 0)
		rc = queues_setup(p, pool);
	return rc == 0 ? port_start(p) : rc;
}

// A queue for each worker, if the driver confirms that. NULL, or why not.
static const char *
port_begin_rss(struct port *p, const struct rte_eth_dev_info *info, const struct port_wish *wish,
	struct rte_mempool *pool)
{
	const char *fault;

	if (!port_rss_possible(info))
		return "the driver cannot spread flows";
	if (wish->workers > info->max_rx_queues)
		return "it has fewer receive queues";
	p->queues = wish->workers;
	if (port_begin(p, info, wish, pool) != 0)
		return "the driver refuses";
	fault = port_rss_confirm(p->id, info, wish, &p->rss_types);
	if (fault == NULL)
		return NULL;
	rte_eth_dev_stop(p->id);
	return fault;
}

static int
port_begin_spread(struct port *p, const struct rte_eth_dev_info *info,
	const struct port_wish *wish, struct rte_mempool *pool)
{
	const char *fault = wish->workers > 1 ? port_begin_rss(p, info, wish, pool) : NULL;

	if (wish->workers > 1 && fault == NULL) {
		p->spread = PORT_SPREAD_RSS;
		log_notice("port", "%s: %u receive queues; the driver confirms that both directions of "
			"a flow meet (%s, headers: %s)", p->name, p->queues,
			port_rss_tuple(p->rss_types), port_rss_level(p->rss_types));
		return 0;
	}
	p->queues = queues_plain(info);
	p->spread = wish->workers > 1 ? PORT_SPREAD_SOFTWARE : PORT_SPREAD_NONE;
	if (fault != NULL)
		log_notice("port", "%s: %u receive queue%s, spread over %u workers in software: %s",
			p->name, p->queues, p->queues == 1 ? "" : "s", wish->workers, fault);
	return port_begin(p, info, NULL, pool);
}

int
port_open(uint16_t id, const struct port_wish *wish, struct rte_mempool *pool, struct port *ret,
	struct error *err)
{
	struct rte_eth_dev_info info;
	struct port p = {.id = id, .promiscuous_fd = -1};
	int rc;

	rc = rte_eth_dev_info_get(id, &info);
	if (rc != 0)
		return error_set(err, rc, "port %u: %s", id, strerror(-rc));
	rte_eth_dev_get_name_by_port(id, p.name);
	snprintf(p.driver, sizeof(p.driver), "%s", info.driver_name);
	af_packet_note(&p, &info);
	rc = port_begin_spread(&p, &info, wish, pool);
	if (rc != 0)
		return error_set(err, rc, "port %s (%s): cannot be started: %s", p.name, p.driver,
			strerror(-rc));
	p.started = true;
	*ret = p;
	return 0;
}

enum port_link
port_link_get(const struct port *p)
{
	struct rte_eth_link link = {0};

	if (p->af_packet.ifindex != 0)
		return af_packet_link(&p->af_packet);
	rte_eth_link_get_nowait(p->id, &link);
	return link.link_status == RTE_ETH_LINK_UP ? PORT_LINK_UP : PORT_LINK_DOWN;
}

const char *
port_link_name(enum port_link l)
{
	static const char *const names[] = {
		[PORT_LINK_DOWN] = "down", [PORT_LINK_UP] = "up", [PORT_LINK_GONE] = "gone",
	};

	return names[l];
}

void
port_stats_get(struct port *p, struct port_stats *ret)
{
	struct rte_eth_stats s = {0};

	rte_eth_stats_get(p->id, &s);
	*ret = (struct port_stats){
		.ipackets = s.ipackets,
		.ibytes = s.ibytes,
		.opackets = s.opackets,
		.obytes = s.obytes,
		.missed = s.imissed + __atomic_load_n(&p->refused, __ATOMIC_RELAXED) +
			af_packet_stats_dropped(&p->af_packet),
		.errors = s.ierrors,
		.nombuf = s.rx_nombuf,
		.link = port_link_get(p),
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
	if (p->started && p->promiscuous_fd >= 0)
		close(p->promiscuous_fd);
	p->promiscuous_fd = -1;
	p->started = false;
}

void
port_close(struct port *p)
{
	rte_eth_dev_close(p->id);
	rte_ring_free(p->ring);
	p->ring = NULL;
}
