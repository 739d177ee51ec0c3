/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_WEIRCTL_CLIENT_H
#define WEIR_APP_WEIRCTL_CLIENT_H

#include <stdbool.h>

#include "base/error.h"

// JSON-RPC over the websocket of a Weir that runs somewhere. One connection, made when it is first
// needed and again when it was lost between calls; one call at a time; one thread.

struct client;

struct client_params {
	const char *url;      // "ws://HOST:PORT", "wss://HOST:PORT"; without a path that of Weir
	const char *token;    // sent as a bearer token; NULL: none
	const char *ca_file;  // of wss://; PEM of who may sign the certificate; NULL: the system's
	bool insecure;        // wss:// takes any certificate, and ws:// carries the token anywhere
};

// NULL with err filled: the URL, or memory. Nothing is connected yet; the texts are the caller's and
// stay.
struct client *client_create(const struct client_params *p, struct error *err);
void client_free(struct client *c);

/*
 * Call a method and wait for the answer: console_params.ask. A call is sent at most once: when the
 * connection ends before the answer comes, nobody knows whether it was done, and that is the error.
 */
int client_ask(void *client, const char *method, const char *params_json, char **ret_json);

// A call that waits ends as without a connection, and later ones at once. Signal handlers.
void client_stop(struct client *c);

#endif
