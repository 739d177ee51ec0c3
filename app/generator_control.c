/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "pipeline.h"
#include "plan.h"
#include "stats.h"

// generator.*: what the application does for the method table (control/control.h), on the control
// thread; and what reports say of the generator.

bool
pipeline_latency(const struct pipeline *p, struct latency_summary *ret)
{
	uint64_t tag = p->generator != NULL ? generator_stamp_tag(p->generator) : 0;
	struct latency_total total = {0};

	if (tag == 0)
		return false;
	for (unsigned int i = 0; i < p->worker_count; i++)
		latency_total_add(&total, &p->workers[i].latency, tag);
	latency_summarize(&total, ret);
	return true;
}

// null where the profile stamps no packets.
static cJSON *
latency_json(const struct pipeline *p)
{
	struct json_out out = {0};
	struct latency_summary s;
	cJSON *json;

	if (!pipeline_latency(p, &s))
		return cJSON_CreateNull();
	latency_write(&s, &out);
	json = out.failed ? cJSON_CreateNull() : cJSON_CreateRaw(out.data);
	json_out_free(&out);
	return json;
}

static void
counters_add(cJSON *o, const struct generator_stats *s)
{
	json_add_u64(o, "sent", s->sent);
	json_add_u64(o, "bytes", s->bytes);
	json_add_u64(o, "dropped", s->dropped);
	json_add_u64(o, "late", s->late);
	cJSON_AddNumberToObject(o, "achieved_pps", s->achieved_pps);
}

cJSON *
pipeline_generator_stats(const struct pipeline *p)
{
	struct generator_stats s;
	cJSON *o;

	if (p->generator == NULL)
		return cJSON_CreateNull();
	generator_stats_get(p->generator, &s);
	o = cJSON_CreateObject();
	counters_add(o, &s);
	cJSON_AddItemToObject(o, "latency", latency_json(p));
	return o;
}

cJSON *
generator_get_op(void *app)
{
	const struct pipeline *p = app;
	struct json_out replay = {0};
	struct generator_stats s;
	cJSON *o;

	if (p->generator == NULL)
		return NULL;
	generator_stats_get(p->generator, &s);
	o = cJSON_CreateObject();
	cJSON_AddBoolToObject(o, "running", s.running);
	counters_add(o, &s);
	cJSON_AddItemToObject(o, "latency", latency_json(p));
	generator_replay_write(p->generator, &replay);
	cJSON_AddRawToObject(o, "replay", replay.failed ? "null" : replay.data);
	json_out_free(&replay);
	cJSON_AddItemToObject(o, "profile", generator_profile(p->generator));
	return o;
}

static int
generator_is_free(const struct pipeline *p, struct error *err)
{
	if (!calibration_is_on(p->calibration))
		return 0;
	return error_set(err, -EBUSY, "the generator is being calibrated, see "
		"generator.calibration");
}

int
generator_set_op(void *app, const cJSON *changes, struct error *err)
{
	struct pipeline *p = app;
	int rc = generator_is_free(p, err);

	if (rc != 0)
		return rc;
	reconfigure_touch(p);
	return generator_set(p->generator, changes, err);
}

int
generator_run_op(void *app, bool run, struct error *err)
{
	struct pipeline *p = app;
	int rc = generator_is_free(p, err);

	if (rc != 0)
		return rc;
	// Reading it again would take the control thread too long.
	if (run && generator_plan(p->generator)->replay != NULL && generator_done(p->generator))
		return error_set(err, -EBUSY, "the replay has ended; another one needs a new start of "
			"the program");
	if (run)
		generator_start(p->generator);
	else
		generator_stop(p->generator);
	return 0;
}

int
generator_calibrate_op(void *app, const cJSON *profile, uint32_t seconds, struct error *err)
{
	struct pipeline *p = app;

	// It would keep the rollback from being on time.
	if (p->config.confirm_us != 0)
		return error_set(err, -EBUSY, "a change waits for config.confirm or config.rollback");
	return calibration_start(p->calibration, profile, seconds, err);
}

cJSON *
generator_calibration_op(void *app)
{
	const struct pipeline *p = app;

	return calibration_json(p->calibration);
}
