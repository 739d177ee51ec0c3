/* SPDX-License-Identifier: BSD-3-Clause */
#include "model.h"

#include <arpa/inet.h>
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pane_build.h"

void
model_add(struct model *m, struct pane *p)
{
	assert(m->count < MODEL_PANES);
	m->panes[m->count++] = p;
}

void
model_free(struct model *m)
{
	while (m->count > 0)
		pane_build_free(m->panes[--m->count]);
}

static bool
pane_empty(const struct pane *p)
{
	return p->flow_packets == 0 && p->flow_bytes == 0 && p->lost_packets == 0 && p->count == 0;
}

void
model_forget(struct model *m, int64_t first)
{
	for (unsigned int i = 0; i < m->count; i++)
		if ((int64_t)m->panes[i]->index < first && !pane_empty(m->panes[i]))
			m->forgotten[i] = true;
}

static void
key_count(struct model_window *w, const char *text, const uint8_t order[18], uint64_t bytes)
{
	unsigned int i = 0;

	while (i < w->keys && (strcmp(w->key[i].text, text) != 0 ||
			memcmp(w->key[i].order, order, 18) != 0))
		i++;
	if (i == w->keys) {
		assert(w->keys < MODEL_KEYS);
		w->keys++;
		memset(&w->key[i], 0, sizeof(w->key[i]));
		snprintf(w->key[i].text, sizeof(w->key[i].text), "%s", text);
		memcpy(w->key[i].order, order, 18);
	}
	w->key[i].bytes += bytes;
}

static void
delta_count(const struct model *m, struct model_window *w, const struct pane_delta *d, bool ip)
{
	uint64_t bytes = d->bytes[0] + d->bytes[1];
	uint8_t order[18] = {0};
	char text[64];

	for (unsigned int end = 0; ip && end < 2; end++) {
		order[0] = d->key.version;
		memcpy(order + 1, d->key.addr[end], 16);
		if (d->key.version == 4)
			inet_ntop(AF_INET, d->key.addr[end] + 12, text, sizeof(text));
		else
			inet_ntop(AF_INET6, d->key.addr[end], text, sizeof(text));
		key_count(w, text, order, bytes);
	}
	if (!ip) {
		const char *name = protocol_name(m->protocols, d->app);

		memcpy(order, name, strnlen(name, sizeof(order)));
		key_count(w, name, order, bytes);
	}
}

static int
key_compare(const void *x, const void *y)
{
	const struct model_key *a = x, *b = y;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? 1 : -1;
	return memcmp(a->order, b->order, sizeof(a->order));
}

void
model_window(const struct model *m, bool ip, int64_t first, int64_t last, struct model_window *ret)
{
	*ret = (struct model_window){.first = first, .last = last, .exact = true};
	for (unsigned int i = 0; i < m->count; i++) {
		const struct pane *p = m->panes[i];

		if ((int64_t)p->index < first || (int64_t)p->index > last)
			continue;
		if (m->forgotten[i] || p->lost_packets > 0)
			ret->exact = false;
		if (m->forgotten[i])
			continue;
		ret->bytes += p->flow_bytes;
		ret->packets += p->flow_packets;
		for (uint32_t j = 0; j < p->count; j++) {
			ret->flows += p->deltas[j].started;
			delta_count(m, ret, &p->deltas[j], ip);
		}
	}
	qsort(ret->key, ret->keys, sizeof(ret->key[0]), key_compare);
}

bool
model_share(const struct model_window *w, unsigned int i, unsigned int percent4)
{
	return w->key[i].bytes * 400 > percent4 * w->bytes;
}

// value - mean > x sigma, times n and squared: whole numbers all along.
bool
model_outlier(const struct model_window *w, unsigned int i, unsigned int x4)
{
	__int128 n = w->keys, sum = 0, squares = 0, above;

	for (unsigned int j = 0; j < w->keys; j++) {
		sum += w->key[j].bytes;
		squares += (__int128)w->key[j].bytes * w->key[j].bytes;
	}
	above = n * w->key[i].bytes - sum;
	return above > 0 && 16 * above * above > (__int128)x4 * x4 * (n * squares - sum * sum);
}

static int
double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *v, unsigned int n)
{
	qsort(v, n, sizeof(*v), double_compare);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

void
model_stats(const struct model_window *w, struct model_stats *ret)
{
	double v[MODEL_KEYS], n = w->keys;

	*ret = (struct model_stats){0};
	if (w->keys == 0)
		return;
	for (unsigned int i = 0; i < w->keys; i++)
		ret->mean += (double)w->key[i].bytes / n;
	for (unsigned int i = 0; i < w->keys; i++)
		ret->sigma += pow((double)w->key[i].bytes - ret->mean, 2) / n;
	ret->sigma = sqrt(ret->sigma);
	for (unsigned int i = 0; i < w->keys; i++)
		v[i] = (double)w->key[i].bytes;
	ret->median = median(v, w->keys);
	for (unsigned int i = 0; i < w->keys; i++)
		v[i] = fabs((double)w->key[i].bytes - ret->median);
	ret->mad = median(v, w->keys);
}
