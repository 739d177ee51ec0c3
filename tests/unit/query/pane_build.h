/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_PANE_BUILD_H
#define WEIR_TEST_PANE_BUILD_H

#include <stdint.h>

#include "base/document.h"
#include "pane/pane.h"
#include "query/engine_preview.h"

// Panes for tests of the query engine, as workers would seal them, and what comes out.

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *r);
uint64_t random_below(struct random *r, uint64_t n);  // 0 ... n - 1

// Address `i` of a small world: IPv4, IPv6 and IPv6 that looks like IPv4-mapped, in turn.
void address_set(struct flow_key *key, unsigned int end, uint32_t i);
// Both ends must be of one version in real traffic: the version that address i has.
uint8_t address_version(uint32_t i);

struct pane *pane_build(uint64_t index, uint32_t capacity);
void pane_build_free(struct pane *p);

// A delta between two addresses of the same version, counted in the pane's totals.
struct pane_delta *pane_build_add(struct pane *p, uint32_t from, uint32_t to, uint16_t app,
	uint64_t packets, uint64_t bytes, bool started);
// The last delta was lost: it stays in totals only.
void pane_build_lose(struct pane *p);
void pane_build_shuffle(struct pane *p, struct random *r);

// The set of the built-in queries with these parameters, or of these queries as well (JSON array,
// NULL for none); it has to be right.
struct query_set *set_build(uint64_t pane_us, const struct query_parameters *p,
	const struct network_set *networks, const char *queries);
// An engine with the built-in queries, and other parameters for one.
struct query_engine *engine_build(uint64_t pane_us, const struct protocol_table *t,
	const struct query_parameters *p);
int engine_set_parameters(struct query_engine *e, uint64_t pane_us,
	const struct query_parameters *p);
// Have an engine follow a set as of set_build() with the default parameters; collects its alerts.
struct collect;
void set_apply(struct query_engine *e, uint64_t pane_us, const struct network_set *networks,
	const char *queries, uint64_t version, struct collect *out);
// What a preview answers; NULL with errno set. filter as query_preview_begin() takes it.
struct document *preview_make(struct query_engine *e, const struct query_spec *spec,
	const struct filter *filter);
// Statistics of the dimension of a kind that takes all packets.
struct dimension_stats engine_dimension(const struct query_engine *e, enum dimension_kind kind);

#define COLLECT_MAX 256

struct collect {
	struct document *document[COLLECT_MAX];
	unsigned int count;
};

void collect_emit(struct document *d, void *collect);  // a query_emit_fn
void collect_clear(struct collect *c);

#endif
