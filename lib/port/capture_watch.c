/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/capture_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "port/capture_input.h"
#include "port/capture_watch_table.h"

#define SCAN_US (5 * CLOCK_US_PER_S)
#define SCAN_BLIND_US CLOCK_US_PER_S  // without inotify
#define EVENTS (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | \
	IN_ONLYDIR)

struct capture_watch {
	char *folder;
	int dir;          // O_PATH, of the last look; -1 when the folder was not there
	int fd;           // inotify, -1 without
	int watch;        // watch descriptor, -1 without
	bool blind_told;  // that there is no inotify
	bool gone_told;   // that the folder cannot be read
	bool full_told;   // that there are too many files
	uint64_t settle_us;
	uint64_t scan_at_us;
	uint32_t scan;    // number of the last look
	bool first_look;  // it is being done
	struct watch_table table;
};

// What somebody who writes or copies gives a file until it is finished.
static bool
name_ignored(const char *name)
{
	static const char *const endings[] = {".tmp", ".part", ".partial"};
	size_t n = strlen(name);

	if (name[0] == '.')
		return true;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t k = strlen(endings[i]);

		if (n > k && strcmp(name + n - k, endings[i]) == 0)
			return true;
	}
	return false;
}

// Watch the folder, unless it is watched. Failing is said once.
static void
watch_begin(struct capture_watch *w)
{
	if (w->fd < 0)
		w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd >= 0 && w->watch < 0)
		w->watch = inotify_add_watch(w->fd, w->folder, EVENTS);
	if (w->watch >= 0) {
		if (w->blind_told)
			log_notice("port", "%s: watched by inotify again", w->folder);
		w->blind_told = false;
	} else if (!w->blind_told && errno != ENOENT) {
		log_warning("port", "%s: no inotify: %s (see fs.inotify in sysctl -a); the folder is "
			"looked through every second, and a file is taken when it has not changed "
			"for %g s", w->folder, strerror(errno), (double)w->settle_us / 1e6);
		w->blind_told = true;
	}
}

// Events were lost, or none will come: what was announced may never be closed in our sight.
static void
events_lost(struct capture_watch *w)
{
	for (uint32_t i = 0; i < w->table.count; i++)
		w->table.entries[i].announced = false;
	w->scan_at_us = 0;
}

static void
watch_end(struct capture_watch *w)
{
	w->watch = -1;
	events_lost(w);
}

static void
full_tell(struct capture_watch *w)
{
	if (!w->full_told)
		log_warning("port", "%s: more than %u files, the others wait until some are gone",
			w->folder, CAPTURE_WATCH_MAX);
	w->full_told = true;
}

// In the first look a file has been quiet since its modification time; later it has been since we
// saw it change, whatever the clock is that stamped it.
static uint64_t
stamps_clock(const struct capture_watch *w)
{
	return w->first_look ? clock_wall_us() : 0;
}

// Take in what a name is now. NULL if it is nothing to look at.
static struct watch_entry *
entry_look(struct capture_watch *w, const char *name, uint64_t now_us)
{
	struct watch_entry *e;
	struct stat st;

	if (name_ignored(name) || w->dir < 0 || fstatat(w->dir, name, &st, 0) < 0 ||
			!S_ISREG(st.st_mode))
		return NULL;
	// An empty file is nothing yet; that it was announced must not be forgotten.
	e = watch_table_find(&w->table, name);
	if (e == NULL && st.st_size > 0) {
		e = watch_table_add(&w->table, name);
		if (e == NULL)
			full_tell(w);
	}
	if (e == NULL)
		return NULL;
	e->scan = w->scan;
	if (watch_entry_update(e, &st, now_us, stamps_clock(w)))
		w->table.first_open = 0;
	return e;
}

static void
folder_open(struct capture_watch *w)
{
	if (w->dir >= 0)
		close(w->dir);
	w->dir = open(w->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dir >= 0) {
		if (w->gone_told)
			log_notice("port", "%s: the folder is back", w->folder);
		w->gone_told = false;
	} else if (!w->gone_told) {
		log_warning("port", "%s: folder cannot be read: %s; tried again", w->folder,
			strerror(errno));
		w->gone_told = true;
	}
}

static void
folder_scan(struct capture_watch *w, uint64_t now_us)
{
	struct dirent *entry;
	int copy;
	DIR *dir;

	// Watch first: what comes between the two is seen twice, not never.
	watch_begin(w);
	folder_open(w);
	w->scan_at_us = now_us + (w->watch >= 0 ? SCAN_US : SCAN_BLIND_US);
	copy = w->dir >= 0 ? openat(w->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	dir = copy >= 0 ? fdopendir(copy) : NULL;
	if (dir == NULL) {
		if (copy >= 0)
			close(copy);
		return;
	}
	w->first_look = w->scan++ == 0;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_REG || entry->d_type == DT_LNK ||
				entry->d_type == DT_UNKNOWN)
			entry_look(w, entry->d_name, now_us);
	closedir(dir);
	w->first_look = false;
	watch_table_sweep(&w->table, w->scan);
}

// A new name: a file that somebody is about to write will be closed; a link is all there is of it.
static bool
name_is_link(const struct capture_watch *w, const char *name)
{
	struct stat st;

	return fstatat(w->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
		st.st_nlink != 1;
}

static void
event_take(struct capture_watch *w, const struct inotify_event *ev, uint64_t now_us)
{
	struct watch_entry *e;

	if (ev->mask & (IN_DELETE_SELF | IN_MOVE_SELF) && ev->wd == w->watch) {
		inotify_rm_watch(w->fd, w->watch);
		watch_end(w);
	}
	if (ev->mask & IN_Q_OVERFLOW)
		events_lost(w);
	if (ev->mask & IN_IGNORED && ev->wd == w->watch)
		watch_end(w);
	if (ev->len == 0 || ev->wd != w->watch)
		return;
	if (ev->mask & IN_CREATE) {
		if (!name_ignored(ev->name) && !name_is_link(w, ev->name) &&
				!watch_table_announce(&w->table, ev->name, w->scan, now_us))
			full_tell(w);
		return;
	}
	e = entry_look(w, ev->name, now_us);
	if (e != NULL)
		e->closed = true;
}

static void
events_take(struct capture_watch *w, uint64_t now_us)
{
	char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while (w->fd >= 0 && (n = read(w->fd, buf, sizeof(buf))) > 0) {
		for (char *at = buf; at < buf + n;) {
			const struct inotify_event *ev = (const struct inotify_event *)(void *)at;

			event_take(w, ev, now_us);
			at += sizeof(*ev) + ev->len;
		}
	}
}

struct capture_watch *
capture_watch_open(const char *folder, uint64_t settle_us, struct error *err)
{
	struct capture_watch *w = calloc(1, sizeof(*w));
	int rc;

	if (w != NULL)
		w->folder = strdup(folder);
	if (w == NULL || w->folder == NULL) {
		free(w);
		error_set(err, -ENOMEM, "%s: no memory to watch it", capture_name_of(folder).text);
		return NULL;
	}
	w->fd = w->watch = -1;
	w->settle_us = settle_us;
	w->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dir >= 0)
		return w;
	rc = -errno;
	error_set(err, rc, "%s: folder cannot be read: %s", capture_name_of(folder).text,
		strerror(-rc));
	capture_watch_close(w);
	return NULL;
}

void
capture_watch_close(struct capture_watch *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->dir >= 0)
		close(w->dir);
	watch_table_free(&w->table);
	free(w->folder);
	free(w);
}

int
capture_watch_fd(const struct capture_watch *w)
{
	return w->fd;
}

void
capture_watch_step(struct capture_watch *w, uint64_t now_us)
{
	events_take(w, now_us);
	if (now_us >= w->scan_at_us)
		folder_scan(w, now_us);
}

enum writers {
	WRITERS_NONE,
	WRITERS_SOME,
	WRITERS_UNKNOWN,
};

/*
 * Has anybody the file open for writing? The kernel gives a read lease only where nobody has
 * (fcntl(2)). It is for the file's owner and those with CAP_LEASE, and not on every file system.
 * Whoever opens the file for writing in the moment that the lease lasts waits for its end, and we
 * get a signal, by default SIGIO, which would end the process; SIGURG does nothing.
 */
static enum writers
writers_of(int fd)
{
	if (fcntl(fd, F_SETSIG, SIGURG) < 0)
		return WRITERS_UNKNOWN;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		return WRITERS_NONE;
	}
	return errno == EAGAIN ? WRITERS_SOME : WRITERS_UNKNOWN;
}

// The last look before a file is given away, on the open file itself.
static bool
file_is_finished(struct capture_watch *w, struct watch_entry *e, int fd, uint64_t now_us)
{
	enum writers writers;
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	watch_entry_update(e, &st, now_us, stamps_clock(w));
	writers = writers_of(fd);
	if (writers == WRITERS_SOME) {
		e->closed = false;
		e->since_us = now_us;  // not asked again before it may have settled
	}
	return watch_entry_ready(e, now_us, w->settle_us, writers == WRITERS_NONE);
}

// True if *ret is to be given: the open file, or why it cannot be opened.
static bool
entry_take(struct capture_watch *w, struct watch_entry *e, uint64_t now_us,
	struct capture_candidate *ret)
{
	int fd = openat(w->dir, e->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc = errno;

	if (fd < 0 && (rc == ENOENT || rc == EMFILE || rc == ENFILE || rc == ENOMEM))
		return false;  // gone, or there will be room again
	if (fd >= 0 && !file_is_finished(w, e, fd, now_us)) {
		close(fd);
		return false;
	}
	ret->fd = fd;
	ret->fault.text[0] = '\0';
	snprintf(ret->name, sizeof(ret->name), "%s", e->name);
	if (fd < 0)
		error_set(&ret->fault, -rc, "%s/%s: cannot be opened: %s", w->folder, e->name,
			strerror(rc));
	e->taken = true;
	return true;
}

bool
capture_watch_take(struct capture_watch *w, uint64_t now_us, struct capture_candidate *ret)
{
	struct watch_entry *e;

	if (w->dir < 0)
		return false;
	for (uint32_t i = watch_table_first_open(&w->table); i < w->table.count; i++) {
		e = &w->table.entries[i];
		if (watch_entry_ready(e, now_us, w->settle_us, true) &&
				entry_take(w, e, now_us, ret))
			return true;
	}
	return false;
}

uint32_t
capture_watch_pending(const struct capture_watch *w)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->table.count; i++)
		n += !w->table.entries[i].taken && w->table.entries[i].size > 0;
	return n;
}
