/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "base/units.h"
#include "control/budget.h"
#include "control/call.h"
#include "control/rpc.h"

#define WRITE_PIECE 16384

// A POST that comes in one piece behind another request: libwebsockets 4.1 says again and again, without
// end, that its body is complete, and serves nobody else. Only an end of the connection ends that.
#define COMPLETIONS_MAX 16

static const char too_large[] = "the request body is too large, at most 65536 bytes are taken";

static enum http_method
method_of(struct lws *wsi)
{
	if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI))
		return HTTP_GET;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI))
		return HTTP_POST;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_DELETE_URI))
		return HTTP_DELETE;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI))
		return HTTP_HEAD;
	return HTTP_OTHER;
}

void
http_free(struct http_request *r)
{
	if (r == NULL)
		return;
	rpc_cancel(r->rpc);
	call_cancel(r->call);
	sodium_memzero(&r->caller, sizeof(r->caller));
	if (r->body != NULL)
		sodium_memzero(r->body, r->body_len);
	free(r->body);
	if (r->replied)
		budget_waiting_add(r->c, -(int64_t)r->reply_len);
	free(r->reply);
	free(r);
}

static char *
error_body(int code, const char *field, const char *text)
{
	struct json_out o = {0};

	json_out_open(&o, '{');
	json_out_key(&o, "error");
	call_error_write(&o, code, field, text);
	json_out_close(&o, '}');
	return json_out_take(&o);
}

// What the client sends behind a request that waits for its answer stays where it is: libwebsockets
// does not read it, and would be told again and again that it is there.
static void
rx_hold(struct http_request *r, bool hold)
{
	if (r->rx_held == hold)
		return;
	r->rx_held = hold;
	lws_rx_flow_control(r->wsi, !hold);
}

void
http_reply(struct http_request *r, unsigned int status, const char *type, char *reply, size_t len)
{
	if (reply != NULL && !budget_waiting_room(r->c, 0, len)) {
		free(reply);
		status = 503;
		type = HTTP_JSON;
		r->encoding = r->cache = NULL;  // were the reply's
		reply = error_body(CALL_BUSY, "", "too much waits to be read by clients, ask again later");
		len = reply == NULL ? 0 : strlen(reply);
	}
	r->replied = true;
	r->status = reply == NULL && status != 204 ? 500 : status;
	r->type = type;
	r->reply = reply;
	r->reply_len = reply == NULL ? 0 : len;
	budget_waiting_add(r->c, (int64_t)r->reply_len);
	rx_hold(r, false);
	lws_callback_on_writable(r->wsi);
}

void
http_reply_error(struct http_request *r, unsigned int status, int code, const char *field,
	const char *text)
{
	char *body = error_body(code, field, text);

	http_reply(r, status, HTTP_JSON, body, body == NULL ? 0 : strlen(body));
}

// Reply without having read the body: the connection cannot be used afterwards.
static void
refuse(struct http_request *r, unsigned int status, const char *text)
{
	r->close_after = true;
	http_reply_error(r, status, CALL_INVALID_REQUEST, "", text);
}

static bool
is_json(struct lws *wsi)
{
	static const char json[] = HTTP_JSON;
	char type[96];
	int n = lws_hdr_copy(wsi, type, sizeof(type), WSI_TOKEN_HTTP_CONTENT_TYPE);
	char after;

	if (n <= 0 || strncasecmp(type, json, sizeof(json) - 1) != 0)
		return false;
	after = type[sizeof(json) - 1];
	return after == '\0' || after == ';' || after == ' ';
}

// How long the body will be, by the headers; 0 without one. false: refused, it cannot be known.
static bool
body_announced(struct http_request *r)
{
	char text[24];
	uint64_t length = 0;

	if (lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
		refuse(r, 411, "a request body needs a Content-Length, not Transfer-Encoding");
		return false;
	}
	if (lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0) {
		if (r->method == HTTP_POST)
			refuse(r, 411, "a request body needs a Content-Length");
		return r->method != HTTP_POST;
	}
	if (lws_hdr_copy(r->wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0 ||
		units_parse_u64(text, 0, INT64_MAX, &length) != 0) {
		refuse(r, 400, "Content-Length is not a number");
		return false;
	}
	if (length > CONTROL_DISCARD_BYTES) {
		refuse(r, 413, too_large);
		return false;
	}
	r->body_expected = (size_t)length;
	return true;
}

// What can be said against a request before its body is here. false: nothing.
static bool
verdict_find(struct http_request *r)
{
	bool safe = r->method == HTTP_GET || r->method == HTTP_HEAD;
	struct client client;
	int proxy_rc = client_of_request(r->c, r->wsi, lws_get_opaque_user_data(r->wsi), &client);
	int rc = caller_of_request(r->c, r->wsi, "http", &client, &r->caller);

	if (proxy_rc != 0) {
		r->verdict = 400;
		r->verdict_text = "X-Forwarded-For: allowed: addresses, separated by commas";
	} else if (!guard_request(r->c, r->wsi, &client, !safe)) {
		r->verdict = 403;
		r->verdict_text =
			"refused: Host must name this server, and Origin, if any, must match";
	} else if (rc != 0) {
		r->verdict = 401;
		r->verdict_text = "the token is not valid here";
	} else if (r->body_expected > CONTROL_REQUEST_BYTES) {
		r->verdict = 413;
		r->verdict_text = too_large;
	} else if (http_route_takes_body(r) && !is_json(r->wsi)) {
		r->verdict = 415;
		r->verdict_text = "Content-Type must be application/json";
	}
	return r->verdict != 0;
}

static void
request_act(struct http_request *r)
{
	peer_busy(r->c, lws_get_opaque_user_data(r->wsi), true);
	if (r->verdict != 0)
		http_reply_error(r, r->verdict, CALL_INVALID_REQUEST, "", r->verdict_text);
	else
		http_route(r);
	if (!r->replied)
		rx_hold(r, true);
}

// A body is read to its end even where it is not wanted: a client that still writes when the
// connection closes would not see the answer.
static void
request_judge(struct http_request *r)
{
	if (!body_announced(r))
		return;
	if (verdict_find(r) || !http_route_takes_body(r)) {
		r->collecting = r->body_expected > 0;
	} else if (r->body_expected > 0) {
		r->collecting = true;
		r->body = malloc(r->body_expected + 1);
		if (r->body == NULL)
			refuse(r, 500, "out of memory");
	}
	if (!r->collecting)
		request_act(r);
}

int
http_begin(struct control *c, struct lws *wsi, const char *path, size_t len,
	struct http_request **ret_request)
{
	struct http_request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -1;
	*ret_request = r;
	r->c = c;
	r->wsi = wsi;
	r->method = method_of(wsi);
	if (len >= sizeof(r->path) || strlen(path) != len) {
		refuse(r, 400, "the path is too long or holds a NUL");
		return 0;
	}
	memcpy(r->path, path, len + 1);
	request_judge(r);
	return 0;
}

int
http_body(struct http_request *r, const void *data, size_t len)
{
	if (r == NULL || !r->collecting || r->body == NULL)
		return 0;
	if (len > r->body_expected - r->body_len)
		return -1;
	memcpy(r->body + r->body_len, data, len);
	r->body_len += len;
	r->body[r->body_len] = '\0';
	return 0;
}

int
http_body_complete(struct http_request *r)
{
	if (r == NULL)
		return 0;
	if (r->round != r->c->rounds)
		r->completions = 0;
	r->round = r->c->rounds;
	if (!r->collecting || r->replied)
		return ++r->completions > COMPLETIONS_MAX ? -1 : 0;
	r->collecting = false;
	lws_set_timeout(r->wsi, NO_PENDING_TIMEOUT, 0);
	request_act(r);
	return 0;
}

static int
header_add(struct lws *wsi, const char *name, const char *value, unsigned char **p,
	unsigned char *end)
{
	if (value == NULL)
		return 0;
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
		(const unsigned char *)value, (int)strlen(value), p, end);
}

static int
head_write(struct http_request *r)
{
	unsigned char buf[LWS_PRE + 2048], *start = buf + LWS_PRE, *p = start;
	unsigned char *end = buf + sizeof(buf) - 1;
	const char *cache = r->cache == NULL ? "no-store" : r->cache;

	if (lws_add_http_common_headers(r->wsi, r->status, r->type, r->reply_len, &p, end) ||
		header_add(r->wsi, "cache-control:", cache, &p, end) ||
		header_add(r->wsi, "allow:", r->allow, &p, end) ||
		(r->status == 401 && header_add(r->wsi, "www-authenticate:", "Bearer", &p, end)) ||
		(r->caller.cookie[0] != '\0' &&
			header_add(r->wsi, "set-cookie:", r->caller.cookie, &p, end)) ||
		(r->caller.device_cookie[0] != '\0' &&
			header_add(r->wsi, "set-cookie:", r->caller.device_cookie, &p, end)) ||
		header_add(r->wsi, "content-encoding:", r->encoding, &p, end) ||
		(r->by_encoding && header_add(r->wsi, "vary:", "accept-encoding", &p, end)) ||
		(r->close_after && header_add(r->wsi, "connection:", "close", &p, end)) ||
		lws_finalize_write_http_header(r->wsi, start, &p, end))
		return -1;
	r->head_sent = true;
	if (r->method == HTTP_HEAD)
		r->sent = r->reply_len;
	return 0;
}

static int
piece_write(struct http_request *r)
{
	unsigned char buf[LWS_PRE + WRITE_PIECE];
	size_t n = r->reply_len - r->sent;
	bool last = n <= WRITE_PIECE;

	n = last ? n : WRITE_PIECE;
	memcpy(buf + LWS_PRE, r->reply + r->sent, n);
	r->sent += n;
	lws_set_timeout(r->wsi, PENDING_TIMEOUT_HTTP_CONTENT, CONTROL_KEEPALIVE_S);
	return lws_write(r->wsi, buf + LWS_PRE, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
		0 ? -1 : 0;
}

int
http_write(struct http_request *r, bool *ret_finished)
{
	struct lws *wsi = r->wsi;
	bool close_after = r->close_after;

	*ret_finished = false;
	if (!r->replied)
		return 0;
	if (!r->head_sent && head_write(r) != 0)
		return -1;
	if (r->sent < r->reply_len && piece_write(r) != 0)
		return -1;
	if (r->sent < r->reply_len) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	peer_busy(r->c, lws_get_opaque_user_data(wsi), false);
	http_free(r);
	*ret_finished = true;
	return close_after || lws_http_transaction_completed(wsi) ? -1 : 0;
}

int
http_refuse_upgrade(struct lws *wsi, unsigned int status, const char *text)
{
	struct http_request r = {.wsi = wsi, .status = status, .type = HTTP_JSON,
		.close_after = true};
	unsigned char buf[LWS_PRE + 512];
	int rc = -1;

	r.reply = error_body(CALL_INVALID_REQUEST, "", text);
	r.reply_len = r.reply == NULL ? 0 : strlen(r.reply);
	if (r.reply_len > 0 && r.reply_len <= 512 && head_write(&r) == 0) {
		memcpy(buf + LWS_PRE, r.reply, r.reply_len);
		rc = lws_write(wsi, buf + LWS_PRE, r.reply_len, LWS_WRITE_HTTP_FINAL) < 0 ? -1 : 0;
	}
	free(r.reply);
	return rc;
}
