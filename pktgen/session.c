/* SPDX-License-Identifier: BSD-3-Clause */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_replace.h"
#include "control/control.h"
#include "fields.h"
#include "plan.h"
#include "profile_file.h"
#include "profile_path.h"
#include "session_show.h"

// Methods that change something; those that show something are in session_show.c.

#define NS_PER_S_U64 UINT64_C(1000000000)
#define REPLAY_GAP_NS UINT64_C(1000)

// The next profile's packets come one packet's time after the last of this one.
static void
capture_continue(struct session *s, const cJSON *profile)
{
	const cJSON *rate = cJSON_GetObjectItemCaseSensitive(profile, "rate_pps");
	uint64_t gap = REPLAY_GAP_NS;

	if (cJSON_IsNumber(rate) && rate->valuedouble >= 1)
		gap = NS_PER_S_U64 / (uint64_t)rate->valuedouble;
	output_pcap_continue(s->pcap, gap);
}

void
session_retire(void *session, struct plan *plan, const cJSON *profile)
{
	struct session *s = session;

	sent_history_add(&s->history, s->generator, plan, profile, session_latency(s));
	if (s->pcap != NULL)
		capture_continue(s, profile);
}

static void
key_end(struct session *s)
{
	if (generator_done(s->generator) && generator_plan(s->generator)->key != NULL)
		generator_finish(s->generator);
}

void
session_tick(struct session *s)
{
	if (pthread_mutex_trylock(&s->lock) != 0)
		return;
	generator_answer_key_fold(s->generator);
	key_end(s);
	pthread_mutex_unlock(&s->lock);
}

// A capture has packet times, which come from a rate.
static int
capture_suits(const struct session *s, const cJSON *profile, struct error *err)
{
	struct profile *p;
	int rc = 0;

	if (s->pcap == NULL)
		return 0;
	p = profile_create(profile, s->protocols, err);
	if (p == NULL)
		return -EINVAL;
	if (p->replay.kind == REPLAY_NONE && p->rate_pps == 0)
		rc = error_field(err, -EINVAL, "rate_pps", "rate_pps: found 0, allowed is 1 or more with "
			"--pcap: packet times come from it");
	profile_free(p);
	return rc;
}

// A capture is written as fast as possible, so without an end it would fill the disk.
static int
capture_ends(const struct session *s, const cJSON *profile, struct error *err)
{
	const cJSON *replay = field_item(profile, "replay");

	if (s->pcap == NULL || field_item(profile, "duration_s") != NULL ||
			field_item(profile, "packets") != NULL ||
			(replay != NULL && !cJSON_IsTrue(field_item(replay, "loop"))))
		return 0;
	return error_field(err, -EINVAL, "duration_s", "duration_s: found no end, allowed with --pcap is "
		"a profile with duration_s or packets, or start with a duration");
}

static int
profile_change(struct session *s, const cJSON *profile, bool anew, struct error *err)
{
	int rc = capture_suits(s, profile, err);
	struct generator_stats stats;

	generator_stats_get(s->generator, &stats);
	if (rc == 0 && stats.running)
		rc = capture_ends(s, profile, err);
	if (rc == 0)
		rc = sent_history_room(&s->history, err);
	// What was sent was sent at the rate before, and a rate alone does not end a profile.
	if (rc == 0 && generator_done(s->generator))
		generator_finish(s->generator);
	return rc == 0 ? generator_change(s->generator, profile, anew, err) : rc;
}

static int
start_now(struct session *s, const cJSON *profile, const cJSON *duration, struct error *err)
{
	cJSON *changed;
	int rc;

	if (duration == NULL) {
		rc = capture_ends(s, profile, err);
		if (rc == 0 && generator_done(s->generator))
			rc = profile_change(s, profile, true, err);
	} else {
		changed = profile_path_set(profile, "duration_s", duration, err);
		rc = changed != NULL ? profile_change(s, changed, true, err) : -EINVAL;
		cJSON_Delete(changed);
	}
	if (rc == 0)
		generator_start(s->generator);
	return rc;
}

static int
method_start(struct session *s, const cJSON *params, struct json_out *out, struct error *err)
{
	struct generator_stats stats;
	cJSON *profile;
	int rc;

	generator_stats_get(s->generator, &stats);
	if (stats.running)
		return error_set(err, -EBUSY, "it is sending already; stop ends that");
	profile = generator_profile(s->generator);
	rc = start_now(s, profile, field_item(params, "duration_s"), err);
	cJSON_Delete(profile);
	json_out_raw(out, "\"running\"");
	return rc;
}

static int
method_stop(struct session *s, const cJSON *params, struct json_out *out, struct error *err)
{
	(void)params;
	(void)err;
	generator_stop(s->generator);
	json_out_raw(out, "\"stopped\"");
	return 0;
}

static int
method_set(struct session *s, const cJSON *params, struct json_out *out, struct error *err)
{
	const char *field = cJSON_GetStringValue(field_item(params, "field"));
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(params, "value");
	cJSON *profile, *changed = NULL;
	int rc = -EINVAL;

	if (field == NULL || value == NULL)
		return error_set(err, -EINVAL, "profile.set takes a field and a value");
	profile = generator_profile(s->generator);
	changed = profile_path_set(profile, field, value, err);
	if (changed != NULL)
		rc = profile_change(s, changed, false, err);
	cJSON_Delete(changed);
	cJSON_Delete(profile);
	if (rc == 0)
		session_profile_write(s, out);
	return rc;
}

static int
method_load(struct session *s, const cJSON *params, struct json_out *out, struct error *err)
{
	const char *path = cJSON_GetStringValue(field_item(params, "file"));
	struct error fault = {0};
	char *text = NULL;
	cJSON *profile;
	int rc;

	if (path == NULL)
		return error_set(err, -EINVAL, "profile.load takes a file");
	profile = profile_file_read(path, "load", &text, err);
	if (profile == NULL)
		return -EINVAL;
	rc = profile_change(s, profile, true, &fault);
	if (rc != 0)
		error_field(err, rc, fault.field, "%s:%u: %s", path,
			profile_file_line(text, fault.field), fault.text);
	else
		session_profile_write(s, out);
	cJSON_Delete(profile);
	free(text);
	return rc;
}

static int
method_save(struct session *s, const cJSON *params, struct json_out *out, struct error *err)
{
	const char *path = cJSON_GetStringValue(field_item(params, "file"));
	cJSON *profile;
	char *text;
	int rc;

	if (path == NULL)
		return error_set(err, -EINVAL, "profile.save takes a file");
	profile = generator_profile(s->generator);
	text = cJSON_Print(profile);
	rc = text != NULL ? file_replace(path, text) : -ENOMEM;
	if (rc != 0)
		error_set(err, rc, "save: cannot write %s: %s", path, strerror(-rc));
	json_out_str(out, path);
	cJSON_free(text);
	cJSON_Delete(profile);
	return rc;
}

static const struct method {
	const char *name;
	int (*run)(struct session *s, const cJSON *params, struct json_out *out, struct error *err);
	bool quiet;  // the console asks without telling what is wrong, to wait and to complete
} methods[] = {
	{"generator.get", session_counters_show, true},
	{"generator.start", method_start, false},
	{"generator.stop", method_stop, false},
	{"profile.get", session_profile_show, true},
	{"profile.set", method_set, false},
	{"profile.load", method_load, false},
	{"profile.save", method_save, false},
	{"key.get", session_key_show, false},
	{"ports.list", session_ports_show, false},
	{"latency.get", session_latency_show, false},
};

static const struct method *
method_find(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

static int
method_run(struct session *s, const char *name, const cJSON *params, struct json_out *out,
	struct error *err)
{
	const struct method *m = method_find(name);
	int rc;

	pthread_mutex_lock(&s->lock);
	generator_answer_key_fold(s->generator);
	key_end(s);
	rc = m != NULL ? m->run(s, params, out, err) : -EINVAL;
	// A key that could not be written is told once: by the next command that tells, or at the end.
	if (rc == 0 && !m->quiet && s->history.fault.text[0] != '\0') {
		*err = s->history.fault;
		s->history.fault.text[0] = '\0';
		rc = -EIO;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

int
session_ask(void *session, const char *method, const char *params_json, char **ret_json)
{
	struct error err = {.text = "out of memory"};
	cJSON *params = params_json != NULL ? cJSON_Parse(params_json) : NULL;
	struct json_out out = {0};
	int rc = method_run(session, method, params, &out, &err);

	cJSON_Delete(params);
	if (rc == 0 && out.failed)
		rc = -ENOMEM;
	if (rc != 0) {
		json_out_free(&out);
		out = (struct json_out){0};
		rc = rc == -EINVAL ? CALL_INVALID_PARAMS : CALL_REFUSED;
		json_out_open(&out, '{');
		json_out_key_i64(&out, "code", rc);
		json_out_key_str(&out, "message", err.text);
		json_out_key(&out, "data");
		json_out_open(&out, '{');
		json_out_key_str(&out, "field", err.field);
		json_out_close(&out, '}');
		json_out_close(&out, '}');
	}
	*ret_json = json_out_take(&out);
	return rc;
}
