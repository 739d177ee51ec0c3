/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_NETWORKS_H
#define WEIR_QUERY_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error_list.h"

// Which addresses are local: the `local_networks` of the configuration, as ranges without overlap
// in ascending order, so that a look-up is a binary search whatever is configured. Immutable.

#define NETWORKS_MAX 1024

struct network_set;

/*
 * @param list array of prefixes ("10.0.0.0/8", "2001:db8::/32"; an address alone is that one
 *             address); NULL or empty is the empty set
 * @param path names the list in faults ("local_networks")
 * @return NULL with faults added; belongs to the caller
 */
struct network_set *network_set_create(const cJSON *list, const char *path,
	struct error_list *errors);
void network_set_free(struct network_set *s);

bool network_set_empty(const struct network_set *s);  // NULL is empty

// addr as in struct flow_key: version 4 addresses are IPv4-mapped.
bool network_set_contains(const struct network_set *s, uint8_t version, const uint8_t addr[16]);

#endif
