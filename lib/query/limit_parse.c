/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "query/limit_date.h"
#include "query/limit_row.h"
#include "query/spec_read.h"

// Rows of the limits table from JSON: from a file or a client, so that everything is checked.

#define BYTES_MAX 9007199254740991.0  // that a JSON number holds exactly

struct row_reader {
	const struct spec_reader *faults;
	uint64_t pane_us;
	struct limit_row *row;
};

static void
name_read(const struct row_reader *r, const cJSON *item)
{
	const char *name = cJSON_GetStringValue(item);

	if (name == NULL || !query_name_valid(name))
		spec_fault(r->faults, item->string, item, "1 to 63 letters, digits, '-', '_' and '.', "
			"beginning with a letter or digit");
	else
		snprintf(r->row->name, sizeof(r->row->name), "%s", name);
}

static bool
end_read(const struct row_reader *r, const cJSON *item, struct range *ret)
{
	struct limit_match *m = &r->row->match;
	unsigned int version;

	if (prefix_parse(cJSON_GetStringValue(item), ret, &version) != NULL) {
		spec_fault(r->faults, item->string, item,
			"an address or a prefix like 10.0.0.0/8 and 2001:db8::/32");
		return false;
	}
	if (m->version != 0 && m->version != version)
		spec_fault(r->faults, item->string, item,
			"the same version of IP for source and destination");
	m->version = (uint8_t)version;
	return true;
}

static void
source_read(const struct row_reader *r, const cJSON *item)
{
	r->row->match.has_source = end_read(r, item, &r->row->match.source);
}

static void
destination_read(const struct row_reader *r, const cJSON *item)
{
	r->row->match.has_destination = end_read(r, item, &r->row->match.destination);
}

static double
whole_read(const struct row_reader *r, const cJSON *item, double min, double max,
	const char *allowed)
{
	double v = item->valuedouble;

	if (cJSON_IsNumber(item) && v >= min && v <= max && v == floor(v))
		return v;
	spec_fault(r->faults, item->string, item, allowed);
	return min;
}

static void
min_read(const struct row_reader *r, const cJSON *item)
{
	r->row->op.min = (uint64_t)whole_read(r, item, 1, BYTES_MAX, "a whole number from 1 on");
}

static void
max_read(const struct row_reader *r, const cJSON *item)
{
	r->row->op.max = (uint64_t)whole_read(r, item, 0, BYTES_MAX, "a whole number from 0 on");
}

static void
clear_after_read(const struct row_reader *r, const cJSON *item)
{
	r->row->op.clear_after = (uint32_t)whole_read(r, item, 1, 1000,
		"a whole number of windows from 1 to 1000");
}

static void
window_read(const struct row_reader *r, const cJSON *item)
{
	r->row->window_s = (uint32_t)whole_read(r, item, 1, LIMIT_WINDOW_S_MAX,
		"a whole number of seconds from 1 to 86400");
}

static void
date_read(const struct row_reader *r, const cJSON *item)
{
	const char *text = cJSON_GetStringValue(item);

	if (text == NULL || limit_date_parse(text, &r->row->effective_us) != 0)
		spec_fault(r->faults, item->string, item, "a date or date-time of RFC 3339, like "
			"2026-11-26 or 2026-11-26T14:30:00Z");
}

static const struct {
	const char *name;
	void (*read)(const struct row_reader *r, const cJSON *item);
} fields[] = {
	{"limit_name", name_read},
	{"source", source_read},
	{"destination", destination_read},
	{"min_bytes", min_read},
	{"max_bytes", max_read},
	{"window_s", window_read},
	{"effective_date", date_read},
	{"clear_after", clear_after_read},
};

static void
field_read(const struct row_reader *r, const cJSON *item)
{
	for (unsigned int i = 0; i < RTE_DIM(fields); i++) {
		if (strcmp(fields[i].name, item->string) == 0) {
			fields[i].read(r, item);
			return;
		}
	}
	spec_fault(r->faults, item->string, item, "none of that name: there are limit_name, source, "
		"destination, min_bytes, max_bytes, window_s, effective_date and clear_after");
}

static bool
given(const cJSON *json, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(json, name) != NULL;
}

// What fields have to do with each other.
static void
row_check(const struct row_reader *r, const cJSON *json)
{
	const cJSON *window = cJSON_GetObjectItemCaseSensitive(json, "window_s");
	const struct limit_row *row = r->row;

	if (!given(json, "source") && !given(json, "destination"))
		spec_fault(r->faults, "source", NULL, "source, destination, or both");
	if (!given(json, "min_bytes") && !given(json, "max_bytes"))
		spec_fault(r->faults, "max_bytes", NULL, "min_bytes, max_bytes, or both");
	else if (row->op.min > row->op.max)
		spec_fault(r->faults, "min_bytes", cJSON_GetObjectItemCaseSensitive(json,
			"min_bytes"), "a number that is not above max_bytes");
	if (row->window_s * CLOCK_US_PER_S % r->pane_us != 0)
		spec_fault(r->faults, "window_s", window, "a multiple of the pane (pane_ms)");
}

int
limit_row_parse(const cJSON *json, const char *path, uint64_t pane_us, struct limit_row *ret,
	struct error_list *errors)
{
	const struct spec_reader faults = {.path = path, .errors = errors};
	struct limit_row row = {
		.name = "limit",
		.op = {.kind = OPERATOR_LIMIT, .max = UINT64_MAX, .clear_after = 1},
		.window_s = LIMIT_WINDOW_S_DEFAULT,
	};
	const struct row_reader r = {&faults, pane_us, &row};
	unsigned int before = errors->count;
	const cJSON *item;

	spec_twice_check(&faults, "", json);
	cJSON_ArrayForEach(item, json)
		field_read(&r, item);
	row_check(&r, json);
	if (errors->count != before)
		return -EINVAL;
	*ret = row;
	return 0;
}

// Element `at` of a list, which has to have a name.
static int
element_parse(const cJSON *item, const char *path, uint32_t at, uint64_t pane_us,
	struct limit_row *ret, struct error_list *errors)
{
	char place[64];
	const struct spec_reader faults = {.path = place, .errors = errors};

	snprintf(place, sizeof(place), "%s[%u]%s", path, at, cJSON_IsObject(item) ? "." : "");
	if (!cJSON_IsObject(item)) {
		spec_fault(&faults, "", item, "an object with the fields of a limit");
		return -EINVAL;
	}
	if (!given(item, "limit_name"))
		spec_fault(&faults, "limit_name", NULL, "the name of the limit");
	return limit_row_parse(item, place, pane_us, ret, errors);
}

// The rows before `at` have other names or dates.
static void
twice_check(const cJSON *item, const char *path, const struct limit_rows *rows, uint32_t at,
	struct error_list *errors)
{
	char place[64];
	const struct spec_reader faults = {.path = place, .errors = errors};

	for (uint32_t i = 0; i < at; i++) {
		if (limit_row_compare(&rows->row[i], &rows->row[at]) != 0)
			continue;
		snprintf(place, sizeof(place), "%s[%u].", path, at);
		spec_fault(&faults, "limit_name", cJSON_GetObjectItemCaseSensitive(item,
			"limit_name"), "one row for each name and effective_date");
		return;
	}
}

static int
list_fault(const cJSON *list, const char *path, struct error_list *errors)
{
	const struct spec_reader faults = {.path = path, .errors = errors};
	char allowed[64];

	snprintf(allowed, sizeof(allowed), "a list of at most %u limits", LIMIT_ROWS_MAX);
	spec_fault(&faults, "", list, allowed);
	return -EINVAL;
}

int
limit_rows_parse(const cJSON *list, const char *path, uint64_t pane_us,
	enum limit_origin origin, struct limit_rows *ret, struct error_list *errors)
{
	struct limit_rows rows = {.count = 0};
	unsigned int before = errors->count;
	const cJSON *item;

	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > LIMIT_ROWS_MAX)
		return list_fault(list, path, errors);
	rows.row = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(rows.row[0]));
	if (rows.row == NULL) {
		error_list_add(errors, path, "out of memory");
		return -ENOMEM;
	}
	cJSON_ArrayForEach(item, list) {
		if (element_parse(item, path, rows.count, pane_us, &rows.row[rows.count], errors) == 0)
			twice_check(item, path, &rows, rows.count, errors);
		rows.row[rows.count++].origin = origin;
	}
	if (errors->count != before) {
		limit_rows_free(&rows);
		return -EINVAL;
	}
	*ret = rows;
	return 0;
}

void
limit_rows_free(struct limit_rows *rows)
{
	free(rows->row);
	*rows = (struct limit_rows){.count = 0};
}
