/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/scope.h"

const uint8_t scope_select[QUERY_SCOPES][4] = {
	// ends:                 outside      src local    dst local    both local
	[QUERY_SCOPE_ALL]      = {SELECT_BOTH, SELECT_BOTH, SELECT_BOTH, SELECT_BOTH},
	[QUERY_SCOPE_EXTERNAL] = {SELECT_NONE, SELECT_BOTH, SELECT_BOTH, SELECT_NONE},
	[QUERY_SCOPE_IN]       = {SELECT_NONE, SELECT_REV,  SELECT_FWD,  SELECT_NONE},
	[QUERY_SCOPE_OUT]      = {SELECT_NONE, SELECT_FWD,  SELECT_REV,  SELECT_NONE},
	[QUERY_SCOPE_INTERNAL] = {SELECT_NONE, SELECT_NONE, SELECT_NONE, SELECT_BOTH},
};

const char *
query_scope_name(enum query_scope s)
{
	static const char *const names[QUERY_SCOPES] = {
		[QUERY_SCOPE_ALL] = "all",
		[QUERY_SCOPE_EXTERNAL] = "external",
		[QUERY_SCOPE_IN] = "in",
		[QUERY_SCOPE_OUT] = "out",
		[QUERY_SCOPE_INTERNAL] = "internal",
	};

	return names[s];
}
