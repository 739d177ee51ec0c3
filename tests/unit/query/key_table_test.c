/* SPDX-License-Identifier: BSD-3-Clause */
// The key table against an array, over random insertions, releases and growth; hashes that collide;
// wide integers against schoolbook cases.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "pane_build.h"
#include "query/key_table.h"
#include "query/wide.h"

#define WORLD 5000
#define CROWD 60

static struct query_key
key_of(uint32_t i)
{
	struct query_key k = {.number = (uint16_t)(i >> 8), .form = 4};

	k.addr[1][15] = (uint8_t)i;
	return k;
}

static void
random_keys(void **state)
{
	uint32_t *ids = test_calloc(WORLD, sizeof(*ids)), *held = test_calloc(WORLD, sizeof(*held));
	struct random r = {3};
	struct key_table t;
	uint32_t live = 0;

	(void)state;
	assert_int_equal(key_table_init(&t, 64), 0);
	for (unsigned int step = 0; step < 40000; step++) {
		uint32_t i = (uint32_t)random_below(&r, step < 10000 ? 50 : WORLD);
		struct query_key k = key_of(i);
		uint32_t hash = key_table_hash(&t, &k);

		assert_int_equal(key_table_find(&t, &k, hash), ids[i]);
		if (ids[i] != KEY_NONE && (step % 8000 > 4000 || random_below(&r, 3) == 0)) {
			key_table_release(&t, ids[i]);
			if (--held[i] == 0) {
				ids[i] = KEY_NONE;
				live--;
			}
		} else if (ids[i] != KEY_NONE) {
			t.references[ids[i]]++;
			held[i]++;
		} else {
			ids[i] = key_table_insert(&t, &k, hash);
			if (ids[i] == KEY_NONE) {
				assert_int_equal(live, t.capacity);
				assert_int_equal(key_table_grow(&t), 0);
				ids[i] = key_table_insert(&t, &k, hash);
			}
			assert_int_not_equal(ids[i], KEY_NONE);
			t.references[ids[i]] = held[i] = 1;
			live++;
		}
		assert_int_equal(t.live, live);
	}
	for (uint32_t i = 0; i < WORLD; i++) {
		struct query_key k = key_of(i);

		assert_int_equal(key_table_find(&t, &k, key_table_hash(&t, &k)), ids[i]);
		assert_true(ids[i] == KEY_NONE || query_key_equal(&t.entries[ids[i]].key, &k));
	}
	key_table_fini(&t);
	test_free(ids);
	test_free(held);
}

// Buckets overflow and wrap around; only the whole comparison tells keys of one hash apart.
static void
colliding_keys(void **state)
{
	struct key_table t;
	uint32_t ids[60];

	(void)state;
	assert_int_equal(key_table_init(&t, 64), 0);
	// all from the last two buckets on
	for (uint32_t i = 0; i < 60; i++) {
		struct query_key k = key_of(i);

		ids[i] = key_table_insert(&t, &k, t.mask - i % 2);
	}
	for (uint32_t i = 0; i < 60; i++) {
		struct query_key k = key_of(i);

		assert_int_equal(key_table_find(&t, &k, t.mask - i % 2), ids[i]);
		k.proto = 1;
		assert_int_equal(key_table_find(&t, &k, t.mask - i % 2), KEY_NONE);
	}
	key_table_fini(&t);
}

static void
keys_are_found(struct key_table *t, const struct query_key *keys, const uint32_t *ids)
{
	uint32_t live = 0;

	for (uint32_t i = 0; i < CROWD; i++) {
		assert_int_equal(key_table_find(t, &keys[i], key_table_hash(t, &keys[i])), ids[i]);
		live += ids[i] != KEY_NONE;
	}
	assert_int_equal(t->live, live);
}

static void
half_purge(struct random *r, struct key_table *t, uint32_t *ids)
{
	uint8_t marks[65] = {0};

	for (uint32_t i = 0; i < CROWD; i++) {
		if (ids[i] == KEY_NONE || random_below(r, 2) == 0)
			continue;
		marks[ids[i]] = 7;
		ids[i] = KEY_NONE;
	}
	key_table_purge(t, marks, 7);
}

// 60 keys that all belong into the last bucket or the first two: they lie in eight of them, and what
// goes from a full one has to be made good from those behind.
static void
crowded_buckets(void **state)
{
	struct query_key keys[CROWD];
	uint32_t ids[CROWD] = {0}, count = 0;
	struct random r = {5};
	struct key_table t;

	(void)state;
	assert_int_equal(key_table_init(&t, 64), 0);
	for (uint32_t i = 0; count < CROWD; i++) {
		keys[count] = key_of(i);
		count += ((key_table_hash(&t, &keys[count]) + 1) & t.mask) < 3;
	}
	for (unsigned int step = 0; step < 5000; step++) {
		uint32_t i = (uint32_t)random_below(&r, CROWD);

		if (step % 200 == 199) {
			half_purge(&r, &t, ids);
		} else if (ids[i] == KEY_NONE) {
			ids[i] = key_table_insert(&t, &keys[i], key_table_hash(&t, &keys[i]));
			assert_int_not_equal(ids[i], KEY_NONE);
		} else if (step % 200 > 100) {
			key_table_remove(&t, ids[i]);
			ids[i] = KEY_NONE;
		}
		keys_are_found(&t, keys, ids);
	}
	key_table_fini(&t);
}

static void
seeds_differ(void **state)
{
	struct query_key k = key_of(1);
	struct key_table a, b;
	unsigned int same = 0;

	(void)state;
	assert_int_equal(key_table_init(&a, 64), 0);
	assert_int_equal(key_table_init(&b, 64), 0);
	for (uint32_t i = 0; i < 100; i++) {
		k = key_of(i);
		same += key_table_hash(&a, &k) == key_table_hash(&b, &k);
	}
	assert_true(same < 5);
	key_table_fini(&a);
	key_table_fini(&b);
}

static void
wide_integers(void **state)
{
	const unsigned __int128 most = ((unsigned __int128)UINT32_MAX << 64) | UINT64_MAX;
	struct wide a = wide_square(most), b = {.word = {1, 0, 0}}, c;

	(void)state;
	// (2^96 - 1)^2 = 2^192 - 2^97 + 1
	assert_true(a.word[0] == 1 && a.word[1] == UINT64_MAX - (UINT64_C(1) << 33) + 1);
	assert_true(a.word[2] == UINT64_MAX);
	c = wide_subtract(&a, &b);
	assert_true(c.word[0] == 0 && c.word[1] == a.word[1] && c.word[2] == a.word[2]);
	c = wide_subtract(&c, &b);  // borrows
	assert_true(c.word[0] == UINT64_MAX && c.word[1] == a.word[1] - 1);
	b = (struct wide){.word = {UINT64_MAX, UINT64_MAX, 0}};
	wide_add(&b, 1, 0);  // carries through
	assert_true(b.word[0] == 0 && b.word[1] == 0 && b.word[2] == 1);
	b = (struct wide){.word = {UINT64_MAX, UINT64_MAX, 1}};
	c = wide_scale(&b, 3);  // 3 (2^129 - 1)
	assert_true(c.word[0] == UINT64_MAX - 2 && c.word[1] == UINT64_MAX && c.word[2] == 5);
}

static void
wide_rounds_once(void **state)
{
	struct wide exact = {.word = {0, 0, 3}};
	// halfway between two doubles, to even; the lowest bit of all decides
	struct wide tie = {.word = {0, 0, (UINT64_C(1) << 63) + (1 << 10)}};
	struct wide above = {.word = {1, 0, (UINT64_C(1) << 63) + (1 << 10)}};

	(void)state;
	assert_true(wide_double(&exact) == ldexp(3, 128));
	assert_true(wide_double(&tie) == ldexp(1, 191));
	assert_true(wide_double(&above) == nextafter(ldexp(1, 191), INFINITY));
	assert_true(wide_double(&(struct wide){0}) == 0);
	assert_true(wide_double(&(struct wide){.word = {12345}}) == 12345);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_keys),
		cmocka_unit_test(colliding_keys),
		cmocka_unit_test(crowded_buckets),
		cmocka_unit_test(seeds_differ),
		cmocka_unit_test(wide_integers),
		cmocka_unit_test(wide_rounds_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
