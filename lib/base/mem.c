/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "base/clock.h"
#include "base/log.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE_BYTES 4096  // or a part of a page
#define STEP_BYTES (128 << 10)
#define HUGE_QUICK_US 1000
#define EAL_KEEPS_BYTES ((size_t)48 << 20)

// Transparent hugepages of x86-64 and of arm64 with pages of 4 KiB.
#define HUGE_BYTES ((size_t)2 << 20)

// What is mapped for a table: whole hugepages, so that none of it lies in small ones.
static size_t
mapped_bytes(size_t bytes)
{
	return bytes < HUGE_BYTES ? bytes : RTE_ALIGN_CEIL(bytes, HUGE_BYTES);
}

// Where a hugepage can begin. The kernel does not see to that before Linux 6.7, so more is taken and
// what lies before and behind given back.
static void *
map_aligned(size_t bytes)
{
	size_t more = bytes < HUGE_BYTES ? 0 : HUGE_BYTES, before;
	char *p = mmap(NULL, bytes + more, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED || more == 0)
		return p;
	before = (size_t)(RTE_PTR_ALIGN_CEIL(p, HUGE_BYTES) - p);
	if (before > 0)
		munmap(p, before);
	munmap(p + before + bytes, more - before);
	return p + before;
}

static void *
no_memory(const char *name, size_t bytes)
{
	log_error("mem", "no memory for %s (%zu MiB)", name, bytes >> 20);
	errno = ENOMEM;
	return NULL;
}

// A table is as well off in ordinary memory; rings and the like are in EAL's and come later.
static bool
eal_has_room(size_t bytes, int socket)
{
	struct rte_malloc_socket_stats s;

	if (!rte_eal_has_hugepages())
		return false;
	if (socket == SOCKET_ID_ANY)
		socket = (int)rte_lcore_to_socket_id(rte_get_main_lcore());
	return (rte_malloc_get_socket_stats(socket, &s) == 0 &&
			s.greatest_free_size >= bytes + EAL_KEEPS_BYTES) ||
		mem_hugepages_free() >= bytes + EAL_KEEPS_BYTES;
}

void *
mem_table_alloc(const char *name, size_t bytes, int socket)
{
	void *p;

	if (eal_has_room(bytes, socket)) {
		p = rte_zmalloc_socket(name, bytes, RTE_CACHE_LINE_SIZE, socket);
		if (p != NULL)
			return p;
	}
	p = map_aligned(mapped_bytes(bytes));
	if (p == MAP_FAILED)
		return no_memory(name, bytes);
	madvise(p, mapped_bytes(bytes), MADV_HUGEPAGE);
	return p;
}

// Memory of rte_malloc lies in EAL's own segments; everything else was mapped here.
static bool
is_mapped(const void *p)
{
	return rte_mem_virt2memseg_list(p) == NULL;
}

void
mem_table_free(void *p, size_t bytes)
{
	if (p == NULL)
		return;
	if (is_mapped(p))
		munmap(p, mapped_bytes(bytes));
	else
		rte_free(p);
}

static void *
grow_by_copy(const char *name, void *p, size_t bytes, size_t larger, int socket)
{
	void *grown = mem_table_alloc(name, larger, socket);

	if (grown == NULL)
		return NULL;
	memcpy(grown, p, bytes);
	mem_table_free(p, bytes);
	return grown;
}

void *
mem_table_grow(const char *name, void *p, size_t bytes, size_t larger, int socket)
{
	void *place, *grown;

	// What grows may be in hugepages of EAL from then on.
	if (!is_mapped(p) || rte_eal_has_hugepages())
		return grow_by_copy(name, p, bytes, larger, socket);
	place = map_aligned(mapped_bytes(larger));
	if (place == MAP_FAILED)
		return no_memory(name, larger);
	grown = mremap(p, mapped_bytes(bytes), mapped_bytes(larger), MREMAP_MAYMOVE | MREMAP_FIXED,
		place);
	// If that fails, the kernel may have given `place` up, and another thread may have it by now.
	return grown != MAP_FAILED ? grown : no_memory(name, larger);
}

int
mem_table_prefault(void *p, size_t bytes)
{
	volatile char *c = p;

	// Linux 5.14 and newer do it in one call, and say when there is not enough.
	if (madvise(p, bytes, MADV_POPULATE_WRITE) == 0)
		return 0;
	if (errno != EINVAL)
		return -ENOMEM;
	for (size_t i = 0; i < bytes; i += PAGE_BYTES)
		c[i] = 0;
	return 0;
}

void
mem_expect_write(void *p, size_t bytes)
{
	char *first = RTE_PTR_ALIGN_CEIL(p, PAGE_BYTES);
	char *end = RTE_PTR_ALIGN_FLOOR((char *)p + bytes, PAGE_BYTES);

	if (end > first)
		madvise(first, (size_t)(end - first), MADV_POPULATE_WRITE);
}

void
mem_table_by_need(void *p, size_t bytes)
{
	if (is_mapped(p))
		madvise(p, mapped_bytes(bytes), MADV_NOHUGEPAGE);
}

void
mem_steps_begin(struct mem_steps *s, void *table, size_t bytes)
{
	*s = (struct mem_steps){.table = table, .bytes = bytes, .huge = true};
	if (is_mapped(table))
		mem_table_by_need(table, bytes);
	else
		s->present = bytes;
}

// One that the kernel, and the host of a virtual machine, has at hand takes a tenth of this.
static bool
hugepage_is_quick(char *page)
{
	uint64_t begun = clock_monotonic_us();

	mem_expect_write(page, HUGE_BYTES);
	return clock_monotonic_us() - begun < HUGE_QUICK_US;
}

static void
rest_advise(const struct mem_steps *s, size_t from, int advice)
{
	if (from < s->bytes)
		madvise(s->table + from, s->bytes - from, advice);
}

void
mem_steps_next(struct mem_steps *s)
{
	size_t left = s->bytes - s->present, step = RTE_MIN(left, (size_t)STEP_BYTES);

	if (s->huge && s->present >= HUGE_BYTES && left >= HUGE_BYTES) {
		step = HUGE_BYTES;
		if (s->present == HUGE_BYTES)
			rest_advise(s, s->present, MADV_HUGEPAGE);
		s->huge = hugepage_is_quick(s->table + s->present);
		if (!s->huge)
			rest_advise(s, s->present + step, MADV_NOHUGEPAGE);
	} else {
		mem_expect_write(s->table + s->present, step);
	}
	s->present += step;
}

size_t
mem_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	size_t kib = 0;

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "MemAvailable: %zu kB", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024;
}

size_t
mem_resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	size_t pages = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*u %zu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

// Of one size, which the name of its folder says: hugepages-2048kB.
static size_t
hugepages_of_size_free(const char *name)
{
	size_t kib, pages = 0;
	char path[128];
	FILE *f;

	if (sscanf(name, "hugepages-%zukB", &kib) != 1)
		return 0;
	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%zukB/free_hugepages", kib);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%zu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * kib * 1024;
}

size_t
mem_hugepages_free(void)
{
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	const struct dirent *entry;
	size_t bytes = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		bytes += hugepages_of_size_free(entry->d_name);
	closedir(dir);
	return bytes;
}
