/* SPDX-License-Identifier: BSD-3-Clause */
#include "eal_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_eal.h>

#define POOL_PACKETS 4095
#define POOL_ROOM 2176

static struct rte_mempool *pool;
static struct rte_mbuf_ext_shared_info shared;

int
eal_setup(void **state)
{
	static char args[][20] = {"test", "--no-huge", "-m", "64", "--no-shconf", "--no-pci",
		"--no-telemetry", "--lcores=0@0", "--log-level=4"};
	char *argv[RTE_DIM(args) + 1] = {0};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(args); i++)
		argv[i] = args[i];
	if (rte_eal_init((int)RTE_DIM(args), argv) < 0)
		return -1;
	pool = rte_pktmbuf_pool_create("test", POOL_PACKETS, 0, 16, POOL_ROOM, SOCKET_ID_ANY);
	return pool != NULL ? 0 : -1;
}

int
eal_teardown(void **state)
{
	(void)state;
	if (rte_mempool_avail_count(pool) != POOL_PACKETS)
		return -1;
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}

struct rte_mbuf *
eal_packet(const uint8_t *data, size_t len, size_t first, size_t segment)
{
	struct rte_mbuf *head = NULL, *tail = NULL;
	size_t done = 0;

	do {
		size_t n = RTE_MIN(len - done, head == NULL ? first : segment);
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		assert_non_null(m);
		assert_true(n <= rte_pktmbuf_tailroom(m));
		memcpy(rte_pktmbuf_mtod(m, void *), data + done, n);
		m->data_len = (uint16_t)n;
		if (head == NULL)
			head = m;
		else
			tail->next = m;
		tail = m;
		head->pkt_len = (uint32_t)(done += n);
		head->nb_segs = (uint16_t)(head->nb_segs + (m != head));
	} while (done < len);
	return head;
}

static size_t
edge_bytes(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (len + page - 1) / page * page + page;
}

uint8_t *
eal_edge_alloc(const void *data, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = edge_bytes(len);
	uint8_t *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0);

	assert_true(base != MAP_FAILED);
	assert_int_equal(mprotect(base + bytes - page, page, PROT_NONE), 0);
	if (len > 0)
		memcpy(base + bytes - page - len, data, len);
	return base + bytes - page - len;
}

void
eal_edge_free(uint8_t *edge, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = edge_bytes(len);

	munmap(edge + len + page - bytes, bytes);
}

static void
edge_released(void *addr, void *arg)
{
	(void)addr;
	(void)arg;
}

struct rte_mbuf *
eal_packet_over(uint8_t *data, size_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	shared.free_cb = edge_released;
	rte_mbuf_ext_refcnt_set(&shared, 1);
	rte_pktmbuf_attach_extbuf(m, data, RTE_BAD_IOVA, (uint16_t)len, &shared);
	m->data_off = 0;
	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	return m;
}

size_t
eal_pages_present(const void *p, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), present = 0;
	const char *first = RTE_PTR_ALIGN_CEIL(p, page);
	const char *end = RTE_PTR_ALIGN_FLOOR((const char *)p + bytes, page);

	for (const char *at = first; at < end; at += page) {
		unsigned char in_core;

		assert_int_equal(mincore((void *)(uintptr_t)at, page, &in_core), 0);
		present += in_core & 1;
	}
	return present;
}

uint64_t
random_next(struct random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t
random_below(struct random *r, uint64_t n)
{
	return (random_next(r) >> 16) % n;
}
