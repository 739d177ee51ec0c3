/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_MEM_H
#define WEIR_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Large, zeroed, cache-line aligned memory for tables that live as long as the process part that
 * owns them: from DPDK's hugepages where EAL has some, else anonymous memory that asks the kernel
 * for transparent hugepages. Untouched parts cost nothing in the second case.
 *
 * @param name what it is for, for the log line and the error
 * @param socket NUMA node of the lcore that will use it, SOCKET_ID_ANY if it does not matter
 * @return NULL with errno set (ENOMEM)
 */
void *mem_table_alloc(const char *name, size_t bytes, int socket);
void mem_table_free(void *p, size_t bytes);

/*
 * A table becomes larger: what it holds stays, the rest is zero. Ordinary memory moves to its new place
 * by its pages, without being copied; p is no longer valid then.
 *
 * @param bytes of the table so far
 * @return NULL with errno set (ENOMEM); p is as it was
 */
void *mem_table_grow(const char *name, void *p, size_t bytes, size_t larger, int socket);

// Make all of a table's memory present now, so that no packet waits for the kernel to find and
// clear a page. 0, or -ENOMEM.
int mem_table_prefault(void *p, size_t bytes);

// The same for memory that is about to be written from end to end, also of malloc(): one call instead
// of a page fault for each 4 KiB. Only advice.
void mem_expect_write(void *p, size_t bytes);

// A table that is written from its start on, as far as it is needed, and that says so ahead
// (mem_expect_write()): in pages of 4 KiB, see docs/adr/0038. Before its first use; only advice.
void mem_table_by_need(void *p, size_t bytes);

// Such a table (or the first part of one) whose memory is taken step by step: in pages of 4 KiB
// first; behind that in hugepages, for as long as the machine has them at hand (docs/adr/0041).
struct mem_steps {
	char *table;
	size_t bytes;
	size_t present;  // from the start on
	bool huge;       // they may be
};

// As mem_table_by_need(), which it calls. EAL's memory is there already: no step is left.
void mem_steps_begin(struct mem_steps *s, void *table, size_t bytes);
// The next step: `present` is more then, or `bytes`.
void mem_steps_next(struct mem_steps *s);

// Ordinary memory of this process that is present, in bytes; hugepages of EAL are not in it.
size_t mem_resident(void);

// Hugepages of all sizes that nobody uses, in bytes.
size_t mem_hugepages_free(void);

// Ordinary memory that can be taken without swapping, in bytes; 0 if the kernel does not say.
size_t mem_available(void);

#endif
