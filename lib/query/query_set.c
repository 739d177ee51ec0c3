/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/query_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A set that is being made: a copy of another one with room for all queries.
static struct query_set *
set_copy(const struct query_set *s, struct error_list *errors)
{
	struct query_set *copy = malloc(sizeof(*s) + QUERY_SET_MAX * sizeof(s->spec[0]));

	if (copy == NULL) {
		error_list_add(errors, "", "out of memory");
		return NULL;
	}
	memcpy(copy, s, sizeof(*s) + s->count * sizeof(s->spec[0]));
	copy->references = 1;
	copy->version++;
	copy->filters.version++;
	filter_set_hold(&copy->filters);
	return copy;
}

// Which query has this filter, SET->count if none has.
static unsigned int
filter_user(const struct query_set *s, const char *text)
{
	unsigned int i = 0;

	while (i < s->count && strcmp(s->spec[i].dimension.filter, text) != 0)
		i++;
	return i;
}

static void
filters_drop(struct query_set *s)
{
	for (unsigned int i = 0; i < FILTERS_MAX; i++)
		if ((s->filters.used >> i & 1) != 0 &&
				filter_user(s, filter_text(s->filters.filter[i])) == s->count)
			filter_set_remove(&s->filters, i);
}

static bool
filters_equal(const struct filter_set *a, const struct filter_set *b)
{
	return a->used == b->used && memcmp(a->filter, b->filter, sizeof(a->filter)) == 0;
}

// Bring in the filter of query `at`, if it has one.
static void
filter_bring(struct query_set *s, unsigned int at, const char *path, uint32_t settled,
	struct error_list *errors)
{
	const struct query_spec *q = &s->spec[at];
	struct error err = {0};
	char field[96];

	if (q->dimension.filter[0] == '\0' ||
			filter_set_add(&s->filters, q->dimension.filter, settled, s->mode, &err) == 0)
		return;
	snprintf(field, sizeof(field), "%sfilter", path);
	error_list_add(errors, field, "%s: query '%s': '%.100s': %s", field, q->name,
		q->dimension.filter, err.text);
}

// The set that was made, or NULL if something was wrong. Without a change of filters it has the
// filters' version of the set it came from, so that flows need not be looked at.
static struct query_set *
set_finish(struct query_set *s, const struct query_set *from, struct error_list *errors)
{
	filters_drop(s);
	if (errors->count > 0) {
		query_set_put(s);
		return NULL;
	}
	if (filters_equal(&s->filters, &from->filters))
		s->filters.version = from->filters.version;
	return s;
}

static unsigned int
name_find(const struct query_set *s, const char *name)
{
	unsigned int i = 0;

	while (i < s->count && strcmp(s->spec[i].name, name) != 0)
		i++;
	return i;
}

const struct query_spec *
query_set_find(const struct query_set *s, const char *name)
{
	unsigned int i = name_find(s, name);

	return i < s->count ? &s->spec[i] : NULL;
}

// `replaces`: a built-in query may be there by that name. The filter comes later.
static void
spec_put(struct query_set *s, const struct query_spec *q, const char *path, bool replaces,
	struct error_list *errors)
{
	unsigned int at = name_find(s, q->name);
	char field[64];

	snprintf(field, sizeof(field), "%sname", path);
	if (at < s->count && !(replaces && s->spec[at].builtin)) {
		error_list_add(errors, field, "%s: there is a query '%s' already", field, q->name);
		return;
	}
	if (at == QUERY_SET_MAX) {
		error_list_add(errors, field, "%s: there are %d queries, which is all that may be",
			field, QUERY_SET_MAX);
		return;
	}
	s->spec[at] = *q;
	if (at == s->count)
		s->count++;
}

static void
builtins_put(struct query_set *s)
{
	for (unsigned int i = 0; i < QUERY_BUILTINS; i++)
		if ((s->context.builtins_off >> i & 1) == 0)
			s->spec[s->count++] = query_spec_builtin(i, &s->context);
}

static void
queries_put(struct query_set *s, const cJSON *queries, const char *path, struct error_list *errors)
{
	char item_path[64];
	struct query_spec q;
	const cJSON *item;
	unsigned int i = 0;

	if (queries != NULL && !cJSON_IsArray(queries))
		error_list_add(errors, path, "%s: allowed is a list of queries", path);
	cJSON_ArrayForEach(item, queries) {
		snprintf(item_path, sizeof(item_path), "%s[%u].", path, i++);
		if (query_spec_parse(item, item_path, &s->context, &q, errors) == 0)
			spec_put(s, &q, item_path, true, errors);
	}
}

// The filters of the queries that queries_put() brought in, when those of others are gone.
static void
filters_put(struct query_set *s, const cJSON *queries, const char *path, uint32_t settled,
	struct error_list *errors)
{
	char item_path[64];
	const cJSON *item;
	bool brought[QUERY_SET_MAX] = {false};
	unsigned int i = 0, at;

	filters_drop(s);
	cJSON_ArrayForEach(item, queries) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "name"));

		snprintf(item_path, sizeof(item_path), "%s[%u].", path, i++);
		at = name != NULL ? name_find(s, name) : s->count;
		if (at == s->count || brought[at])
			continue;  // a fault that was told
		brought[at] = true;
		filter_bring(s, at, item_path, settled, errors);
	}
}

struct query_set *
query_set_create(const struct query_context *c, const cJSON *queries, const char *path,
	enum filter_mode mode, struct error_list *errors)
{
	const struct query_set nothing = {.context = *c, .mode = mode};
	struct query_set *s = set_copy(&nothing, errors);

	if (s == NULL)
		return NULL;
	builtins_put(s);
	queries_put(s, queries, path, errors);
	filters_put(s, queries, path, 0, errors);
	s = set_finish(s, &nothing, errors);
	if (s != NULL)
		s->filters.version = 1;
	return s;
}

struct query_set *
query_set_replace(const struct query_set *s, const struct query_context *c, const cJSON *queries,
	const char *path, uint32_t settled, struct error_list *errors)
{
	struct query_set *next = set_copy(s, errors);

	if (next == NULL)
		return NULL;
	next->context = *c;
	next->count = 0;
	builtins_put(next);
	queries_put(next, queries, path, errors);
	filters_put(next, queries, path, settled, errors);
	return set_finish(next, s, errors);
}

struct query_set *
query_set_get(struct query_set *s)
{
	s->references++;
	return s;
}

void
query_set_put(struct query_set *s)
{
	if (s == NULL || --s->references > 0)
		return;
	filter_set_fini(&s->filters);
	free(s);
}

struct query_set *
query_set_add(const struct query_set *s, const cJSON *query, uint32_t settled,
	struct error_list *errors)
{
	struct query_set *next = set_copy(s, errors);
	struct query_spec q;

	if (next == NULL)
		return NULL;
	if (query_spec_parse(query, "", &s->context, &q, errors) == 0)
		spec_put(next, &q, "", false, errors);
	if (errors->count == 0)
		filter_bring(next, name_find(next, q.name), "", settled, errors);
	return set_finish(next, s, errors);
}

// The query as it is, as JSON, with the fields of `changes` in the place of its own.
static cJSON *
spec_merge(const struct query_spec *q, const cJSON *changes)
{
	cJSON *json = query_spec_json(q);
	const cJSON *item;

	// Nobody means "built in, but otherwise".
	if (json != NULL && q->builtin)
		cJSON_ArrayForEach(item, changes)
			if (strcmp(item->string, "name") != 0 && strcmp(item->string, "paused") != 0 &&
					strcmp(item->string, "compare") != 0)
				cJSON_DeleteItemFromObjectCaseSensitive(json, "builtin");
	cJSON_ArrayForEach(item, changes) {
		cJSON *copy = json != NULL ? cJSON_Duplicate(item, true) : NULL;

		if (copy == NULL) {
			cJSON_Delete(json);
			return NULL;
		}
		cJSON_DeleteItemFromObjectCaseSensitive(json, item->string);
		cJSON_AddItemToObject(json, item->string, copy);
	}
	return json;
}

// A subnet's prefixes are not those of another key.
static void
prefixes_forget(cJSON *json, const cJSON *changes)
{
	static const char *const names[2] = {"prefix4", "prefix6"};
	const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "key"));

	for (unsigned int i = 0; key != NULL && strcmp(key, "subnet") != 0 && i < 2; i++)
		if (cJSON_GetObjectItemCaseSensitive(changes, names[i]) == NULL)
			cJSON_DeleteItemFromObjectCaseSensitive(json, names[i]);
}

static void
unknown_name_add(const char *name, struct error_list *errors)
{
	error_list_add(errors, "name", "name: no query '%s'; query.list lists them", name);
}

struct query_set *
query_set_update(const struct query_set *s, const cJSON *query, uint32_t settled,
	struct error_list *errors)
{
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(query, "name"));
	unsigned int at = name != NULL ? name_find(s, name) : s->count;
	struct query_set *next;
	struct query_spec q;
	cJSON *json;

	if (at == s->count) {
		unknown_name_add(name != NULL ? name : "", errors);
		return NULL;
	}
	next = set_copy(s, errors);
	json = spec_merge(&s->spec[at], query);
	if (next == NULL || json == NULL) {
		if (next != NULL)
			error_list_add(errors, "", "out of memory");
		query_set_put(next);
		cJSON_Delete(json);
		return NULL;
	}
	prefixes_forget(json, query);
	if (query_spec_parse(json, "", &s->context, &q, errors) == 0) {
		next->spec[at] = q;
		filter_bring(next, at, "", settled, errors);
	}
	cJSON_Delete(json);
	return set_finish(next, s, errors);
}

struct query_set *
query_set_remove(const struct query_set *s, const char *name, struct error_list *errors)
{
	unsigned int at = name_find(s, name);
	struct query_set *next;

	if (at == s->count) {
		unknown_name_add(name, errors);
		return NULL;
	}
	next = set_copy(s, errors);
	if (next == NULL)
		return NULL;
	memmove(&next->spec[at], &next->spec[at + 1],
		(next->count - at - 1) * sizeof(next->spec[0]));
	next->count--;
	return set_finish(next, s, errors);
}

struct query_set *
query_set_parameters(const struct query_set *s, const struct query_parameters *p,
	struct error_list *errors)
{
	struct query_set *next = set_copy(s, errors);

	if (next == NULL)
		return NULL;
	next->context.parameters = *p;
	for (unsigned int i = 0; i < next->count; i++) {
		struct query_spec *q = &next->spec[i];
		const struct query_spec was = *q;

		if (!q->builtin)
			continue;
		*q = query_spec_builtin(query_builtin_find(q->name), &next->context);
		q->compare = was.compare;
		q->paused = was.paused;
	}
	return set_finish(next, s, errors);
}

int
query_set_check(const struct query_set *s, const cJSON *query, struct query_spec *ret,
	struct error_list *errors)
{
	cJSON *named = cJSON_Duplicate(query, true);
	struct filter *f;
	struct error err;
	int rc;

	if (cJSON_IsObject(named) && cJSON_GetObjectItemCaseSensitive(named, "name") == NULL)
		cJSON_AddStringToObject(named, "name", "preview");
	rc = query_spec_parse(named, "", &s->context, ret, errors);
	cJSON_Delete(named);
	if (rc == 0 && query_compares(&ret->compare)) {
		error_list_add(errors, "compare", "compare: allowed is in queries at work only, not in a "
			"preview");
		return -EINVAL;
	}
	if (rc != 0 || ret->dimension.filter[0] == '\0')
		return rc;
	f = filter_create(ret->dimension.filter, FILTER_CHECK, &err);
	if (f == NULL) {
		error_list_add(errors, "filter", "filter: '%.100s': %s", ret->dimension.filter,
			err.text);
		return -EINVAL;
	}
	filter_put(f);
	return 0;
}

cJSON *
query_spec_json(const struct query_spec *spec)
{
	struct json_out o = {0};
	cJSON *json = NULL;

	query_spec_write(&o, spec);
	if (!o.failed)
		json = cJSON_Parse(o.data);
	json_out_free(&o);
	return json;
}

cJSON *
query_set_list(const struct query_set *s)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned int i = 0; list != NULL && i < s->count; i++) {
		cJSON *q = query_spec_json(&s->spec[i]);

		if (q == NULL) {
			cJSON_Delete(list);
			return NULL;
		}
		cJSON_AddItemToArray(list, q);
	}
	return list;
}

// A built-in query as it is made says nothing; a paused one does.
static bool
goes_without_saying(const struct query_spec *q)
{
	return q->builtin && !q->paused;
}

static cJSON *
spec_document(const struct query_spec *q)
{
	cJSON *json;

	if (!q->builtin)
		return query_spec_json(q);
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "name", q->name);
	cJSON_AddBoolToObject(json, "builtin", true);
	cJSON_AddBoolToObject(json, "paused", true);
	return json;
}

cJSON *
query_set_document(const struct query_set *s, uint32_t *ret_builtins_off)
{
	cJSON *list = cJSON_CreateArray();
	uint32_t off = 0;

	for (unsigned int i = 0; i < QUERY_BUILTINS; i++)
		if (name_find(s, query_builtin_name(i)) == s->count)
			off |= UINT32_C(1) << i;
	for (unsigned int i = 0; list != NULL && i < s->count; i++)
		if (!goes_without_saying(&s->spec[i]))
			cJSON_AddItemToArray(list, spec_document(&s->spec[i]));
	*ret_builtins_off = off;
	return list;
}
