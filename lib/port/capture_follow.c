/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/capture_follow.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread_start.h"
#include "port/capture.h"
#include "port/capture_follow_private.h"

#define TICK_MS 100
#define AGAIN_US CLOCK_US_PER_S  // for a memory that cannot tell now
#define REST_US (5 * CLOCK_US_PER_S)
#define REST_MOST_US (3600 * CLOCK_US_PER_S)
#define LIVE_US (60 * CLOCK_US_PER_S)

static uint64_t
readers_done(const struct capture_follow *f)
{
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < f->params.readers; i++) {
		uint64_t done = __atomic_load_n(&f->readers[i].done, __ATOMIC_ACQUIRE);

		least = done < least ? done : least;
	}
	return least;
}

static void
count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, n, __ATOMIC_RELAXED);
}

// One line for the log and the report.
static void
fault_note(struct capture_follow *f, const char *line)
{
	char *copy = strdup(line);

	log_warning("port", "%s", line);
	pthread_mutex_lock(&f->fault_lock);
	free(f->faults[f->stats.faults % CAPTURE_FAULTS_KEPT]);
	f->faults[f->stats.faults % CAPTURE_FAULTS_KEPT] = copy;
	count(&f->stats.faults, f->stats.faults + 1);
	pthread_mutex_unlock(&f->fault_lock);
}

static void
candidate_drop(struct capture_follow *f)
{
	if (f->candidate.fd >= 0)
		close(f->candidate.fd);
	f->has_candidate = false;
}

static void
candidate_fail(struct capture_follow *f, const char *line)
{
	fault_note(f, line);
	count(&f->stats.failed, f->stats.failed + 1);
	candidate_drop(f);
}

static bool
candidate_is_capture(struct capture_follow *f, const char *path, struct error *err)
{
	struct capture *c = capture_open_fd(f->candidate.fd, path, err);

	capture_close(c);
	return c != NULL;
}

// Was it read before? -errno when that cannot be told now.
static int
candidate_known(struct capture_follow *f, bool *ret)
{
	const struct capture_memory *m = &f->params.memory;

	*ret = capture_id_set_has(f->seen, &f->candidate_id);
	if (*ret || m->known == NULL)
		return 0;
	return m->known(m->arg, f->candidate.name, &f->candidate_id, ret);
}

static char *
candidate_path(const struct capture_follow *f)
{
	const char *folder = f->folder;
	size_t n = strlen(folder);
	char *path;

	if (asprintf(&path, "%s%s%s", folder, n > 0 && folder[n - 1] == '/' ? "" : "/",
			f->candidate.name) < 0)
		return NULL;
	return path;
}

// Hand the candidate to the readers.
static void
candidate_publish(struct capture_follow *f, char *path)
{
	struct follow_slot *slot = &f->slots[f->published % FOLLOW_AHEAD];

	*slot = (struct follow_slot){
		.item = {.fd = f->candidate.fd, .path = path},
		.id = f->candidate_id,
		.name = strdup(f->candidate.name),
		.wall_us = clock_wall_us(),
	};
	f->has_candidate = false;
	__atomic_store_n(&f->published, f->published + 1, __ATOMIC_RELEASE);
}

// False: it has to wait, and what comes behind it with it.
static bool
candidate_judge(struct capture_follow *f, uint64_t now_us)
{
	struct error err = f->candidate.fault;
	bool known = false;
	char *path;
	int rc;

	rc = f->candidate.fd >= 0 ? capture_id_of(f->candidate.fd, &f->candidate_id) : 0;
	if (rc != 0)
		error_set(&err, rc, "%s/%s: reading failed: %s", f->folder, f->candidate.name,
			strerror(-rc));
	if (err.text[0] != '\0') {
		candidate_fail(f, err.text);
		return true;
	}
	if (candidate_known(f, &known) != 0) {
		f->candidate_at_us = now_us + AGAIN_US;
		return false;
	}
	if (known) {
		capture_id_set_add(f->seen, &f->candidate_id);
		count(&f->stats.known, f->stats.known + 1);
		candidate_drop(f);
		return true;
	}
	path = candidate_path(f);
	if (path == NULL || capture_id_set_add(f->seen, &f->candidate_id) != 0) {
		free(path);
		f->candidate_at_us = now_us + AGAIN_US;
		return false;
	}
	if (candidate_is_capture(f, path, &err)) {
		candidate_publish(f, path);
	} else {
		candidate_fail(f, err.text);
		free(path);
	}
	return true;
}

static bool
room_is_there(const struct capture_follow *f)
{
	return f->published - f->retired < FOLLOW_AHEAD && f->unremembered < FOLLOW_UNREMEMBERED_MAX;
}

// As many as there is room for.
static void
files_publish(struct capture_follow *f, uint64_t now_us)
{
	while (room_is_there(f)) {
		if (!f->has_candidate) {
			f->has_candidate = capture_watch_take(f->watch, now_us, &f->candidate);
			f->candidate_at_us = now_us;
		}
		if (!f->has_candidate || now_us < f->candidate_at_us || !candidate_judge(f, now_us))
			return;
	}
}

// When to close the pane of the last packet, if nothing else comes.
static void
rest_plan(struct capture_follow *f, const struct follow_slot *slot, uint64_t now_us)
{
	const struct capture_outcome *o = &slot->outcome;
	bool live = o->last_us + LIVE_US > slot->wall_us && o->last_us < slot->wall_us + LIVE_US;
	uint64_t covers = live ? o->last_us - o->first_us : 0;

	f->clock_us = o->clock_us;
	f->rest_at_us = now_us + REST_US + (covers < REST_MOST_US ? covers : REST_MOST_US);
	f->rest_due = f->clock_us != 0;
}

// All readers have read it: it waits to be accounted for.
static void
file_read(struct capture_follow *f, struct follow_slot *slot, uint64_t now_us)
{
	struct follow_read *r = calloc(1, sizeof(*r));

	if (slot->failed || r == NULL) {
		free(r);
		count(&f->stats.failed, f->stats.failed + 1);
	} else {
		*r = (struct follow_read){.id = slot->id, .name = slot->name,
			.clock_us = slot->outcome.clock_us};
		slot->name = NULL;
		*f->read_end = r;
		f->read_end = &r->next;
		f->unremembered++;
		count(&f->stats.read, f->stats.read + 1);
	}
	if (slot->fault != NULL)
		fault_note(f, slot->fault);
	rest_plan(f, slot, now_us);
}

static void
slot_free(struct follow_slot *slot)
{
	if (slot->item.fd >= 0)
		close(slot->item.fd);
	free((char *)(uintptr_t)slot->item.path);
	free(slot->name);
	free(slot->fault);
	*slot = (struct follow_slot){.item = {.fd = -1}};
}

static void
items_retire(struct capture_follow *f, uint64_t now_us)
{
	uint64_t done = readers_done(f);

	while (f->retired < done) {
		struct follow_slot *slot = &f->slots[f->retired % FOLLOW_AHEAD];

		if (slot->item.fd >= 0)
			file_read(f, slot, now_us);
		slot_free(slot);
		f->retired++;
	}
}

static void
rest_publish(struct capture_follow *f, uint64_t now_us)
{
	uint64_t pane_us = f->params.pane_us;
	struct follow_slot *slot = &f->slots[f->published % FOLLOW_AHEAD];

	if (!f->rest_due || now_us < f->rest_at_us || f->published != f->retired ||
			f->has_candidate)
		return;
	f->rest_due = false;
	*slot = (struct follow_slot){
		.item = {.fd = -1, .clock_us = (f->clock_us / pane_us + 1) * pane_us},
	};
	__atomic_store_n(&f->published, f->published + 1, __ATOMIC_RELEASE);
}

// In the order of reading. What the memory does not take now it is offered again.
static void
files_remember(struct capture_follow *f, uint64_t now_us)
{
	const struct capture_memory *m = &f->params.memory;

	while (f->read_list != NULL && now_us >= f->remember_at_us) {
		struct follow_read *r = f->read_list;

		if (!f->params.accounted(f->params.arg, r->clock_us))
			return;
		if (m->remember != NULL && m->remember(m->arg, r->name, &r->id) != 0) {
			f->remember_at_us = now_us + AGAIN_US;
			return;
		}
		f->read_list = r->next;
		if (f->read_list == NULL)
			f->read_end = &f->read_list;
		f->unremembered--;
		free(r->name);
		free(r);
	}
}

static void
pending_count(struct capture_follow *f)
{
	uint64_t n = capture_watch_pending(f->watch) + f->has_candidate;

	for (uint64_t i = f->retired; i < f->published; i++)
		n += f->slots[i % FOLLOW_AHEAD].item.fd >= 0;
	count(&f->stats.pending, n);
}

void
capture_follow_step(struct capture_follow *f, uint64_t now_us)
{
	capture_watch_step(f->watch, now_us);
	items_retire(f, now_us);
	files_remember(f, now_us);
	files_publish(f, now_us);
	rest_publish(f, now_us);
	pending_count(f);
}

static void *
follow_main(void *arg)
{
	struct capture_follow *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		struct pollfd fds[2] = {
			{.fd = f->wake_fd, .events = POLLIN},
			{.fd = capture_watch_fd(f->watch), .events = POLLIN},
		};
		eventfd_t n;

		capture_follow_step(f, clock_monotonic_us());
		poll(fds, 2, TICK_MS);
		eventfd_read(f->wake_fd, &n);
	}
	return NULL;
}

static void
wake(struct capture_follow *f)
{
	eventfd_write(f->wake_fd, 1);
}

struct capture_follow *
capture_follow_open(const struct capture_follow_params *p, struct error *err)
{
	struct capture_follow *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		error_set(err, -ENOMEM, "%s: no memory to follow it", p->folder);
		return NULL;
	}
	f->params = *p;
	f->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&f->fault_lock, NULL);
	f->read_end = &f->read_list;
	for (unsigned int i = 0; i < FOLLOW_AHEAD; i++)
		f->slots[i].item.fd = -1;
	f->folder = strdup(p->folder);
	f->seen = capture_id_set_create(FOLLOW_SEEN_MAX);
	if (f->wake_fd < 0 || f->folder == NULL || f->seen == NULL)
		goto fail;
	f->watch = capture_watch_open(p->folder, p->settle_us, err);
	if (f->watch != NULL)
		return f;
	capture_follow_close(f);
	return NULL;
fail:
	error_set(err, -ENOMEM, "%s: no memory to follow it", p->folder);
	capture_follow_close(f);
	return NULL;
}

int
capture_follow_start(struct capture_follow *f, struct error *err)
{
	int rc = thread_start(&f->thread, "weir-follow", follow_main, f);

	if (rc != 0)
		return error_set(err, rc, "%s: cannot start a thread: %s", f->folder,
			strerror(-rc));
	f->running = true;
	return 0;
}

void
capture_follow_stop(struct capture_follow *f)
{
	uint64_t now_us;

	if (!f->running)
		return;
	__atomic_store_n(&f->stop, true, __ATOMIC_RELEASE);
	wake(f);
	pthread_join(f->thread, NULL);
	f->running = false;
	now_us = clock_monotonic_us();
	items_retire(f, now_us);
	f->remember_at_us = 0;
	files_remember(f, now_us);
	pending_count(f);
	if (f->read_list != NULL)
		log_warning("port", "%s: %u files that were read could not be remembered: they will "
			"be read again", f->folder, f->unremembered);
}

void
capture_follow_close(struct capture_follow *f)
{
	struct follow_read *r;

	if (f == NULL)
		return;
	if (f->has_candidate)
		candidate_drop(f);
	for (unsigned int i = 0; i < FOLLOW_AHEAD; i++)
		slot_free(&f->slots[i]);
	while ((r = f->read_list) != NULL) {
		f->read_list = r->next;
		free(r->name);
		free(r);
	}
	for (unsigned int i = 0; i < CAPTURE_FAULTS_KEPT; i++)
		free(f->faults[i]);
	pthread_mutex_destroy(&f->fault_lock);
	capture_id_set_free(f->seen);
	capture_watch_close(f->watch);
	if (f->wake_fd >= 0)
		close(f->wake_fd);
	free(f->folder);
	free(f);
}

const struct capture_follow_item *
capture_follow_next(struct capture_follow *f, unsigned int reader)
{
	uint64_t next = f->readers[reader].done;

	if (next == __atomic_load_n(&f->published, __ATOMIC_ACQUIRE))
		return NULL;
	return &f->slots[next % FOLLOW_AHEAD].item;
}

void
capture_follow_done(struct capture_follow *f, unsigned int reader,
	const struct capture_outcome *outcome)
{
	uint64_t done = f->readers[reader].done;
	struct follow_slot *slot = &f->slots[done % FOLLOW_AHEAD];

	// All say the same; the first one is quoted.
	if (reader == 0) {
		slot->outcome = *outcome;
		slot->fault = outcome->fault != NULL ? strdup(outcome->fault) : NULL;
	}
	if (outcome->failed)
		__atomic_store_n(&slot->failed, true, __ATOMIC_RELAXED);
	__atomic_store_n(&f->readers[reader].done, done + 1, __ATOMIC_RELEASE);
	wake(f);
}

void
capture_follow_stats_get(const struct capture_follow *f, struct capture_follow_stats *ret)
{
	ret->read = __atomic_load_n(&f->stats.read, __ATOMIC_RELAXED);
	ret->failed = __atomic_load_n(&f->stats.failed, __ATOMIC_RELAXED);
	ret->known = __atomic_load_n(&f->stats.known, __ATOMIC_RELAXED);
	ret->pending = __atomic_load_n(&f->stats.pending, __ATOMIC_RELAXED);
	ret->faults = __atomic_load_n(&f->stats.faults, __ATOMIC_RELAXED);
}

void
capture_follow_faults(struct capture_follow *f, void (*each)(void *arg, const char *line),
	void *arg)
{
	uint64_t n;

	pthread_mutex_lock(&f->fault_lock);
	n = f->stats.faults;
	for (uint64_t i = n > CAPTURE_FAULTS_KEPT ? n - CAPTURE_FAULTS_KEPT : 0; i < n; i++)
		if (f->faults[i % CAPTURE_FAULTS_KEPT] != NULL)
			each(arg, f->faults[i % CAPTURE_FAULTS_KEPT]);
	pthread_mutex_unlock(&f->fault_lock);
}
