/* SPDX-License-Identifier: BSD-3-Clause */
// What software dispatch costs per packet: dispatch_poll() alone is timed, over a ring port that holds
// packets of random flows. One JSON line for each number of workers; the median of the rounds. All on
// one lcore: the cost of cache lines that change hands between lcores is not in it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_malloc.h>

#include "port/dispatch.h"
#include "port/port.h"

#define PACKETS 4096
#define ROUNDS 501
#define POLL 128

static uint64_t random_state = 88172645463325252;

static uint32_t
random_word(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16);
}

static void
packets_build(struct rte_mempool *pool, struct rte_mbuf **packets)
{
	if (rte_pktmbuf_alloc_bulk(pool, packets, PACKETS) != 0)
		rte_exit(1, "no packets\n");
	for (unsigned int i = 0; i < PACKETS; i++) {
		uint8_t *frame = (uint8_t *)rte_pktmbuf_append(packets[i], 60);
		const uint8_t head[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46,
			0, 0, 0, 0, 64, 17};
		uint32_t ends[3] = {random_word(), random_word(), random_word()};

		memset(frame, 0, 60);
		memcpy(frame, head, sizeof(head));
		memcpy(frame + 26, ends, sizeof(ends));
	}
}

static int
number_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

// All packets once through port, dispatch and rings. TSC cycles spent in dispatch_poll().
static uint64_t
round_run(struct port *port, struct dispatch *d, struct source **sources, unsigned int workers,
	struct rte_mbuf **packets)
{
	struct rte_mbuf *got[POLL];
	uint64_t cycles = 0;

	for (unsigned int at = 0; at < PACKETS; at += POLL) {
		uint64_t begun;
		unsigned int moved;

		port_ring_send(port, &packets[at], POLL);
		begun = rte_rdtsc();
		moved = dispatch_poll(d);
		cycles += rte_rdtsc() - begun;
		for (unsigned int w = 0; w < workers; w++)
			moved -= source_receive(sources[w], got, POLL);
		if (moved != 0)
			rte_exit(1, "packets are missing\n");
	}
	return cycles;
}

static void
workers_measure(struct port *port, unsigned int workers, struct rte_mbuf **packets)
{
	const struct dispatch_params params = {.port_id = port->id, .queues = 1, .workers = workers,
		.ring_size = 4096, .seed = 1};
	struct source *sources[64];
	uint64_t cycles[ROUNDS];
	struct error err;
	struct dispatch *d = dispatch_create(&params, &err);

	if (d == NULL)
		rte_exit(1, "%s\n", err.text);
	for (unsigned int w = 0; w < workers; w++)
		sources[w] = source_dispatch_open(d, w, false);
	for (unsigned int i = 0; i < ROUNDS; i++)
		cycles[i] = round_run(port, d, sources, workers, packets);
	qsort(cycles, ROUNDS, sizeof(cycles[0]), number_compare);
	printf("{\"workers\": %u, \"ns_per_packet\": %.1f}\n", workers,
		(double)cycles[ROUNDS / 2] * 1e9 / (double)rte_get_tsc_hz() / PACKETS);
	for (unsigned int w = 0; w < workers; w++)
		source_close(sources[w]);
	dispatch_free(d);
}

int
main(void)
{
	static char args[][20] = {"dispatch_bench", "--no-huge", "-m", "256", "--no-shconf",
		"--no-pci", "--no-telemetry", "--lcores=0@0", "--log-level=4"};
	static struct rte_mbuf *packets[PACKETS];
	const struct port_wish wish = {.workers = 2};
	char *argv[RTE_DIM(args) + 1] = {0};
	struct rte_mempool *pool;
	struct port port;
	struct error err;

	for (size_t i = 0; i < RTE_DIM(args); i++)
		argv[i] = args[i];
	if (rte_eal_init((int)RTE_DIM(args), argv) < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("bench", PACKETS + 1023, 0, 0, 2176, SOCKET_ID_ANY);
	if (pool == NULL || port_ring_open("bench", 256, &wish, pool, &port, &err) != 0)
		return 1;
	packets_build(pool, packets);
	for (unsigned int workers = 1; workers <= 16; workers *= 2)
		workers_measure(&port, workers, packets);
	port_stop(&port);
	port_close(&port);
	return 0;
}
