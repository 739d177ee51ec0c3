/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
text_write(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

// The name is in the folder, and the folder on disk, only after this.
static int
folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
	int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;

	if (fd >= 0)
		close(fd);
	free(folder);
	return rc;
}

int
file_replace(const char *path, const char *text)
{
	char *beside = NULL;
	struct stat st;
	int fd, rc;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(beside, O_CLOEXEC);
	// The owner stays, where we may say so: a file of the service's user is changed by root.
	if (fd >= 0 && stat(path, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
		errno = 0;
	rc = fd < 0 ? -errno : text_write(fd, text);
	if (fd >= 0)
		close(fd);
	if (rc == 0 && rename(beside, path) != 0)
		rc = -errno;
	if (rc != 0 && fd >= 0)
		unlink(beside);
	free(beside);
	return rc != 0 ? rc : folder_sync(path);
}
