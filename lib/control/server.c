/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <openssl/ssl.h>

#include "base/log.h"
#include "control/budget.h"
#include "control/http.h"
#include "control/session.h"
#include "control/tls.h"

// The libwebsockets loop: one context, one virtual host, one callback that hands each event to
// http.c or session.c. A websocket client may name the subprotocol weir.v1 or none at all, which
// means the same (there is one protocol, and what protects it is the Origin check).

// What lws keeps for each connection.
struct connection {
	struct http_request *request;
	struct session *session;
};

static int
upgrade_judge(struct control *c, struct lws *wsi, const char *protocol)
{
	struct peer *peer = lws_get_opaque_user_data(wsi);
	struct client client;
	char path[8];

	if (peer == NULL)
		return -1;
	if (client_of_request(c, wsi, peer, &client) != 0)
		return http_refuse_upgrade(wsi, 400,
			"X-Forwarded-For: allowed: addresses, separated by commas") < 0 ? -1 : 1;
	if (!guard_request(c, wsi, &client, true))
		return http_refuse_upgrade(wsi, 403,
			"refused: Host must name this server, and Origin, if any, must match") < 0 ?
			-1 : 1;
	if (protocol == NULL || strcasecmp(protocol, "websocket") != 0 ||
		lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI) <= 0 ||
		strcmp(path, "/ws") != 0)
		return http_refuse_upgrade(wsi, 400, "websockets are served at /ws only") < 0 ?
			-1 : 1;
	// The headers are gone when the websocket is there.
	if (caller_of_request(c, wsi, "websocket", &client, &peer->upgrade) != 0 ||
		peer->upgrade.role < ROLE_VIEWER)
		return http_refuse_upgrade(wsi, 401,
			"log in first (session.login by POST /rpc), or bring a token") < 0 ? -1 : 1;
	if (!budget_websocket(c, &peer->upgrade))
		return http_refuse_upgrade(wsi, 429,
			"this user or token has 64 websockets open already") < 0 ? -1 : 1;
	peer_busy(c, peer, true);
	return 0;
}

static int
http_event(struct control *c, struct lws *wsi, enum lws_callback_reasons reason,
	struct connection *conn, void *in, size_t len)
{
	bool finished;
	int rc;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		http_free(conn->request);
		conn->request = NULL;
		return http_begin(c, wsi, in, len, &conn->request);
	case LWS_CALLBACK_HTTP_BODY:
		return http_body(conn->request, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return http_body_complete(conn->request);
	default:
		break;
	}
	if (conn->request == NULL)
		return 0;
	struct http_request *r = conn->request;

	conn->request = NULL;  // a finished transaction frees conn too
	rc = http_write(r, &finished);
	if (!finished)
		conn->request = r;
	return rc;
}

// What lws would send back although it is no close frame (RFC 6455 section 7.4); the codes below 3000
// that mean nothing it knows.
static bool
close_is_good(const unsigned char *payload, size_t len)
{
	return len == 0 || (len >= 2 && (payload[0] << 8 | payload[1]) < 5000);
}

static int
websocket_event(struct control *c, struct lws *wsi, enum lws_callback_reasons reason,
	struct connection *conn, void *in, size_t len)
{
	struct peer *peer;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		peer = lws_get_opaque_user_data(wsi);
		conn->session = peer == NULL ? NULL : session_create(c, wsi, &peer->upgrade);
		return conn->session == NULL ? -1 : 0;
	case LWS_CALLBACK_RECEIVE:
		return conn->session != NULL && session_receive(conn->session, in, len) ? 0 : -1;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		if (conn->session != NULL)
			session_close_received(conn->session);
		return close_is_good(in, len) ? 0 : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return conn->session != NULL && session_write(conn->session) ? 0 : -1;
	default:
		session_free(conn->session);
		conn->session = NULL;
		return 0;
	}
}

static int
server_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t len)
{
	struct control *c = lws_context_user(lws_get_context(wsi));
	struct connection *conn = user;
	struct client client;

	switch (reason) {
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		tls_attach(c->tls, user);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return upgrade_judge(c, wsi, in);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return client_of_request(c, wsi, lws_get_opaque_user_data(wsi), &client) == 0 &&
			guard_request(c, wsi, &client, true) ? 0 : -1;
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return conn == NULL ? -1 : http_event(c, wsi, reason, conn, in, len);
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_CLOSED:
		return conn == NULL ? -1 : websocket_event(c, wsi, reason, conn, in, len);
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		if (conn != NULL) {
			http_free(conn->request);
			conn->request = NULL;
		}
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		peer_free(c, lws_get_opaque_user_data(wsi));
		lws_set_opaque_user_data(wsi, NULL);
		return 0;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		control_mailbox_serve(c);
		publish_deliver(c);
		return 0;
	default:
		return 0;
	}
}

static int
listen_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_RAW_RX_FILE:
		listener_accept(lws_context_user(lws_get_context(wsi)), lws_get_socket_fd(wsi));
		return 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return -1;  // a client asked for this as a subprotocol
	default:
		return 0;
	}
}

static void
log_emit(int level, const char *line)
{
	log_event("control.lws", (level & LLL_ERR) ? RTE_LOG_INFO : RTE_LOG_DEBUG, "%.*s",
		(int)strcspn(line, "\n"), line);
}

static const struct lws_protocols protocols[] = {
	{"weir.v1", server_callback, sizeof(struct connection), 4096, 0, NULL, 0},
	{"weir.listen", listen_callback, 0, 0, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

// On every response, whatever it is; the first one with TLS only. The charts set styles of elements
// (style-src-attr), nothing else is inline.
static const struct lws_protocol_vhost_options security_headers[] = {
	{&security_headers[1], NULL, "strict-transport-security:", "max-age=31536000"},
	{&security_headers[2], NULL, "content-security-policy:",
		"default-src 'none'; script-src 'self'; style-src 'self'; "
		"style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
		"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
		"frame-ancestors 'none'"},
	{&security_headers[3], NULL, "x-content-type-options:", "nosniff"},
	{&security_headers[4], NULL, "x-frame-options:", "DENY"},
	{&security_headers[5], NULL, "referrer-policy:", "no-referrer"},
	{&security_headers[6], NULL, "cross-origin-opener-policy:", "same-origin"},
	{NULL, NULL, "cross-origin-resource-policy:", "same-origin"},
};

// A websocket that says nothing is asked, and dropped when it does not answer.
static const lws_retry_bo_t validity = {
	.secs_since_valid_ping = 30,
	.secs_since_valid_hangup = 60,
};

int
server_create(struct control *c, struct error *err)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.headers = c->tls != NULL ? security_headers : security_headers + 1,
		.server_string = "weir",
		.user = c,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
		.fd_limit_per_thread = CONTROL_CONNECTIONS + CONTROL_LEAVING + 16,
		.max_http_header_pool = CONTROL_CONNECTIONS + CONTROL_LEAVING,
		.timeout_secs = CONTROL_HEADER_TIMEOUT_S,
		.keepalive_timeout = CONTROL_KEEPALIVE_S,
		.retry_and_idle_policy = &validity,
		.vhost_name = "weir",
		.alpn = "http/1.1",  // the headers of HTTP/2 are not what the rest reads
		.ssl_cert_filepath = c->tls_certificate,
		.ssl_private_key_filepath = c->tls_key,
		// Of TLS 1.2; those of 1.3 are all of this kind.
		.ssl_cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20",
		.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION,
	};

	if (c->tls != NULL)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	lws_set_log_level(LLL_ERR | LLL_WARN, log_emit);
	c->lws = lws_create_context(&info);
	if (c->lws == NULL)
		return error_set(err, -ENOMEM, "cannot start the control server");
	c->vhost = lws_create_vhost(c->lws, &info);
	if (c->vhost == NULL)
		return error_set(err, -ENOMEM, "cannot start the control server");
	return c->listen_fd < 0 ? 0 : listener_adopt(c, err);
}
