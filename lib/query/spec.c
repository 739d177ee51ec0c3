/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/spec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <rte_common.h>

#include "base/clock.h"

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

int
query_parameters_check(const struct query_parameters *p, struct error *err)
{
	if (!(p->H > 0 && p->H <= 100))
		return error_field(err, -EINVAL, "H",
			"H: %g found, percent above 0 and at most 100 allowed", p->H);
	if (p->T < 1 || p->T > QUERY_T_MAX)
		return error_field(err, -EINVAL, "T",
			"T: %" PRIu32 " found, whole seconds from 1 to %d allowed",
			p->T, QUERY_T_MAX);
	if (p->k < 1 || p->k > QUERY_K_MAX)
		return error_field(err, -EINVAL, "k",
			"k: %" PRIu32 " found, rows from 1 to %d allowed", p->k, QUERY_K_MAX);
	if (!(p->X > 0 && p->X <= QUERY_X_MAX))
		return error_field(err, -EINVAL, "X",
			"X: %g found, standard deviations above 0 and at most %g allowed",
			p->X, QUERY_X_MAX);
	return 0;
}

int
query_parameters_check_pane(const struct query_parameters *p, uint64_t pane_us, struct error *err)
{
	int rc = query_parameters_check(p, err);

	if (rc != 0)
		return rc;
	if (p->T * CLOCK_US_PER_S % pane_us != 0)
		return error_field(err, -EINVAL, "T",
			"T: %" PRIu32 " found, a multiple of the pane (%g seconds) allowed", p->T,
			(double)pane_us / CLOCK_US_PER_S);
	return 0;
}

struct query_spec
query_spec_builtin(unsigned int i, const struct query_parameters *p)
{
	struct query_spec s = {
		.key = builtins[i].key,
		.metric = QUERY_METRIC_BYTES,
		.op = {.kind = builtins[i].op, .k = p->k, .percent = p->H, .x = p->X},
		.window_us = p->T * CLOCK_US_PER_S,
		.scope = "all",
	};

	snprintf(s.name, sizeof(s.name), "%s", builtins[i].name);
	return s;
}

const char *
query_builtin_name(unsigned int i)
{
	return builtins[i].name;
}

const char *
query_metric_name(enum query_metric m)
{
	static const char *const names[QUERY_METRICS] = {
		[QUERY_METRIC_BYTES] = "bytes",
		[QUERY_METRIC_PACKETS] = "packets",
		[QUERY_METRIC_FLOWS] = "flows",
	};

	return names[m];
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

static void
spec_write(struct json_out *o, const struct query_spec *s, uint64_t pane_us)
{
	json_out_open(o, '{');
	json_out_key_str(o, "name", s->name);
	json_out_key_str(o, "key", dimension_ops_get(s->key)->name);
	json_out_key_str(o, "metric", query_metric_name(s->metric));
	json_out_key(o, "op");
	query_op_write(o, &s->op);
	json_out_key_f64(o, "window_s", (double)s->window_us / CLOCK_US_PER_S);
	json_out_key_f64(o, "slide_s", (double)pane_us / CLOCK_US_PER_S);
	json_out_key_str(o, "scope", s->scope);
	json_out_close(o, '}');
}

cJSON *
query_list(const struct query_parameters *p, uint64_t pane_us)
{
	struct json_out o = {0};
	cJSON *list = NULL;

	json_out_open(&o, '[');
	for (unsigned int i = 0; i < QUERY_BUILTINS; i++) {
		struct query_spec s = query_spec_builtin(i, p);

		spec_write(&o, &s, pane_us);
	}
	json_out_close(&o, ']');
	if (!o.failed)
		list = cJSON_Parse(o.data);
	json_out_free(&o);
	return list;
}
