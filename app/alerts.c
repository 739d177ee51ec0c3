/* SPDX-License-Identifier: BSD-3-Clause */
#include "alerts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "alert_syslog.h"
#include "base/log.h"
#include "base/thread_start.h"
#include "pipeline.h"
#include "stats.h"

#define ALERTS_RING_SIZE 4096
#define LOOK_US 20000
#define TELL_US (60 * CLOCK_US_PER_S)  // between two lines about suppressed ones

static void
params_make(const struct options *o, const cJSON *words, struct alert_command_params *ret)
{
	const cJSON *word;
	unsigned int n = 0;

	*ret = (struct alert_command_params){
		.per_minute = o->alert_per_minute,
		.at_once = o->alert_at_once,
		.timeout_us = o->alert_timeout_us,
	};
	cJSON_ArrayForEach(word, words)
		if (n < ALERT_COMMAND_WORDS_MAX)
			ret->argv[n++] = word->valuestring;
}

int
alerts_check(const struct options *o, struct error *err)
{
	struct alert_command_params params;

	if (o->alert_command == NULL)
		return 0;
	params_make(o, o->alert_command, &params);
	return alert_command_check(&params, err);
}

void
alerts_prepare(struct pipeline *p)
{
	p->alerts.facility = -1;
	pthread_mutex_init(&p->alerts.lock, NULL);
}

// Before each alert, so that those that come after a change are handed out as it says.
static void
setup_take(struct alerts_out *a)
{
	struct alert_setup *next;

	pthread_mutex_lock(&a->lock);
	next = a->next;
	a->next = NULL;
	pthread_mutex_unlock(&a->lock);
	if (next == NULL)
		return;
	alert_command_set(&a->command, &next->params);
	alerts_setup_free(a->setup);
	a->setup = next;
}

static void
alert_hand_out(struct alerts_out *a, struct document *d)
{
	const struct alert_setup *s = a->setup;

	if (s != NULL && s->facility >= 0) {
		alert_syslog_send(s->facility, d->json);
		__atomic_add_fetch(&a->logged, 1, __ATOMIC_RELAXED);
	}
	if (s != NULL && s->has_command)
		alert_command_run(&a->command, d->json, d->len, clock_monotonic_us());
	document_put(d);
}

static bool
alerts_work(struct alerts_out *a)
{
	bool any = false;
	void *d;

	while (rte_ring_dequeue(a->documents, &d) == 0) {
		setup_take(a);
		alert_hand_out(a, d);
		any = true;
		alert_command_service(&a->command, clock_monotonic_us());
	}
	setup_take(a);
	alert_command_service(&a->command, clock_monotonic_us());
	return any;
}

// One line a minute, however many there are.
static void
suppressed_tell(const struct alerts_out *a, uint64_t *told, uint64_t *told_us)
{
	uint64_t now_us = clock_monotonic_us(), n = a->command.stats.suppressed;

	if (n == *told || (*told_us != 0 && now_us - *told_us < TELL_US))
		return;
	log_warning("alerts", "on_alert: %llu alerts suppressed, more than the command may have",
		(unsigned long long)(n - *told));
	*told = n;
	*told_us = now_us;
}

static void
commands_await(struct alert_command *c)
{
	while (c->stats.running > 0) {
		alert_command_service(c, clock_monotonic_us());
		if (c->stats.running > 0)
			usleep(LOOK_US);
	}
}

static void *
alerts_run(void *arg)
{
	struct alerts_out *a = arg;
	uint64_t told = 0, told_us = 0;
	bool stop;

	do {
		stop = __atomic_load_n(&a->stop, __ATOMIC_ACQUIRE);
		if (!alerts_work(a) && !stop)
			usleep(LOOK_US);
		suppressed_tell(a, &told, &told_us);
	} while (!stop);
	commands_await(&a->command);
	return NULL;
}

static int
thread_begin(struct alerts_out *a, struct error *err)
{
	int rc = a->running ? 0 : thread_start(&a->thread, "weir-alerts", alerts_run, a);

	if (rc != 0)
		return error_field(err, rc, "on_alert", "thread cannot be started: %s", strerror(-rc));
	a->running = true;
	return 0;
}

void
alerts_setup_free(struct alert_setup *s)
{
	if (s == NULL)
		return;
	cJSON_Delete(s->words);
	cJSON_Delete(s->shown);
	free(s);
}

struct alert_setup *
alerts_setup_make(struct pipeline *p, const struct options *next, struct error *err)
{
	struct alert_setup *s = calloc(1, sizeof(*s));

	if (s != NULL && next->alert_command != NULL) {
		s->words = cJSON_Duplicate(next->alert_command, true);
		s->shown = cJSON_Duplicate(next->alert_command, true);
	}
	if (s == NULL || (next->alert_command != NULL && (s->words == NULL || s->shown == NULL))) {
		alerts_setup_free(s);
		error_field(err, -ENOMEM, "on_alert", "out of memory");
		return NULL;
	}
	params_make(next, s->words, &s->params);
	s->has_command = s->words != NULL;
	s->facility = alert_syslog_facility(next->syslog_facility);
	if ((s->has_command || s->facility >= 0) && thread_begin(&p->alerts, err) != 0) {
		alerts_setup_free(s);
		return NULL;
	}
	return s;
}

void
alerts_setup_commit(struct pipeline *p, const struct options *next, struct alert_setup *s)
{
	struct alerts_out *a = &p->alerts;
	bool wanted = s->has_command || s->facility >= 0;
	struct alert_setup *untaken;

	cJSON_Delete(a->words);
	p->options.alert_command = a->words = s->shown;
	s->shown = NULL;
	p->options.alert_per_minute = next->alert_per_minute;
	p->options.alert_at_once = next->alert_at_once;
	p->options.alert_timeout_us = next->alert_timeout_us;
	p->options.syslog_facility = next->syslog_facility;
	a->has_command = s->has_command;
	a->facility = s->facility;
	pthread_mutex_lock(&a->lock);
	untaken = a->next;
	a->next = s;
	pthread_mutex_unlock(&a->lock);
	alerts_setup_free(untaken);
	__atomic_store_n(&a->wanted, wanted, __ATOMIC_RELEASE);
}

int
alerts_start(struct pipeline *p, struct error *err)
{
	struct alerts_out *a = &p->alerts;
	struct alert_setup *s;

	openlog("weir", LOG_PID, LOG_DAEMON);
	a->documents = rte_ring_create("alerts", ALERTS_RING_SIZE, SOCKET_ID_ANY,
		RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (a->documents == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	alert_command_init(&a->command, &(struct alert_command_params){.per_minute = 1},
		clock_monotonic_us());
	s = alerts_setup_make(p, &p->options, err);
	if (s == NULL)
		return -ENOMEM;
	alerts_setup_commit(p, &p->options, s);
	return 0;
}

void
alerts_stop(struct pipeline *p)
{
	struct alerts_out *a = &p->alerts;
	void *d;

	__atomic_store_n(&a->stop, true, __ATOMIC_RELEASE);
	if (a->running)
		pthread_join(a->thread, NULL);
	a->running = false;
	while (a->documents != NULL && rte_ring_dequeue(a->documents, &d) == 0)
		document_put(d);
	rte_ring_free(a->documents);
	a->documents = NULL;
	alerts_setup_free(a->next);
	alerts_setup_free(a->setup);
	a->next = a->setup = NULL;
	a->wanted = false;
	cJSON_Delete(a->words);
	p->options.alert_command = a->words = NULL;
}

void
alerts_offer(struct pipeline *p, struct document *d)
{
	struct alerts_out *a = &p->alerts;

	if (!__atomic_load_n(&a->wanted, __ATOMIC_ACQUIRE))
		return;
	if (rte_ring_enqueue(a->documents, document_get(d)) == 0)
		return;
	document_put(d);
	__atomic_add_fetch(&a->lost, 1, __ATOMIC_RELAXED);
}

void
alerts_stats_add(const struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "on_alert");
	const struct alert_command_stats *s = &p->alerts.command.stats;

	json_add_u64(o, "started", __atomic_load_n(&s->started, __ATOMIC_RELAXED));
	json_add_u64(o, "running", __atomic_load_n(&s->running, __ATOMIC_RELAXED));
	json_add_u64(o, "failed", __atomic_load_n(&s->failed, __ATOMIC_RELAXED));
	json_add_u64(o, "killed", __atomic_load_n(&s->killed, __ATOMIC_RELAXED));
	json_add_u64(o, "suppressed", __atomic_load_n(&s->suppressed, __ATOMIC_RELAXED));
	json_add_u64(o, "syslog", __atomic_load_n(&p->alerts.logged, __ATOMIC_RELAXED));
	json_add_u64(o, "lost", __atomic_load_n(&p->alerts.lost, __ATOMIC_RELAXED));
}
