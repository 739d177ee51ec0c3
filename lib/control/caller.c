/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/caller.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "access/login.h"
#include "base/clock.h"
#include "control/internal.h"
#include "control/session.h"

#define BEARER "Bearer "

#define DEVICE_COOKIE_S (180 * 24 * 3600)

// Browsers keep cookies by host name, whatever the port; several Weirs on one host must not log each
// other out. The prefix makes a browser insist on Secure, Path=/ and on the host itself.
static void
cookie_name(const struct control *c, const char *what, bool secure, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s-%u", secure ? "__Host-" : "", what, c->port);
}

static void
cookie_make(const struct control *c, const char *what, bool secure, const char *value,
	unsigned int seconds, char *buf, size_t size)
{
	char name[32];

	cookie_name(c, what, secure, name, sizeof(name));
	snprintf(buf, size, "%s=%s; Path=/; Max-Age=%u; HttpOnly; SameSite=Strict%s", name, value,
		seconds, secure ? "; Secure" : "");
}

// The value of a cookie of ours in a Cookie header. false: it is not there.
static bool
cookie_find(const struct control *c, const char *what, bool secure, const char *header, char *buf,
	size_t size)
{
	char name[32];
	size_t n, len;

	cookie_name(c, what, secure, name, sizeof(name));
	n = strlen(name);
	for (const char *at = header; *at != '\0'; at += strspn(at, "; ")) {
		len = strcspn(at, ";");
		if (len > n && len - n - 1 < size && strncmp(at, name, n) == 0 && at[n] == '=') {
			snprintf(buf, size, "%.*s", (int)(len - n - 1), at + n + 1);
			return true;
		}
		at += len;
	}
	return false;
}

static void
caller_of_login(const struct login *login, struct caller *ret)
{
	ret->kind = CALLER_USER;
	ret->role = login->role;
	ret->login = login->number;
	snprintf(ret->name, sizeof(ret->name), "%s", login->user);
}

static bool
caller_of_token(const struct token *token, struct caller *ret)
{
	if (token == NULL)
		return false;
	ret->kind = CALLER_TOKEN;
	ret->role = token->role;
	memcpy(ret->token, token->hash, sizeof(ret->token));
	snprintf(ret->name, sizeof(ret->name), "%s", token->label);
	return true;
}

static int
bearer_read(struct control *c, struct lws *wsi, struct caller *ret)
{
	char text[2048];
	bool good = lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_AUTHORIZATION) > 0 &&
		strncasecmp(text, BEARER, sizeof(BEARER) - 1) == 0 &&
		caller_of_token(users_find_token(c->users, text + sizeof(BEARER) - 1), ret);

	sodium_memzero(text, sizeof(text));
	return good ? 0 : -EACCES;
}

static void
cookies_read(struct control *c, struct lws *wsi, struct caller *ret)
{
	bool secure = ret->client.secure;
	char text[2048], id[LOGIN_ID_LEN];
	struct login login;

	if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_COOKIE) <= 0)
		return;
	if (!cookie_find(c, "weir-device", secure, text, ret->device, sizeof(ret->device)))
		ret->device[0] = '\0';
	if (cookie_find(c, "weir", secure, text, id, sizeof(id)) &&
		logins_find_id(c->logins, c->users, id, clock_monotonic_us(), &login))
		caller_of_login(&login, ret);
	sodium_memzero(text, sizeof(text));
	sodium_memzero(id, sizeof(id));
}

int
caller_of_request(struct control *c, struct lws *wsi, const char *via,
	const struct client *client, struct caller *ret)
{
	*ret = (struct caller){.via = via, .peer = lws_get_opaque_user_data(wsi), .client = *client};
	if (c->users == NULL) {
		ret->kind = CALLER_OPEN;
		ret->role = ROLE_ADMIN;
		return 0;
	}
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_AUTHORIZATION) > 0)
		return bearer_read(c, wsi, ret);
	cookies_read(c, wsi, ret);
	return 0;
}

void
caller_of_console(struct caller *ret)
{
	*ret = (struct caller){.kind = CALLER_CONSOLE, .role = ROLE_ADMIN, .via = "console"};
}

static const struct token *
token_of_hash(const struct users *users, const uint8_t hash[32])
{
	for (uint32_t i = 0; i < users->token_count; i++)
		if (memcmp(users->token[i].hash, hash, 32) == 0)
			return &users->token[i];
	return NULL;
}

static void
caller_forget(struct caller *caller)
{
	caller->kind = CALLER_NOBODY;
	caller->role = ROLE_ANYONE;
	caller->login = 0;
	caller->name[0] = '\0';
}

bool
caller_refresh(struct control *c, struct caller *caller)
{
	struct login login;
	bool holds = true;

	if (caller->kind == CALLER_USER) {
		holds = logins_find(c->logins, c->users, caller->login, clock_monotonic_us(), &login);
		if (holds)
			caller->role = login.role;
	} else if (caller->kind == CALLER_TOKEN) {
		holds = caller_of_token(token_of_hash(c->users, caller->token), caller);
	}
	if (!holds)
		caller_forget(caller);
	return holds;
}

void
caller_login(struct control *c, struct caller *caller, const struct user *user)
{
	uint64_t now = clock_monotonic_us();
	struct login login = {.role = user->role};
	char id[LOGIN_ID_LEN], device[DEVICE_LEN];
	bool secure = caller->client.secure;
	struct throttle_key key;

	// Whoever logs in again does not leave the login behind that it had.
	caller_logout(c, caller);
	login.number = logins_open(c->logins, user, now, id);
	snprintf(login.user, sizeof(login.user), "%s", user->name);
	caller_of_login(&login, caller);
	cookie_make(c, "weir", secure, id, LOGIN_WHOLE_US / CLOCK_US_PER_S, caller->cookie,
		sizeof(caller->cookie));
	sodium_memzero(id, sizeof(id));
	if (device_check(user, caller->device, &key))
		return;
	device_make(user, device);
	cookie_make(c, "weir-device", secure, device, DEVICE_COOKIE_S, caller->device_cookie,
		sizeof(caller->device_cookie));
	sodium_memzero(device, sizeof(device));
}

void
caller_logout(struct control *c, struct caller *caller)
{
	uint64_t number = caller->login;

	cookie_make(c, "weir", caller->client.secure, "", 0, caller->cookie,
		sizeof(caller->cookie));
	if (caller->kind != CALLER_USER)
		return;
	logins_close(c->logins, number);
	caller_forget(caller);
	sessions_recheck(c);
}

cJSON *
caller_json(const struct control *c, const struct caller *caller)
{
	static const char *const kinds[] = {"nobody", "open", "user", "token", "console"};
	cJSON *o = cJSON_CreateObject();

	cJSON_AddBoolToObject(o, "authentication", c->users != NULL);
	cJSON_AddStringToObject(o, "kind", kinds[caller->kind]);
	if (caller->name[0] != '\0')
		cJSON_AddStringToObject(o, "user", caller->name);
	else
		cJSON_AddNullToObject(o, "user");
	cJSON_AddStringToObject(o, "role", role_name(caller->role));
	return o;
}

const char *
caller_from(const struct caller *caller)
{
	return caller->client.text;
}
