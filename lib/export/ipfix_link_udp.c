/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <sys/socket.h>

#include "base/log.h"
#include "export/ipfix_link.h"

// UDP: a message is a datagram. Nobody says whether it arrived; a host without a collector may send
// an ICMP message, which the kernel gives as an error of a later call. That one was not sent then, so
// it is sent again, and the link stays up: the collector may come back at any moment.

#define REFUSED_US (10 * UINT64_C(1000000))  // without a refusal: the fault is over
#define PACE_BURST 32  // messages that may go out at once, however they are paced

static int
udp_check(struct ipfix_link *l, uint64_t now_us)
{
	if (l->error != 0 && now_us - l->refused_us > REFUSED_US)
		l->error = 0;
	return 0;
}

static void
refusal_note(struct ipfix_link *l, uint64_t now_us)
{
	if (l->error == 0)
		log_warning("ipfix", "collector %s: nobody listens there", l->target->name);
	l->error = ECONNREFUSED;
	l->refused_us = now_us;
}

static int
pace_ask(struct ipfix_link *l, uint64_t now_us)
{
	uint64_t burst_us = PACE_BURST * l->pace_us;

	if (l->pace_at_us + burst_us < now_us)
		l->pace_at_us = now_us - burst_us;
	if (l->pace_us != 0 && l->pace_at_us >= now_us)
		return -EAGAIN;
	l->pace_at_us += l->pace_us;
	return 0;
}

static int
udp_send(struct ipfix_link *l, const uint8_t *data, size_t len, uint64_t now_us)
{
	if (pace_ask(l, now_us) != 0)
		return -EAGAIN;
	for (unsigned int attempt = 0; attempt < 2; attempt++) {
		if (send(l->fd, data, len, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != ECONNREFUSED)
			break;
		refusal_note(l, now_us);
	}
	if (errno == ENOBUFS || errno == EINTR || errno == EWOULDBLOCK || errno == ECONNREFUSED)
		return -EAGAIN;
	return -errno;
}

static bool
udp_settled(const struct ipfix_link *l)
{
	(void)l;
	return true;
}

const struct ipfix_link_ops ipfix_link_udp = {
	.socktype = SOCK_DGRAM,
	.check = udp_check,
	.send = udp_send,
	.settled = udp_settled,
};
