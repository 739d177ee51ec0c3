/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/capture_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct capture_name
capture_name_of(const char *path)
{
	struct capture_name name;
	size_t n = strlen(path);

	if (n < sizeof(name.text) - 4)
		snprintf(name.text, sizeof(name.text), "%s", path);
	else
		snprintf(name.text, sizeof(name.text), "...%s", path + n - 160);
	return name;
}

size_t
capture_input_file_read(struct capture_input *s, void *to, size_t room)
{
	uint64_t left = s->file_limit - s->file_read;
	ssize_t k;

	if (room > left)
		room = (size_t)left;
	do
		k = pread(s->fd, to, room, (off_t)s->file_read);
	while (k < 0 && errno == EINTR);
	if (k < 0) {
		snprintf(s->reason, sizeof(s->reason), "reading failed: %s", strerror(errno));
		return 0;
	}
	s->file_read += (uint64_t)k;
	return (size_t)k;
}

static int
plain_open(struct capture_input *s)
{
	// Twice the read-ahead, for files that are not in the page cache. Only advice.
	posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

static size_t
plain_read(struct capture_input *s, uint8_t *to, size_t room)
{
	return capture_input_file_read(s, to, room);
}

static void
plain_close(struct capture_input *s)
{
	(void)s;
}

const struct capture_input_ops capture_input_plain = {
	.open = plain_open,
	.read = plain_read,
	.close = plain_close,
};

static const char *
kind_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a pipe";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "no regular file";
	}
}

// Open without waiting for the other end of a pipe, and let only regular files pass.
static int
file_open(struct capture_input *s, int fd, const char *path, struct error *err)
{
	struct capture_name name = capture_name_of(path);
	struct stat st;
	int rc;

	s->fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) :
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (s->fd < 0) {
		rc = -errno;
		return error_set(err, rc, "%s: cannot be opened: %s; " CAPTURE_ALLOWED, name.text,
			strerror(-rc));
	}
	if (fstat(s->fd, &st) < 0) {
		rc = -errno;
		error_set(err, rc, "%s: fstat: %s", name.text, strerror(-rc));
	} else if (!S_ISREG(st.st_mode)) {
		rc = error_set(err, -EINVAL, "%s: is %s, not a regular file; " CAPTURE_ALLOWED, name.text,
			kind_name(st.st_mode));
	} else if (st.st_size == 0) {
		rc = error_set(err, -EINVAL, "%s: is empty (0 bytes); " CAPTURE_ALLOWED, name.text);
	} else {
		s->file_bytes = (uint64_t)st.st_size;
		s->file_limit = fd >= 0 ? s->file_bytes : INT64_MAX;
		return 0;
	}
	close(s->fd);
	return rc;
}

static const struct capture_input_ops *
ops_find(int fd)
{
	uint8_t magic[4] = {0};
	ssize_t n = pread(fd, magic, sizeof(magic), 0);

	if (n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b)
		return &capture_input_gzip;
	if (n == 4 && memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
		return &capture_input_zstd;
	// A skippable frame, any of the sixteen numbers: nothing that can be captured begins so.
	if (n == 4 && magic[0] >> 4 == 5 && memcmp(magic + 1, "\x2a\x4d\x18", 3) == 0)
		return &capture_input_zstd;
	return &capture_input_plain;
}

int
capture_input_open(struct capture_input *s, int fd, const char *path, size_t chunk,
	struct error *err)
{
	int rc;

	memset(s, 0, sizeof(*s));
	s->chunk = chunk;
	rc = file_open(s, fd, path, err);
	if (rc < 0)
		return rc;
	s->buf = malloc(CAPTURE_BUFFER);
	if (s->buf == NULL) {
		rc = -ENOMEM;
		goto fail;
	}
	s->at = s->end = s->buf;
	s->ops = ops_find(s->fd);
	rc = s->ops->open(s);
	if (rc == 0)
		return 0;
	free(s->buf);
fail:
	close(s->fd);
	return error_set(err, rc, "%s: no memory to read it", capture_name_of(path).text);
}

void
capture_input_close(struct capture_input *s)
{
	s->ops->close(s);
	free(s->buf);
	close(s->fd);
}

bool
capture_input_fill(struct capture_input *s)
{
	size_t left = capture_input_left(s);
	size_t room = CAPTURE_BUFFER - left;
	size_t k;

	if (s->reason[0] != '\0')
		return false;
	s->buf_offset += (uint64_t)(s->at - s->buf);
	memmove(s->buf, s->at, left);
	s->at = s->buf;
	k = s->ops->read(s, s->buf + left, room < s->chunk ? room : s->chunk);
	s->end = s->buf + left + k;
	return k > 0;
}
