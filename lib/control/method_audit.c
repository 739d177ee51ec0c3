/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "access/audit.h"
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// audit.list: the newest records, from memory; older ones are in the file.

enum call_state
handle_audit_list(struct control *c, struct control_call *call, const cJSON *params)
{
	uint64_t before = (uint64_t)method_param_number(call->method, params, "before");
	unsigned int limit = (unsigned int)method_param_number(call->method, params, "limit");
	struct json_out o = {0};
	cJSON *answer = cJSON_CreateObject();
	char *records;

	audit_list(c->audit, before, limit, &o);
	records = json_out_take(&o);
	if (records == NULL || answer == NULL) {
		free(records);
		cJSON_Delete(answer);
		return call_result(call, NULL);
	}
	cJSON_AddRawToObject(answer, "records", records);
	cJSON_AddNumberToObject(answer, "lost", (double)audit_lost(c->audit));
	free(records);
	return call_result(call, answer);
}
