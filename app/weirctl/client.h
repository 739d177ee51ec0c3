/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_WEIRCTL_CLIENT_H
#define WEIR_APP_WEIRCTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

// JSON-RPC over the websocket of a Weir that runs somewhere. One connection, made when it is first
// needed and again when it was lost between calls; one call at a time; one thread.

struct client;

struct client_params {
	const char *url;      // "ws://HOST:PORT", "wss://HOST:PORT"; without a path that of Weir
	const char *token;    // sent as a bearer token; NULL: none
	const char *ca_file;  // of wss://; PEM of who may sign the certificate; NULL: the system's
	unsigned int patience_s;  // for a connection and for an answer; 0: as long as suits people
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

// Messages that are no answers go to notify from now on, as they come, during the calls below and above.
void client_notify(struct client *c, void (*notify)(void *arg, const char *message, size_t len),
	void *arg);
// Take in what comes, until the connection is lost (true), or *end is set by notify or client_stop() was
// called (false).
bool client_listen(struct client *c, const bool *end);
// Wait. False: client_stop() was called.
bool client_wait(struct client *c, unsigned int seconds);

// A call that waits ends as without a connection, and later ones at once. Signal handlers.
void client_stop(struct client *c);

#endif
