/* SPDX-License-Identifier: BSD-3-Clause */
#include "fields.h"
#include "profile.h"

// `lifetime` and `exchange`: how flows come and go, and what they say.

#define LIFETIME_S_MAX 1e7
#define LIFETIME_PACKETS_MAX 1e9
#define ARRIVALS_MAX 1e9
#define SHAPE_MIN 1.01
#define SHAPE_MAX 100.0
#define SHAPE_DEFAULT 1.5
#define MESSAGE_BYTES_MAX 100000000u

static const char *const lifetime_types[] = {"fixed", "exponential", "pareto", NULL};

// Exactly one of the three says how long.
static int
mean_read(struct profile *p, const cJSON *item, struct error *err)
{
	struct lifetime *l = &p->lifetime;
	bool seconds = field_item(item, "mean_s") != NULL;
	bool packets = field_item(item, "mean_packets") != NULL;
	bool arrivals = field_item(item, "arrivals_per_s") != NULL;
	int rc;

	if (seconds + packets + arrivals != 1)
		return field_wrong(err, "lifetime", item,
			"exactly one of mean_s, mean_packets and arrivals_per_s");
	l->unit = packets ? LIFETIME_PACKETS : LIFETIME_SECONDS;
	rc = field_number(item, "lifetime", "mean_s", 1e-6, LIFETIME_S_MAX, &l->mean, err);
	if (rc == 0)
		rc = field_number(item, "lifetime", "mean_packets", 1, LIFETIME_PACKETS_MAX,
			&l->mean, err);
	if (rc == 0)
		rc = field_number(item, "lifetime", "arrivals_per_s", 1e-6, ARRIVALS_MAX,
			&l->arrivals_per_s, err);
	if (rc == 0 && arrivals)
		l->mean = p->flows / l->arrivals_per_s;
	return rc;
}

static int
lifetime_read(struct profile *p, const cJSON *item, struct error *err)
{
	static const char *const fields[] = {"type", "mean_s", "mean_packets", "arrivals_per_s",
		"shape", "reset_percent", NULL};
	struct lifetime *l = &p->lifetime;
	unsigned int type = LIFETIME_EXPONENTIAL;
	int rc = fields_check(item, "lifetime", fields, err);

	if (rc == 0)
		rc = field_choice(item, "lifetime", "type", lifetime_types, &type, err);
	l->type = (enum lifetime_type)type;
	l->shape = SHAPE_DEFAULT;
	if (rc == 0)
		rc = mean_read(p, item, err);
	if (rc == 0 && l->type != LIFETIME_PARETO && field_item(item, "shape") != NULL)
		return field_wrong(err, "lifetime.shape", field_item(item, "shape"),
			"nothing but with the type \"pareto\"");
	if (rc == 0)
		rc = field_number(item, "lifetime", "shape", SHAPE_MIN, SHAPE_MAX, &l->shape, err);
	if (rc == 0)
		rc = field_number(item, "lifetime", "reset_percent", 0, 100, &l->reset_percent,
			err);
	return rc;
}

static int
message_read(const cJSON *item, const char *name, struct size_spec *ret, struct error *err)
{
	char path[FIELD_PATH_LEN];

	return size_read(ret, field_item(item, name), field_path(path, "exchange", name), 1,
		MESSAGE_BYTES_MAX, err);
}

static int
exchange_read(struct exchange *x, const cJSON *item, struct error *err)
{
	static const char *const fields[] = {"request", "response", NULL};
	int rc = fields_check(item, "exchange", fields, err);

	if (rc == 0)
		rc = message_read(item, "request", &x->request, err);
	if (rc == 0)
		rc = message_read(item, "response", &x->response, err);
	x->on = true;
	return rc;
}

int
profile_flows_read(struct profile *p, const cJSON *json, struct error *err)
{
	const cJSON *lifetime = field_item(json, "lifetime");
	const cJSON *exchange = field_item(json, "exchange");
	int rc = lifetime != NULL ? lifetime_read(p, lifetime, err) : 0;

	return rc == 0 && exchange != NULL ? exchange_read(&p->exchange, exchange, err) : rc;
}

cJSON *
profile_lifetime_json(const struct profile *p)
{
	const struct lifetime *l = &p->lifetime;
	cJSON *o;

	if (l->unit == LIFETIME_ENDLESS)
		return cJSON_CreateNull();
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "type", lifetime_types[l->type]);
	if (l->arrivals_per_s > 0)
		cJSON_AddNumberToObject(o, "arrivals_per_s", l->arrivals_per_s);
	else
		cJSON_AddNumberToObject(o, l->unit == LIFETIME_PACKETS ? "mean_packets" : "mean_s",
			l->mean);
	if (l->type == LIFETIME_PARETO)
		cJSON_AddNumberToObject(o, "shape", l->shape);
	cJSON_AddNumberToObject(o, "reset_percent", l->reset_percent);
	return o;
}

cJSON *
profile_exchange_json(const struct profile *p)
{
	cJSON *o;

	if (!p->exchange.on)
		return cJSON_CreateNull();
	o = cJSON_CreateObject();
	cJSON_AddItemToObject(o, "request", size_json(&p->exchange.request));
	cJSON_AddItemToObject(o, "response", size_json(&p->exchange.response));
	return o;
}
