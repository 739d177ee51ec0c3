/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/method.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Validation of parameters from the rows of the method table. Nothing is converted: 10.5 or "5"
// for an integer is an error, and so is a name that is not in the table.

static int
member_check(const struct method *m, const cJSON *v, struct error *err)
{
	const struct param *p = param_find(m->params, v->string);
	char allowed[192];

	if (p == NULL)
		return error_field(err, -EINVAL, v->string,
			"%s has no parameter '%.48s', allowed: %s", m->name, v->string,
			param_names(m->params, allowed, sizeof(allowed)));
	return param_fits(p, v) ? 0 : param_fault(p, p->name, v, err);
}

bool
method_param_required(const struct method *m, const struct param *p)
{
	return m->required != NULL ? param_word_index(m->required, p->name) >= 0 : p->required;
}

static int
required_check(const struct method *m, const cJSON *params, struct error *err)
{
	char allowed[192];

	for (const struct param *p = m->params; p != NULL && p->name != NULL; p++)
		if ((m->flags & METHOD_OPEN) == 0 && p->required && cJSON_GetObjectItemCaseSensitive(params, p->name) == NULL)
			return error_field(err, -EINVAL, p->name, "%s: missing, it must be %s",
				p->name, param_allowed(p, allowed, sizeof(allowed)));
	if ((m->flags & METHOD_NEEDS_ONE) && cJSON_GetArraySize(params) == 0)
		return error_field(err, -EINVAL, "params", "nothing to set, give at least one of: %s",
			(m->flags & METHOD_OPEN) ? "the fields" :
			param_names(m->params, allowed, sizeof(allowed)));
	return 0;
}

int
method_params_check(const struct method *m, const cJSON *params, struct error *err)
{
	const cJSON *v;

	if (params != NULL && !cJSON_IsObject(params) && cJSON_GetArraySize(params) > 0)
		return error_field(err, -EINVAL, "params",
			"params: found an array, allowed: an object, parameters go by name");
	if (cJSON_IsObject(params) && (m->flags & METHOD_OPEN) == 0)
		cJSON_ArrayForEach(v, params)
			if (member_check(m, v, err) != 0)
				return -EINVAL;
	return required_check(m, params, err);
}

double
method_param_number(const struct method *m, const cJSON *params, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(params, name);
	const struct param *p = param_find(m->params, name);

	if (v != NULL)
		return v->valuedouble;
	return p == NULL || p->def == NULL ? 0 : strtod(p->def, NULL);
}

const char *
method_param_string(const cJSON *params, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, name));
}
