/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_memory.h>

#include "base/mem.h"
#include "plan.h"
#include "replay.h"
#include "replay_capture.h"
#include "recording.h"
#include "replay_flows.h"

// A plan of what was recorded. Of flows: a flow of the plan for each record, a label for each device.
// Of packets: no flow of the plan, as the packets are as they are, and labels where they are
// counted (plan_capture.c).

static int
tables_alloc(struct plan *plan, const struct flow_log *log)
{
	uint32_t devices = log->names.device_count;

	plan->flow_count = log->count;
	plan->flow_bytes = log->count * sizeof(*plan->flows);
	plan->flows = mem_table_alloc("generator flows", plan->flow_bytes, SOCKET_ID_ANY);
	plan->labels = calloc(log->count, sizeof(*plan->labels));
	plan->addresses = calloc(devices, sizeof(*plan->addresses));
	plan->address_base = calloc(devices, sizeof(*plan->address_base));
	return plan->flows == NULL || plan->labels == NULL || plan->addresses == NULL ||
		plan->address_base == NULL ? -ENOMEM : 0;
}

static void
devices_fill(struct plan *plan, const struct flow_log_names *names)
{
	for (uint32_t i = 0; i < names->device_count; i++) {
		struct address_range *r = &plan->addresses[i];

		r->first = names->devices[i]->address;
		r->count = 1;
		address_format(&r->first, r->text);
		plan->address_base[i] = i;
	}
	plan->address_entries = plan->address_total = names->device_count;
}

static void
flow_fill(struct plan *plan, const struct flow_log *log, uint32_t i)
{
	const struct flow_log_record *rec = &log->records[i];
	bool ports = rec->protocol == IPPROTO_TCP || rec->protocol == IPPROTO_UDP;
	struct flow_ends ends = {
		.client = log->names.devices[rec->device[0]]->address,
		.server = log->names.devices[rec->device[1]]->address,
		.client_port = (uint16_t)rec->port[0],
		.server_port = ports ? (uint16_t)rec->port[1] : 0,
		.ip_proto = rec->protocol,
	};
	uint16_t from = ports ? ends.client_port : 0, to = ends.server_port;

	flow_frame_fill(&plan->flows[i], &ends);
	// The protocol goes by the first packet, which is the destination's where only that sent.
	plan->labels[i] = (struct plan_label){.address = rec->device[0], .peer = rec->device[1],
		.protocol = rec->packets[0] > 0 ?
			protocol_lookup(plan->names, rec->protocol, from, to) :
			protocol_lookup(plan->names, rec->protocol, to, from),
		.server_port = ends.server_port};
}

static struct replay_source *
flows_source(struct plan *plan, const struct profile *p, const struct flow_log *log)
{
	if (tables_alloc(plan, log) != 0)
		return NULL;
	plan->devices = &log->names;
	devices_fill(plan, &log->names);
	for (uint32_t i = 0; i < log->count; i++)
		flow_fill(plan, log, i);
	return replay_flows_create(&p->replay, log,
		&(struct replay_frames){&plan->templates, plan->flows});
}

// The labels of its packets, for as many loops as there can be.
static int
capture_describe(struct plan *plan, const struct profile *p, const struct capture_flows *flows,
	struct replay_source *source, struct error *err)
{
	uint64_t loops = p->replay.rewrite ?
		replay_loops_most(&p->replay, source, plan->packets, plan->duration_ns) : 1;
	uint32_t copies;
	int rc;

	if (loops == UINT64_MAX)
		return error_field(err, -EINVAL, "replay.loop", "replay.loop: found true, allowed "
			"with rewrite and an answer key is a number, or a profile with packets or "
			"duration_s");
	rc = plan_capture_describe(plan, flows, loops, &copies, err);
	if (rc == 0)
		replay_capture_copies_set(source, copies);
	return rc;
}

int
plan_replay_fill(struct plan *plan, const struct profile *p, const struct plan_parts *parts,
	struct error *err)
{
	const struct recording *rec = parts->recording;
	bool describe = parts->describe && rec->frames != NULL;
	struct replay_source *source;
	int rc = 0;

	if (describe && capture_frames_describe(rec->frames) != 0)
		return error_field(err, -ENOMEM, "replay.pcap",
			"replay.pcap: no memory for the answer key of its frames");
	source = rec->log != NULL ? flows_source(plan, p, rec->log) :
		replay_capture_create(&p->replay, rec->frames);
	if (source != NULL && describe)
		rc = capture_describe(plan, p, &rec->frames->flows, source, err);
	if (rc != 0) {
		source->ops->free(source);
		return rc;
	}
	plan->replay = source != NULL ? replay_create(&p->replay, source) : NULL;
	return plan->replay != NULL ? 0 :
		error_field(err, -ENOMEM, "replay", "replay: no memory for it");
}
