/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// daily.list: the store answers.

#define DAY_LEN 10  // "2026-11-27"
#define HOST_LEN 64

// The moment that a day begins at; false: no such day.
static bool
day_read(const char *text, uint64_t *ret_us)
{
	struct tm tm = {.tm_isdst = 0};
	char again[16];
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	time_t s = timegm(&tm);

	// timegm() takes February 30 for March 1 or 2, strptime() blanks and short numbers.
	if (end == NULL || s < 0 || gmtime_r(&s, &tm) == NULL ||
			strftime(again, sizeof(again), "%Y-%m-%d", &tm) != DAY_LEN ||
			strncmp(again, text, DAY_LEN) != 0)
		return false;
	*ret_us = (uint64_t)s * CLOCK_US_PER_S;
	return true;
}

// In the form that documents have.
static bool
host_read(const char *text, char ret[HOST_LEN])
{
	uint8_t addr[16];
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

	if (strcmp(text, "other") == 0)
		snprintf(ret, HOST_LEN, "%s", text);
	else if (inet_pton(family, text, addr) != 1 || inet_ntop(family, addr, ret, HOST_LEN) == NULL)
		return false;
	return true;
}

static bool
cursor_read(const char *text, struct control_daily *q, char host[HOST_LEN])
{
	uint64_t day_us;

	if (text[DAY_LEN] != '/' || !day_read(text, &day_us) || !host_read(text + DAY_LEN + 1, host))
		return false;
	// One that lies before `from` leaves all of it.
	if (day_us >= q->from_us) {
		q->from_us = day_us;
		q->after_host = host;
	}
	return true;
}

static enum call_state
field_error(struct control_call *call, const cJSON *params, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(params, name);

	param_fault(param_find(call->method->params, name), name, v, &call->err);
	return call_error(call, CALL_INVALID_PARAMS, name, "%s", call->err.text);
}

enum call_state
handle_daily_list(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *host = method_param_string(params, "host");
	const char *from = method_param_string(params, "from");
	const char *to = method_param_string(params, "to");
	const char *cursor = method_param_string(params, "cursor");
	struct control_daily q = {
		.to_us = INT64_MAX,
		.page = method_param_string(params, "source") != NULL,
		.source = method_source(params),
		.limit = (uint32_t)method_param_number(call->method, params, "limit"),
	};
	char host_text[HOST_LEN], after_text[HOST_LEN];

	if (host != NULL && !host_read(host, host_text))
		return field_error(call, params, "host");
	if (from != NULL && !day_read(from, &q.from_us))
		return field_error(call, params, "from");
	if (to != NULL && !day_read(to, &q.to_us))
		return field_error(call, params, "to");
	if (q.from_us > q.to_us)
		return call_error(call, CALL_INVALID_PARAMS, "from",
			"from: found %s, allowed: at most `to`, %s", from, to);
	if (cursor != NULL && !cursor_read(cursor, &q, after_text))
		return field_error(call, params, "cursor");
	q.host = host != NULL ? host_text : NULL;
	c->ops->daily_list(c->app, &q, call);
	return CALL_PENDING;
}
