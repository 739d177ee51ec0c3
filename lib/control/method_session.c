/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/attempts.h"
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
	char hash[crypto_pwhash_STRBYTES];  // that the password is compared with
	struct attempt attempt;
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
	const struct user *user = users_find(c->users, job->attempt.user);
	// The users may have been read anew meanwhile; then it is no more the user's password.
	bool good = call->code == 0 && user != NULL && strcmp(user->password, job->hash) == 0;

	attempt_end(c->attempts, &job->attempt, good ? THROTTLE_GOOD : THROTTLE_WRONG,
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
login_begin(struct control *c, struct control_call *call, const struct attempt *attempt,
	const struct user *user, const char *password)
{
	struct login_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return call_error(call, CALL_INTERNAL_ERROR, "", "out of memory");
	*job = (struct login_job){.c = c, .call = call, .attempt = *attempt};
	if (user != NULL)
		memcpy(job->hash, user->password, sizeof(job->hash));
	call->finish = login_finish;
	call->finish_arg = job;
	if (verifier_ask(c->verifier, user != NULL ? user->password : NULL, password,
		attempt->vouched, password_verified, job) == 0)
		return CALL_PENDING;
	attempt_end(c->attempts, attempt, THROTTLE_NEITHER, clock_monotonic_us());
	return call_error(call, CALL_BUSY, "", "too many are logging in, try again in a second");
}

enum call_state
handle_session_login(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *name = method_param_string(params, "user");
	const struct client *client = &call->caller->client;
	const struct user *user;
	struct attempt attempt;
	unsigned int seconds;
	bool of_user;

	if (c->users == NULL)
		return call_error(call, CALL_REFUSED, "",
			"there are no users here, so nobody needs to log in");
	if (strcmp(call->caller->via, "http") != 0)
		return call_error(call, CALL_REFUSED, "", "logging in needs POST /rpc, whose answer "
			"brings the cookie; then open the websocket");
	user = users_find(c->users, name);
	seconds = attempt_begin(c->attempts, name, user, &client->address,
		client->loopback && !client->proxied, call->caller->device, clock_monotonic_us(),
		&attempt, &of_user);
	if (seconds > 0 && of_user)
		return call_error(call, CALL_BUSY, "user", "too many attempts for this user, try again "
			"in %u s, from a browser that this user logged in with before, or on the "
			"machine itself", seconds);
	if (seconds > 0)
		return call_error(call, CALL_BUSY, "", "too many attempts from this address, try "
			"again in %u s", seconds);
	return login_begin(c, call, &attempt, user, method_param_string(params, "password"));
}

enum call_state
handle_session_logout(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	if (call->caller->kind == CALLER_USER)
		caller_logout(c, call->caller);
	return call_result(call, caller_json(c, call->caller));
}
