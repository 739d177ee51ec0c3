/* SPDX-License-Identifier: BSD-3-Clause */
#include "client.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>
#include <openssl/x509_vfy.h>

#include "answer.h"
#include "base/json_out.h"
#include "client_internal.h"
#include "console/console.h"
#include "control/control.h"
#include "control/json_scan.h"

#define CONNECT_TIMEOUT_S 10
#define ANSWER_TIMEOUT_S 120
#define ANSWER_BYTES_MAX (256u << 20)
#define JSON_DEPTH_MAX 64  // of parameters; Weir allows less

static void
fault_set(struct client *c, const char *text, size_t len)
{
	snprintf(c->fault, sizeof(c->fault), "%.*s", (int)len, text);
}

// libwebsockets says nothing where a name has no address. Asked only when there is nothing else to tell.
static void
silence_explain(struct client *c)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	int rc = getaddrinfo(c->address, NULL, &hints, &found);

	if (rc == 0) {
		freeaddrinfo(found);
		fault_set(c, "no answer", 9);
		return;
	}
	snprintf(c->fault, sizeof(c->fault), "the name cannot be resolved: %s", rc == EAI_SYSTEM ?
		strerror(errno) : gai_strerror(rc));
}

static void
connection_failed(struct client *c, struct lws *wsi, const char *text, size_t len)
{
	unsigned int status = lws_http_client_http_response(wsi);

	c->refused = status == 401 || status == 403;
	if (c->refused)
		snprintf(c->fault, sizeof(c->fault), status == 401 ?
			"it wants to know who asks (--token, WEIR_TOKEN)" :
			"it refuses these credentials, or this name for it");
	else if (status >= 300)
		snprintf(c->fault, sizeof(c->fault), "it answers with HTTP status %u", status);
	else if (c->distrust != NULL)
		snprintf(c->fault, sizeof(c->fault), "its certificate is not to be trusted: %s (see "
			"--ca and --insecure)", c->distrust);
	else if (c->tls && text != NULL && strstr(text, "SSL") != NULL)
		snprintf(c->fault, sizeof(c->fault), "it does not speak TLS (ws:// is without)");
	else if (text != NULL)
		fault_set(c, text, len);
	c->wsi = NULL;
}

static int
header_append(const struct client *c, struct lws *wsi, unsigned char **at, unsigned char *end)
{
	char value[1024];
	int len;

	if (c->params.token == NULL)
		return 0;
	len = snprintf(value, sizeof(value), "Bearer %s", c->params.token);
	if (len >= (int)sizeof(value))
		return -1;
	return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
		(const unsigned char *)value, len, at, end);
}

static int
request_write(struct client *c, struct lws *wsi)
{
	int n;

	if (c->request == NULL)
		return 0;
	n = lws_write(wsi, (unsigned char *)c->request + LWS_PRE, c->request_len, LWS_WRITE_TEXT);
	free(c->request);
	c->request = NULL;
	return n < 0 ? -1 : 0;
}

static bool
received_add(struct client *c, const char *part, size_t len)
{
	size_t need = c->received_len + len + 1;
	char *grown;

	if (need > ANSWER_BYTES_MAX)
		return false;
	if (need > c->received_size) {
		c->received_size = need > 2 * c->received_size ? need : 2 * c->received_size;
		grown = realloc(c->received, c->received_size);
		if (grown == NULL) {
			c->received_size = 0;
			return false;
		}
		c->received = grown;
	}
	memcpy(c->received + c->received_len, part, len);
	c->received_len += len;
	c->received[c->received_len] = '\0';
	return true;
}

// Part of a message came. What is no answer to the call in work is a notification.
static int
received(struct client *c, struct lws *wsi, const char *part, size_t len)
{
	const char *before;
	int rc;

	if (!received_add(c, part, len)) {
		fault_set(c, "its answer is too large", 23);
		return -1;
	}
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
		return 0;
	len = c->received_len;
	c->received_len = 0;
	before = c->answer;
	rc = answer_read(c->received, len, c->id, &c->answer, &c->code);
	if (rc == 0 && c->answer == before && c->notify != NULL)
		c->notify(c->notify_arg, c->received, len);
	if (rc == 0)
		return 0;
	fault_set(c, "what it sends is no JSON-RPC", 28);
	return -1;
}

static int
event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return header_append(c, wsi, in, *(unsigned char **)in + len);
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		if (len == 0)  // OpenSSL's own verdict; it stands
			c->distrust = X509_verify_cert_error_string(X509_STORE_CTX_get_error(user));
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		connection_failed(c, wsi, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		c->established = true;
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return request_write(c, wsi);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return received(c, wsi, in, len);
	case LWS_CALLBACK_CLIENT_CLOSED:
		c->established = false;
		c->wsi = NULL;
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{.name = "weir.v1", .callback = event, .rx_buffer_size = 65536},
	{.name = NULL},
};

struct client *
client_create(const struct client_params *p, struct error *err)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.client_ssl_ca_filepath = p->ca_file,
	};
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	c->params = *p;
	if (client_url_parse(c, p->url, err) != 0 || client_token_check(c, err) != 0 ||
	    (p->ca_file != NULL && client_ca_check(p->ca_file, err) != 0)) {
		client_free(c);
		return NULL;
	}
	lws_set_log_level(0, NULL);
	info.user = c;
	if (c->tls)
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	c->context = lws_create_context(&info);
	if (c->context == NULL) {
		error_set(err, -ENOMEM, "libwebsockets cannot begin");
		client_free(c);
		return NULL;
	}
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	if (c->context != NULL)
		lws_context_destroy(c->context);
	free(c->url);
	free(c->request);
	free(c->received);
	free(c->answer);
	free(c);
}

void
client_stop(struct client *c)
{
	__atomic_store_n(&c->stopped, true, __ATOMIC_RELAXED);
	lws_cancel_service(c->context);
}

// libwebsockets waits for the network after it has run timers; it shall not.
static void
timer_rang(lws_sorted_usec_list_t *timer)
{
	struct client *c = lws_container_of(timer, struct client, timer);

	c->timed_out = true;
	lws_cancel_service(c->context);
}

// One step of the loop. false: stopped, or too late.
static bool
step(struct client *c)
{
	if (lws_service(c->context, 0) < 0 || __atomic_load_n(&c->stopped, __ATOMIC_RELAXED)) {
		fault_set(c, "interrupted", 11);
		return false;
	}
	if (c->timed_out)
		fault_set(c, "no answer in time", 17);
	return !c->timed_out;
}

static void
timer_start(struct client *c, unsigned int seconds)
{
	c->timed_out = false;
	lws_sul_schedule(c->context, 0, &c->timer, timer_rang, (lws_usec_t)seconds * LWS_US_PER_SEC);
}

static void
timer_end(struct client *c)
{
	lws_sul_schedule(c->context, 0, &c->timer, timer_rang, LWS_SET_TIMER_USEC_CANCEL);
}

// Who only listens notices by pings that the other end is gone without a word.
static const lws_retry_bo_t listening = {.secs_since_valid_ping = 15, .secs_since_valid_hangup = 30};

// Connected at the end? Else c->fault says why not.
static bool
connect_now(struct client *c)
{
	struct lws_client_connect_info info = {
		.context = c->context,
		.address = c->address,
		.port = c->port,
		.path = c->path,
		.host = c->host,
		.protocol = protocols[0].name,
		.pwsi = &c->wsi,
		// Nobody may send us, and the token, elsewhere.
		.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (c->tls ? LCCSCF_USE_SSL : 0),
		.retry_and_idle_policy = c->notify != NULL ? &listening : NULL,
	};

	if (c->tls && c->params.insecure)
		info.ssl_connection |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_ALLOW_EXPIRED |
			LCCSCF_ALLOW_INSECURE | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
	c->refused = false;
	c->distrust = NULL;
	c->established = false;
	c->fault[0] = '\0';
	timer_start(c, c->params.patience_s > 0 ? c->params.patience_s : CONNECT_TIMEOUT_S);
	if (lws_client_connect_via_info(&info) != NULL)
		while (!c->established && c->wsi != NULL && step(c))
			;
	timer_end(c);
	if (!c->established && c->fault[0] == '\0')
		silence_explain(c);
	return c->established;
}

// Give up this connection, whose answers can no more be told apart from later ones.
static void
disconnect(struct client *c)
{
	if (c->wsi == NULL)
		return;
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_SYNC);
	c->wsi = NULL;
	c->established = false;
}

// An error object. NULL: memory ran out.
static char *
error_text(int code, const char *message)
{
	struct json_out o = {0};

	json_out_open(&o, '{');
	json_out_key_i64(&o, "code", code);
	json_out_key_str(&o, "message", message);
	json_out_close(&o, '}');
	return json_out_take(&o);
}

static int
no_connection(struct client *c, bool sent, char **ret_json)
{
	int code = __atomic_load_n(&c->stopped, __ATOMIC_RELAXED) ? CONSOLE_ASK_INTERRUPTED :
		c->refused ? CONSOLE_ASK_NOT_ALLOWED : CONSOLE_ASK_NO_CONNECTION;
	char text[800];

	disconnect(c);
	snprintf(text, sizeof(text), "%s: %s%s", c->host, c->fault[0] != '\0' ? c->fault :
		"the connection ended", sent ? "; whether it was done is not known" : "");
	*ret_json = error_text(code, text);
	return code;
}

// What came since the last call: an answer to a ping, or the end of the connection.
static void
catch_up(struct client *c)
{
	timer_start(c, 0);
	while (c->wsi != NULL && step(c))
		;
	c->fault[0] = '\0';
}

static bool
request_make(struct client *c, const char *method, const char *params_json)
{
	struct json_out o = {0};
	char *text;

	json_out_open(&o, '{');
	json_out_key_str(&o, "jsonrpc", "2.0");
	json_out_key_u64(&o, "id", ++c->id);
	json_out_key_str(&o, "method", method);
	if (params_json != NULL) {
		json_out_key(&o, "params");
		json_out_raw(&o, params_json);
	}
	json_out_close(&o, '}');
	text = json_out_take(&o);
	c->request_len = text != NULL ? strlen(text) : 0;
	free(c->request);
	c->request = text != NULL ? malloc(LWS_PRE + c->request_len) : NULL;
	if (c->request != NULL)
		memcpy(c->request + LWS_PRE, text, c->request_len);
	free(text);
	return c->request != NULL;
}

int
client_ask(void *client, const char *method, const char *params_json, char **ret_json)
{
	struct client *c = client;
	struct error err;

	*ret_json = NULL;
	// Only whole JSON goes into a request, where anything else could mean more than parameters.
	if (params_json != NULL &&
	    json_scan_check(params_json, strlen(params_json), JSON_DEPTH_MAX, &err) != 0) {
		*ret_json = error_text(CALL_PARSE_ERROR, err.text);
		return CALL_PARSE_ERROR;
	}
	if (c->wsi != NULL)
		catch_up(c);
	if (c->wsi == NULL && !connect_now(c))
		return no_connection(c, false, ret_json);
	if (!request_make(c, method, params_json))
		return CALL_INTERNAL_ERROR;
	c->received_len = 0;
	timer_start(c, c->params.patience_s > 0 ? c->params.patience_s : ANSWER_TIMEOUT_S);
	lws_callback_on_writable(c->wsi);
	while (c->answer == NULL && c->wsi != NULL && step(c))
		;
	timer_end(c);
	if (c->answer == NULL)
		return no_connection(c, c->request == NULL, ret_json);
	*ret_json = c->answer;
	c->answer = NULL;
	return c->code;
}

void
client_notify(struct client *c, void (*notify)(void *arg, const char *message, size_t len), void *arg)
{
	c->notify = notify;
	c->notify_arg = arg;
}

bool
client_listen(struct client *c, const bool *end)
{
	c->timed_out = false;
	while (c->wsi != NULL && !*end && step(c))
		;
	return !*end && !__atomic_load_n(&c->stopped, __ATOMIC_RELAXED);
}

bool
client_wait(struct client *c, unsigned int seconds)
{
	timer_start(c, seconds);
	while (step(c))
		;
	timer_end(c);
	return !__atomic_load_n(&c->stopped, __ATOMIC_RELAXED);
}
