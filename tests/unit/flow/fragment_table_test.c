/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_byteorder.h>

#include "flow/fragment_table.h"

#define S UINT64_C(1000000)
#define LIFE (30 * S)  // docs/guide.md: 30 seconds

// A fragment as a test says it; small numbers stand for the ends.
struct fragment {
	uint32_t src, dst;
	uint32_t id;
	uint16_t sport, dport;  // of a first one
	uint8_t proto;          // 0: UDP
	uint8_t version;        // 0: 4
	uint16_t vlan;          // 0: none
	uint8_t tunnel;         // as in the flow key
};

static void
address_set(uint8_t addr[16], uint8_t version, uint32_t number)
{
	memset(addr, 0, 16);
	if (version == 6)
		addr[0] = 0x20;
	else
		addr[10] = addr[11] = 0xff;
	number = rte_cpu_to_be_32(number);
	memcpy(addr + 12, &number, sizeof(number));
}

// What packet_parse() gives for it: ends in the key's order.
static struct packet_meta
meta_of(const struct fragment *f, uint16_t sport, uint16_t dport, enum packet_fragment kind)
{
	bool swap = f->src > f->dst || (f->src == f->dst && sport > dport);
	struct packet_meta m;

	memset(&m, 0, sizeof(m));
	m.key.version = f->version != 0 ? f->version : 4;
	m.key.proto = f->proto != 0 ? f->proto : 17;
	m.key.vlan_count = f->vlan != 0;
	m.key.vlan[0] = f->vlan;
	m.key.tunnel = f->tunnel;
	address_set(m.key.addr[swap], m.key.version, f->src);
	address_set(m.key.addr[!swap], m.key.version, f->dst);
	m.key.port[swap] = rte_cpu_to_be_16(sport);
	m.key.port[!swap] = rte_cpu_to_be_16(dport);
	m.swapped = swap;
	m.fragment = (uint8_t)kind;
	m.fragment_id = f->id;
	return m;
}

static struct packet_meta
send_first(struct fragment_table *t, const struct fragment *f, uint64_t now_us)
{
	struct packet_meta m = meta_of(f, f->sport, f->dport, PACKET_FRAGMENT_FIRST), before = m;

	fragment_table_follow(t, &m, now_us);
	assert_memory_equal(&m, &before, sizeof(m));
	return m;
}

static struct packet_meta
send_later(struct fragment_table *t, const struct fragment *f, uint64_t now_us)
{
	struct packet_meta m = meta_of(f, 0, 0, PACKET_FRAGMENT_LATER);

	fragment_table_follow(t, &m, now_us);
	return m;
}

// A later fragment of f joins the flow of f's first one, in its direction.
static void
assert_follows(struct fragment_table *t, const struct fragment *f, uint64_t now_us)
{
	struct packet_meta expected = meta_of(f, f->sport, f->dport, PACKET_FRAGMENT_LATER);
	struct packet_meta found = send_later(t, f, now_us);

	assert_memory_equal(&found, &expected, sizeof(found));
}

// A later fragment of f stays as it was parsed, with ports 0.
static void
assert_alone(struct fragment_table *t, const struct fragment *f, uint64_t now_us)
{
	struct packet_meta expected = meta_of(f, 0, 0, PACKET_FRAGMENT_LATER);
	struct packet_meta found = send_later(t, f, now_us);

	assert_memory_equal(&found, &expected, sizeof(found));
}

static struct fragment_table *
table_new(void)
{
	struct fragment_table *t = fragment_table_create("test", 1, -1);

	assert_non_null(t);
	return t;
}

static void
later_joins_first(void **state)
{
	static const struct fragment cases[] = {
		{.src = 1, .dst = 2, .id = 7, .sport = 40000, .dport = 53},
		{.src = 2, .dst = 1, .id = 7, .sport = 40000, .dport = 53},
		{.src = 2, .dst = 1, .id = 7, .sport = 53, .dport = 40000},
		{.src = 1, .dst = 2, .id = 0, .sport = 1, .dport = 65535, .proto = 6},
		{.src = 1, .dst = 2, .id = 65535, .sport = 256, .dport = 1, .vlan = 9},
		{.src = 1, .dst = 2, .id = 0xfffffffe, .sport = 9, .dport = 8, .version = 6},
		{.src = 2, .dst = 1, .id = 0, .sport = 9, .dport = 8, .version = 6},
		{.src = 2, .dst = 1, .id = 7, .sport = 9, .dport = 8, .tunnel = 1 << 5 | 2},
		// Ports decide which end comes first when the addresses are the same.
		{.src = 3, .dst = 3, .id = 7, .sport = 1, .dport = 256},
		{.src = 3, .dst = 3, .id = 7, .sport = 256, .dport = 1},
		{.src = 3, .dst = 3, .id = 7, .sport = 256, .dport = 256},
		// No ports, as in ICMP or in a first fragment that is too short for them.
		{.src = 1, .dst = 2, .id = 1, .proto = 1},
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct fragment_table *t = table_new();

		send_first(t, &cases[i], 5 * S);
		assert_follows(t, &cases[i], 5 * S);
		assert_follows(t, &cases[i], 6 * S);
		assert_int_equal(t->counts.first, 1);
		assert_int_equal(t->counts.followed, 2);
		assert_int_equal(t->counts.unmatched, 0);
		fragment_table_free(t);
	}
}

// Everything that tells datagrams apart: another one of it, and the fragment is of another.
static void
others_do_not_join(void **state)
{
	static const struct fragment first = {.src = 1, .dst = 2, .id = 7, .sport = 4, .dport = 5};
	static const struct fragment others[] = {
		{.src = 3, .dst = 2, .id = 7},
		{.src = 1, .dst = 3, .id = 7},
		{.src = 2, .dst = 1, .id = 7},  // the other direction
		{.src = 1, .dst = 2, .id = 8},
		{.src = 1, .dst = 2, .id = 7 << 16},
		{.src = 1, .dst = 2, .id = 7, .proto = 6},
		{.src = 1, .dst = 2, .id = 7, .vlan = 1},
		{.src = 1, .dst = 2, .id = 7, .version = 6},
		{.src = 1, .dst = 2, .id = 7, .tunnel = 1 << 5 | 1},
	};
	struct fragment_table *t = table_new();

	(void)state;
	assert_alone(t, &first, 1 * S);  // before its first one
	send_first(t, &first, 1 * S);
	for (size_t i = 0; i < RTE_DIM(others); i++)
		assert_alone(t, &others[i], 1 * S);
	assert_follows(t, &first, 1 * S);
	assert_int_equal(t->counts.unmatched, 1 + RTE_DIM(others));
	fragment_table_free(t);
}

// RFC 8200 section 4.5: of several next headers the first fragment's counts. A later one only says
// what the fragmentable part begins with, for instance destination options.
static void
ipv6_protocol_is_the_first_ones(void **state)
{
	const struct fragment first = {.src = 1, .dst = 2, .id = 7, .sport = 40000, .dport = 443,
		.proto = 6, .version = 6};
	struct fragment later = first;
	struct fragment_table *t = table_new();
	struct packet_meta found, expected;

	(void)state;
	later.proto = 60;
	send_first(t, &first, 0);
	found = send_later(t, &later, 0);
	expected = meta_of(&first, first.sport, first.dport, PACKET_FRAGMENT_LATER);
	assert_memory_equal(&found, &expected, sizeof(found));
	fragment_table_free(t);
}

static void
lifetime_is_exact(void **state)
{
	const struct fragment f = {.src = 1, .dst = 2, .id = 7, .sport = 4, .dport = 5};
	struct fragment_table *t = table_new();

	(void)state;
	send_first(t, &f, 100 * S);
	assert_follows(t, &f, 100 * S + LIFE - 1);
	assert_alone(t, &f, 100 * S + LIFE);  // later fragments do not prolong it
	assert_alone(t, &f, UINT64_MAX);
	send_first(t, &f, 200 * S);
	send_first(t, &f, 210 * S);           // but a first one does
	assert_follows(t, &f, 210 * S + LIFE - 1);
	assert_alone(t, &f, 210 * S + LIFE);
	assert_int_equal(t->counts.evicted, 0);
	assert_int_equal(t->counts.replaced, 0);
	fragment_table_free(t);
}

// An identification that is used again, and first fragments that come twice, overlap or contradict.
static void
newest_first_fragment_counts(void **state)
{
	struct fragment f = {.src = 1, .dst = 2, .id = 7, .sport = 4, .dport = 5};
	struct fragment_table *t = table_new();

	(void)state;
	send_first(t, &f, 0);
	send_first(t, &f, 0);
	assert_int_equal(t->counts.replaced, 0);
	for (uint16_t port = 10; port < 1000; port++) {
		f.sport = port;
		send_first(t, &f, port);
		assert_follows(t, &f, port);
	}
	assert_int_equal(t->counts.replaced, 990);
	assert_int_equal(t->counts.evicted, 0);
	assert_int_equal(t->counts.first, 992);
	fragment_table_free(t);
}

// Where the table puts it: the hash of the datagram as struct fragment_entry describes it.
static unsigned int
set_of(const struct fragment_table *t, const struct fragment *f)
{
	struct flow_key datagram = meta_of(f, 0, 0, PACKET_FRAGMENT_LATER).key;

	assert_true(f->src <= f->dst && datagram.version == 4);
	memcpy(datagram.port, &f->id, sizeof(f->id));
	return (unsigned int)(flow_hash(&t->secret, &datagram) % FRAGMENT_SETS);
}

// Datagrams that share a set: the one whose first fragment came longest ago goes.
static void
full_set_gives_up_its_oldest(void **state)
{
	struct fragment_table *t = table_new();
	struct fragment f = {.src = 1, .dst = 2, .sport = 9, .dport = 5}, same[FRAGMENT_WAYS + 1];
	unsigned int set = set_of(t, &f), n;

	(void)state;
	for (n = 0; n < RTE_DIM(same); f.id++)
		if (set_of(t, &f) == set)
			same[n++] = f;
	for (n = 0; n < FRAGMENT_WAYS; n++)
		send_first(t, &same[n], n);
	assert_int_equal(t->counts.evicted, 0);
	send_first(t, &same[0], 10);  // once more: now the youngest
	send_first(t, &same[FRAGMENT_WAYS], 11);
	assert_int_equal(t->counts.evicted, 1);
	assert_alone(t, &same[1], 12);
	for (n = 0; n <= FRAGMENT_WAYS; n++)
		if (n != 1)
			assert_follows(t, &same[n], 12);
	// The oldest two have had their time: what takes the place of one evicts nothing.
	send_first(t, &same[1], LIFE + 3);
	assert_int_equal(t->counts.evicted, 1);
	assert_follows(t, &same[1], LIFE + 3);
	assert_follows(t, &same[0], LIFE + 3);
	assert_follows(t, &same[FRAGMENT_WAYS], LIFE + 3);
	fragment_table_free(t);
}

// Two million datagrams that never continue: memory stays, what is alive is found, all is counted.
static void
flood_is_bounded(void **state)
{
	struct fragment_table *t = table_new();
	const struct fragment_entry *entries = t->entries;
	uint32_t kept = 0;

	(void)state;
	for (uint32_t i = 0; i < 2000000; i++) {
		struct fragment f = {.src = i % 977, .dst = 5000 + i / 65536, .id = i % 65536,
			.sport = (uint16_t)(i | 1), .dport = 53};

		send_first(t, &f, i);
		assert_follows(t, &f, i);
	}
	for (uint32_t i = 0; i < FRAGMENT_SETS * FRAGMENT_WAYS; i++)
		kept += t->entries[i].datagram.version != 0;
	assert_ptr_equal(t->entries, entries);
	assert_int_equal(kept, FRAGMENT_SETS * FRAGMENT_WAYS);
	assert_int_equal(t->counts.first, 2000000);
	assert_int_equal(t->counts.followed, 2000000);
	assert_int_equal(t->counts.evicted, 2000000 - kept);
	fragment_table_free(t);
}

/*
 * Random fragments of few datagrams against a model that keeps the newest first fragment of each and
 * when it came. So few that all fit, so the table must give the same; time moves on by up to a
 * lifetime between two of them.
 */
static void
random_against_model(void **state)
{
	struct {
		struct fragment f;
		uint64_t first_us;
		bool known;
	} model[FRAGMENT_WAYS] = {0};
	struct fragment_table *t = table_new();
	uint64_t now = 1, random = 1, joined = 0, alone = 0;

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(model); i++)
		model[i].f = (struct fragment){.src = 1 + i / 2, .dst = 2, .id = i % 2};
	for (unsigned int i = 0; i < 200000; i++) {
		unsigned int at;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		at = (unsigned int)(random >> 40) % RTE_DIM(model);
		now += (random >> 33 & 3) == 0 ? (random >> 20) % LIFE : (random >> 20) % 1000;
		if ((random >> 50 & 3) == 0) {
			model[at].f.sport = (uint16_t)(random >> 10);
			model[at].first_us = now;
			model[at].known = true;
			send_first(t, &model[at].f, now);
		} else if (model[at].known && now - model[at].first_us < LIFE) {
			assert_follows(t, &model[at].f, now);
			joined++;
		} else {
			assert_alone(t, &model[at].f, now);
			alone++;
		}
	}
	assert_true(joined > 10000 && alone > 10000);
	assert_int_equal(t->counts.followed, joined);
	assert_int_equal(t->counts.unmatched, alone);
	assert_int_equal(t->counts.evicted, 0);
	fragment_table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_joins_first),
		cmocka_unit_test(others_do_not_join),
		cmocka_unit_test(ipv6_protocol_is_the_first_ones),
		cmocka_unit_test(lifetime_is_exact),
		cmocka_unit_test(newest_first_fragment_counts),
		cmocka_unit_test(full_set_gives_up_its_oldest),
		cmocka_unit_test(flood_is_bounded),
		cmocka_unit_test(random_against_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
