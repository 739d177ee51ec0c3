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
	bool change;
	char *line;  // with its newline
};

struct kept {
	uint64_t number;
	char *line;  // without
};

// A file with what is kept of it. There are two: whatever fills the one leaves the other as it is.
struct log {
	struct kept kept[AUDIT_KEPT];  // a ring: the n-th record is at n % AUDIT_KEPT
	uint64_t count;                // how many were put into it
	char *path;                    // NULL: in memory only
	int fd;                        // thread only, as the next two
	bool torn;                     // its last line has no end
	bool told;
};

struct audit {
	struct log all, changes;       // the second: also in the first
	uint64_t last;                 // number of the newest

	bool running;
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
	a->all.fd = a->changes.fd = -1;
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
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;
	int rc = fd < 0 ? -errno : 0;

	if (rc == 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)))
		rc = -EINVAL;
	// One that was there before may be open to others.
	if (rc == 0 && (st.st_mode & 077) != 0 && fchmod(fd, 0600) != 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

// Thread: the next file, when this one is large enough.
static int
log_rotate(struct log *l)
{
	char *old;
	struct stat st;
	int rc;

	if (fstat(l->fd, &st) != 0 || st.st_size < FILE_BYTES_MAX)
		return 0;
	if (asprintf(&old, "%s.1", l->path) < 0)
		return -ENOMEM;
	rc = rename(l->path, old) != 0 ? -errno : 0;
	free(old);
	if (rc != 0)
		return rc;
	close(l->fd);
	l->fd = log_open(l->path);
	return l->fd < 0 ? l->fd : 0;
}

// Thread: one line. After a write that was cut short (a full disk) it is not to go on with that one.
static int
line_write(struct log *l, const char *line)
{
	int rc = l->fd < 0 ? -EBADF : 0;

	if (rc == 0 && l->torn)
		rc = all_write(l->fd, "\n", 1);
	if (rc == 0) {
		l->torn = false;
		rc = all_write(l->fd, line, strlen(line));
		l->torn = rc != 0;
	}
	return rc;
}

// Thread: the records that belong into this file at once, then one sync for all of them. How many
// are not known to be in it.
static uint64_t
log_write(struct log *l, const struct record *first, bool changes)
{
	uint64_t n = 0, lost = 0;
	int rc = 0;

	for (const struct record *r = first; r != NULL; r = STAILQ_NEXT(r, link)) {
		if (changes && !r->change)
			continue;
		if (rc == 0)
			rc = line_write(l, r->line);
		lost += rc != 0;
		n++;
	}
	if (n == 0)
		return 0;
	if (rc == 0 && fdatasync(l->fd) != 0) {
		rc = -errno;
		lost = n;
	}
	if (rc == 0)
		rc = log_rotate(l);
	if (rc != 0 && !l->told)
		log_error("audit", "%s: cannot be written: %s", l->path, strerror(-rc));
	l->told = rc != 0;
	if (l->fd < 0) {
		rc = log_open(l->path);
		l->fd = rc < 0 ? -1 : rc;
	}
	return lost;
}

static void
records_write(struct audit *a, struct record *first)
{
	uint64_t all = log_write(&a->all, first, false);
	uint64_t changes = log_write(&a->changes, first, true);
	struct record *next;

	__atomic_add_fetch(&a->lost, all > changes ? all : changes, __ATOMIC_RELAXED);
	for (struct record *r = first; r != NULL; r = next) {
		next = STAILQ_NEXT(r, link);
		free(r->line);
		free(r);
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

// line is handed over; NULL: there was no memory for it.
static void
keep(struct log *l, uint64_t number, char *line)
{
	struct kept *k = &l->kept[l->count % AUDIT_KEPT];

	if (line == NULL)
		return;
	free(k->line);
	*k = (struct kept){number, line};
	l->count++;
}

// The newest but n, or NULL.
static const struct kept *
kept_at(const struct log *l, uint64_t n)
{
	return n < l->count && n < AUDIT_KEPT ? &l->kept[(l->count - 1 - n) % AUDIT_KEPT] : NULL;
}

// A line of the file, if it is one of ours: a crash may have cut the last one.
static void
line_take(struct log *l, const char *line, size_t len)
{
	cJSON *o = cJSON_ParseWithLength(line, len);
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(o, "number");
	const struct kept *newest = kept_at(l, 0);

	if (cJSON_IsNumber(number) && number->valuedouble >= 1 && number->valuedouble < 9e15 &&
		(newest == NULL || number->valuedouble > (double)newest->number))
		keep(l, (uint64_t)number->valuedouble, strndup(line, len));
	cJSON_Delete(o);
}

// What a file ends with. false: its last line has no end.
static bool
tail_read(struct log *l, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	size_t want = size > TAIL_BYTES ? TAIL_BYTES : size > 0 ? (size_t)size : 0;
	char *text = malloc(want + 1), *line = text, *end;
	ssize_t n = text != NULL ? pread(fd, text, want, size - (off_t)want) : -1;
	bool whole = n <= 0 || text[n - 1] == '\n';

	for (; n > 0 && (end = memchr(line, '\n', (size_t)(text + n - line))) != NULL; line = end + 1)
		line_take(l, line, (size_t)(end - line));
	free(text);
	return whole;
}

static void
old_read(struct log *l)
{
	char *old;
	int fd;

	if (asprintf(&old, "%s.1", l->path) < 0)
		return;
	fd = open(old, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		tail_read(l, fd);
		close(fd);
	}
	free(old);
}

// Path is handed over.
static int
log_begin(struct audit *a, struct log *l, char *path, struct error *err)
{
	const struct kept *newest;

	if (path == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	l->fd = log_open(path);
	if (l->fd < 0) {
		error_set(err, l->fd, "%s: the audit log cannot be written: %s", path,
			l->fd == -EINVAL ? "it is no file" : strerror(-l->fd));
		free(path);
		return l->fd;
	}
	l->path = path;
	old_read(l);
	l->torn = !tail_read(l, l->fd);
	newest = kept_at(l, 0);
	if (newest != NULL && newest->number > a->last)
		a->last = newest->number;
	return 0;
}

int
audit_open(struct audit *a, const char *path, struct error *err)
{
	char *changes;
	int rc;

	if (asprintf(&changes, "%s" AUDIT_CHANGES, path) < 0)
		changes = NULL;
	rc = log_begin(a, &a->changes, changes, err);
	if (rc == 0)
		rc = log_begin(a, &a->all, strdup(path), err);
	if (rc != 0)
		return rc;
	rc = thread_start(&a->thread, "weir-audit", audit_run, a);
	a->running = rc == 0;
	return rc == 0 ? 0 : error_set(err, rc, "the audit log cannot be written: %s",
		strerror(-rc));
}

static void
log_end(struct log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	for (unsigned int i = 0; i < AUDIT_KEPT; i++)
		free(l->kept[i].line);
	free(l->path);
}

void
audit_free(struct audit *a)
{
	if (a == NULL)
		return;
	if (a->running) {
		pthread_mutex_lock(&a->lock);
		a->stop = true;
		pthread_cond_signal(&a->work);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->thread, NULL);
	}
	log_end(&a->all);
	log_end(&a->changes);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

// line is handed over. false: no room or memory.
static bool
record_queue(struct audit *a, char *line, bool change)
{
	struct record *r = malloc(sizeof(*r));
	bool room = false;

	if (r != NULL) {
		*r = (struct record){.line = line, .change = change};
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
audit_put(struct audit *a, char *members, bool change)
{
	uint64_t number = a->last + 1;
	char *line = NULL, *copy;

	if (members == NULL || asprintf(&line, "{\"number\":%llu,%s}",
			(unsigned long long)number, members) < 0)
		line = NULL;
	free(members);
	copy = NULL;
	if (line != NULL && a->running && asprintf(&copy, "%s\n", line) < 0)
		copy = NULL;
	if (line == NULL || (a->running && (copy == NULL || !record_queue(a, copy, change))))
		__atomic_add_fetch(&a->lost, 1, __ATOMIC_RELAXED);
	if (line == NULL)
		return;
	a->last = number;
	if (change)
		keep(&a->changes, number, strdup(line));
	keep(&a->all, number, line);
}

// Both rings are in the order of their numbers, and a change may be in both.
void
audit_list(const struct audit *a, uint64_t before, unsigned int limit, struct json_out *out)
{
	const struct kept *k = kept_at(&a->all, 0), *change = kept_at(&a->changes, 0), *next;
	uint64_t n = 0, n_changes = 0;

	json_out_open(out, '[');
	while (limit > 0 && (k != NULL || change != NULL)) {
		next = k == NULL || (change != NULL && change->number > k->number) ? change : k;
		if (before == 0 || next->number < before) {
			json_out_raw(out, next->line);
			limit--;
		}
		if (change != NULL && change->number == next->number)
			change = kept_at(&a->changes, ++n_changes);
		if (k != NULL && k->number == next->number)
			k = kept_at(&a->all, ++n);
	}
	json_out_close(out, ']');
}

uint64_t
audit_lost(const struct audit *a)
{
	return __atomic_load_n(&a->lost, __ATOMIC_RELAXED);
}
