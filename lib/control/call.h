/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_CALL_H
#define WEIR_CONTROL_CALL_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error_list.h"
#include "base/json_out.h"

// One call of one method, from whichever door it came. It is born on the control thread, handled
// there, and either answered at once or left pending with the application, which completes it
// from any thread: the answer then goes through the mailbox back to the control thread. Whoever
// asked may be gone by then; the answer is thrown away.

struct call_audit;
struct caller;
struct control;
struct control_call;
struct mailbox;
struct method;
struct session;

enum call_state {
	CALL_ANSWERED,  // result or code are in the call, the caller of call_begin() puts it
	CALL_PENDING,   // control_call_complete() or _fail() will come
};

// Handlers run on the control thread after the parameters were checked. params is never NULL.
typedef enum call_state call_handler(struct control *c, struct control_call *call,
	const cJSON *params);

typedef void call_done(void *arg, struct control_call *call);

// Two hold a call: the one who asked (control thread) and the one who completes it (any thread).
struct control_call {
	uint32_t references;       // atomic
	const struct method *method;
	struct mailbox *mailbox;   // reference, way back from other threads
	struct session *session;   // websocket that asked, NULL for the other doors; only valid
				   // while the handler runs
	struct caller *caller;     // who asked; valid while the handler runs, and in finish if
				   // done is not NULL
	// Control thread, for calls that were pending, before done: what is left to do. Its argument
	// is freed (free()) with the call.
	void (*finish)(struct control_call *call);
	void *finish_arg;
	call_done *done;           // control thread, for calls that were pending; NULL: nobody waits
	void *arg;
	cJSON *result;             // when code is 0
	int code;
	struct error err;          // text and field when code is not 0
	cJSON *errors;             // all of them, where there may be several; else NULL
	struct call_audit *audit;  // what will be recorded of it, or NULL
	struct control_call *next;  // in the mailbox
};

// Run a method. *ret_call is the call, NULL only when memory ran out (then CALL_ANSWERED).
// caller stays until the answer or call_cancel().
enum call_state call_begin(struct control *c, struct session *session, struct caller *caller,
	const char *method, const cJSON *params, call_done *done, void *arg,
	struct control_call **ret_call);
void call_put(struct control_call *call);     // one reference less; NULL is fine
void call_cancel(struct control_call *call);  // whoever asked is gone: done is not called
// Control thread: a completed call came back.
void call_deliver(struct control *c, struct control_call *call);

// For handlers: fill the answer, return CALL_ANSWERED. result NULL means out of memory.
enum call_state call_result(struct control_call *call, cJSON *result);
enum call_state call_error(struct control_call *call, int code, const char *field,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

// Everything that is wrong with what was asked. rc as in call_refuse().
enum call_state call_refuse_all(struct control_call *call, int rc,
	const struct error_list *errors);

// What the application said: a value it does not take (-EINVAL, -ERANGE), or that it cannot.
enum call_state call_refuse(struct control_call *call, int rc, const struct error *err);

// The error object {"code","message","data":{"field"}}; data only where a field is at fault.
void call_error_write(struct json_out *o, int code, const char *field, const char *text);

// The answer as text, malloc()ed: the result when the code is 0, else the error object. call may
// be NULL (memory ran out). NULL when memory ran out again.
char *call_answer_text(const struct control_call *call, int *ret_code);

#endif
