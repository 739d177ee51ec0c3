/* SPDX-License-Identifier: BSD-3-Clause */
// Table memory without hugepages: zeroed, aligned, costs nothing until touched, and is given back.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_malloc.h>
#include <rte_memory.h>

#include "base/mem.h"
#include "eal_support.h"

static size_t
resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long total, resident;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu %lu", &total, &resident), 2);
	fclose(f);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static bool
mapped(void *p)
{
	unsigned char in_core;

	return mincore(p, 1, &in_core) == 0;
}

static void
zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = {1, 64, 4096, 100000, 3 << 20};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *p = mem_table_alloc("test", sizes[i], SOCKET_ID_ANY);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % RTE_CACHE_LINE_SIZE, 0);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(p[k], 0);
		p[0] = p[sizes[i] - 1] = 1;
		mem_table_free(p, sizes[i]);
		assert_false(mapped(p));
	}
	mem_table_free(NULL, 100);
}

static void
untouched_costs_nothing(void **state)
{
	size_t bytes = (size_t)4 << 30, before = resident_bytes();
	char *p = mem_table_alloc("test", bytes, SOCKET_ID_ANY);

	(void)state;
	assert_non_null(p);
	p[bytes / 2] = 1;
	assert_true(resident_bytes() < before + (16 << 20));
	mem_table_free(p, bytes);
}

static void
too_much_fails(void **state)
{
	(void)state;
	errno = 0;
	assert_null(mem_table_alloc("test", SIZE_MAX / 2, SOCKET_ID_ANY));
	assert_int_equal(errno, ENOMEM);
}

// Memory from EAL's own heap goes back there: a table may have come from hugepages.
static void
heap_memory_is_given_back(void **state)
{
	struct rte_malloc_socket_stats before, after;
	void *p;

	(void)state;
	assert_int_equal(rte_malloc_get_socket_stats(0, &before), 0);
	p = rte_zmalloc("test", 100000, RTE_CACHE_LINE_SIZE);
	assert_non_null(p);
	mem_table_free(p, 100000);
	assert_int_equal(rte_malloc_get_socket_stats(0, &after), 0);
	assert_int_equal(after.heap_allocsz_bytes, before.heap_allocsz_bytes);
	assert_true(mapped((void *)((uintptr_t)p & ~(uintptr_t)4095)));
}

// What the process is told about itself is what the kernel says, and grows by what is touched.
static void
resident_grows(void **state)
{
	size_t bytes = 32 << 20, before = mem_resident();
	char *p = mem_table_alloc("test", bytes, SOCKET_ID_ANY);

	(void)state;
	assert_non_null(p);
	assert_true(before > 0 && mem_resident() < before + (4 << 20));
	assert_int_equal(mem_table_prefault(p, bytes), 0);
	assert_true(mem_resident() >= before + bytes && mem_resident() < before + bytes + (4 << 20));
	assert_true(labs((long)(mem_resident() - resident_bytes())) < 1 << 20);
	mem_table_free(p, bytes);
	assert_true(mem_resident() < before + (4 << 20));
}

// What is not needed does not come along with its neighbours; what is expected is there.
static void
by_need(void **state)
{
	size_t bytes = 8 << 20;
	char *p = mem_table_alloc("test", bytes, SOCKET_ID_ANY);

	(void)state;
	assert_non_null(p);
	mem_table_by_need(p, bytes);
	p[3 << 20] = 1;
	assert_int_equal(eal_pages_present(p, bytes), 1);
	mem_expect_write(p, 64 << 12);
	assert_int_equal(eal_pages_present(p, 64 << 12), 64);
	assert_int_equal(eal_pages_present(p, bytes), 65);
	for (size_t i = 0; i < 64 << 12; i++)
		assert_int_equal(p[i], 0);
	mem_table_free(p, bytes);
}

// Steps follow each other to the end, each is there as a whole, and in front of the first hugepage they
// bring nothing along.
static void
steps(void **state)
{
	size_t bytes = (7 << 20) + 1000, before;
	char *p = mem_table_alloc("test", bytes, SOCKET_ID_ANY);
	struct mem_steps s;

	(void)state;
	assert_non_null(p);
	mem_steps_begin(&s, p, bytes);
	assert_int_equal(s.present, 0);
	for (before = 0; s.present < bytes; before = s.present) {
		mem_steps_next(&s);
		assert_true(s.present > before && s.present <= bytes);
		if (s.present <= 2 << 20)
			assert_int_equal(eal_pages_present(p, bytes), s.present >> 12);
		assert_int_equal(eal_pages_present(p, s.present), s.present >> 12);
		for (size_t i = before; i < s.present; i++)
			assert_int_equal(p[i], 0);
		memset(p + before, 1, s.present - before);
	}
	mem_steps_next(&s);
	assert_int_equal(s.present, bytes);
	mem_table_free(p, bytes);
}

// The pages of EAL's heap are EAL's: nothing is left to take, or to advise the kernel of.
static void
no_steps_in_heap_memory(void **state)
{
	size_t bytes = 5 << 20;
	void *p = rte_zmalloc("test", bytes, 4096);
	struct mem_steps s;

	(void)state;
	assert_non_null(p);
	mem_steps_begin(&s, p, bytes);
	assert_int_equal(s.present, bytes);
	mem_table_free(p, bytes);
}

static void
table_fill(unsigned char *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		p[i] = (unsigned char)(i * 7 + i / 251);
}

static void
table_is(const unsigned char *p, size_t filled, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(p[i], i < filled ? (unsigned char)(i * 7 + i / 251) : 0);
}

// From less than a page to several hugepages, and memory of EAL's heap as well.
static void
tables_grow(void **state)
{
	static const size_t sizes[] = {100, 4096, 5000, 100000, 2 << 20, (2 << 20) + 64, 9 << 20};
	size_t before = resident_bytes();
	unsigned char *p = mem_table_alloc("test", sizes[0], SOCKET_ID_ANY);

	(void)state;
	assert_non_null(p);
	table_fill(p, 0, sizes[0]);
	for (size_t i = 1; i < RTE_DIM(sizes); i++) {
		p = mem_table_grow("test", p, sizes[i - 1], sizes[i], SOCKET_ID_ANY);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % RTE_CACHE_LINE_SIZE, 0);
		table_is(p, sizes[i - 1], sizes[i]);
		table_fill(p, sizes[i - 1], sizes[i]);
	}
	mem_table_free(p, sizes[RTE_DIM(sizes) - 1]);
	assert_false(mapped(p));
	assert_true(resident_bytes() < before + (1 << 20));
	p = rte_zmalloc("test", 5000, RTE_CACHE_LINE_SIZE);
	table_fill(p, 0, 5000);
	p = mem_table_grow("test", p, 5000, 3 << 20, SOCKET_ID_ANY);
	table_is(p, 5000, 3 << 20);
	mem_table_free(p, 3 << 20);
}

static void
grows_too_much(void **state)
{
	unsigned char *p = mem_table_alloc("test", 5000, SOCKET_ID_ANY);

	(void)state;
	table_fill(p, 0, 5000);
	errno = 0;
	assert_null(mem_table_grow("test", p, 5000, SIZE_MAX / 2, SOCKET_ID_ANY));
	assert_int_equal(errno, ENOMEM);
	table_is(p, 5000, 5000);
	mem_table_free(p, 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_and_aligned),
		cmocka_unit_test(untouched_costs_nothing),
		cmocka_unit_test(too_much_fails),
		cmocka_unit_test(heap_memory_is_given_back),
		cmocka_unit_test(resident_grows),
		cmocka_unit_test(by_need),
		cmocka_unit_test(steps),
		cmocka_unit_test(no_steps_in_heap_memory),
		cmocka_unit_test(tables_grow),
		cmocka_unit_test(grows_too_much),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
