/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_EXPORT_IPFIX_TARGET_H
#define WEIR_EXPORT_IPFIX_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct addrinfo;

#define IPFIX_TARGETS_MAX 4
#define IPFIX_HOST_MAX 254  // a host name and its NUL

// A collector as the user names it: [udp:|tcp:]HOST:PORT, with UDP if nothing is said.
struct ipfix_target {
	bool tcp;
	uint16_t port;
	char host[IPFIX_HOST_MAX];
	char name[IPFIX_HOST_MAX + 24];  // "tcp:[2001:db8::1]:4739", for people
	struct addrinfo *addresses;      // after ipfix_target_resolve()
};

/*
 * Parse a list of collectors, separated by commas. Gives their number, 1 to IPFIX_TARGETS_MAX, with
 * ret filled, or -EINVAL with err filled (field "--ipfix"). No name is looked up.
 */
int ipfix_targets_parse(const char *text, struct ipfix_target *ret, struct error *err);

// Look up the host's addresses; may take as long as the resolver does. 0 or -errno with err filled
// (field "--ipfix"). ipfix_target_release() frees them, if there are any.
int ipfix_target_resolve(struct ipfix_target *t, struct error *err);
void ipfix_target_release(struct ipfix_target *t);

#endif
