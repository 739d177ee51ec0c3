/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "query/spec_read.h"

// `compare` of a query: {"previous": true, "period_s": 3600}, either may be missing.

static void
previous_read(const struct spec_reader *r, const cJSON *item)
{
	r->spec->compare.previous = cJSON_IsTrue(item);
	if (!cJSON_IsBool(item))
		spec_fault(r, "compare.previous", item, "true or false");
}

static void
period_read(const struct spec_reader *r, const cJSON *item)
{
	uint64_t us = spec_seconds_get(item);
	char allowed[96];

	r->spec->compare.period_us = us;
	if (us != 0 && us % r->spec->slide_us == 0)
		return;
	snprintf(allowed, sizeof(allowed), "a multiple of slide_s (%g s) of at most %d s",
		(double)r->spec->slide_us / CLOCK_US_PER_S, QUERY_T_MAX);
	spec_fault(r, "compare.period_s", item, allowed);
}

// Is there anything to compare with?
static void
suits_check(const struct spec_reader *r, const cJSON *json)
{
	if (!query_compares(&r->spec->compare))
		return;
	if (r->spec->window_us == 0)
		spec_fault(r, "compare", json, "with a window_s only");
	if (query_metric_distinct(r->spec->metric))
		spec_fault(r, "compare", json, "with metric bytes, packets or flows only");
}

void
spec_compare_read(const struct spec_reader *r, const cJSON *json)
{
	unsigned int before = r->errors->count;
	const cJSON *item;

	r->spec->compare = (struct query_compare){.previous = false};
	if (cJSON_IsNull(json))
		return;
	if (!cJSON_IsObject(json)) {
		spec_fault(r, "compare", json, "an object with previous, period_s or both, or null");
		return;
	}
	spec_twice_check(r, "compare.", json);
	cJSON_ArrayForEach(item, json) {
		char field[64];

		snprintf(field, sizeof(field), "compare.%.40s", item->string);
		if (strcmp(item->string, "previous") == 0)
			previous_read(r, item);
		else if (strcmp(item->string, "period_s") == 0)
			period_read(r, item);
		else
			spec_fault(r, field, item, "none of that name; fields are previous and period_s");
	}
	if (r->errors->count == before)
		suits_check(r, json);
}

void
query_compare_write(struct json_out *o, const struct query_compare *c)
{
	if (!query_compares(c))
		return;
	json_out_key(o, "compare");
	json_out_open(o, '{');
	if (c->previous)
		json_out_key_bool(o, "previous", true);
	if (c->period_us != 0)
		json_out_key_f64(o, "period_s", (double)c->period_us / CLOCK_US_PER_S);
	json_out_close(o, '}');
}
