/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/store.h"
#include "store/store_private.h"

// Another process may take the file away between our open() and our lock, as it does at its end.
#define ATTEMPTS 100

struct store_lock {
	int folder;  // O_PATH: what is taken away at the end is in the folder that was opened then
	int fd;
	char *name;  // in the folder
};

/*
 * The database that SQLite will open, so that two names of one are one: links followed, or, where it
 * is not there yet, those of its folder. NULL with errno.
 */
static char *
database_find(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	char *real = realpath(path, NULL), *folder, *asked;

	if (real != NULL || errno != ENOENT)
		return real;
	asked = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	folder = asked != NULL ? realpath(asked, NULL) : NULL;
	free(asked);
	if (folder == NULL || asprintf(&real, "%s/%s", folder, name) < 0)
		real = NULL;
	free(folder);
	return real;
}

static int
folder_fault(const char *path, int error, struct error *err)
{
	const char *slash = strrchr(path, '/');

	return error_field(err, -error, "--store", "--store: found \"sqlite:%.100s\", whose folder "
		"%.*s cannot be used: %s; allowed: a file in a folder that is there", path,
		slash == NULL ? 1 : slash == path ? 1 : slash - path > 100 ? 100 : (int)(slash - path),
		slash == NULL ? "." : path, strerror(error));
}

static int
lock_fault(const char *path, const char *name, int error, struct error *err)
{
	return error_field(err, -error, "--store", "--store: sqlite:%.100s: %.100s beside it cannot be "
		"locked: %s; allowed: a regular file that this user may write, or none in a folder "
		"where one can be made", path, name, error == ELOOP ? "it is a symbolic link" :
		error == EINVAL ? "it is not a regular file" : strerror(error));
}

static int
busy_fault(const char *path, pid_t holder, struct error *err)
{
	char who[48] = "a process of another machine or container";

	if (holder > 0)
		snprintf(who, sizeof(who), "process %d", (int)holder);
	return error_field(err, -EBUSY, "--store", "--store: sqlite:%.200s is in use by %s; allowed: a "
		"store that no other Weir uses", path, who);
}

// Is the file that was opened still the one of that name?
static bool
is_named(const struct store_lock *l)
{
	struct stat opened, named;

	return fstat(l->fd, &opened) == 0 && fstatat(l->folder, l->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// 1: locked, 0: once more, -EBUSY with the holder, or another -errno.
static int
lock_try(struct store_lock *l, pid_t *ret_holder)
{
	const struct flock wanted = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct flock held = wanted;
	struct stat st;
	int error;

	l->fd = openat(l->folder, l->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (l->fd < 0)
		return -errno;
	if (fstat(l->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return -EINVAL;
	if (fcntl(l->fd, F_SETLK, &wanted) == 0)
		return is_named(l);
	error = errno;
	if (error != EAGAIN && error != EACCES)
		return -error;
	if (fcntl(l->fd, F_GETLK, &held) != 0)
		return -errno;
	*ret_holder = held.l_pid;
	return held.l_type == F_UNLCK ? 0 : -EBUSY;
}

static int
file_lock(struct store_lock *l, const char *path, struct error *err)
{
	pid_t holder = 0;
	int rc = 0;

	for (unsigned int i = 0; i < ATTEMPTS && rc == 0; i++) {
		rc = lock_try(l, &holder);
		if (rc == 1)
			return 0;
		if (l->fd >= 0)
			close(l->fd);
		l->fd = -1;
	}
	return rc == -EBUSY || rc == 0 ? busy_fault(path, holder, err) :
		lock_fault(path, l->name, -rc, err);
}

static void
lock_free(struct store_lock *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->folder >= 0)
		close(l->folder);
	free(l->name);
	free(l);
}

// database: absolute; cut in two.
static int
lock_make(char *database, const char *path, struct store_lock **ret, struct error *err)
{
	struct store_lock *l = calloc(1, sizeof(*l));
	char *slash = strrchr(database, '/');
	int rc;

	if (l == NULL)
		return error_set(err, -ENOMEM, "store: out of memory");
	l->fd = l->folder = -1;
	if (asprintf(&l->name, "%s.lock", slash + 1) < 0)
		l->name = NULL;
	*slash = '\0';
	l->folder = open(slash == database ? "/" : database, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->name == NULL)
		rc = error_set(err, -ENOMEM, "store: out of memory");
	else if (l->folder < 0)
		rc = folder_fault(path, errno, err);
	else
		rc = file_lock(l, path, err);
	if (rc == 0)
		*ret = l;
	else
		lock_free(l);
	return rc;
}

int
store_lock_take(const char *uri, struct store_lock **ret, struct error *err)
{
	const struct store_params params = {.uri = uri};
	const struct sink_ops *ops;
	const char *path;
	char *database;
	struct stat st;
	int rc;

	*ret = NULL;
	if (store_params_check(&params, NULL) != 0 || sink_find(uri, &ops, &path, NULL) != 0 ||
			!ops->keeps)
		return 0;
	database = database_find(path);
	if (database == NULL)
		return folder_fault(path, errno, err);
	if (stat(database, &st) == 0 && !S_ISREG(st.st_mode))
		rc = error_field(err, -EINVAL, "--store", "--store: found \"sqlite:%.200s\", which is %s; "
			"allowed: a file", path, S_ISDIR(st.st_mode) ? "a folder" :
			"not a regular file");
	else
		rc = lock_make(database, path, ret, err);
	free(database);
	if (rc != -ENOSPC && rc != -EDQUOT)
		return rc;
	// A full disk is no reason not to measure.
	log_warning("store", "%s.lock cannot be made: %s; another Weir would not see that the store is in "
		"use", path, strerror(-rc));
	return 0;
}

// The name goes first, while nobody else can have the lock.
void
store_lock_release(struct store_lock *l)
{
	if (l == NULL)
		return;
	if (is_named(l))
		unlinkat(l->folder, l->name, 0);
	lock_free(l);
}
