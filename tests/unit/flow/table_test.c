/* SPDX-License-Identifier: BSD-3-Clause */
// The flow table against an array that knows which key is where.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>

#include "eal_support.h"
#include "flow/flow_table.h"

#define WORLD 4096

static struct flow_key
key_of(uint32_t i)
{
	struct flow_key k = {.version = 4, .proto = 6};

	k.addr[0][15] = (uint8_t)i;
	k.addr[1][14] = (uint8_t)(i >> 8);
	k.port[1] = (uint16_t)(i >> 16);
	return k;
}

// What the table should hold: for each key its flow, or NULL.
struct model {
	struct flow_table *t;
	struct flow *flow[WORLD];
	uint32_t count;
	uint64_t clock;
	unsigned int evicted;
};

static void
model_remove(struct model *m, uint32_t i)
{
	flow_table_remove(m->t, m->flow[i]);
	assert_int_equal(m->flow[i]->key.version, 0);
	m->flow[i] = NULL;
	m->count--;
}

// Whatever flow has to go, it is one that is in the table.
static void
model_evict(struct model *m, struct flow *victim)
{
	for (uint32_t i = 0; i < WORLD; i++) {
		if (m->flow[i] == victim) {
			model_remove(m, i);
			m->evicted++;
			return;
		}
	}
	fail_msg("the victim is not in the table");
}

static void
model_insert(struct model *m, uint32_t i)
{
	struct flow_key k = key_of(i);
	uint64_t hash = flow_hash(&m->t->secret, &k);
	unsigned int rounds = 0;
	struct flow *f;

	while ((f = flow_table_victim(m->t, hash)) != NULL) {
		assert_true(rounds++ < 2);
		model_evict(m, f);
	}
	m->flow[i] = f = flow_table_insert(m->t, &k, hash, m->clock + 1);
	assert_true(f >= m->t->flows && f < m->t->flows + m->t->capacity);
	assert_true(flow_key_equal(&f->key, &k));
	assert_true(f->last_us == 0 && f->dir[0].packets == 0 && f->pane == 0);
	assert_true(f->timer_slot == FLOW_TIMER_NONE);
	f->last_us = ++m->clock;
	m->count++;
}

static void
model_check(struct model *m, uint32_t i)
{
	struct flow_key k = key_of(i);
	uint64_t hash = flow_hash(&m->t->secret, &k);
	struct flow *f = flow_table_find(m->t, &k, hash);
	uint32_t guess = flow_table_guess(m->t, hash);

	assert_ptr_equal(f, m->flow[i]);
	assert_true(guess == FLOW_NONE || guess < m->t->capacity);
	if (f != NULL)
		f->last_us = ++m->clock;
}

static void
random_operations(uint32_t capacity, uint32_t world, uint64_t seed)
{
	struct model *m = test_calloc(1, sizeof(*m));
	struct random r = {seed};
	uint64_t spilled = 0;

	m->t = flow_table_create("test", capacity, seed, -1);
	assert_non_null(m->t);
	for (unsigned int step = 0; step < 100000; step++) {
		uint32_t i = (uint32_t)random_below(&r, world);

		model_check(m, i);
		if (m->flow[i] == NULL)
			model_insert(m, i);
		else if (random_below(&r, step % 20000 < 10000 ? 8 : 2) == 0)
			model_remove(m, i);
		model_check(m, i);
		assert_int_equal(m->t->count, m->count);
		assert_true(m->count <= capacity && m->t->fresh <= capacity);
		if (step % 97 == 0)
			for (uint64_t b = 0; b <= m->t->bucket_mask; b++)
				spilled += m->t->buckets[b].spilled;
	}
	for (uint32_t i = 0; i < world; i++)
		model_check(m, i);
	assert_true(capacity < 64 || spilled > 0);
	assert_true(world <= capacity || m->evicted > 100);
	for (uint32_t i = 0; i < world; i++)
		if (m->flow[i] != NULL)
			model_remove(m, i);
	for (uint64_t b = 0; b <= m->t->bucket_mask; b++)
		assert_true(m->t->buckets[b].used == 0 && m->t->buckets[b].spilled == 0);
	assert_int_equal(m->t->count, 0);
	flow_table_free(m->t);
	test_free(m);
}

static void
random_with_room(void **state)
{
	(void)state;
	random_operations(512, 500, 3);  // 128 buckets
	random_operations(64, 64, 4);    // 16 buckets of 8 entries for 64 flows
}

static void
random_overfull(void **state)
{
	(void)state;
	random_operations(16, 200, 5);
	random_operations(100, WORLD, 6);
	random_operations(1024, WORLD, 7);
}

// Keys whose hashes the test chooses: all in one bucket, all with one signature.
static void
same_hash_is_told_apart(void **state)
{
	struct flow_table *t = flow_table_create("test", 64, 1, -1);
	const uint64_t hash = UINT64_C(0x1234000000000005);
	struct flow *f[16];

	(void)state;
	for (uint32_t i = 0; i < 16; i++) {
		struct flow_key k = key_of(i);

		assert_null(flow_table_find(t, &k, hash));
		assert_null(flow_table_victim(t, hash));
		f[i] = flow_table_insert(t, &k, hash, 0);
		f[i]->last_us = 100 + (i + 5) % 16;
	}
	for (uint32_t i = 0; i < 16; i++) {
		struct flow_key k = key_of(i);

		assert_ptr_equal(flow_table_find(t, &k, hash), f[i]);
	}
	assert_int_equal(flow_table_first_bucket(t, hash)->spilled, 8);
	// Both buckets are full: the one seen longest ago has to go, of either.
	assert_ptr_equal(flow_table_victim(t, hash), f[11]);
	f[11]->last_us = 1000;
	assert_ptr_equal(flow_table_victim(t, hash), f[12]);
	assert_int_equal(t->count, 16);
	flow_table_free(t);
}

// With all slots taken the victim is the oldest of the key's two buckets, if they hold any.
static void
victim_is_oldest(void **state)
{
	struct flow_table *t = flow_table_create("test", 16, 9, -1);
	unsigned int with_flows = 0;
	struct flow *all[16];

	(void)state;
	for (uint32_t i = 0; i < 16; i++) {
		struct flow_key k = key_of(i);

		all[i] = flow_table_insert(t, &k, flow_hash(&t->secret, &k), 0);
		all[i]->last_us = 1000 - i;
	}
	for (uint32_t i = 16; i < 3000; i++) {
		struct flow_key k = key_of(i);
		uint64_t hash = flow_hash(&t->secret, &k);
		const struct flow_bucket *first = flow_table_first_bucket(t, hash);
		struct flow *victim = flow_table_victim(t, hash);

		assert_non_null(victim);
		for (unsigned int e = 0; e < 8; e++) {
			if ((first->used & 1U << e) == 0)
				continue;
			with_flows++;
			assert_true(victim->last_us <= t->flows[first->slot[e]].last_us);
		}
	}
	assert_true(with_flows > 1000);
	flow_table_free(t);
}

// The flow of the two buckets of a hash that was seen first, by reading all: where victims come from.
static struct flow *
oldest_of(const struct flow_table *t, const struct flow_bucket *b, struct flow *oldest)
{
	for (unsigned int e = 0; e < FLOW_BUCKET_ENTRIES; e++) {
		struct flow *f = &t->flows[b->slot[e]];

		if ((b->used & 1U << e) != 0 && (oldest == NULL || f->last_us < oldest->last_us))
			oldest = f;
	}
	return oldest;
}

// No flow was seen before the time that its bucket has for it.
static void
bounds_hold(const struct flow_table *t)
{
	for (uint64_t i = 0; i <= t->bucket_mask; i++) {
		const struct flow_bucket *b = &t->buckets[i];
		uint64_t epoch = t->age_epoch + ((uint64_t)b->epoch_high << 32 | b->epoch);

		for (unsigned int e = 0; e < FLOW_BUCKET_ENTRIES; e++)
			if ((b->used & 1U << e) != 0)
				assert_true((epoch + b->seen[e]) << t->age_shift <=
					t->flows[b->slot[e]].last_us);
	}
}

// Flows come, are seen again and go while the clock goes on by steps from none to days: the victim is
// the one that reading all flows would give, of two that were seen at once, too.
static void
victims_from(uint64_t now)
{
	static const uint64_t steps[] = {0, 1, 40, 3000, 200000, UINT64_C(100000000000)};
	struct flow_table *t = flow_table_create("test", 4096, 9, -1);
	struct random r = {11};
	uint64_t victims = 0;

	for (uint32_t i = 0; i < 60000; i++) {
		struct flow_key k = key_of(i % 3 == 0 ? i : (uint32_t)random_below(&r, 40000));
		uint64_t hash = flow_hash(&t->secret, &k);
		struct flow *f = flow_table_find(t, &k, hash), *victim;

		now += random_below(&r, 1 + steps[random_below(&r, i % 1000 == 0 ? 6 : 5)]);
		if (f != NULL) {
			f->last_us = now;
			continue;
		}
		victim = flow_table_victim(t, hash);
		if (victim != NULL) {
			const struct flow_bucket *first = flow_table_first_bucket(t, hash);
			const struct flow_bucket *second = &t->buckets[((hash & t->bucket_mask) +
				((hash >> 22) | 1)) & t->bucket_mask];
			struct flow *oldest = oldest_of(t, second, oldest_of(t, first, NULL));

			assert_true(oldest == NULL || victim == oldest);
			victims += oldest != NULL;
			flow_table_remove(t, victim);
		}
		flow_table_insert(t, &k, hash, now)->last_us = now;
		if (i % 512 == 0)
			bounds_hold(t);
	}
	bounds_hold(t);
	assert_true(victims > 10000);
	flow_table_free(t);
}

static void
victim_as_by_reading_all(void **state)
{
	(void)state;
	victims_from(5);
	victims_from(UINT64_C(1795651200000000));        // 2026
	victims_from(UINT64_C(9000000000000000000));
}

// Of what comes one microsecond after the other on today's clock a bucket knows the time to a step, so
// that few flows have to be read.
static void
bounds_are_near(void **state)
{
	const uint64_t now = UINT64_C(1795651200000000);
	struct flow_table *t = flow_table_create("test", 4096, 9, -1);

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		struct flow_key k = key_of(i);

		flow_table_insert(t, &k, flow_hash(&t->secret, &k), now + i)->last_us = now + i;
	}
	bounds_hold(t);
	for (uint64_t i = 0; i <= t->bucket_mask; i++) {
		const struct flow_bucket *b = &t->buckets[i];
		uint64_t epoch = t->age_epoch + ((uint64_t)b->epoch_high << 32 | b->epoch);

		for (unsigned int e = 0; e < FLOW_BUCKET_ENTRIES; e++)
			if ((b->used & 1U << e) != 0)
				assert_true((epoch + b->seen[e] + 1) << t->age_shift >
					t->flows[b->slot[e]].last_us);
	}
	flow_table_free(t);
}

static void
capacity_bounds(void **state)
{
	static const uint32_t bad[] = {0, 15, (1U << 26) + 1, UINT32_MAX};
	static const uint32_t good[] = {16, 17, 1000, 1U << 20, 1U << 26};
	struct flow_table *t;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(bad); i++) {
		errno = 0;
		assert_null(flow_table_create("test", bad[i], 0, -1));
		assert_int_equal(errno, EINVAL);
	}
	for (size_t i = 0; i < RTE_DIM(good); i++) {
		uint64_t buckets;

		t = flow_table_create("test", good[i], 0, -1);
		assert_non_null(t);
		buckets = t->bucket_mask + 1;
		assert_true(buckets * 4 >= good[i] && (buckets == 16 || buckets * 2 < good[i]));
		assert_int_equal(flow_table_bytes(good[i]), t->buckets_bytes + t->flows_bytes);
		flow_table_free(t);
	}
	flow_table_free(NULL);
}

// Freed slots are used again, so a table never needs more slots than it had flows at once.
static void
slots_are_reused(void **state)
{
	struct flow_table *t = flow_table_create("test", 100, 1, -1);

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		struct flow_key k = key_of(i);
		struct flow *f = flow_table_insert(t, &k, flow_hash(&t->secret, &k), 0);

		f->dir[1].packets = 7;
		f->pane = 8;
		if (i >= 3) {
			k = key_of(i - 3);
			f = flow_table_find(t, &k, flow_hash(&t->secret, &k));
			flow_table_remove(t, f);
			assert_null(flow_table_find(t, &k, flow_hash(&t->secret, &k)));
		}
	}
	assert_true(t->fresh <= 4);
	flow_table_free(t);
}

// The memory of new flows is there before they come, a step at a time and to the last one; no other is.
static void
memory_by_need(void **state)
{
	static const uint32_t capacities[] = {16, 100, 1000, 20000};

	(void)state;
	for (size_t c = 0; c < RTE_DIM(capacities); c++) {
		struct flow_table *t = flow_table_create("test", capacities[c], 1, -1);

		assert_non_null(t);
		flow_table_by_need(t);
		for (uint32_t i = 0; i < capacities[c] && t->count < 3000; i++) {
			struct flow_key k = key_of(i);

			if (flow_table_victim(t, flow_hash(&t->secret, &k)) != NULL)
				continue;
			flow_table_insert(t, &k, flow_hash(&t->secret, &k), 0);
			assert_true(t->fresh <= t->expected && t->expected <= t->capacity);
			assert_true(t->steps.present / sizeof(struct flow) == t->expected);
			assert_int_equal(eal_pages_present(t->flows, t->flows_bytes),
				t->steps.present / 4096);
			// In small steps at first.
			if (t->steps.present <= 2 << 20)
				assert_true(t->expected - t->fresh <= (128 << 10) / sizeof(struct flow));
		}
		flow_table_free(t);
	}
}

// Beyond a number of flows the kernel may do as it likes: hugepages, where it has some.
static void
memory_of_many(void **state)
{
	struct flow_table *t = flow_table_create("test", 2 * FLOWS_BY_NEED, 1, -1);

	(void)state;
	assert_non_null(t);
	flow_table_by_need(t);
	for (uint32_t i = 0; t->fresh <= FLOWS_BY_NEED; i++) {
		struct flow_key k = key_of(i);

		assert_null(flow_table_victim(t, flow_hash(&t->secret, &k)));
		assert_true(t->fresh <= t->expected && t->expected <= FLOWS_BY_NEED);
		flow_table_insert(t, &k, flow_hash(&t->secret, &k), 0);
	}
	assert_int_equal(t->expected, FLOW_NONE);
	flow_table_free(t);
}

static void
seeds(void **state)
{
	struct flow_hash_secret a, b;
	unsigned int same = 0;

	(void)state;
	flow_hash_secret_init(&a, 42);
	flow_hash_secret_init(&b, 42);
	assert_memory_equal(&a, &b, sizeof(a));
	flow_hash_secret_init(&b, 43);
	for (uint32_t i = 0; i < 1000; i++) {
		struct flow_key k = key_of(i);

		same += flow_hash(&a, &k) == flow_hash(&b, &k);
	}
	assert_int_equal(same, 0);
	flow_hash_secret_init(&a, 0);
	flow_hash_secret_init(&b, 0);
	assert_memory_not_equal(&a, &b, sizeof(a));
}

// Every bit of the key moves about half of the hash, and similar keys fill buckets evenly.
static void
hash_spreads(void **state)
{
	struct flow_hash_secret s;
	unsigned int load[1024] = {0}, most = 0;

	(void)state;
	flow_hash_secret_init(&s, 1);
	for (unsigned int bit = 0; bit < sizeof(struct flow_key) * 8; bit++) {
		unsigned int changed = 0;

		for (uint32_t i = 0; i < 64; i++) {
			struct flow_key a = key_of(i * 977), b = a;

			((uint8_t *)&b)[bit / 8] ^= (uint8_t)(1U << bit % 8);
			changed += (unsigned int)__builtin_popcountll(
				flow_hash(&s, &a) ^ flow_hash(&s, &b));
		}
		assert_in_range(changed, 64 * 26, 64 * 38);
	}
	for (uint32_t i = 0; i < 65536; i++) {
		struct flow_key k = key_of(i);

		load[flow_hash(&s, &k) % 1024]++;
	}
	for (unsigned int i = 0; i < 1024; i++)
		most = RTE_MAX(most, load[i]);
	assert_true(most < 120);  // 64 on average; 8 standard deviations are 128
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_with_room),
		cmocka_unit_test(random_overfull),
		cmocka_unit_test(same_hash_is_told_apart),
		cmocka_unit_test(victim_is_oldest),
		cmocka_unit_test(victim_as_by_reading_all),
		cmocka_unit_test(bounds_are_near),
		cmocka_unit_test(capacity_bounds),
		cmocka_unit_test(slots_are_reused),
		cmocka_unit_test(memory_by_need),
		cmocka_unit_test(memory_of_many),
		cmocka_unit_test(seeds),
		cmocka_unit_test(hash_spreads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
