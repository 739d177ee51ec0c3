/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_LIMITS_CONTROL_H
#define WEIR_APP_LIMITS_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error_list.h"
#include "control/control.h"
#include "limits_file.h"
#include "options.h"

struct pipeline;
struct limit_table;
struct settings;

// The limits table of the appliance: rows of the file, and beside them rows that clients set, which
// last as long as Weir runs. Each change makes a new table and publishes it with the settings; the
// merge lcore follows with its next loop.

// Control thread, but for the file.
struct limits {
	struct limits_file *file;    // NULL without one
	struct limit_rows of_file;
	struct limit_rows of_rpc;
	struct limit_table *table;   // that is published, a reference
};

// Before EAL: read the file, make the first table. 0, or -errno with a line in err.
int limits_prepare(struct pipeline *p, struct error *err);
int limits_start(struct pipeline *p, struct error *err);  // watch the file
void limits_fini(struct pipeline *p);

// A table of these rows, not published, with a number of its own, so that the merge lcore sees that
// it is another one. NULL with errors filled.
struct limit_table *limits_table_make(const struct pipeline *p, const struct limit_rows *file,
	const struct limit_rows *rpc, struct error_list *errors);

// Control thread, about every 100 ms: follow the file.
void limits_tick(struct pipeline *p);

bool limits_retained(const struct pipeline *p);

// A change by the configuration, worked out but not applied (limits_change.c). Control thread.
struct limits_change {
	bool any;
	bool other_file;            // file and rows take the place of today's; file NULL: there is none then
	struct limits_file *file;
	struct limit_rows rows;
	struct limit_table *table;  // NULL: it stays
	uint64_t refresh_us;
	enum limits_retain retain;
};

/*
 * Work out the change to limits.* of next. Another file is read. 0, or -errno with what is wrong in
 * errors and nothing to do in ret. limits_change_free() in either case.
 */
int limits_change_make(struct pipeline *p, const struct options *next, struct limits_change *ret,
	struct error_list *errors);
void limits_change_free(struct limits_change *c);
// What can fail of applying it, then what the lcores get of it, and then what cannot fail.
int limits_change_start(struct limits_change *c, struct error_list *errors);
void limits_change_publish(const struct pipeline *p, const struct limits_change *c, struct settings *s);
void limits_change_commit(struct pipeline *p, struct limits_change *c);

// limits.* (control/control.h)
cJSON *limits_list_op(void *app);
int limits_set_op(void *app, const cJSON *rows, cJSON **ret, struct error_list *errors);
int limits_remove_op(void *app, const char *name, const char *date, cJSON **ret,
	struct error_list *errors);
void limits_dry_run_op(void *app, const cJSON *params, struct control_call *call);

void limits_stats_add(struct pipeline *p, cJSON *stats);

#endif
