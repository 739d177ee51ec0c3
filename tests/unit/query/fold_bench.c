/* SPDX-License-Identifier: BSD-3-Clause */
// What the merge lcore pays: deltas folded per second into the dimensions of the built-in queries, and
// the time of a slide with its six results, by number of addresses; then into one dimension of each
// key, and with the metrics that count different things. `meson test --benchmark query_fold`.
// With the argument `growth`: the dimensions of the built-in queries alone, from 1,000 to 4 million
// addresses, all kept, and with a budget of 65,536; `growth ADDRESSES`: one of these sizes. With the
// argument `daily`: daily totals.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "pane_build.h"
#include "query/daily_table.h"
#include "query/dimension.h"
#include "query/engine.h"

#define SLICES 18
#define MEASURE_FROM 12  // the window is full by then
#define BUDGET 65536     // of keys, that larger sizes are measured with as well

static void
discard(struct document *d, void *bytes)
{
	*(size_t *)bytes += d->len;
	document_put(d);
}

// Its deltas lie in transparent hugepages, as those of lib/pane do.
static struct pane *
pane_make(uint32_t deltas)
{
	struct pane *p = pane_build(0, deltas);
	char *from = RTE_PTR_ALIGN_CEIL((char *)p->deltas, 4096);

	madvise(from, (size_t)((char *)&p->deltas[deltas] - from), MADV_HUGEPAGE);
	return p;
}

// The built-in queries, or one with this key and metric alone.
static struct query_engine *
engine_make(const struct protocol_table *t, const char *key, const char *metric, uint32_t budget)
{
	const struct query_parameters p = QUERY_PARAMETERS_DEFAULT;
	struct error_list errors = {.count = 0};
	struct query_set *s, *next;
	struct query_engine *e;
	char list[160];

	e = query_engine_create(1000000, t, NULL);
	query_engine_set_budget(e, budget, (size_t)4 << 30);
	if (key == NULL) {
		engine_set_parameters(e, 1000000, &p);
		return e;
	}
	snprintf(list, sizeof(list), "[{\"name\":\"q\",\"key\":\"%s\",\"metric\":\"%s\","
		"\"window_s\":10,\"op\":{\"type\":\"topk\",\"k\":10}}]", key, metric);
	s = set_build(1000000, &p, NULL, list);
	for (unsigned int i = 0; i < QUERY_BUILTINS; i++, s = next) {
		next = query_set_remove(s, query_builtin_name(i), &errors);
		query_set_put(s);
	}
	query_engine_apply(e, s, NULL, NULL);
	query_set_put(s);
	return e;
}

static void
bench(const struct protocol_table *t, const char *key, const char *metric, uint32_t addresses,
	uint32_t deltas, uint32_t budget)
{
	struct query_engine *e = engine_make(t, key, metric, budget);
	struct pane *pane = pane_make(deltas);
	uint64_t fold_us = 0, advance_us = 0;
	struct random r = {addresses};
	size_t bytes = 0;

	for (uint32_t i = 0; i < deltas; i++)
		pane_build_add(pane, 3 * (uint32_t)random_below(&r, addresses),
			3 * (uint32_t)random_below(&r, addresses),
			(uint16_t)random_below(&r, protocol_count(t)), 10, 9000, i % 10 == 0);
	for (uint64_t s = 0; s < SLICES; s++) {
		uint64_t start = clock_monotonic_us(), folded;

		pane->index = s;
		if (query_engine_fold(e, pane) != 0)
			printf("fold failed\n");
		folded = clock_monotonic_us();
		if (query_engine_advance(e, s, discard, &bytes) != 0)
			printf("advance failed\n");
		if (s >= MEASURE_FROM) {
			fold_us += folded - start;
			advance_us += clock_monotonic_us() - folded;
		}
	}
	printf("%-9s %-7s %8" PRIu32 " addresses, %8" PRIu32 " deltas a pane, budget %8" PRIu32 ": %6.1f "
		"M deltas/s, slide and results %8.1f us\n", key != NULL ? key : "built in", metric,
		addresses, deltas, budget,
		(double)deltas * (SLICES - MEASURE_FROM) / (double)fold_us,
		(double)advance_us / (SLICES - MEASURE_FROM));
	pane_build_free(pane);
	query_engine_free(e);
}

static void
growth(const struct protocol_table *t, uint32_t only)
{
	static const struct {
		uint32_t addresses, deltas;
	} sizes[] = {{1000, 100000}, {10000, 100000}, {100000, 200000}, {1000000, 1000000},
		{4000000, 4000000}};
	static const char *const keys[] = {NULL, "protocol", "ip"};

	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		uint32_t addresses = sizes[i].addresses, deltas = sizes[i].deltas;

		if (only != 0 && only != addresses)
			continue;
		for (unsigned int k = 0; k < RTE_DIM(keys); k++)
			bench(t, keys[k], "bytes", addresses, deltas, KEY_BUDGET_MAX);
		if (addresses > BUDGET)
			bench(t, NULL, "bytes", addresses, deltas, BUDGET);
	}
}

// Daily totals: deltas folded per second, and the time that one minute's write of all hosts takes the
// merge lcore, texts and documents included.
static void
daily_bench(uint32_t hosts, uint32_t deltas)
{
	struct error_list errors = {.count = 0};
	cJSON *list = cJSON_Parse("[\"::/0\",\"0.0.0.0/0\"]");
	struct network_set *networks = network_set_create(list, "local_networks", &errors);
	struct pane *pane = pane_make(deltas);
	uint64_t start, fold_us, write_us;
	struct random r = {hosts};
	struct json_out o = {0};
	struct daily_table t;
	struct daily_host h;
	uint32_t written = 0;
	char text[DAILY_TEXT_LEN];

	if (networks == NULL || daily_table_init(&t, DAILY_HOSTS_MAX) != 0)
		return;
	for (uint32_t i = 0; i < deltas; i++)
		pane_build_add(pane, 3 * (uint32_t)random_below(&r, hosts),
			3 * (uint32_t)random_below(&r, hosts), 0, 10, 9000, false);
	daily_table_fold(&t, networks, pane);
	start = clock_monotonic_us();
	for (unsigned int i = 0; i < SLICES; i++)
		daily_table_fold(&t, networks, pane);
	fold_us = clock_monotonic_us() - start;
	start = clock_monotonic_us();
	for (; daily_table_next(&t, &h); written++) {
		struct document *d;

		json_out_reset(&o);
		daily_host_write(&o, 20000, &h);
		d = document_create(DOCUMENT_DAILY, daily_host_text(&h, text), 0, 1, o.data, o.len);
		document_put(d);
		daily_table_settle(&t);
	}
	write_us = clock_monotonic_us() - start;
	printf("daily     %8" PRIu32 " hosts, %8" PRIu32 " deltas a pane: %6.1f M deltas/s, write of %"
		PRIu32 " totals %8.1f us\n", hosts, deltas, (double)deltas * SLICES / (double)fold_us,
		written, (double)write_us);
	json_out_free(&o);
	daily_table_fini(&t);
	pane_build_free(pane);
	network_set_free(networks);
	cJSON_Delete(list);
}

int
main(int argc, char **argv)
{
	struct protocol_table *t = protocol_table_create(NULL, NULL);

	if (t == NULL)
		return 1;
	if (argc > 1 && strcmp(argv[1], "growth") == 0) {
		growth(t, argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0);
		protocol_table_free(t);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "daily") == 0) {
		daily_bench(1000, 100000);
		daily_bench(60000, 200000);
		protocol_table_free(t);
		return 0;
	}
	bench(t, NULL, "bytes", 1000, 10000, KEY_BUDGET_MAX);
	bench(t, NULL, "bytes", 10000, 10000, KEY_BUDGET_MAX);
	bench(t, NULL, "bytes", 10000, 100000, KEY_BUDGET_MAX);
	bench(t, NULL, "bytes", 100000, 200000, KEY_BUDGET_MAX);
	bench(t, NULL, "bytes", 1000000, 1000000, KEY_BUDGET_MAX);
	for (unsigned int i = 0; i < DIMENSION_KINDS; i++)
		bench(t, dimension_ops_get(i)->name, "bytes", 100000, 200000, KEY_BUDGET_MAX);
	for (unsigned int m = QUERY_METRICS; m < QUERY_METRIC_KINDS; m++) {
		bench(t, "protocol", query_metric_name(m), 100000, 200000, KEY_BUDGET_MAX);
		bench(t, "src_ip", query_metric_name(m), 100000, 200000, KEY_BUDGET_MAX);
		bench(t, "ip", query_metric_name(m), 100000, 200000, KEY_BUDGET_MAX);
		bench(t, "ip", query_metric_name(m), 1000, 200000, KEY_BUDGET_MAX);
	}
	protocol_table_free(t);
	return 0;
}
