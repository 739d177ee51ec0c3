/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_CALL_AUDIT_H
#define WEIR_CONTROL_CALL_AUDIT_H

#include <cjson/cJSON.h>

struct audit;
struct control;
struct control_call;

// What is recorded of a call that changes something, from its begin to its outcome.
struct call_audit;

// Control thread. A call of call->method by call->caller begins, if it is one to be recorded.
void call_audit_begin(struct control_call *call, const cJSON *params);
// It has ended; nothing happens when it was not to be recorded, or already was.
void call_audit_end(struct control *c, struct control_call *call);
void call_audit_free(struct call_audit *a);

#endif
