/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame_key.h"
#include "intern.h"
#include "packet/packet.h"
#include "prng.h"

// The answer key's own reading of frames against Weir's, on frames of all kinds that were changed
// at random. The two share no code, so what one gets wrong the other shows.

#define FRAME_MOST 256u
#define ROUNDS 300000u

#define MACS 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2
#define IP4(proto) 0x45, 0, 0, 60, 0, 1, 0, 0, 64, proto, 0, 0, 10, 0, 0, 1, 192, 0, 2, 7
#define IP6(next) 0x60, 0, 0, 0, 0, 20, next, 64, \
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, \
	0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define PORTS 0x9c, 0x40, 0x01, 0xbb

static const struct seed {
	uint8_t bytes[120];
	uint8_t used;
} seeds[] = {
	{{MACS, 8, 0, IP4(6), PORTS}, 80},
	{{MACS, 8, 0, IP4(17), PORTS}, 60},
	{{MACS, 0x86, 0xdd, IP6(6), PORTS}, 90},
	{{MACS, 0x86, 0xdd, IP6(0), 44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 5,
		PORTS}, 90},
	{{MACS, 0x86, 0xdd, IP6(51), 60, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 132, 0}, 100},
	{{MACS, 0x81, 0, 0x20, 5, 0x88, 0xa8, 0, 6, 0x91, 0, 0, 7, 8, 0, IP4(136), PORTS}, 80},
	{{MACS, 0, 40, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IP4(17), PORTS}, 70},
	{{MACS, 0x88, 0x47, 0, 1, 0x00, 64, 0, 2, 0x01, 64, IP4(17), PORTS}, 70},
	{{MACS, 0x88, 0x47, 0, 1, 0x01, 64, MACS, 0x86, 0xdd, IP6(17), PORTS}, 100},
	{{MACS, 0x88, 0x48, 0, 1, 0x01, 64, 0, 0, 0, 0, MACS, 0x81, 0, 0, 9, 8, 0, IP4(6),
		PORTS}, 90},
	{{MACS, 0x88, 0x64, 0x11, 0, 0, 1, 0, 42, 0, 0x21, IP4(6), PORTS}, 80},
	{{MACS, 0x88, 0x64, 0x11, 0, 0, 1, 0, 42, 0xff, 3, 0x57, IP6(58), PORTS}, 90},
	{{MACS, 0x81, 0, 0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 0x81, 0, 0, 4, 0x81, 0, 0, 5, 8,
		0}, 60},
	{{MACS, 8, 6, 0, 1, 8, 0}, 60},
	{{MACS, 0x88, 0xcc, 1, 2}, 60},
};

static void
address_same(const struct address *a, const uint8_t mapped[16])
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if (a->version == 4) {
		assert_memory_equal(mapped, prefix, sizeof(prefix));
		assert_memory_equal(mapped + 12, a->bytes, 4);
	} else {
		assert_memory_equal(mapped, a->bytes, 16);
	}
}

static void
keys_same(const struct frame_key *k, const struct packet_meta *m)
{
	unsigned int from = m->swapped, to = from ^ 1;

	assert_int_equal(k->src.version, m->key.version);
	address_same(&k->src, m->key.addr[from]);
	address_same(&k->dst, m->key.addr[to]);
	assert_int_equal(k->port[0], rte_be_to_cpu_16(m->key.port[from]));
	assert_int_equal(k->port[1], rte_be_to_cpu_16(m->key.port[to]));
	assert_int_equal(k->ip_proto, m->key.proto);
	assert_int_equal(k->vlan_count, m->key.vlan_count);
	assert_memory_equal(k->vlan, m->key.vlan, sizeof(k->vlan));
}

static enum discard_reason
frame_compare(struct rte_mbuf *m, const uint8_t *frame, uint32_t bytes)
{
	enum discard_reason found, expected;
	struct packet_meta meta;
	struct frame_key key;

	memcpy(rte_pktmbuf_mtod(m, uint8_t *), frame, bytes);
	m->data_len = (uint16_t)bytes;
	m->pkt_len = bytes;
	expected = packet_parse(m, LINKTYPE_ETHERNET, PACKET_TUNNELS_OFF, &meta);
	found = frame_key_read(frame, bytes, &key);
	assert_int_equal(found, expected);
	if (found == DISCARD_NONE)
		keys_same(&key, &meta);
	return found;
}

// Some bytes changed: any value, or one that means something at many places.
static void
frame_change(uint8_t *frame, uint32_t bytes, uint64_t word)
{
	static const uint8_t telling[] = {0, 1, 4, 6, 8, 0x11, 0x21, 0x2c, 0x33, 0x3c, 0x45, 0x46,
		0x47, 0x60, 0x81, 0x86, 0x88, 0xa8, 0xdd, 0xff};
	uint32_t at = 12 + (uint32_t)(word >> 32) % (bytes - 12);

	frame[at] = (word & 1) != 0 ? (uint8_t)(word >> 8) :
		telling[(word >> 8) % sizeof(telling)];
}

static void
agrees_with_the_parser(void **state)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(support_pool());
	uint32_t seen[DISCARD_COUNT] = {0};
	uint8_t frame[FRAME_MOST];

	(void)state;
	assert_non_null(m);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		const struct seed *s = &seeds[i % RTE_DIM(seeds)];
		uint64_t word = prng_word(1, i);
		uint32_t bytes = s->used;

		memcpy(frame, s->bytes, s->used);
		for (uint64_t n = word % 4; n > 0; n--)
			frame_change(frame, bytes, prng_word(n + 2, i));
		if ((word >> 8) % 4 == 0)
			bytes = 14 + (uint32_t)(word >> 16) % (bytes - 13);
		seen[frame_compare(m, frame, bytes)]++;
	}
	// All that Ethernet can bring has been there.
	for (unsigned int i = DISCARD_NONE; i < DISCARD_STOPPED; i++)
		if (i != DISCARD_LINKTYPE && seen[i] == 0)
			fail_msg("no frame was %s", discard_reason_name(i));
	rte_pktmbuf_free(m);
}

// What rewriting of addresses reaches.
static void
outer_headers(void **state)
{
	static const bool outer[] = {[0] = true, [1] = true, [2] = true, [3] = true, [4] = true,
		[RTE_DIM(seeds) - 1] = false};
	struct frame_key key;

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(seeds); i++)
		if (frame_key_read(seeds[i].bytes, seeds[i].used, &key) == DISCARD_NONE)
			assert_int_equal(key.outer, outer[i]);
}

static void
numbers_are_kept(void **state)
{
	struct intern t;
	uint32_t item;

	(void)state;
	intern_init(&t, sizeof(item), 5000);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 5000; i++) {
			item = i * 7;
			assert_int_equal(intern_number(&t, &item), i);
			assert_int_equal(*(const uint32_t *)intern_item(&t, i), i * 7);
		}
	item = 1;
	assert_int_equal(intern_number(&t, &item), INTERN_NONE);
	assert_int_equal(errno, ENOSPC);
	item = 7;
	assert_int_equal(intern_number(&t, &item), 1);
	intern_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_parser),
		cmocka_unit_test(outer_headers),
		cmocka_unit_test(numbers_are_kept),
	};

	return cmocka_run_group_tests_name("frame_key", tests, support_setup, support_teardown);
}
