/* SPDX-License-Identifier: BSD-3-Clause */
// What the merge lcore pays for a slide with the result of one top-k query over addresses: as it is,
// with names (an address book that is full, and a database of countries if the argument is one), and
// with the rows' places in the previous window and one period earlier.
// `meson test --benchmark query_results`; result_bench [FILE.mmdb].

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pane_build.h"
#include "query/address_book.h"
#include "query/engine.h"
#include "query/geoip.h"
#include "query/key_budget.h"
#include "query/key_label.h"

#define SLICES 42
#define MEASURE_FROM 32  // windows of 10 slices are full by then, and the one 20 slices earlier

static void
bytes_add(struct document *d, void *bytes)
{
	*(size_t *)bytes += d->len;
	document_put(d);
}

static struct query_engine *
engine_make(const struct protocol_table *t, unsigned int k, const char *compare,
	const struct key_names *names)
{
	const struct query_parameters p = QUERY_PARAMETERS_DEFAULT;
	struct query_engine *e = query_engine_create(1000000, t, NULL);
	struct error_list errors = {.count = 0};
	struct query_set *s, *next;
	char list[256];

	snprintf(list, sizeof(list), "[{\"name\":\"q\",\"key\":\"ip\",\"metric\":\"bytes\","
		"\"window_s\":10,\"op\":{\"type\":\"topk\",\"k\":%u}%s}]", k, compare);
	s = set_build(1000000, &p, NULL, list);
	for (unsigned int i = 0; i < QUERY_BUILTINS; i++, s = next) {
		next = query_set_remove(s, query_builtin_name(i), &errors);
		query_set_put(s);
	}
	query_engine_set_budget(e, KEY_BUDGET_MAX, (size_t)4 << 30);
	query_engine_set_retention(e, (size_t)4 << 30);
	query_engine_set_names(e, names);
	query_engine_apply(e, s, NULL, NULL);
	query_set_put(s);
	return e;
}

static void
bench(const struct protocol_table *t, const char *what, uint32_t addresses, unsigned int k,
	const char *compare, const struct key_names *names)
{
	struct query_engine *e = engine_make(t, k, compare, names);
	struct pane *pane = pane_build(0, addresses);
	uint64_t us = 0, least = UINT64_MAX;
	struct random r = {addresses};
	size_t bytes = 0;

	for (uint32_t i = 0; i < addresses; i++)
		pane_build_add(pane, 3 * (uint32_t)random_below(&r, addresses),
			3 * (uint32_t)random_below(&r, addresses), 0, 10,
			1000 + random_below(&r, 9000), false);
	for (uint64_t s = 0; s < SLICES; s++) {
		uint64_t start;

		pane->index = s;
		if (query_engine_fold(e, pane) != 0)
			printf("fold failed\n");
		start = clock_monotonic_us();
		bytes = 0;
		if (query_engine_advance(e, s, bytes_add, &bytes) != 0)
			printf("advance failed\n");
		start = clock_monotonic_us() - start;
		if (s < MEASURE_FROM)
			continue;
		us += start;
		least = start < least ? start : least;
	}
	printf("%-22s %7" PRIu32 " addresses, k %4u: slide and result %9.1f us, least %9" PRIu64
		" us, %6zu bytes\n", what, addresses, k, (double)us / (SLICES - MEASURE_FROM), least,
		bytes);
	pane_build_free(pane);
	query_engine_free(e);
}

// As many names as a book may have, each of a /30, and all of them in two that are around them.
static struct address_book *
book_make(void)
{
	struct error_list errors = {.count = 0};
	cJSON *names = cJSON_CreateObject();
	struct address_book *book;
	char prefix[32], label[32];

	cJSON_AddStringToObject(names, "10.0.0.0/8", "all");
	cJSON_AddStringToObject(names, "10.0.0.0/9", "half");
	for (unsigned int i = 0; i < BOOK_ENTRIES_MAX - 2; i++) {
		snprintf(prefix, sizeof(prefix), "10.%u.%u.%u/30", i >> 14, i >> 6 & 255, i << 2 & 255);
		snprintf(label, sizeof(label), "link-%u", i);
		cJSON_AddStringToObject(names, prefix, label);
	}
	book = address_book_create(names, "names", &errors);
	cJSON_Delete(names);
	return book;
}

static struct geoip *
geoip_make(const char *file)
{
	struct error_list errors = {.count = 0};
	cJSON *files = cJSON_CreateArray();
	struct geoip *g;

	cJSON_AddItemToArray(files, cJSON_CreateString(file));
	g = geoip_open(files, "geoip", &errors);
	cJSON_Delete(files);
	return g;
}

int
main(int argc, char **argv)
{
	static const unsigned int ks[] = {10, 1000};
	static const uint32_t sizes[] = {10000, 100000, 1000000};
	struct protocol_table *t = protocol_table_create(NULL, NULL);
	struct address_book *book = book_make();
	struct geoip *geoip = argc > 1 ? geoip_make(argv[1]) : NULL;
	const struct key_names none = {.book = NULL}, named = {.book = book};
	const struct key_names placed = {.book = book, .geoip = geoip};

	if (t == NULL || book == NULL || (argc > 1 && geoip == NULL))
		return 1;
	for (unsigned int s = 0; s < RTE_DIM(sizes); s++) {
		for (unsigned int i = 0; i < RTE_DIM(ks); i++) {
			bench(t, "plain", sizes[s], ks[i], "", &none);
			bench(t, "names", sizes[s], ks[i], "", &named);
			if (geoip != NULL)
				bench(t, "names, country, AS", sizes[s], ks[i], "", &placed);
			bench(t, "previous", sizes[s], ks[i], ",\"compare\":{\"previous\":true}", &none);
			bench(t, "previous and period", sizes[s], ks[i],
				",\"compare\":{\"previous\":true,\"period_s\":20}", &none);
		}
	}
	geoip_put(geoip);
	address_book_put(book);
	protocol_table_free(t);
	return 0;
}
