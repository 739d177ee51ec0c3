/* SPDX-License-Identifier: BSD-3-Clause */
#include "popularity.h"

#include <math.h>

#include "fields.h"

#define ZIPF_S_MAX 5.0
#define PARETO_ALPHA_MIN 0.2
#define PARETO_ALPHA_MAX 100.0

static const char *const types[] = {"uniform", "zipf", "pareto", NULL};

int
popularity_read(struct popularity *inout, const cJSON *item, struct error *err)
{
	static const char *const fields[][3] = {
		[POPULARITY_UNIFORM] = {"type", NULL},
		[POPULARITY_ZIPF] = {"type", "s", NULL},
		[POPULARITY_PARETO] = {"type", "alpha", NULL},
	};
	struct popularity p = *inout;
	unsigned int type = 0;
	int rc;

	if (!cJSON_IsObject(item))
		return field_wrong(err, "popularity", item, "an object with a type");
	if (field_item(item, "type") == NULL)
		return field_wrong(err, "popularity.type", NULL,
			"\"uniform\", \"zipf\" or \"pareto\"");
	rc = field_choice(item, "popularity", "type", types, &type, err);
	p.type = (enum popularity_type)type;
	if (rc == 0)
		rc = fields_check(item, "popularity", fields[type], err);
	if (rc == 0)
		rc = field_number(item, "popularity", "s", 0, ZIPF_S_MAX, &p.s, err);
	if (rc == 0)
		rc = field_number(item, "popularity", "alpha", PARETO_ALPHA_MIN, PARETO_ALPHA_MAX,
			&p.alpha, err);
	if (rc == 0)
		*inout = p;
	return rc;
}

cJSON *
popularity_json(const struct popularity *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "type", types[p->type]);
	if (p->type == POPULARITY_ZIPF)
		cJSON_AddNumberToObject(o, "s", p->s);
	if (p->type == POPULARITY_PARETO)
		cJSON_AddNumberToObject(o, "alpha", p->alpha);
	return o;
}

// Of Pareto the quantile in the middle of the rank's part of the probability.
static double
mass_of(const struct popularity *p, uint32_t rank, uint32_t n)
{
	switch (p->type) {
	case POPULARITY_ZIPF:
		return pow(rank + 1.0, -p->s);
	case POPULARITY_PARETO:
		return pow((rank + 0.5) / n, -1 / p->alpha);
	default:
		return 1;
	}
}

void
popularity_masses(const struct popularity *p, uint32_t n, double *ret_masses)
{
	double sum = 0;

	// From the smallest to the largest, so that the sum loses nothing.
	for (uint32_t i = n; i-- > 0;) {
		ret_masses[i] = mass_of(p, i, n);
		sum += ret_masses[i];
	}
	for (uint32_t i = 0; i < n; i++)
		ret_masses[i] /= sum;
}
