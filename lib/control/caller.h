/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_CALLER_H
#define WEIR_CONTROL_CALLER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "access/device.h"
#include "access/users.h"
#include "control/client.h"

// Who asks, whichever way: found out once for an HTTP request or a websocket, looked at by every
// call. Control thread only.

struct control;
struct lws;
struct peer;

enum caller_kind {
	CALLER_NOBODY,   // may log in
	CALLER_OPEN,     // there are no users, so whoever reaches us may do all
	CALLER_USER,     // logged in
	CALLER_TOKEN,
	CALLER_CONSOLE,  // the program's own terminal
	CALLER_KINDS,
};

struct caller {
	enum caller_kind kind;
	enum role role;
	char name[USER_NAME_LEN];  // of the user or token, "" without one
	uint64_t login;            // its number, 0 without one
	uint8_t token[32];         // its hash
	const char *via;           // "http", "websocket", "console"
	struct peer *peer;         // the connection, NULL without one
	struct client client;      // where the request comes from
	char device[DEVICE_LEN];   // device cookie that it brought, "" none
	char cookie[192];          // Set-Cookie that goes with the answer, "" none
	char device_cookie[192];   // and another
};

// Who sent this request, by its headers, from this client. 0, or -EACCES: it has a token that is none
// of ours.
int caller_of_request(struct control *c, struct lws *wsi, const char *via,
	const struct client *client, struct caller *ret);
void caller_of_console(struct caller *ret);

// The same caller later: with the role that it has now. false: it may not go on, and is nobody now.
bool caller_refresh(struct control *c, struct caller *caller);

// Log in (a user whose password was right) and out; both leave a cookie to be sent. Logging in leaves
// a device cookie too, unless the caller brought a good one.
void caller_login(struct control *c, struct caller *caller, const struct user *user);
void caller_logout(struct control *c, struct caller *caller);

// {"authentication","kind","user","role"}, for session.get.
cJSON *caller_json(const struct control *c, const struct caller *caller);

const char *caller_from(const struct caller *caller);  // address, "" of the console

#endif
