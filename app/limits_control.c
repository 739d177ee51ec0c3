/* SPDX-License-Identifier: BSD-3-Clause */
#include "limits_control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline.h"
#include "query/limit_date.h"
#include "query/limit_table.h"
#include "stats.h"

struct limit_table *
limits_table_make(const struct pipeline *p, const struct limit_rows *file,
	const struct limit_rows *rpc, struct error_list *errors)
{
	const struct limit_table *now = p->limits.table;

	return limit_table_create(file, rpc, p->options.pane_us,
		now != NULL ? now->version + 1 : 1, errors);
}

int
limits_prepare(struct pipeline *p, struct error *err)
{
	const struct options *o = &p->options;
	struct error_list errors = {.count = 0};
	struct limits *l = &p->limits;
	struct error fault;

	if (o->limits_file != NULL) {
		l->file = limits_file_open(o->limits_file, o->limits_refresh_us, o->pane_us,
			&l->of_file, &fault);
		if (l->file == NULL)
			return error_field(err, -EINVAL, "--limits", "--limits: %s", fault.text);
	}
	l->table = limits_table_make(p, &l->of_file, &l->of_rpc, &errors);
	if (l->table == NULL)
		return error_field(err, -EINVAL, "--limits", "--limits: %s: %s",
			o->limits_file != NULL ? o->limits_file : "none", errors.error[0].text);
	return 0;
}

int
limits_start(struct pipeline *p, struct error *err)
{
	return p->limits.file != NULL ? limits_file_start(p->limits.file, err) : 0;
}

void
limits_fini(struct pipeline *p)
{
	struct limits *l = &p->limits;

	limits_file_close(l->file);
	limit_rows_free(&l->of_file);
	limit_rows_free(&l->of_rpc);
	limit_table_put(l->table);
	*l = (struct limits){.file = NULL};
}

bool
limits_retained(const struct pipeline *p)
{
	const struct limits *l = &p->limits;

	if (p->options.limits_retain != LIMITS_RETAIN_TABLE)
		return p->options.limits_retain == LIMITS_RETAIN_ALWAYS;
	return l->file != NULL || l->table->count > 0;
}

// Have these lists, which are taken over, in force; or nothing is changed, and they are the caller's.
static int
lists_publish(struct pipeline *p, const struct limit_rows *file, const struct limit_rows *rpc,
	struct error_list *errors)
{
	struct limit_table *t = limits_table_make(p, file, rpc, errors), *old = p->limits.table;
	struct settings s = *p->settings.current;
	int rc;

	if (t == NULL)
		return -EINVAL;
	p->limits.table = t;
	s.limit_table = t;
	s.limits_retain = limits_retained(p);
	rc = settings_publish(&p->settings, &s);
	if (rc != 0) {
		error_list_add(errors, "", "not applied: %s", strerror(-rc));
		p->limits.table = old;
		limit_table_put(t);
		return rc;
	}
	limit_table_put(old);
	p->limits.of_file = *file;
	p->limits.of_rpc = *rpc;
	return 0;
}

void
limits_tick(struct pipeline *p)
{
	struct limit_rows old = p->limits.of_file, rows;
	struct error_list errors = {.count = 0};

	if (p->limits.file == NULL || !limits_file_take(p->limits.file, &rows))
		return;
	if (lists_publish(p, &rows, &p->limits.of_rpc, &errors) == 0) {
		limit_rows_free(&old);
		return;
	}
	limits_file_refuse(p->limits.file, errors.error[0].text);
	limit_rows_free(&rows);
}

// The clock of windows: packet time on captures.
static uint64_t
clock_us(const struct pipeline *p)
{
	uint64_t next = __atomic_load_n(&p->merge.next_index, __ATOMIC_ACQUIRE);

	if (next == 0 && p->captures == NULL)
		return clock_wall_us();
	return next > 0 ? (next - 1) * p->options.pane_us : 0;
}

static void
row_write(struct json_out *o, const struct limit_row *row, const char *state)
{
	json_out_open(o, '{');
	limit_row_write(o, row);
	json_out_key_str(o, "origin", row->origin == LIMIT_FROM_FILE ? "file" : "rpc");
	json_out_key_str(o, "state", state);
	json_out_close(o, '}');
}

// The rows of one name: later ones wait, earlier ones are past.
static void
name_write(struct json_out *o, const struct limit_table *t, uint32_t first, uint32_t end,
	uint64_t at_us)
{
	uint32_t holds = limit_table_holding(t, first, end, at_us);

	for (uint32_t i = first; i < end; i++)
		row_write(o, &t->row[i], i == holds ? "holds" : t->row[i].effective_us > at_us ?
			"waits" : "past");
}

cJSON *
limits_list_op(void *app)
{
	const struct pipeline *p = app;
	const struct limit_table *t = p->limits.table;
	uint64_t at_us = clock_us(p);
	struct json_out o = {0};
	cJSON *list = NULL, *ret;

	json_out_open(&o, '[');
	for (uint32_t i = 0, next; i < t->count; i = next) {
		next = limit_table_next(t, i);
		name_write(&o, t, i, next, at_us);
	}
	json_out_close(&o, ']');
	if (!o.failed)
		list = cJSON_CreateRaw(o.data);
	json_out_free(&o);
	if (list == NULL)
		return NULL;
	ret = cJSON_CreateObject();
	cJSON_AddItemToObject(ret, "limits", list);
	if (p->limits.file != NULL)
		cJSON_AddItemToObject(ret, "file", limits_file_json(p->limits.file));
	else
		cJSON_AddNullToObject(ret, "file");
	cJSON_AddBoolToObject(ret, "retained", limits_retained(p));
	json_add_u64(ret, "clock_us", at_us);
	return ret;
}

// The client's rows, with these in the place of those of the same name and date. NULL rows: no room.
static struct limit_rows
rows_merge(const struct limit_rows *old, const struct limit_rows *new)
{
	struct limit_rows all = {
		.row = calloc((size_t)old->count + new->count + 1, sizeof(*all.row)),
	};

	for (uint32_t i = 0; i < old->count && all.row != NULL; i++) {
		bool replaced = false;

		for (uint32_t j = 0; j < new->count && !replaced; j++)
			replaced = limit_row_compare(&old->row[i], &new->row[j]) == 0;
		if (!replaced)
			all.row[all.count++] = old->row[i];
	}
	for (uint32_t i = 0; i < new->count && all.row != NULL; i++)
		all.row[all.count++] = new->row[i];
	return all;
}

// Have these rows as the client's; takes them over.
static int
rpc_rows_set(struct pipeline *p, struct limit_rows *rows, cJSON **ret, struct error_list *errors)
{
	struct limit_rows old = p->limits.of_rpc;
	int rc;

	if (rows->row == NULL) {
		error_list_add(errors, "", "out of memory");
		return -ENOMEM;
	}
	rc = lists_publish(p, &p->limits.of_file, rows, errors);
	limit_rows_free(rc == 0 ? &old : rows);
	if (rc == 0)
		*ret = limits_list_op(p);
	return rc;
}

int
limits_set_op(void *app, const cJSON *rows, cJSON **ret, struct error_list *errors)
{
	struct pipeline *p = app;
	struct limit_rows new, all;
	int rc = limit_rows_parse(rows, "rows", p->options.pane_us, LIMIT_FROM_RPC, &new, errors);

	if (rc != 0)
		return rc;
	all = rows_merge(&p->limits.of_rpc, &new);
	limit_rows_free(&new);
	return rpc_rows_set(p, &all, ret, errors);
}

static bool
row_is(const struct limit_row *row, const char *name, const char *date, uint64_t effective_us)
{
	return strcmp(row->name, name) == 0 && (date == NULL || row->effective_us == effective_us);
}

static bool
rows_have(const struct limit_rows *rows, const char *name, const char *date, uint64_t effective_us)
{
	for (uint32_t i = 0; i < rows->count; i++)
		if (row_is(&rows->row[i], name, date, effective_us))
			return true;
	return false;
}

// Why there is nothing to remove.
static int
remove_fault(const struct pipeline *p, const char *name, const char *date, uint64_t effective_us,
	struct error_list *errors)
{
	bool file = rows_have(&p->limits.of_file, name, date, effective_us);

	error_list_add(errors, "limit_name", file ? "limit_name: '%s' comes from the file, and goes "
		"there" : "limit_name: no limit '%s' of that date; limits.list lists them", name);
	return file ? -EBUSY : -ENOENT;
}

int
limits_remove_op(void *app, const char *name, const char *date, cJSON **ret,
	struct error_list *errors)
{
	struct pipeline *p = app;
	const struct limit_rows *old = &p->limits.of_rpc;
	struct limit_rows kept = {.row = NULL};
	uint64_t effective_us = 0;

	if (date != NULL && limit_date_parse(date, &effective_us) != 0) {
		error_list_add(errors, "effective_date", "effective_date: found '%.40s'; allowed is a "
			"date or date-time of RFC 3339", date);
		return -EINVAL;
	}
	if (!rows_have(old, name, date, effective_us))
		return remove_fault(p, name, date, effective_us, errors);
	kept.row = calloc((size_t)old->count + 1, sizeof(*kept.row));
	for (uint32_t i = 0; i < old->count && kept.row != NULL; i++)
		if (!row_is(&old->row[i], name, date, effective_us))
			kept.row[kept.count++] = old->row[i];
	return rpc_rows_set(p, &kept, ret, errors);
}

void
limits_stats_add(struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "limits");
	struct limit_stats s;

	rte_spinlock_lock(&p->merge.stats_lock);
	s = p->merge.stats.limits;
	rte_spinlock_unlock(&p->merge.stats_lock);
	json_add_u64(o, "rows", s.rows);
	json_add_u64(o, "watched", s.watched);
	json_add_u64(o, "raised", s.raised);
	json_add_u64(o, "bytes", s.bytes);
	if (p->limits.file != NULL)
		cJSON_AddItemToObject(o, "file", limits_file_json(p->limits.file));
	else
		cJSON_AddNullToObject(o, "file");
}
