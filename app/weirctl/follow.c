/* SPDX-License-Identifier: BSD-3-Clause */
#include "follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "answer.h"
#include "control/control.h"

#define RETRY_S 1

const char *const follow_topics[] = {"result", "alert", "alerts", "stats", "flow", NULL};

struct follow {
	struct client *client;
	const char *topic;     // of `subscribe`
	unsigned long count;   // lines to come, 0: no end
	unsigned long printed;
	bool end;
	bool unread;           // what was printed went nowhere
};

bool
follow_takes_queries(const char *topic)
{
	return strcmp(topic, "result") == 0 || strncmp(topic, "alert", 5) == 0;
}

static void
line_print(struct follow *f, const char *text)
{
	f->unread = printf("%s\n", text) < 0 || fflush(stdout) != 0;
	f->printed++;
	f->end = f->unread || f->printed == f->count;
}

static void
notified(void *arg, const char *message, size_t len)
{
	struct follow *f = arg;
	char method[32], *params;

	if (f->end || notification_read(message, len, method, sizeof(method), &params) != 0)
		return;
	if (strcmp(method, f->topic) == 0)
		line_print(f, params);
	else if (strcmp(method, "dropped") == 0)
		fprintf(stderr, "weirctl: read too slowly, lines were lost: %s\n", params);
	free(params);
}

// The topic and the queries as parameters of `subscribe`; NULL: told.
static char *
params_make(struct follow *f, char **words)
{
	cJSON *params = cJSON_CreateObject(), *queries;
	const char *topic = words[0];
	unsigned int i = 0;
	char *text;

	while (topic != NULL && follow_topics[i] != NULL && strcmp(follow_topics[i], topic) != 0)
		i++;
	if (topic == NULL || follow_topics[i] == NULL ||
			(words[1] != NULL && !follow_takes_queries(topic))) {
		fprintf(stderr, "weirctl: follow: found '%s', allowed: result [QUERY...], alerts [QUERY...], "
			"stats or flow\n", topic == NULL ? "" : follow_topics[i] == NULL ? topic : words[1]);
		cJSON_Delete(params);
		return NULL;
	}
	f->topic = strncmp(topic, "alert", 5) == 0 ? "alert" : topic;
	cJSON_AddItemToArray(cJSON_AddArrayToObject(params, "topics"), cJSON_CreateString(f->topic));
	queries = words[1] != NULL ? cJSON_AddArrayToObject(params, "queries") : NULL;
	for (char **w = words + 1; *w != NULL; w++)
		cJSON_AddItemToArray(queries, cJSON_CreateString(*w));
	text = cJSON_PrintUnformatted(params);
	cJSON_Delete(params);
	return text;
}

static void
error_tell(const char *error_json)
{
	cJSON *error = error_json != NULL ? cJSON_Parse(error_json) : NULL;
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "message"));

	fprintf(stderr, "weirctl: %s\n", text != NULL ? text : "out of memory");
	cJSON_Delete(error);
}

static enum console_result
result_of(int code)
{
	switch (code) {
	case CONSOLE_ASK_INTERRUPTED:
		return CONSOLE_DONE;
	case CONSOLE_ASK_NO_CONNECTION:
		return CONSOLE_NO_CONNECTION;
	case CONSOLE_ASK_NOT_ALLOWED:
	case CALL_UNAUTHENTICATED:
	case CALL_FORBIDDEN:
		return CONSOLE_NOT_ALLOWED;
	default:
		return CONSOLE_FAILED;
	}
}

// Subscribe, and again after each loss. False with *ret_result: that is the end of it.
static bool
subscribe(struct follow *f, const char *params, bool again, enum console_result *ret_result)
{
	char *answer;
	int code;

	while ((code = client_ask(f->client, "subscribe", params, &answer)) ==
			CONSOLE_ASK_NO_CONNECTION && again) {
		free(answer);
		if (!client_wait(f->client, RETRY_S)) {
			*ret_result = CONSOLE_DONE;
			return false;
		}
	}
	if (code != 0) {
		*ret_result = result_of(code);
		if (*ret_result != CONSOLE_DONE)
			error_tell(answer);
	}
	free(answer);
	return code == 0;
}

enum console_result
follow_run(struct client *c, char **words, unsigned long count)
{
	struct follow f = {.client = c, .count = count};
	enum console_result result = CONSOLE_DONE;
	char *params = params_make(&f, words);
	bool again = false;

	if (params == NULL)
		return CONSOLE_MISUSED;
	client_notify(c, notified, &f);
	while (subscribe(&f, params, again, &result)) {
		if (again)
			fprintf(stderr, "weirctl: connected again\n");
		if (!client_listen(c, &f.end))
			break;
		fprintf(stderr, "weirctl: the connection ended; trying again\n");
		again = true;
		if (!client_wait(c, RETRY_S))
			break;
	}
	free(params);
	return f.unread ? CONSOLE_FAILED : result;
}
