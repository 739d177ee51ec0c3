/* SPDX-License-Identifier: BSD-3-Clause */
#include "popularity.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "fields.h"

#define ZIPF_S_MAX 5.0

int
popularity_read(struct popularity *inout, const cJSON *item, struct error *err)
{
	static const char *const uniform_fields[] = {"type", NULL};
	static const char *const zipf_fields[] = {"type", "s", NULL};
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "type");
	struct popularity p = *inout;
	bool zipf;
	int rc;

	if (!cJSON_IsObject(item))
		return field_wrong(err, "popularity", item, "an object with a type");
	zipf = cJSON_IsString(type) && strcmp(type->valuestring, "zipf") == 0;
	if (!zipf && (!cJSON_IsString(type) || strcmp(type->valuestring, "uniform") != 0))
		return field_wrong(err, "popularity.type", type, "\"uniform\" or \"zipf\"");
	rc = fields_check(item, "popularity", zipf ? zipf_fields : uniform_fields, err);
	if (rc != 0)
		return rc;
	p.type = zipf ? POPULARITY_ZIPF : POPULARITY_UNIFORM;
	rc = field_number(item, "popularity", "s", 0, ZIPF_S_MAX, &p.s, err);
	if (rc == 0)
		*inout = p;
	return rc;
}

cJSON *
popularity_json(const struct popularity *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "type", p->type == POPULARITY_ZIPF ? "zipf" : "uniform");
	if (p->type == POPULARITY_ZIPF)
		cJSON_AddNumberToObject(o, "s", p->s);
	return o;
}

void
popularity_masses(const struct popularity *p, uint32_t n, double *ret_masses)
{
	double sum = 0;

	// From the smallest to the largest, so that the sum loses nothing.
	for (uint32_t i = n; i-- > 0;) {
		ret_masses[i] = p->type == POPULARITY_ZIPF ? pow(i + 1.0, -p->s) : 1;
		sum += ret_masses[i];
	}
	for (uint32_t i = 0; i < n; i++)
		ret_masses[i] /= sum;
}
