/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/method.h"
#include "weir_build.h"

// The method table as an OpenRPC document (spec.open-rpc.org, 1.3), for clients that are generated.

static void
param_add(cJSON *list, const struct method *m, const struct param *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", p->name);
	cJSON_AddStringToObject(o, "description", p->help);
	cJSON_AddBoolToObject(o, "required", method_param_required(m, p));
	cJSON_AddItemToObject(o, "schema", param_schema(p));
	cJSON_AddItemToArray(list, o);
}

static cJSON *
method_describe(const struct method *m)
{
	cJSON *o = cJSON_CreateObject(), *params, *result;

	cJSON_AddStringToObject(o, "name", m->name);
	cJSON_AddStringToObject(o, "summary", m->help);
	cJSON_AddStringToObject(o, "paramStructure", "by-name");
	params = cJSON_AddArrayToObject(o, "params");
	// Required ones first, as the specification wants it.
	for (int required = 1; required >= 0; required--)
		for (const struct param *p = m->params; p != NULL && p->name != NULL; p++)
			if (method_param_required(m, p) == (required == 1))
				param_add(params, m, p);
	result = cJSON_AddObjectToObject(o, "result");
	cJSON_AddStringToObject(result, "name", "result");
	cJSON_AddStringToObject(result, "description", m->result);
	cJSON_AddObjectToObject(result, "schema");
	cJSON_AddStringToObject(o, "x-role", role_name(m->role));
	return o;
}

cJSON *
method_openrpc_json(void)
{
	cJSON *document = cJSON_CreateObject(), *info, *methods;

	cJSON_AddStringToObject(document, "openrpc", "1.3.2");
	info = cJSON_AddObjectToObject(document, "info");
	cJSON_AddStringToObject(info, "title", "Weir");
	cJSON_AddStringToObject(info, "version", WEIR_VERSION);
	methods = cJSON_AddArrayToObject(document, "methods");
	for (const struct method *m = method_next(NULL); m != NULL; m = method_next(m))
		cJSON_AddItemToArray(methods, method_describe(m));
	return document;
}
