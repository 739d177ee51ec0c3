/* SPDX-License-Identifier: BSD-3-Clause */
// Software dispatch over a ring port: who gets which packet, in which order, and what is lost. The
// packets say which conversation they belong to, so nothing here asks Weir's own parser.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ip.h>

#include "eal_support.h"
#include "port/dispatch.h"
#include "port/port.h"

#define WORKERS_MAX 8
#define RING 1024
#define IPV4_MF 0x2000

// One conversation and its way to be written into packets.
struct talk {
	uint8_t addr[2][16];
	uint16_t port[2];
	uint8_t proto;
	bool v6;
	uint16_t vlan;  // 0: untagged
};

struct bench {
	struct dispatch *dispatch;
	struct source *source[WORKERS_MAX];
	unsigned int workers;
	uint32_t number;  // of the packet that is made next
};

static struct port shared_port;  // ring ports cannot be made twice under one name
static struct rte_mempool *shared_pool;

static int
suite_setup(void **state)
{
	const struct port_wish wish = {.workers = 4};
	struct error err;

	if (eal_setup(state) != 0)
		return -1;
	shared_pool = rte_pktmbuf_pool_create("dispatch_rx", 127, 0, 0, 2176, SOCKET_ID_ANY);
	return port_ring_open("dispatch_test", 4096, &wish, shared_pool, &shared_port, &err);
}

static int
suite_teardown(void **state)
{
	port_stop(&shared_port);
	port_close(&shared_port);
	rte_mempool_free(shared_pool);
	return eal_teardown(state);
}

static void
bench_begin(struct bench *b, unsigned int workers, uint32_t ring_size, bool by_addresses)
{
	const struct dispatch_params params = {.port_id = shared_port.id, .queues = 1,
		.workers = workers, .ring_size = ring_size, .seed = 5, .by_addresses = by_addresses,
		.tunnels = PACKET_TUNNELS_DECAPSULATE};
	struct error err;

	*b = (struct bench){.workers = workers};
	b->dispatch = dispatch_create(&params, &err);
	assert_non_null(b->dispatch);
	for (unsigned int i = 0; i < workers; i++) {
		b->source[i] = source_dispatch_open(b->dispatch, i, false);
		assert_non_null(b->source[i]);
	}
}

static void
bench_end(struct bench *b)
{
	for (unsigned int i = 0; i < b->workers; i++)
		source_close(b->source[i]);
	dispatch_free(b->dispatch);
}

static struct talk
talk_random(struct random *r)
{
	static const uint8_t protocols[] = {6, 17, 132, 1, 47};
	struct talk t = {.v6 = random_below(r, 2), .vlan = (uint16_t)random_below(r, 3)};

	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int k = 0; k < 16; k++)
			t.addr[i][k] = (uint8_t)random_next(r);
		t.port[i] = (uint16_t)random_next(r);
	}
	t.proto = protocols[random_below(r, sizeof(protocols))];
	return t;
}

static uint8_t *
put16(uint8_t *at, uint16_t v)
{
	*at++ = (uint8_t)(v >> 8);
	*at++ = (uint8_t)v;
	return at;
}

// A packet of t from end `from`; `fragment` is IPv4's field of flags and offset. Its last bytes are
// its number.
static struct rte_mbuf *
talk_packet(struct bench *b, const struct talk *t, unsigned int from, uint16_t fragment)
{
	uint8_t frame[128] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, *at = frame + 12;
	uint8_t *ip;

	if (t->vlan != 0)
		at = put16(put16(at, 0x8100), t->vlan);
	at = ip = put16(at, t->v6 ? 0x86dd : 0x0800);
	if (t->v6) {
		*at = 0x60;
		put16(at + 4, 24);
		at[6] = t->proto;
		memcpy(at + 8, t->addr[from], 16);
		memcpy(at + 24, t->addr[!from], 16);
		at += 40;
	} else {
		*at = 0x45;
		put16(at + 2, 44);
		put16(at + 6, fragment);
		at[9] = t->proto;
		memcpy(at + 12, t->addr[from], 4);
		memcpy(at + 16, t->addr[!from], 4);
		at += 20;
	}
	put16(put16(at, t->port[from]), t->port[!from]);
	at += 20;
	memcpy(at, &b->number, 4);
	b->number++;
	return eal_packet(frame, (size_t)(at + 4 - frame), sizeof(frame), 0);
}

static uint32_t
number_of(const struct rte_mbuf *m)
{
	uint32_t number;

	memcpy(&number, rte_pktmbuf_mtod_offset(m, const uint8_t *, m->data_len - 4), 4);
	return number;
}

static void
packet_send(struct rte_mbuf *m)
{
	assert_int_equal(port_ring_send(&shared_port, &m, 1), 1);
}

static void
poll_all(struct bench *b)
{
	while (dispatch_poll(b->dispatch) > 0)
		;
}

// The one packet that is under way, and which worker got it.
static unsigned int
worker_of_next(struct bench *b)
{
	struct rte_mbuf *m[2];
	unsigned int found = UINT32_MAX;

	poll_all(b);
	for (unsigned int i = 0; i < b->workers; i++) {
		uint16_t n = source_receive(b->source[i], m, 2);

		if (n == 0)
			continue;
		assert_int_equal(n, 1);
		assert_int_equal(found, UINT32_MAX);
		found = i;
		rte_pktmbuf_free(m[0]);
	}
	assert_true(found < b->workers);
	return found;
}

static unsigned int
worker_of_packet(struct bench *b, const struct talk *t, unsigned int from, uint16_t fragment)
{
	packet_send(talk_packet(b, t, from, fragment));
	return worker_of_next(b);
}

// Both directions of random conversations meet, and each worker gets its part: three standard
// deviations of a fair draw.
static void
directions_meet(void **state)
{
	(void)state;
	for (unsigned int workers = 1; workers <= WORKERS_MAX; workers++) {
		unsigned int talks = 3000, got[WORKERS_MAX] = {0}, mean = talks / workers;
		unsigned int spread = 0;
		struct random r = {workers};
		struct bench b;

		while (spread * spread < 9 * mean)
			spread++;
		bench_begin(&b, workers, RING, workers % 2 == 0);
		for (unsigned int i = 0; i < talks; i++) {
			struct talk t = talk_random(&r);
			unsigned int w = worker_of_packet(&b, &t, 0, 0);

			assert_int_equal(worker_of_packet(&b, &t, 1, 0), w);
			assert_int_equal(worker_of_packet(&b, &t, 0, 0), w);
			got[w]++;
		}
		for (unsigned int i = 0; i < workers && workers > 1; i++)
			assert_in_range(got[i], mean - spread, mean + spread);
		bench_end(&b);
	}
}

static struct talk
talk_udp4(struct random *r)
{
	struct talk t = talk_random(r);

	t.v6 = false;
	t.proto = 17;
	return t;
}

// What tunnels carry is spread by the flow within, whichever tunnel each packet came through.
static void
directions_meet_in_tunnels(void **state)
{
	static const uint8_t outer[20] = {0x45, 0, 0, 64, [9] = 4};
	struct random r = {97};
	struct bench b;

	(void)state;
	bench_begin(&b, 8, RING, false);
	for (unsigned int i = 0; i < 500; i++) {
		struct talk t = talk_udp4(&r);
		unsigned int w[4];

		t.vlan = 0;
		for (unsigned int k = 0; k < 4; k++) {
			struct rte_mbuf *m = talk_packet(&b, &t, k % 2, 0);
			uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *) - sizeof(outer);

			assert_non_null(rte_pktmbuf_prepend(m, sizeof(outer)));
			memmove(frame, frame + sizeof(outer), 14);
			memcpy(frame + 14, outer, sizeof(outer));
			frame[14 + 12 + k] = 77;
			packet_send(m);
			w[k] = worker_of_next(&b);
			assert_int_equal(w[k], w[0]);
		}
	}
	bench_end(&b);
}

// By addresses, all fragments of a datagram meet, and they meet what the same ends send whole.
static void
fragments_meet_by_addresses(void **state)
{
	struct random r = {99};
	struct bench b;

	(void)state;
	bench_begin(&b, 3, RING, true);
	for (unsigned int i = 0; i < 500; i++) {
		struct talk t = talk_udp4(&r), other_ports = t;
		unsigned int w = worker_of_packet(&b, &t, 0, 0);

		other_ports.port[0]++;
		assert_int_equal(worker_of_packet(&b, &t, 0, IPV4_MF), w);
		assert_int_equal(worker_of_packet(&b, &t, 0, IPV4_MF | 100), w);
		assert_int_equal(worker_of_packet(&b, &t, 1, 200), w);
		assert_int_equal(worker_of_packet(&b, &other_ports, 1, 0), w);
	}
	bench_end(&b);
}

// By flow, a first fragment meets its flow, as it has the ports; later ones meet each other.
static void
fragments_by_flow(void **state)
{
	struct random r = {98};
	unsigned int apart = 0;
	struct bench b;

	(void)state;
	bench_begin(&b, 3, RING, false);
	for (unsigned int i = 0; i < 500; i++) {
		struct talk t = talk_udp4(&r), other_ports = t;
		unsigned int w = worker_of_packet(&b, &t, 0, 0), later;

		other_ports.port[0]++;
		assert_int_equal(worker_of_packet(&b, &t, 1, IPV4_MF), w);
		later = worker_of_packet(&b, &t, 0, 100);
		assert_int_equal(worker_of_packet(&b, &other_ports, 1, 200), later);
		apart += later != w;
	}
	assert_in_range(apart, 270, 400);  // two in three: ports count for the whole ones
	bench_end(&b);
}

// Thousands of packets of many flows, received in pieces while more come: each flow stays in order.
static void
order_is_kept(void **state)
{
	uint32_t last[64] = {0};
	struct random r = {3};
	struct talk talks[64];
	uint8_t of[20000];  // conversation of each packet
	unsigned int received = 0;
	struct bench b;

	(void)state;
	bench_begin(&b, 3, RING, false);
	for (unsigned int i = 0; i < 64; i++)
		talks[i] = talk_random(&r);
	b.number = 1;
	while (received < 19999) {
		uint64_t more = random_below(&r, 200);

		// As many as fit, whatever the worker.
		for (; more > 0 && b.number < 20000 && b.number - received < RING; more--) {
			of[b.number] = (uint8_t)random_below(&r, 64);
			packet_send(talk_packet(&b, &talks[of[b.number]],
				(unsigned int)random_below(&r, 2), 0));
		}
		dispatch_poll(b.dispatch);
		for (unsigned int w = 0; w < b.workers; w++) {
			struct rte_mbuf *m[32];
			uint16_t n = source_receive(b.source[w], m, (uint16_t)(1 + random_below(&r, 32)));

			for (uint16_t i = 0; i < n; i++) {
				uint32_t number = number_of(m[i]);

				assert_true(number > last[of[number]]);
				last[of[number]] = number;
			}
			rte_pktmbuf_free_bulk(m, n);
			received += n;
		}
	}
	for (unsigned int w = 0; w < b.workers; w++)
		assert_int_equal(dispatch_missed(b.dispatch, w), 0);
	bench_end(&b);
}

// A worker that does not take its packets loses its own, by number, and nobody else's.
static void
full_ring_is_counted(void **state)
{
	struct random r = {17};
	struct talk a = talk_random(&r), other = a;
	unsigned int slow, quick;
	struct rte_mbuf *m[32];
	struct bench b;

	(void)state;
	bench_begin(&b, 2, 64, false);
	slow = worker_of_packet(&b, &a, 0, 0);
	do {
		other = talk_random(&r);
		quick = worker_of_packet(&b, &other, 0, 0);
	} while (quick == slow);
	for (unsigned int i = 0; i < 1000; i++) {
		packet_send(talk_packet(&b, &a, i % 2, 0));
		packet_send(talk_packet(&b, &other, i % 2, 0));
		poll_all(&b);
		assert_int_equal(source_receive(b.source[quick], m, 32), 1);
		rte_pktmbuf_free(m[0]);
	}
	assert_int_equal(dispatch_missed(b.dispatch, slow), 1000 - 64);
	assert_int_equal(dispatch_missed(b.dispatch, quick), 0);
	assert_int_equal(dispatch_waiting(b.dispatch, slow), 64);
	// The oldest are there: what came too late was dropped, not what waited.
	assert_int_equal(source_receive(b.source[slow], m, 1), 1);
	rte_pktmbuf_free(m[0]);
	dispatch_finish(b.dispatch);
	assert_int_equal(dispatch_missed(b.dispatch, slow), 1000 - 1);
	assert_int_equal(dispatch_waiting(b.dispatch, slow), 0);
	bench_end(&b);
}

// After the stop what the port holds still goes out, then nothing more.
static void
end_is_orderly(void **state)
{
	struct random r = {23};
	struct talk t = talk_random(&r);
	unsigned int received = 0;
	struct rte_mbuf *m[32];
	struct bench b;

	(void)state;
	bench_begin(&b, 2, RING, false);
	for (unsigned int i = 0; i < 500; i++)
		packet_send(talk_packet(&b, &t, 0, 0));
	dispatch_stop(b.dispatch);
	assert_false(dispatch_done(b.dispatch));
	for (unsigned int turns = 0; !dispatch_done(b.dispatch); turns++) {
		dispatch_poll(b.dispatch);
		assert_true(turns < 10);
	}
	packet_send(talk_packet(&b, &t, 0, 0));
	assert_int_equal(dispatch_poll(b.dispatch), 0);
	for (unsigned int w = 0; w < 2; w++) {
		uint16_t n;

		while ((n = source_receive(b.source[w], m, 32)) > 0) {
			rte_pktmbuf_free_bulk(m, n);
			received += n;
		}
	}
	assert_int_equal(received, 500);
	bench_end(&b);
	bench_begin(&b, 1, RING, false);
	worker_of_next(&b);  // the one that came after the end is still in the port
	bench_end(&b);
}

// A worker that polls says what it did for the others, and gets its own all the same.
static void
polling_worker(void **state)
{
	struct random r = {41};
	unsigned int own = 0, relayed = 0, others = 0;
	struct rte_mbuf *m[32];
	struct bench b;
	uint16_t n;

	(void)state;
	bench_begin(&b, 2, RING, false);
	source_close(b.source[0]);
	b.source[0] = source_dispatch_open(b.dispatch, 0, true);
	for (unsigned int i = 0; i < 600; i++) {
		struct talk t = talk_random(&r);

		packet_send(talk_packet(&b, &t, 0, 0));
	}
	do {
		n = source_receive(b.source[0], m, 32);
		assert_true(b.source[0]->relayed <= 128);
		relayed += b.source[0]->relayed;
		own += n;
		rte_pktmbuf_free_bulk(m, n);
	} while (n > 0);
	while ((n = source_receive(b.source[1], m, 32)) > 0) {
		assert_int_equal(b.source[1]->relayed, 0);
		others += n;
		rte_pktmbuf_free_bulk(m, n);
	}
	assert_int_equal(relayed, 600);
	assert_int_equal(own + others, 600);
	assert_in_range(own, 230, 370);
	bench_end(&b);
}

// Packets in no flow have one place, as with captures.
static void
no_flow_goes_to_the_first(void **state)
{
	uint8_t arp[60] = {[12] = 8, [13] = 6};
	struct bench b;

	(void)state;
	bench_begin(&b, 4, RING, false);
	for (uint8_t i = 0; i < 50; i++) {
		arp[5] = arp[30] = i;
		packet_send(eal_packet(arp, sizeof(arp), sizeof(arp), 0));
		assert_int_equal(worker_of_next(&b), 0);
	}
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directions_meet),
		cmocka_unit_test(directions_meet_in_tunnels),
		cmocka_unit_test(fragments_meet_by_addresses),
		cmocka_unit_test(fragments_by_flow),
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(full_ring_is_counted),
		cmocka_unit_test(end_is_orderly),
		cmocka_unit_test(polling_worker),
		cmocka_unit_test(no_flow_goes_to_the_first),
	};

	return cmocka_run_group_tests(tests, suite_setup, suite_teardown);
}
