/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include "base/mem.h"
#include "chunk_clock.h"
#include "packet/packet.h"
#include "pipeline.h"

// flow_bench: the real RX lcore loop (parse, look up, update, pane) over prepared bursts of
// 64-byte packets, one JSON line a case:
//
//   {"flows": N, "popularity": "uniform"|"zipf", "queries": N, "filters": N, "ns_per_packet": R,
//    "mpps": R, "lower_bound_ns": R, "ratio": R}
//
// The lower bound is measured in the same run: the same bursts, parsed, and one random cache line
// of the flow memory touched for each packet, prefetched a burst ahead.
//
// Bursts are prepared between measurements: taking packets from a pool and writing their headers is
// on no clock; giving them back, as an RX lcore does, is on both. What is printed is the median of
// CHUNKS equal parts, so that a part in which something else ran does not count.
//
// usage: flow_bench [PACKETS [CASE [FILTERS [WALK]]]], CASE counts from 1, 0 is all of them; FILTERS are
// queries with a filter each, beside the six built-in ones, which have none (0); WALK is "walk" or "filter":
// the flow table is walked all the time, as flows.list does, without or with a filter

#define BURST RX_BURST
#define FRAME 64
#define SWAP(a, b) do { __typeof__(a) was_ = (a); (a) = (b); (b) = was_; } while (0)

struct bench_case {
	uint32_t flows;
	double zipf;        // 0: uniform
	bool two_way;       // each packet goes either way, by lot
	uint32_t capacity;  // not 0: less than the flows, which come in turn: each packet begins one
};

struct flow_name {
	uint32_t src, dst;
	uint16_t sport, dport;
};

struct bench_source {
	struct source source;
	struct rte_mempool *pool;
	const struct flow_name *names;
	const uint32_t *order;   // which flow each packet belongs to
	uint64_t directions;     // random bits, if packets go either way; else 0
	uint64_t order_mask;
	uint64_t sent, limit;
	uint64_t start_at;       // packets before this one warm up
	bool finished;
	struct chunk_clock clock;
	struct rx_worker *worker;
	struct flow_scan *scan;  // NULL: nothing is walked
	uint64_t walked;         // slots, of walks that are over
};

static uint64_t
random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void
packet_name(struct rte_mbuf *m, const struct flow_name *n)
{
	static const uint8_t header[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, FRAME - 14, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, FRAME - 34, 0, 0,
	};
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(p + sizeof(struct rte_ether_hdr));
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);

	memcpy(p, header, sizeof(header));
	m->data_len = FRAME;
	m->pkt_len = FRAME;
	ip->src_addr = n->src;
	ip->dst_addr = n->dst;
	udp->src_port = n->sport;
	udp->dst_port = n->dport;
}

// The answer's direction.
static void
packet_turn(struct rte_mbuf *m)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *,
		sizeof(struct rte_ether_hdr));
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);

	SWAP(ip->src_addr, ip->dst_addr);
	SWAP(udp->src_port, udp->dst_port);
}

// The next burst: names ahead are prefetched so that their table does not count.
static void
burst_make(struct bench_source *b, struct rte_mbuf **packets)
{
	if (rte_pktmbuf_alloc_bulk(b->pool, packets, BURST) != 0)
		rte_panic("flow_bench: out of packets\n");
	for (unsigned int i = 0; i < BURST; i++) {
		uint64_t at = b->sent + i;

		rte_prefetch0(&b->names[b->order[(at + 2 * BURST) & b->order_mask]]);
		packet_name(packets[i], &b->names[b->order[at & b->order_mask]]);
		if (b->directions != 0 && (random_next(&b->directions) & 1) != 0)
			packet_turn(packets[i]);
	}
	b->sent += BURST;
}

// A walk that is over begins again.
static void
scan_again(struct bench_source *b)
{
	struct flow_scan *s = b->scan;

	if (b->worker->scan != NULL)
		return;
	b->walked += s->next;
	s->next = s->count = 0;
	b->worker->scan = s;
}

static uint16_t
bench_receive(struct source *s, struct rte_mbuf **packets, uint16_t n)
{
	struct bench_source *b = (struct bench_source *)s;

	(void)n;
	if (b->clock.begun != 0)
		clock_end(&b->clock, BURST);
	if (b->scan != NULL)
		scan_again(b);
	if (b->sent >= b->limit) {
		b->finished = true;
		return 0;
	}
	burst_make(b, packets);
	if (b->sent > b->start_at)
		clock_begin(&b->clock);
	return BURST;
}

static bool
bench_finished(const struct source *s)
{
	const struct bench_source *b = (const struct bench_source *)s;

	return b->finished;
}

static void
bench_close(struct source *s)
{
	(void)s;
}

static const struct source_ops bench_ops = {
	.name = "bench",
	.clock = CLOCK_WALL,
	.receive = bench_receive,
	.finished = bench_finished,
	.close = bench_close,
};

static struct flow_name *
names_make(uint32_t flows, uint64_t *seed)
{
	struct flow_name *names = mem_table_alloc("names", (size_t)flows * sizeof(*names), 0);

	for (uint32_t i = 0; names != NULL && i < flows; i++) {
		uint64_t r = random_next(seed);

		names[i] = (struct flow_name){(uint32_t)r, i + 1, (uint16_t)(r >> 32),
			rte_cpu_to_be_16(443)};
	}
	return names;
}

// Zipf by inversion of a table of cumulated masses; uniform is s = 0.
static void
order_random(uint32_t *order, uint32_t flows, double s, uint64_t count, uint64_t *seed)
{
	double *sum = malloc((size_t)flows * sizeof(*sum)), total = 0;

	if (sum == NULL)
		rte_panic("flow_bench: out of memory\n");
	for (uint32_t i = 0; i < flows; i++)
		sum[i] = total += s == 0 ? 1 : pow(i + 1, -s);
	for (uint64_t k = 0; k < count; k++) {
		double u = (double)(random_next(seed) >> 11) * 0x1p-53 * total;
		uint32_t low = 0, high = flows - 1;

		while (low < high) {
			uint32_t middle = low + (high - low) / 2;

			if (sum[middle] > u)
				high = middle;
			else
				low = middle + 1;
		}
		order[k] = low;
	}
	free(sum);
}

static uint32_t *
order_make(const struct bench_case *c, uint64_t count, uint64_t *seed)
{
	uint32_t *order = mem_table_alloc("order", count * sizeof(*order), 0);

	if (order == NULL)
		return NULL;
	if (c->capacity == 0)
		order_random(order, c->flows, c->zipf, count, seed);
	else
		for (uint64_t k = 0; k < count; k++)
			order[k] = (uint32_t)(k % c->flows);  // a flow comes again long after it went
	return order;
}

// Parse and one prefetched random line per packet.
static double
lower_bound_ns(struct bench_source *b, uint64_t packets, uint32_t flows)
{
	size_t lines = (size_t)flows * sizeof(struct flow) / 64;
	uint8_t *memory = mem_table_alloc("bound", lines * 64, 0);
	const uint8_t *at[2][BURST];
	struct rte_mbuf *burst[BURST];
	struct packet_meta meta;
	struct chunk_clock clock = {.per_chunk = packets / CHUNKS};
	unsigned int turn = 0;
	uint64_t sum = 0;

	if (memory == NULL)
		return -1;
	memset(memory, 1, lines * 64);
	for (unsigned int i = 0; i < BURST; i++)
		at[1][i] = memory;
	b->sent = 0;
	for (uint64_t done = 0; done < packets; done += BURST, turn ^= 1) {
		burst_make(b, burst);
		clock_begin(&clock);
		for (unsigned int i = 0; i < BURST; i++) {
			packet_parse(burst[i], LINKTYPE_ETHERNET, PACKET_TUNNELS_OFF, &meta);
			// A line of the packet's flow, at a random place: multiply-shift, no division.
			at[turn][i] = memory + (((b->order[(done + i) & b->order_mask] *
				UINT64_C(2654435761) & UINT32_MAX) * lines) >> 32) * 64;
			rte_prefetch0(at[turn][i]);
		}
		for (unsigned int i = 0; i < BURST; i++) {
			sum += *at[turn ^ 1][i];
		}
		rte_pktmbuf_free_bulk(burst, BURST);
		clock_end(&clock, BURST);
	}
	mem_table_free(memory, lines * 64);
	return sum == 0 ? -1 : clock_ns_per_packet(&clock);
}

// What the merge lcore would do with panes, without the folding.
static void
panes_return(struct rx_worker *w)
{
	struct pane *p;

	while ((p = pane_receive(w->exchange)) != NULL)
		pane_recycle(w->exchange, p);
}

// As many queries as asked for, each with a filter of its own, beside the built-in ones, which a worker
// does not know of, as it does of no query but for its filter.
#define QUERIES_BUILT_IN 6

static struct query_set *
queries_make(unsigned int count)
{
	const struct query_context c = {
		.pane_us = CLOCK_US_PER_S, .parameters = QUERY_PARAMETERS_DEFAULT,
	};
	struct error_list errors = {.count = 0};
	cJSON *list = cJSON_CreateArray();
	struct query_set *set;
	char text[160];

	for (unsigned int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "{\"name\":\"q%u\",\"key\":\"dst_ip\",\"filter\":"
			"\"udp dst port %u\",\"op\":{\"type\":\"topk\",\"k\":10}}", i, 1000 + i);
		cJSON_AddItemToArray(list, cJSON_Parse(text));
	}
	set = query_set_create(&c, list, "queries", FILTER_ETHERNET, &errors);
	if (set == NULL)
		fprintf(stderr, "flow_bench: %s\n", errors.error[0].text);
	cJSON_Delete(list);
	return set;
}

static const char *
case_popularity(const struct bench_case *c)
{
	if (c->capacity != 0)
		return "flood";
	if (c->two_way)
		return "uniform, both directions";
	return c->zipf == 0 ? "uniform" : "zipf";
}

static bool
scan_passes(const void *arg, const struct flow *f)
{
	return filter_match_key(arg, &f->key, f->fwd_swapped, f->src_mac, f->dst_mac);
}

// As flows.list does by default; kind NULL: no walk. 0 or -errno.
static int
scan_make(struct bench_source *b, const char *kind, struct flow_scan *s)
{
	struct error err;

	if (kind == NULL)
		return 0;
	if (flow_scan_init(s, 100) != 0)
		return -ENOMEM;
	if (strcmp(kind, "filter") == 0) {
		s->match = scan_passes;
		s->arg = filter_create("tcp port 443 or udp port 53", FILTER_ETHERNET, &err);
		if (s->arg == NULL)
			return -errno;
	}
	b->scan = s;
	return 0;
}

static void
scan_free(struct flow_scan *s)
{
	filter_put((struct filter *)(uintptr_t)s->arg);
	flow_scan_fini(s);
}

static int
case_run(struct rte_mempool *pool, const struct bench_case *c, uint64_t packets,
	unsigned int filters, const char *walk)
{
	static struct pipeline p;
	struct settings settings = {.limits = {60 * CLOCK_US_PER_S, 120 * CLOCK_US_PER_S, true},
		.queries = queries_make(filters), .running = true};
	struct bench_source b = {.source.ops = &bench_ops};
	struct flow_scan scan = {0};
	struct rx_worker *w;
	uint32_t capacity = c->capacity != 0 ? c->capacity : RTE_MAX(c->flows * 5 / 4, 1024U);
	uint64_t seed = 1, order_count = 1 << 23;
	double ns, bound;

	memset(&p, 0, sizeof(p));
	p.options.pane_us = CLOCK_US_PER_S;
	live_clock_init(&p.clock, clock_wall_us(), clock_monotonic_us());
	p.worker_count = p.workers_running = 1;
	p.protocols = protocol_table_create(NULL, NULL);
	p.workers = w = rte_zmalloc("workers", sizeof(*w), RTE_CACHE_LINE_SIZE);
	b.names = names_make(c->flows, &seed);
	b.order = order_make(c, order_count, &seed);
	b.directions = c->two_way;
	b.order_mask = order_count - 1;
	if (w == NULL || p.protocols == NULL || b.names == NULL || b.order == NULL ||
		settings.queries == NULL ||
		settings_cell_init(&p.settings, &settings, 2) != 0 ||
		scan_make(&b, walk, &scan) != 0)
		return -ENOMEM;
	b.pool = pool;
	b.worker = w;

	w->pipeline = &p;
	w->clock = CLOCK_WALL;
	w->share_count = 1;
	w->sources[0] = &b.source;
	w->source_count = 1;
	w->table = flow_table_create("bench", capacity, 1, 0);
	if (w->table == NULL)
		return -ENOMEM;
	flow_tracker_init(&w->tracker, w->table, p.protocols, &settings.limits, 0);
	if (rx_worker_init(w, 0) != 0)
		return -ENOMEM;
	// Page faults are not what is measured.
	memset(w->exchange->deltas, 0, w->exchange->bytes);

	// Every flow once, then what is measured.
	b.start_at = RTE_ALIGN_CEIL(RTE_MAX((uint64_t)c->flows * 3, UINT64_C(1) << 20), BURST);
	b.limit = b.start_at + packets;
	b.clock.per_chunk = packets / CHUNKS;
	rte_eal_remote_launch(rx_worker_run, w, rte_get_next_lcore(-1U, 1, 0));
	while (__atomic_load_n(&p.workers_running, __ATOMIC_ACQUIRE) > 0) {
		panes_return(w);
		rte_delay_us_sleep(1000);
	}
	rte_eal_mp_wait_lcore();
	ns = clock_ns_per_packet(&b.clock);
	bound = lower_bound_ns(&b, packets, c->flows);
	printf("{\"flows\": %u, \"popularity\": \"%s\", \"queries\": %u, \"filters\": %u, "
		"\"ns_per_packet\": %.1f, \"mpps\": %.2f, \"lower_bound_ns\": %.1f, "
		"\"ratio\": %.2f, \"walked\": %"PRIu64"}\n",
		c->flows, case_popularity(c), QUERIES_BUILT_IN + filters, filters, ns, 1e3 / ns,
		bound, ns / bound, b.walked);
	fflush(stdout);

	scan_free(&scan);
	rx_worker_fini(w);
	flow_table_free(w->table);
	rte_free(w);
	settings_cell_fini(&p.settings);
	query_set_put(settings.queries);
	protocol_table_free(p.protocols);
	mem_table_free((void *)(uintptr_t)b.names, (size_t)c->flows * sizeof(*b.names));
	mem_table_free((void *)(uintptr_t)b.order, order_count * sizeof(*b.order));
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct bench_case cases[] = {
		{.flows = 1000}, {.flows = 1000, .zipf = 1.1},
		{.flows = 65536}, {.flows = 65536, .zipf = 1.1},
		{.flows = 1 << 20}, {.flows = 1 << 20, .zipf = 1.1},
		{.flows = 4 << 20}, {.flows = 4 << 20, .zipf = 1.1},
		{.flows = 1 << 20, .two_way = true},
		{.flows = 4 << 20, .capacity = 65536},
	};
	const char *eal[] = {argv[0], "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "64",
		"--log-level=lib.eal:warning", "--lcores", "0@0,1@1", NULL};
	uint64_t packets = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000000;
	unsigned int only = argc > 2 ? (unsigned int)atoi(argv[2]) : 0;
	unsigned int filters = argc > 3 ? (unsigned int)atoi(argv[3]) : 0;
	struct rte_mempool *pool;

	packets = packets / (BURST * CHUNKS) * (BURST * CHUNKS);
	if (packets == 0 || rte_eal_init(RTE_DIM(eal) - 1, (char **)(uintptr_t)eal) < 0)
		return 2;
	pool = rte_pktmbuf_pool_create("bench", 1023, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	for (unsigned int i = 0; pool != NULL && i < RTE_DIM(cases); i++) {
		if (only != 0 && only != i + 1)
			continue;
		if (case_run(pool, &cases[i], packets, filters, argc > 4 ? argv[4] : NULL) != 0) {
			fprintf(stderr, "flow_bench: out of memory\n");
			return 1;
		}
	}
	return pool == NULL;
}
