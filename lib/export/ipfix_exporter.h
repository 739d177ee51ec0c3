/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_EXPORT_IPFIX_EXPORTER_H
#define WEIR_EXPORT_IPFIX_EXPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "export/ipfix_link.h"
#include "export/ipfix_message.h"
#include "flow/flow.h"

/*
 * An IPFIX exporting process with one collector. Flow records are put into messages, messages wait in a
 * bounded queue until the socket takes them. Nothing waits for the network: the owner calls
 * ipfix_exporter_service() often, and decides what becomes of a record for which there is no room.
 *
 * A template goes out before the first record that needs it. Over UDP all templates in use are sent
 * again every template_us and every template_messages (RFC 7011 section 8.4), and when a collector
 * that refused messages may be back; over TCP once per connection. A message that is out only in part
 * when the connection breaks is sent again as a whole in the next one.
 *
 * All functions are for one thread, except ipfix_exporter_stats().
 */

// 4 MiB of messages, which is 20,000 to 30,000 records.
#define IPFIX_QUEUE_MESSAGES 2816
// A message that is not full goes out after this.
#define IPFIX_FLUSH_US UINT64_C(1000000)

struct ipfix_params {
	uint32_t domain;             // observation domain id
	uint32_t template_messages;  // see above
	uint64_t template_us;
	uint32_t message_bytes;      // at most; IPFIX_MESSAGE_MIN to IPFIX_MESSAGE_MAX
	uint64_t pace_us;            // UDP: least time between messages on average; 0: none
};

// What is known of a collector, for people and programs.
struct ipfix_stats {
	const char *collector;  // "udp:192.0.2.1:4739"; as long as the target lives
	const char *state;      // "up", "connecting", "down", "refused", "closed"
	int error;              // errno of the fault that lasts, 0 if none
	uint64_t records;       // flow records sent
	uint64_t messages, bytes;
	uint64_t lost;          // flow records that could not be sent
	uint64_t queued;        // messages waiting
	uint64_t connections;   // times that the link came up
};

struct ipfix_exporter;

// Memory that one exporter takes.
size_t ipfix_exporter_bytes(void);

// target is resolved and outlives the exporter. NULL: no memory.
struct ipfix_exporter *ipfix_exporter_create(struct ipfix_target *target,
	const struct ipfix_params *params);
void ipfix_exporter_free(struct ipfix_exporter *x);  // NULL is fine

// Times are monotonic microseconds. 0, or -ENOBUFS: the queue is full, nothing is counted.
int ipfix_exporter_add(struct ipfix_exporter *x, const struct flow *f, uint64_t now_us);

// A record will not be sent: count it as lost, with the packets and octets of its flow.
void ipfix_exporter_drop(struct ipfix_exporter *x, const struct flow *f);

// Totals of what was lost on its way here; told to the collector together with the exporter's own.
void ipfix_exporter_lost_before(struct ipfix_exporter *x, uint64_t records, uint64_t packets,
	uint64_t octets);

// Do what can be done now: connect, send, send templates again. True if something went out.
bool ipfix_exporter_service(struct ipfix_exporter *x, uint64_t now_us);

// The end: what is begun goes out, with closing statistics behind it. Service goes on until
// everything is out or the owner's patience is over.
void ipfix_exporter_finish(struct ipfix_exporter *x);
// Nothing waits any more.
bool ipfix_exporter_is_done(const struct ipfix_exporter *x);
// TCP: the collector's host has what was sent.
bool ipfix_exporter_is_settled(const struct ipfix_exporter *x);
// No more will be sent: close the stream, and count as lost what still waits.
void ipfix_exporter_close(struct ipfix_exporter *x);

bool ipfix_exporter_is_up(const struct ipfix_exporter *x);

void ipfix_exporter_stats(const struct ipfix_exporter *x, struct ipfix_stats *ret);  // any thread

#endif
