/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

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
