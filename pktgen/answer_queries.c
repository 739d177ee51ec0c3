/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer_queries.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "base/sigmas.h"

// Bytes by key of each second of the window, in a ring, and their sum. Keys are the protocols and
// then the addresses.

struct answer_window {
	const struct plan *plan;
	uint32_t seconds;
	uint64_t next;         // second that comes
	uint32_t protocols;
	uint32_t keys;         // with the addresses
	uint64_t *ring;        // seconds * keys
	uint64_t *sums;        // keys
	uint64_t *ring_total;  // seconds
	uint64_t total;
	struct answer_row *rows;
};

static const char *const names[ANSWER_QUERIES] = {
	[ANSWER_PROTOCOL_SHARE] = "protocol-share",
	[ANSWER_PROTOCOL_TOPK] = "protocol-topk",
	[ANSWER_PROTOCOL_OUTLIER] = "protocol-outlier",
	[ANSWER_IP_SHARE] = "ip-share",
	[ANSWER_IP_TOPK] = "ip-topk",
	[ANSWER_IP_OUTLIER] = "ip-outlier",
};

const char *
answer_query_name(enum answer_query query)
{
	return names[query];
}

const char *
answer_row_key(const struct plan *plan, enum answer_query query, uint32_t key, char *buf)
{
	struct address a;

	if (query <= ANSWER_PROTOCOL_OUTLIER)
		return protocol_name(plan->names, (uint16_t)key);
	a = plan_address(plan, key);
	return address_format(&a, buf);
}

struct answer_window *
answer_window_create(const struct plan *plan, uint32_t seconds)
{
	struct answer_window *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->plan = plan;
	w->seconds = seconds;
	w->protocols = protocol_count(plan->names);
	w->keys = w->protocols + plan_address_count(plan);
	w->ring = calloc((size_t)seconds * w->keys, sizeof(*w->ring));
	w->sums = calloc(w->keys, sizeof(*w->sums));
	w->ring_total = calloc(seconds, sizeof(*w->ring_total));
	if (w->ring != NULL && w->sums != NULL && w->ring_total != NULL)
		return w;
	answer_window_free(w);
	errno = ENOMEM;
	return NULL;
}

void
answer_window_free(struct answer_window *w)
{
	if (w == NULL)
		return;
	free(w->ring);
	free(w->sums);
	free(w->ring_total);
	free(w->rows);
	free(w);
}

// A second that nothing is known to have been sent in.
static void
slot_clear(struct answer_window *w, uint64_t second)
{
	uint64_t slot = second % w->seconds, *old = &w->ring[slot * w->keys];

	for (uint32_t i = 0; i < w->keys; i++) {
		w->sums[i] -= old[i];
		old[i] = 0;
	}
	w->total -= w->ring_total[slot];
	w->ring_total[slot] = 0;
}

void
answer_window_add(void *arg, uint64_t second, const struct answer_sums *sums)
{
	struct answer_window *w = arg;
	uint64_t slot = second % w->seconds, *old = &w->ring[slot * w->keys];
	uint64_t described = sums->all.bytes - sums->no_key.bytes;

	for (uint64_t gap = 0; gap < w->seconds && w->next + gap < second; gap++)
		slot_clear(w, w->next + gap);
	for (uint32_t i = 0; i < w->keys; i++) {
		uint64_t bytes = i < w->protocols ? sums->protocols[i].bytes :
			sums->addresses[i - w->protocols].bytes;

		w->sums[i] += bytes - old[i];
		old[i] = bytes;
	}
	w->total += described - w->ring_total[slot];
	w->ring_total[slot] = described;
	w->next = second + 1;
}

void
answer_window_span(const struct answer_window *w, uint64_t *ret_start, uint64_t *ret_end)
{
	*ret_end = w->next;
	*ret_start = w->next > w->seconds ? w->next - w->seconds : 0;
}

uint64_t
answer_window_total(const struct answer_window *w)
{
	return w->total;
}

static int
key_compare(const struct answer_window *w, bool protocols, uint32_t a, uint32_t b)
{
	struct address x, y;

	if (protocols)
		return strcmp(protocol_name(w->plan->names, (uint16_t)a),
			protocol_name(w->plan->names, (uint16_t)b));
	x = plan_address(w->plan, a);
	y = plan_address(w->plan, b);
	return address_compare(&x, &y);
}

struct order {
	const struct answer_window *window;
	bool protocols;
};

static int
row_compare(const void *a, const void *b, void *arg)
{
	const struct answer_row *x = a, *y = b;
	const struct order *o = arg;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return key_compare(o->window, o->protocols, x->key, y->key);
}

// n (value - mean) and (n sigma)^2 = n squares - sum^2 are integers, so a key that lies exactly X
// sigma above the mean is not beyond it. They fit 127 bits, as n is below 2^27 and the sum, of all
// bytes of a window, below 2^50.
struct moments {
	uint32_t count;
	__int128 sum;
	double root;  // n sigma
};

static double
deviation(const struct moments *m, uint64_t value)
{
	return (double)((__int128)m->count * value - m->sum);
}

// All keys that were seen, with shares and deviations.
static struct moments
rows_fill(struct answer_window *w, bool protocols)
{
	const uint64_t *sums = protocols ? w->sums : w->sums + w->protocols;
	uint32_t n = protocols ? w->protocols : w->keys - w->protocols, seen = 0;
	__int128 sum = 0, squares = 0;
	struct moments m;

	for (uint32_t i = 0; i < n; i++) {
		if (sums[i] == 0)
			continue;
		w->rows[seen++] = (struct answer_row){.key = i, .bytes = sums[i],
			.share = (double)sums[i] / (double)w->total};
		sum += sums[i];
		squares += (__int128)sums[i] * sums[i];
	}
	m = (struct moments){seen, sum, sqrt((double)(seen * squares - sum * sum))};
	for (uint32_t i = 0; i < seen && m.root > 0; i++)
		w->rows[i].z = deviation(&m, w->rows[i].bytes) / m.root;
	return m;
}

// share_percent: strictly more, 100 bytes > H total, rounded once where H is not whole.
static bool
row_answers(const struct answer_row *r, enum answer_query query, const struct answer_parameters *p,
	uint64_t total, const struct moments *m)
{
	switch (query) {
	case ANSWER_PROTOCOL_SHARE:
	case ANSWER_IP_SHARE:
		return (long double)r->bytes * 100 > p->share_percent * (double)total;
	case ANSWER_PROTOCOL_OUTLIER:
	case ANSWER_IP_OUTLIER:
		return sigmas_exceed(m->count, deviation(m, r->bytes), m->root, p->sigmas);
	default:
		return true;
	}
}

int
answer_window_rows(struct answer_window *w, enum answer_query query,
	const struct answer_parameters *p, const struct answer_row **ret_rows)
{
	struct order order = {w, query <= ANSWER_PROTOCOL_OUTLIER};
	bool topk = query == ANSWER_PROTOCOL_TOPK || query == ANSWER_IP_TOPK;
	struct moments m;
	uint32_t kept = 0;

	if (w->rows == NULL)
		w->rows = calloc(w->keys, sizeof(*w->rows));
	if (w->rows == NULL)
		return -ENOMEM;
	m = rows_fill(w, order.protocols);
	for (uint32_t i = 0; i < m.count; i++)
		if (row_answers(&w->rows[i], query, p, w->total, &m))
			w->rows[kept++] = w->rows[i];
	qsort_r(w->rows, kept, sizeof(*w->rows), row_compare, &order);
	*ret_rows = w->rows;
	return (int)(topk ? RTE_MIN(kept, p->k) : kept);
}
