/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "intern.h"
#include "plan.h"
#include "recording.h"
#include "replay.h"
#include "rewrite.h"

// What the answer key says of a capture that is replayed: a label for each flow that it has, and
// where loops get addresses of their own, for each of them in each loop. So a packet is one count
// whichever loop it is of, and nothing is looked up while it is sent.

#define IP4_TURNED_AT 8   // bit of an IPv4 address, from the last one
#define IP6_TURNED_AT 4   // byte of an IPv6 address
#define FRESH UINT32_MAX

// docs/pktgen.md, "Captures": what copy number `copy` makes of an address.
static struct address
address_turn(struct address a, uint32_t copy)
{
	uint32_t at = a.version == 4 ? 0 : IP6_TURNED_AT, word;
	uint32_t turn = a.version == 4 ? copy << IP4_TURNED_AT : copy;

	memcpy(&word, a.bytes + at, sizeof(word));
	word ^= rte_cpu_to_be_32(turn);
	memcpy(a.bytes + at, &word, sizeof(word));
	return a;
}

// The label of an address of the capture in a copy; each is made once a copy.
static uint32_t
label_of(struct plan *plan, const struct capture_flows *flows, uint32_t address, uint32_t copy,
	uint32_t *labels)
{
	struct address a;

	if (labels[address] != FRESH)
		return labels[address];
	memcpy(&a, intern_item(&flows->addresses, address), sizeof(a));
	a = address_turn(a, copy);
	labels[address] = intern_number(plan->recorded, &a);
	return labels[address];
}

static void
label_fill(struct plan *plan, const struct capture_flows *flows, uint32_t flow,
	const uint32_t *ends, struct plan_label *ret)
{
	const struct capture_flow *f = intern_item(&flows->flows, flow);
	uint8_t client = flows->client[flow];

	*ret = (struct plan_label){.address = ends[0], .peer = ends[1],
		.protocol = protocol_lookup(plan->names, f->ip_proto, f->port[client],
			f->port[client ^ 1]),
		.client_port = f->port[client], .server_port = f->port[client ^ 1],
		.ip_proto = f->ip_proto, .client_far = client};
}

// Labels of all flows in a copy; -errno where addresses find no room.
static int
copy_fill(struct plan *plan, const struct capture_flows *flows, uint32_t copy, uint32_t *labels)
{
	struct plan_label *to = plan->labels + CAPTURE_FLOWS_FIRST +
		(size_t)copy * flows->flows.count;

	memset(labels, 0xff, flows->addresses.count * sizeof(*labels));
	for (uint32_t i = 0; i < flows->flows.count; i++) {
		const struct capture_flow *f = intern_item(&flows->flows, i);
		uint32_t ends[2];

		for (unsigned int e = 0; e < 2; e++) {
			ends[e] = copy == 0 || !f->turns ? f->end[e] :
				label_of(plan, flows, f->end[e], copy, labels);
			if (ends[e] == INTERN_NONE)
				return -errno;
		}
		label_fill(plan, flows, i, ends, &to[i]);
	}
	return 0;
}

// The addresses of the first copy keep their numbers.
static int
recorded_fill(struct plan *plan, const struct capture_flows *flows)
{
	plan->recorded = calloc(1, sizeof(*plan->recorded));
	if (plan->recorded == NULL)
		return -ENOMEM;
	intern_init(plan->recorded, sizeof(struct address), 2 * CAPTURE_FLOWS_MAX);
	for (uint32_t i = 0; i < flows->addresses.count; i++)
		if (intern_number(plan->recorded, intern_item(&flows->addresses, i)) == INTERN_NONE)
			return -errno;
	return 0;
}

static int
labels_fill(struct plan *plan, const struct capture_flows *flows, uint32_t copies)
{
	uint32_t *labels = calloc(flows->addresses.count + 1, sizeof(*labels));
	int rc;

	plan->undescribed = CAPTURE_FLOWS_FIRST;
	plan->flow_count = CAPTURE_FLOWS_FIRST + flows->flows.count * copies;
	plan->labels = calloc(plan->flow_count, sizeof(*plan->labels));
	rc = labels == NULL || plan->labels == NULL ? -ENOMEM : recorded_fill(plan, flows);
	for (uint32_t copy = 0; rc == 0 && copy < copies; copy++)
		rc = copy_fill(plan, flows, copy, labels);
	free(labels);
	return rc;
}

int
plan_capture_describe(struct plan *plan, const struct capture_flows *flows, uint64_t loops,
	uint32_t *ret_copies, struct error *err)
{
	uint64_t copies = RTE_MIN(loops, (uint64_t)REWRITE_COPIES);
	int rc;

	*ret_copies = (uint32_t)copies;
	if (flows->failed == 0 && copies * flows->flows.count > CAPTURE_FLOWS_MAX)
		return error_field(err, -ENOSPC, "replay.rewrite", "replay.rewrite: found %u flows "
			"in %llu loops, each with addresses of its own, allowed are %u in all with "
			"an answer key", flows->flows.count, (unsigned long long)loops,
			CAPTURE_FLOWS_MAX);
	rc = flows->failed != 0 ? -flows->failed : labels_fill(plan, flows, (uint32_t)copies);
	if (rc == -ENOSPC)
		return error_field(err, rc, "replay.pcap", "replay.pcap: found more than %u flows, "
			"allowed are so many with an answer key", CAPTURE_FLOWS_MAX);
	return rc == 0 ? 0 : error_field(err, rc, "replay.pcap", "replay.pcap: no memory for the "
		"answer key of its flows");
}
