/* SPDX-License-Identifier: BSD-3-Clause */
#include "sent_history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "answer_key.h"
#include "fields.h"
#include "plan.h"

void
sent_history_since(const struct sent_history *h, const struct generator *g,
	struct generator_stats *ret)
{
	generator_stats_get(g, ret);
	ret->sent -= h->before.sent;
	ret->bytes -= h->before.bytes;
	ret->dropped -= h->before.dropped;
	ret->late -= h->before.late;
	ret->active_s -= h->before.active_s;
}

// Is it the file of an earlier key, by whatever path?
static bool
key_file_taken(const struct sent_history *h, const char *name)
{
	struct stat a, b;

	if (stat(name, &a) != 0)
		return false;
	for (unsigned int i = 0; i < h->count; i++) {
		const char *earlier = h->entries[i].key_file;

		if (earlier != NULL && stat(earlier, &b) == 0 && a.st_dev == b.st_dev &&
				a.st_ino == b.st_ino)
			return true;
	}
	return false;
}

// "key.json", then "key.json.2", "key.json.3": the first that no earlier key is in.
static char *
key_file_name(const struct sent_history *h, const char *asked)
{
	char *name = strdup(asked);

	for (unsigned int n = 2; name != NULL && key_file_taken(h, name); n++) {
		free(name);
		if (asprintf(&name, "%s.%u", asked, n) < 0)
			name = NULL;
	}
	return name;
}

static int
key_finish(const struct sent_history *h, struct sent_entry *e, struct answer_key *key,
	const char *asked, struct error *err)
{
	struct json_out totals = {0}, protocols = {0};
	char *name = asked != NULL ? key_file_name(h, asked) : NULL;
	int rc;

	if (name == NULL || answer_key_path_set(key, name) != 0)
		rc = error_set(err, -ENOMEM, "no memory for the answer key");
	else
		rc = answer_key_finish(key, &totals, err);
	if (rc == 0)
		answer_key_totals_write(key, &protocols);
	e->key_totals = json_out_take(&totals);
	e->key_protocols = json_out_take(&protocols);
	if (rc == 0 && (e->key_totals == NULL || e->key_protocols == NULL))
		rc = error_set(err, -ENOMEM, "no memory for the answer key");
	if (rc == 0)
		e->key_file = name;
	else
		free(name);
	return rc;
}

static void
entry_key(struct sent_history *h, struct sent_entry *e, struct plan *plan, const cJSON *profile)
{
	const char *asked = cJSON_GetStringValue(field_item(profile, "answer_key"));
	struct error err = {0};

	if (key_finish(h, e, plan->key, asked, &err) != 0 && h->fault.text[0] == '\0')
		h->fault = err;
	answer_key_free(plan->key);
	plan->key = NULL;
}

void
sent_history_add(struct sent_history *h, const struct generator *g, struct plan *plan,
	const cJSON *profile, char *latency)
{
	struct sent_entry *e = &h->entries[h->count];
	struct generator_stats s;

	sent_history_since(h, g, &s);
	if ((s.sent == 0 && s.dropped == 0 && s.late == 0) || h->count == SENT_HISTORY_MAX) {
		free(latency);
		return;
	}
	*e = (struct sent_entry){.profile = cJSON_PrintUnformatted(profile), .sent = s.sent,
		.bytes = s.bytes, .dropped = s.dropped, .late = s.late, .seconds = s.active_s,
		.latency = latency};
	if (plan->key != NULL)
		entry_key(h, e, plan, profile);
	h->count++;
	generator_stats_get(g, &h->before);
}

int
sent_history_room(const struct sent_history *h, struct error *err)
{
	if (h->count + 1 < SENT_HISTORY_MAX)
		return 0;
	return error_set(err, -ENOSPC, "found %u profiles under which packets were sent, allowed are %u "
		"in one run", h->count + 1, SENT_HISTORY_MAX);
}

static void
raw_or_null(struct json_out *out, const char *key, const char *json)
{
	json_out_key(out, key);
	json_out_raw(out, json != NULL ? json : "null");
}

static void
entry_write(const struct sent_entry *e, struct json_out *out)
{
	json_out_open(out, '{');
	json_out_key_u64(out, "sent", e->sent);
	json_out_key_u64(out, "bytes", e->bytes);
	json_out_key_u64(out, "dropped", e->dropped);
	json_out_key_u64(out, "late", e->late);
	json_out_key_f64(out, "seconds", e->seconds);
	raw_or_null(out, "latency", e->latency);
	json_out_key(out, "answer_key_file");
	if (e->key_file != NULL)
		json_out_str(out, e->key_file);
	else
		json_out_null(out);
	raw_or_null(out, "answer_key", e->key_totals);
	raw_or_null(out, "profile", e->profile);
	json_out_close(out, '}');
}

void
sent_history_write(const struct sent_history *h, struct json_out *out)
{
	json_out_open(out, '[');
	for (unsigned int i = 0; i < h->count; i++)
		entry_write(&h->entries[i], out);
	json_out_close(out, ']');
}

void
sent_history_free(struct sent_history *h)
{
	for (unsigned int i = 0; i < h->count; i++) {
		struct sent_entry *e = &h->entries[i];

		cJSON_free(e->profile);
		free(e->key_file);
		free(e->key_totals);
		free(e->key_protocols);
		free(e->latency);
	}
	h->count = 0;
}
