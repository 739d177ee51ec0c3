/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_pause.h>

#include "generator.h"
#include "names_file.h"
#include "options.h"
#include "output_pcap.h"
#include "output_port.h"
#include "profile.h"
#include "profile_file.h"
#include "progress.h"
#include "report.h"
#include "weir_build.h"

// weir-pktgen: options -> profile -> EAL -> output -> generator -> report.

#define POOL_PACKETS 8192
#define POOL_CACHE 256
#define WATCH_MS 20           // of the main thread over a generator lcore
#define POLLS_PER_WATCH 64    // where both are one thread
#define SETTLE_MS 50          // without packets, at the end
#define SETTLE_MOST 20        // times that, at most

struct program {
	struct options options;
	cJSON *json;
	struct protocol_table *names;
	struct profile *profile;
	struct rte_mempool *pool;
	struct output_pcap *pcap;
	struct output_port *port;
	struct generator *generator;
	unsigned int lcores;  // that generate
	unsigned int next;    // number of the next one to start
	uint32_t lcore_quit;  // set by the main thread, read by the generator lcores
	struct latency_meter latency;  // of what comes back
	struct progress progress;
};

static int
arguments_wrong(const struct error *err)
{
	fprintf(stderr, "weir-pktgen: %s\n", err->text);
	return 2;
}

static int
run_failed(const struct error *err)
{
	fprintf(stderr, "weir-pktgen: %s\n", err->text);
	return 1;
}

// What the command line says in place of the profile.
static void
overrides_apply(const struct options *o, cJSON *json)
{
	if (o->duration_s > 0) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "duration_s");
		cJSON_AddNumberToObject(json, "duration_s", o->duration_s);
	}
	if (o->packets > 0) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "packets");
		cJSON_AddNumberToObject(json, "packets", (double)o->packets);
	}
}

// A replay has its times and its end, but where it is to be repeated for ever.
static int
pcap_suits_replay(const struct program *p, struct error *err)
{
	if (p->profile->replay.loops == 0 && p->profile->packets == 0 &&
			p->profile->duration_s <= 0)
		return error_field(err, -EINVAL, "replay.loop",
			"replay.loop: found true, allowed with --pcap is a number, or a profile "
			"with duration_s or packets");
	return 0;
}

static int
pcap_suits(const struct program *p, struct error *err)
{
	if (p->profile->replay.kind != REPLAY_NONE)
		return pcap_suits_replay(p, err);
	if (p->profile->rate_pps == 0)
		return error_field(err, -EINVAL, "rate_pps",
			"rate_pps: found 0, allowed is 1 or more with --pcap: packet times come "
			"from it");
	if (p->profile->packets == 0 && p->profile->duration_s <= 0)
		return error_field(err, -EINVAL, "duration_s",
			"duration_s: found no end, allowed with --pcap is a profile with "
			"duration_s or packets, or the option --duration or --packets");
	return 0;
}

static int
profile_load(struct program *p, struct error *err)
{
	const char *path = p->options.profile;
	struct error fault;
	char *text;
	int rc = 0;

	p->names = protocol_table_create(NULL, err);
	if (p->names == NULL)
		return -ENOMEM;
	p->json = profile_file_read(path, &text, err);
	if (p->json == NULL)
		return -EINVAL;
	if (cJSON_IsObject(p->json))
		overrides_apply(&p->options, p->json);
	p->profile = profile_create(p->json, p->names, &fault);
	if (p->profile == NULL || (p->options.pcap != NULL && pcap_suits(p, &fault) != 0))
		rc = error_field(err, -EINVAL, fault.field, "%s:%u: %s", path,
			profile_file_line(text, fault.field), fault.text);
	if (rc == 0 && p->options.names != NULL && p->profile->replay.kind != REPLAY_LOGS)
		rc = error_field(err, -EINVAL, "--names", "--names: allowed only with a profile "
			"that replays flow records");
	free(text);
	return rc;
}

static int
eal_start(struct program *p, struct error *err)
{
	struct eal_line line;
	int rc;

	eal_line_compose(&line);
	if (p->options.eal_argc > 0)
		rc = rte_eal_init(p->options.eal_argc, p->options.eal_argv);
	else
		rc = rte_eal_init(line.argc, line.argv);
	return rc < 0 ? error_set(err, -rte_errno, "EAL: %s", rte_strerror(rte_errno)) : 0;
}

static int
output_open(struct program *p, struct error *err)
{
	uint32_t largest = RTE_MAX(profile_frame_largest(p->profile),
		(uint32_t)RTE_ETHER_MAX_LEN);
	unsigned int workers = rte_lcore_count() - 1;

	p->lcores = p->options.pcap != NULL || workers == 0 ||
			p->profile->replay.kind != REPLAY_NONE ? 1 :
		RTE_MIN(workers, (unsigned int)GENERATOR_LCORES_MAX);
	p->pool = rte_pktmbuf_pool_create("weir_pktgen", POOL_PACKETS * p->lcores, POOL_CACHE, 0,
		(uint16_t)(largest + RTE_PKTMBUF_HEADROOM), (int)rte_socket_id());
	if (p->pool == NULL)
		return error_set(err, -rte_errno, "no memory for %u packets of %u bytes: %s",
			POOL_PACKETS * p->lcores, largest, rte_strerror(rte_errno));
	if (p->options.pcap != NULL) {
		p->pcap = output_pcap_create(p->options.pcap, err);
		return p->pcap != NULL ? 0 : -EIO;
	}
	p->port = output_port_create(p->pool, largest, (uint16_t)p->lcores, err);
	return p->port != NULL ? 0 : -EIO;
}

static int
generator_open(struct program *p, struct error *err)
{
	struct generator_params params = {
		.pool = p->pool,
		.send = p->pcap != NULL ? output_pcap_send : output_queue_send,
		.send_arg = p->pcap,
		.lcores = p->lcores,
		.protocols = p->names,
		.unpaced = p->pcap != NULL,
		.stamps = p->pcap != NULL,
		.answer_keys = true,
	};

	for (unsigned int i = 0; p->port != NULL && i < p->lcores; i++)
		params.send_args[i] = output_port_queue(p->port, (uint16_t)i);
	p->generator = generator_create(&params, p->json, err);
	return p->generator != NULL ? 0 : -EINVAL;
}

static int
lcore_main(void *arg)
{
	struct program *p = arg;
	unsigned int number = __atomic_fetch_add(&p->next, 1, __ATOMIC_RELAXED);

	// What is left over of more lcores than can share the work does nothing.
	if (number >= p->lcores)
		return 0;
	while (__atomic_load_n(&p->lcore_quit, __ATOMIC_ACQUIRE) == 0)
		if (generator_poll(p->generator, number) != 0)
			rte_pause();
	return 0;
}

// True when a signal asks to stop; waits up to ms for it.
static bool
signal_seen(const sigset_t *signals, long ms)
{
	const struct timespec wait = {0, ms * 1000000};

	return sigtimedwait(signals, NULL, &wait) > 0;
}

// Latency is measured: the ports receive, and the profile stamps packets.
static bool
latency_wanted(const struct program *p)
{
	return p->port != NULL && generator_stamp_tag(p->generator) != 0;
}

static uint64_t
packets_receive(struct program *p)
{
	return output_port_receive(p->port, &p->latency, generator_stamp_tag(p->generator));
}

// One thread does everything: a few polls of the generator, and of what comes back.
static void
polls_run(struct program *p, bool receive)
{
	for (unsigned int i = 0; i < POLLS_PER_WATCH; i++) {
		generator_poll(p->generator, 0);
		if (receive)
			packets_receive(p);
	}
}

// The generator has lcores of its own: this one receives meanwhile, without sleeping.
static void
packets_watch(struct program *p)
{
	uint64_t until = rte_rdtsc() + rte_get_tsc_hz() * WATCH_MS / 1000;

	while (rte_rdtsc() < until)
		if (packets_receive(p) == 0)
			rte_pause();
}

// What was sent last may be under way: until nothing has come for a while.
static void
packets_settle(struct program *p)
{
	uint64_t quiet = rte_get_tsc_hz() * SETTLE_MS / 1000, last = rte_rdtsc(), begun = last;

	while (rte_rdtsc() - last < quiet && rte_rdtsc() - begun < SETTLE_MOST * quiet)
		if (packets_receive(p) != 0)
			last = rte_rdtsc();
}

// Until the profile is done or a signal comes: on all worker lcores of EAL where it has any.
static void
generator_run(struct program *p, const sigset_t *signals)
{
	bool own = rte_lcore_count() > 1 && p->pcap == NULL, receive = latency_wanted(p);

	generator_start(p->generator);
	progress_begin(&p->progress, p->options.stats_period_s, p->profile, p->pcap == NULL);
	if (own)
		rte_eal_mp_remote_launch(lcore_main, p, SKIP_MAIN);
	do {
		if (!own)
			polls_run(p, receive);
		else if (receive)
			packets_watch(p);
		generator_answer_key_fold(p->generator);
		progress_tick(&p->progress, p->generator);
	} while (!generator_done(p->generator) &&
		!signal_seen(signals, own && !receive ? WATCH_MS : 0));
	__atomic_store_n(&p->lcore_quit, 1, __ATOMIC_RELEASE);
	rte_eal_mp_wait_lcore();
	progress_end(&p->progress);
	if (receive)
		packets_settle(p);
}

// What came back. NULL: not measured.
static const struct latency_summary *
latency_found(const struct program *p, struct latency_summary *ret)
{
	struct latency_total total = {0};

	if (!latency_wanted(p))
		return NULL;
	latency_total_add(&total, &p->latency, generator_stamp_tag(p->generator));
	latency_summarize(&total, ret);
	return ret;
}

// Of a capture the time that its stamps span, and of packets that are drawn one packet's time; not
// what writing it took.
static double
capture_seconds(const struct program *p)
{
	double last = (double)output_pcap_last_ns(p->pcap) / 1e9;

	return p->profile->replay.kind != REPLAY_NONE ? last :
		last + 1 / (double)p->profile->rate_pps;
}

static int
program_run(struct program *p, const sigset_t *signals, struct error *err)
{
	struct json_out totals = {0}, replay = {0};
	struct latency_summary latency;
	struct generator_stats stats;
	double seconds;
	int rc;

	generator_run(p, signals);
	generator_stats_get(p->generator, &stats);
	seconds = p->pcap == NULL ? stats.active_s : stats.sent == 0 ? 0 : capture_seconds(p);
	generator_replay_write(p->generator, &replay);
	rc = generator_answer_key_finish(p->generator, &totals, err);
	if (rc == 0 && (totals.failed || replay.failed))
		rc = error_set(err, -ENOMEM, "no memory for the report");
	if (rc == 0)
		rc = report_write(p->options.report, &(struct report){.stats = &stats,
			.seconds = seconds, .answer_key = totals.data, .replay = replay.data,
			.latency = latency_found(p, &latency)}, err);
	json_out_free(&totals);
	json_out_free(&replay);
	return rc;
}

static int
program_start(struct program *p, struct error *err)
{
	int rc = output_open(p, err);

	if (rc == 0)
		rc = generator_open(p, err);
	if (rc == 0 && p->options.names != NULL)
		rc = names_file_write(p->options.names, p->generator, err);
	return rc;
}

static int
program_main(struct program *p, const sigset_t *signals)
{
	struct error err;
	int rc;

	if (profile_load(p, &err) != 0)
		return arguments_wrong(&err);
	rc = eal_start(p, &err);
	if (rc != 0)
		return rc == -EINVAL ? arguments_wrong(&err) : run_failed(&err);
	if (p->options.pcap == NULL && rte_eth_dev_count_avail() == 0) {
		error_set(&err, -EINVAL, "no port: give EAL a device (-a or --vdev, before a --), "
			"or write a capture with --pcap FILE");
		return arguments_wrong(&err);
	}
	rc = program_start(p, &err);
	if (rc == 0)
		rc = program_run(p, signals, &err);
	generator_free(p->generator);
	if (p->pcap != NULL) {
		struct error fault;
		int closed = output_pcap_close(p->pcap, &fault);

		if (rc == 0 && closed != 0) {
			rc = closed;
			err = fault;
		}
	}
	output_port_free(p->port);
	rte_mempool_free(p->pool);
	rte_eal_cleanup();
	return rc == 0 ? 0 : run_failed(&err);
}

int
main(int argc, char **argv)
{
	struct program p = {0};
	struct error err;
	sigset_t signals;
	int status;

	if (options_parse(argc, argv, &p.options, &err) != 0)
		return arguments_wrong(&err);
	if (p.options.help) {
		options_help();
		return 0;
	}
	if (p.options.version) {
		puts("weir-pktgen " WEIR_VERSION);
		return 0;
	}
	// Blocked in every thread and fetched with sigtimedwait(): no handler, no state of its own.
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	status = program_main(&p, &signals);
	profile_free(p.profile);
	protocol_table_free(p.names);
	cJSON_Delete(p.json);
	return status;
}
