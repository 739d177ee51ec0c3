/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "pipeline.h"
#include "query/daily_table.h"

// Daily totals of local hosts: counted on the merge lcore, written to the store each minute as what
// the day has come to, so that writing again does no harm (docs/adr/0025-daily-totals.md).
//
// Live, a day goes on from what the store has of it. The merge lcore does not wait for that: it
// counts, and writes nothing of the day before the answer has come. A run over captures counts all
// of what it is given and begins each day at 0, so that the same run again gives the same totals.

#define WRITE_INTERVAL_US (60 * CLOCK_US_PER_S)
#define WRITE_STEP 1000        // documents after one slice: an eighth of the store's queue
#define READ_PAGE 10000        // documents in one answer of the store
#define WAIT_MS 5000           // for the store, at the end and where a day ends too early

enum base_state {
	BASE_ABSENT,   // to be asked for
	BASE_ASKED,
	BASE_KNOWN,    // and counted in
};

struct daily_day {
	bool used;
	uint64_t number;           // days since the epoch
	struct daily_table table;
	enum base_state base;
	uint64_t ask_at_us;        // monotonic, of BASE_ABSENT
	struct daily_host *page;   // what the store answers, the store thread's until `answered`
	int page_count;            // or -errno
	uint32_t page_damaged;     // left out of it
	bool answered;             // atomic
	char after[DOCUMENT_NAME_LEN];  // last host of the page before
};

struct daily {
	struct daily_day days[2];  // the one that is counted, and the one before while it is written
	unsigned int now;
	bool continues;            // days go on from what the store has
	bool writing;              // the minute's turn
	uint64_t write_at_us;      // monotonic
	struct json_out json;
};

static struct daily_day *
day_current(struct daily *d)
{
	return &d->days[d->now];
}

static bool
daily_wanted(const struct pipeline *p)
{
	return strcmp(p->options.store, "none") != 0 && !network_set_empty(p->networks);
}

// Two days, and a third table while one takes the place of another; the pages that both may read.
size_t
daily_bytes(const struct pipeline *p)
{
	return daily_wanted(p) ? 3 * daily_table_bytes(DAILY_HOSTS_MAX) +
		2 * READ_PAGE * sizeof(struct daily_host) : 0;
}

int
daily_init(struct pipeline *p, struct error *err)
{
	struct daily *d;

	if (p->store == NULL || !daily_wanted(p))
		return 0;
	d = calloc(1, sizeof(*d));
	p->merge.daily = d;
	if (d == NULL)
		return error_set(err, -ENOMEM, "no memory for daily totals");
	for (unsigned int i = 0; i < RTE_DIM(d->days); i++)
		if (daily_table_init(&d->days[i].table, DAILY_HOSTS_MAX) != 0)
			return error_set(err, -ENOMEM, "no memory for daily totals");
	d->continues = p->captures == NULL || p->follow != NULL;
	d->write_at_us = clock_monotonic_us() + WRITE_INTERVAL_US;
	return 0;
}

void
daily_free(struct daily *d)
{
	if (d == NULL)
		return;
	for (unsigned int i = 0; i < RTE_DIM(d->days); i++) {
		daily_table_fini(&d->days[i].table);
		free(d->days[i].page);
	}
	json_out_free(&d->json);
	free(d);
}

// Store thread.
static void
base_reply(void *arg, int rc, const char *json)
{
	struct daily_day *day = arg;

	day->page_count = rc != 0 ? rc : daily_hosts_read(json, day->page, READ_PAGE,
		&day->page_damaged);
	__atomic_store_n(&day->answered, true, __ATOMIC_RELEASE);
}

static void
base_fail(struct daily_day *day)
{
	free(day->page);
	day->page = NULL;
	day->base = BASE_ABSENT;
	day->ask_at_us = clock_monotonic_us() + WRITE_INTERVAL_US;
}

static void
base_ask(struct pipeline *p, struct daily_day *day)
{
	struct store_daily_query q = {
		.from_us = day->number * DAILY_US, .to_us = day->number * DAILY_US,
		.limit = READ_PAGE,
	};

	memcpy(q.after_host, day->after, sizeof(q.after_host));
	if (day->page == NULL)
		day->page = malloc(READ_PAGE * sizeof(*day->page));
	__atomic_store_n(&day->answered, false, __ATOMIC_RELAXED);
	day->base = BASE_ASKED;
	if (day->page == NULL || store_daily_list(p->store, &q, base_reply, day) != 0)
		base_fail(day);
}

static void
base_take(struct pipeline *p, struct daily_day *day)
{
	const int n = day->page_count;
	char text[DAILY_TEXT_LEN];

	if (n < 0) {
		log_warning("daily", "what the store has of %s cannot be read: tried again in a minute, "
			"nothing of it is written before", daily_day_text(day->number, text));
		base_fail(day);
		return;
	}
	for (int i = 0; i < n; i++)
		daily_table_restore(&day->table, &day->page[i]);
	// A damaged total is lost, the day is not: its host counts from 0 and is written anew.
	if (day->page_damaged > 0)
		log_warning("daily", "%" PRIu32 " damaged totals of %s are left out",
			day->page_damaged, daily_day_text(day->number, text));
	if (n > 0 && n + (int)day->page_damaged == READ_PAGE) {
		daily_host_text(&day->page[n - 1], day->after);
		base_ask(p, day);
		return;
	}
	day->base = BASE_KNOWN;
	free(day->page);
	day->page = NULL;
}

// The store was asked and still has the page to fill.
static bool
page_is_away(const struct daily_day *day)
{
	return day->base == BASE_ASKED && !__atomic_load_n(&day->answered, __ATOMIC_ACQUIRE);
}

static void
base_follow(struct pipeline *p, struct daily_day *day)
{
	if (day->base == BASE_ABSENT && clock_monotonic_us() >= day->ask_at_us)
		base_ask(p, day);
	if (day->base == BASE_ASKED && !page_is_away(day))
		base_take(p, day);
}

static int
host_put(struct pipeline *p, const struct daily_day *day, const struct daily_host *h)
{
	struct json_out *json = &p->merge.daily->json;
	char host[DAILY_TEXT_LEN];
	struct document *d;
	int rc;

	json_out_reset(json);
	daily_host_write(json, day->number, h);
	d = json->failed ? NULL : document_create(DOCUMENT_DAILY, daily_host_text(h, host),
		day->number * DAILY_US, (day->number + 1) * DAILY_US, json->data, json->len);
	if (d == NULL)
		return -ENOMEM;
	rc = store_put(p->store, d);
	document_put(d);
	return rc;
}

// Room for a step, with as much left for results. A store with a fault keeps what waits.
static bool
store_has_room(const struct pipeline *p)
{
	struct store_stats s;

	store_stats_get(p->store, &s);
	return s.queued + WRITE_STEP <= STORE_QUEUE_SIZE / 2;
}

// Write at most `most` of the hosts that have changed: true when there are no more. One that the
// store has no room for goes with the next slice.
static bool
day_write(struct pipeline *p, struct daily_day *day, uint32_t most)
{
	struct daily_host h;

	base_follow(p, day);
	if (day->base != BASE_KNOWN || !store_has_room(p))
		return false;
	while (daily_table_next(&day->table, &h)) {
		if (most-- == 0 || host_put(p, day, &h) != 0)
			return false;
		daily_table_settle(&day->table);
	}
	return true;
}

// Write all of a day now, waiting for the store for at most wait_ms. What it does not take in time is
// lost, and told.
static void
day_end(struct pipeline *p, struct daily_day *day, unsigned int wait_ms)
{
	struct daily_host h;
	char text[DAILY_TEXT_LEN];

	for (unsigned int ms = 0; !day_write(p, day, WRITE_STEP) && ms < wait_ms; ms++)
		usleep(1000);
	while (page_is_away(day))
		usleep(1000);
	if (daily_table_next(&day->table, &h))
		log_warning("daily", "totals of %s could not be written",
			daily_day_text(day->number, text));
	day->used = false;
}

static int
day_begin(struct daily *d, struct daily_day *day, uint64_t number)
{
	struct daily_table empty;
	int rc = daily_table_init(&empty, DAILY_HOSTS_MAX);

	if (rc != 0)
		return rc;
	daily_table_fini(&day->table);
	free(day->page);
	*day = (struct daily_day){.used = true, .number = number, .table = empty,
		.base = d->continues ? BASE_ABSENT : BASE_KNOWN};
	return 0;
}

// Is the current day that of the pane? Where a day is over it is written once more as a whole, in
// case an earlier total of it was lost on its way.
static bool
day_reach(struct pipeline *p, uint64_t number)
{
	struct daily *d = p->merge.daily;
	struct daily_day *other = &d->days[d->now ^ 1];

	if (day_current(d)->used && day_current(d)->number == number)
		return true;
	// A live input does not wait for the store: panes go on. Packets of a day that cannot begin
	// yet, as the store still has its page to fill, are counted as missing from the totals.
	if (other->used && d->continues && page_is_away(other))
		return false;
	if (other->used)
		day_end(p, other, d->continues ? 0 : WAIT_MS);
	if (day_begin(d, other, number) != 0)
		return false;
	if (day_current(d)->used)
		daily_table_touch(&day_current(d)->table);
	d->now ^= 1;
	d->writing = false;
	return true;
}

void
daily_fold(struct pipeline *p, const struct pane *pane)
{
	struct daily *d = p->merge.daily;

	if (d == NULL || pane->count == 0)
		return;
	if (day_reach(p, pane->index * p->options.pane_us / DAILY_US))
		daily_table_fold(&day_current(d)->table, p->networks, pane);
	else
		__atomic_add_fetch(&p->merge.folds_incomplete, 1, __ATOMIC_RELAXED);
}

void
daily_write(struct pipeline *p)
{
	struct daily *d = p->merge.daily;
	struct daily_day *before;
	uint64_t now_us;

	if (d == NULL)
		return;
	before = &d->days[d->now ^ 1];
	if (before->used && day_write(p, before, WRITE_STEP))
		before->used = false;
	now_us = clock_monotonic_us();
	if (now_us >= d->write_at_us) {
		d->writing = true;
		d->write_at_us = now_us + WRITE_INTERVAL_US;
	}
	if (!day_current(d)->used)
		return;
	base_follow(p, day_current(d));
	if (d->writing)
		d->writing = !day_write(p, day_current(d), WRITE_STEP);
}

void
daily_finish(struct pipeline *p)
{
	struct daily *d = p->merge.daily;

	if (d == NULL)
		return;
	if (d->days[d->now ^ 1].used)
		day_end(p, &d->days[d->now ^ 1], WAIT_MS);
	if (day_current(d)->used) {
		daily_table_touch(&day_current(d)->table);
		day_end(p, day_current(d), WAIT_MS);
	}
}
