/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
