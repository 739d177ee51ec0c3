/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_STORED_H
#define WEIR_APP_STORED_H

#include "control/control.h"

// What can be asked of, and done to, stored results and daily totals (struct control_ops). The
// store completes the calls, from its own threads.
void stored_results_list(void *app, const struct control_results *q, struct control_call *call);
void stored_results_newest(void *app, const char *query, struct control_call *call);
void stored_results_series(void *app, const struct control_series *q, struct control_call *call);
void stored_results_insert(void *app, const cJSON *result, struct control_call *call);
void stored_results_clear(void *app, struct control_call *call);
void stored_daily_list(void *app, const struct control_daily *q, struct control_call *call);
// Alerts: from memory where the store has none or cannot answer.
void stored_alerts_list(void *app, const struct control_alerts *q, struct control_call *call);

#endif
