/* SPDX-License-Identifier: BSD-3-Clause */
// Far more addresses than the budget of 65,536 keys: Zipf traffic over 4 million of them, whose top 100
// have to be found, each within its bounds; and a uniform flood over 16 million, which has to stay
// within the memory that was announced. BUDGET_DEEP=1: four times as much of both.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "pane_build.h"
#include "query/engine.h"
#include "truth.h"

#define BUDGET 65536
#define TOP 100
#define SLICES 5
#define MIB (1 << 20)
#define ZIPF_ADDRESSES (UINT32_C(1) << 22)
#define FLOOD_ADDRESSES (UINT32_C(1) << 24)

struct load {
	struct protocol_table *protocols;
	struct query_engine *engine;
	struct query_set *set;
	struct pane *pane;
	uint32_t deltas;  // of a slice
	struct collect results;
};

static void
load_begin(struct load *l, uint32_t deltas)
{
	*l = (struct load){
		.protocols = protocol_table_create(NULL, NULL),
		.deltas = getenv("BUDGET_DEEP") != NULL ? 4 * deltas : deltas,
	};
	l->engine = query_engine_create(1000000, l->protocols, NULL);
	l->set = set_build(1000000, &QUERY_PARAMETERS_DEFAULT, NULL, "[{\"name\":\"top\",\"key\":"
		"\"ip\",\"metric\":\"packets\",\"window_s\":10,\"op\":{\"type\":\"topk\",\"k\":100}}]");
	assert_non_null(l->engine);
	query_engine_set_budget(l->engine, BUDGET, QUERY_SLICES_BYTES);
	assert_int_equal(query_engine_apply(l->engine, l->set, NULL, NULL), 0);
	l->pane = pane_build(0, l->deltas);
}

static void
load_end(struct load *l)
{
	collect_clear(&l->results);
	pane_build_free(l->pane);
	query_engine_free(l->engine);
	query_set_put(l->set);
	protocol_table_free(l->protocols);
}

// The next slice begins; what was collected is gone.
static struct pane *
slice_begin(struct load *l, uint64_t slice)
{
	collect_clear(&l->results);
	l->pane->index = slice;
	l->pane->count = 0;
	l->pane->packets = l->pane->flow_packets = l->pane->flow_bytes = 0;
	return l->pane;
}

static void
slice_end(struct load *l, uint64_t slice)
{
	assert_int_equal(query_engine_fold(l->engine, l->pane), 0);
	assert_int_equal(query_engine_advance(l->engine, slice, collect_emit, &l->results), 0);
	assert_true(engine_dimension(l->engine, DIMENSION_IP).keys <= BUDGET);
}

// Rank r with a probability near 1 / r: the logarithm of the rank is uniform. Ranks are spread over
// the addresses by an odd factor.
static uint32_t
zipf_address(struct random *r)
{
	double u = (double)(random_next(r) >> 11) / 0x1p53;
	uint32_t rank = (uint32_t)exp(u * log(ZIPF_ADDRESSES));

	return rank * UINT32_C(2654435761) % ZIPF_ADDRESSES;
}

// True packets of an address, and its row.
static void
row_check(const uint64_t *values, const cJSON *row, bool *found)
{
	uint64_t value = (uint64_t)cJSON_GetObjectItem(row, "value")->valuedouble;
	uint64_t error = (uint64_t)cJSON_GetObjectItem(row, "error")->valuedouble;
	unsigned int a, b, c, d;
	uint32_t address;

	assert_int_equal(sscanf(cJSON_GetObjectItem(row, "key")->valuestring, "%u.%u.%u.%u", &a, &b,
		&c, &d), 4);
	address = (a << 24 | b << 16 | c << 8 | d) - 0x0a0000feU;
	assert_true(address < ZIPF_ADDRESSES);
	assert_in_range(values[address], value - error, value);
	found[address] = true;
}

static int
values_compare(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? 1 : a > b ? -1 : 0;
}

// All addresses with more than the largest value outside the true top are found.
static void
recall_check(const uint64_t *values, const bool *found)
{
	uint64_t *sorted = test_malloc(ZIPF_ADDRESSES * sizeof(*sorted));
	unsigned int hits = 0, expected = 0;

	memcpy(sorted, values, ZIPF_ADDRESSES * sizeof(*sorted));
	qsort(sorted, ZIPF_ADDRESSES, sizeof(*sorted), values_compare);
	for (uint32_t i = 0; i < ZIPF_ADDRESSES; i++) {
		expected += values[i] > sorted[TOP];
		hits += values[i] > sorted[TOP] && found[i];
	}
	assert_true(expected > TOP / 2);
	assert_int_equal(hits, expected);
	test_free(sorted);
}

static void
top_check(struct load *l, const uint64_t *values)
{
	bool *found = test_calloc(ZIPF_ADDRESSES, sizeof(*found));
	unsigned int rows = 0;

	for (unsigned int i = 0; i < l->results.count; i++) {
		const struct document *d = l->results.document[i];
		cJSON *json = cJSON_ParseWithLength(d->json, d->len);
		const cJSON *row;

		assert_non_null(json);
		if (strcmp(d->name, "top") == 0) {
			assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "exact")));
			cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "rows")) {
				row_check(values, row, found);
				rows++;
			}
		}
		cJSON_Delete(json);
	}
	assert_int_equal(rows, TOP);
	recall_check(values, found);
	test_free(found);
}

static void
zipf(void **state)
{
	uint64_t *values = test_calloc(ZIPF_ADDRESSES, sizeof(*values));
	struct random r = {7};
	struct load l;

	(void)state;
	load_begin(&l, 400000);
	for (uint64_t slice = 0; slice < SLICES; slice++) {
		struct pane *p = slice_begin(&l, slice);

		for (uint32_t i = 0; i < l.deltas; i++) {
			uint32_t from = zipf_address(&r), to = zipf_address(&r);

			pane_build_add(p, 3 * from, 3 * to, 0, 1, 100, false);
			values[from]++;
			values[to]++;
		}
		slice_end(&l, slice);
	}
	top_check(&l, values);
	load_end(&l);
	test_free(values);
}

static void
flood(void **state)
{
	struct query_engine_stats *s = test_malloc(sizeof(*s));
	size_t before, after;
	uint32_t next = 0;
	struct load l;

	(void)state;
	load_begin(&l, 400000);
	// Every delta touches what building it touches: that is not the engine's.
	memset(l.pane->deltas, 0, l.deltas * sizeof(*l.pane->deltas));
	before = mem_resident();
	for (uint64_t slice = 0; slice < SLICES; slice++) {
		struct pane *p = slice_begin(&l, slice);

		for (uint32_t i = 0; i < l.deltas; i++, next += 2)
			pane_build_add(p, 3 * (next * UINT32_C(2654435761) % FLOOD_ADDRESSES),
				3 * ((next + 1) * UINT32_C(2654435761) % FLOOD_ADDRESSES), 0, 1,
				100, true);
		slice_end(&l, slice);
	}
	after = mem_resident();
	query_engine_stats_get(l.engine, s);
	assert_true(s->bytes <= query_engine_bytes_most(l.set, BUDGET));
	assert_true(after - before <= query_engine_bytes_most(l.set, BUDGET));
	print_message("%u addresses: %zu MiB more resident, the engine says %zu, at most %zu\n", next,
		(after - before) / MIB, (size_t)s->bytes / MIB,
		query_engine_bytes_most(l.set, BUDGET) / MIB);
	load_end(&l);
	test_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zipf),
		cmocka_unit_test(flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
