/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

// Options whose values are passwords or may hold one (libmongoc's names).
static void
options_hide(char *uri)
{
	static const char *const names[] = {"password=", "authMechanismProperties="};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (char *at = strcasestr(uri, names[i]); at != NULL; at = strcasestr(at, names[i])) {
			at += strlen(names[i]);
			memset(at, '*', strcspn(at, "&"));
		}
}

char *
secret_hide_uri(const char *uri)
{
	const char *start = strstr(uri, "://"), *end = strrchr(uri, '@');
	const char *colon = start != NULL ? strchr(start + 3, ':') : NULL;
	char *hidden;

	if (colon == NULL || end == NULL || colon > end)
		hidden = strdup(uri);
	else if (asprintf(&hidden, "%.*s:***%s", (int)(colon - uri), uri, end) < 0)
		hidden = NULL;
	if (hidden != NULL)
		options_hide(hidden);
	return hidden;
}

// How much after "//" is a user and its password; 0: a host. ret_user: of these, the user and ":".
static size_t
credentials_len(const char *at, size_t *ret_user)
{
	size_t user = strcspn(at, ":@/\" \t"), word, len = 0;
	const char *next = strstr(at, "//");

	if (at[0] == '[' || at[user] != ':')
		return 0;
	*ret_user = ++user;
	word = user + strcspn(at + user, "\" \t");
	for (size_t i = user; at[i] != '\0' && (next == NULL || at + i < next); i++)
		if (at[i] == '@')
			len = i;
	if (memchr(at + user, '@', word - user) != NULL)
		return len;
	// A port, or what was cut off before its "@".
	if (strchr("/,\" \t'])", at[user + strspn(at + user, "0123456789")]) != NULL)
		return 0;
	return len > word ? len : word;
}

char *
secret_hide_text(const char *text)
{
	size_t size, user, len;
	char *hidden = NULL;
	FILE *out = open_memstream(&hidden, &size);
	const char *at = text, *start;

	if (out == NULL)
		return NULL;
	while ((start = strstr(at, "//")) != NULL) {
		start += 2;
		fwrite(at, 1, (size_t)(start - at), out);
		at = start;
		len = credentials_len(at, &user);
		if (len > 0) {
			fprintf(out, "%.*s***", (int)user, at);
			at += len;
		}
	}
	fputs(at, out);
	if (fclose(out) != 0) {
		free(hidden);
		return NULL;
	}
	options_hide(hidden);
	return hidden;
}

static void
texts_wipe(cJSON *v)
{
	cJSON *child;

	if (v->valuestring != NULL)
		explicit_bzero(v->valuestring, strlen(v->valuestring));
	cJSON_ArrayForEach(child, v)
		texts_wipe(child);
}

void
secret_json_delete(cJSON *v)
{
	if (v != NULL)
		texts_wipe(v);
	cJSON_Delete(v);
}
