/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "fields.h"
#include "generator.h"
#include "names_file.h"
#include "profile_file.h"
#include "program.h"
#include "report.h"
#include "weir_build.h"

#define POOL_PACKETS 8192          // of each lcore, which ports hold for a while
#define POOL_PACKETS_CAPTURE 2048  // which are given back at once
#define POOL_CACHE 256

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

// With a console, an end is asked for by `start`.
static int
pcap_suits(const struct program *p, struct error *err)
{
	if (p->profile->replay.kind != REPLAY_NONE)
		return p->options.interactive ? 0 : pcap_suits_replay(p, err);
	if (p->profile->rate_pps == 0)
		return error_field(err, -EINVAL, "rate_pps",
			"rate_pps: found 0, allowed is 1 or more with --pcap: packet times come "
			"from it");
	if (p->profile->packets == 0 && p->profile->duration_s <= 0 && !p->options.interactive)
		return error_field(err, -EINVAL, "duration_s",
			"duration_s: found no end, allowed with --pcap is a profile with "
			"duration_s or packets, or the option --duration or --packets");
	return 0;
}

// The profile's JSON, and its text. With a console the first one may be that of the demo.
static cJSON *
profile_text(const char *path, char **ret_text, struct error *err)
{
	cJSON *json;

	if (path != NULL)
		return profile_file_read(path, "--profile", ret_text, err);
	*ret_text = strdup(generator_default_profile());
	json = cJSON_Parse(*ret_text);
	if (json == NULL)
		error_set(err, -ENOMEM, "no memory for a generator profile");
	return json;
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
	p->json = profile_text(path, &text, err);
	if (p->json == NULL)
		return -EINVAL;
	if (cJSON_IsObject(p->json))
		overrides_apply(&p->options, p->json);
	p->profile = profile_create(p->json, p->names, &fault);
	if (p->profile == NULL || (p->options.pcap != NULL && pcap_suits(p, &fault) != 0))
		rc = error_field(err, -EINVAL, fault.field, "%s:%u: %s",
			path != NULL ? path : "default profile",
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

// Later profiles are to find room as well; a capture has no MTU.
static uint32_t
frame_largest(const struct program *p)
{
	if (p->options.interactive && p->options.pcap != NULL)
		return SIZE_BYTES_MAX;
	return RTE_MAX(profile_frame_largest(p->profile), (uint32_t)RTE_ETHER_MAX_LEN);
}

static int
output_open(struct program *p, struct error *err)
{
	uint32_t largest = frame_largest(p);
	unsigned int workers = rte_lcore_count() - 1, packets;

	p->lcores = p->options.pcap != NULL || workers == 0 ||
			p->profile->replay.kind != REPLAY_NONE ? 1 :
		RTE_MIN(workers, (unsigned int)GENERATOR_LCORES_MAX);
	packets = p->options.pcap != NULL ? POOL_PACKETS_CAPTURE : POOL_PACKETS * p->lcores;
	p->pool = rte_pktmbuf_pool_create("weir_pktgen", packets, POOL_CACHE, 0,
		(uint16_t)(largest + RTE_PKTMBUF_HEADROOM), (int)rte_socket_id());
	if (p->pool == NULL)
		return error_set(err, -rte_errno, "no memory for %u packets of %u bytes: %s",
			packets, largest, rte_strerror(rte_errno));
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
		.retire = p->options.interactive ? session_retire : NULL,
		.retire_arg = &p->session,
	};

	for (unsigned int i = 0; p->port != NULL && i < p->lcores; i++)
		params.send_args[i] = output_port_queue(p->port, (uint16_t)i);
	p->generator = generator_create(&params, p->json, err);
	return p->generator != NULL ? 0 : -EINVAL;
}

// What came back. NULL: not measured.
static const struct latency_summary *
latency_found(const struct program *p, struct latency_summary *ret)
{
	struct latency_total total = {0};

	if (!program_latency_wanted(p))
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
	cJSON *profile = generator_profile(p->generator);
	const cJSON *rate = field_item(profile, "rate_pps");
	double seconds = (double)output_pcap_last_ns(p->pcap) / 1e9;

	if (rate != NULL)
		seconds += 1 / rate->valuedouble;
	cJSON_Delete(profile);
	return seconds;
}

// What was sent under all profiles; the answer key, where there was one profile only.
static void
interactive_finish(struct program *p, struct json_out *totals, struct json_out *profiles)
{
	struct sent_history *h = &p->session.history;

	generator_finish(p->generator);
	json_out_raw(totals, h->count == 1 && h->entries[0].key_totals != NULL ?
		h->entries[0].key_totals : "null");
	sent_history_write(h, profiles);
}

static int
report_make(struct program *p, struct error *err)
{
	struct json_out totals = {0}, replay = {0}, profiles = {0};
	struct latency_summary latency;
	struct generator_stats stats;
	double seconds;
	int rc = 0;

	if (p->options.interactive)
		interactive_finish(p, &totals, &profiles);
	else
		rc = generator_answer_key_finish(p->generator, &totals, err);
	generator_stats_get(p->generator, &stats);
	seconds = p->pcap == NULL ? stats.active_s : stats.sent == 0 ? 0 : capture_seconds(p);
	generator_replay_write(p->generator, &replay);
	if (rc == 0 && (totals.failed || replay.failed || profiles.failed))
		rc = error_set(err, -ENOMEM, "no memory for the report");
	if (rc == 0)
		rc = report_write(p->options.report, &(struct report){.stats = &stats,
			.seconds = seconds, .answer_key = totals.data, .replay = replay.data,
			.profiles = profiles.data, .latency = latency_found(p, &latency)}, err);
	// A key of one profile that could not be written: the report has the others.
	if (rc == 0 && p->session.history.fault.text[0] != '\0') {
		*err = p->session.history.fault;
		rc = -EIO;
	}
	json_out_free(&totals);
	json_out_free(&replay);
	json_out_free(&profiles);
	return rc;
}

// Gives back the exit status.
static int
program_run(struct program *p, const sigset_t *signals, struct error *err)
{
	bool commands_well = true;
	int rc;

	if (p->options.interactive && program_console_start(p, err) != 0)
		return run_failed(err);
	program_send(p, signals);
	if (p->options.interactive)
		commands_well = program_console_stop(p);
	program_settle(p);
	rc = report_make(p, err);
	if (rc != 0)
		return run_failed(err);
	return commands_well ? 0 : 1;
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
	int rc, status;

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
	status = program_start(p, &err) == 0 ? program_run(p, signals, &err) : run_failed(&err);
	generator_free(p->generator);
	if (p->pcap != NULL && output_pcap_close(p->pcap, &err) != 0 && status == 0)
		status = run_failed(&err);
	output_port_free(p->port);
	rte_mempool_free(p->pool);
	rte_eal_cleanup();
	return status;
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
	sent_history_free(&p.session.history);
	profile_free(p.profile);
	protocol_table_free(p.names);
	cJSON_Delete(p.json);
	return status;
}
