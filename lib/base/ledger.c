/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/ledger.h"

#include <string.h>

#include <rte_pause.h>

static const struct {
	const char *name;
	const char *help;
} reasons[DISCARD_COUNT] = {
#define X(id, json_name, meaning) [DISCARD_##id] = {json_name, meaning},
	DISCARD_REASONS(X)
#undef X
};

const char *
discard_reason_name(enum discard_reason r)
{
	return r < DISCARD_COUNT ? reasons[r].name : NULL;
}

const char *
discard_reason_help(enum discard_reason r)
{
	return r < DISCARD_COUNT ? reasons[r].help : NULL;
}

void
ledger_read(const struct ledger *l, struct ledger_counts *ret_counts)
{
	uint32_t before, after;

	do {
		while ((before = __atomic_load_n(&l->sequence, __ATOMIC_ACQUIRE)) & 1)
			rte_pause();
		memcpy(ret_counts, (const void *)&l->counts, sizeof(*ret_counts));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		after = __atomic_load_n(&l->sequence, __ATOMIC_RELAXED);
	} while (before != after);
}

void
ledger_add(struct ledger_counts *sum, const struct ledger_counts *c)
{
	sum->received += c->received;
	sum->received_bytes += c->received_bytes;
	sum->flow_packets += c->flow_packets;
	sum->flow_bytes += c->flow_bytes;
	for (unsigned int i = 0; i < DISCARD_COUNT; i++)
		sum->discarded[i] += c->discarded[i];
	sum->detail_lost_packets += c->detail_lost_packets;
	sum->detail_lost_bytes += c->detail_lost_bytes;
}

int64_t
ledger_residual(const struct ledger_counts *c)
{
	uint64_t known = c->flow_packets;

	for (unsigned int i = 0; i < DISCARD_COUNT; i++)
		known += c->discarded[i];
	return (int64_t)(c->received - known);
}
