/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_INTERNAL_H
#define WEIR_CONTROL_INTERNAL_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <libwebsockets.h>
#include <rte_ring.h>

#include "control/control.h"
#include "control/mailbox.h"
#include "control/peer.h"

// What the files of lib/control share. Everything belongs to the control thread, except where a
// field says otherwise.

struct bucket_table;
struct network_set;
struct session;
struct tls;
TAILQ_HEAD(session_list, session);

// How much a client may ask for. One place, so that a reader sees the worst case: connections
// times (request + backlog).
enum control_limits {
	CONTROL_CONNECTIONS = 256,
	CONTROL_CONNECTIONS_OF_ADDRESS = 64,  // not of loopback or trusted proxies
	CONTROL_LEAVING = 64,               // on top: those that make room, until lws closed them
	CONTROL_CALLS_PER_S = 1000,         // of one connection
	CONTROL_CALLS_BURST = 2000,
	CONTROL_CALLS_OF_CALLER_PER_S = 2000,  // of one user, token or stranger's address over all connections
	CONTROL_CALLS_OF_CALLER_BURST = 4000,
	CONTROL_WEBSOCKETS_OF_CALLER = 64,
	CONTROL_WAITING_SMALL = 65536,      // of one client, which is sent whatever others wait for
	CONTROL_FAILURES_PER_S = 10,        // in the audit log, of one kind of caller
	CONTROL_REQUEST_BYTES = 65536,      // one JSON-RPC message or request body
	CONTROL_DISCARD_BYTES = 16 << 20,   // bodies up to here are read on, to answer politely
	CONTROL_JSON_DEPTH = 32,
	CONTROL_BATCH = 64,                 // requests in one batch
	CONTROL_REPLY_BYTES = 64 << 20,     // one answer, over all requests of a batch
	CONTROL_BACKLOG_MESSAGES = 256,     // notifications waiting for one client
	CONTROL_BACKLOG_BYTES = 4 << 20,
	CONTROL_EXCHANGES = 16,             // requests of one websocket in work at the same time
	CONTROL_PUBLISH_QUEUE = 4096,       // documents waiting for the control thread
	CONTROL_TICK_US = 100000,
	CONTROL_HEADER_TIMEOUT_S = 10,
	CONTROL_KEEPALIVE_S = 30,
};

// Where we listen and what the Host header may therefore say.
struct listen_address {
	struct sockaddr_storage addr;
	socklen_t len;
	bool loopback;
	bool wildcard;  // 0.0.0.0 or ::
};

struct control {
	struct control_params params;   // strings are copies below
	char address[INET6_ADDRSTRLEN];
	char *panel_dir;
	const struct control_ops *ops;
	void *app;

	struct listen_address listen;
	int listen_fd;                  // owned by lws once the listener was adopted
	int spare_fd;                   // given up for a moment when descriptors run out
	uint16_t port;
	struct lws_context *lws;
	struct lws_vhost *vhost;
	uint32_t connections;           // in peers
	uint32_t leaving;               // of these, those that lws was told to close
	struct peer_list peers;
	cJSON *names;                   // that Host may say besides; NULL: none
	struct network_set *trusted_proxies;  // NULL: none

	struct tls *tls;                // NULL: HTTP
	char *tls_certificate, *tls_key;
	char *users_file;
	struct users *users;            // NULL: there is no users' file, whoever asks is an admin
	struct logins *logins;          // these and those to verifier: where there are users
	struct attempts *attempts;
	struct bucket_table *calls, *calls_of_nobody;  // by user or token; by address, IPv6 by /64
	struct verifier *verifier;
	struct audit *audit;
	uint64_t failures_second;       // and how many failed calls were recorded in it
	uint32_t failures[CALLER_KINDS];  // of each kind of caller
	uint64_t recheck_us;            // when sessions are looked at again

	struct mailbox *mailbox;        // any thread
	struct mailbox_request *asking; // control_call()s whose call is pending
	struct rte_ring *documents;     // any thread puts, control thread takes
	uint32_t documents_wake;        // atomic: a wake-up is under way
	uint32_t subscribers[DOCUMENT_KINDS];  // atomic: sessions that want this kind
	struct session_list sessions;
	uint64_t waiting_bytes;         // to be sent to clients

	lws_sorted_usec_list_t tick_timer;
	void (*tick)(void *app);
	pthread_t thread;               // that runs the loop
	uint64_t rounds;                // of it
	bool running;                   // atomic
	bool stop;                      // atomic
	struct control_stats stats;     // atomic counters
};

static inline void
control_count(uint64_t *counter, uint64_t n)
{
	__atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

// Fail what waits in control_call() and take nothing more.
void control_refuse_all(struct control *c);
void control_mailbox_serve(struct control *c);

// listener.c
int listen_address_parse(const char *text, uint16_t port, struct listen_address *ret,
	struct error *err);
int listener_open(const struct listen_address *a, const char *name, int *ret_fd,
	uint16_t *ret_port, struct error *err);
int listener_adopt(struct control *c, struct error *err);
void listener_accept(struct control *c, int listen_fd);

// guard.c: whom we talk to. false: answer 403.
bool guard_host(const struct listen_address *a, const cJSON *names, const char *host);
bool guard_origin(const char *origin, const char *host, bool tls);
// Both headers of a request; need_origin: an Origin header, where there is one, must match.
bool guard_request(const struct control *c, struct lws *wsi, const struct client *client,
	bool need_origin);

// server.c
int server_create(struct control *c, struct error *err);

// publish.c
int publish_create(struct control *c);
void publish_free(struct control *c);
void publish_deliver(struct control *c);

#endif
