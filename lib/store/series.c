/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_common.h>

#include "base/clock.h"

uint64_t
series_step_usual(uint64_t range_us)
{
	static const uint32_t steps_s[] = {
		1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
	};
	const uint64_t least = range_us / SERIES_POINTS_USUAL + 1;
	const uint64_t day_us = 86400 * CLOCK_US_PER_S;
	unsigned int i;

	for (i = 0; i < RTE_DIM(steps_s); i++) {
		if (steps_s[i] * CLOCK_US_PER_S >= least)
			return steps_s[i] * CLOCK_US_PER_S;
	}
	return (least + day_us - 1) / day_us * day_us;
}

uint64_t
series_steps(uint64_t from_us, uint64_t to_us, uint64_t step_us)
{
	return (to_us - 1) / step_us - from_us / step_us + 1;
}

int
series_init(struct series *s, uint64_t from_us, uint64_t to_us, uint64_t step_us)
{
	*s = (struct series){
		.from_us = from_us / step_us * step_us,
		.step_us = step_us,
		.count = (uint32_t)series_steps(from_us, to_us, step_us),
	};
	s->points = calloc(s->count, sizeof(*s->points));
	return s->points != NULL ? 0 : -ENOMEM;
}

void
series_fini(struct series *s)
{
	free(s->points);
	s->points = NULL;
}

void
series_add(struct series *s, uint64_t end_us, const uint64_t *value)
{
	const uint64_t at = end_us < s->from_us ? UINT64_MAX : (end_us - s->from_us) / s->step_us;
	struct series_point *p;

	if (at >= s->count)
		return;
	p = &s->points[at];
	p->results++;
	s->results++;
	if (value == NULL)
		return;
	p->min = p->listed == 0 ? *value : RTE_MIN(p->min, *value);
	p->max = RTE_MAX(p->max, *value);
	p->sum += (double)*value;
	p->listed++;
}

void
series_describe(struct series *s, uint64_t end_us, uint64_t window_us, const char *metric)
{
	if (end_us < s->newest_us)
		return;
	s->newest_us = end_us;
	s->window_us = window_us;
	snprintf(s->metric, sizeof(s->metric), "%s", metric);
}

static void
point_write(const struct series *s, uint32_t at, struct json_out *o)
{
	const struct series_point *p = &s->points[at];

	json_out_open(o, '{');
	json_out_key_u64(o, "start_us", s->from_us + at * s->step_us);
	json_out_key_u64(o, "end_us", s->from_us + (at + 1) * s->step_us);
	json_out_key_u64(o, "results", p->results);
	json_out_key_u64(o, "listed", p->listed);
	if (p->listed > 0) {
		json_out_key_u64(o, "min", p->min);
		json_out_key_f64(o, "mean", p->sum / (double)p->listed);
		json_out_key_u64(o, "max", p->max);
	} else {
		json_out_key(o, "min");
		json_out_null(o);
		json_out_key(o, "mean");
		json_out_null(o);
		json_out_key(o, "max");
		json_out_null(o);
	}
	json_out_close(o, '}');
}

void
series_write(const struct series *s, struct json_out *o)
{
	uint32_t i;

	json_out_key(o, "metric");
	if (s->metric[0] != '\0')
		json_out_str(o, s->metric);
	else
		json_out_null(o);
	json_out_key(o, "window_us");
	if (s->window_us > 0)
		json_out_u64(o, s->window_us);
	else
		json_out_null(o);
	json_out_key_u64(o, "step_us", s->step_us);
	json_out_key_u64(o, "results", s->results);
	json_out_key(o, "points");
	json_out_open(o, '[');
	for (i = 0; i < s->count; i++) {
		if (s->points[i].results > 0)
			point_write(s, i, o);
	}
	json_out_close(o, ']');
}
