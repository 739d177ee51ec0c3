/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/log.h"
#include "base/thread_start.h"

#define FILE_BYTES_MAX (16 << 20)
#define WAITING_MAX 4096  // records on their way to the disk
#define TAIL_BYTES (4 << 20)

struct record {
	STAILQ_ENTRY(record) link;
	char *line;  // with its newline
};

struct kept {
	uint64_t number;
	char *line;  // without
};

struct audit {
	struct kept kept[AUDIT_KEPT];  // a ring: number n is at n % AUDIT_KEPT
	uint64_t last;                 // number of the newest

	char *path;                    // NULL: in memory only
	int fd;                        // thread only, as told
	bool told;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	STAILQ_HEAD(, record) waiting;  // these under the lock
	uint32_t waiting_count;
	bool stop;
	uint64_t lost;                 // atomic
};

struct audit *
audit_create(void)
{
	struct audit *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->fd = -1;
	STAILQ_INIT(&a->waiting);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	return a;
}

static int
all_write(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
log_open(const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : fd;
}

// Thread: the next file, when this one is large enough.
static int
log_rotate(struct audit *a)
{
	char *old;
	struct stat st;
	int rc;

	if (fstat(a->fd, &st) != 0 || st.st_size < FILE_BYTES_MAX)
		return 0;
	if (asprintf(&old, "%s.1", a->path) < 0)
		return -ENOMEM;
	rc = rename(a->path, old) != 0 ? -errno : 0;
	free(old);
	if (rc != 0)
		return rc;
	close(a->fd);
	a->fd = log_open(a->path);
	return a->fd < 0 ? a->fd : 0;
}

// Thread: records at once, then one sync for all of them.
static void
records_write(struct audit *a, struct record *first)
{
	int rc = a->fd < 0 ? -EBADF : 0;
	struct record *next;
	uint64_t n = 0;

	for (struct record *r = first; r != NULL; r = next) {
		next = STAILQ_NEXT(r, link);
		if (rc == 0)
			rc = all_write(a->fd, r->line, strlen(r->line));
		n += rc != 0;
		free(r->line);
		free(r);
	}
	if (rc == 0 && fdatasync(a->fd) != 0)
		rc = -errno;
	if (rc == 0)
		rc = log_rotate(a);
	__atomic_add_fetch(&a->lost, n, __ATOMIC_RELAXED);
	if (rc != 0 && !a->told)
		log_error("audit", "%s: cannot be written: %s", a->path, strerror(-rc));
	a->told = rc != 0;
	if (a->fd < 0) {
		rc = log_open(a->path);
		a->fd = rc < 0 ? -1 : rc;
	}
}

static void *
audit_run(void *arg)
{
	struct audit *a = arg;
	struct record *first;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		first = STAILQ_FIRST(&a->waiting);
		if (first == NULL && a->stop)
			break;
		if (first == NULL) {
			pthread_cond_wait(&a->work, &a->lock);
			continue;
		}
		STAILQ_INIT(&a->waiting);
		a->waiting_count = 0;
		pthread_mutex_unlock(&a->lock);
		records_write(a, first);
		pthread_mutex_lock(&a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

// line is handed over.
static void
keep(struct audit *a, uint64_t number, char *line)
{
	struct kept *k = &a->kept[number % AUDIT_KEPT];

	free(k->line);
	*k = (struct kept){number, line};
	a->last = number;
}

// A line of the file, if it is one of ours: a crash may have cut the last one.
static void
line_take(struct audit *a, const char *line, size_t len)
{
	cJSON *o = cJSON_ParseWithLength(line, len);
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(o, "number");
	char *copy;

	if (cJSON_IsNumber(number) && number->valuedouble > (double)a->last &&
		number->valuedouble < 9e15) {
		copy = strndup(line, len);
		if (copy != NULL)
			keep(a, (uint64_t)number->valuedouble, copy);
	}
	cJSON_Delete(o);
}

// What a file ends with; ret_whole: its last line is complete.
static void
tail_read(struct audit *a, int fd, bool *ret_whole)
{
	off_t size = lseek(fd, 0, SEEK_END);
	size_t want = size > TAIL_BYTES ? TAIL_BYTES : size > 0 ? (size_t)size : 0;
	char *text = malloc(want + 1), *line = text, *end;
	ssize_t n = text != NULL ? pread(fd, text, want, size - (off_t)want) : -1;

	*ret_whole = n <= 0 || text[n - 1] == '\n';
	for (; n > 0 && (end = memchr(line, '\n', (size_t)(text + n - line))) != NULL; line = end + 1)
		line_take(a, line, (size_t)(end - line));
	free(text);
}

static void
old_read(struct audit *a, const char *path)
{
	char *old;
	bool whole;
	int fd;

	if (asprintf(&old, "%s.1", path) < 0)
		return;
	fd = open(old, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		tail_read(a, fd, &whole);
		close(fd);
	}
	free(old);
}

int
audit_open(struct audit *a, const char *path, struct error *err)
{
	int fd = log_open(path), rc;
	struct stat st;
	bool whole;

	if (fd < 0)
		return error_set(err, fd, "%s: the audit log cannot be written: %s", path,
			strerror(-fd));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return error_set(err, -EINVAL, "%s: the audit log must be a file", path);
	}
	old_read(a, path);
	tail_read(a, fd, &whole);
	if (!whole)
		all_write(fd, "\n", 1);
	a->fd = fd;
	a->path = strdup(path);
	rc = a->path == NULL ? -ENOMEM : thread_start(&a->thread, "weir-audit", audit_run, a);
	if (rc == 0)
		return 0;
	free(a->path);
	a->path = NULL;
	return error_set(err, rc, "the audit log cannot be written: %s", strerror(-rc));
}

void
audit_free(struct audit *a)
{
	if (a == NULL)
		return;
	if (a->path != NULL) {
		pthread_mutex_lock(&a->lock);
		a->stop = true;
		pthread_cond_signal(&a->work);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->thread, NULL);
	}
	if (a->fd >= 0)
		close(a->fd);
	for (unsigned int i = 0; i < AUDIT_KEPT; i++)
		free(a->kept[i].line);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a->path);
	free(a);
}

// line is handed over. false: no room or memory.
static bool
record_queue(struct audit *a, char *line)
{
	struct record *r = malloc(sizeof(*r));
	bool room = false;

	if (r != NULL) {
		r->line = line;
		pthread_mutex_lock(&a->lock);
		room = a->waiting_count < WAITING_MAX;
		if (room) {
			STAILQ_INSERT_TAIL(&a->waiting, r, link);
			a->waiting_count++;
			pthread_cond_signal(&a->work);
		}
		pthread_mutex_unlock(&a->lock);
	}
	if (!room) {
		free(r);
		free(line);
	}
	return room;
}

void
audit_put(struct audit *a, char *members)
{
	uint64_t number = a->last + 1;
	char *line = NULL, *copy;

	if (members == NULL || asprintf(&line, "{\"number\":%llu,%s}",
			(unsigned long long)number, members) < 0)
		line = NULL;
	free(members);
	copy = NULL;
	if (line != NULL && a->path != NULL && asprintf(&copy, "%s\n", line) < 0)
		copy = NULL;
	if (line == NULL || (a->path != NULL && (copy == NULL || !record_queue(a, copy))))
		__atomic_add_fetch(&a->lost, 1, __ATOMIC_RELAXED);
	if (line != NULL)
		keep(a, number, line);
}

void
audit_list(const struct audit *a, uint64_t before, unsigned int limit, struct json_out *out)
{
	uint64_t number = before > 0 && before <= a->last ? before - 1 : a->last;

	json_out_open(out, '[');
	for (unsigned int i = 0; i < AUDIT_KEPT && limit > 0 && number > 0; i++, number--) {
		const struct kept *k = &a->kept[number % AUDIT_KEPT];

		if (k->line == NULL || k->number != number)
			continue;
		json_out_raw(out, k->line);
		limit--;
	}
	json_out_close(out, ']');
}

uint64_t
audit_lost(const struct audit *a)
{
	return __atomic_load_n(&a->lost, __ATOMIC_RELAXED);
}
