/* SPDX-License-Identifier: BSD-3-Clause */
#include "limits_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread_start.h"
#include "control/json_place.h"
#include "control/json_scan.h"

#define TEXT_MAX (4U << 20)  // bytes of a file
#define JSON_DEPTH 8

// What tells one content of the file from another without reading it.
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
	struct timespec modified;
	int error;  // errno of stat(), 0
};

struct limits_file {
	char *path;
	uint64_t pane_us;
	struct stamp read;     // of what was read last
	struct stamp seen;     // of the last look
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;  // of what follows
	pthread_cond_t wake;
	uint64_t refresh_us;
	bool stop;
	bool left;             // the thread frees all of this at its end
	bool fresh;            // rows have not been taken
	struct limit_rows rows;
	struct limits_file_stats stats;
};

static struct stamp
stamp_get(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct stamp){.error = errno};
	return (struct stamp){st.st_dev, st.st_ino, st.st_size, st.st_ctim, st.st_mtim, 0};
}

static bool
time_equal(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && a->error == b->error &&
		time_equal(&a->changed, &b->changed) && time_equal(&a->modified, &b->modified);
}

// The file's text with a NUL behind it; NULL with err filled.
static char *
text_read(const char *path, size_t *ret_len, struct error *err)
{
	FILE *f = fopen(path, "re");
	char *text;

	if (f == NULL) {
		error_set(err, -errno, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text = malloc(TEXT_MAX + 1);
	*ret_len = text != NULL ? fread(text, 1, TEXT_MAX + 1, f) : 0;
	if (text == NULL || ferror(f) || *ret_len > TEXT_MAX) {
		error_set(err, -EINVAL, "%s: cannot be read as text of at most 4 MiB", path);
		free(text);
		text = NULL;
	} else {
		text[*ret_len] = '\0';
	}
	fclose(f);
	return text;
}

static int
rows_read(const struct limits_file *f, const char *text, const cJSON *json,
	struct limit_rows *ret, struct error *err)
{
	struct error_list errors = {.count = 0};
	const struct error *first = &errors.error[0];

	if (limit_rows_parse(json, "", f->pane_us, LIMIT_FROM_FILE, ret, &errors) == 0)
		return 0;
	return error_set(err, -EINVAL, "%s:%u: %s", f->path,
		json_place_line(text, json, first->field), first->text);
}

static int
file_read(const struct limits_file *f, struct limit_rows *ret, struct error *err)
{
	struct error fault = {.text = "a value that cannot be taken"};
	size_t len = 0;
	char *text = text_read(f->path, &len, err);
	const char *end = NULL;
	cJSON *json;
	int rc;

	if (text == NULL)
		return -EINVAL;
	json = cJSON_ParseWithLengthOpts(text, len, &end, false);
	if (json_scan_check(text, len, JSON_DEPTH, &fault) != 0 || json == NULL)
		rc = error_set(err, -EINVAL, "%s:%u: no JSON: %s", f->path,
			json_line_of(text, end != NULL ? end : text), fault.text);
	else
		rc = rows_read(f, text, json, ret, err);
	cJSON_Delete(json);
	free(text);
	return rc;
}

struct limits_file *
limits_file_open(const char *path, uint64_t refresh_us, uint64_t pane_us, struct limit_rows *ret,
	struct error *err)
{
	struct limits_file *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->path = strdup(path)) == NULL) {
		free(f);
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->wake, NULL);
	f->refresh_us = refresh_us;
	f->pane_us = pane_us;
	f->read = f->seen = stamp_get(path);
	if (file_read(f, ret, err) != 0) {
		limits_file_close(f);
		return NULL;
	}
	f->stats = (struct limits_file_stats){
		.well = true, .loads = 1, .loaded_us = clock_wall_us(),
	};
	return f;
}

// A fault that goes on is told once.
static void
fault_note(struct limits_file *f, const char *text)
{
	pthread_mutex_lock(&f->lock);
	f->stats.faults++;
	if (f->stats.well || strcmp(f->stats.fault, text) != 0)
		log_error("limits", "%s; the limits stay as they are", text);
	f->stats.well = false;
	snprintf(f->stats.fault, sizeof(f->stats.fault), "%.*s", (int)sizeof(f->stats.fault) - 1, text);
	pthread_mutex_unlock(&f->lock);
}

static void
rows_note(struct limits_file *f, const struct limit_rows *rows)
{
	pthread_mutex_lock(&f->lock);
	limit_rows_free(&f->rows);
	f->rows = *rows;
	f->fresh = true;
	f->stats.well = true;
	f->stats.fault[0] = '\0';
	f->stats.loads++;
	f->stats.loaded_us = clock_wall_us();
	pthread_mutex_unlock(&f->lock);
	log_notice("limits", "%s: %u limits read", f->path, rows->count);
}

static void
file_look(struct limits_file *f, uint64_t refresh_us)
{
	struct stamp now = stamp_get(f->path);
	bool settled = stamp_equal(&now, &f->seen) || refresh_us > 0;
	struct limit_rows rows;
	struct error err;

	f->seen = now;
	if (!settled || stamp_equal(&now, &f->read))
		return;
	f->read = now;
	if (file_read(f, &rows, &err) == 0)
		rows_note(f, &rows);
	else
		fault_note(f, err.text);
}

// Until the next look is due; earlier where the time between looks changes.
static void
wait_for_look(struct limits_file *f)
{
	uint64_t refresh_us = f->refresh_us, ns;
	uint64_t us = refresh_us > 0 ? refresh_us : LIMITS_FILE_LOOK_US;
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	ns = (uint64_t)at.tv_nsec + us % CLOCK_US_PER_S * 1000;
	at.tv_sec += (time_t)(us / CLOCK_US_PER_S + ns / 1000000000);
	at.tv_nsec = (long)(ns % 1000000000);
	while (!f->stop && f->refresh_us == refresh_us)
		if (pthread_cond_clockwait(&f->wake, &f->lock, CLOCK_MONOTONIC,
				&at) == ETIMEDOUT)
			return;
}

static void
file_free(struct limits_file *f)
{
	limit_rows_free(&f->rows);
	pthread_cond_destroy(&f->wake);
	pthread_mutex_destroy(&f->lock);
	free(f->path);
	free(f);
}

static void *
file_watch(void *arg)
{
	struct limits_file *f = arg;
	uint64_t refresh_us;
	bool stop, left;

	do {
		pthread_mutex_lock(&f->lock);
		wait_for_look(f);
		refresh_us = f->refresh_us;
		stop = f->stop;
		left = f->left;
		pthread_mutex_unlock(&f->lock);
		if (!stop)
			file_look(f, refresh_us);
	} while (!stop);
	if (left)
		file_free(f);
	return NULL;
}

int
limits_file_start(struct limits_file *f, struct error *err)
{
	int rc = thread_start(&f->thread, "weir-limits", file_watch, f);

	if (rc != 0)
		return error_set(err, rc, "thread cannot be started: %s", strerror(-rc));
	f->running = true;
	return 0;
}

void
limits_file_close(struct limits_file *f)
{
	if (f == NULL)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
	if (f->running)
		pthread_join(f->thread, NULL);
	file_free(f);
}

void
limits_file_leave(struct limits_file *f)
{
	if (f == NULL || !f->running) {
		limits_file_close(f);
		return;
	}
	pthread_mutex_lock(&f->lock);
	pthread_detach(f->thread);
	f->stop = f->left = true;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

const char *
limits_file_path(const struct limits_file *f)
{
	return f->path;
}

void
limits_file_set_refresh(struct limits_file *f, uint64_t refresh_us)
{
	pthread_mutex_lock(&f->lock);
	f->refresh_us = refresh_us;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

bool
limits_file_take(struct limits_file *f, struct limit_rows *ret)
{
	bool fresh;

	pthread_mutex_lock(&f->lock);
	fresh = f->fresh;
	if (fresh) {
		*ret = f->rows;
		f->rows = (struct limit_rows){.count = 0};
		f->fresh = false;
	}
	pthread_mutex_unlock(&f->lock);
	return fresh;
}

void
limits_file_refuse(struct limits_file *f, const char *why)
{
	char text[sizeof(f->stats.fault)];

	snprintf(text, sizeof(text), "%s: %s", f->path, why);
	fault_note(f, text);
}

void
limits_file_stats_get(struct limits_file *f, struct limits_file_stats *ret)
{
	pthread_mutex_lock(&f->lock);
	*ret = f->stats;
	pthread_mutex_unlock(&f->lock);
}

cJSON *
limits_file_json(struct limits_file *f)
{
	cJSON *o = cJSON_CreateObject();
	struct limits_file_stats s;

	uint64_t refresh_us;

	limits_file_stats_get(f, &s);
	pthread_mutex_lock(&f->lock);
	refresh_us = f->refresh_us;
	pthread_mutex_unlock(&f->lock);
	cJSON_AddStringToObject(o, "path", f->path);
	if (refresh_us > 0)
		cJSON_AddNumberToObject(o, "refresh_s", (double)refresh_us / 1e6);
	else
		cJSON_AddNullToObject(o, "refresh_s");
	cJSON_AddStringToObject(o, "state", s.well ? "ok" : "fault");
	if (s.well)
		cJSON_AddNullToObject(o, "fault");
	else
		cJSON_AddStringToObject(o, "fault", s.fault);
	cJSON_AddNumberToObject(o, "loads", (double)s.loads);
	cJSON_AddNumberToObject(o, "faults", (double)s.faults);
	cJSON_AddNumberToObject(o, "loaded_at_us", (double)s.loaded_us);
	return o;
}
