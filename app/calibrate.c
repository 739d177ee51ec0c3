/* SPDX-License-Identifier: BSD-3-Clause */
#include "calibrate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ring_elem.h>

#include "base/log.h"
#include "calibrate_internal.h"
#include "pipeline.h"

// The control thread's half: takes the generator, makes what the thread needs, lets it run, and
// gives everything back. And the merge lcore's: messages to the thread.

#define MESSAGES 1024
#define LOG_SECONDS 4.0            // of packets on their way, and of a merge lcore that is late
#define LOG_PACKETS_MIN 65536.0
#define LOG_PACKETS_MAX 16777215.0  // 256 MiB
#define WINDOW_BYTES_MAX (UINT64_C(1) << 30)

struct calibration *
calibration_create(struct pipeline *p)
{
	struct calibration *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->run.pipeline = p;
	c->messages = rte_ring_create_elem("calibration", sizeof(struct calibration_message),
		MESSAGES, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (c->messages != NULL)
		return c;
	free(c);
	errno = rte_errno;
	return NULL;
}

static void
messages_drop(struct calibration *c)
{
	struct calibration_message m;

	while (rte_ring_sc_dequeue_elem(c->messages, &m, sizeof(m)) == 0)
		document_put(m.document);
}

static void
message_put(struct calibration *c, struct calibration_message *m)
{
	if (rte_ring_sp_enqueue_elem(c->messages, m, sizeof(*m)) == 0)
		return;
	document_put(m->document);
	__atomic_add_fetch(&c->messages_lost, 1, __ATOMIC_RELAXED);
}

void
calibration_slice(struct calibration *c, uint64_t index, uint64_t packets)
{
	struct calibration_message m = {.index = index, .number = packets};

	m.serial = c != NULL ? __atomic_load_n(&c->serial, __ATOMIC_ACQUIRE) : 0;
	if (m.serial != 0)
		message_put(c, &m);
}

void
calibration_document(struct calibration *c, struct document *d)
{
	struct calibration_message m = {.number = rte_rdtsc()};

	m.serial = c != NULL ? __atomic_load_n(&c->serial, __ATOMIC_ACQUIRE) : 0;
	if (m.serial == 0 || (d->kind != DOCUMENT_ALERT && (d->kind != DOCUMENT_RESULT ||
			query_builtin_find(d->name) >= QUERY_BUILTINS)))
		return;
	// Many keys may be outside a limit at once: that must not be what makes slices wait in vain.
	if (d->kind == DOCUMENT_ALERT && rte_ring_count(c->messages) > MESSAGES / 2) {
		__atomic_add_fetch(&c->alerts_lost, 1, __ATOMIC_RELAXED);
		return;
	}
	m.document = document_get(d);
	message_put(c, &m);
}

bool
calibration_is_on(const struct calibration *c)
{
	return c != NULL && c->phase != CALIBRATION_IDLE;
}

// What a calibration cannot be exact with is refused.
static int
input_check(const struct pipeline *p, struct error *err)
{
	if (p->worker_count != 1)
		return error_set(err, -ENOTSUP, "calibrate: needs one worker, found %u: packets of "
			"several have no common order", p->worker_count);
	if (p->port_count != 1)
		return error_set(err, -ENOTSUP, "calibrate: needs the generator's port alone, found "
			"%u ports", p->port_count);
	if (!p->settings.current->running)
		return error_set(err, -EBUSY, "calibrate: the processor is stopped");
	if (p->options.generator == NULL && p->options.protocols != NULL)
		return error_field(err, -ENOTSUP, "protocols", "protocols: calibrate needs a "
			"`generator` beside them in the configuration; the built-in profile "
			"has the built-in protocols");
	return 0;
}

static int
queries_check(const struct query_set *set, struct error *err)
{
	for (unsigned int i = 0; i < QUERY_BUILTINS; i++) {
		const struct query_spec *s = query_set_find(set, query_builtin_name(i));

		if (s == NULL || !s->builtin || s->paused ||
				s->dimension.scope != QUERY_SCOPE_ALL)
			return error_field(err, -ENOTSUP, "queries", "queries: calibrate needs the "
				"built-in %s as it is, not paused and without local_networks",
				query_builtin_name(i));
	}
	return 0;
}

static int
seconds_check(const struct query_parameters *q, uint32_t seconds, struct error *err)
{
	if (seconds >= q->T)
		return 0;
	return error_field(err, -EINVAL, "seconds", "seconds: found %u, allowed: from T (%u) to %u, "
		"so that a whole window is seen", seconds, q->T, CALIBRATE_SECONDS_MAX);
}

static int
replay_check(const struct pipeline *p, const cJSON *changes, struct error *err)
{
	if (generator_plan(p->generator)->replay == NULL &&
			!cJSON_HasObjectItem(changes, "replay"))
		return 0;
	return error_field(err, -EINVAL, "profile.replay", "profile.replay: found a replay, allowed "
		"are profiles of drawn packets while calibrating");
}

// Packets per second at most, of all segments.
static double
plan_rate_most(const struct plan *plan)
{
	uint64_t most = 0;

	for (uint32_t i = 0; i < plan->segment_count; i++)
		most = RTE_MAX(most, plan_segment_rate(&plan->segments[i], plan->rate_pps));
	return (double)most;
}

static int
log_create(struct calibration_run *r, uint64_t rate_pps, struct error *err)
{
	double seconds = LOG_SECONDS * RTE_MAX((double)r->pipeline->options.pane_us / 1e6, 1.0);
	double packets = RTE_MAX((double)rate_pps * seconds, LOG_PACKETS_MIN);

	if (rate_pps == 0 || packets > LOG_PACKETS_MAX)
		return error_field(err, -EINVAL, "profile.rate_pps", "profile.rate_pps: found %"
			PRIu64 ", allowed: 1 to %.0f while calibrating", rate_pps,
			floor(LOG_PACKETS_MAX / seconds));
	r->log = sent_log_create((uint32_t)packets);
	return r->log != NULL ? 0 : error_set(err, -ENOMEM, "no memory for the calibration");
}

static void
event_fill(struct calibration_run *r, const struct profile_event *from)
{
	struct calibration_event *e = &r->events[r->event_count++];
	uint64_t ns = (uint64_t)llround(from->at_s * 1e9);

	*e = (struct calibration_event){.type = from->type, .at_s = from->at_s};
	memcpy(e->key, from->key, sizeof(e->key));
	if (from->address.version != 0)
		address_format(&from->address, e->key);
	while (e->segment + 1 < r->plan->segment_count &&
			r->plan->segments[e->segment].from_ns < ns)
		e->segment++;
}

static int
key_create(struct calibration_run *r, const cJSON *json, struct error *err)
{
	struct answer_key_params params = {.plan = r->plan, .lcores = 1,
		.observe = answer_window_add};
	uint64_t keys = plan_address_count(r->plan) + protocol_count(r->plan->names);
	struct profile *profile;

	if (keys * r->window_slices > WINDOW_BYTES_MAX / sizeof(uint64_t))
		return error_field(err, -EINVAL, "T", "T: a window of %u slices of %" PRIu64
			" keys is too large to calibrate; lower T", r->window_slices, keys);
	r->window = answer_window_create(r->plan, r->window_slices);
	if (r->window == NULL)
		return error_set(err, -ENOMEM, "no memory for the calibration");
	params.observe_arg = r->window;
	r->key = answer_key_create(&params, err);
	if (r->key == NULL)
		return -ENOMEM;
	profile = profile_create(json, r->plan->names, err);
	if (profile == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < profile->event_count; i++)
		if (profile->events[i].key[0] != '\0')
			event_fill(r, &profile->events[i]);
	profile_free(profile);
	return 0;
}

static void
run_clear(struct calibration_run *r)
{
	answer_key_free(r->key);
	answer_window_free(r->window);
	sent_log_free(r->log);
	r->key = NULL;
	r->window = NULL;
	r->log = NULL;
	r->plan = NULL;
}

// The generator as it was. It sent this profile before, so only memory can be wanting.
static void
generator_restore(struct calibration *c)
{
	struct generator *g = c->run.pipeline->generator;
	struct error err;

	generator_stop(g);
	if (generator_replace(g, c->saved, NULL, &err) != 0) {
		log_error("app", "calibrate: the generator stays stopped: %s", err.text);
		return;
	}
	if (c->saved_running)
		generator_start(g);
}

// Everything but the thread, with the generator silent.
static int
run_prepare(struct calibration *c, struct error *err)
{
	struct calibration_run *r = &c->run;
	struct pipeline *p = r->pipeline;
	const struct query_parameters *q = &p->settings.current->queries->context.parameters;
	double rate;
	int rc;

	r->parameters = (struct answer_parameters){q->H, q->k, q->X};
	r->window_slices = (uint32_t)(q->T * CLOCK_US_PER_S / p->options.pane_us);
	r->slide_slices = (uint32_t)RTE_MAX(query_set_find(p->settings.current->queries,
		query_builtin_name(0))->slide_us / p->options.pane_us, UINT64_C(1));
	r->plan = generator_plan(p->generator);
	rate = plan_rate_most(r->plan);
	rc = log_create(r, r->plan->rate_pps == 0 ? 0 : (uint64_t)rate, err);
	if (rc == 0 && generator_replace(p->generator, c->profile, r->log, err) != 0)
		rc = -ENOMEM;
	r->plan = generator_plan(p->generator);
	return rc == 0 ? key_create(r, c->profile, err) : rc;
}

static int
run_begin_thread(struct calibration *c, struct error *err)
{
	struct calibration_run *r = &c->run;
	struct pipeline *p = r->pipeline;
	int rc;

	messages_drop(c);
	c->messages_lost = c->alerts_lost = 0;
	c->quit = false;
	c->progress = CALIBRATION_WAITING;
	c->queries_version = p->settings.current->queries->version;
	r->serial = ++c->serials;
	r->from_index = live_clock_us(&p->clock) / p->options.pane_us + 1;
	rc = -pthread_create(&c->thread, NULL, calibration_thread, c);
	if (rc != 0)
		return error_set(err, rc, "calibrate: %s", strerror(-rc));
	pthread_setname_np(c->thread, "weir-calibrate");
	c->phase = CALIBRATION_SETTLING;
	__atomic_store_n(&c->serial, r->serial, __ATOMIC_RELEASE);
	return 0;
}

// What is wrong with a field of the profile, as a field of `profile`.
static int
profile_refuse(const struct error *inner, int rc, struct error *err)
{
	if (inner->field[0] == '\0')
		return error_set(err, rc, "%s", inner->text);
	error_set(err, rc, "profile.%s", inner->text);
	snprintf(err->field, sizeof(err->field), "profile.%.80s", inner->field);
	return rc;
}

// The profile with the changes, in c->profile, checked by the generator that sends it from now on.
static int
profile_take(struct calibration *c, const cJSON *changes, struct error *err)
{
	struct generator *g = c->run.pipeline->generator;
	struct error inner = {0};
	struct generator_stats stats;
	cJSON *merged;
	int rc;

	generator_stats_get(g, &stats);
	cJSON_Delete(c->saved);
	c->saved = generator_profile(g);
	c->saved_running = stats.running;
	merged = changes != NULL ? profile_merge(c->saved, changes, &inner) :
		generator_profile(g);
	if (merged == NULL)
		return profile_refuse(&inner, -EINVAL, err);
	generator_stop(g);
	rc = generator_replace(g, merged, NULL, &inner);
	cJSON_Delete(merged);
	if (rc != 0) {
		if (c->saved_running)
			generator_start(g);
		return profile_refuse(&inner, rc, err);
	}
	cJSON_Delete(c->profile);
	c->profile = generator_profile(g);
	return 0;
}

int
calibration_start(struct calibration *c, const cJSON *changes, uint32_t seconds, struct error *err)
{
	struct pipeline *p = c->run.pipeline;
	const struct query_set *set = p->settings.current->queries;
	int rc;

	if (calibration_is_on(c))
		return error_set(err, -EBUSY, "calibrate: one is going on");
	rc = input_check(p, err);
	if (rc == 0)
		rc = queries_check(set, err);
	if (rc == 0)
		rc = seconds_check(&set->context.parameters, seconds, err);
	if (rc == 0)
		rc = replay_check(p, changes, err);
	if (rc == 0)
		rc = profile_take(c, changes, err);
	if (rc != 0)
		return rc;
	c->run = (struct calibration_run){.pipeline = p};
	c->seconds = seconds;
	c->begun_us = c->end_us = 0;
	rc = run_prepare(c, err);
	if (rc == 0)
		rc = run_begin_thread(c, err);
	if (rc == 0)
		return 0;
	generator_restore(c);
	run_clear(&c->run);
	return rc;
}

static void
run_finish(struct calibration *c)
{
	__atomic_store_n(&c->serial, 0, __ATOMIC_RELEASE);
	pthread_join(c->thread, NULL);
	generator_restore(c);
	run_clear(&c->run);
	c->phase = CALIBRATION_IDLE;
}

static void
phase_set(struct calibration *c, enum calibration_phase phase)
{
	__atomic_store_n(&c->phase, phase, __ATOMIC_RELEASE);
}

static void
sending_begin(struct calibration *c, uint64_t now_us)
{
	generator_stats_get(c->run.pipeline->generator, &c->before);
	c->begun_us = now_us;
	generator_start(c->run.pipeline->generator);
	phase_set(c, CALIBRATION_RUNNING);
}

static void
sending_end(struct calibration *c, uint64_t now_us)
{
	generator_stop(c->run.pipeline->generator);
	c->end_us = now_us;
	phase_set(c, CALIBRATION_STOPPING);
}

// One tick later than the stop (100 ms): the lcore has polled since, or is not running.
static void
phase_advance(struct calibration *c, enum calibration_progress progress)
{
	struct generator *g = c->run.pipeline->generator;
	uint64_t now_us = clock_monotonic_us();

	if (c->phase == CALIBRATION_SETTLING && progress == CALIBRATION_READY) {
		sending_begin(c, now_us);
	} else if (c->phase == CALIBRATION_RUNNING) {
		if (now_us - c->begun_us >= c->seconds * CLOCK_US_PER_S || generator_done(g))
			sending_end(c, now_us);
	} else if (c->phase == CALIBRATION_STOPPING) {
		generator_stats_get(g, &c->after);
		phase_set(c, CALIBRATION_DRAINING);
	}
}

void
calibration_tick(struct calibration *c)
{
	enum calibration_progress progress;
	bool changed;

	if (!calibration_is_on(c))
		return;
	changed = c->queries_version != c->run.pipeline->settings.current->queries->version;
	if (changed)
		__atomic_store_n(&c->quit, true, __ATOMIC_RELAXED);
	progress = __atomic_load_n(&c->progress, __ATOMIC_ACQUIRE);
	if (progress != CALIBRATION_ENDED) {
		phase_advance(c, progress);
		return;
	}
	if (changed)
		error_set(&c->run.err, -EBUSY, "queries or parameters changed while calibrating");
	run_finish(c);
}

void
calibration_free(struct calibration *c)
{
	if (c == NULL)
		return;
	__atomic_store_n(&c->quit, true, __ATOMIC_RELAXED);
	if (calibration_is_on(c))
		run_finish(c);
	messages_drop(c);
	rte_ring_free(c->messages);
	cJSON_Delete(c->saved);
	cJSON_Delete(c->profile);
	free(c);
}
