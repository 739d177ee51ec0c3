/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/verifier.h"
#include "base/clock.h"
#include "control/caller.h"
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"
#include "control/peer.h"

// session.*: who one is, logging in and out. The password is compared on the verifier's thread; the
// login itself begins when the call is back on the control thread, if whoever asked is still there.

struct login_job {
	struct control *c;
	struct control_call *call;
	char user[USER_NAME_LEN];
	char hash[crypto_pwhash_STRBYTES];  // that the password is compared with
	struct throttle_key address;
};

enum call_state
handle_session_get(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, caller_json(c, call->caller));
}

// Verifier's thread.
static void
password_verified(void *arg, bool good)
{
	struct login_job *job = arg;

	if (good)
		control_call_complete(job->call, cJSON_CreateObject());
	else
		control_call_fail(job->call, CALL_UNAUTHENTICATED, "password",
			"user or password is wrong");
}

static void
login_finish(struct control_call *call)
{
	struct login_job *job = call->finish_arg;
	struct control *c = job->c;
	const struct user *user = users_find(c->users, job->user);
	// The users may have been read anew meanwhile; then it is no more the user's password.
	bool good = call->code == 0 && user != NULL && strcmp(user->password, job->hash) == 0;

	throttle_end(c->throttle, &job->address, job->user, good ? THROTTLE_GOOD : THROTTLE_WRONG,
		clock_monotonic_us());
	if (call->code == 0 && !good)
		call_error(call, CALL_UNAUTHENTICATED, "password", "user or password is wrong");
	if (call->code != 0 || call->done == NULL)
		return;
	cJSON_Delete(call->result);
	call->result = NULL;
	caller_login(c, call->caller, user);
	call_result(call, caller_json(c, call->caller));
}

static enum call_state
login_begin(struct control *c, struct control_call *call, const char *name, const char *password)
{
	const struct user *user = users_find(c->users, name);
	struct login_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return call_error(call, CALL_INTERNAL_ERROR, "", "out of memory");
	*job = (struct login_job){.c = c, .call = call, .address = call->caller->peer->address};
	snprintf(job->user, sizeof(job->user), "%s", name);
	if (user != NULL)
		memcpy(job->hash, user->password, sizeof(job->hash));
	call->finish = login_finish;
	call->finish_arg = job;
	if (verifier_ask(c->verifier, user != NULL ? user->password : NULL, password,
		password_verified, job) == 0)
		return CALL_PENDING;
	throttle_end(c->throttle, &job->address, job->user, THROTTLE_NEITHER, clock_monotonic_us());
	return call_error(call, CALL_BUSY, "", "too many are logging in, try again in a second");
}

enum call_state
handle_session_login(struct control *c, struct control_call *call, const cJSON *params)
{
	unsigned int seconds;

	if (c->users == NULL)
		return call_error(call, CALL_REFUSED, "",
			"there are no users here, so nobody needs to log in");
	if (strcmp(call->caller->via, "http") != 0)
		return call_error(call, CALL_REFUSED, "", "logging in needs POST /rpc, whose answer "
			"brings the cookie; then open the websocket");
	seconds = throttle_begin(c->throttle, &call->caller->peer->address, clock_monotonic_us());
	if (seconds > 0)
		return call_error(call, CALL_BUSY, "", "too many attempts from this address, try "
			"again in %u s", seconds);
	return login_begin(c, call, method_param_string(params, "user"),
		method_param_string(params, "password"));
}

enum call_state
handle_session_logout(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	if (call->caller->kind == CALLER_USER)
		caller_logout(c, call->caller);
	return call_result(call, caller_json(c, call->caller));
}
