/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_USERS_H
#define WEIR_ACCESS_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include <sodium.h>

#include "access/role.h"
#include "base/error.h"

/*
 * Who may ask anything of Weir: users with a password, for people, and tokens, for programs. The
 * file holds argon2id hashes of passwords (RFC 9106, through libsodium) and BLAKE2b hashes of tokens;
 * a token is 256 random bits, which nobody guesses, so a hash that is quick to compute will do.
 *
 * A table that was read is not changed any more and is counted by reference; `weir passwd` has its
 * own and changes it. access_init() comes first.
 */

#define USERS_MAX 256      // users, and as many tokens
#define USER_NAME_LEN 33   // with the NUL
#define USER_PASSWORD_MIN 8
#define USER_PASSWORD_MAX 512
#define TOKEN_BYTES 32
// "weir_", 43 characters of base64url, NUL
#define TOKEN_TEXT_LEN (5 + 44)

struct user {
	char name[USER_NAME_LEN];
	enum role role;
	char password[crypto_pwhash_STRBYTES];  // argon2id, with salt and parameters
};

struct token {
	char label[USER_NAME_LEN];
	enum role role;
	uint8_t hash[32];
};

struct users {
	uint32_t references;  // atomic
	uint32_t user_count, token_count;
	struct user user[USERS_MAX];
	struct token token[USERS_MAX];
};

int access_init(void);  // libsodium; 0 or -EIO

struct users *users_create(void);  // none yet; one reference. NULL: out of memory
struct users *users_get(struct users *u);
void users_put(struct users *u);  // NULL is fine

// users_file.c: NULL with one line that names the file and what is wrong with it.
struct users *users_read(const char *path, struct error *err);
// The whole file anew, mode 0600. 0 or -errno with err filled.
int users_write(const struct users *u, const char *path, struct error *err);

// 1 to 32 of letters, digits and . _ - @
bool user_name_ok(const char *name);
// An argon2id hash as users have it, whose cost this program is willing to bear.
bool user_password_hash_ok(const char *hash);

const struct user *users_find(const struct users *u, const char *name);  // or NULL

// The token with this text, or NULL. Takes the same time whichever it is, or none.
const struct token *users_find_token(const struct users *u, const char *text);

/*
 * Changes, for `weir passwd`. 0, or -errno with err filled: -ENOENT there is none of that name,
 * -ENOSPC no room, -ENOMEM argon2id found no memory. A user or token of the same name is replaced.
 */
int users_set_password(struct users *u, const char *name, enum role role, const char *password,
	struct error *err);
int users_add_token(struct users *u, const char *label, enum role role,
	char ret_text[TOKEN_TEXT_LEN], struct error *err);
int users_remove(struct users *u, const char *name, struct error *err);
int users_remove_token(struct users *u, const char *label, struct error *err);

#endif
