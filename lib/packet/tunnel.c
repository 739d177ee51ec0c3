/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/tunnel.h"

#include <stddef.h>

const char *
tunnel_type_name(enum tunnel_type t)
{
	static const char *const names[TUNNEL_COUNT] = {
#define X(id, name) [TUNNEL_##id] = name,
		TUNNEL_TYPES(X)
#undef X
	};

	return (unsigned int)t < TUNNEL_COUNT ? names[t] : NULL;
}
