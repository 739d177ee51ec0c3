/* SPDX-License-Identifier: BSD-3-Clause */
#include "health.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "pipeline.h"

#define RECENT_US (60 * CLOCK_US_PER_S)
#define BEHIND_US (3 * CLOCK_US_PER_S)  // a pane takes up to one to be sealed and folded

static const struct {
	const char *area;
	const char *text;
} losses[HEALTH_LOSSES] = {
	[HEALTH_MISSED] = {"ports", "packets missed"},
	[HEALTH_DETAIL] = {"merge", "packets in no pane, as the merge lcore was late"},
	[HEALTH_RECORDS] = {"output", "flow records lost in front of --flows, the store or --ipfix"},
	[HEALTH_RESULTS] = {"output", "results lost in front of --results"},
	[HEALTH_STORED] = {"store", "documents dropped by the store"},
};

static void
losses_count(struct pipeline *p, uint64_t ret[HEALTH_LOSSES])
{
	struct port_stats ports;
	struct ledger_counts c;
	struct store_stats s;

	memset(ret, 0, sizeof(*ret) * HEALTH_LOSSES);
	pipeline_ledger(p, &c);
	pipeline_port_losses(p, &ports);
	ret[HEALTH_MISSED] = ports.missed + ports.nombuf;
	ret[HEALTH_DETAIL] = c.detail_lost_packets;
	for (unsigned int i = 0; i < p->worker_count; i++)
		ret[HEALTH_RECORDS] += __atomic_load_n(&p->workers[i].records_lost,
			__ATOMIC_RELAXED);
	ret[HEALTH_RESULTS] = __atomic_load_n(&p->merge.documents_lost, __ATOMIC_RELAXED);
	if (p->store != NULL) {
		store_stats_get(p->store, &s);
		ret[HEALTH_STORED] = s.dropped;
	}
}

void
health_tick(struct pipeline *p, uint64_t now_us)
{
	struct health *h = &p->health;
	uint64_t lost[HEALTH_LOSSES];

	losses_count(p, lost);
	for (unsigned int i = 0; i < HEALTH_LOSSES; i++) {
		if (lost[i] <= h->lost[i])
			continue;
		if (h->at_us[i] == 0 || now_us - h->at_us[i] > RECENT_US)
			h->grew[i] = 0;
		h->grew[i] += lost[i] - h->lost[i];
		h->lost[i] = lost[i];
		h->at_us[i] = now_us;
	}
}

static void __attribute__((format(printf, 4, 5)))
reason_add(cJSON *reasons, const char *area, bool fault, const char *fmt, ...)
{
	cJSON *r = cJSON_CreateObject();
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cJSON_AddStringToObject(r, "area", area);
	cJSON_AddBoolToObject(r, "fault", fault);
	cJSON_AddStringToObject(r, "text", text);
	cJSON_AddItemToArray(reasons, r);
}

static void
faults_add(const struct pipeline *p, const struct store_stats *s, cJSON *reasons)
{
	struct ledger_counts c;

	pipeline_ledger(p, &c);
	if (ledger_residual(&c) != 0)
		reason_add(reasons, "ledger", true, "the ledger does not close: residual %" PRId64,
			ledger_residual(&c));
	if (links_gone(p) != NULL)
		reason_add(reasons, "ports", true, "port: interface %s is gone",
			links_gone(p)->name);
	if (p->output.error != 0)
		reason_add(reasons, "output", true, "--flows or --results: %s",
			strerror(-p->output.error));
	if (p->store != NULL && strcmp(s->state, "ok") != 0)
		reason_add(reasons, "store", true, "store: %s", s->state);
}

// How far the merge lcore is behind the clock of live inputs.
static void
merge_add(const struct pipeline *p, cJSON *reasons)
{
	uint64_t next = __atomic_load_n(&p->merge.next_index, __ATOMIC_ACQUIRE);
	uint64_t done_us = next * p->options.pane_us, now = live_clock_us(&p->clock);

	if (p->captures == NULL && next != 0 && now > done_us &&
			now - done_us > BEHIND_US + 2 * p->options.pane_us)
		reason_add(reasons, "merge", false, "results are %.1f s behind",
			(double)(now - done_us) / 1e6);
}

static void
warnings_add(const struct pipeline *p, const struct store_stats *s, cJSON *reasons)
{
	const struct health *h = &p->health;
	uint64_t now = clock_monotonic_us();

	for (unsigned int i = 0; i < HEALTH_LOSSES; i++)
		if (h->at_us[i] != 0 && now - h->at_us[i] <= RECENT_US)
			reason_add(reasons, losses[i].area, false, "%" PRIu64 " %s, last %.0f s ago",
				h->grew[i], losses[i].text, (double)(now - h->at_us[i]) / 1e6);
	merge_add(p, reasons);
	for (unsigned int i = 0; i < p->port_count; i++)
		if (p->links[i] == PORT_LINK_DOWN)
			reason_add(reasons, "ports", false, "%s: the link is down", p->ports[i].name);
	if (p->store != NULL && p->options.push != NULL && !s->push_connected)
		reason_add(reasons, "push", false, "push: %s", s->push_state);
}

cJSON *
health_op(void *app, bool *ret_healthy)
{
	struct pipeline *p = app;
	cJSON *reasons = cJSON_CreateArray();
	struct store_stats s = {0};

	if (p->store != NULL)
		store_stats_get(p->store, &s);
	faults_add(p, &s, reasons);
	*ret_healthy = cJSON_GetArraySize(reasons) == 0;
	warnings_add(p, &s, reasons);
	return reasons;
}
