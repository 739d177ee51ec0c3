/* SPDX-License-Identifier: BSD-3-Clause */
#include "protocols_fixture.h"

struct protocol_table *protocols;

int
protocols_setup(void **state)
{
	(void)state;
	protocols = protocol_table_create(NULL, NULL);
	return protocols != NULL ? 0 : -1;
}

int
protocols_teardown(void **state)
{
	(void)state;
	protocol_table_free(protocols);
	return 0;
}
