/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// log.get, log.level: how much each area of the program writes to its log.

static cJSON *
log_json(void)
{
	cJSON *o = cJSON_CreateObject(), *areas;

	cJSON_AddStringToObject(o, "format", log_format_get());
	areas = cJSON_AddObjectToObject(o, "levels");
	for (const char *at = LOG_AREAS; *at != '\0'; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		char area[32];

		snprintf(area, sizeof(area), "%.*s", (int)len, at);
		cJSON_AddStringToObject(areas, area, log_level_get(area));
		at += len;
	}
	return o;
}

enum call_state
handle_log_get(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)c;
	(void)params;
	return call_result(call, log_json());
}

// Both were checked against the table's choices, which are those of log.h.
enum call_state
handle_log_level(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)c;
	log_level_set(method_param_string(params, "area"), method_param_string(params, "level"));
	return call_result(call, log_json());
}
