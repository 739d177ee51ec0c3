/* SPDX-License-Identifier: BSD-3-Clause */
#include "export.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "pipeline.h"

// Bounds of waiting. On live input nothing waits for a collector before the end of the run.
#define CONNECT_WAIT_US (5 * CLOCK_US_PER_S)   // captures: for TCP connections before the first record
#define ROOM_WAIT_US (10 * CLOCK_US_PER_S)     // captures: for room, since the last record found some
#define END_WAIT_US (5 * CLOCK_US_PER_S)       // at the end of the run: since something last went out
#define SETTLE_WAIT_US (2 * CLOCK_US_PER_S)    // for the collectors' hosts to acknowledge
#define STEP_US 1000

// Nobody slows a UDP sender down, and a collector's socket holds about a hundred messages. Captures give
// records as fast as the disk does: at most 10,000 messages a second there, which are about 80,000
// records. Live at most 20,000: the end of a run, or of many flows at once, must not come as one burst.
#define CAPTURE_PACE_US 100
#define LIVE_PACE_US 50

int
exports_prepare(struct pipeline *p, struct error *err)
{
	struct exports *e = &p->exports;
	int n, rc = 0;

	if (p->options.ipfix == NULL)
		return 0;
	n = ipfix_targets_parse(p->options.ipfix, e->targets, err);
	if (n < 0)
		return n;
	e->count = (unsigned int)n;
	for (unsigned int i = 0; i < e->count && rc == 0; i++)
		rc = ipfix_target_resolve(&e->targets[i], err);
	return rc;
}

int
exports_create(struct pipeline *p, struct error *err)
{
	struct exports *e = &p->exports;
	struct ipfix_params params = p->options.ipfix_params;

	params.pace_us = p->captures != NULL ? CAPTURE_PACE_US : LIVE_PACE_US;
	for (unsigned int i = 0; i < e->count; i++) {
		e->of[i] = ipfix_exporter_create(&e->targets[i], &params);
		if (e->of[i] == NULL)
			return error_set(err, -ENOMEM, "--ipfix: out of memory");
	}
	return 0;
}

void
exports_free(struct pipeline *p)
{
	for (unsigned int i = 0; i < p->exports.count; i++) {
		ipfix_exporter_free(p->exports.of[i]);
		ipfix_target_release(&p->exports.targets[i]);
	}
	p->exports.count = 0;
}

// What was lost before it came here: there was no room between a worker and this thread.
static void
losses_tell(struct pipeline *p, struct ipfix_exporter *x)
{
	uint64_t records = 0, packets = 0, octets = 0;

	for (unsigned int i = 0; i < p->worker_count; i++) {
		const struct rx_worker *w = &p->workers[i];

		records += __atomic_load_n(&w->records_lost, __ATOMIC_RELAXED);
		packets += __atomic_load_n(&w->records_lost_packets, __ATOMIC_RELAXED);
		octets += __atomic_load_n(&w->records_lost_octets, __ATOMIC_RELAXED);
	}
	ipfix_exporter_lost_before(x, records, packets, octets);
}

void
exports_service(struct pipeline *p)
{
	uint64_t now = clock_monotonic_us();

	for (unsigned int i = 0; i < p->exports.count; i++) {
		losses_tell(p, p->exports.of[i]);
		ipfix_exporter_service(p->exports.of[i], now);
	}
}

static bool
all(const struct exports *e, bool (*holds)(const struct ipfix_exporter *x))
{
	for (unsigned int i = 0; i < e->count; i++)
		if (!holds(e->of[i]))
			return false;
	return true;
}

void
exports_begin(struct pipeline *p)
{
	uint64_t start = clock_monotonic_us();

	exports_service(p);
	while (p->captures != NULL && !all(&p->exports, ipfix_exporter_is_up) &&
		clock_monotonic_us() - start < CONNECT_WAIT_US) {
		usleep(STEP_US);
		exports_service(p);
	}
	for (unsigned int i = 0; i < p->exports.count; i++)
		p->exports.progress_us[i] = clock_monotonic_us();
}

// Captures wait, and so do the last records of a live run. After a wait that was in vain, later
// records wait no more until there has been room again.
static bool
room_may_come(const struct pipeline *p, unsigned int i)
{
	uint64_t patience_us = 0;

	if (p->captures != NULL)
		patience_us = ROOM_WAIT_US;
	else if (__atomic_load_n(&p->stop, __ATOMIC_RELAXED))
		patience_us = END_WAIT_US;
	return clock_monotonic_us() - p->exports.progress_us[i] < patience_us;
}

static void
export_flow(struct pipeline *p, unsigned int i, const struct flow *f)
{
	struct ipfix_exporter *x = p->exports.of[i];

	while (ipfix_exporter_add(x, f, clock_monotonic_us()) != 0) {
		if (ipfix_exporter_service(x, clock_monotonic_us()))
			continue;
		if (!room_may_come(p, i)) {
			ipfix_exporter_drop(x, f);
			return;
		}
		usleep(STEP_US);
	}
	p->exports.progress_us[i] = clock_monotonic_us();
}

void
exports_flow(struct pipeline *p, const struct flow *f)
{
	for (unsigned int i = 0; i < p->exports.count; i++)
		export_flow(p, i, f);
}

// All collectors at the same time, for as long as any of them takes something. Who has everything is
// left alone: the templates and statistics that it gets from time to time are no progress.
static void
exports_drain(struct pipeline *p)
{
	struct exports *e = &p->exports;
	uint64_t progress = clock_monotonic_us(), now = progress;

	while (!all(e, ipfix_exporter_is_done) && now - progress < END_WAIT_US) {
		bool any = false;

		for (unsigned int i = 0; i < e->count; i++)
			if (!ipfix_exporter_is_done(e->of[i]))
				any |= ipfix_exporter_service(e->of[i], now);
		if (any)
			progress = now;
		else
			usleep(STEP_US);
		now = clock_monotonic_us();
	}
}

void
exports_end(struct pipeline *p)
{
	struct exports *e = &p->exports;
	uint64_t start;

	for (unsigned int i = 0; i < e->count; i++) {
		losses_tell(p, e->of[i]);
		ipfix_exporter_finish(e->of[i]);
	}
	exports_drain(p);
	for (unsigned int i = 0; i < e->count; i++)
		ipfix_exporter_close(e->of[i]);
	start = clock_monotonic_us();
	while (!all(e, ipfix_exporter_is_settled) && clock_monotonic_us() - start < SETTLE_WAIT_US)
		usleep(STEP_US);
	if (!all(e, ipfix_exporter_is_settled))
		log_warning("ipfix", "a collector has not acknowledged everything that was sent");
}

const char *
exports_fault(const struct pipeline *p, char *buf, size_t size)
{
	for (unsigned int i = 0; i < p->exports.count && p->captures != NULL; i++) {
		struct ipfix_stats s;

		if (p->exports.of[i] == NULL)
			continue;
		ipfix_exporter_stats(p->exports.of[i], &s);
		if (s.lost == 0)
			continue;
		snprintf(buf, size, "--ipfix: %s: %" PRIu64 " flow records could not be sent%s%s",
			s.collector, s.lost, s.error != 0 ? ": " : "",
			s.error != 0 ? strerror(s.error) : "");
		return buf;
	}
	return NULL;
}
