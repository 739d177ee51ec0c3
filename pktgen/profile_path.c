/* SPDX-License-Identifier: BSD-3-Clause */
#include "profile_path.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "profile.h"

#define DEPTH_MAX 8  // of a path; profiles have 3

// A step of a path: a member, or an element of a list.
struct step {
	char name[FIELD_PATH_LEN];  // "" for an element
	int index;
	size_t end;  // of the path's text up to here
};

static int
path_wrong(const char *path, struct error *err)
{
	return error_field(err, -EINVAL, path, "%s: found a path that cannot be read, allowed are names "
		"with dots between and numbers in brackets, as in size.min or events[0].at_s", path);
}

// One step from *at on. false: this is none.
static bool
step_read(const char **at, struct step *ret)
{
	size_t len = strcspn(*at, ".[]");

	*ret = (struct step){0};
	if (**at == '[') {
		char *end = NULL;
		long n = isdigit((unsigned char)(*at)[1]) ? strtol(*at + 1, &end, 10) : -1;

		if (n < 0 || n > PROFILE_ADDRESSES_MAX || *end != ']')
			return false;
		ret->index = (int)n;
		*at = end + 1;
		return true;
	}
	if (len == 0 || len >= sizeof(ret->name))
		return false;
	memcpy(ret->name, *at, len);
	*at += len;
	return true;
}

// Number of steps, or -EINVAL.
static int
path_read(const char *path, struct step *steps, struct error *err)
{
	const char *at = path;
	int n = 0;

	while (n < DEPTH_MAX && step_read(&at, &steps[n]) && (n > 0 || steps[n].name[0] != '\0')) {
		steps[n++].end = (size_t)(at - path);
		if (*at == '\0')
			return n;
		if (*at == '.' && at[1] != '[')
			at++;
		else if (*at != '[')
			break;
	}
	return path_wrong(path, err);
}

// Where the field stands, as far as its path's text goes.
static int
place_wrong(const char *path, const struct step *step, const cJSON *found, const char *allowed,
	struct error *err)
{
	char text[FIELD_PATH_LEN];

	snprintf(text, sizeof(text), "%.*s", (int)step->end, path);
	return field_wrong(err, text, found, "%s", allowed);
}

// The item that a step leads to; made where it is not there. NULL with err filled.
static cJSON *
step_go(cJSON *from, const char *path, const struct step *step, struct error *err)
{
	int count = cJSON_GetArraySize(from);
	cJSON *item;

	if (step->name[0] != '\0') {
		item = cJSON_GetObjectItemCaseSensitive(from, step->name);
		return item != NULL ? item : cJSON_AddNullToObject(from, step->name);
	}
	if (step->index > count) {
		error_field(err, -EINVAL, path, "%.*s: found a list of %d, allowed is an index from 0 to "
			"%d, which is a new element", (int)step->end, path, count, count);
		return NULL;
	}
	if (step->index == count)
		cJSON_AddItemToArray(from, cJSON_CreateNull());
	return cJSON_GetArrayItem(from, step->index);
}

// Put `by` in place of what a step leads to; takes it over.
static int
item_replace(cJSON *parent, cJSON *item, const struct step *step, cJSON *by, struct error *err)
{
	bool well = by != NULL && (step->name[0] == '\0' ?
		cJSON_ReplaceItemViaPointer(parent, item, by) :
		cJSON_ReplaceItemInObjectCaseSensitive(parent, step->name, by));

	if (well)
		return 0;
	cJSON_Delete(by);
	return error_set(err, -ENOMEM, "no memory for a generator profile");
}

// The item can have what the next step names: a null becomes an object or a list.
static int
item_open(cJSON **item, cJSON *parent, const char *path, const struct step *step,
	const struct step *next, struct error *err)
{
	bool list = next->name[0] == '\0';
	cJSON *made;

	if (list ? cJSON_IsArray(*item) : cJSON_IsObject(*item))
		return 0;
	if (!cJSON_IsNull(*item))
		return place_wrong(path, step, *item, list ? "a list where there is an index" :
			"an object where there is a field within", err);
	made = list ? cJSON_CreateArray() : cJSON_CreateObject();
	if (item_replace(parent, *item, step, made, err) != 0)
		return -ENOMEM;
	*item = made;
	return 0;
}

// A word for an object with a type stands for that type.
static cJSON *
value_copy(const char *path, const cJSON *value)
{
	static const char *const typed[] = {"size", "popularity", "pacing", "lifetime",
		"exchange.request", "exchange.response"};

	for (size_t i = 0; cJSON_IsString(value) && i < sizeof(typed) / sizeof(typed[0]); i++)
		if (strcmp(path, typed[i]) == 0) {
			cJSON *o = cJSON_CreateObject();

			cJSON_AddStringToObject(o, "type", value->valuestring);
			return o;
		}
	return cJSON_Duplicate(value, true);
}

// The member `root` of a path with the field set in it.
static int
member_set(cJSON *holder, const char *path, const struct step *steps, int n, const cJSON *value,
	struct error *err)
{
	cJSON *parent = NULL, *item = holder;
	int rc = 0;

	for (int i = 0; i < n && rc == 0; i++) {
		if (i > 0)
			rc = item_open(&item, parent, path, &steps[i - 1], &steps[i], err);
		parent = item;
		item = rc == 0 ? step_go(parent, path, &steps[i], err) : NULL;
		rc = item == NULL && rc == 0 ? -EINVAL : rc;
	}
	if (rc != 0)
		return rc;
	return item_replace(parent, item, &steps[n - 1], value_copy(path, value), err);
}

// A replay has no simple forms and no rate: its members replace each other.
static cJSON *
changes_merge(const cJSON *profile, const cJSON *changes, struct error *err)
{
	const char *name = changes->child->string;
	cJSON *merged;

	if (field_item(profile, "replay") == NULL && strcmp(name, "replay") != 0)
		return profile_merge(profile, changes, err);
	merged = cJSON_Duplicate(profile, true);
	cJSON_DeleteItemFromObjectCaseSensitive(merged, name);
	cJSON_AddItemToObject(merged, name, cJSON_Duplicate(changes->child, true));
	return merged;
}

cJSON *
profile_path_set(const cJSON *profile, const char *path, const cJSON *value, struct error *err)
{
	struct step steps[DEPTH_MAX];
	int n = path_read(path, steps, err);
	cJSON *changes, *merged = NULL;
	const cJSON *member;

	if (n < 0)
		return NULL;
	changes = cJSON_CreateObject();
	member = cJSON_GetObjectItemCaseSensitive(profile, steps[0].name);
	if (member != NULL)
		cJSON_AddItemToObject(changes, steps[0].name, cJSON_Duplicate(member, true));
	if (member_set(changes, path, steps, n, value, err) == 0)
		merged = changes_merge(profile, changes, err);
	cJSON_Delete(changes);
	return merged;
}

static void
fields_each(const cJSON *object, const char *prefix,
	void (*each)(void *arg, const char *path, const cJSON *value), void *arg)
{
	char path[FIELD_PATH_LEN], entry[FIELD_PATH_LEN];
	const cJSON *item, *element;
	size_t i;

	cJSON_ArrayForEach(item, object) {
		field_path(path, prefix, item->string);
		each(arg, path, item);
		if (cJSON_IsObject(item))
			fields_each(item, path, each, arg);
		if (strcmp(path, "events") != 0)
			continue;
		i = 0;
		cJSON_ArrayForEach(element, item)
			fields_each(element, field_path_index(entry, path, i++), each, arg);
	}
}

void
profile_path_each(const cJSON *profile,
	void (*each)(void *arg, const char *path, const cJSON *value), void *arg)
{
	fields_each(profile, "", each, arg);
}
