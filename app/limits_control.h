/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_LIMITS_CONTROL_H
#define WEIR_APP_LIMITS_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error_list.h"
#include "control/control.h"
#include "limits_file.h"

struct pipeline;
struct limit_table;

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

// Control thread, about every 100 ms: follow the file.
void limits_tick(struct pipeline *p);

bool limits_retained(const struct pipeline *p);

// limits.* (control/control.h)
cJSON *limits_list_op(void *app);
int limits_set_op(void *app, const cJSON *rows, cJSON **ret, struct error_list *errors);
int limits_remove_op(void *app, const char *name, const char *date, cJSON **ret,
	struct error_list *errors);
void limits_dry_run_op(void *app, const cJSON *params, struct control_call *call);

void limits_stats_add(struct pipeline *p, cJSON *stats);

#endif
