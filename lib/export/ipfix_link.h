/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_EXPORT_IPFIX_LINK_H
#define WEIR_EXPORT_IPFIX_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export/ipfix_message.h"
#include "export/ipfix_target.h"

// The socket to one collector. Nothing here waits: sockets are non-blocking, and time comes from the
// caller (monotonic microseconds). Used by one thread.

enum ipfix_link_state {
	IPFIX_LINK_DOWN,        // the next attempt is at retry_us
	IPFIX_LINK_CONNECTING,
	IPFIX_LINK_UP,
};

#define IPFIX_CONNECT_US (5 * UINT64_C(1000000))  // an attempt to connect may take
#define IPFIX_RETRY_FIRST_US UINT64_C(250000)     // doubled with each failure
#define IPFIX_RETRY_LAST_US (30 * UINT64_C(1000000))

struct ipfix_link {
	struct ipfix_target *target;     // resolved; the caller's
	const struct addrinfo *address;  // that is tried now or next
	const struct ipfix_link_ops *ops;
	int fd;                          // -1 while down
	enum ipfix_link_state state;
	int error;                       // errno of the latest fault; 0 once it is over
	uint64_t since_us;               // of the state
	uint64_t retry_us, backoff_us;
	uint64_t pace_us;                // UDP: least time between messages on average, 0 none
	uint64_t pace_at_us;
	uint64_t refused_us;             // UDP: when the host last said that nobody listens
	size_t sent;                     // TCP: bytes of the message under way that are out
};

// UDP and TCP differ in these.
struct ipfix_link_ops {
	int socktype;
	// While connecting: 0 connected, -EINPROGRESS not yet, else -errno. NULL: connected at once.
	int (*connected)(struct ipfix_link *l);
	// While up: 0, or -errno when the peer is gone.
	int (*check)(struct ipfix_link *l, uint64_t now_us);
	// As ipfix_link_send().
	int (*send)(struct ipfix_link *l, const uint8_t *data, size_t len, uint64_t now_us);
	// Everything that is out has reached the peer, as far as can be known.
	bool (*settled)(const struct ipfix_link *l);
};

extern const struct ipfix_link_ops ipfix_link_udp, ipfix_link_tcp;

void ipfix_link_init(struct ipfix_link *l, struct ipfix_target *target, uint64_t pace_us);
void ipfix_link_close(struct ipfix_link *l);

// Connect, connect again, notice that the peer is gone. True if the link has just come up: a new
// transport session begins, in which nothing was sent yet.
bool ipfix_link_service(struct ipfix_link *l, uint64_t now_us);

/*
 * Send one message. 0: it is out. -EAGAIN: not now; where a part of it is out (ipfix_link_is_midway()),
 * the same message has to come again. -EMSGSIZE: too large for the path. Any other -errno: the link is
 * down; the message has to come again as a whole, in a new session.
 */
int ipfix_link_send(struct ipfix_link *l, const uint8_t *data, size_t len, uint64_t now_us);

static inline bool
ipfix_link_is_midway(const struct ipfix_link *l)
{
	return l->sent > 0;
}

// TCP: no more will come; what is out is still delivered. UDP: nothing.
void ipfix_link_finish(struct ipfix_link *l);
bool ipfix_link_settled(const struct ipfix_link *l);

// Largest message that goes to the peer in one packet, at most `most`: what the kernel knows of the
// path. For UDP while up; `most` otherwise.
size_t ipfix_link_message_bytes(const struct ipfix_link *l, size_t most);

#endif
