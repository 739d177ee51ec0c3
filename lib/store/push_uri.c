/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "store/push_server.h"

// A person gave the URI, possibly with a password that is not escaped, so libmongoc's reason may
// quote a part of it. It is only shown where the URI can hold no secret.
static bool
may_hold_secret(const char *uri)
{
	return strchr(uri, '@') != NULL || strcasestr(uri, "pass") != NULL ||
		strcasestr(uri, "properties") != NULL;
}

// Networks fail slowly; what a person may wait for at most is bounded here.
static void
timeout_bound(mongoc_uri_t *uri, const char *option, int32_t normal_ms, int32_t most_ms)
{
	int32_t ms = mongoc_uri_get_option_as_int32(uri, option, normal_ms);

	if (ms <= 0 || ms > most_ms)
		ms = most_ms;
	mongoc_uri_set_option_as_int32(uri, option, ms);
}

static int
uri_refuse(const char *uri, const bson_error_t *e, struct error *err)
{
	static const char form[] =
		"mongodb://[user:password@]host[:port][,host...][/database][?options], with "
		"reserved characters in user and password escaped as %XX";

	if (may_hold_secret(uri) || e->message[0] == '\0')
		return error_field(err, -EINVAL, "--push", "--push: allowed is %s", form);
	return error_field(err, -EINVAL, "--push", "--push: %.180s; allowed is %s", e->message,
		form);
}

mongoc_uri_t *
push_uri_parse(const char *uri, struct error *err)
{
	bson_error_t e = {0};
	mongoc_uri_t *parsed = NULL;

	// libmongoc tells of unknown options on stderr, with their values.
	mongoc_log_set_handler(NULL, NULL);
	if (strncmp(uri, "mongodb://", 10) == 0 || strncmp(uri, "mongodb+srv://", 14) == 0)
		parsed = mongoc_uri_new_with_error(uri, &e);
	if (parsed == NULL) {
		uri_refuse(uri, &e, err);
		return NULL;
	}
	timeout_bound(parsed, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 5000, 30000);
	timeout_bound(parsed, MONGOC_URI_CONNECTTIMEOUTMS, 5000, 30000);
	timeout_bound(parsed, MONGOC_URI_SOCKETTIMEOUTMS, 10000, 60000);
	return parsed;
}

int
push_uri_check(const char *uri, struct error *err)
{
	mongoc_uri_t *parsed = push_uri_parse(uri, err);

	if (parsed == NULL)
		return -EINVAL;
	mongoc_uri_destroy(parsed);
	return 0;
}
