/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_NAMES_H
#define WEIR_QUERY_NAMES_H

#include <stdint.h>

#include "packet/protocol.h"

// Where keys get their names from. Several protocol ids may have one name (a configuration can name
// a group of ports "TCP"); results know protocols by name, so each id stands for the first one of
// its name.

struct dimension_names {
	const struct protocol_table *protocols;
	uint16_t *canonical;  // by protocol id
	uint32_t count;
};

int dimension_names_init(struct dimension_names *n, const struct protocol_table *t);  // 0, -ENOMEM
void dimension_names_fini(struct dimension_names *n);

// Ids that the table does not know have no name and are one key.
static inline uint16_t
dimension_names_canonical(const struct dimension_names *n, uint16_t id)
{
	return id < n->count ? n->canonical[id] : UINT16_MAX;
}

#endif
