/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/af_packet_stats.h"

#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>

#include "base/units.h"

// A packet socket bound to the interface?
static int
socket_is_bound_to(int fd, unsigned int ifindex)
{
	struct sockaddr_ll address = {0};
	socklen_t len = sizeof(address);
	int domain = 0;
	socklen_t domain_len = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) != 0 || domain != AF_PACKET)
		return 0;
	return getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
		(unsigned int)address.sll_ifindex == ifindex;
}

// IFF_ bits; 0 if there is no such interface.
static unsigned int
interface_flags(const char *interface)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned int flags = 0;

	if (fd < 0)
		return 0;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		flags = (unsigned short)request.ifr_flags;
	close(fd);
	return flags;
}

// On the loopback interface a packet is seen going out and coming in.
static int
interface_is_loopback(const char *interface)
{
	return (interface_flags(interface) & IFF_LOOPBACK) != 0;
}

void
af_packet_stats_find(struct af_packet_stats *s, const char *interface)
{
	unsigned int ifindex = if_nametoindex(interface);
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	uint64_t fd;

	memset(s, 0, sizeof(*s));
	s->ifindex = ifindex;
	if (dir == NULL)
		return;
	while (ifindex != 0 && s->count < 64 && (entry = readdir(dir)) != NULL)
		if (units_parse_u64(entry->d_name, 0, INT32_MAX, &fd) == 0 &&
			socket_is_bound_to((int)fd, ifindex))
			s->fd[s->count++] = (int)fd;
	closedir(dir);
	if (interface_is_loopback(interface))
		for (unsigned int i = 0; i < s->count; i++)
			setsockopt(s->fd[i], SOL_PACKET, PACKET_IGNORE_OUTGOING, &(int){1},
				sizeof(int));
	af_packet_stats_dropped(s);
	s->dropped = 0;
}

uint64_t
af_packet_stats_dropped(struct af_packet_stats *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		struct tpacket_stats stats = {0};
		socklen_t len = sizeof(stats);

		if (getsockopt(s->fd[i], SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
			s->dropped += stats.tp_drops;
	}
	return s->dropped;
}

enum port_link
af_packet_link(const struct af_packet_stats *s)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(s->ifindex, name) == NULL)
		return PORT_LINK_GONE;
	return (interface_flags(name) & IFF_RUNNING) != 0 ? PORT_LINK_UP : PORT_LINK_DOWN;
}
