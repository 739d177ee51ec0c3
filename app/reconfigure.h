/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_RECONFIGURE_H
#define WEIR_APP_RECONFIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/error_list.h"
#include "control/control.h"

// The configuration while Weir runs: what it is, and changing it as a whole. A change is worked out
// and checked completely (config_change.h) before anything happens; then it is applied by one pointer
// that the lcores read (settings.h) and one profile of the generator. All on the control thread.

struct pipeline;

struct config_state {
	cJSON *waiting;         // what takes effect with the next start, by field; null: the default
	cJSON *previous;        // to go back to; NULL: nothing was changed by config.set
	uint64_t confirm_us;    // monotonic; without config.confirm until then it is rolled back; 0 none
	bool touched;           // something changed since the state file was written
	uint64_t written_us;
	struct state_file *file;  // NULL: there is none
};

void reconfigure_init(struct pipeline *p);
// At an orderly end: there is nothing to recover.
void reconfigure_fini(struct pipeline *p);
// Something that config.get shows has changed.
void reconfigure_touch(struct pipeline *p);
// Every 100 ms: roll back what was not confirmed, read the file again after SIGHUP, keep the state.
void reconfigure_tick(struct pipeline *p, uint64_t now_us);
// Signal handler of SIGHUP.
void reconfigure_reload_ask(int number);

// For config.* (control/control.h).
cJSON *config_get_op(void *app, bool waiting);
int config_set_op(void *app, const cJSON *config, const struct config_set_params *params, cJSON **ret,
	struct error_list *errors);
int config_confirm_op(void *app, cJSON **ret, struct error_list *errors);
int config_rollback_op(void *app, cJSON **ret, struct error_list *errors);
int config_save_op(void *app, cJSON **ret, struct error_list *errors);

#endif
