/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONFIG_CHANGE_H
#define WEIR_APP_CONFIG_CHANGE_H

#include "pipeline.h"

// One change of the configuration, worked out but not applied. Control thread.

struct config_change {
	cJSON *document;          // the whole configuration that is wanted; owns what `next` points to
	struct options next;      // what a start with it would have
	cJSON *now;               // the documents of what runs, and of what is wanted
	cJSON *then;
	cJSON *differences;       // [{"field","from","to","restart"}]
	cJSON *waiting;           // {field: value}, what waits for the next start
	struct query_set *queries;  // to be published; NULL: they stay
	struct address_book *names; // likewise
	bool generator;           // its profile changes
	struct limits_change limits;
	bool limits_wait;         // another file does not hold before pane_ms changes
	bool alerts;              // on_alert or syslog changes
};

// The configuration that runs, or with what waits for the next start; NULL if memory ran out.
cJSON *config_running(struct pipeline *p);
cJSON *config_with_waiting(struct pipeline *p);

/*
 * Work out the change to a whole document (taken over). `line_wins`: the command line says the last
 * word, as at the start. 0, or -errno with everything that is wrong in errors.
 * config_change_free() in either case.
 */
int config_change_make(struct pipeline *p, cJSON *document, bool line_wins,
	struct config_change *ret, struct error_list *errors);
void config_change_free(struct config_change *c);

/*
 * Would the next start with this command line take this document? What runs may come from several
 * changes that wait, each good when it was made. 0, or -EINVAL with everything that is wrong in errors.
 */
int config_start_check(const struct pipeline *p, const cJSON *document, struct error_list *errors);

// Apply it: all, or nothing with errors filled.
int config_change_apply(struct pipeline *p, struct config_change *c, struct error_list *errors);

#endif
