/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGINS_MAX (USERS_MAX * LOGINS_OF_USER)
#define ID_BYTES 32

struct entry {
	uint64_t number;  // 0: free
	uint8_t id_hash[32];
	uint8_t password_hash[32];  // of the hash of the password that was right
	char user[USER_NAME_LEN];
	uint64_t begin_us, used_us;
};

struct logins {
	uint64_t last_number;
	struct entry entry[LOGINS_MAX];
};

static void
hash(const char *text, uint8_t ret[32])
{
	crypto_generichash(ret, 32, (const unsigned char *)text, strlen(text), NULL, 0);
}

struct logins *
logins_create(void)
{
	return calloc(1, sizeof(struct logins));
}

void
logins_free(struct logins *l)
{
	free(l);
}

static bool
entry_is_old(const struct entry *e, uint64_t now_us)
{
	return now_us - e->used_us > LOGIN_IDLE_US || now_us - e->begin_us > LOGIN_WHOLE_US;
}

// A place for a login of this user. Nobody gets one at the cost of another user, as there are places
// for all users that a file may have; only logins of users who are gone may still be in the way.
static struct entry *
entry_find(struct logins *l, const char *user, uint64_t now_us)
{
	struct entry *unused = NULL, *own = NULL, *quiet = &l->entry[0];
	unsigned int owned = 0;

	for (unsigned int i = 0; i < LOGINS_MAX; i++) {
		struct entry *e = &l->entry[i];

		if (e->number != 0 && entry_is_old(e, now_us))
			*e = (struct entry){0};
		if (e->number == 0) {
			unused = unused == NULL ? e : unused;
			continue;
		}
		if (e->used_us < quiet->used_us)
			quiet = e;
		if (strcmp(e->user, user) != 0)
			continue;
		owned++;
		if (own == NULL || e->number < own->number)
			own = e;
	}
	return owned >= LOGINS_OF_USER ? own : unused != NULL ? unused : quiet;
}

uint64_t
logins_open(struct logins *l, const struct user *user, uint64_t now_us, char ret_id[LOGIN_ID_LEN])
{
	struct entry *e = entry_find(l, user->name, now_us);
	uint8_t random[ID_BYTES];

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(ret_id, LOGIN_ID_LEN, random, sizeof(random),
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof(random));
	*e = (struct entry){.number = ++l->last_number, .begin_us = now_us, .used_us = now_us};
	snprintf(e->user, sizeof(e->user), "%s", user->name);
	hash(ret_id, e->id_hash);
	hash(user->password, e->password_hash);
	return e->number;
}

// Does this login still hold? Ends it when it does not.
static bool
entry_use(struct entry *e, const struct users *users, uint64_t now_us, struct login *ret)
{
	const struct user *user = users_find(users, e->user);
	uint8_t password[32];

	if (user != NULL)
		hash(user->password, password);
	if (user == NULL || memcmp(password, e->password_hash, sizeof(password)) != 0 ||
		entry_is_old(e, now_us)) {
		*e = (struct entry){0};
		return false;
	}
	e->used_us = now_us;
	*ret = (struct login){.number = e->number, .role = user->role};
	snprintf(ret->user, sizeof(ret->user), "%s", user->name);
	return true;
}

bool
logins_find_id(struct logins *l, const struct users *users, const char *id, uint64_t now_us,
	struct login *ret)
{
	struct entry *found = NULL;
	uint8_t id_hash[32];

	hash(id, id_hash);
	for (unsigned int i = 0; i < LOGINS_MAX; i++)
		if (l->entry[i].number != 0 &&
			sodium_memcmp(l->entry[i].id_hash, id_hash, sizeof(id_hash)) == 0)
			found = &l->entry[i];
	return found != NULL && entry_use(found, users, now_us, ret);
}

bool
logins_find(struct logins *l, const struct users *users, uint64_t number, uint64_t now_us,
	struct login *ret)
{
	for (unsigned int i = 0; number != 0 && i < LOGINS_MAX; i++)
		if (l->entry[i].number == number)
			return entry_use(&l->entry[i], users, now_us, ret);
	return false;
}

void
logins_close(struct logins *l, uint64_t number)
{
	for (unsigned int i = 0; number != 0 && i < LOGINS_MAX; i++)
		if (l->entry[i].number == number)
			l->entry[i] = (struct entry){0};
}
