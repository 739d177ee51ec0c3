/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_HTTP_H
#define WEIR_CONTROL_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "control/internal.h"

// One HTTP request: collect its body, find its route, let it work (maybe for a while, when the
// store is asked), then send one reply. Everything is replied to from the "writable" callback, in
// pieces, so that a slow client costs memory of one reply and nobody's time.

enum http_method {
	HTTP_GET = 1,
	HTTP_HEAD = 2,
	HTTP_POST = 4,
	HTTP_DELETE = 8,
	HTTP_OTHER = 16,
};

struct http_request {
	struct control *c;
	struct lws *wsi;
	struct caller caller;
	enum http_method method;
	char path[512];
	char *body;               // NUL terminated
	size_t body_len;
	size_t body_expected;
	bool collecting;          // the body comes in; what follows happens when it is complete
	unsigned int completions;  // of the body, as lws told them in this round of its loop
	uint64_t round;
	unsigned int verdict;     // status to refuse with once the body is in, 0: none
	const char *verdict_text;

	bool rx_held;             // nothing is read meanwhile
	struct rpc_exchange *rpc;  // in work
	struct control_call *call; // in work
	unsigned int good_status;  // of the reply when the call succeeds

	bool replied;             // the reply is there, or being sent
	bool head_sent;
	bool close_after;         // what follows on this connection cannot be trusted
	unsigned int status;
	const char *type;
	const char *cache;        // Cache-Control
	const char *allow;        // Allow, for 405
	const char *encoding;     // Content-Encoding, NULL: none
	bool by_encoding;         // there are several: Vary says so
	char *reply;
	size_t reply_len;
	size_t sent;
};

// lws callbacks; they give what the callback returns (0 go on, -1 close).
int http_begin(struct control *c, struct lws *wsi, const char *path, size_t len,
	struct http_request **ret_request);
int http_body(struct http_request *r, const void *data, size_t len);
int http_body_complete(struct http_request *r);
// *ret_finished: the transaction is over and r was freed.
int http_write(struct http_request *r, bool *ret_finished);
void http_free(struct http_request *r);

// Refuse a websocket upgrade with a status and a JSON error body, at once.
int http_refuse_upgrade(struct lws *wsi, unsigned int status, const char *text);

// For routes: exactly one of these per request. reply is malloc()ed and handed over; NULL is
// answered with 500. type is a string that lives for ever.
void http_reply(struct http_request *r, unsigned int status, const char *type, char *reply,
	size_t len);
void http_reply_error(struct http_request *r, unsigned int status, int code, const char *field,
	const char *text);

// http_route.c
void http_route(struct http_request *r);
bool http_route_takes_body(const struct http_request *r);

// http_api.c: routes
void http_healthz(struct http_request *r);
void http_metrics(struct http_request *r);
void http_rpc(struct http_request *r);
void http_openrpc(struct http_request *r);
void http_results_list(struct http_request *r);
void http_results_series(struct http_request *r);
void http_results_latest(struct http_request *r);
void http_results_insert(struct http_request *r);
void http_daily_list(struct http_request *r);
void http_alerts_list(struct http_request *r);
void http_results_clear(struct http_request *r);

// http_static.c
void http_static(struct http_request *r);
// One component of a path below the panel's folder: no dot files, nothing but plain names.
bool http_static_component_ok(const char *name, size_t len);
// Does an Accept-Encoding header allow gzip?
bool http_static_takes_gzip(const char *accept);

#define HTTP_JSON "application/json"

#endif
