/* SPDX-License-Identifier: BSD-3-Clause */
#include "alerts.h"

#include <errno.h>
#include <stdio.h>
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
params_make(const struct options *o, struct alert_command_params *ret)
{
	const cJSON *word;
	unsigned int n = 0;

	*ret = (struct alert_command_params){
		.per_minute = o->alert_per_minute,
		.at_once = o->alert_at_once,
		.timeout_us = o->alert_timeout_us,
	};
	cJSON_ArrayForEach(word, o->alert_command)
		if (n < ALERT_COMMAND_WORDS_MAX)
			ret->argv[n++] = word->valuestring;
}

int
alerts_prepare(struct pipeline *p, struct error *err)
{
	struct alert_command_params params;

	p->alerts.facility = alert_syslog_facility(p->options.syslog_facility);
	p->alerts.has_command = p->options.alert_command != NULL;
	if (!p->alerts.has_command)
		return 0;
	params_make(&p->options, &params);
	return alert_command_check(&params, err);
}

static void
alert_hand_out(struct alerts_out *a, struct document *d)
{
	if (a->facility >= 0) {
		alert_syslog_send(a->facility, d->json);
		__atomic_add_fetch(&a->logged, 1, __ATOMIC_RELAXED);
	}
	if (a->has_command)
		alert_command_run(&a->command, d->json, d->len, clock_monotonic_us());
	document_put(d);
}

static bool
alerts_work(struct alerts_out *a)
{
	bool any = false;
	void *d;

	while (rte_ring_dequeue(a->documents, &d) == 0) {
		alert_hand_out(a, d);
		any = true;
		if (a->has_command)
			alert_command_service(&a->command, clock_monotonic_us());
	}
	if (a->has_command)
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
	if (a->has_command)
		commands_await(&a->command);
	return NULL;
}

int
alerts_start(struct pipeline *p, struct error *err)
{
	struct alerts_out *a = &p->alerts;
	struct alert_command_params params;
	int rc;

	if (!a->has_command && a->facility < 0)
		return 0;
	params_make(&p->options, &params);
	alert_command_init(&a->command, &params, clock_monotonic_us());
	if (a->facility >= 0)
		openlog("weir", LOG_PID, a->facility);
	a->documents = rte_ring_create("alerts", ALERTS_RING_SIZE, SOCKET_ID_ANY,
		RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (a->documents == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	rc = thread_start(&a->thread, "weir-alerts", alerts_run, a);
	if (rc != 0)
		return error_set(err, rc, "thread cannot be started: %s", strerror(-rc));
	a->running = true;
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
}

void
alerts_offer(struct pipeline *p, struct document *d)
{
	struct alerts_out *a = &p->alerts;

	if (a->documents == NULL)
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
