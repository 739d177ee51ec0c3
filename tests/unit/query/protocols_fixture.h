/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_PROTOCOLS_FIXTURE_H
#define WEIR_TEST_PROTOCOLS_FIXTURE_H

#include "packet/protocol.h"

// The built-in protocols for all tests of a group: its setup and teardown.

extern struct protocol_table *protocols;

int protocols_setup(void **state);
int protocols_teardown(void **state);

#endif
