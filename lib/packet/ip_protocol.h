/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_IP_PROTOCOL_H
#define WEIR_PACKET_IP_PROTOCOL_H

#include <stdint.h>

// Names of IP protocols as IANA's "Assigned Internet Protocol Numbers" gives them (shortened to
// the forms people write), NULL for numbers without a name here.
const char *ip_protocol_name(uint8_t number);

// The number of a name, case ignored; -ENOENT if there is none.
int ip_protocol_find(const char *name);

#endif
