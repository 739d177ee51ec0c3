/* SPDX-License-Identifier: BSD-3-Clause */
// Records of a capture as mbufs: packets longer than one segment, up to the longest that is
// believed, whole and in order, with the lengths that the file says, and every buffer given back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <rte_mbuf.h>

#include "capture_build.h"
#include "eal_support.h"
#include "packet/packet.h"
#include "port/source_capture.h"

#define POOL_MBUFS 511
#define LONGEST 262144u

static struct folder folder;
static struct rte_mempool *pool;

static int
setup(void **state)
{
	if (eal_setup(state) != 0)
		return -1;
	pool = rte_pktmbuf_pool_create("captures", POOL_MBUFS, 0, 0, RTE_PKTMBUF_HEADROOM,
		SOCKET_ID_ANY);
	return pool != NULL ? folder_make(&folder) : -1;
}

static int
teardown(void **state)
{
	folder_remove(&folder);
	rte_mempool_free(pool);
	return eal_teardown(state);
}

static const struct {
	uint32_t captured, recorded, wire;
	uint16_t segments;
} packets[] = {
	{60, 60, 60, 1},
	{0, 1500, 1500, 1},
	{0xfff0, 0xfff0, 0xfff0, 1},
	{0xfff1, 0xfff1, 0xfff1, 2},
	{65535, 65535, 65535, 2},
	{65536, 200000, 200000, 2},
	{LONGEST - 1, LONGEST, LONGEST, 5},
	{LONGEST, LONGEST, LONGEST, 5},
	{LONGEST, 0xffffffff, LONGEST, 5},  // not believed
	{96, LONGEST, LONGEST, 1},
};

// Bytes of a record count up from its number.
static void
packet_check(const struct rte_mbuf *m, unsigned int i)
{
	struct rte_mbuf *head = (struct rte_mbuf *)(uintptr_t)m;
	const struct packet_capture_info *info = packet_capture_info(head,
		packet_capture_info_register());
	unsigned int kind = i % RTE_DIM(packets);
	uint32_t at = 0;
	uint16_t segments = 0;

	assert_int_equal(m->pkt_len, packets[kind].captured);
	assert_int_equal(m->nb_segs, packets[kind].segments);
	assert_int_equal(info->wire_bytes, packets[kind].wire);
	assert_int_equal(info->ts_us, 1000000ull * i + i);
	assert_int_equal(info->linktype, 1);
	for (; m != NULL; m = m->next, segments++)
		for (uint16_t k = 0; k < m->data_len; k++, at++)
			if (rte_pktmbuf_mtod(m, const uint8_t *)[k] != (uint8_t)(i + at))
				fail_msg("packet %u differs at byte %u", i, at);
	assert_int_equal(at, packets[kind].captured);
	assert_int_equal(segments, packets[kind].segments);
}

// Segments beyond each packet's first: they are taken for the burst.
static unsigned int
further_segments(struct rte_mbuf **burst, uint16_t n)
{
	unsigned int sum = 0;

	for (uint16_t i = 0; i < n; i++)
		sum += burst[i]->nb_segs - 1U;
	return sum;
}

// Returns packets read.
static unsigned int
source_read(struct source *s, unsigned int rounds)
{
	struct rte_mbuf *burst[32];
	unsigned int total = 0;

	for (; rounds > 0 && !source_finished(s); rounds--) {
		uint16_t n = source_receive(s, burst, 32);

		for (uint16_t i = 0; i < n; i++)
			packet_check(burst[i], total++);
		assert_int_equal(rte_mempool_avail_count(pool), POOL_MBUFS -
			SOURCE_CAPTURE_PACKETS - further_segments(burst, n));
	}
	return total;
}

static const char *
capture_write(unsigned int n, uint64_t *ret_bytes)
{
	struct bytes b = {0};
	const char *path;

	pcap_header(&b, 0xa1b2c3d4, 1);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int kind = i % RTE_DIM(packets);

		pcap_record(&b, i, i, packets[kind].captured, packets[kind].recorded, (uint8_t)i);
		*ret_bytes += packets[kind].wire;
	}
	path = folder_write(&folder, "long.pcap", &b);
	bytes_free(&b);
	return path;
}

static void
long_packets(void **state)
{
	uint64_t bytes = 0;
	const char *path = capture_write(100, &bytes);
	char *paths[] = {(char *)(uintptr_t)path, NULL};
	struct error err;
	struct source *s = source_capture_open(paths, pool, &err);

	(void)state;
	assert_non_null(s);
	assert_int_equal(source_read(s, UINT32_MAX), 100);
	assert_null(source_capture_error(s));
	source_close(s);
}

// The pool is too small for a burst of them: the run has failed, nothing is left out in silence.
static void
pool_too_small(void **state)
{
	enum { HAVE = 12 };
	struct rte_mbuf *held[POOL_MBUFS], *more[SOURCE_CAPTURE_PACKETS], *burst[32];
	uint64_t bytes = 0;
	char *paths[] = {(char *)(uintptr_t)capture_write(100, &bytes), NULL};
	struct error err;
	struct source *s = source_capture_open(paths, pool, &err);

	(void)state;
	assert_non_null(s);
	assert_int_equal(rte_pktmbuf_alloc_bulk(pool, held,
		POOL_MBUFS - SOURCE_CAPTURE_PACKETS - HAVE), 0);
	while (!source_finished(s))
		source_receive(s, burst, 32);
	assert_non_null(source_capture_error(s));
	assert_non_null(strstr(source_capture_error(s), "out of packet buffers"));
	source_close(s);
	assert_int_equal(rte_mempool_avail_count(pool), SOURCE_CAPTURE_PACKETS + HAVE);
	// Nor is there a source without any packets.
	assert_int_equal(rte_pktmbuf_alloc_bulk(pool, more, SOURCE_CAPTURE_PACKETS), 0);
	assert_null(source_capture_open(paths, pool, &err));
	assert_non_null(strstr(err.text, "out of packet buffers"));
	rte_pktmbuf_free_bulk(more, SOURCE_CAPTURE_PACKETS);
	rte_pktmbuf_free_bulk(held, POOL_MBUFS - SOURCE_CAPTURE_PACKETS - HAVE);
	assert_int_equal(rte_mempool_avail_count(pool), POOL_MBUFS);
}

static bool
accounted(void *arg, uint64_t clock_us)
{
	(void)arg;
	(void)clock_us;
	return true;
}

// A followed folder gives the same packets; at its end the source rests and is not finished.
static void
followed(void **state)
{
	struct capture_follow_params params = {.folder = folder.path, .readers = 1,
		.pane_us = 1000000, .accounted = accounted};
	struct capture_follow_stats stats;
	struct error err;
	struct capture_follow *f = capture_follow_open(&params, &err);
	struct source *s;
	uint64_t bytes = 0;

	(void)state;
	assert_non_null(f);
	s = source_capture_follow(f, 0, pool, &err);
	assert_non_null(s);
	assert_int_equal(source_read(s, 5), 0);
	capture_write(100, &bytes);
	assert_int_equal(capture_follow_start(f, &err), 0);
	for (unsigned int total = 0, rounds = 0; total < 100; rounds++) {
		struct rte_mbuf *burst[32];
		uint16_t n = source_receive(s, burst, 32);

		assert_true(rounds < 5000);
		for (uint16_t i = 0; i < n; i++)
			packet_check(burst[i], total++);
	}
	assert_int_equal(source_read(s, 5), 0);
	assert_false(source_finished(s));
	capture_follow_stop(f);
	capture_follow_stats_get(f, &stats);
	assert_int_equal(stats.read, 1);
	assert_int_equal(stats.pending, 0);
	source_close(s);
	capture_follow_close(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_packets),
		cmocka_unit_test(pool_too_small),
		cmocka_unit_test(followed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
