/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_WEIRCTL_CLIENT_INTERNAL_H
#define WEIR_APP_WEIRCTL_CLIENT_INTERNAL_H

#include <libwebsockets.h>

#include "client.h"

struct client {
	struct client_params params;
	struct lws_context *context;
	void (*notify)(void *arg, const char *message, size_t len);  // what is no answer; NULL: passed over
	void *notify_arg;
	struct lws *wsi;        // NULL: not connected
	char *url;              // taken apart
	const char *address;    // in url
	char host[300];         // for the Host header
	char path[300];
	int port;
	bool tls;

	bool established;
	bool stopped;           // by a signal
	char fault[256];        // why there is no connection
	const char *distrust;   // why the certificate was not taken, NULL: it was
	bool refused;           // the credentials, not the network

	unsigned long long id;  // of the call in work
	char *request;          // LWS_PRE bytes and the text, NULL once it is sent
	size_t request_len;
	char *received;         // of the message that comes in
	size_t received_len;
	size_t received_size;
	char *answer;           // the result or the error object
	int code;               // what client_ask() gives with it
	bool timed_out;
	lws_sorted_usec_list_t timer;
};

// "ws://host:8080/path" into its parts; -EINVAL with err filled.
int client_url_parse(struct client *c, const char *text, struct error *err);
// May the token go there? Is a certificate in the file?
int client_token_check(const struct client *c, struct error *err);
int client_ca_check(const char *path, struct error *err);

#endif
