/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay_flows.h"

#include <stdlib.h>

#include <rte_common.h>
#include <rte_ether.h>
#include <rte_tcp.h>

#include "frame_write.h"

struct heap_entry {
	uint64_t ns;      // of the record's next packet
	uint32_t record;
};

// Packets of a record that were sent in the present loop, from the source and from the destination.
struct progress {
	uint32_t sent[2];
};

struct replay_flows {
	struct replay_source source;
	bool ip_bytes;
	const struct flow_log *log;
	struct progress *progress;  // by record
	struct replay_frames frames;
	struct heap_entry *heap;  // smallest first; children of i at 2i + 1 and 2i + 2
	uint32_t heap_count;
	uint32_t next_record;     // that is not under way yet
};

static bool
entry_before(const struct heap_entry *a, const struct heap_entry *b)
{
	return a->ns != b->ns ? a->ns < b->ns : a->record < b->record;
}

static void
heap_push(struct replay_flows *r, struct heap_entry e)
{
	uint32_t at = r->heap_count++;

	while (at > 0 && entry_before(&e, &r->heap[(at - 1) / 2])) {
		r->heap[at] = r->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	r->heap[at] = e;
}

// Put e in the place of the first one.
static void
heap_replace(struct replay_flows *r, struct heap_entry e)
{
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < r->heap_count) {
		if (child + 1 < r->heap_count &&
				entry_before(&r->heap[child + 1], &r->heap[child]))
			child++;
		if (!entry_before(&r->heap[child], &e))
			break;
		r->heap[at] = r->heap[child];
		at = child;
	}
	r->heap[at] = e;
}

static void
heap_pop(struct replay_flows *r)
{
	struct heap_entry last = r->heap[--r->heap_count];

	if (r->heap_count > 0)
		heap_replace(r, last);
}

// Records whose first packet comes before all that are under way join them.
static void
records_begin(struct replay_flows *r)
{
	while (r->next_record < r->log->count) {
		const struct flow_log_record *rec = &r->log->records[r->next_record];

		if (r->heap_count > 0 && rec->start_ns > r->heap[0].ns)
			return;
		r->progress[r->next_record] = (struct progress){{0, 0}};
		heap_push(r, (struct heap_entry){rec->start_ns, r->next_record++});
	}
}

// Where both directions close, they do it at once: however long the record is, nobody who waits for
// the second FIN for some seconds takes the last packet for a flow of its own.
static uint64_t
packet_ns(const struct flow_log_record *rec, uint64_t k)
{
	uint64_t gaps = (uint64_t)rec->packets[0] + rec->packets[1] - 1;

	if (rec->packets[0] > 1 && rec->packets[1] > 1)
		gaps--;
	if (gaps == 0)
		return rec->start_ns;
	return rec->start_ns +
		(uint64_t)((unsigned __int128)rec->duration_ns * RTE_MIN(k, gaps) / gaps);
}

static uint64_t
last_ns(const struct flow_log *log)
{
	uint64_t last = 0;

	for (uint32_t i = 0; i < log->count; i++) {
		const struct flow_log_record *rec = &log->records[i];

		last = RTE_MAX(last,
			packet_ns(rec, (uint64_t)rec->packets[0] + rec->packets[1] - 1));
	}
	return last;
}

// The direction that is less far on its way from its first packet to its last; the source if they
// are equally far. So the first packets of both come first, and the last ones last.
static unsigned int
direction_next(const struct flow_log_record *rec, const struct progress *p)
{
	if (p->sent[0] == rec->packets[0])
		return 1;
	if (p->sent[1] == rec->packets[1])
		return 0;
	return (uint64_t)p->sent[0] * RTE_MAX(rec->packets[1] - 1, 1u) >
		(uint64_t)p->sent[1] * RTE_MAX(rec->packets[0] - 1, 1u);
}

static uint32_t
flags_next(const struct flow_log_record *rec, const struct progress *p, unsigned int direction,
	uint32_t payload)
{
	uint32_t sent = p->sent[direction];
	uint32_t flags = direction == 0 && sent == 0 ? 0 : RTE_TCP_ACK_FLAG;

	// Where the source sent nothing there is no SYN to answer either.
	if (sent == 0 && (direction == 0 || rec->packets[0] > 0))
		flags |= RTE_TCP_SYN_FLAG;
	else if (payload > 0)
		flags |= RTE_TCP_PSH_FLAG;
	if (sent > 0 && sent + 1 == rec->packets[direction])
		flags |= RTE_TCP_FIN_FLAG;
	return flags;
}

// Bytes of this packet, of the frame or of what is in it.
static uint32_t
bytes_next(const struct flow_log_record *rec, const struct progress *p, unsigned int direction)
{
	uint64_t packets = rec->packets[direction], over = rec->bytes[direction] % packets;

	return (uint32_t)(rec->bytes[direction] / packets) +
		(p->sent[direction] >= packets - over);
}

static uint32_t
flows_write(struct replay_source *s, uint64_t loop, uint8_t *to, uint32_t *ret_flow)
{
	struct replay_flows *r = (struct replay_flows *)s;
	uint32_t number = r->heap[0].record, bytes;
	const struct flow_log_record *rec = &r->log->records[number];
	struct progress *p = &r->progress[number];
	struct flow_frame *f = &r->frames.flows[number];
	struct frame_step step = {.direction = direction_next(rec, p)};
	uint64_t sent;

	(void)loop;  // all are the same
	bytes = bytes_next(rec, p, step.direction) + (r->ip_bytes ? RTE_ETHER_HDR_LEN : 0);
	step.payload = bytes - frame_header_bytes[f->kind];
	step.flags = flags_next(rec, p, step.direction, step.payload);
	bytes = flow_frame_write(r->frames.templates, f, &step, to);
	p->sent[step.direction]++;
	sent = (uint64_t)p->sent[0] + p->sent[1];
	if (sent == (uint64_t)rec->packets[0] + rec->packets[1])
		heap_pop(r);
	else
		heap_replace(r, (struct heap_entry){packet_ns(rec, sent), number});
	records_begin(r);
	*ret_flow = number;
	return bytes;
}

static bool
flows_next_ns(const struct replay_source *s, uint64_t *ret_ns)
{
	const struct replay_flows *r = (const struct replay_flows *)s;

	if (r->heap_count == 0)
		return false;
	*ret_ns = r->heap[0].ns;
	return true;
}

static void
flows_rewind(struct replay_source *s)
{
	struct replay_flows *r = (struct replay_flows *)s;

	r->next_record = 0;
	records_begin(r);
}

static void
flows_free(struct replay_source *s)
{
	struct replay_flows *r = (struct replay_flows *)s;

	free(r->heap);
	free(r->progress);
	free(r);
}

static void
flows_report(const struct replay_source *s, struct json_out *out)
{
	const struct flow_log *log = ((const struct replay_flows *)s)->log;

	json_out_key_u64(out, "packets", log->packets);
	json_out_key_u64(out, "records", log->count);
	json_out_key_u64(out, "devices", log->names.device_count);
	json_out_key(out, "refused");
	json_out_open(out, '{');
	for (unsigned int i = 0; i < FLOW_LOG_REFUSALS; i++)
		json_out_key_u64(out, flow_log_refusal_names[i], log->refused[i]);
	json_out_close(out, '}');
}

static const struct replay_source_ops flows_ops = {
	.free = flows_free,
	.rewind = flows_rewind,
	.next_ns = flows_next_ns,
	.write = flows_write,
	.report = flows_report,
};

struct replay_source *
replay_flows_create(const struct replay_spec *spec, const struct flow_log *log,
	const struct replay_frames *frames)
{
	struct replay_flows *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->heap = calloc(log->count, sizeof(*r->heap));
	r->progress = calloc(log->count, sizeof(*r->progress));
	if (r->heap == NULL || r->progress == NULL) {
		flows_free(&r->source);
		return NULL;
	}
	r->source = (struct replay_source){.ops = &flows_ops, .packets = log->packets,
		.first_ns = log->records[0].start_ns, .last_ns = last_ns(log)};
	r->ip_bytes = spec->ip_bytes;
	r->log = log;
	r->frames = *frames;
	records_begin(r);
	return &r->source;
}
