/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_errno.h>
#include <rte_mbuf_dyn.h>

#include "packet/packet.h"

int
packet_capture_info_register(void)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "weir_dynfield_capture_info",
		.size = sizeof(struct packet_capture_info),
		.align = __alignof__(struct packet_capture_info),
	};
	int offset = rte_mbuf_dynfield_register(&field);

	return offset >= 0 ? offset : -rte_errno;
}
