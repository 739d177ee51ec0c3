/* SPDX-License-Identifier: BSD-3-Clause */
#include "pane_build.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>

// xorshift64*: any seed but 0
uint64_t
random_next(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t
random_below(struct random *r, uint64_t n)
{
	return random_next(r) % n;
}

uint8_t
address_version(uint32_t i)
{
	return i % 3 == 0 ? 4 : 6;
}

void
address_set(struct flow_key *key, unsigned int end, uint32_t i)
{
	uint8_t *a = key->addr[end];
	uint32_t number = rte_cpu_to_be_32(i / 3 + 0x0a0000feU);

	memset(a, 0, 16);
	if (i % 3 == 2)
		memcpy(a, "\x20\x01\x0d\xb8", 4);
	else
		memset(a + 10, 0xff, 2);
	memcpy(a + 12, &number, 4);
	key->version = address_version(i);
}

struct pane *
pane_build(uint64_t index, uint32_t capacity)
{
	struct pane *p = calloc(1, sizeof(*p));

	assert(p != NULL);
	p->index = index;
	p->capacity = capacity;
	p->deltas = aligned_alloc(64, (capacity + 1) * sizeof(*p->deltas));
	assert(p->deltas != NULL);
	return p;
}

void
pane_build_free(struct pane *p)
{
	free(p->deltas);
	free(p);
}

struct pane_delta *
pane_build_add(struct pane *p, uint32_t from, uint32_t to, uint16_t app, uint64_t packets,
	uint64_t bytes, bool started)
{
	struct pane_delta *d = &p->deltas[p->count++];

	assert(p->count <= p->capacity && address_version(from) == address_version(to));
	memset(d, 0, sizeof(*d));
	d->packets[0] = packets - packets / 3;
	d->packets[1] = packets / 3;
	d->bytes[0] = bytes / 4;
	d->bytes[1] = bytes - bytes / 4;
	d->app = app;
	d->started = started;
	address_set(&d->key, 0, from);
	address_set(&d->key, 1, to);
	p->packets += packets;
	p->flow_packets += packets;
	p->flow_bytes += bytes;
	return d;
}

void
pane_build_lose(struct pane *p)
{
	const struct pane_delta *d = &p->deltas[--p->count];

	p->lost_packets += d->packets[0] + d->packets[1];
	p->lost_bytes += d->bytes[0] + d->bytes[1];
}

void
pane_build_shuffle(struct pane *p, struct random *r)
{
	for (uint32_t i = p->count; i > 1; i--) {
		uint32_t j = (uint32_t)random_below(r, i);
		struct pane_delta swap = p->deltas[i - 1];

		p->deltas[i - 1] = p->deltas[j];
		p->deltas[j] = swap;
	}
}

struct query_set *
set_build(uint64_t pane_us, const struct query_parameters *p, const struct network_set *networks,
	const char *queries)
{
	const struct query_context c = {.pane_us = pane_us, .parameters = *p, .networks = networks};
	cJSON *json = queries != NULL ? cJSON_Parse(queries) : NULL;
	static struct error_list errors;
	struct query_set *s;

	errors.count = 0;
	assert(queries == NULL || json != NULL);
	s = query_set_create(&c, json, "queries", FILTER_CHECK, &errors);
	for (unsigned int i = 0; i < errors.count; i++)
		fprintf(stderr, "%s\n", errors.error[i].text);
	assert(s != NULL);
	cJSON_Delete(json);
	return s;
}

int
engine_set_parameters(struct query_engine *e, uint64_t pane_us, const struct query_parameters *p)
{
	struct query_set *s = set_build(pane_us, p, NULL, NULL);
	int rc = query_engine_apply(e, s, NULL, NULL);

	query_set_put(s);
	return rc;
}

struct query_engine *
engine_build(uint64_t pane_us, const struct protocol_table *t, const struct query_parameters *p)
{
	struct query_engine *e = query_engine_create(pane_us, t, NULL);
	int rc;

	assert(e != NULL);
	rc = engine_set_parameters(e, pane_us, p);
	assert(rc == 0);
	return e;
}

void
set_apply(struct query_engine *e, uint64_t pane_us, const struct network_set *networks,
	const char *queries, uint64_t version, struct collect *out)
{
	struct query_set *s = set_build(pane_us, &QUERY_PARAMETERS_DEFAULT, networks, queries);
	int rc;

	s->version = version;
	rc = query_engine_apply(e, s, collect_emit, out);
	assert(rc == 0);
	query_set_put(s);
}

struct document *
preview_make(struct query_engine *e, const struct query_spec *spec, const struct filter *filter)
{
	struct query_preview *v = query_preview_begin(e, spec, filter);
	struct document *d;

	if (v == NULL)
		return NULL;
	while (!query_preview_step(v, 100))
		;
	d = query_preview_result(v);
	query_preview_free(v);
	return d;
}

struct dimension_stats
engine_dimension(const struct query_engine *e, enum dimension_kind kind)
{
	static struct query_engine_stats s;
	uint32_t i = 0;

	query_engine_stats_get(e, &s);
	while (i < s.count && s.dimension[i].kind != kind)
		i++;
	assert(i < s.count);
	return s.dimension[i];
}

void
collect_emit(struct document *d, void *collect)
{
	struct collect *c = collect;

	assert(c->count < COLLECT_MAX);
	c->document[c->count++] = d;
}

void
collect_clear(struct collect *c)
{
	while (c->count > 0)
		document_put(c->document[--c->count]);
}
