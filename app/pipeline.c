/* SPDX-License-Identifier: BSD-3-Clause */
#include "pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "base/log.h"
#include "base/mem.h"
#include "pool_size.h"
#include "port/capture.h"
#include "port/source_capture.h"

#define GENERATOR_RING_SIZE 16384

static unsigned int
workers_possible(const struct pipeline *p)
{
	unsigned int lcores = rte_lcore_count() - 1, others = pipeline_lcores(&p->options, 0);

	return lcores > others ? lcores - others : 0;
}

// Queues that the port with the most has; captures can be shared by any number of workers.
static int
queues_possible(const struct pipeline *p, struct error *err)
{
	uint16_t id;
	int most = 0;

	if (p->captures != NULL)
		return p->options.workers > 0 ? (int)p->options.workers : 1;
	if (p->options.demo)
		return 1;
	RTE_ETH_FOREACH_DEV(id)
		most = RTE_MAX(most, port_queues_max(id));
	if (most == 0)
		return error_set(err, -ENODEV, p->options.iface != NULL ?
			"--iface: %s: cannot be opened; capturing needs root or CAP_NET_RAW" :
			"EAL found no port%s", p->options.iface != NULL ? p->options.iface : "");
	return most;
}

static int
worker_count_decide(struct pipeline *p, struct error *err)
{
	unsigned int possible = workers_possible(p), wanted = p->options.workers;
	int queues = queues_possible(p, err);

	if (queues < 0)
		return queues;
	if (wanted > (unsigned int)queues)
		return error_field(err, -EINVAL, "--workers",
			"--workers: %u wanted, but the input has %d receive queue%s", wanted, queues,
			queues == 1 ? "" : "s");
	if (wanted == 0)
		wanted = possible > 1 ? RTE_MIN((unsigned int)queues, possible) : 1;
	if (wanted > possible || wanted > WORKERS_MAX)
		return error_field(err, -EINVAL, "--workers",
			"--workers: %u needs %u lcores with the main one, EAL has %u (see its -l)",
			wanted, pipeline_lcores(&p->options, wanted) + 1, rte_lcore_count());
	p->worker_count = wanted;
	return 0;
}

// Every descriptor of every queue can hold a buffer, besides bursts and caches.
static unsigned int
pool_size(const struct pipeline *p)
{
	unsigned int ports = p->options.demo ? 1 : rte_eth_dev_count_avail();

	if (p->captures != NULL)
		return POOL_CAPTURE_MBUFS * p->worker_count;
	return RTE_MAX(POOL_PORT_MBUFS, ports * p->worker_count * PORT_DESCRIPTORS + 8191);
}

static int
pool_create(struct pipeline *p, struct error *err)
{
	bool captures = p->captures != NULL;
	unsigned int count = pool_size(p);

	p->pool = rte_pktmbuf_pool_create("packets", count, 256, 0,
		captures ? RTE_PKTMBUF_HEADROOM : RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (p->pool == NULL)
		return error_set(err, -ENOMEM, "no memory for %u packet buffers; give EAL more "
			"with -m", count);
	return 0;
}

static int
ports_open(struct pipeline *p, struct error *err)
{
	uint16_t id;
	int rc;

	if (p->captures != NULL)
		return 0;
	if (p->options.demo) {
		rc = port_ring_open("weir_demo", GENERATOR_RING_SIZE, p->pool, &p->ports[0], err);
		p->port_count = rc == 0;
		return rc;
	}
	RTE_ETH_FOREACH_DEV(id) {
		struct port *port = &p->ports[p->port_count];

		if (p->port_count == PORTS_MAX)
			return error_set(err, -E2BIG, "at most %u ports", PORTS_MAX);
		rc = port_open(id, (uint16_t)RTE_MIN(p->worker_count,
			(unsigned int)port_queues_max(id)), p->pool, port, err);
		if (rc != 0)
			return rc;
		p->port_count++;
	}
	return 0;
}

static int
sources_open(struct pipeline *p, struct rx_worker *w, struct error *err)
{
	if (p->captures != NULL) {
		w->sources[0] = source_capture_open(p->captures, p->pool, err);
		w->source_count = w->sources[0] != NULL;
		return w->sources[0] != NULL ? 0 : -EINVAL;
	}
	for (unsigned int i = 0; i < p->port_count; i++) {
		if (w->index >= p->ports[i].queues)
			continue;
		w->sources[w->source_count] = source_queue_open(&p->ports[i], (uint16_t)w->index);
		if (w->sources[w->source_count] == NULL)
			return error_set(err, -ENOMEM, "out of memory");
		w->source_count++;
	}
	return 0;
}

// All memory that a worker's tables can ever use, in bytes.
static size_t
worker_memory(const struct rx_worker *w)
{
	return w->table->flows_bytes + w->table->buckets_bytes + w->exchange->bytes;
}

/*
 * On live inputs the tables are made present before the first packet: a page fault of a fresh
 * table takes as long as thousands of packets. Captures wait, and a small one needs little.
 */
static int
workers_prefault(struct pipeline *p, struct error *err)
{
	size_t need = 0, available = mem_available();

	if (p->captures != NULL)
		return 0;
	for (unsigned int i = 0; i < p->worker_count; i++)
		need += worker_memory(&p->workers[i]);
	fprintf(stderr, "weir: tables for %u flows take %zu MiB\n", p->options.flow_capacity,
		need >> 20);
	if (!rte_eal_has_hugepages() && available != 0 && need > available)
		return error_field(err, -ENOMEM, "--flow-capacity",
			"--flow-capacity: %u flows take %zu MiB, available are %zu MiB",
			p->options.flow_capacity, need >> 20, available >> 20);
	for (unsigned int i = 0; i < p->worker_count; i++) {
		struct rx_worker *w = &p->workers[i];

		if (mem_table_prefault(w->table->flows, w->table->flows_bytes) != 0 ||
			mem_table_prefault(w->table->buckets, w->table->buckets_bytes) != 0 ||
			mem_table_prefault(w->exchange->deltas, w->exchange->bytes) != 0)
			return error_field(err, -ENOMEM, "--flow-capacity",
				"--flow-capacity: no memory for %u flows (%zu MiB)",
				p->options.flow_capacity, need >> 20);
	}
	return 0;
}

static int
worker_init(struct pipeline *p, unsigned int index, uint64_t seed, struct error *err)
{
	struct rx_worker *w = &p->workers[index];
	uint32_t capacity = RTE_MAX(p->options.flow_capacity / p->worker_count, 16U);
	int socket = (int)rte_lcore_to_socket_id(w->lcore);
	char name[32];

	w->pipeline = p;
	w->index = index;
	w->clock = p->captures != NULL ? CLOCK_PACKET : CLOCK_WALL;
	w->share_count = p->captures != NULL ? p->worker_count : 1;
	w->capture_info_offset = packet_capture_info_register();
	if (w->capture_info_offset < 0)
		return error_set(err, w->capture_info_offset, "no room in mbufs for packet times");
	snprintf(name, sizeof(name), "flows_%u", index);
	w->table = flow_table_create(name, capacity, seed, socket);
	if (w->table == NULL)
		return error_field(err, -errno, "--flow-capacity",
			"--flow-capacity: %u flows take %zu MiB: %s", p->options.flow_capacity,
			flow_table_bytes(capacity) * p->worker_count >> 20, strerror(errno));
	flow_tracker_init(&w->tracker, w->table, p->protocols, &p->options.limits, 0);
	snprintf(name, sizeof(name), "panes_%u", index);
	w->exchange = pane_exchange_create(name, PANES_PER_WORKER, capacity, socket);
	if (w->exchange == NULL)
		return error_set(err, -errno, "panes: %s", strerror(errno));
	if (rx_worker_init(w) != 0)
		return error_set(err, -ENOMEM, "out of memory");
	return sources_open(p, w, err);
}

static int
workers_init(struct pipeline *p, struct error *err)
{
	uint64_t seed = p->options.seed != 0 ? p->options.seed : rte_rand() | 1;
	unsigned int lcore = rte_get_next_lcore((unsigned int)-1, 1, 0);
	int rc;

	p->workers = rte_zmalloc("workers", sizeof(*p->workers) * p->worker_count,
		RTE_CACHE_LINE_SIZE);
	if (p->workers == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	for (unsigned int i = 0; i < p->worker_count; i++) {
		p->workers[i].lcore = lcore;
		rc = worker_init(p, i, seed, err);
		if (rc != 0)
			return rc;
		lcore = rte_get_next_lcore(lcore, 1, 0);
	}
	p->merge.lcore = lcore;
	p->generator_lcore = rte_get_next_lcore(lcore, 1, 0);
	return 0;
}

static int
generator_init(struct pipeline *p, struct error *err)
{
	struct generator_params params = {
		.send = port_ring_send,
		.send_arg = &p->ports[0],
		.shares_cpu = p->shares_cpu,
		.protocols = p->protocols,
	};
	cJSON *profile = p->options.generator, *builtin = NULL;

	if (!p->options.demo)
		return 0;
	// Packets in the ring and in bursts, of the longest size that a profile may ask for.
	p->generator_pool = rte_pktmbuf_pool_create("generator",
		GENERATOR_RING_SIZE + POOL_GENERATOR_SPARE, 256, 0, POOL_GENERATOR_ROOM,
		SOCKET_ID_ANY);
	if (p->generator_pool == NULL)
		return error_set(err, -ENOMEM, "no memory for the generator's packets");
	params.pool = p->generator_pool;
	if (profile == NULL)
		profile = builtin = cJSON_Parse(generator_default_profile());
	p->generator = generator_create(&params, profile, err);
	cJSON_Delete(builtin);
	if (p->generator != NULL)
		return 0;
	if (p->options.generator != NULL && err != NULL) {
		struct error inner = *err;

		error_field(err, -EINVAL, "generator", "%s: generator: %s", p->options.config,
			inner.text);
	}
	return -EINVAL;
}

static int
store_init(struct pipeline *p, struct error *err)
{
	struct store_params params = {
		.uri = p->options.store,
		.push_uri = p->options.push,
		.appliance = p->options.appliance,
		.queue_size = STORE_QUEUE_SIZE,
	};

	if (strcmp(params.uri, "none") == 0 && params.push_uri == NULL)
		return 0;
	p->store = store_open(&params, err);
	return p->store != NULL ? 0 : -EIO;
}

// Does any lcore run on a CPU that another one may run on too?
static bool
lcores_share_cpus(void)
{
	unsigned int a, b;

	RTE_LCORE_FOREACH(a) {
		RTE_LCORE_FOREACH(b) {
			rte_cpuset_t x = rte_lcore_cpuset(a), y = rte_lcore_cpuset(b), both;

			CPU_AND(&both, &x, &y);
			if (a != b && CPU_COUNT(&both) > 0)
				return true;
		}
	}
	return false;
}

static int
queries_init(struct pipeline *p, struct error *err)
{
	rte_spinlock_init(&p->merge.stats_lock);
	rte_spinlock_init(&p->latest.lock);
	p->merge.parameters = p->options.parameters;
	p->merge.engine = query_engine_create(p->options.pane_us, p->protocols,
		&p->options.parameters, err);
	return p->merge.engine != NULL ? 0 : -EINVAL;
}

static int
control_init(struct pipeline *p, struct error *err)
{
	struct control_params params = {
		.listen = p->options.listen,
		.address = p->options.listen_address,
		.port = p->options.listen_port,
		.panel_dir = panel_dir_find(),
	};

	p->control = control_create(&params, &pipeline_control_ops, p, err);
	return p->control != NULL ? 0 : -EADDRINUSE;
}

int
pipeline_init(struct pipeline *p, struct error *err)
{
	struct settings first = {p->options.limits, p->options.parameters, true};
	int rc;

	p->shares_cpu = lcores_share_cpus();
	p->protocols = protocol_table_create(p->options.protocols, err);
	if (p->protocols == NULL)
		return -EINVAL;
	if (p->options.pcap != NULL) {
		p->captures = capture_list_expand(p->options.pcap, err);
		if (p->captures == NULL)
			return -ENOENT;
	}
	rc = worker_count_decide(p, err);
	if (rc == 0 && settings_cell_init(&p->settings, &first, p->worker_count + 1) != 0)
		rc = error_set(err, -ENOMEM, "out of memory");
	if (rc == 0)
		rc = pool_create(p, err);
	if (rc == 0)
		rc = ports_open(p, err);
	if (rc == 0)
		rc = queries_init(p, err);
	if (rc == 0)
		rc = workers_init(p, err);
	if (rc == 0)
		rc = workers_prefault(p, err);
	if (rc == 0)
		rc = generator_init(p, err);
	if (rc == 0)
		rc = store_init(p, err);
	if (rc == 0)
		rc = control_init(p, err);
	return rc;
}

static void
worker_fini(struct rx_worker *w)
{
	for (unsigned int i = 0; i < w->source_count; i++)
		source_close(w->sources[i]);
	rx_worker_fini(w);
	pane_exchange_free(w->exchange);
	flow_table_free(w->table);
}

// What was queued before the end is in the report: give the store a moment to commit it.
void
pipeline_store_settle(struct pipeline *p)
{
	struct store_stats s = {.queued = 1};

	for (unsigned int i = 0; p->store != NULL && i < 100 && s.queued > 0; i++) {
		store_stats_get(p->store, &s);
		if (s.queued > 0)
			usleep(20000);
	}
}

void
pipeline_fini(struct pipeline *p)
{
	if (p->control != NULL)
		control_free(p->control);
	for (unsigned int i = 0; i < p->port_count; i++)
		port_stop(&p->ports[i]);
	if (p->store != NULL)
		store_close(p->store, 2000);
	if (p->generator != NULL)
		generator_free(p->generator);
	for (unsigned int i = 0; i < p->worker_count && p->workers != NULL; i++)
		worker_fini(&p->workers[i]);
	rte_free(p->workers);
	query_engine_free(p->merge.engine);
	for (unsigned int i = 0; i < p->latest.count; i++)
		document_put(p->latest.of[i]);
	for (unsigned int i = 0; i < p->port_count; i++)
		port_close(&p->ports[i]);
	rte_mempool_free(p->generator_pool);
	rte_mempool_free(p->pool);
	settings_cell_fini(&p->settings);
	capture_list_free(p->captures);
	protocol_table_free(p->protocols);
}

int
pipeline_start(struct pipeline *p, struct error *err)
{
	int rc = output_start(p, err);

	if (rc != 0)
		return rc;
	p->start_us = clock_monotonic_us();
	p->workers_running = p->worker_count;
	rc = rte_eal_remote_launch(merge_worker_run, p, p->merge.lcore);
	for (unsigned int i = 0; rc == 0 && i < p->worker_count; i++)
		rc = rte_eal_remote_launch(rx_worker_run, &p->workers[i], p->workers[i].lcore);
	if (rc == 0 && p->generator != NULL) {
		generator_start(p->generator);
		rc = rte_eal_remote_launch(gen_worker_run, p, p->generator_lcore);
	}
	return rc == 0 ? 0 : error_set(err, rc, "lcores cannot be started: %s", strerror(-rc));
}

// The generator first, so that what it sent is still received; then receiving; then the rest.
void
pipeline_stop(struct pipeline *p)
{
	if (p->generator != NULL) {
		__atomic_store_n(&p->generator_stop, true, __ATOMIC_RELAXED);
		rte_eal_wait_lcore(p->generator_lcore);
	}
	__atomic_store_n(&p->stop, true, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
	p->end_us = clock_monotonic_us();
	for (unsigned int i = 0; i < p->port_count; i++)
		port_stop(&p->ports[i]);
}

void
pipeline_ledger(const struct pipeline *p, struct ledger_counts *ret)
{
	*ret = (struct ledger_counts){0};
	for (unsigned int i = 0; i < p->worker_count; i++) {
		struct ledger_counts c;

		ledger_read(&p->workers[i].ledger, &c);
		ledger_add(ret, &c);
	}
}

static void
latest_keep(struct pipeline *p, struct document *d)
{
	struct document *old = NULL;
	unsigned int i;

	rte_spinlock_lock(&p->latest.lock);
	for (i = 0; i < p->latest.count; i++)
		if (strcmp(p->latest.of[i]->name, d->name) == 0)
			break;
	if (i < QUERIES_MAX) {
		if (i < p->latest.count)
			old = p->latest.of[i];
		else
			p->latest.count++;
		p->latest.of[i] = document_get(d);
	}
	rte_spinlock_unlock(&p->latest.lock);
	document_put(old);
}

void
pipeline_emit(struct document *d, void *arg)
{
	struct pipeline *p = arg;

	latest_keep(p, d);
	control_publish(p->control, d);
	if (p->store != NULL)
		store_put(p->store, d);
	if (p->output.documents == NULL) {
		document_put(d);
		return;
	}
	while (rte_ring_enqueue(p->output.documents, d) != 0) {
		if (p->captures == NULL) {
			__atomic_add_fetch(&p->merge.documents_lost, 1, __ATOMIC_RELAXED);
			document_put(d);
			return;
		}
		usleep(100);
	}
}
