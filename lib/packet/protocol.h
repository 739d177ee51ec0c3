/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_PROTOCOL_H
#define WEIR_PACKET_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "packet/flow_key.h"

// Application protocols by well-known port, from a table of `NAME: ["tcp/443", ...]`
// (config/protocols.json is the built-in one). What the table does not name is folded to the name
// of its IP protocol: "TCP", "UDP", "ICMP", "ESP", ..., "IP-253" where there is no name.

struct protocol_table;

// The built-in table, or the one in `config` (an object as above; also "icmp" style entries for
// whole IP protocols). Immutable; NULL with err filled.
struct protocol_table *protocol_table_create(const cJSON *config, struct error *err);
void protocol_table_free(struct protocol_table *t);

// Protocol id by a flow's first packet: destination port first, then source port, host order.
uint16_t protocol_lookup(const struct protocol_table *t, uint8_t ip_proto, uint16_t src_port,
	uint16_t dst_port);

// Name of an id that protocol_lookup() gave; never NULL.
const char *protocol_name(const struct protocol_table *t, uint16_t id);
uint16_t protocol_count(const struct protocol_table *t);  // ids are below this

struct protocol_port {
	uint8_t ip_proto;
	uint16_t port;  // 0 where the protocol has none
};

// The first entry of a protocol by name (case does not matter; also the folded names "TCP", "UDP",
// "ICMP", ...): false if there is no such protocol.
bool protocol_find(const struct protocol_table *t, const char *name, struct protocol_port *ret);

#endif
