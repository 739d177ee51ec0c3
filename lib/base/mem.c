/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "base/log.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

void *
mem_table_alloc(const char *name, size_t bytes, int socket)
{
	void *p;

	if (rte_eal_has_hugepages()) {
		p = rte_zmalloc_socket(name, bytes, RTE_CACHE_LINE_SIZE, socket);
		if (p != NULL)
			return p;
	}
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) {
		log_error("mem", "no memory for %s (%zu MiB)", name, bytes >> 20);
		errno = ENOMEM;
		return NULL;
	}
	madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

void
mem_table_free(void *p, size_t bytes)
{
	if (p == NULL)
		return;
	// Memory of rte_malloc lies in EAL's own segments; everything else was mapped here.
	if (rte_mem_virt2memseg_list(p) != NULL)
		rte_free(p);
	else
		munmap(p, bytes);
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
	for (size_t i = 0; i < bytes; i += 4096)
		c[i] = 0;
	return 0;
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
