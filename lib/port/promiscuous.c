/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/promiscuous.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>

int
promiscuous_hold(unsigned int ifindex)
{
	const struct packet_mreq wish = {.mr_ifindex = (int)ifindex, .mr_type = PACKET_MR_PROMISC};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wish, sizeof(wish)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

// Read the flags, and set them with IFF_PROMISC if that is asked for.
static int
flags_do(const char *interface, bool set, short *ret_flags)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;
	struct ifreq request = {0};

	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		rc = -errno;
	*ret_flags = request.ifr_flags;
	request.ifr_flags |= IFF_PROMISC;
	if (rc == 0 && set && ioctl(fd, SIOCSIFFLAGS, &request) != 0)
		rc = -errno;
	close(fd);
	return rc;
}

bool
promiscuous_flag_get(const char *interface)
{
	short flags = 0;

	return flags_do(interface, false, &flags) == 0 && (flags & IFF_PROMISC) != 0;
}

int
promiscuous_flag_set(const char *interface)
{
	short flags;

	return flags_do(interface, true, &flags);
}
