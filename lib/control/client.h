/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_CLIENT_H
#define WEIR_CONTROL_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "access/throttle.h"

// Where a request comes from: the address of the connection, or, where that is a trusted proxy's, the
// one that the proxy names. Control thread only.

struct control;
struct lws;
struct network_set;
struct peer;

struct client {
	struct throttle_key address;  // as attempts are counted by
	char text[INET6_ADDRSTRLEN];
	bool loopback;
	bool proxied;                 // the address is what a trusted proxy says
	bool secure;                  // TLS, ours or the proxy's
};

void client_of_socket(const struct sockaddr_storage *from, struct client *ret);

/*
 * Of a request that came over this connection. X-Forwarded-For is read from trusted proxies
 * only, from its end: the last address that is no trusted proxy's is the client. Without the header it
 * is the proxy itself. 0, or -EINVAL: what the proxy says is no list of addresses.
 */
int client_of_request(const struct control *c, struct lws *wsi, const struct peer *peer,
	struct client *ret);

// The same of the header's text, which is cut up.
int client_of_forwarded(const struct network_set *trusted, char *text, struct client *ret);
// NULL trusted: none is.
bool client_is_trusted(const struct network_set *trusted, const struct sockaddr_storage *address);

#endif
