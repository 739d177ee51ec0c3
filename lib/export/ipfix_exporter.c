/* SPDX-License-Identifier: BSD-3-Clause */
#include "export/ipfix_exporter.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "flow/flow_stats.h"

// After a refusal templates are sent again, but no more often than this.
#define REFUSED_TEMPLATES_US UINT64_C(1000000)

struct ipfix_exporter {
	struct ipfix_params params;
	struct ipfix_link link;
	size_t limit;                   // of the next message

	struct ipfix_message *queue;    // ring of IPFIX_QUEUE_MESSAGES
	unsigned int first, count;
	bool open;                      // the last of them is still filled
	uint64_t opened_us;

	struct ipfix_message own;       // templates, statistics
	struct ipfix_message *current;  // `own` or the first of the queue: it is tried until it is out

	uint32_t used, announced;       // templates: by records so far, in this session
	uint32_t sequence;              // data records sent in this session
	uint64_t announced_us;
	uint32_t messages_since;        // that
	bool statistics_due;

	// What is counted; written here, read by ipfix_exporter_stats().
	struct ipfix_statistics totals;
	uint64_t before_records, before_packets, before_octets;
	uint64_t connections;
	uint32_t shown_count;
	int shown_state;                // enum ipfix_link_state, or CLOSED
	int shown_error;
};

#define CLOSED (IPFIX_LINK_UP + 1)

static void
counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

size_t
ipfix_exporter_bytes(void)
{
	return sizeof(struct ipfix_exporter) + IPFIX_QUEUE_MESSAGES * sizeof(struct ipfix_message);
}

struct ipfix_exporter *
ipfix_exporter_create(struct ipfix_target *target, const struct ipfix_params *params)
{
	struct ipfix_exporter *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->queue = malloc(IPFIX_QUEUE_MESSAGES * sizeof(*x->queue));
	if (x->queue == NULL) {
		free(x);
		return NULL;
	}
	x->params = *params;
	x->limit = params->message_bytes;
	x->totals.process_id = (uint32_t)getpid();
	ipfix_link_init(&x->link, target, params->pace_us);
	return x;
}

void
ipfix_exporter_free(struct ipfix_exporter *x)
{
	if (x == NULL)
		return;
	ipfix_link_close(&x->link);
	free(x->queue);
	free(x);
}

static struct ipfix_message *
queue_at(struct ipfix_exporter *x, unsigned int i)
{
	return &x->queue[(x->first + i) % IPFIX_QUEUE_MESSAGES];
}

// A message to fill: the open one, or a new one. NULL: the queue is full.
static struct ipfix_message *
message_open(struct ipfix_exporter *x, uint64_t now_us)
{
	if (x->open)
		return queue_at(x, x->count - 1);
	if (x->count == IPFIX_QUEUE_MESSAGES)
		return NULL;
	x->open = true;
	x->opened_us = now_us;
	ipfix_message_begin(queue_at(x, x->count), x->limit);
	return queue_at(x, x->count++);
}

int
ipfix_exporter_add(struct ipfix_exporter *x, const struct flow *f, uint64_t now_us)
{
	struct ipfix_message *m = message_open(x, now_us);

	if (m != NULL && !ipfix_message_add_flow(m, f)) {
		x->open = false;
		m = message_open(x, now_us);
		if (m != NULL)
			ipfix_message_add_flow(m, f);  // an empty message takes any record
	}
	if (m == NULL)
		return -ENOBUFS;
	x->used |= m->templates;
	return 0;
}

static void
loss_note(struct ipfix_exporter *x, uint64_t records, uint64_t packets, uint64_t octets)
{
	uint64_t now_ms = clock_wall_us() / 1000;

	if (records == 0)
		return;
	counter_add(&x->totals.lost_records, records);
	x->totals.lost_packets += packets;
	x->totals.lost_octets += octets;
	if (x->totals.lost_first_ms == 0)
		x->totals.lost_first_ms = now_ms;
	x->totals.lost_last_ms = now_ms;
}

void
ipfix_exporter_drop(struct ipfix_exporter *x, const struct flow *f)
{
	struct flow_counters both;

	flow_part_counters(f, FLOW_BOTH, &both);
	loss_note(x, 1, both.packets, both.l3_bytes);
}

void
ipfix_exporter_lost_before(struct ipfix_exporter *x, uint64_t records, uint64_t packets,
	uint64_t octets)
{
	if (records == x->before_records)
		return;
	loss_note(x, records - x->before_records, packets - x->before_packets,
		octets - x->before_octets);
	x->before_records = records;
	x->before_packets = packets;
	x->before_octets = octets;
}

// A message leaves, sent or given up.
static void
message_release(struct ipfix_exporter *x, struct ipfix_message *m)
{
	x->current = NULL;
	if (m == &x->own)
		return;
	x->first = (x->first + 1) % IPFIX_QUEUE_MESSAGES;
	x->count--;
}

static void
message_sent(struct ipfix_exporter *x, struct ipfix_message *m)
{
	counter_add(&x->totals.messages, 1);
	counter_add(&x->totals.octets, m->len);
	x->sequence += m->records;
	x->messages_since++;
	if (m != &x->own)
		counter_add(&x->totals.records, m->records);
	else if (m->records == 0)
		x->announced |= m->templates;
	else
		x->statistics_due = false;
	message_release(x, m);
}

// The path takes only smaller ones.
static void
message_too_large(struct ipfix_exporter *x, struct ipfix_message *m)
{
	x->limit = IPFIX_MESSAGE_MIN;
	if (m != &x->own)
		loss_note(x, m->records, m->packets, m->octets);
	message_release(x, m);
}

static void
refresh_ask(struct ipfix_exporter *x, uint64_t now_us)
{
	uint64_t age_us = now_us - x->announced_us;

	if (age_us < x->params.template_us && x->messages_since < x->params.template_messages &&
		!(x->link.error == ECONNREFUSED && age_us >= REFUSED_TEMPLATES_US))
		return;
	if (age_us >= x->params.template_us)
		x->statistics_due = true;
	x->announced_us = now_us;
	x->messages_since = 0;
	if (x->link.target->tcp)
		return;
	x->announced = 0;
	x->limit = ipfix_link_message_bytes(&x->link, x->params.message_bytes);
}

// What goes out next: templates that records need, statistics, the oldest message. NULL: nothing.
static struct ipfix_message *
message_next(struct ipfix_exporter *x, uint64_t now_us)
{
	uint32_t missing;

	if (x->current != NULL)
		return x->current;
	refresh_ask(x, now_us);
	missing = (x->used | IPFIX_TEMPLATE_BIT(IPFIX_TEMPLATE_STATISTICS)) & ~x->announced;
	ipfix_message_begin(&x->own, x->limit);
	if (missing != 0) {
		ipfix_message_add_templates(&x->own, missing);
		return &x->own;
	}
	// The closing statistics come last, as they tell of all before them.
	if (x->count > (x->open ? 1 : 0))
		return queue_at(x, 0);
	if (!x->statistics_due)
		return NULL;
	ipfix_message_add_statistics(&x->own, &x->totals);
	return &x->own;
}

static bool
messages_send(struct ipfix_exporter *x, uint64_t now_us)
{
	struct ipfix_message *m;
	bool any = false;

	while (ipfix_exporter_is_up(x) && (m = message_next(x, now_us)) != NULL) {
		int rc;

		if (!ipfix_link_is_midway(&x->link))
			ipfix_message_stamp(m, (uint32_t)(clock_wall_us() / CLOCK_US_PER_S),
				x->sequence, x->params.domain);
		rc = ipfix_link_send(&x->link, m->data, m->len, now_us);
		if (rc == -EMSGSIZE) {
			message_too_large(x, m);
		} else if (rc == 0) {
			message_sent(x, m);
			any = true;
		} else {
			x->current = rc == -EAGAIN ? m : NULL;
			break;
		}
	}
	return any;
}

static void
session_begin(struct ipfix_exporter *x, uint64_t now_us)
{
	x->sequence = 0;
	x->announced = 0;
	x->announced_us = now_us;
	x->messages_since = 0;
	x->current = NULL;
	x->limit = ipfix_link_message_bytes(&x->link, x->params.message_bytes);
	counter_add(&x->connections, 1);
}

static void
state_show(struct ipfix_exporter *x, int state)
{
	__atomic_store_n(&x->shown_state, state, __ATOMIC_RELAXED);
	__atomic_store_n(&x->shown_error, x->link.error, __ATOMIC_RELAXED);
	__atomic_store_n(&x->shown_count, x->count, __ATOMIC_RELAXED);
}

bool
ipfix_exporter_service(struct ipfix_exporter *x, uint64_t now_us)
{
	bool any;

	if (ipfix_link_service(&x->link, now_us))
		session_begin(x, now_us);
	if (x->open && now_us - x->opened_us >= IPFIX_FLUSH_US)
		x->open = false;
	any = messages_send(x, now_us);
	state_show(x, x->link.state);
	return any;
}

void
ipfix_exporter_finish(struct ipfix_exporter *x)
{
	x->open = false;
	x->statistics_due = true;
}

bool
ipfix_exporter_is_done(const struct ipfix_exporter *x)
{
	return x->count == 0 && !x->statistics_due;
}

bool
ipfix_exporter_is_settled(const struct ipfix_exporter *x)
{
	return ipfix_link_settled(&x->link);
}

void
ipfix_exporter_close(struct ipfix_exporter *x)
{
	for (; x->count > 0; message_release(x, queue_at(x, 0)))
		loss_note(x, queue_at(x, 0)->records, queue_at(x, 0)->packets,
			queue_at(x, 0)->octets);
	ipfix_link_finish(&x->link);
	state_show(x, CLOSED);
}

bool
ipfix_exporter_is_up(const struct ipfix_exporter *x)
{
	return x->link.state == IPFIX_LINK_UP;
}

void
ipfix_exporter_stats(const struct ipfix_exporter *x, struct ipfix_stats *ret)
{
	static const char *const states[] = {
		[IPFIX_LINK_DOWN] = "down",
		[IPFIX_LINK_CONNECTING] = "connecting",
		[IPFIX_LINK_UP] = "up",
		[CLOSED] = "closed",
	};
	int state = __atomic_load_n(&x->shown_state, __ATOMIC_RELAXED);

	*ret = (struct ipfix_stats){
		.collector = x->link.target->name,
		.state = states[state],
		.error = __atomic_load_n(&x->shown_error, __ATOMIC_RELAXED),
		.records = __atomic_load_n(&x->totals.records, __ATOMIC_RELAXED),
		.messages = __atomic_load_n(&x->totals.messages, __ATOMIC_RELAXED),
		.bytes = __atomic_load_n(&x->totals.octets, __ATOMIC_RELAXED),
		.lost = __atomic_load_n(&x->totals.lost_records, __ATOMIC_RELAXED),
		.queued = __atomic_load_n(&x->shown_count, __ATOMIC_RELAXED),
		.connections = __atomic_load_n(&x->connections, __ATOMIC_RELAXED),
	};
	if (state == IPFIX_LINK_UP && ret->error == ECONNREFUSED)
		ret->state = "refused";
}
