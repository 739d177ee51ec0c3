/* SPDX-License-Identifier: BSD-3-Clause */
#include "session_show.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <rte_ethdev.h>

#include "answer_key.h"
#include "base/json_tree.h"
#include "fields.h"
#include "plan.h"
#include "progress.h"

char *
session_latency(const struct session *s)
{
	uint64_t tag = generator_stamp_tag(s->generator);
	struct latency_total total = {0};
	struct latency_summary summary;
	struct json_out out = {0};

	if (s->port == NULL || tag == 0)
		return NULL;
	latency_total_add(&total, s->latency, tag);
	latency_summarize(&total, &summary);
	latency_write(&summary, &out);
	return json_out_take(&out);
}

void
session_profile_write(const struct session *s, struct json_out *out)
{
	cJSON *profile = generator_profile(s->generator);

	if (profile != NULL)
		json_tree_write(out, profile);
	else
		out->failed = true;
	cJSON_Delete(profile);
}

int
session_profile_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err)
{
	(void)params;
	(void)err;
	session_profile_write(s, out);
	return 0;
}

// Until the profile's end; infinite without one.
static double
time_left(const struct session *s, double pps)
{
	cJSON *profile = generator_profile(s->generator);
	const cJSON *packets = field_item(profile, "packets");
	const cJSON *duration = field_item(profile, "duration_s");
	struct generator_stats since;
	double left;

	sent_history_since(&s->history, s->generator, &since);
	left = progress_left(duration != NULL && s->pcap == NULL ? duration->valuedouble : 0,
		packets != NULL ? (uint64_t)packets->valuedouble : 0, &since, pps);
	cJSON_Delete(profile);
	return left;
}

int
session_counters_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err)
{
	struct generator_stats stats;
	double left;

	(void)params;
	(void)err;
	generator_stats_get(s->generator, &stats);
	left = time_left(s, stats.achieved_pps);
	json_out_open(out, '{');
	json_out_key_bool(out, "running", stats.running);
	json_out_key_bool(out, "done", generator_done(s->generator));
	json_out_key_u64(out, "sent", stats.sent);
	json_out_key_u64(out, "bytes", stats.bytes);
	json_out_key_u64(out, "dropped", stats.dropped);
	json_out_key_u64(out, "late", stats.late);
	json_out_key_f64(out, "achieved_pps", stats.achieved_pps);
	json_out_key_f64(out, "slowest_pps", stats.slowest_pps);
	json_out_key_f64(out, "fastest_pps", stats.fastest_pps);
	json_out_key_f64(out, "seconds", stats.active_s);
	json_out_key(out, "seconds_left");
	if (stats.running && isfinite(left))
		json_out_f64(out, left);
	else
		json_out_null(out);
	json_out_close(out, '}');
	return 0;
}

// file: NULL while the key is being written, and where there is none.
static void
key_row_write(struct json_out *out, uint64_t sent, uint64_t dropped, const char *key,
	const char *file, bool open)
{
	json_out_open(out, '{');
	json_out_key_u64(out, "sent", sent);
	json_out_key_u64(out, "dropped", dropped);
	json_out_key_bool(out, "open", open);
	json_out_key(out, "file");
	if (file != NULL)
		json_out_str(out, file);
	else
		json_out_null(out);
	json_out_key(out, "answer_key");
	json_out_raw(out, key != NULL ? key : "null");
	json_out_close(out, '}');
}

// The present profile: its key has the seconds that are over.
static void
key_present_write(const struct session *s, struct json_out *out)
{
	const struct answer_key *key = generator_plan(s->generator)->key;
	struct generator_stats since;
	struct json_out totals = {0};

	if (key != NULL)
		answer_key_totals_write(key, &totals);
	sent_history_since(&s->history, s->generator, &since);
	if (since.sent != 0 || since.dropped != 0)
		key_row_write(out, since.sent, since.dropped, totals.failed ? NULL : totals.data, NULL,
			true);
	json_out_free(&totals);
}

int
session_key_show(struct session *s, const cJSON *params, struct json_out *out, struct error *err)
{
	const struct sent_history *h = &s->history;

	(void)params;
	(void)err;
	json_out_open(out, '{');
	json_out_key(out, "profiles");
	json_out_open(out, '[');
	for (unsigned int i = 0; i < h->count; i++)
		key_row_write(out, h->entries[i].sent, h->entries[i].dropped,
			h->entries[i].key_protocols, h->entries[i].key_file, false);
	key_present_write(s, out);
	json_out_close(out, ']');
	json_out_close(out, '}');
	return 0;
}

static void
port_write(uint16_t port, struct json_out *out)
{
	char name[RTE_ETH_NAME_MAX_LEN] = "";
	struct rte_eth_stats stats = {0};
	struct rte_eth_link link = {0};

	rte_eth_dev_get_name_by_port(port, name);
	rte_eth_link_get_nowait(port, &link);
	rte_eth_stats_get(port, &stats);
	json_out_open(out, '{');
	json_out_key_str(out, "name", name);
	json_out_key_bool(out, "link", link.link_status == RTE_ETH_LINK_UP);
	json_out_key_u64(out, "opackets", stats.opackets);
	json_out_key_u64(out, "obytes", stats.obytes);
	json_out_key_u64(out, "oerrors", stats.oerrors);
	json_out_key_u64(out, "ipackets", stats.ipackets);
	json_out_key_u64(out, "ibytes", stats.ibytes);
	json_out_close(out, '}');
}

static void
capture_write(const struct session *s, struct json_out *out)
{
	uint64_t packets, bytes;

	output_pcap_counts(s->pcap, &packets, &bytes);
	json_out_open(out, '{');
	json_out_key_str(out, "name", s->pcap_path);
	json_out_key_u64(out, "opackets", packets);
	json_out_key_u64(out, "obytes", bytes);
	json_out_close(out, '}');
}

int
session_ports_show(struct session *s, const cJSON *params, struct json_out *out, struct error *err)
{
	uint16_t port;

	(void)params;
	(void)err;
	json_out_open(out, '[');
	if (s->pcap != NULL)
		capture_write(s, out);
	else
		RTE_ETH_FOREACH_DEV(port)
			port_write(port, out);
	json_out_close(out, ']');
	return 0;
}

int
session_latency_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err)
{
	char *latency = session_latency(s);

	(void)params;
	if (latency == NULL)
		return error_field(err, -EINVAL, "timestamps", "latency: not measured, allowed is to ports "
			"that receive, with a profile that has timestamps");
	json_out_raw(out, latency);
	free(latency);
	return 0;
}
