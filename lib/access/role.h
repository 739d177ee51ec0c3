/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_ROLE_H
#define WEIR_ACCESS_ROLE_H

// Who may do what: each role may do all that those before it may.
enum role {
	ROLE_ANYONE,    // has not said who it is
	ROLE_VIEWER,    // only looks
	ROLE_OPERATOR,  // changes what Weir does or keeps
	ROLE_ADMIN,     // changes how Weir is set up
};

const char *role_name(enum role role);

// 0 with *ret a role that a user can have, or -EINVAL.
int role_parse(const char *name, enum role *ret);

#endif
