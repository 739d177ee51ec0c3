/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/af_packet_stats.h"

#include <dirent.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

void
af_packet_stats_find(struct af_packet_stats *s, const char *interface)
{
	unsigned int ifindex = if_nametoindex(interface);
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	uint64_t fd;

	memset(s, 0, sizeof(*s));
	if (dir == NULL)
		return;
	while (ifindex != 0 && s->count < 64 && (entry = readdir(dir)) != NULL)
		if (units_parse_u64(entry->d_name, 0, INT32_MAX, &fd) == 0 &&
			socket_is_bound_to((int)fd, ifindex))
			s->fd[s->count++] = (int)fd;
	closedir(dir);
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
