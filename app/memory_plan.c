/* SPDX-License-Identifier: BSD-3-Clause */
#include "memory_plan.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring_elem.h>

#include "base/mem.h"
#include "input.h"
#include "pipeline.h"
#include "pool_size.h"
#include "port/capture_input.h"
#include "query/engine_preview.h"
#include "stats.h"

// Captures this many times as large as the tables are read for so long that the time to make all of
// the tables present does not matter.
#define PRESENT_FACTOR 4

static size_t
mib(size_t bytes)
{
	return (bytes + (1 << 19)) >> 20;
}

static size_t
pool_bytes(unsigned int mbufs, unsigned int room)
{
	return (size_t)mbufs *
		rte_mempool_calc_obj_size((uint32_t)sizeof(struct rte_mbuf) + room, 0, NULL);
}

// Of one worker.
static size_t
tables_bytes(const struct pipeline *p)
{
	uint32_t capacity = pipeline_worker_capacity(p);

	return flow_table_bytes(capacity) + rx_worker_panes_bytes(capacity);
}

static void
part_add(struct memory_plan *plan, const char *name, size_t bytes)
{
	if (bytes == 0)
		return;
	plan->parts[plan->count++] = (struct memory_part){name, bytes};
	plan->bytes += bytes;
}

static void
plan_fill(const struct pipeline *p, struct memory_plan *plan)
{
	unsigned int workers = p->worker_count;

	plan->tables = workers * tables_bytes(p);
	part_add(plan, "program and EAL", mem_resident());
	part_add(plan, "flow tables and panes", plan->tables);
	part_add(plan, "fragments",
		p->options.fragments_follow ? workers * FRAGMENT_TABLE_BYTES : 0);
	part_add(plan, "packet buffers", pool_bytes(input_pool_size(p), input_pool_room(p)));
	part_add(plan, "capture files", p->captures != NULL ? workers * CAPTURE_BUFFER : 0);
	part_add(plan, "flow records on their way", output_wants_records(p) ? workers *
		(size_t)rte_ring_get_memsize_elem(sizeof(struct flow), RECORDS_RING_SIZE) : 0);
	part_add(plan, "generator", p->options.demo ?
		pool_bytes(pool_generator_mbufs(workers), POOL_GENERATOR_ROOM) : 0);
	part_add(plan, "daily totals", daily_bytes(p));
	part_add(plan, "IPFIX messages", p->exports.count * ipfix_exporter_bytes());
	plan->queries = query_engine_bytes_most(p->queries, p->options.key_budget);
	part_add(plan, "queries", plan->queries);
	part_add(plan, "pairs for limits", limits_retained(p) ?
		query_engine_pairs_bytes_most(p->queries, p->options.key_budget) : 0);
	part_add(plan, "previews",
		query_preview_bytes_most(p->options.key_budget, queries_log_bytes(p)));
}

static void
plan_print(const struct memory_plan *plan)
{
	fprintf(stderr, "weir: memory: up to %zu MiB (", mib(plan->bytes));
	for (unsigned int i = 0; i < plan->count; i++)
		fprintf(stderr, "%s%s %zu", i > 0 ? ", " : "", plan->parts[i].name,
			mib(plan->parts[i].bytes));
	fprintf(stderr, ")\n");
}

static bool
captures_are_large(const struct pipeline *p, size_t tables)
{
	uint64_t sum = 0;
	struct stat st;

	for (unsigned int i = 0; p->captures[i] != NULL; i++)
		if (stat(p->captures[i], &st) == 0)
			sum += (uint64_t)st.st_size;
	return sum / PRESENT_FACTOR >= tables;
}

// What can be had: hugepages, free ones and those that EAL holds, come before ordinary memory.
static size_t
memory_available(void)
{
	size_t available = mem_available();
	struct rte_malloc_socket_stats heap;

	if (available == 0 || !rte_eal_has_hugepages())
		return available;
	for (unsigned int i = 0; i < rte_socket_count(); i++)
		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &heap) == 0)
			available += heap.heap_freesz_bytes;
	return available + mem_hugepages_free();
}

/*
 * On live inputs the tables are made present before the first packet: a page fault of a fresh table
 * takes as long as thousands of packets. A small capture does not wait for that, nor take what it
 * does not need; a large one should not find out in its middle that memory has run out.
 */
int
memory_plan_make(const struct pipeline *p, struct memory_plan *ret, struct error *err)
{
	size_t available = memory_available(), more;

	*ret = (struct memory_plan){0};
	plan_fill(p, ret);
	plan_print(ret);
	ret->present = p->captures == NULL || captures_are_large(p, ret->tables);
	more = ret->bytes - ret->parts[0].bytes;  // the first part is there already
	if (available == 0 || more <= available)
		return 0;
	if (ret->queries > ret->tables)
		return error_field(err, -ENOMEM, "--key-budget",
			"--key-budget: queries with %u keys each take %zu MiB, the run %zu MiB with "
			"everything; available are %zu MiB", p->options.key_budget,
			mib(ret->queries), mib(ret->bytes), mib(available));
	return error_field(err, -ENOMEM, "--flow-capacity",
		"--flow-capacity: %u flows take %zu MiB, the run %zu MiB with everything; available "
		"are %zu MiB", p->options.flow_capacity, mib(ret->tables), mib(ret->bytes),
		mib(available));
}

static int
worker_prefault(const struct rx_worker *w)
{
	const struct {
		void *p;
		size_t bytes;
	} tables[] = {
		{w->table->flows, w->table->flows_bytes},
		{w->table->buckets, w->table->buckets_bytes},
		{w->exchange->deltas, w->exchange->bytes},
		{w->panes.sets_memory, w->panes.sets_bytes},
		{w->fragments != NULL ? w->fragments->entries : NULL, FRAGMENT_TABLE_BYTES},
	};

	for (unsigned int i = 0; i < RTE_DIM(tables); i++)
		if (tables[i].p != NULL && mem_table_prefault(tables[i].p, tables[i].bytes) != 0)
			return -ENOMEM;
	return 0;
}

static void
worker_by_need(const struct rx_worker *w)
{
	flow_table_by_need(w->table);
	pane_exchange_by_need(w->exchange);
}

int
memory_plan_prefault(const struct pipeline *p, struct error *err)
{
	for (unsigned int i = 0; i < p->worker_count; i++)
		if (!p->memory.present)
			worker_by_need(&p->workers[i]);
		else if (worker_prefault(&p->workers[i]) != 0)
			return error_field(err, -ENOMEM, "--flow-capacity",
				"--flow-capacity: no memory for %u flows (%zu MiB)",
				p->options.flow_capacity, mib(p->memory.tables));
	return 0;
}

void
memory_plan_json(const struct memory_plan *plan, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "memory");

	json_add_u64(o, "announced_bytes", plan->bytes);
	json_add_u64(o, "tables_bytes", plan->tables);
	json_add_u64(o, "queries_bytes", plan->queries);
	json_add_u64(o, "resident_bytes", mem_resident());
}
