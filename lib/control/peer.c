/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/internal.h"

static void
address_read(struct peer *p, const struct sockaddr_storage *from)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (from->ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(p->address.bytes, &v6->sin6_addr, 8);
		p->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
		inet_ntop(AF_INET6, &v6->sin6_addr, p->text, sizeof(p->text));
		return;
	}
	memcpy(p->address.bytes, mapped, 12);
	memcpy(p->address.bytes + 12, from->ss_family == AF_INET ? (const void *)&v4->sin_addr :
		&v6->sin6_addr.s6_addr[12], 4);
	p->loopback = p->address.bytes[12] == 127;
	inet_ntop(AF_INET, p->address.bytes + 12, p->text, sizeof(p->text));
}

static unsigned int
peers_of_address(const struct control *c, const struct peer *p)
{
	const struct peer *other;
	unsigned int n = 0;

	TAILQ_FOREACH(other, &c->peers, link)
		n += !other->leaving &&
			memcmp(&other->address, &p->address, sizeof(p->address)) == 0;
	return n;
}

// Send away the connection that waits longest; of this address only, unless NULL. false: none waits.
static bool
waiting_evict(struct control *c, const struct peer *of)
{
	struct peer *p;

	TAILQ_FOREACH(p, &c->peers, link) {
		if (p->busy || p->leaving || p->wsi == NULL ||
			(of != NULL && memcmp(&p->address, &of->address, sizeof(p->address)) != 0))
			continue;
		p->leaving = true;
		c->leaving++;
		lws_set_timeout(p->wsi, PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE, LWS_TO_KILL_ASYNC);
		return true;
	}
	return false;
}

struct peer *
peer_create(struct control *c, const struct sockaddr_storage *from)
{
	struct peer *p;
	bool room = c->connections < CONTROL_CONNECTIONS + CONTROL_LEAVING;

	p = room ? calloc(1, sizeof(*p)) : NULL;
	if (p == NULL)
		return NULL;
	address_read(p, from);
	p->calls = CONTROL_CALLS_BURST;
	p->calls_us = clock_monotonic_us();
	if (!p->loopback && peers_of_address(c, p) >= CONTROL_CONNECTIONS_OF_ADDRESS)
		room = waiting_evict(c, p);
	if (room && c->connections - c->leaving >= CONTROL_CONNECTIONS)
		room = waiting_evict(c, NULL);
	if (!room) {
		free(p);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&c->peers, p, link);
	c->connections++;
	return p;
}

void
peer_attach(struct peer *p, struct lws *wsi)
{
	p->wsi = wsi;
	lws_set_opaque_user_data(wsi, p);
}

void
peer_free(struct control *c, struct peer *p)
{
	if (p == NULL)
		return;
	TAILQ_REMOVE(&c->peers, p, link);
	c->connections--;
	if (p->leaving)
		c->leaving--;
	free(p);
}

void
peer_busy(struct control *c, struct peer *p, bool busy)
{
	if (p == NULL || p->busy == busy)
		return;
	p->busy = busy;
	TAILQ_REMOVE(&c->peers, p, link);
	TAILQ_INSERT_TAIL(&c->peers, p, link);
}

bool
peer_call(struct peer *p)
{
	uint64_t now = clock_monotonic_us();
	uint64_t more = (now - p->calls_us) * CONTROL_CALLS_PER_S / CLOCK_US_PER_S;

	if (more > 0) {
		p->calls = more + p->calls < CONTROL_CALLS_BURST ? (uint32_t)more + p->calls :
			CONTROL_CALLS_BURST;
		p->calls_us = now;
	}
	if (p->calls == 0)
		return false;
	p->calls--;
	return true;
}
