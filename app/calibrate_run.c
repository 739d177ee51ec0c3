/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ring_elem.h>

#include "calibrate_internal.h"
#include "pipeline.h"

// The calibration's thread. The merge lcore says how many packets each slice had; so many are taken
// from the log of what was sent, and the answer key counts them for that slice. Then the results
// of the windows that end with it are compared.

#define IDLE_US 2000
#define SETTLE_SLICES_MAX 20  // until one is empty
#define DRAIN_SLICES_MAX 3    // for what was sent and is not received
#define GAP_SLICES_MAX 60     // without a pane: a lcore that did not get to run

static void
run_fail(struct calibration_run *r, const char *text)
{
	error_set(&r->err, -EIO, "%s", text);
}

static void
slice_end(struct calibration_run *r)
{
	while (!answer_key_turn(r->key, 0, r->slices + 1))
		answer_key_fold(r->key);
	answer_key_fold(r->key);
	r->slices++;
	if (r->slices >= r->window_slices && (r->base + r->slices) % r->slide_slices == 0)
		r->due++;
}

// Slices that no pane came of, until `index` is next.
static bool
gap_cross(struct calibration_run *r, uint64_t index)
{
	uint64_t next = r->base + r->slices;

	if (index < next || index - next > GAP_SLICES_MAX) {
		run_fail(r, "the clock stepped while calibrating");
		return false;
	}
	for (; next < index; next++)
		slice_end(r);
	return true;
}

// The segment has sent its first packet: events that begin with it, or began before unseen.
static void
segments_begin(struct calibration_run *r, uint32_t segment)
{
	r->segments = segment + 1;
	for (uint32_t i = 0; i < r->event_count; i++) {
		struct calibration_event *e = &r->events[i];

		if (e->caused || e->segment > segment)
			continue;
		e->caused = true;
		e->slice = r->base + r->slices;
	}
}

static void
packets_count(struct calibration_run *r, uint64_t packets)
{
	struct burst b;

	while (packets > 0) {
		uint32_t segment = 0;
		uint16_t n = sent_log_take(r->log, packets, &b, &segment);

		if (n == 0) {
			r->foreign += packets;
			return;
		}
		if (segment >= r->segments)
			segments_begin(r, segment);
		while (!answer_key_ready(r->key, 0))
			answer_key_fold(r->key);
		answer_key_count(r->key, 0, &b, 0);
		r->received += n;
		packets -= n;
	}
}

// Before sending: a whole slice without packets shows that nothing is under way any more.
static void
base_find(struct calibration *c, uint64_t index, uint64_t packets)
{
	struct calibration_run *r = &c->run;

	if (index < r->from_index)
		return;
	if (packets != 0) {
		if (++r->waited >= SETTLE_SLICES_MAX)
			run_fail(r, "packets keep coming that the generator does not send");
		return;
	}
	r->based = true;
	r->base = index;
	r->waited = 0;
	slice_end(r);
	__atomic_store_n(&c->progress, CALIBRATION_READY, __ATOMIC_RELEASE);
}

// All that was sent has been received, or is not coming any more.
static bool
drained(struct calibration *c)
{
	struct calibration_run *r = &c->run;

	if (__atomic_load_n(&c->phase, __ATOMIC_ACQUIRE) != CALIBRATION_DRAINING)
		return false;
	r->unreceived = sent_log_count(r->log);
	return r->unreceived == 0 || ++r->waited > DRAIN_SLICES_MAX;
}

// True when it is over.
static bool
slice_take(struct calibration *c, uint64_t index, uint64_t packets)
{
	struct calibration_run *r = &c->run;

	if (!r->based) {
		base_find(c, index, packets);
		return r->err.text[0] != '\0';
	}
	if (drained(c) || !gap_cross(r, index))
		return true;
	packets_count(r, packets);
	slice_end(r);
	if (sent_log_lost(r->log) != 0)
		run_fail(r, "the calibration could not keep up: lower the rate");
	return r->err.text[0] != '\0';
}

static bool
rows_have(const cJSON *result, const char *key)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(result, "rows")) {
		const char *text = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(row, "key"));

		if (text != NULL && strcmp(text, key) == 0)
			return true;
	}
	return false;
}

static double
seconds_since(const struct calibration_run *r, const struct calibration_event *e, uint64_t tsc)
{
	return (double)(tsc - sent_log_begun(r->log, e->segment)) / (double)rte_get_tsc_hz();
}

// Does the result, after so many slices, show an event that earlier ones did not?
static void
events_look(struct calibration_run *r, enum answer_query query, const cJSON *result, uint64_t tsc)
{
	if (query == ANSWER_PROTOCOL_TOPK || query == ANSWER_IP_TOPK)
		return;
	for (uint32_t i = 0; i < r->event_count; i++) {
		struct calibration_event *e = &r->events[i];
		bool has = rows_have(result, e->key);

		if (!e->caused)
			e->before[query] = has;
		if (!e->caused || e->seen || !has || e->before[query])
			continue;
		e->seen = true;
		e->query = query;
		e->slides = (r->base + r->slices - e->slice - 1) / r->slide_slices + 1;
		e->seconds = seconds_since(r, e, tsc);
	}
}

static bool
result_take(struct calibration_run *r, const struct document *d, uint64_t tsc)
{
	uint64_t pane_us = r->pipeline->options.pane_us;
	enum answer_query query = query_builtin_find(d->name);
	cJSON *result;
	int rc = 0;

	if (!r->based)
		return false;
	if (!gap_cross(r, d->end_us / pane_us))
		return true;
	result = cJSON_ParseWithLength(d->json, d->len);
	if (result == NULL) {
		run_fail(r, "out of memory");
		return true;
	}
	if (d->start_us >= r->base * pane_us)
		rc = answer_score_add(&r->score[query], r->window, r->plan, query,
			&r->parameters, result);
	events_look(r, query, result, tsc);
	cJSON_Delete(result);
	if (rc != 0)
		run_fail(r, "out of memory");
	return rc != 0;
}

// An alert of whichever query or limit: the first one that is raised for an event's key.
static void
alert_note(struct calibration_run *r, struct calibration_event *e, const struct document *d,
	bool raised, uint64_t tsc)
{
	if (!e->caused)
		e->alert_before |= raised;
	if (!e->caused || !raised || e->alerted)
		return;
	e->alerted = true;
	memcpy(e->alert_query, d->name, sizeof(e->alert_query));
	e->alert_seconds = seconds_since(r, e, tsc);
}

// True when it is over: memory ran out.
static bool
alert_take(struct calibration_run *r, const struct document *d, uint64_t tsc)
{
	cJSON *alert = r->event_count > 0 ? cJSON_ParseWithLength(d->json, d->len) : NULL;
	const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(alert, "key"));
	const char *state = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(alert, "state"));

	if (r->event_count > 0 && alert == NULL)
		run_fail(r, "out of memory");
	for (uint32_t i = 0; key != NULL && state != NULL && i < r->event_count; i++)
		if (strcmp(r->events[i].key, key) == 0)
			alert_note(r, &r->events[i], d, strcmp(state, "raised") == 0, tsc);
	cJSON_Delete(alert);
	return r->err.text[0] != '\0';
}

static bool
message_take(struct calibration *c, const struct calibration_message *m)
{
	if (m->serial != c->run.serial)
		return false;
	if (__atomic_load_n(&c->messages_lost, __ATOMIC_RELAXED) != 0) {
		run_fail(&c->run, "the calibration could not keep up: lower the rate");
		return true;
	}
	if (m->document == NULL)
		return slice_take(c, m->index, m->number);
	if (m->document->kind == DOCUMENT_ALERT)
		return alert_take(&c->run, m->document, m->number);
	return result_take(&c->run, m->document, m->number);
}

void *
calibration_thread(void *calibration)
{
	struct calibration *c = calibration;
	struct calibration_message m;
	bool over = false;

	while (!over && !__atomic_load_n(&c->quit, __ATOMIC_RELAXED)) {
		if (rte_ring_sc_dequeue_elem(c->messages, &m, sizeof(m)) != 0) {
			usleep(IDLE_US);
			continue;
		}
		over = message_take(c, &m);
		document_put(m.document);
	}
	__atomic_store_n(&c->progress, CALIBRATION_ENDED, __ATOMIC_RELEASE);
	return NULL;
}
