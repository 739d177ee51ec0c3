/* SPDX-License-Identifier: BSD-3-Clause */
#include "export/ipfix_link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

void
ipfix_link_init(struct ipfix_link *l, struct ipfix_target *target, uint64_t pace_us)
{
	memset(l, 0, sizeof(*l));
	l->target = target;
	l->address = target->addresses;
	l->ops = target->tcp ? &ipfix_link_tcp : &ipfix_link_udp;
	l->fd = -1;
	l->backoff_us = IPFIX_RETRY_FIRST_US;
	l->pace_us = target->tcp ? 0 : pace_us;
}

void
ipfix_link_close(struct ipfix_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->state = IPFIX_LINK_DOWN;
	l->sent = 0;
}

// A fault: the next attempt is at the host's next address, later each time. Said once until the link is up
// again.
static void
link_fail(struct ipfix_link *l, int rc, uint64_t now_us)
{
	if (l->error == 0)
		log_warning("ipfix", "collector %s: %s; Weir keeps trying", l->target->name,
			strerror(-rc));
	ipfix_link_close(l);
	l->error = -rc;
	l->since_us = now_us;
	l->retry_us = now_us + l->backoff_us;
	l->backoff_us = l->backoff_us * 2 < IPFIX_RETRY_LAST_US ? l->backoff_us * 2 :
		IPFIX_RETRY_LAST_US;
	l->address = l->address->ai_next != NULL ? l->address->ai_next : l->target->addresses;
}

static void
link_up(struct ipfix_link *l, uint64_t now_us)
{
	if (l->error != 0)
		log_notice("ipfix", "collector %s: connected", l->target->name);
	l->state = IPFIX_LINK_UP;
	l->since_us = now_us;
	l->error = 0;
	l->backoff_us = IPFIX_RETRY_FIRST_US;
}

// Give the outcome of an attempt to connect its state. True if it is up.
static bool
link_judge(struct ipfix_link *l, int rc, uint64_t now_us)
{
	if (rc == -EINPROGRESS && now_us - l->since_us < IPFIX_CONNECT_US)
		return false;
	if (rc != 0) {
		link_fail(l, rc == -EINPROGRESS ? -ETIMEDOUT : rc, now_us);
		return false;
	}
	link_up(l, now_us);
	return true;
}

static bool
link_open(struct ipfix_link *l, uint64_t now_us)
{
	int rc;

	l->since_us = now_us;
	l->fd = socket(l->address->ai_family, l->ops->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return link_judge(l, -errno, now_us);
	l->state = IPFIX_LINK_CONNECTING;
	rc = connect(l->fd, l->address->ai_addr, l->address->ai_addrlen) == 0 ? 0 : -errno;
	return link_judge(l, rc, now_us);
}

bool
ipfix_link_service(struct ipfix_link *l, uint64_t now_us)
{
	int rc;

	switch (l->state) {
	case IPFIX_LINK_DOWN:
		return now_us >= l->retry_us && link_open(l, now_us);
	case IPFIX_LINK_CONNECTING:
		return link_judge(l, l->ops->connected(l), now_us);
	case IPFIX_LINK_UP:
		rc = l->ops->check(l, now_us);
		if (rc != 0)
			link_fail(l, rc, now_us);
	}
	return false;
}

int
ipfix_link_send(struct ipfix_link *l, const uint8_t *data, size_t len, uint64_t now_us)
{
	int rc;

	if (l->state != IPFIX_LINK_UP)
		return -EAGAIN;
	rc = l->ops->send(l, data, len, now_us);
	if (rc != 0 && rc != -EAGAIN && rc != -EMSGSIZE)
		link_fail(l, rc, now_us);
	return rc;
}

void
ipfix_link_finish(struct ipfix_link *l)
{
	if (l->state == IPFIX_LINK_UP && l->target->tcp)
		shutdown(l->fd, SHUT_WR);
}

bool
ipfix_link_settled(const struct ipfix_link *l)
{
	return l->state != IPFIX_LINK_UP || l->ops->settled(l);
}

size_t
ipfix_link_message_bytes(const struct ipfix_link *l, size_t most)
{
	bool v6 = l->address->ai_family == AF_INET6;
	socklen_t size = sizeof(int);
	int mtu, overhead = v6 ? 40 + 8 : 20 + 8;

	if (l->state != IPFIX_LINK_UP || l->target->tcp ||
		getsockopt(l->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu,
			&size) != 0 || mtu < IPFIX_MESSAGE_MIN + overhead)
		return most;
	return (size_t)(mtu - overhead) < most ? (size_t)(mtu - overhead) : most;
}
