/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>

#include "port/port.h"

int
port_ring_open(const char *name, uint32_t size, const struct port_wish *wish,
	struct rte_mempool *pool, struct port *ret, struct error *err)
{
	struct rte_ring *ring = rte_ring_create(name, size, SOCKET_ID_ANY,
		RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
	int id, rc;

	if (ring == NULL)
		return error_set(err, -rte_errno, "ring port %s: %s", name, strerror(rte_errno));
	id = rte_eth_from_rings(name, &ring, 1, &ring, 1, 0);
	if (id < 0) {
		rc = error_set(err, -rte_errno, "ring port %s: %s", name, strerror(rte_errno));
		goto fail;
	}
	rc = port_open((uint16_t)id, wish, pool, ret, err);
	if (rc != 0)
		goto fail;
	ret->ring = ring;
	return 0;
fail:
	rte_ring_free(ring);
	return rc;
}

uint16_t
port_ring_send(void *arg, struct rte_mbuf **packets, uint16_t n)
{
	struct port *p = arg;
	uint16_t sent = rte_eth_tx_burst(p->id, 0, packets, n);

	if (unlikely(sent < n))
		__atomic_store_n(&p->refused, p->refused + n - sent, __ATOMIC_RELAXED);
	return sent;
}
