/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_memory.h>

#include "base/mem.h"

// Sums over flows, for one second or for all of them.
struct answer_sums {
	struct answer_count all;
	struct answer_count *protocols;  // by id of the protocol table
	struct answer_count *addresses;  // by label of the plan
};

struct answer_key {
	const struct plan *plan;
	uint16_t protocol_count;
	uint32_t address_count;
	size_t half_bytes;
	struct answer_count *halves[2];

	uint32_t active;      // half that the lcore counts in; lcore only
	uint64_t second;      // that it counts; lcore only
	uint32_t full;        // 1: the other half waits to be folded; atomic, set by the lcore
	uint64_t full_second; // which second that is; owned with the other half

	// Folding thread.
	struct answer_sums now;
	struct answer_sums total;
	struct json_out out;
	FILE *file;
	char *path;
	char *part_path;
	int write_errno;
};

static int
sums_alloc(struct answer_sums *s, const struct answer_key *k)
{
	s->protocols = calloc(k->protocol_count, sizeof(*s->protocols));
	s->addresses = calloc(k->address_count, sizeof(*s->addresses));
	return s->protocols == NULL || s->addresses == NULL ? -ENOMEM : 0;
}

static void
out_flush(struct answer_key *k)
{
	if (k->out.failed)
		k->write_errno = ENOMEM;
	else if (fwrite(k->out.data, 1, k->out.len, k->file) != k->out.len)
		k->write_errno = errno != 0 ? errno : EIO;
	json_out_reset(&k->out);
}

static int
key_open(struct answer_key *k, const char *path, const char *profile, struct error *err)
{
	k->path = strdup(path);
	if (k->path == NULL || asprintf(&k->part_path, "%s.part", path) < 0) {
		k->part_path = NULL;
		return error_set(err, -ENOMEM, "no memory for the answer key");
	}
	k->file = fopen(k->part_path, "we");
	if (k->file == NULL)
		return error_field(err, -errno, "answer_key", "answer_key: cannot write %s: %s",
			k->part_path, strerror(errno));
	json_out_open(&k->out, '{');
	json_out_key(&k->out, "profile");
	json_out_raw(&k->out, profile);
	json_out_key(&k->out, "seconds");
	json_out_open(&k->out, '[');
	out_flush(k);
	return 0;
}

struct answer_key *
answer_key_create(const char *path, const struct plan *plan, const char *profile,
	struct error *err)
{
	struct answer_key *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		error_set(err, -ENOMEM, "no memory for the answer key");
		return NULL;
	}
	k->plan = plan;
	k->protocol_count = protocol_count(plan->names);
	k->address_count = plan_address_count(plan);
	k->half_bytes = plan->flow_count * sizeof(*k->halves[0]);
	for (unsigned int i = 0; i < 2; i++)
		k->halves[i] = mem_table_alloc("answer key", k->half_bytes, SOCKET_ID_ANY);
	if (k->halves[0] == NULL || k->halves[1] == NULL || sums_alloc(&k->now, k) != 0 ||
			sums_alloc(&k->total, k) != 0) {
		error_set(err, -ENOMEM, "no memory for the answer key");
		goto fail;
	}
	if (key_open(k, path, profile, err) != 0)
		goto fail;
	return k;
fail:
	answer_key_free(k);
	return NULL;
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
	for (unsigned int i = 0; i < 2; i++)
		mem_table_free(k->halves[i], k->half_bytes);
	free(k->now.protocols);
	free(k->now.addresses);
	free(k->total.protocols);
	free(k->total.addresses);
	json_out_free(&k->out);
	free(k->path);
	free(k->part_path);
	free(k);
}

struct answer_count *
answer_key_counts(struct answer_key *k)
{
	return k->halves[k->active];
}

bool
answer_key_turn(struct answer_key *k)
{
	if (__atomic_load_n(&k->full, __ATOMIC_ACQUIRE) != 0)
		return false;
	k->full_second = k->second++;
	k->active ^= 1;
	__atomic_store_n(&k->full, 1 + k->active, __ATOMIC_RELEASE);
	return true;
}

static void
count_add(struct answer_count *to, const struct answer_count *c)
{
	to->packets += c->packets;
	to->bytes += c->bytes;
}

static void
half_fold(struct answer_key *k, struct answer_count *half)
{
	struct answer_sums *s = &k->now;

	memset(&s->all, 0, sizeof(s->all));
	memset(s->protocols, 0, k->protocol_count * sizeof(*s->protocols));
	memset(s->addresses, 0, k->address_count * sizeof(*s->addresses));
	for (uint32_t i = 0; i < k->plan->flow_count; i++) {
		const struct plan_label *label = &k->plan->labels[i];

		if (half[i].packets == 0)
			continue;
		count_add(&s->all, &half[i]);
		count_add(&s->protocols[label->protocol], &half[i]);
		count_add(&s->addresses[label->address], &half[i]);
		count_add(&s->addresses[label->peer], &half[i]);
		half[i] = (struct answer_count){0};
	}
	count_add(&k->total.all, &s->all);
	for (uint32_t i = 0; i < k->protocol_count; i++)
		count_add(&k->total.protocols[i], &s->protocols[i]);
	for (uint32_t i = 0; i < k->address_count; i++)
		count_add(&k->total.addresses[i], &s->addresses[i]);
}

static void
count_write(struct json_out *o, const char *name, const struct answer_count *c)
{
	if (c->packets == 0)
		return;
	json_out_key(o, name);
	json_out_open(o, '{');
	json_out_key_u64(o, "packets", c->packets);
	json_out_key_u64(o, "bytes", c->bytes);
	json_out_close(o, '}');
}

static void
sums_write(const struct answer_key *k, struct json_out *o, const struct answer_sums *s)
{
	char text[ADDRESS_TEXT_LEN];

	json_out_key_u64(o, "packets", s->all.packets);
	json_out_key_u64(o, "bytes", s->all.bytes);
	json_out_key(o, "protocols");
	json_out_open(o, '{');
	for (uint16_t i = 0; i < k->protocol_count; i++)
		count_write(o, protocol_name(k->plan->names, i), &s->protocols[i]);
	json_out_close(o, '}');
	json_out_key(o, "addresses");
	json_out_open(o, '{');
	for (uint32_t i = 0; i < k->address_count; i++) {
		struct address a;

		if (s->addresses[i].packets == 0)
			continue;
		a = plan_address(k->plan, i);
		count_write(o, address_format(&a, text), &s->addresses[i]);
	}
	json_out_close(o, '}');
}

static void
second_finish(struct answer_key *k, struct answer_count *half, uint64_t second)
{
	bool first = k->total.all.packets == 0;

	half_fold(k, half);
	if (k->now.all.packets == 0)
		return;
	fputs(first ? "\n" : ",\n", k->file);
	json_out_open(&k->out, '{');
	json_out_key_u64(&k->out, "second", second);
	sums_write(k, &k->out, &k->now);
	json_out_close(&k->out, '}');
	out_flush(k);
}

void
answer_key_fold(struct answer_key *k)
{
	uint32_t full = __atomic_load_n(&k->full, __ATOMIC_ACQUIRE);

	if (full == 0)
		return;
	// full - 1 is the half in use, so the other one is finished.
	second_finish(k, k->halves[(full - 1) ^ 1], k->full_second);
	__atomic_store_n(&k->full, 0, __ATOMIC_RELEASE);
}

static void
total_write(const struct answer_key *k, struct json_out *o)
{
	json_out_open(o, '{');
	sums_write(k, o, &k->total);
	json_out_close(o, '}');
}

int
answer_key_finish(struct answer_key *k, struct json_out *totals, struct error *err)
{
	answer_key_fold(k);
	second_finish(k, k->halves[k->active], k->second);
	fputs("\n],\"total\":", k->file);
	total_write(k, &k->out);
	out_flush(k);
	fputs("}\n", k->file);
	if (ferror(k->file) && k->write_errno == 0)
		k->write_errno = EIO;
	if (fclose(k->file) != 0 && k->write_errno == 0)
		k->write_errno = errno;
	k->file = NULL;
	if (k->write_errno == 0 && rename(k->part_path, k->path) != 0)
		k->write_errno = errno;
	if (k->write_errno != 0) {
		unlink(k->part_path);
		return error_field(err, -k->write_errno, "answer_key",
			"answer_key: cannot write %s: %s", k->path, strerror(k->write_errno));
	}
	if (totals != NULL)
		total_write(k, totals);
	return 0;
}
