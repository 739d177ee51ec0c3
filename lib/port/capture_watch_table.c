/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/capture_watch_table.h"

#include <stdlib.h>
#include <string.h>

#include "port/capture_watch.h"

// Where a name is, or belongs.
static uint32_t
name_place(const struct watch_table *t, const char *name, bool *ret_there)
{
	uint32_t low = 0, high = t->count;

	*ret_there = false;
	while (low < high && !*ret_there) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(t->entries[middle].name, name);

		*ret_there = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static bool
table_grow(struct watch_table *t)
{
	uint32_t cap = t->cap == 0 ? 64 : t->cap * 2;
	struct watch_entry *grown = reallocarray(t->entries, cap, sizeof(*grown));

	if (grown == NULL)
		return false;
	t->entries = grown;
	t->cap = cap;
	return true;
}

struct watch_entry *
watch_table_find(const struct watch_table *t, const char *name)
{
	bool there;
	uint32_t at = name_place(t, name, &there);

	return there ? &t->entries[at] : NULL;
}

struct watch_entry *
watch_table_add(struct watch_table *t, const char *name)
{
	bool there;
	uint32_t at = name_place(t, name, &there);
	struct watch_entry *e;
	char *copy;

	if (t->count == CAPTURE_WATCH_MAX || (t->count == t->cap && !table_grow(t)))
		return NULL;
	copy = strdup(name);
	if (copy == NULL)
		return NULL;
	e = &t->entries[at];
	memmove(e + 1, e, (t->count - at) * sizeof(*e));
	t->count++;
	*e = (struct watch_entry){.name = copy};
	if (t->first_open > at)
		t->first_open = at;
	return e;
}

bool
watch_table_announce(struct watch_table *t, const char *name, uint32_t scan, uint64_t now_us)
{
	struct watch_entry *e = watch_table_find(t, name);

	if (e == NULL)
		e = watch_table_add(t, name);
	if (e == NULL)
		return false;
	*e = (struct watch_entry){.name = e->name, .since_us = now_us, .scan = scan,
		.announced = true};
	t->first_open = 0;
	return true;
}

void
watch_table_sweep(struct watch_table *t, uint32_t scan)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		if (t->entries[i].scan == scan)
			t->entries[kept++] = t->entries[i];
		else
			free(t->entries[i].name);
	}
	t->count = kept;
	t->first_open = 0;
}

uint32_t
watch_table_first_open(struct watch_table *t)
{
	while (t->first_open < t->count && t->entries[t->first_open].taken)
		t->first_open++;
	return t->first_open;
}

void
watch_table_free(struct watch_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->entries[i].name);
	free(t->entries);
}

static int64_t
nanoseconds(const struct timespec *t)
{
	return t->tv_sec * INT64_C(1000000000) + t->tv_nsec;
}

bool
watch_entry_update(struct watch_entry *e, const struct stat *st, uint64_t now_us, uint64_t wall_us)
{
	int64_t mtime_ns = nanoseconds(&st->st_mtim), ctime_ns = nanoseconds(&st->st_ctim);
	uint64_t mtime_us = mtime_ns > 0 ? (uint64_t)mtime_ns / 1000 : 0;
	uint64_t age_us = wall_us > mtime_us ? wall_us - mtime_us : 0;

	if (e->size == (uint64_t)st->st_size && e->mtime_ns == mtime_ns &&
			e->ctime_ns == ctime_ns && e->inode == st->st_ino)
		return false;
	// A file of the same length has at most got other times; whoever writes to it closes it again.
	if (e->size != (uint64_t)st->st_size || e->inode != st->st_ino)
		e->closed = false;
	e->size = (uint64_t)st->st_size;
	e->mtime_ns = mtime_ns;
	e->ctime_ns = ctime_ns;
	e->inode = st->st_ino;
	e->since_us = now_us - (age_us < now_us ? age_us : now_us);
	e->taken = false;
	return true;
}

bool
watch_entry_ready(const struct watch_entry *e, uint64_t now_us, uint64_t settle_us, bool no_writers)
{
	uint64_t quiet_us = now_us - e->since_us;

	if (e->taken || e->size == 0)
		return false;
	if (e->closed && quiet_us >= WATCH_CLOSED_US)
		return true;
	return quiet_us >= settle_us && (no_writers || !e->announced);
}
