/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_LOGIN_H
#define WEIR_ACCESS_LOGIN_H

#include <stdint.h>

#include "access/users.h"

/*
 * Who is logged in. A login is known by 256 random bits, which the client has as a cookie and we as
 * a hash only. It ends when it is closed, half an hour after it was last used, twelve hours after it
 * began, and at once when its user is gone or has another password. Kept in memory: a restart ends all. One
 * thread. Times are monotonic.
 */

#define LOGINS_OF_USER 8  // at the same time
#define LOGIN_ID_LEN 44  // 43 characters of base64url and the NUL
#define LOGIN_IDLE_US (30 * 60 * UINT64_C(1000000))
#define LOGIN_WHOLE_US (12 * 3600 * UINT64_C(1000000))

struct logins;

struct login {
	uint64_t number;  // never used twice, never 0
	char user[USER_NAME_LEN];
	enum role role;   // of the user, as of now
};

struct logins *logins_create(void);  // NULL: out of memory
void logins_free(struct logins *l);

// A new login of this user, whose oldest one ends when it has LOGINS_OF_USER already. Its number.
uint64_t logins_open(struct logins *l, const struct user *user, uint64_t now_us,
	char ret_id[LOGIN_ID_LEN]);

// The login of this id or number, which counts as used now. false: there is none (any more).
bool logins_find_id(struct logins *l, const struct users *users, const char *id, uint64_t now_us,
	struct login *ret);
bool logins_find(struct logins *l, const struct users *users, uint64_t number, uint64_t now_us,
	struct login *ret);

void logins_close(struct logins *l, uint64_t number);

#endif
