/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/file_replace.h"

// {"users": [{"name", "role", "password"}], "tokens": [{"label", "role", "hash"}]}, readable by its
// owner only. Anything else in it is refused: a member that is misspelt would let somebody in, or
// keep somebody out, without a word.

#define FILE_BYTES_MAX (256 << 10)

static int
fault(const char *path, struct error *err, const char *what)
{
	return error_field(err, -EINVAL, "--users", "--users: %s: %s", path, what);
}

// Mode and size are those of the file that was opened, not of what the name means later.
static char *
text_read(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *text = NULL, line[96];
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) != 0) {
		fault(path, err, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX) {
		fault(path, err, "allowed: a file of at most 256 KiB");
	} else if ((st.st_mode & 077) != 0) {
		snprintf(line, sizeof(line), "others may read or write it (mode %04o), allowed: 0600",
			st.st_mode & 07777U);
		fault(path, err, line);
	} else if ((text = malloc((size_t)st.st_size + 1)) == NULL ||
			(n = read(fd, text, (size_t)st.st_size)) < 0) {
		fault(path, err, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

// The strings of an object that has exactly these members. false: it is not one.
static bool
members_read(const cJSON *o, const char *const names[3], const char *ret[3])
{
	if (!cJSON_IsObject(o) || cJSON_GetArraySize(o) != 3)
		return false;
	for (int i = 0; i < 3; i++) {
		ret[i] = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, names[i]));
		if (ret[i] == NULL)
			return false;
	}
	return true;
}

static const char *
user_read(struct users *u, const cJSON *o)
{
	static const char *const names[3] = {"name", "role", "password"};
	struct user *new = &u->user[u->user_count];
	const char *value[3];

	if (u->user_count == USERS_MAX)
		return "more than 256 users";
	if (!members_read(o, names, value))
		return "a user is not {\"name\", \"role\", \"password\"}";
	if (!user_name_ok(value[0]) || users_find(u, value[0]) != NULL)
		return "a user's name is not allowed, or there twice";
	if (role_parse(value[1], &new->role) != 0)
		return "a user's role is not viewer, operator or admin";
	if (!user_password_hash_ok(value[2]))
		return "a user's password is not a hash as weir passwd makes it";
	snprintf(new->name, sizeof(new->name), "%s", value[0]);
	snprintf(new->password, sizeof(new->password), "%s", value[2]);
	u->user_count++;
	return NULL;
}

static const char *
token_read(struct users *u, const cJSON *o)
{
	static const char *const names[3] = {"label", "role", "hash"};
	struct token *new = &u->token[u->token_count];
	const char *value[3];
	size_t n;

	if (u->token_count == USERS_MAX)
		return "more than 256 tokens";
	if (!members_read(o, names, value))
		return "a token is not {\"label\", \"role\", \"hash\"}";
	if (!user_name_ok(value[0]))
		return "a token's label is not allowed";
	for (uint32_t i = 0; i < u->token_count; i++)
		if (strcmp(u->token[i].label, value[0]) == 0)
			return "a token's label is there twice";
	if (role_parse(value[1], &new->role) != 0)
		return "a token's role is not viewer, operator or admin";
	if (sodium_hex2bin(new->hash, sizeof(new->hash), value[2], strlen(value[2]), NULL, &n, NULL)
		!= 0 || n != sizeof(new->hash) || strlen(value[2]) != 2 * sizeof(new->hash))
		return "a token's hash is not 64 hexadecimal digits";
	snprintf(new->label, sizeof(new->label), "%s", value[0]);
	u->token_count++;
	return NULL;
}

// NULL, or what is wrong with the document.
static const char *
document_read(struct users *u, const cJSON *document)
{
	const cJSON *list, *one;
	const char *wrong = NULL;

	if (!cJSON_IsObject(document))
		return "not a JSON object";
	cJSON_ArrayForEach(list, document) {
		bool users = strcmp(list->string, "users") == 0;

		if ((!users && strcmp(list->string, "tokens") != 0) || !cJSON_IsArray(list))
			return "allowed: the arrays \"users\" and \"tokens\"";
		cJSON_ArrayForEach(one, list) {
			wrong = users ? user_read(u, one) : token_read(u, one);
			if (wrong != NULL)
				return wrong;
		}
	}
	return NULL;
}

struct users *
users_read(const char *path, struct error *err)
{
	char *text = text_read(path, err);
	struct users *u = text != NULL ? users_create() : NULL;
	cJSON *document = text != NULL ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
	const char *wrong;

	if (text != NULL) {
		wrong = document == NULL ? "not JSON" : u == NULL ? "out of memory" :
			document_read(u, document);
		if (wrong != NULL) {
			fault(path, err, wrong);
			users_put(u);
			u = NULL;
		}
	}
	cJSON_Delete(document);
	free(text);
	return u;
}

static cJSON *
user_json(const struct user *user)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", user->name);
	cJSON_AddStringToObject(o, "role", role_name(user->role));
	cJSON_AddStringToObject(o, "password", user->password);
	return o;
}

static cJSON *
token_json(const struct token *token)
{
	cJSON *o = cJSON_CreateObject();
	char hex[2 * sizeof(token->hash) + 1];

	sodium_bin2hex(hex, sizeof(hex), token->hash, sizeof(token->hash));
	cJSON_AddStringToObject(o, "label", token->label);
	cJSON_AddStringToObject(o, "role", role_name(token->role));
	cJSON_AddStringToObject(o, "hash", hex);
	return o;
}

int
users_write(const struct users *u, const char *path, struct error *err)
{
	cJSON *document = cJSON_CreateObject();
	cJSON *users = cJSON_AddArrayToObject(document, "users");
	cJSON *tokens = cJSON_AddArrayToObject(document, "tokens");
	char *text;
	int rc;

	for (uint32_t i = 0; i < u->user_count; i++)
		cJSON_AddItemToArray(users, user_json(&u->user[i]));
	for (uint32_t i = 0; i < u->token_count; i++)
		cJSON_AddItemToArray(tokens, token_json(&u->token[i]));
	text = cJSON_Print(document);
	rc = text == NULL ? -ENOMEM : file_replace(path, text);
	cJSON_free(text);
	cJSON_Delete(document);
	return rc == 0 ? 0 : error_set(err, rc, "%s: cannot be written: %s", path, strerror(-rc));
}
