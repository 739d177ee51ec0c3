/* SPDX-License-Identifier: BSD-3-Clause */
// The handover between a worker and the merge lcore under contention: a worker that never waits, or
// one that loses nothing, and a merger that dawdles at random. Every packet is in one delta or
// counted as lost; panes arrive whole, part by part, in order, each once.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "eal_support.h"
#include "pane/pane_writer.h"

#define FLOWS 300
#define PANES_SEALED 40000
#define PACKETS_MOST 150

struct totals {
	uint64_t packets, bytes;
	uint64_t lost_packets, lost_bytes;  // no pane, or no room for a delta
	uint64_t started;
};

struct contest {
	struct pane_exchange *exchange;
	struct flow flow[FLOWS];
	struct flow_table table;            // the flows, no more of it
	struct pane_writer writer;
	uint64_t ended[FLOWS];              // by the worker: in that pane, and not seen in it again
	uint64_t flow_bytes[FLOWS];         // by the worker: kept in deltas
	uint64_t merged_bytes[FLOWS];       // by the merger: found in deltas
	struct totals accounted, merged;
	uint64_t panes_sealed, panes_merged, panes_missed, parts_merged;
	uint8_t seen[FLOWS];                // by the merger: in the pane that is merged
	struct totals pane, deltas;         // likewise
	unsigned int dawdle;                // one in so many panes, the merger sleeps
	const char *fault;                  // the merger's complaint
};

// A third of the flows is never answered.
static void
flow_packet_add(struct flow *f, unsigned int dir, uint32_t wire_bytes)
{
	if (dir == 1)
		f->state |= FLOW_TWO_WAY;
	f->dir[dir].packets++;
	f->dir[dir].bytes += wire_bytes;
}

// Some packets, the deltas of the pane before between them, now and then a flow that ends.
static void
packets_account(struct contest *c, struct random *r, uint64_t index)
{
	unsigned int n = (unsigned int)random_below(r, PACKETS_MOST);

	for (unsigned int k = 0; k < n; k++) {
		unsigned int i = (unsigned int)random_below(r, FLOWS);
		uint32_t wire_bytes = 60 + (uint32_t)random_below(r, 1500);
		struct flow *f = &c->flow[i];
		bool started = random_below(r, 50) == 0 && f->pane == 0;

		if (c->ended[i] == index)
			continue;
		if (started)
			f->state |= FLOW_STARTED;
		c->accounted.packets++;
		c->accounted.bytes += wire_bytes;
		if (c->writer.open != NULL)
			pane_count(c->writer.open->part, 1, wire_bytes);
		if (pane_writer_has(&c->writer, f) ||
				pane_writer_enter(&c->writer, f, wire_bytes)) {
			c->flow_bytes[i] += wire_bytes;
			c->accounted.started += started;
		} else {
			c->accounted.lost_packets++;
			c->accounted.lost_bytes += wire_bytes;
		}
		flow_packet_add(f, i % 3 != 0 ? k & 1 : 0, wire_bytes);
		if (random_below(r, 5) == 0) {
			pane_writer_flow_ended(&c->writer, f);
			c->ended[i] = index;
		}
		pane_writer_work(&c->writer, (uint32_t)random_below(r, 3));
	}
}

static void *
worker_run(void *arg)
{
	struct contest *c = arg;
	struct random r = {1};
	struct totals pending = {0};  // while there was no pane, as the RX worker keeps it

	for (uint64_t index = 1; c->panes_sealed < PANES_SEALED &&
			__atomic_load_n(&c->fault, __ATOMIC_RELAXED) == NULL;
			index += 1 + random_below(&r, 3)) {
		struct totals before = c->accounted;
		struct pane_list *p;

		while (!pane_writer_open(&c->writer, index) && c->writer.wait != NULL) {
			pane_writer_work(&c->writer, UINT32_MAX);
			sched_yield();
		}
		packets_account(c, &r, index);
		p = c->writer.open;
		if (p == NULL) {
			pending.packets += c->accounted.packets - before.packets;
			pending.bytes += c->accounted.bytes - before.bytes;
			c->panes_missed++;
			sched_yield();
			continue;
		}
		pane_count(p->part, pending.packets, pending.bytes);
		p->part->lost_packets += pending.packets;
		p->part->lost_bytes += pending.bytes;
		pending = (struct totals){0};
		p->last = ++c->panes_sealed == PANES_SEALED;
		pane_writer_close(&c->writer);
		if (random_below(&r, 16) == 0)
			sched_yield();
	}
	while (c->writer.closed != NULL && __atomic_load_n(&c->fault, __ATOMIC_RELAXED) == NULL)
		pane_writer_work(&c->writer, UINT32_MAX);
	c->accounted.lost_packets += c->writer.lost_packets;
	c->accounted.lost_bytes += c->writer.lost_bytes;
	return NULL;
}

static void
fault_set(struct contest *c, const char *fault)
{
	__atomic_store_n(&c->fault, fault, __ATOMIC_RELAXED);  // the worker stops, too
}

static void
totals_add(struct totals *sum, const struct pane *p)
{
	sum->packets += p->flow_packets;
	sum->bytes += p->flow_bytes;
	sum->lost_packets += p->lost_packets;
	sum->lost_bytes += p->lost_bytes;
}

static void
deltas_merge(struct contest *c, const struct pane *p)
{
	for (uint32_t k = 0; k < p->count; k++) {
		const struct pane_delta *d = &p->deltas[k];
		uint32_t i = d->app;

		if (i >= FLOWS || c->seen[i]++ != 0 || !flow_key_equal(&d->key, &c->flow[i].key)) {
			fault_set(c, "a flow has two deltas, or a delta is another flow's");
			return;
		}
		c->deltas.packets += d->packets[0] + d->packets[1];
		c->deltas.bytes += d->bytes[0] + d->bytes[1];
		c->merged_bytes[i] += d->bytes[0] + d->bytes[1];
		c->merged.started += d->started;
	}
}

static void
part_merge(struct contest *c, const struct pane *p)
{
	c->parts_merged++;
	deltas_merge(c, p);
	totals_add(&c->pane, p);
	totals_add(&c->merged, p);
	if (p->continued)
		return;
	if (c->deltas.packets + c->pane.lost_packets != c->pane.packets ||
			c->deltas.bytes + c->pane.lost_bytes != c->pane.bytes)
		fault_set(c, "deltas and lost packets are not the pane's total");
	c->panes_merged++;
	c->pane = c->deltas = (struct totals){0};
	memset(c->seen, 0, sizeof(c->seen));
}

static void *
merger_run(void *arg)
{
	struct contest *c = arg;
	struct random r = {2};
	uint64_t index = 0;
	bool last = false, continued = false;

	while (!last && c->fault == NULL) {
		struct pane *p = pane_receive(c->exchange);

		if (p == NULL) {
			sched_yield();
			continue;
		}
		if (continued ? p->index != index : p->index <= index)
			fault_set(c, "panes out of order");
		index = p->index;
		continued = p->continued;
		part_merge(c, p);
		last = p->last;
		if (random_below(&r, c->dawdle) == 0)
			nanosleep(&(struct timespec){.tv_nsec = (long)random_below(&r, 200000)},
				NULL);
		pane_recycle(c->exchange, p);
	}
	return NULL;
}

// To what a worker gives way that waits.
static void
worker_wait(void *arg)
{
	const struct contest *c = arg;

	if (__atomic_load_n(&c->fault, __ATOMIC_RELAXED) != NULL)
		pthread_exit(NULL);
	sched_yield();
}

static struct contest *
contest_create(unsigned int parts, uint32_t deltas, unsigned int dawdle, bool waits)
{
	struct contest *c = aligned_alloc(RTE_CACHE_LINE_SIZE,
		RTE_ALIGN(sizeof(*c), RTE_CACHE_LINE_SIZE));

	assert_non_null(c);
	memset(c, 0, sizeof(*c));
	c->dawdle = dawdle;
	c->exchange = pane_exchange_create("contest", parts, deltas, SOCKET_ID_ANY);
	assert_non_null(c->exchange);
	c->table.flows = c->flow;
	assert_int_equal(pane_writer_init(&c->writer, c->exchange, &c->table, FLOWS,
		SOCKET_ID_ANY), 0);
	c->writer.wait = waits ? worker_wait : NULL;
	c->writer.wait_arg = c;
	for (uint16_t i = 0; i < FLOWS; i++) {
		c->flow[i].key.version = 4;
		c->flow[i].key.port[0] = i;
		c->flow[i].app = i;
	}
	return c;
}

static void
contest_run(struct contest *c)
{
	pthread_t worker, merger;

	assert_int_equal(pthread_create(&merger, NULL, merger_run, c), 0);
	assert_int_equal(pthread_create(&worker, NULL, worker_run, c), 0);
	pthread_join(worker, NULL);
	pthread_join(merger, NULL);
	if (c->fault != NULL)
		fail_msg("%s", c->fault);
	assert_int_equal(c->panes_merged, PANES_SEALED);
	assert_int_equal(c->merged.packets, c->accounted.packets);
	assert_int_equal(c->merged.bytes, c->accounted.bytes);
	assert_int_equal(c->merged.lost_packets, c->accounted.lost_packets);
	assert_int_equal(c->merged.lost_bytes, c->accounted.lost_bytes);
	assert_true(c->accounted.packets > 2000000);
	assert_null(pane_receive(c->exchange));
}

// No delta was lost for want of a part.
static void
contest_exact(const struct contest *c)
{
	assert_int_equal(c->writer.lost_packets, 0);
	assert_int_equal(c->merged.started, c->accounted.started);
	assert_memory_equal(c->merged_bytes, c->flow_bytes, sizeof(c->flow_bytes));
}

static void
contest_free(struct contest *c)
{
	pane_writer_fini(&c->writer);
	pane_exchange_free(c->exchange);
	free(c);
}

// A part holds a pane: where one was opened, nothing of it is lost later.
static void
slow_merger(void **state)
{
	struct contest *c = contest_create(3, FLOWS, 64, false);

	(void)state;
	contest_run(c);
	contest_exact(c);
	assert_true(c->panes_missed > 0 && c->accounted.lost_packets > 0);
	assert_int_equal(c->parts_merged, PANES_SEALED);
	contest_free(c);
}

static void
many_parts(void **state)
{
	struct contest *c = contest_create(4096, 16, 1000, false);

	(void)state;
	contest_run(c);
	contest_exact(c);
	assert_true(c->parts_merged > 4 * PANES_SEALED);
	contest_free(c);
}

// Parts run out while deltas are written.
static void
few_parts(void **state)
{
	struct contest *c = contest_create(6, 16, 64, false);
	uint64_t merged = 0, counted = 0;

	(void)state;
	contest_run(c);
	for (unsigned int i = 0; i < FLOWS; i++) {
		assert_true(c->merged_bytes[i] <= c->flow_bytes[i]);
		merged += c->merged_bytes[i];
		counted += c->flow_bytes[i];
	}
	assert_true(c->writer.lost_packets > 0 && c->panes_missed > 0);
	assert_int_equal(counted - merged, c->writer.lost_bytes);
	contest_free(c);
}

// As for captures: the worker waits, with as few parts as there may be.
static void
patient_worker(void **state)
{
	struct contest *c = contest_create(3, 16, 200, true);

	(void)state;
	contest_run(c);
	contest_exact(c);
	assert_true(c->panes_missed == 0 && c->accounted.lost_packets == 0);
	contest_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_merger),
		cmocka_unit_test(many_parts),
		cmocka_unit_test(few_parts),
		cmocka_unit_test(patient_worker),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
