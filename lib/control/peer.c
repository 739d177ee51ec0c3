/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/internal.h"

static unsigned int
peers_of_address(const struct control *c, const struct peer *p)
{
	const struct peer *other;
	unsigned int n = 0;

	TAILQ_FOREACH(other, &c->peers, link)
		n += !other->leaving &&
			memcmp(&other->client.address, &p->client.address,
				sizeof(p->client.address)) == 0;
	return n;
}

// Send away the connection that waits longest; of this address only, unless NULL. false: none waits.
static bool
waiting_evict(struct control *c, const struct peer *of)
{
	struct peer *p;

	TAILQ_FOREACH(p, &c->peers, link) {
		if (p->busy || p->leaving || p->wsi == NULL ||
			(of != NULL && memcmp(&p->client.address, &of->client.address,
				sizeof(p->client.address)) != 0))
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
	client_of_socket(from, &p->client);
	p->proxy = client_is_trusted(c->trusted_proxies, from);
	p->calls = CONTROL_CALLS_BURST;
	p->calls_us = clock_monotonic_us();
	if (!p->client.loopback && !p->proxy && peers_of_address(c, p) >= CONTROL_CONNECTIONS_OF_ADDRESS)
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
