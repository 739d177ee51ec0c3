/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "pipeline.h"
#include "query/limit_table.h"

// limits.* of the configuration while Weir runs: another file, another time between looks, and whether
// slices are retained. Rows that clients have set stay.

static bool
same_path(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

// The file, and a table of its rows and the clients'.
static int
file_make(struct pipeline *p, const struct options *next, struct limits_change *c,
	struct error_list *errors)
{
	struct error_list faults = {.count = 0};
	struct error err = {0};

	if (next->limits_file != NULL) {
		c->file = limits_file_open(next->limits_file, next->limits_refresh_us,
			p->options.pane_us, &c->rows, &err);
		if (c->file == NULL) {
			error_list_add(errors, "limits.file", "limits.file: %s", err.text);
			return -EINVAL;
		}
	}
	c->table = limits_table_make(p, &c->rows, &p->limits.of_rpc, &faults);
	if (c->table != NULL)
		return 0;
	error_list_add(errors, "limits.file", "limits.file: %s: %s",
		next->limits_file != NULL ? next->limits_file : "none", faults.error[0].text);
	return -EINVAL;
}

int
limits_change_make(struct pipeline *p, const struct options *next, struct limits_change *ret,
	struct error_list *errors)
{
	struct limits_change *c = ret;
	int rc;

	*c = (struct limits_change){
		.other_file = !same_path(next->limits_file, p->options.limits_file),
		.refresh_us = next->limits_refresh_us,
		.retain = next->limits_retain,
	};
	c->any = c->other_file || c->refresh_us != p->options.limits_refresh_us ||
		c->retain != p->options.limits_retain;
	rc = c->other_file ? file_make(p, next, c, errors) : 0;
	if (rc != 0) {
		limits_change_free(c);
		*c = (struct limits_change){.any = false};
	}
	return rc;
}

// After the commit this is what the change took the place of.
void
limits_change_free(struct limits_change *c)
{
	limits_file_leave(c->file);
	limit_rows_free(&c->rows);
	limit_table_put(c->table);
}

int
limits_change_start(struct limits_change *c, struct error_list *errors)
{
	struct error err = {0};
	int rc = c->file != NULL ? limits_file_start(c->file, &err) : 0;

	if (rc != 0)
		error_list_add(errors, "limits.file", "limits.file: not applied: %s", err.text);
	return rc;
}

void
limits_change_publish(const struct pipeline *p, const struct limits_change *c, struct settings *s)
{
	const struct limit_table *t = c->table != NULL ? c->table : p->limits.table;
	bool file = c->other_file ? c->file != NULL : p->limits.file != NULL;

	if (!c->any)
		return;
	s->limits_retain = c->retain == LIMITS_RETAIN_TABLE ? file || t->count > 0 :
		c->retain == LIMITS_RETAIN_ALWAYS;
	if (c->table != NULL)
		s->limit_table = c->table;
}

void
limits_change_commit(struct pipeline *p, struct limits_change *c)
{
	struct limits *l = &p->limits;
	const struct limits old = *l;

	if (!c->any)
		return;
	p->options.limits_refresh_us = c->refresh_us;
	p->options.limits_retain = c->retain;
	if (!c->other_file) {
		if (l->file != NULL)
			limits_file_set_refresh(l->file, c->refresh_us);
		return;
	}
	p->options.limits_file = c->file != NULL ? limits_file_path(c->file) : NULL;
	l->file = c->file;
	l->of_file = c->rows;
	l->table = c->table;
	c->file = old.file;
	c->rows = old.of_file;
	c->table = old.table;
}
