/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_PREFIX "weir_"
// Hashes that a file may ask us to compute: up to 1 GiB and 16 passes.
#define PASSWORD_KIB_MAX (1U << 20)
#define PASSWORD_PASSES_MAX 16

int
access_init(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

struct users *
users_create(void)
{
	struct users *u = calloc(1, sizeof(*u));

	if (u != NULL)
		u->references = 1;
	return u;
}

struct users *
users_get(struct users *u)
{
	__atomic_add_fetch(&u->references, 1, __ATOMIC_RELAXED);
	return u;
}

void
users_put(struct users *u)
{
	if (u != NULL && __atomic_sub_fetch(&u->references, 1, __ATOMIC_ACQ_REL) == 0)
		free(u);
}

bool
user_name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@");

	return n > 0 && n < USER_NAME_LEN && name[n] == '\0';
}

bool
user_password_hash_ok(const char *hash)
{
	unsigned int kib, passes, lanes;
	int n = 0;

	return strlen(hash) < crypto_pwhash_STRBYTES &&
		sscanf(hash, "$argon2id$v=19$m=%7u,t=%3u,p=%3u$%n", &kib, &passes, &lanes, &n) == 3 &&
		n > 0 && kib <= PASSWORD_KIB_MAX && passes <= PASSWORD_PASSES_MAX && lanes == 1;
}

static int
user_index(const struct users *u, const char *name)
{
	for (uint32_t i = 0; i < u->user_count; i++)
		if (strcmp(u->user[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int
token_index(const struct users *u, const char *label)
{
	for (uint32_t i = 0; i < u->token_count; i++)
		if (strcmp(u->token[i].label, label) == 0)
			return (int)i;
	return -1;
}

const struct user *
users_find(const struct users *u, const char *name)
{
	int i = user_index(u, name);

	return i < 0 ? NULL : &u->user[i];
}

static void
token_hash(const char *text, uint8_t ret[32])
{
	crypto_generichash(ret, 32, (const unsigned char *)text, strlen(text), NULL, 0);
}

const struct token *
users_find_token(const struct users *u, const char *text)
{
	const struct token *found = NULL;
	uint8_t hash[32];

	token_hash(text, hash);
	for (uint32_t i = 0; i < u->token_count; i++)
		if (sodium_memcmp(u->token[i].hash, hash, sizeof(hash)) == 0)
			found = &u->token[i];
	return found;
}

static int
name_fault(const char *name, struct error *err)
{
	return error_set(err, -EINVAL, "'%.40s': allowed: a name of 1 to 32 letters, digits and . _ - @",
		name);
}

static int
password_fault(size_t len, struct error *err)
{
	return error_set(err, -EINVAL, "the password has %zu bytes, allowed: %d to %d", len,
		USER_PASSWORD_MIN, USER_PASSWORD_MAX);
}

int
users_set_password(struct users *u, const char *name, enum role role, const char *password,
	struct error *err)
{
	size_t len = strlen(password);
	struct user new = {.role = role};
	int i = user_index(u, name);

	if (!user_name_ok(name))
		return name_fault(name, err);
	if (len < USER_PASSWORD_MIN || len > USER_PASSWORD_MAX)
		return password_fault(len, err);
	if (i < 0 && u->user_count == USERS_MAX)
		return error_set(err, -ENOSPC, "there are %d users already, no more fit", USERS_MAX);
	if (crypto_pwhash_str(new.password, password, len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
		crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		return error_set(err, -ENOMEM, "no memory for the hash of the password (64 MiB)");
	snprintf(new.name, sizeof(new.name), "%s", name);
	u->user[i < 0 ? (int)u->user_count++ : i] = new;
	return 0;
}

int
users_add_token(struct users *u, const char *label, enum role role, char ret_text[TOKEN_TEXT_LEN],
	struct error *err)
{
	struct token new = {.role = role};
	int i = token_index(u, label);
	uint8_t random[TOKEN_BYTES];

	if (!user_name_ok(label))
		return name_fault(label, err);
	if (i < 0 && u->token_count == USERS_MAX)
		return error_set(err, -ENOSPC, "there are %d tokens already, no more fit", USERS_MAX);
	randombytes_buf(random, sizeof(random));
	memcpy(ret_text, TOKEN_PREFIX, sizeof(TOKEN_PREFIX) - 1);
	sodium_bin2base64(ret_text + sizeof(TOKEN_PREFIX) - 1,
		TOKEN_TEXT_LEN - sizeof(TOKEN_PREFIX) + 1, random, sizeof(random),
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof(random));
	token_hash(ret_text, new.hash);
	snprintf(new.label, sizeof(new.label), "%s", label);
	u->token[i < 0 ? (int)u->token_count++ : i] = new;
	return 0;
}

int
users_remove(struct users *u, const char *name, struct error *err)
{
	int i = user_index(u, name);

	if (i < 0)
		return error_set(err, -ENOENT, "there is no user '%.40s'", name);
	memmove(&u->user[i], &u->user[i + 1], sizeof(u->user[0]) * (--u->user_count - (uint32_t)i));
	return 0;
}

int
users_remove_token(struct users *u, const char *label, struct error *err)
{
	int i = token_index(u, label);

	if (i < 0)
		return error_set(err, -ENOENT, "there is no token '%.40s'", label);
	memmove(&u->token[i], &u->token[i + 1],
		sizeof(u->token[0]) * (--u->token_count - (uint32_t)i));
	return 0;
}
