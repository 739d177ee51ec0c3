/* SPDX-License-Identifier: BSD-3-Clause */
#include "calibrate_internal.h"
#include "pipeline.h"
#include "stats.h"

// State and outcome of a calibration as JSON. Control thread.

static const char *const phases[] = {
	[CALIBRATION_SETTLING] = "settling",
	[CALIBRATION_RUNNING] = "running",
	[CALIBRATION_STOPPING] = "draining",
	[CALIBRATION_DRAINING] = "draining",
};

static const char *const event_types[] = {
	[EVENT_SURGE] = "surge",
	[EVENT_SCAN] = "scan",
	[EVENT_SYN_FLOOD] = "syn_flood",
	[EVENT_OUTAGE] = "outage",
};

static bool
query_exact(const struct calibration_run *r, unsigned int i)
{
	return r->score[i].windows == r->due && answer_score_exact(&r->score[i]);
}

static bool
run_exact(const struct calibration_run *r)
{
	bool exact = r->due > 0 && r->foreign == 0 && r->unreceived == 0;

	for (unsigned int i = 0; i < ANSWER_QUERIES; i++)
		exact &= query_exact(r, i);
	return exact;
}

static cJSON *
query_json(const struct calibration_run *r, enum answer_query query)
{
	const struct answer_score *s = &r->score[query];
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "query", answer_query_name(query));
	json_add_u64(o, "windows", s->windows);
	json_add_u64(o, "windows_missing", r->due - RTE_MIN(r->due, s->windows));
	json_add_u64(o, "rows_expected", s->expected);
	json_add_u64(o, "rows_found", s->found);
	cJSON_AddNumberToObject(o, "precision", answer_score_precision(s));
	cJSON_AddNumberToObject(o, "recall", answer_score_recall(s));
	json_add_u64(o, "count_error", s->count_error);
	json_add_u64(o, "total_error", s->total_error);
	json_add_u64(o, "rank_errors", s->rank_errors);
	return o;
}

static bool
event_before(const struct calibration_event *e)
{
	bool before = false;

	for (unsigned int i = 0; i < ANSWER_QUERIES; i++)
		before |= e->before[i];
	return before;
}

// null where none was raised.
static cJSON *
alert_json(const struct calibration_event *e)
{
	cJSON *o;

	if (!e->alerted)
		return cJSON_CreateNull();
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "query", e->alert_query);
	cJSON_AddBoolToObject(o, "before", e->alert_before);
	cJSON_AddNumberToObject(o, "delay_ms", e->alert_seconds * 1e3);
	return o;
}

static cJSON *
event_json(const struct calibration_event *e)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "type", event_types[e->type]);
	cJSON_AddStringToObject(o, "key", e->key);
	cJSON_AddNumberToObject(o, "at_s", e->at_s);
	cJSON_AddBoolToObject(o, "sent", e->caused);
	cJSON_AddBoolToObject(o, "before", event_before(e));
	if (e->seen) {
		cJSON_AddStringToObject(o, "query", answer_query_name(e->query));
		json_add_u64(o, "slides", e->slides);
		cJSON_AddNumberToObject(o, "delay_ms", e->seconds * 1e3);
	} else {
		cJSON_AddNullToObject(o, "query");
		cJSON_AddNullToObject(o, "slides");
		cJSON_AddNullToObject(o, "delay_ms");
	}
	cJSON_AddItemToObject(o, "alert", alert_json(e));
	return o;
}

static void
packets_write(const struct calibration *c, cJSON *o)
{
	double seconds = (double)(c->end_us - c->begun_us) / 1e6;

	json_add_u64(o, "sent", c->after.sent - c->before.sent);
	json_add_u64(o, "dropped", c->after.dropped - c->before.dropped);
	json_add_u64(o, "late", c->after.late - c->before.late);
	json_add_u64(o, "received", c->run.received);
	json_add_u64(o, "unreceived", c->run.unreceived);
	json_add_u64(o, "foreign", c->run.foreign);
	json_add_u64(o, "alerts_lost", __atomic_load_n(&c->alerts_lost, __ATOMIC_RELAXED));
	cJSON_AddNumberToObject(o, "sent_s", seconds);
	cJSON_AddNumberToObject(o, "achieved_pps", seconds > 0 ?
		(double)(c->after.sent - c->before.sent) / seconds : 0);
}

static void
outcome_write(const struct calibration *c, cJSON *o)
{
	const struct calibration_run *r = &c->run;
	cJSON *list;

	packets_write(c, o);
	cJSON_AddBoolToObject(o, "exact", run_exact(r));
	list = cJSON_AddArrayToObject(o, "queries");
	for (unsigned int i = 0; i < ANSWER_QUERIES; i++)
		cJSON_AddItemToArray(list, query_json(r, i));
	list = cJSON_AddArrayToObject(o, "events");
	for (uint32_t i = 0; i < r->event_count; i++)
		cJSON_AddItemToArray(list, event_json(&r->events[i]));
	cJSON_AddItemToObject(o, "profile", cJSON_Duplicate(c->profile, true));
}

cJSON *
calibration_json(const struct calibration *c)
{
	bool never = c->serials == 0, failed = c->run.err.text[0] != '\0';
	bool sent = c->phase == CALIBRATION_STOPPING || c->phase == CALIBRATION_DRAINING;
	double passed = c->begun_us == 0 ? 0 : (double)(clock_monotonic_us() - c->begun_us) / 1e6;
	cJSON *o = cJSON_CreateObject();

	if (calibration_is_on(c)) {
		cJSON_AddStringToObject(o, "state", phases[c->phase]);
		cJSON_AddNumberToObject(o, "seconds", c->seconds);
		cJSON_AddNumberToObject(o, "passed_s", passed);
		cJSON_AddNumberToObject(o, "progress", sent ? 1 : RTE_MIN(passed / c->seconds, 1.0));
		return o;
	}
	cJSON_AddStringToObject(o, "state", never ? "never" : failed ? "failed" : "done");
	if (never)
		return o;
	cJSON_AddNumberToObject(o, "seconds", c->seconds);
	if (failed)
		cJSON_AddStringToObject(o, "error", c->run.err.text);
	else
		outcome_write(c, o);
	return o;
}
