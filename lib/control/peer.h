/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_PEER_H
#define WEIR_CONTROL_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "control/caller.h"
#include "control/client.h"

/*
 * A TCP connection to us, from accept() to close: where it is from, what it is doing, how often it
 * asks. Whoever opens connections and sends no request on them must not keep others out: when all
 * places are taken, the connection that waits longest without a complete request gives up its place,
 * and only when there is none such is the new one refused. Control thread only.
 */

struct control;
struct lws;

struct peer {
	TAILQ_ENTRY(peer) link;  // in the order in which they began to wait
	struct lws *wsi;
	bool busy;               // a whole request is being answered, or it is a websocket
	bool leaving;            // lws was told to close it
	bool proxy;              // a trusted one: requests are of those that it names
	struct client client;    // of the connection itself
	struct caller upgrade;   // who asked for the websocket, from the request to its first event
	uint32_t calls;          // that may still be made now
	uint64_t calls_us;       // when that was counted
};

TAILQ_HEAD(peer_list, peer);

// Place for a connection from there: NULL, it is refused. peer_attach() or peer_free() follows.
struct peer *peer_create(struct control *c, const struct sockaddr_storage *from);
void peer_attach(struct peer *p, struct lws *wsi);
void peer_free(struct control *c, struct peer *p);

// A request is complete and will be answered; or the connection waits for one again.
void peer_busy(struct control *c, struct peer *p, bool busy);

// One call more. false: too many a second.
bool peer_call(struct peer *p);

#endif
