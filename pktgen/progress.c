/* SPDX-License-Identifier: BSD-3-Clause */
#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "base/units.h"

#define TERMINAL_PERIOD_S 1.0

void
progress_begin(struct progress *p, double period_s, const struct profile *profile, bool timed)
{
	bool terminal = isatty(STDERR_FILENO);

	*p = (struct progress){.period_s = period_s > 0 ? period_s : terminal ? TERMINAL_PERIOD_S : 0,
		.in_place = terminal, .duration_s = profile->duration_s,
		.packets = profile->packets, .timed = timed};
	p->begun_tsc = p->last_tsc = rte_rdtsc();
}

double
progress_left(double duration_s, uint64_t packets, const struct generator_stats *s, double pps)
{
	double left = INFINITY;

	if (duration_s > 0)
		left = fmax(duration_s - s->active_s, 0);
	if (packets > s->sent && pps > 0)
		left = fmin(left, (double)(packets - s->sent) / pps);
	return left;
}

static void
line_write(struct progress *p, const struct generator_stats *s, double passed_s, double pps)
{
	double left = progress_left(p->timed ? p->duration_s : 0, p->packets, s, pps);
	char rate[32], end[32] = "";

	if (isfinite(left))
		snprintf(end, sizeof(end), ", %.1f s left", left);
	fprintf(stderr, "%sweir-pktgen: %.1f s, %spps, sent %" PRIu64 ", dropped %" PRIu64 "%s%s",
		p->in_place ? "\r" : "", passed_s, units_format_si(pps, rate, sizeof(rate)),
		s->sent, s->dropped, end, p->in_place ? "\033[K" : "\n");
	fflush(stderr);
	p->shown = p->in_place;
}

void
progress_tick(struct progress *p, const struct generator *g)
{
	double hz = (double)rte_get_tsc_hz(), since;
	uint64_t now = rte_rdtsc();
	struct generator_stats s;

	since = (double)(now - p->last_tsc) / hz;
	if (p->period_s <= 0 || since < p->period_s)
		return;
	generator_stats_get(g, &s);
	line_write(p, &s, (double)(now - p->begun_tsc) / hz, (double)(s.sent - p->last_sent) / since);
	p->last_tsc = now;
	p->last_sent = s.sent;
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		fputc('\n', stderr);
	p->shown = false;
}
