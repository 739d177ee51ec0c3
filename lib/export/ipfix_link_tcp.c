/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "export/ipfix_link.h"

// TCP: messages follow one another in the stream. How far one got that the socket took only in part is
// kept, so that the next one never begins in its middle.

static int
tcp_connected(struct ipfix_link *l)
{
	struct pollfd p = {.fd = l->fd, .events = POLLOUT};
	socklen_t size = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 0) <= 0)
		return -EINPROGRESS;
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return -errno;
	return -error;
}

// A collector answers nothing; the end of its stream means that it is gone.
static int
tcp_check(struct ipfix_link *l, uint64_t now_us)
{
	char unwanted[256];
	ssize_t n = recv(l->fd, unwanted, sizeof(unwanted), MSG_DONTWAIT);

	(void)now_us;
	if (n == 0)
		return -ECONNRESET;
	return n < 0 && errno != EWOULDBLOCK && errno != EINTR ? -errno : 0;
}

static int
tcp_send(struct ipfix_link *l, const uint8_t *data, size_t len, uint64_t now_us)
{
	(void)now_us;
	while (l->sent < len) {
		ssize_t n = send(l->fd, data + l->sent, len - l->sent, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
		l->sent += (size_t)n;
	}
	l->sent = 0;
	return 0;
}

static bool
tcp_settled(const struct ipfix_link *l)
{
	int unsent = 0;

	return ioctl(l->fd, SIOCOUTQ, &unsent) != 0 || unsent == 0;
}

const struct ipfix_link_ops ipfix_link_tcp = {
	.socktype = SOCK_STREAM,
	.connected = tcp_connected,
	.check = tcp_check,
	.send = tcp_send,
	.settled = tcp_settled,
};
