/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/source_capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "packet/packet.h"
#include "port/capture.h"

#define REST_SLEEP_US 2000
#define SEGMENT_MAX 0xfff0U  // an mbuf's data length has 16 bits

struct capture_source {
	struct source source;
	char *const *paths;              // NULL when a folder is followed
	unsigned int next;               // path to open next
	struct capture_follow *follow;
	unsigned int reader;             // of the follower
	struct capture_outcome outcome;  // of the follower's item
	struct capture *capture;         // being read, NULL at the end or at rest
	struct rte_mempool *pool;
	int info_offset;
	// The mbufs of each burst, again and again: taking them from the pool, attaching them and giving
	// them back took longer than reading a packet. Only the further segments of long ones are taken
	// for a burst.
	struct rte_mbuf *packets[SOURCE_CAPTURE_PACKETS];
	bool chained;                    // some of the last burst have further segments
	// One reference count for all mbufs: the bytes outlive them, as bursts are over before the
	// next one is read. It starts at 1 and so never reaches 0.
	struct rte_mbuf_ext_shared_info shared;
	struct error error;
	char **faults;
	unsigned int fault_count;
};

static void
bytes_released(void *addr, void *opaque)
{
	(void)addr;
	(void)opaque;
}

static void
fault_note(struct capture_source *c)
{
	const char *fault = capture_fault(c->capture);
	char **faults, *line;

	if (fault == NULL)
		return;
	log_warning("port", "%s", fault);
	faults = realloc(c->faults, (c->fault_count + 1) * sizeof(*faults));
	line = strdup(fault);
	if (faults == NULL || line == NULL) {
		free(line);
		return;
	}
	c->faults = faults;
	c->faults[c->fault_count++] = line;
}

// Go on to the next file; false at the end or when it cannot be opened.
static bool
path_next(struct capture_source *c)
{
	if (c->capture != NULL) {
		fault_note(c);
		capture_close(c->capture);
		c->capture = NULL;
	}
	if (c->paths[c->next] == NULL)
		return false;
	c->capture = capture_open(c->paths[c->next++], &c->error);
	return c->capture != NULL;
}

static void
item_end(struct capture_source *c)
{
	struct capture_outcome *o = &c->outcome;

	if (c->capture != NULL)
		o->fault = capture_fault(c->capture);
	capture_follow_done(c->follow, c->reader, o);
	capture_close(c->capture);
	c->capture = NULL;
}

// An item is either a file or only a time; a file that cannot be opened is the follower's concern.
static bool
item_next(struct capture_source *c)
{
	struct capture_outcome *o = &c->outcome;
	const struct capture_follow_item *item;
	struct error err;

	if (c->capture != NULL)
		item_end(c);
	item = capture_follow_next(c->follow, c->reader);
	if (item == NULL)
		return false;
	*o = (struct capture_outcome){.clock_us = RTE_MAX(o->clock_us, item->clock_us)};
	c->source.clock_us = RTE_MAX(c->source.clock_us, item->clock_us);
	if (item->fd >= 0)
		c->capture = capture_open_fd(item->fd, item->path, &err);
	if (c->capture == NULL) {
		o->failed = item->fd >= 0;
		if (o->failed)
			o->fault = err.text;
		item_end(c);
	}
	return true;
}

// When the file's packets were, and where that brings the clock.
static void
times_note(struct capture_source *c, const struct capture_record *records, unsigned int n)
{
	struct capture_outcome *o = &c->outcome;

	for (unsigned int i = 0; i < n; i++) {
		if (o->first_us == 0 || records[i].ts_us < o->first_us)
			o->first_us = records[i].ts_us;
		o->last_us = RTE_MAX(o->last_us, records[i].ts_us);
	}
	o->clock_us = RTE_MAX(o->clock_us, o->last_us);
}

static void
segment_attach(struct capture_source *c, struct rte_mbuf *m, const uint8_t *data, uint16_t len)
{
	// The bytes are the reader's buffer; nothing downstream writes to packets.
	rte_pktmbuf_attach_extbuf(m, (void *)(uintptr_t)data, RTE_BAD_IOVA, len, &c->shared);
	m->data_off = 0;
	m->data_len = len;
}

// Chain further segments onto head until all of the record is covered.
static int
segments_append(struct capture_source *c, struct rte_mbuf *head, const struct capture_record *r)
{
	struct rte_mbuf *tail = head;

	for (uint32_t done = head->data_len; done < r->captured;) {
		uint32_t len = RTE_MIN(r->captured - done, SEGMENT_MAX);
		struct rte_mbuf *m = rte_pktmbuf_alloc(c->pool);

		if (m == NULL)
			return -ENOMEM;
		rte_mbuf_ext_refcnt_update(&c->shared, 1);
		segment_attach(c, m, r->data + done, (uint16_t)len);
		tail->next = m;
		tail = m;
		head->nb_segs++;
		done += len;
	}
	return 0;
}

// A packet of the source's own, which is attached: to other bytes.
static void
record_attach(struct capture_source *c, struct rte_mbuf *m, const struct capture_record *r)
{
	struct packet_capture_info *info = packet_capture_info(m, c->info_offset);

	m->buf_addr = (void *)(uintptr_t)r->data;
	m->buf_len = m->data_len = (uint16_t)RTE_MIN(r->captured, SEGMENT_MAX);
	m->pkt_len = r->captured;
	info->ts_us = r->ts_us;
	info->wire_bytes = r->wire_bytes;
	info->linktype = r->linktype;
}

// The last burst is over: its long packets are of one segment again.
static void
packets_unchain(struct capture_source *c)
{
	for (unsigned int i = 0; c->chained && i < SOURCE_CAPTURE_PACKETS; i++) {
		rte_pktmbuf_free(c->packets[i]->next);
		c->packets[i]->next = NULL;
		c->packets[i]->nb_segs = 1;
	}
	c->chained = false;
}

/*
 * The pool is sized for whole bursts of the longest records, so that allocation never fails for
 * want of mbufs; should it fail all the same, the run fails: a packet is never left out.
 */
static uint16_t
records_attach(struct capture_source *c, const struct capture_record *records,
	struct rte_mbuf **packets, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		packets[i] = c->packets[i];
		record_attach(c, packets[i], &records[i]);
		if (likely(records[i].captured <= SEGMENT_MAX))
			continue;
		c->chained = true;
		if (segments_append(c, packets[i], &records[i]) != 0)
			goto fail;
	}
	return n;
fail:
	error_set(&c->error, -ENOMEM, "captures: out of packet buffers");
	capture_close(c->capture);
	c->capture = NULL;
	return 0;
}

static uint16_t
capture_receive(struct source *s, struct rte_mbuf **packets, uint16_t n)
{
	struct capture_source *c = (struct capture_source *)s;
	struct capture_record records[SOURCE_CAPTURE_PACKETS];
	unsigned int got;

	packets_unchain(c);
	while (c->capture != NULL) {
		got = capture_read_burst(c->capture, records, RTE_MIN(n, SOURCE_CAPTURE_PACKETS));
		if (got > 0)
			return records_attach(c, records, packets, (uint16_t)got);
		path_next(c);
	}
	return 0;
}

static bool
capture_finished(const struct source *s)
{
	return ((const struct capture_source *)s)->capture == NULL;
}

static uint16_t
follow_receive(struct source *s, struct rte_mbuf **packets, uint16_t n)
{
	struct capture_source *c = (struct capture_source *)s;
	struct capture_record records[SOURCE_CAPTURE_PACKETS];
	unsigned int got;

	packets_unchain(c);
	if (c->capture == NULL && !item_next(c)) {
		usleep(REST_SLEEP_US);
		return 0;
	}
	if (c->capture == NULL)
		return 0;
	got = capture_read_burst(c->capture, records, RTE_MIN(n, SOURCE_CAPTURE_PACKETS));
	if (got == 0) {
		item_next(c);
		return 0;
	}
	times_note(c, records, got);
	return records_attach(c, records, packets, (uint16_t)got);
}

// Only when it has failed.
static bool
follow_finished(const struct source *s)
{
	return ((const struct capture_source *)s)->error.text[0] != '\0';
}

static void
source_capture_close(struct source *s)
{
	struct capture_source *c = (struct capture_source *)s;

	if (c->capture != NULL)
		capture_close(c->capture);
	for (unsigned int i = 0; i < c->fault_count; i++)
		free(c->faults[i]);
	free(c->faults);
	if (c->packets[0] != NULL) {
		packets_unchain(c);
		rte_pktmbuf_free_bulk(c->packets, SOURCE_CAPTURE_PACKETS);
	}
	free(c);
}

static int
packets_take(struct capture_source *c)
{
	static const uint8_t nothing[1];

	if (rte_pktmbuf_alloc_bulk(c->pool, c->packets, SOURCE_CAPTURE_PACKETS) != 0) {
		c->packets[0] = NULL;
		return -ENOMEM;
	}
	rte_mbuf_ext_refcnt_update(&c->shared, SOURCE_CAPTURE_PACKETS);
	for (unsigned int i = 0; i < SOURCE_CAPTURE_PACKETS; i++)
		segment_attach(c, c->packets[i], nothing, 0);
	return 0;
}

static const struct source_ops capture_ops = {
	.name = "capture",
	.clock = CLOCK_PACKET,
	.receive = capture_receive,
	.finished = capture_finished,
	.close = source_capture_close,
};

static const struct source_ops follow_ops = {
	.name = "follow",
	.clock = CLOCK_PACKET,
	.receive = follow_receive,
	.finished = follow_finished,
	.close = source_capture_close,
};

static struct capture_source *
source_create(const struct source_ops *ops, struct rte_mempool *pool, struct error *err)
{
	struct capture_source *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_set(err, -ENOMEM, "captures: out of memory");
		return NULL;
	}
	c->source.ops = ops;
	c->pool = pool;
	c->shared.free_cb = bytes_released;
	rte_mbuf_ext_refcnt_set(&c->shared, 1);
	c->source.keeps_packets = true;
	c->info_offset = packet_capture_info_register();
	if (c->info_offset < 0)
		error_set(err, c->info_offset, "captures: no room in mbufs for packet times");
	else if (packets_take(c) != 0)
		error_set(err, -ENOMEM, "captures: out of packet buffers");
	else
		return c;
	source_capture_close(&c->source);
	return NULL;
}

struct source *
source_capture_open(char *const *paths, struct rte_mempool *pool, struct error *err)
{
	struct capture_source *c = source_create(&capture_ops, pool, err);

	if (c == NULL)
		return NULL;
	c->paths = paths;
	if (path_next(c))
		return &c->source;
	if (err != NULL)
		*err = c->error;
	source_capture_close(&c->source);
	return NULL;
}

struct source *
source_capture_follow(struct capture_follow *follow, unsigned int reader, struct rte_mempool *pool,
	struct error *err)
{
	struct capture_source *c = source_create(&follow_ops, pool, err);

	if (c == NULL)
		return NULL;
	c->follow = follow;
	c->reader = reader;
	return &c->source;
}

const char *
source_capture_error(const struct source *s)
{
	const struct capture_source *c = (const struct capture_source *)s;

	return c->error.text[0] != '\0' ? c->error.text : NULL;
}

void
source_capture_faults(const struct source *s, void (*each)(void *arg, const char *line), void *arg)
{
	const struct capture_source *c = (const struct capture_source *)s;

	for (unsigned int i = 0; i < c->fault_count; i++)
		each(arg, c->faults[i]);
}
