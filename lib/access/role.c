/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/role.h"

#include <errno.h>
#include <string.h>

static const char *const names[] = {"anyone", "viewer", "operator", "admin"};

const char *
role_name(enum role role)
{
	return names[role];
}

int
role_parse(const char *name, enum role *ret)
{
	for (enum role r = ROLE_VIEWER; r <= ROLE_ADMIN; r++)
		if (strcmp(names[r], name) == 0) {
			*ret = r;
			return 0;
		}
	return -EINVAL;
}
