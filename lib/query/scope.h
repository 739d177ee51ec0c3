/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_SCOPE_H
#define WEIR_QUERY_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

// Which packets a query looks at, by whether their source and destination are local. The packets
// of one direction of a flow are alike in this, so a flow's delta is selected by direction.

enum query_scope {
	QUERY_SCOPE_ALL,
	QUERY_SCOPE_EXTERNAL,  // exactly one end is local
	QUERY_SCOPE_IN,        // from outside to a local address
	QUERY_SCOPE_OUT,       // from a local address to outside
	QUERY_SCOPE_INTERNAL,  // both ends are local
	QUERY_SCOPES,
};

// Selected directions of a delta.
#define SELECT_NONE 0
#define SELECT_FWD 1
#define SELECT_REV 2
#define SELECT_BOTH 3

// Where a delta's ends are: bit 0 the source of the flow's first packet is local, bit 1 its
// destination is.
#define ENDS_SRC_LOCAL 1
#define ENDS_DST_LOCAL 2

const char *query_scope_name(enum query_scope s);

// Selected directions by scope and ends.
extern const uint8_t scope_select[QUERY_SCOPES][4];

#endif
