/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_FLOW_LOG_NAMES_H
#define WEIR_PKTGEN_FLOW_LOG_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "flow_log_line.h"

// What the names in flow records stand for: devices get addresses, named ports get ports. All
// records have to be seen first, so that nothing is given twice: addresses and ports that stand in
// the records as such keep their meaning. The same records in the same order give the same.

struct flow_log_device {
	char name[FLOW_LOG_NAME_LEN];
	uint32_t number;         // in order of appearance
	bool is_address;         // the name is an address itself
	struct address address;  // version 4 already, where it is still to be given
};

struct flow_log_names {
	void *root;                        // search tree of the devices by name
	struct flow_log_device **devices;  // by number
	uint32_t device_count;
	uint32_t device_room;
	bool ports_plain[UINT16_MAX + 1];  // stand in the records as such
	bool ports_named[FLOW_LOG_PORT_NAMES];
	uint16_t port_of[FLOW_LOG_PORT_NAMES];
};

// The device of this name, a new one where there is none yet; NULL: no memory.
struct flow_log_device *flow_log_names_device(struct flow_log_names *n, const char *name);
void flow_log_names_port(struct flow_log_names *n, uint32_t port);

// When all were seen: -ENOSPC with *ret_needed where the range has fewer hosts than there are names.
int flow_log_names_give_addresses(struct flow_log_names *n,
	const struct address_range *range, uint32_t *ret_needed);
// -ENOSPC: more named ports than there are ports left.
int flow_log_names_give_ports(struct flow_log_names *n);

static inline uint16_t
flow_log_names_port_of(const struct flow_log_names *n, uint32_t port)
{
	return port < FLOW_LOG_PORT_NAMED ? (uint16_t)port : n->port_of[port - FLOW_LOG_PORT_NAMED];
}

void flow_log_names_fini(struct flow_log_names *n);

#endif
