/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/spec.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "query/dimension.h"

static const struct {
	const char *name;
	enum dimension_kind key;
	enum operator_kind op;
} builtins[QUERY_BUILTINS] = {
	{"protocol-share", DIMENSION_PROTOCOL, OPERATOR_SHARE},
	{"protocol-topk", DIMENSION_PROTOCOL, OPERATOR_TOPK},
	{"protocol-outlier", DIMENSION_PROTOCOL, OPERATOR_OUTLIER_SIGMA},
	{"ip-share", DIMENSION_IP, OPERATOR_SHARE},
	{"ip-topk", DIMENSION_IP, OPERATOR_TOPK},
	{"ip-outlier", DIMENSION_IP, OPERATOR_OUTLIER_SIGMA},
};

struct query_spec
query_spec_builtin(unsigned int i, const struct query_context *c)
{
	const struct query_parameters *p = &c->parameters;
	struct query_spec s = {
		.dimension.kind = builtins[i].key,
		.dimension.scope = network_set_empty(c->networks) ? QUERY_SCOPE_ALL :
			QUERY_SCOPE_EXTERNAL,
		.metric = QUERY_METRIC_BYTES,
		.op = {.kind = builtins[i].op, .k = p->k, .percent = p->H, .x = p->X},
		.window_us = p->T * CLOCK_US_PER_S,
		.slide_us = c->pane_us,
		.builtin = true,
	};

	snprintf(s.name, sizeof(s.name), "%s", builtins[i].name);
	return s;
}

const char *
query_builtin_name(unsigned int i)
{
	return builtins[i].name;
}

unsigned int
query_builtin_find(const char *name)
{
	unsigned int i = 0;

	while (i < QUERY_BUILTINS && strcmp(builtins[i].name, name) != 0)
		i++;
	return i;
}

bool
query_name_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"-_.";

	return name[0] != '\0' && strchr("-_.", name[0]) == NULL &&
		strlen(name) < DOCUMENT_NAME_LEN && strspn(name, letters) == strlen(name);
}

void
query_op_write(struct json_out *o, const struct query_op *op)
{
	const struct operator_ops *ops = operator_ops_get(op->kind);

	json_out_open(o, '{');
	json_out_key_str(o, "type", ops->type);
	ops->write(o, op);
	json_out_close(o, '}');
}

void
query_spec_write(struct json_out *o, const struct query_spec *s)
{
	json_out_open(o, '{');
	json_out_key_str(o, "name", s->name);
	json_out_key_str(o, "key", dimension_ops_get(s->dimension.kind)->name);
	if (s->dimension.kind == DIMENSION_SUBNET) {
		json_out_key_u64(o, "prefix4", s->dimension.prefix4);
		json_out_key_u64(o, "prefix6", s->dimension.prefix6);
	}
	json_out_key_str(o, "metric", query_metric_name(s->metric));
	if (s->dimension.filter[0] != '\0')
		json_out_key_str(o, "filter", s->dimension.filter);
	json_out_key(o, "op");
	query_op_write(o, &s->op);
	json_out_key(o, "window_s");
	if (s->window_us == 0)
		json_out_null(o);
	else
		json_out_f64(o, (double)s->window_us / CLOCK_US_PER_S);
	json_out_key_f64(o, "slide_s", (double)s->slide_us / CLOCK_US_PER_S);
	json_out_key_str(o, "scope", query_scope_name(s->dimension.scope));
	query_compare_write(o, &s->compare);
	if (s->builtin)
		json_out_key_bool(o, "builtin", true);
	if (s->paused)
		json_out_key_bool(o, "paused", true);
	json_out_close(o, '}');
}
