/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "query/dimension.h"
#include "query/spec_fields.h"
#include "query/spec_read.h"

// One row = field and how it is read. What fields have to do with each other is checked afterwards.
struct spec_field {
	const char *name;
	void (*read)(const struct spec_reader *r, const cJSON *item);
};

#define PREFIX4_DEFAULT 24
#define PREFIX6_DEFAULT 64

void
spec_fault(const struct spec_reader *r, const char *field, const cJSON *item, const char *allowed)
{
	char path[96], *found = item != NULL ? cJSON_PrintUnformatted(item) : NULL;

	snprintf(path, sizeof(path), "%s%s", r->path, field);
	if (item == NULL)
		error_list_add(r->errors, path, "%s: missing; allowed is %s", path, allowed);
	else
		error_list_add(r->errors, path, "%s: found %.80s; allowed is %s", path,
			found != NULL ? found : "?", allowed);
	cJSON_free(found);
}

void
spec_twice_check(const struct spec_reader *r, const char *prefix, const cJSON *object)
{
	char field[64];

	for (const cJSON *a = object->child; a != NULL; a = a->next) {
		for (const cJSON *b = object->child; b != a; b = b->next) {
			if (strcmp(a->string, b->string) != 0)
				continue;
			snprintf(field, sizeof(field), "%s%.40s", prefix, a->string);
			spec_fault(r, field, a, "a field once");
			break;
		}
	}
}

// A value that its row in query_fields does not let through; true: it is good.
static bool
row_check(const struct spec_reader *r, const char *field, const cJSON *item)
{
	const struct param *p = param_find(query_fields, field);
	char allowed[192];

	if (param_fits(p, item))
		return true;
	spec_fault(r, field, item, param_allowed(p, allowed, sizeof(allowed)));
	return false;
}

static void
name_read(const struct spec_reader *r, const cJSON *item)
{
	const char *name = cJSON_GetStringValue(item);

	if (name == NULL || !query_name_valid(name))
		spec_fault(r, "name", item, "1 to 63 letters, digits, '-', '_' and '.', "
			"beginning with a letter or digit");
	else
		snprintf(r->spec->name, sizeof(r->spec->name), "%s", name);
}

// The words that name(i) gives for i < count: index of the text, or count.
static unsigned int
word_find(const cJSON *item, const char *(*name)(unsigned int i), unsigned int count)
{
	const char *text = cJSON_GetStringValue(item);
	unsigned int i = 0;

	while (i < count && (text == NULL || strcmp(name(i), text) != 0))
		i++;
	return i;
}

static unsigned int
word_read(const struct spec_reader *r, const char *field, const cJSON *item,
	const char *(*name)(unsigned int i), unsigned int count)
{
	unsigned int at = word_find(item, name, count);
	char allowed[256] = "one of ";
	size_t len = strlen(allowed);

	if (at < count)
		return at;
	for (unsigned int i = 0; i < count && len < sizeof(allowed); i++)
		len += (size_t)snprintf(allowed + len, sizeof(allowed) - len, "%s%s",
			i > 0 ? ", " : "", name(i));
	spec_fault(r, field, item, allowed);
	return 0;
}

static const char *
key_name(unsigned int i)
{
	return dimension_ops_get(i)->name;
}

static const char *
metric_name(unsigned int i)
{
	return query_metric_name(i);
}

static const char *
scope_name(unsigned int i)
{
	return query_scope_name(i);
}

static void
key_read(const struct spec_reader *r, const cJSON *item)
{
	r->spec->dimension.kind = word_read(r, "key", item, key_name, DIMENSION_KINDS);
}

static void
metric_read(const struct spec_reader *r, const cJSON *item)
{
	r->spec->metric = word_read(r, "metric", item, metric_name, QUERY_METRIC_KINDS);
}

static void
scope_read(const struct spec_reader *r, const cJSON *item)
{
	r->spec->dimension.scope = word_read(r, "scope", item, scope_name, QUERY_SCOPES);
	if (r->spec->dimension.scope != QUERY_SCOPE_ALL && network_set_empty(r->context->networks))
		spec_fault(r, "scope", item, "all, as there are no local_networks");
}

static void
prefix4_read(const struct spec_reader *r, const cJSON *item)
{
	if (row_check(r, "prefix4", item))
		r->spec->dimension.prefix4 = (uint8_t)item->valuedouble;
}

static void
prefix6_read(const struct spec_reader *r, const cJSON *item)
{
	if (row_check(r, "prefix6", item))
		r->spec->dimension.prefix6 = (uint8_t)item->valuedouble;
}

static void
filter_read(const struct spec_reader *r, const cJSON *item)
{
	if (row_check(r, "filter", item))
		snprintf(r->spec->dimension.filter, QUERY_FILTER_LEN, "%s", item->valuestring);
}

uint64_t
spec_seconds_get(const cJSON *item)
{
	double us = cJSON_IsNumber(item) ? item->valuedouble * (double)CLOCK_US_PER_S : 0;

	if (!(us >= 1 && us <= (double)QUERY_WINDOW_US_MAX) || fabs(us - round(us)) > 1e-3)
		return 0;
	return (uint64_t)round(us);
}

static void
slide_read(const struct spec_reader *r, const cJSON *item)
{
	uint64_t us = spec_seconds_get(item), pane_us = r->context->pane_us;
	char allowed[96];

	r->spec->slide_us = us;
	if (us != 0 && us % pane_us == 0)
		return;
	r->spec->slide_us = pane_us;
	snprintf(allowed, sizeof(allowed), "a multiple of the pane (%g s) of at most %d s",
		(double)pane_us / CLOCK_US_PER_S, QUERY_T_MAX);
	spec_fault(r, "slide_s", item, allowed);
}

// After the slide: the window is a multiple of it.
static void
window_read(const struct spec_reader *r, const cJSON *item)
{
	uint64_t us = spec_seconds_get(item);
	char allowed[128];

	r->spec->window_us = us;
	if (cJSON_IsNull(item) || (us != 0 && us % r->spec->slide_us == 0))
		return;
	snprintf(allowed, sizeof(allowed), "a multiple of slide_s (%g s) of at most %d s, or null "
		"for all since the start", (double)r->spec->slide_us / CLOCK_US_PER_S, QUERY_T_MAX);
	spec_fault(r, "window_s", item, allowed);
}

static void
paused_read(const struct spec_reader *r, const cJSON *item)
{
	if (row_check(r, "paused", item))
		r->spec->paused = cJSON_IsTrue(item);
}

static void
builtin_read(const struct spec_reader *r, const cJSON *item)
{
	row_check(r, "builtin", item);
}

// In the order in which they are read.
static const struct spec_field fields[] = {
	{"name", name_read}, {"key", key_read}, {"prefix4", prefix4_read},
	{"prefix6", prefix6_read}, {"metric", metric_read}, {"filter", filter_read},
	{"op", spec_op_read}, {"slide_s", slide_read}, {"window_s", window_read},
	{"compare", spec_compare_read},
	{"scope", scope_read}, {"paused", paused_read}, {"builtin", builtin_read},
};

static void
unknown_check(const struct spec_reader *r, const cJSON *json)
{
	char allowed[256] = "none of that name; fields are ";
	size_t len = strlen(allowed);
	const cJSON *item;

	param_names(query_fields, allowed + len, sizeof(allowed) - len);
	cJSON_ArrayForEach(item, json)
		if (param_find(query_fields, item->string) == NULL)
			spec_fault(r, item->string, item, allowed);
}

static void
fields_read(const struct spec_reader *r, const cJSON *json, bool builtin)
{
	for (unsigned int i = 0; i < RTE_DIM(fields); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, fields[i].name);

		if (item != NULL)
			fields[i].read(r, item);
		else if (strcmp(fields[i].name, "name") == 0)
			spec_fault(r, "name", NULL, "1 to 63 letters, digits, '-', '_' and '.'");
		else if (strcmp(fields[i].name, "key") == 0 && !builtin)
			word_read(r, "key", NULL, key_name, DIMENSION_KINDS);
		else if (strcmp(fields[i].name, "op") == 0 && !builtin)
			spec_fault(r, "op", NULL, "an object with a type");
	}
}

static void
prefixes_check(const struct spec_reader *r, const cJSON *json)
{
	static const char *const names[2] = {"prefix4", "prefix6"};
	struct dimension_spec *d = &r->spec->dimension;

	if (d->kind == DIMENSION_SUBNET)
		return;
	d->prefix4 = 0;
	d->prefix6 = 0;
	for (unsigned int i = 0; i < 2; i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, names[i]);

		if (item != NULL)
			spec_fault(r, names[i], item, "with key subnet only");
	}
}

// After key and metric.
static void
metric_check(const struct spec_reader *r, const cJSON *json)
{
	const struct query_spec *s = r->spec;
	const char *refusal = NULL;
	char allowed[128];

	if (query_metric_distinct(s->metric))
		refusal = metric_ops_get(s->metric)->refusal(s->dimension.kind);
	if (refusal == NULL)
		return;
	snprintf(allowed, sizeof(allowed), "another one with key %s: %s", key_name(s->dimension.kind),
		refusal);
	spec_fault(r, "metric", cJSON_GetObjectItemCaseSensitive(json, "metric"), allowed);
}

static bool
spec_equal(const struct query_spec *a, const struct query_spec *b)
{
	return dimension_spec_equal(&a->dimension, &b->dimension) && a->metric == b->metric &&
		a->op.kind == b->op.kind && a->window_us == b->window_us &&
		a->slide_us == b->slide_us &&
		(a->op.kind != OPERATOR_TOPK || a->op.k == b->op.k) &&
		(a->op.kind != OPERATOR_SHARE || a->op.percent == b->op.percent) &&
		(a->op.kind != OPERATOR_OUTLIER_SIGMA || a->op.x == b->op.x);
}

// A query that says it is built in may repeat what it is made of, and nothing else.
static void
builtin_check(const struct spec_reader *r, const cJSON *json, const struct query_spec *made)
{
	if (!spec_equal(r->spec, made))
		spec_fault(r, "builtin", cJSON_GetObjectItemCaseSensitive(json, "builtin"),
			"true with name, compare and paused only: the rest is made from the parameters");
}

// What fields that are left out are.
static void
defaults_set(struct query_spec *s, const struct query_context *c)
{
	*s = (struct query_spec){
		.dimension = {.prefix4 = PREFIX4_DEFAULT, .prefix6 = PREFIX6_DEFAULT},
		.metric = QUERY_METRIC_BYTES,
		.slide_us = c->pane_us,
	};
}

int
query_spec_parse(const cJSON *json, const char *path, const struct query_context *c,
	struct query_spec *ret, struct error_list *errors)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(json, "name");
	const struct spec_reader r = {path, c, ret, errors};
	unsigned int before = errors->count, builtin = QUERY_BUILTINS;
	struct query_spec made = {0};

	defaults_set(ret, c);
	if (!cJSON_IsObject(json)) {
		char field[96];

		snprintf(field, sizeof(field), "%s", path);
		if (field[0] != '\0')
			field[strlen(field) - 1] = '\0';
		error_list_add(errors, field, "%s: allowed is an object with name, key and op",
			field[0] != '\0' ? field : "query");
		return -EINVAL;
	}
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "builtin"))) {
		builtin = cJSON_IsString(name) ? query_builtin_find(name->valuestring) :
			QUERY_BUILTINS;
		if (builtin == QUERY_BUILTINS)
			spec_fault(&r, "builtin", cJSON_GetObjectItemCaseSensitive(json, "builtin"),
				"true for the built-in queries' names only");
		else
			*ret = made = query_spec_builtin(builtin, c);
	}
	unknown_check(&r, json);
	spec_twice_check(&r, "", json);
	fields_read(&r, json, builtin < QUERY_BUILTINS);
	prefixes_check(&r, json);
	metric_check(&r, json);
	if (builtin < QUERY_BUILTINS && errors->count == before)
		builtin_check(&r, json, &made);
	return errors->count == before ? 0 : -EINVAL;
}
