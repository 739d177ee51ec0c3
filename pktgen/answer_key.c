/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_memory.h>

#include "answer_internal.h"
#include "base/mem.h"
#include "run.h"

// Making a key, and the lcores' side of it.

static int
sums_alloc(struct answer_sums *s, const struct answer_key *k)
{
	s->protocols = calloc(k->protocol_count, sizeof(*s->protocols));
	s->addresses = calloc(k->address_count, sizeof(*s->addresses));
	return s->protocols == NULL || s->addresses == NULL ? -ENOMEM : 0;
}

static int
half_alloc(struct answer_half *h, const struct answer_key *k)
{
	h->counts = mem_table_alloc("answer key", k->half_bytes, SOCKET_ID_ANY);
	h->records = calloc(ANSWER_RECORDS, sizeof(*h->records));
	return h->counts == NULL || h->records == NULL ? -ENOMEM : 0;
}

static int
parts_alloc(struct answer_key *k)
{
	int rc = 0;

	k->parts = aligned_alloc(RTE_CACHE_LINE_SIZE, k->lcores * sizeof(*k->parts));
	k->next = calloc(k->lcores, sizeof(*k->next));
	if (k->parts == NULL || k->next == NULL)
		return -ENOMEM;
	memset(k->parts, 0, k->lcores * sizeof(*k->parts));
	for (unsigned int i = 0; i < 2 * k->lcores && rc == 0; i++)
		rc = half_alloc(&k->parts[i / 2].halves[i % 2], k);
	return rc;
}

static int
key_fill(struct answer_key *k, const struct answer_key_params *p, struct error *err)
{
	k->plan = p->plan;
	k->lcores = p->lcores;
	k->keep_flows = p->flows;
	k->observe = p->observe;
	k->observe_arg = p->observe_arg;
	k->protocol_count = protocol_count(p->plan->names);
	k->address_count = plan_address_count(p->plan);
	k->half_bytes = (p->plan->flow_count / p->lcores + 1) * sizeof(struct answer_count);
	if (parts_alloc(k) != 0 || sums_alloc(&k->now, k) != 0 || sums_alloc(&k->total, k) != 0 ||
			(k->keep_flows && answer_flows_create(k) != 0))
		return error_set(err, -ENOMEM, "no memory for the answer key");
	if (p->window_seconds != 0) {
		k->parameters = *p->parameters;
		if (answer_rows_create(k, p->window_seconds, err) != 0)
			return -ENOMEM;
	}
	return p->path != NULL ? answer_file_open(k, p->path, p->profile, err) : 0;
}

struct answer_key *
answer_key_create(const struct answer_key_params *p, struct error *err)
{
	struct answer_key *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		error_set(err, -ENOMEM, "no memory for the answer key");
		return NULL;
	}
	if (key_fill(k, p, err) != 0) {
		answer_key_free(k);
		return NULL;
	}
	return k;
}

static void
parts_free(struct answer_key *k)
{
	for (unsigned int i = 0; k->parts != NULL && i < 2 * k->lcores; i++) {
		struct answer_half *h = &k->parts[i / 2].halves[i % 2];

		mem_table_free(h->counts, k->half_bytes);
		free(h->records);
	}
	free(k->parts);
	free(k->next);
}

static void
sums_free(struct answer_sums *s)
{
	free(s->protocols);
	free(s->addresses);
}

void
answer_key_free(struct answer_key *k)
{
	if (k == NULL)
		return;
	if (k->file != NULL) {
		fclose(k->file);
		unlink(k->part_path);
	}
	parts_free(k);
	sums_free(&k->now);
	sums_free(&k->total);
	answer_flows_free(&k->flows);
	answer_window_free(k->window);
	json_out_free(&k->out);
	free(k->path);
	free(k->part_path);
	free(k->profile);
	free(k);
}

// Hand the half over; `next` is the second that comes, or still the same.
static bool
part_turn(struct answer_part *p, uint64_t next)
{
	if (__atomic_load_n(&p->full, __ATOMIC_ACQUIRE) != 0)
		return false;
	p->full_second = p->second;
	p->full_ends = next != p->second;
	p->full_next = next;
	p->second = next;
	p->active ^= 1;
	__atomic_store_n(&p->full, 1, __ATOMIC_RELEASE);
	return true;
}

bool
answer_key_turn(struct answer_key *k, unsigned int lcore, uint64_t next)
{
	return part_turn(&k->parts[lcore], next);
}

bool
answer_key_ready(struct answer_key *k, unsigned int lcore)
{
	struct answer_part *p = &k->parts[lcore];

	// A packet makes at most one record when it is sent and one when it is not.
	return p->halves[p->active].record_count + 2 * BURST_MAX <= ANSWER_RECORDS ||
		part_turn(p, p->second);
}

static inline void
record_add(struct answer_half *h, uint32_t flow, uint64_t word, struct answer_count count)
{
	h->records[h->record_count++] = (struct answer_record){flow, word, count};
}

// Another flow begins in this place: what was counted is the old one's.
static inline void
flow_end(struct answer_half *h, uint32_t flow, struct answer_count *c)
{
	record_add(h, flow, 0, *c);
	*c = (struct answer_count){0};
}

void
answer_key_count(struct answer_key *k, unsigned int lcore, const struct burst *b, uint16_t from)
{
	struct answer_part *p = &k->parts[lcore];
	struct answer_half *h = &p->halves[p->active];

	h->counted = true;
	for (uint16_t i = from; i < b->sent; i++) {
		uint32_t flow = b->flows[i];
		struct answer_count *c = &h->counts[flow / k->lcores];

		if (flow >= k->plan->flow_count) {
			record_add(h, flow, b->words[i], (struct answer_count){1, b->bytes[i]});
			continue;
		}
		if (b->begins[i] && k->keep_flows)
			flow_end(h, flow, c);
		c->packets++;
		c->bytes += b->bytes[i];
	}
}

void
answer_key_skip(struct answer_key *k, unsigned int lcore, const struct burst *b)
{
	struct answer_part *p = &k->parts[lcore];
	struct answer_half *h = &p->halves[p->active];

	h->counted = true;
	for (uint16_t i = b->sent; k->keep_flows && i < b->n; i++)
		if (b->begins[i])
			flow_end(h, b->flows[i], &h->counts[b->flows[i] / k->lcores]);
}

// Fold what this lcore has handed over, if it is of the second that is folded.
static bool
part_fold(struct answer_key *k, unsigned int lcore)
{
	struct answer_part *p = &k->parts[lcore];

	if (__atomic_load_n(&p->full, __ATOMIC_ACQUIRE) == 0 || p->full_second != k->second)
		return false;
	answer_half_fold(k, lcore, &p->halves[p->active ^ 1]);
	k->next[lcore] = p->full_ends ? p->full_next : 0;
	__atomic_store_n(&p->full, 0, __ATOMIC_RELEASE);
	return true;
}

static bool
second_ended(const struct answer_key *k)
{
	for (unsigned int i = 0; i < k->lcores; i++)
		if (k->next[i] == 0)
			return false;
	return true;
}

static void
second_next(struct answer_key *k)
{
	uint64_t second = UINT64_MAX;

	answer_second_finish(k);
	for (unsigned int i = 0; i < k->lcores; i++)
		second = RTE_MIN(second, k->next[i]);
	for (unsigned int i = 0; i < k->lcores; i++)
		if (k->next[i] == second)
			k->next[i] = 0;
	k->second = second;
}

void
answer_key_fold(struct answer_key *k)
{
	bool more = true;

	while (more) {
		more = false;
		for (unsigned int i = 0; i < k->lcores; i++)
			more |= part_fold(k, i);
		if (second_ended(k))
			second_next(k);
	}
}

// What an lcore has begun after a second; UINT64_MAX: nothing.
static uint64_t
part_after(const struct answer_part *p, uint64_t second)
{
	if (p->full != 0 && p->full_second > second)
		return p->full_second;
	return p->second > second ? p->second : UINT64_MAX;
}

// What the lcores have begun of the second that is folded, and of later ones.
static void
rest_fold(struct answer_key *k)
{
	uint64_t next;

	for (; k->second != UINT64_MAX; k->second = next) {
		next = UINT64_MAX;
		for (unsigned int i = 0; i < k->lcores; i++) {
			struct answer_part *p = &k->parts[i];

			part_fold(k, i);
			if (p->second == k->second)
				answer_half_fold(k, i, &p->halves[p->active]);
			next = RTE_MIN(next, part_after(p, k->second));
		}
		answer_second_finish(k);
	}
}

int
answer_key_finish(struct answer_key *k, struct json_out *totals, struct error *err)
{
	int rc = 0;

	answer_key_fold(k);
	rest_fold(k);
	if (k->file != NULL)
		rc = answer_file_finish(k, err);
	if (rc == 0 && totals != NULL) {
		json_out_open(totals, '{');
		answer_sums_write(k, totals, &k->total);
		json_out_close(totals, '}');
	}
	return rc;
}
