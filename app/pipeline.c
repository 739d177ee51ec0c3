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
#include "follow.h"
#include "input.h"
#include "pool_size.h"
#include "port/capture.h"
#include "privileges.h"

#define CAPTURE_SEED 1
#define DISPATCH_END_MS 2000  // for moving what ports hold, on a machine that has other work

static int
worker_fragments_init(struct rx_worker *w, uint64_t seed, struct error *err)
{
	char name[32];

	if (!w->pipeline->options.fragments_follow)
		return 0;
	snprintf(name, sizeof(name), "fragments_%u", w->index);
	w->fragments = fragment_table_create(name, seed, (int)rte_lcore_to_socket_id(w->lcore));
	return w->fragments != NULL ? 0 :
		error_field(err, -errno, "--flow-fragments", "--flow-fragments: %s", strerror(errno));
}

static int
worker_init(struct pipeline *p, unsigned int index, uint64_t seed, struct error *err)
{
	struct rx_worker *w = &p->workers[index];
	uint32_t capacity = pipeline_worker_capacity(p);
	int socket = (int)rte_lcore_to_socket_id(w->lcore);
	char name[32];
	int rc;

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
	rc = rx_worker_init(w, socket);
	if (rc != 0)
		return error_set(err, rc, "panes: %s", strerror(-rc));
	if (worker_fragments_init(w, seed, err) != 0)
		return -ENOMEM;
	return input_sources_open(p, w, err);
}

bool
pipeline_dispatches(const struct pipeline *p)
{
	for (unsigned int i = 0; i < p->port_count; i++)
		if (p->dispatch[i] != NULL)
			return true;
	return false;
}

// The roles after the RX lcores, in order: merge, generator, and dispatch if one is left for it.
static void
lcores_assign(struct pipeline *p)
{
	unsigned int lcore = (unsigned int)-1;

	for (unsigned int i = 0; i <= p->worker_count; i++)
		lcore = rte_get_next_lcore(lcore, 1, 0);
	p->merge.lcore = lcore;
	if (p->options.demo)
		p->generator_lcore = lcore = rte_get_next_lcore(lcore, 1, 0);
	lcore = rte_get_next_lcore(lcore, 1, 0);
	p->dispatch_lcore = pipeline_dispatches(p) && lcore < RTE_MAX_LCORE ? lcore : UINT_MAX;
}

static int
workers_init(struct pipeline *p, struct error *err)
{
	// Hashes are seeded at random against those who send packets; but equal captures give equal
	// output, also where the table is full and the hash decides who goes.
	uint64_t seed = p->options.seed != 0 ? p->options.seed :
		p->captures != NULL ? CAPTURE_SEED : rte_rand() | 1;
	unsigned int lcore = rte_get_next_lcore((unsigned int)-1, 1, 0);
	int rc;

	lcores_assign(p);
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
	return 0;
}

static int
generator_pool_create(struct pipeline *p, struct error *err)
{
	unsigned int mbufs = pool_generator_mbufs(p->worker_count);

	if (!p->options.demo)
		return 0;
	// Packets in rings and in bursts, of the longest size that a profile may ask for.
	p->generator_pool = rte_pktmbuf_pool_create("generator", mbufs, 256, 0,
		POOL_GENERATOR_ROOM, SOCKET_ID_ANY);
	if (p->generator_pool != NULL)
		return 0;
	return error_set(err, -ENOMEM, "no memory for %u packets of the generator; give EAL more "
		"with -m", mbufs);
}

static int
generator_init(struct pipeline *p, struct error *err)
{
	struct generator_params params = {
		.pool = p->generator_pool,
		.send = port_ring_send,
		.send_arg = &p->ports[0],
		.shares_cpu = p->shares_cpu,
		// The built-in profile speaks of the built-in protocols, whatever the configuration calls
		// its own.
		.protocols = p->options.generator != NULL ? p->protocols : NULL,
	};
	cJSON *profile = p->options.generator, *builtin = NULL;

	if (!p->options.demo)
		return 0;
	if (profile == NULL)
		profile = builtin = cJSON_Parse(generator_default_profile());
	p->generator = generator_create(&params, profile, err);
	cJSON_Delete(builtin);
	if (p->generator != NULL) {
		p->calibration = calibration_create(p);
		return p->calibration == NULL ? error_set(err, -ENOMEM, "out of memory") :
			names_add_generator(p, err);
	}
	if (p->options.generator != NULL && err != NULL) {
		struct error inner = *err;

		error_field(err, -EINVAL, "generator", "%s", inner.text);
	}
	return -EINVAL;
}

// Beside the store; without one it is in memory only.
static int
audit_init(struct pipeline *p, struct error *err)
{
	char path[1100];

	if (strncmp(p->options.store, "sqlite:", 7) != 0)
		return 0;
	snprintf(path, sizeof(path), "%s.audit.jsonl", p->options.store + 7);
	return control_audit_open(p->control, path, err);
}

static int
store_init(struct pipeline *p, struct error *err)
{
	struct store_params params = {
		.uri = p->options.store,
		.push_uri = p->options.push,
		.appliance = p->options.appliance,
		.queue_size = STORE_QUEUE_SIZE,
		.bounds = &p->options.store_bounds,
		.push_ttl_us = p->options.push_ttl_us,
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

int
pipeline_init(struct pipeline *p, struct error *err)
{
	struct settings first = {.limits = p->options.limits, .running = true};
	int rc;

	p->shares_cpu = lcores_share_cpus();
	rc = input_workers_decide(p, err);
	if (rc == 0 && p->options.follow)
		rc = follow_open(p, err);
	if (rc == 0)
		rc = queries_init(p, err);
	first.queries = p->queries;
	first.names = p->names;
	first.geoip = p->geoip;
	first.limit_table = p->limits.table;
	first.limits_retain = limits_retained(p);
	if (rc == 0 && settings_cell_init(&p->settings, &first, p->worker_count + 1) != 0)
		rc = error_set(err, -ENOMEM, "out of memory");
	if (rc == 0)
		rc = memory_plan_make(p, &p->memory, err);
	// Pools first: they lie in EAL's memory, of which tables take what they get.
	if (rc == 0)
		rc = input_pool_create(p, err);
	if (rc == 0)
		rc = generator_pool_create(p, err);
	if (rc == 0)
		rc = input_ports_open(p, err);
	if (rc == 0)
		rc = workers_init(p, err);
	if (rc == 0)
		rc = memory_plan_prefault(p, err);
	if (rc == 0)
		rc = generator_init(p, err);
	// What is opened from here on belongs to the user that this process becomes.
	if (rc == 0)
		rc = privileges_drop(&p->options, err);
	if (rc == 0)
		rc = audit_init(p, err);
	if (rc == 0)
		rc = store_init(p, err);
	if (rc == 0)
		rc = daily_init(p, err);
	if (rc == 0)
		reconfigure_init(p);
	return rc;
}

static void
worker_fini(struct rx_worker *w)
{
	for (unsigned int i = 0; i < w->source_count; i++)
		source_close(w->sources[i]);
	rx_worker_fini(w);
	fragment_table_free(w->fragments);
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
	calibration_free(p->calibration);
	daily_free(p->merge.daily);
	if (p->generator != NULL)
		generator_free(p->generator);
	for (unsigned int i = 0; i < p->worker_count && p->workers != NULL; i++)
		worker_fini(&p->workers[i]);
	rte_free(p->workers);
	for (unsigned int i = 0; i < p->port_count; i++)
		dispatch_free(p->dispatch[i]);
	for (unsigned int i = 0; i < p->latest.count; i++)
		document_put(p->latest.of[i]);
	alerts_kept_free(&p->alerts_kept);
	for (unsigned int i = 0; i < p->port_count; i++)
		port_close(&p->ports[i]);
	rte_mempool_free(p->generator_pool);
	rte_mempool_free(p->pool);
	settings_cell_fini(&p->settings);
	capture_follow_close(p->follow);
	queries_fini(p);
	names_fini(p);
	limits_fini(p);
	reconfigure_fini(p);
	exports_free(p);
	capture_list_free(p->captures);
	protocol_table_free(p->protocols);
	output_forget(p);
}

int
pipeline_start(struct pipeline *p, struct error *err)
{
	int rc = output_start(p, err);

	if (rc == 0)
		rc = alerts_start(p, err);
	if (rc != 0) {
		output_discard(p);
		output_stop(p);
		return rc;
	}
	p->start_us = p->rate_at_us = clock_monotonic_us();
	live_clock_init(&p->clock, clock_wall_us(), p->start_us);
	p->workers_running = p->worker_count;
	links_start(p);
	// The merge lcore waits for all workers, so it comes after them; they end without it.
	for (unsigned int i = 0; rc == 0 && i < p->worker_count; i++)
		rc = rte_eal_remote_launch(rx_worker_run, &p->workers[i], p->workers[i].lcore);
	if (rc == 0 && p->dispatch_lcore != UINT_MAX)
		rc = rte_eal_remote_launch(dispatch_worker_run, p, p->dispatch_lcore);
	if (rc == 0)
		rc = rte_eal_remote_launch(merge_worker_run, p, p->merge.lcore);
	if (rc == 0 && p->follow != NULL)
		rc = capture_follow_start(p->follow, err);
	if (rc == 0)
		rc = limits_start(p, err);
	if (rc == 0 && p->generator != NULL) {
		generator_start(p->generator);
		rc = rte_eal_remote_launch(gen_worker_run, p, p->generator_lcore);
	}
	if (rc == 0)
		return 0;
	output_discard(p);
	pipeline_stop(p);
	output_stop(p);
	return error_set(err, rc, "lcores cannot be started: %s", strerror(-rc));
}

/*
 * What ports hold goes out to the workers' rings, and the rings get no more: then workers can end when
 * they find theirs empty. Where lcores do not run (a failed start) nobody does that; then what is in
 * rings counts as missed in the end.
 */
static void
dispatch_end(struct pipeline *p)
{
	for (unsigned int i = 0; i < p->port_count; i++)
		if (p->dispatch[i] != NULL)
			dispatch_stop(p->dispatch[i]);
	for (unsigned int i = 0; i < p->port_count; i++)
		for (unsigned int ms = 0; p->dispatch[i] != NULL && !dispatch_done(p->dispatch[i]) &&
			ms < DISPATCH_END_MS; ms++)
			usleep(1000);
}

// EAL waits for an lcore by asking without a pause, which would take a CPU for as long as the last
// flows are written out.
static void
lcore_await(unsigned int lcore)
{
	while (rte_eal_get_lcore_state(lcore) == RUNNING)
		usleep(500);
	rte_eal_wait_lcore(lcore);
}

// The generator first, so that what it sent is still received; then receiving; then the rest.
void
pipeline_stop(struct pipeline *p)
{
	unsigned int lcore;

	if (p->generator != NULL) {
		__atomic_store_n(&p->generator_stop, true, __ATOMIC_RELAXED);
		lcore_await(p->generator_lcore);
	}
	dispatch_end(p);
	__atomic_store_n(&p->stop, true, __ATOMIC_RELAXED);
	RTE_LCORE_FOREACH_WORKER(lcore)
		lcore_await(lcore);
	if (p->follow != NULL)
		capture_follow_stop(p->follow);
	alerts_stop(p);
	p->end_us = clock_monotonic_us();
	previews_refuse(p);
	flow_lists_refuse(p);
	for (unsigned int i = 0; i < p->port_count; i++)
		if (p->dispatch[i] != NULL)
			dispatch_finish(p->dispatch[i]);
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
