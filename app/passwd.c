/* SPDX-License-Identifier: BSD-3-Clause */
#include "passwd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "access/users.h"
#include "weir_build.h"

#define EXIT_FAILED 1
#define EXIT_ARGUMENTS 2

struct request {
	const char *file;
	const char *name;   // of a user
	const char *label;  // of a token
	const char *role;
	bool remove;
	bool help;
};

static void
usage_print(FILE *out)
{
	fprintf(out, "usage: weir passwd [--users FILE] NAME --role ROLE     user, or its new password\n"
		"       weir passwd [--users FILE] --remove NAME\n"
		"       weir passwd [--users FILE] --token LABEL --role ROLE  prints the token, once\n"
		"       weir passwd [--users FILE] --token LABEL --remove\n\n"
		"ROLE is viewer (looks), operator (changes what Weir does) or admin (changes how it is set\n"
		"up). FILE is " WEIR_SYSCONFDIR "/users.json unless given. The password is asked for on the\n"
		"terminal, or else read as one line from standard input. A running Weir takes the file\n"
		"over on SIGHUP.\n");
}

static int
fail(int status, const char *text)
{
	fprintf(stderr, "weir passwd: %s\n", text);
	return status;
}

static int
arguments_read(int argc, char **argv, struct request *ret)
{
	static const struct option longs[] = {
		{"users", required_argument, NULL, 'u'}, {"role", required_argument, NULL, 'r'},
		{"token", required_argument, NULL, 't'}, {"remove", no_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'}, {0},
	};
	int c;

	*ret = (struct request){.file = WEIR_SYSCONFDIR "/users.json"};
	optind = 0;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'u': ret->file = optarg; break;
		case 'r': ret->role = optarg; break;
		case 't': ret->label = optarg; break;
		case 'd': ret->remove = true; break;
		case 'h': ret->help = true; break;
		default: return -EINVAL;  // getopt has said what is wrong
		}
	}
	if (optind < argc)
		ret->name = argv[optind++];
	if (ret->help)
		return 0;
	if (optind < argc || (ret->name == NULL) == (ret->label == NULL) ||
			ret->remove == (ret->role != NULL)) {
		usage_print(stderr);
		return -EINVAL;
	}
	return 0;
}

// One line of standard input without its end; on a terminal what is typed is not shown.
static int
line_read(const char *prompt, char *buf, size_t size)
{
	struct termios before, quiet;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	char *got;

	if (terminal) {
		fputs(prompt, stderr);
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	got = fgets(buf, (int)size, stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (got == NULL)
		return -ENODATA;
	buf[strcspn(buf, "\r\n")] = '\0';
	return 0;
}

static int
password_read(char *buf, size_t size, struct error *err)
{
	char again[USER_PASSWORD_MAX + 8];
	int rc = 0;

	if (line_read("password: ", buf, size) != 0)
		return error_set(err, -ENODATA, "no password came");
	if (isatty(STDIN_FILENO) && (line_read("again: ", again, sizeof(again)) != 0 ||
			strcmp(buf, again) != 0))
		rc = error_set(err, -EINVAL, "the two are not the same, nothing was changed");
	sodium_memzero(again, sizeof(again));
	return rc;
}

// From reading the file to writing it nobody else may. The file itself is replaced each time, so
// what is locked is FILE.lock beside it, which stays. A descriptor, which holds the lock until it is
// closed, or -errno.
static int
lock_take(const char *file, struct error *err)
{
	char *path;
	int fd, rc = 0;

	if (asprintf(&path, "%s.lock", file) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		rc = -errno;
	while (rc == 0 && flock(fd, LOCK_EX) != 0)
		rc = errno == EINTR ? 0 : -errno;
	if (rc != 0)
		error_set(err, rc, "%s: cannot be locked: %s", path, strerror(-rc));
	if (rc != 0 && fd >= 0)
		close(fd);
	free(path);
	return rc != 0 ? rc : fd;
}

// The file's users, or none yet where there is no file.
static struct users *
users_load(const char *file, struct error *err)
{
	struct stat st;

	if (stat(file, &st) != 0 && errno == ENOENT)
		return users_create();
	return users_read(file, err);
}

static int
change(struct users *u, const struct request *r, enum role role, const char *password,
	struct error *err)
{
	char text[TOKEN_TEXT_LEN] = "";
	int rc;

	if (r->label == NULL)
		rc = r->remove ? users_remove(u, r->name, err) :
			users_set_password(u, r->name, role, password, err);
	else if (r->remove)
		rc = users_remove_token(u, r->label, err);
	else
		rc = users_add_token(u, r->label, role, text, err);
	if (rc == 0)
		rc = users_write(u, r->file, err);
	if (rc == 0 && text[0] != '\0')
		printf("%s\n", text);
	sodium_memzero(text, sizeof(text));
	return rc;
}

static int
change_locked(const struct request *r, enum role role, const char *password, struct error *err)
{
	int lock = lock_take(r->file, err), rc = lock < 0 ? lock : 0;
	struct users *u = rc == 0 ? users_load(r->file, err) : NULL;

	if (u != NULL)
		rc = change(u, r, role, password, err);
	else if (rc == 0)
		rc = -EINVAL;
	users_put(u);
	if (lock >= 0)
		close(lock);
	return rc;
}

int
passwd_main(int argc, char **argv)
{
	enum role role = ROLE_ANYONE;
	struct error err = {.text = "out of memory"};
	char password[USER_PASSWORD_MAX + 8] = "";
	struct request r;
	int rc = 0;

	if (arguments_read(argc, argv, &r) != 0)
		return EXIT_ARGUMENTS;
	if (r.help) {
		usage_print(stdout);
		return 0;
	}
	if (r.role != NULL && role_parse(r.role, &role) != 0)
		return fail(EXIT_ARGUMENTS, "--role: allowed: viewer, operator or admin");
	if (access_init() != 0)
		return fail(EXIT_FAILED, "libsodium cannot be used on this machine");
	if (r.label == NULL && !r.remove)  // whoever types holds up no other
		rc = password_read(password, sizeof(password), &err);
	if (rc == 0)
		rc = change_locked(&r, role, password, &err);
	sodium_memzero(password, sizeof(password));
	return rc == 0 ? 0 : fail(EXIT_FAILED, err.text);
}
