/* SPDX-License-Identifier: BSD-3-Clause */
// Sketches against plain counting: exact lists, estimates within the stated error from one thing to a
// million, sliding windows equal to a sketch made of the window alone, any order and any division
// among sketches the same, memory as counted and as allowed.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "pane_build.h"
#include "query/distinct.h"

static struct sketch_memory memory = {.limit = SIZE_MAX};

static uint64_t
hash_random(struct random *r)
{
	return random_next(r) >> (64 - HLL_HASH_BITS);
}

// What sketches say of n things in `trials` attempts, relative to n: mean and root mean square.
static void
errors_measure(uint32_t n, unsigned int trials, double *ret_mean, double *ret_rms)
{
	double sum = 0, squares = 0;

	for (unsigned int t = 0; t < trials; t++) {
		struct random r = {n * UINT64_C(1000003) + t + 1};
		struct sketch s = {0};
		double error;

		for (uint32_t i = 0; i < n; i++)
			assert_int_not_equal(sketch_add(&s, &memory, hash_random(&r), 0, 0), -ENOMEM);
		error = (double)sketch_count(&s, 0) / n - 1;
		sum += error;
		squares += error * error;
		sketch_clear(&s, &memory);
	}
	*ret_mean = sum / trials;
	*ret_rms = sqrt(squares / trials);
}

static void
estimates_keep_the_stated_error(void **state)
{
	static const struct {
		uint32_t n;
		unsigned int trials;
	} cases[] = {
		{1, 20}, {2, 20}, {10, 50}, {100, 50}, {1024, 20}, {1025, 200}, {2000, 200}, {4000, 200},
		{6000, 200}, {10000, 200}, {30000, 100}, {100000, 30}, {1000000, 5},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double mean, rms;

		errors_measure(cases[i].n, cases[i].trials, &mean, &rms);
		print_message("%8u things: mean %+.4f, root mean square %.4f\n", cases[i].n, mean, rms);
		if (cases[i].n <= SKETCH_LIST_MAX) {
			assert_true(rms == 0);
			continue;
		}
		// Three standard deviations of the mean and of the root mean square.
		assert_true(fabs(mean) < 3 * HLL_STANDARD_ERROR / sqrt(cases[i].trials));
		assert_true(rms < HLL_STANDARD_ERROR * (1 + 3 / sqrt(2.0 * cases[i].trials)));
		assert_true(rms > HLL_STANDARD_ERROR / 4);
	}
}

static void
errors_cover_estimates(void **state)
{
	(void)state;
	assert_int_equal(hll_error(0), 0);
	assert_int_equal(hll_error(1), 1);
	for (uint64_t n = 1; n < UINT64_C(1) << 50; n *= 3) {
		// An estimate three standard errors off to either side still covers the truth.
		uint64_t low = (uint64_t)llround((double)n * (1 - 3 * HLL_STANDARD_ERROR));
		uint64_t high = (uint64_t)llround((double)n * (1 + 3 * HLL_STANDARD_ERROR));

		assert_true(low + hll_error(low) + 1 >= n);
		assert_true(high - hll_error(high) <= n + 1);
		assert_true((double)hll_error(n) <= (double)n * 0.075 + 1);
	}
}

// Hosts one after the other, as a sweep has them, and ports: hashed as the engine does it.
static uint64_t
swept_count(enum query_metric metric, bool v6, uint32_t n)
{
	struct distinct_pool pool;
	struct distinct *d;
	struct pane_delta delta = {.key = {.version = v6 ? 6 : 4, .proto = 6}};
	uint64_t count;

	distinct_pool_init(&pool, DISTINCT_BYTES);
	d = distinct_create(&pool, metric, false, 0);
	assert_non_null(d);
	assert_int_equal(distinct_reserve(d, 1), 0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t number = rte_cpu_to_be_32(0x0a000000 + i);

		memset(delta.key.addr[1] + 10, v6 ? 0 : 0xff, 2);
		memcpy(delta.key.addr[1] + 12, &number, 4);
		delta.key.port[1] = rte_cpu_to_be_16((uint16_t)(i + 1));
		distinct_add(d, DIMENSION_SRC_IP, &delta, 0, 1);
		assert_int_equal(i < 100 ? distinct_key_count(d, 1, 0) : i + 1, i + 1);
	}
	count = distinct_key_count(d, 1, 0);
	assert_int_equal(distinct_total_count(d, 0), count);
	distinct_free(d);
	assert_int_equal(pool.memory.used, 0);
	return count;
}

static void
neighbours_hash_as_well(void **state)
{
	static const uint32_t sizes[] = {1000, 5000, 60000, 65535, 300000};

	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		for (unsigned int v6 = 0; v6 < 2; v6++) {
			uint64_t found = swept_count(QUERY_METRIC_PEERS, v6, sizes[i]);

			print_message("%u neighbours: %lu\n", sizes[i], found);
			assert_in_range(sizes[i], found - hll_error(found), found + hll_error(found));
		}
	}
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t found = swept_count(QUERY_METRIC_PORTS, false, sizes[i]);

		assert_in_range(sizes[i], found - hll_error(found), found + hll_error(found));
	}
}

#define SLICES 80
#define PER_SLICE_MAX 900

struct met {
	uint64_t hash[PER_SLICE_MAX];
	uint32_t count;
};

// Some things come back, some are new; some slices have none, some have many.
static void
slice_meet(struct random *r, struct met *met)
{
	static const uint32_t most[] = {1, 3, 50, PER_SLICE_MAX + 1};
	uint64_t pool = UINT64_C(1) << (4 + random_below(r, 14));

	met->count = (uint32_t)random_below(r, most[random_below(r, 4)]);
	for (uint32_t i = 0; i < met->count; i++) {
		struct random thing = {1 + random_below(r, pool)};

		random_next(&thing);
		met->hash[i] = hash_random(&thing);
	}
}

// The same window counted by a sketch that saw nothing else. Registers or a list is a matter of what
// was met before, so that it has to have them too.
static uint64_t
window_recount(const struct met *met, uint32_t first, uint32_t last, bool registers)
{
	uint64_t filler = 0, count;
	struct sketch s = {0};

	for (uint32_t i = 0; registers && i <= SKETCH_LIST_MAX; i++)
		sketch_add(&s, &memory, filler++, 1, 1);
	for (uint32_t t = first; t <= last; t++)
		for (uint32_t i = 0; i < met[t].count; i++)
			sketch_add(&s, &memory, met[t].hash[i], t + 2, 1);
	assert_true(s.registers == registers);
	count = sketch_count(&s, 2);
	sketch_clear(&s, &memory);
	return count;
}

static void
windows_equal_recounting(void **state)
{
	static struct met met[SLICES];
	unsigned int estimated = 0, listed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		const uint32_t lengths[] = {1, 2, 10, 25};
		struct random r = {seed};
		struct sketch s = {0};

		for (uint32_t t = 0; t < SLICES; t++) {
			slice_meet(&r, &met[t]);
			for (uint32_t i = 0; i < met[t].count; i++)
				sketch_add(&s, &memory, met[t].hash[i], t, t < 25 ? 0 : t - 24);
			if (random_below(&r, 4) == 0)
				sketch_purge(&s, &memory, t < 25 ? 0 : t - 24, 0);
			for (unsigned int l = 0; l < 4; l++) {
				uint32_t first = t + 1 < lengths[l] ? 0 : t + 1 - lengths[l];

				assert_int_equal(sketch_count(&s, first),
					window_recount(met, first, t, s.registers));
			}
			*(s.registers ? &estimated : &listed) += 1;
		}
		sketch_clear(&s, &memory);
		assert_int_equal(memory.used, 0);
	}
	assert_true(estimated > 300 && listed > 300);
}

static void
shifting_time_changes_nothing(void **state)
{
	struct sketch s = {0};

	(void)state;
	for (unsigned int registers = 0; registers < 2; registers++) {
		uint32_t things = registers ? 5000 : 500;
		struct random r = {5};
		uint64_t before;

		for (uint32_t i = 0; i < things; i++)
			sketch_add(&s, &memory, hash_random(&r), 1000 + i * 100 / things, 0);
		before = sketch_count(&s, 1050);
		assert_true(before > things / 3 && before < things * 2 / 3);
		sketch_purge(&s, &memory, 1020, 1000);
		assert_int_equal(sketch_count(&s, 50), before);
		assert_int_equal(sketch_count(&s, 0), sketch_count(&s, 20));
		sketch_purge(&s, &memory, 100, 0);
		assert_int_equal(s.count, 0);
		assert_int_equal(memory.used, 0);
	}
}

// Workers' deltas come in any order within a slice.
static void
order_within_a_slice_does_not_matter(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct sketch a = {0}, b = {0};
		static struct met met;
		struct random r = {seed};

		for (uint32_t t = 0; t < SLICES; t++) {
			slice_meet(&r, &met);
			for (uint32_t i = 0; i < met.count; i++)
				sketch_add(&a, &memory, met.hash[i], t, t < 30 ? 0 : t - 29);
			for (uint32_t i = met.count; i > 0; i--)
				sketch_add(&b, &memory, met.hash[i - 1], t, t < 30 ? 0 : t - 29);
			sketch_purge(&b, &memory, t < 30 ? 0 : t - 29, 0);
			for (uint32_t first = t < 30 ? 0 : t - 29; first <= t; first++)
				assert_int_equal(sketch_count(&a, first), sketch_count(&b, first));
			assert_int_equal(a.registers, b.registers);
		}
		sketch_clear(&a, &memory);
		sketch_clear(&b, &memory);
	}
}

// What one sketch says of the things of two is what it would say had it met all: a union.
static void
unions_are_of_registers(void **state)
{
	struct sketch one = {0}, all = {0};
	struct random r = {9};

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		uint64_t hash = hash_random(&r);

		sketch_add(&all, &memory, hash, 3, 0);
		if (i % 2 == 0)
			sketch_add(&one, &memory, hash, 3, 0);
	}
	r = (struct random){9};
	for (uint32_t i = 0; i < 20000; i++) {
		uint64_t hash = hash_random(&r);

		if (i % 2 != 0)
			sketch_add(&one, &memory, hash, 3, 0);
	}
	assert_int_equal(one.count, all.count);
	assert_memory_equal(one.list, all.list, all.count * sizeof(*all.list));
	sketch_clear(&one, &memory);
	sketch_clear(&all, &memory);
}

static void
memory_is_bounded_and_told(void **state)
{
	struct sketch_memory small = {.limit = 4000};
	struct sketch s[3] = {0};
	struct random r = {3};
	unsigned int lost = 0;

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		int rc = sketch_add(&s[i % 3], &small, hash_random(&r), i / 300, 0);

		assert_true(rc == 1 || rc == 0 || rc == -ENOMEM);
		lost += rc == -ENOMEM;
		assert_true(small.used <= small.limit);
	}
	assert_true(lost > 2000);
	// What was there is still counted, and can be met again.
	assert_true(sketch_count(&s[0], 0) + sketch_count(&s[1], 0) + sketch_count(&s[2], 0) ==
		3000 - lost);
	for (unsigned int i = 0; i < 3; i++)
		sketch_purge(&s[i], &small, 10, 0);
	assert_int_equal(small.used, 0);
	assert_int_equal(sketch_add(&s[0], &small, 77, 10, 10), 1);
	sketch_clear(&s[0], &small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(estimates_keep_the_stated_error),
		cmocka_unit_test(errors_cover_estimates),
		cmocka_unit_test(neighbours_hash_as_well),
		cmocka_unit_test(windows_equal_recounting),
		cmocka_unit_test(shifting_time_changes_nothing),
		cmocka_unit_test(order_within_a_slice_does_not_matter),
		cmocka_unit_test(unions_are_of_registers),
		cmocka_unit_test(memory_is_bounded_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
