/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay.h"

#include <stdlib.h>

#include <rte_common.h>
#include <rte_ether.h>
#include <rte_tcp.h>

#define NS_PER_S_U64 UINT64_C(1000000000)
#define GAP_DEFAULT_NS 1000  // between two loops of packets that are all at one time

struct heap_entry {
	uint64_t ns;      // of the record's next packet
	uint32_t record;
};

struct replay {
	struct replay_spec spec;
	struct flow_log *log;
	struct replay_flows flows;
	struct heap_entry *heap;  // smallest first; children of i at 2i + 1 and 2i + 2
	uint32_t heap_count;
	uint32_t next_record;     // that is not under way yet
	uint64_t loop;
	uint64_t position;        // packets written
	uint64_t first_ns;        // recorded time of the first packet
	uint64_t period_ns;       // of a loop, in recorded time
};

static bool
entry_before(const struct heap_entry *a, const struct heap_entry *b)
{
	return a->ns != b->ns ? a->ns < b->ns : a->record < b->record;
}

static void
heap_push(struct replay *r, struct heap_entry e)
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
heap_replace(struct replay *r, struct heap_entry e)
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
heap_pop(struct replay *r)
{
	struct heap_entry last = r->heap[--r->heap_count];

	if (r->heap_count > 0)
		heap_replace(r, last);
}

// Records whose first packet comes before all that are under way join them.
static void
records_begin(struct replay *r)
{
	while (r->next_record < r->log->count) {
		struct flow_log_record *rec = &r->log->records[r->next_record];

		if (r->heap_count > 0 && rec->start_ns > r->heap[0].ns)
			return;
		rec->sent[0] = rec->sent[1] = 0;
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

struct replay *
replay_create(const struct replay_spec *spec, struct flow_log *log,
	const struct replay_flows *flows)
{
	struct replay *r = calloc(1, sizeof(*r));
	uint64_t span;

	if (r == NULL || (r->heap = calloc(log->count, sizeof(*r->heap))) == NULL) {
		free(r);
		flow_log_free(log);
		return NULL;
	}
	r->spec = *spec;
	r->log = log;
	r->flows = *flows;
	r->first_ns = log->records[0].start_ns;
	span = last_ns(log) - r->first_ns;
	// The next loop follows at the mean distance of two packets.
	r->period_ns = span + (span == 0 || log->packets < 2 ? GAP_DEFAULT_NS :
		span / (log->packets - 1));
	records_begin(r);
	return r;
}

void
replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	flow_log_free(r->log);
	free(r->heap);
	free(r);
}

const struct flow_log *
replay_log(const struct replay *r)
{
	return r->log;
}

bool
replay_unpaced(const struct replay *r)
{
	return r->spec.pace == REPLAY_ASAP;
}

double
replay_mean_pps(const struct replay *r)
{
	double pps = (double)r->log->packets * 1e9 / (double)r->period_ns;

	return r->spec.pace == REPLAY_RATE ? (double)r->spec.rate_pps :
		r->spec.pace == REPLAY_MULTIPLE ? pps * r->spec.multiple : pps;
}

bool
replay_next_ns(const struct replay *r, uint64_t *ret_ns)
{
	uint64_t ns;

	if (r->heap_count == 0)
		return false;
	ns = r->loop * r->period_ns + r->heap[0].ns - r->first_ns;
	if (r->spec.pace == REPLAY_MULTIPLE)
		ns = (uint64_t)((double)ns / r->spec.multiple);
	if (r->spec.pace == REPLAY_RATE)
		ns = (uint64_t)((unsigned __int128)r->position * NS_PER_S_U64 / r->spec.rate_pps);
	*ret_ns = ns;
	return true;
}

// The direction that is less far on its way from its first packet to its last; the source if they
// are equally far. So the first packets of both come first, and the last ones last.
static unsigned int
direction_next(const struct flow_log_record *rec)
{
	if (rec->sent[0] == rec->packets[0])
		return 1;
	if (rec->sent[1] == rec->packets[1])
		return 0;
	return (uint64_t)rec->sent[0] * RTE_MAX(rec->packets[1] - 1, 1u) >
		(uint64_t)rec->sent[1] * RTE_MAX(rec->packets[0] - 1, 1u);
}

static uint32_t
flags_next(const struct flow_log_record *rec, unsigned int direction, uint32_t payload)
{
	uint32_t flags = direction == 0 && rec->sent[0] == 0 ? 0 : RTE_TCP_ACK_FLAG;

	// Where the source sent nothing there is no SYN to answer either.
	if (rec->sent[direction] == 0 && (direction == 0 || rec->packets[0] > 0))
		flags |= RTE_TCP_SYN_FLAG;
	else if (payload > 0)
		flags |= RTE_TCP_PSH_FLAG;
	if (rec->sent[direction] > 0 && rec->sent[direction] + 1 == rec->packets[direction])
		flags |= RTE_TCP_FIN_FLAG;
	return flags;
}

// Bytes of this packet, of the frame or of what is in it.
static uint32_t
bytes_next(const struct flow_log_record *rec, unsigned int direction)
{
	uint64_t packets = rec->packets[direction], over = rec->bytes[direction] % packets;

	return (uint32_t)(rec->bytes[direction] / packets) +
		(rec->sent[direction] >= packets - over);
}

static void
loop_end(struct replay *r)
{
	if (r->heap_count > 0 || r->next_record < r->log->count)
		return;
	r->loop++;
	if (r->spec.loops != 0 && r->loop >= r->spec.loops)
		return;
	r->next_record = 0;
	records_begin(r);
}

uint32_t
replay_write(struct replay *r, uint8_t *to, uint32_t *ret_record)
{
	uint32_t number = r->heap[0].record, bytes;
	struct flow_log_record *rec = &r->log->records[number];
	struct flow_frame *f = &r->flows.frames[number];
	struct frame_step step = {.direction = direction_next(rec)};
	uint64_t sent;

	bytes = bytes_next(rec, step.direction) + (r->spec.ip_bytes ? RTE_ETHER_HDR_LEN : 0);
	step.payload = bytes - frame_header_bytes[f->kind];
	step.flags = flags_next(rec, step.direction, step.payload);
	bytes = flow_frame_write(r->flows.templates, f, &step, to);
	rec->sent[step.direction]++;
	sent = (uint64_t)rec->sent[0] + rec->sent[1];
	if (sent == (uint64_t)rec->packets[0] + rec->packets[1])
		heap_pop(r);
	else
		heap_replace(r, (struct heap_entry){packet_ns(rec, sent), number});
	r->position++;
	records_begin(r);
	loop_end(r);
	*ret_record = number;
	return bytes;
}
