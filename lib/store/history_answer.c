/* SPDX-License-Identifier: BSD-3-Clause */
// Whom to ask, and what the answers look like.
//
// A page has a cursor: the place of its last document. What the next page holds depends only on
// that place, so rows that arrive or expire meanwhile neither shift nor repeat others.
#include "store/history_answer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "base/clock.h"
#include "base/log.h"

#define PAGE_BYTES (16u << 20)  // a page ends early with so much text
#define CURSOR_LEN 128

bool
history_over(const struct history_watch *w)
{
	return __atomic_load_n(w->stop, __ATOMIC_ACQUIRE) != 0 ||
		clock_monotonic_us() >= w->until_us;
}

void
history_page_add(struct history_page *p, const char *json, uint64_t us, const char *host)
{
	json_out_raw(p->out, json);
	p->any = true;
	p->last_us = us;
	snprintf(p->last_host, sizeof(p->last_host), "%s", host != NULL ? host : "");
	p->wanted--;
	p->full = p->wanted == 0 || p->out->len > PAGE_BYTES;
}

static const char result_cursor[] = "before-";

bool
store_results_cursor_read(const char *text, uint64_t *ret_before_us)
{
	const size_t head = sizeof(result_cursor) - 1;
	uint64_t us;
	int n = 0;

	if (strncmp(text, result_cursor, head) != 0 || strlen(text) != head + 16 ||
			strspn(text + head, "0123456789abcdef") != 16 ||
			sscanf(text + head, "%16" SCNx64 "%n", &us, &n) != 1 || n != 16)
		return false;
	*ret_before_us = us;
	return true;
}

// What was asked of whom, and what came of it.
struct outcome {
	const char *source;
	bool answered;  // by one of them at least
	char missing[sizeof(((struct error *)NULL)->text)];  // why a part is missing; "": none is
};

static void
outcome_write(const struct outcome *o, struct json_out *out)
{
	json_out_key_str(out, "source", o->source);
	json_out_key_bool(out, "partial", o->missing[0] != '\0');
	if (o->missing[0] != '\0')
		json_out_key_str(out, "missing", o->missing);
}

// With STORE_AUTO a source that fails leaves the other's part.
static int
part_missing(struct outcome *o, enum store_source wanted, const char *of, int rc,
	struct error *err)
{
	if (rc == 0) {
		o->answered = true;
		return 0;
	}
	if (wanted != STORE_AUTO) {
		struct error inner = *err;

		return error_set(err, rc, "%s: %.380s", of, inner.text);
	}
	snprintf(o->missing, sizeof(o->missing), "%s: %.380s", of, err->text);
	return 0;
}

int
history_question_check(const struct history_sources *s, const struct store_question *q,
	struct error *err)
{
	const struct store_series_query *series = &q->series;

	if ((q->source == STORE_MONGODB && s->mongodb == NULL) ||
			(q->source == STORE_LOCAL && s->local == NULL) ||
			(s->local == NULL && s->mongodb == NULL))
		return error_set(err, -ENOTSUP, "this source is not there");
	if (q->type != STORE_SERIES)
		return 0;
	if (series->from_us >= series->to_us)
		return error_set(err, -EINVAL, "the range is empty");
	if (series->step_us > 0 && series_steps(series->from_us, series->to_us, series->step_us) >
			SERIES_POINTS_MOST)
		return error_set(err, -EINVAL, "the range has more than %u steps",
			SERIES_POINTS_MOST);
	return 0;
}

static bool
asks_local(const struct history_sources *s, const struct store_question *q)
{
	return s->local != NULL && q->source != STORE_MONGODB;
}

static bool
asks_mongodb(const struct history_sources *s, const struct store_question *q)
{
	return s->mongodb != NULL && q->source != STORE_LOCAL;
}

// One source's part of a page or a series; -errno with err.
static int
part_ask(const struct history_source_ops *ops, void *source, const struct store_question *q,
	struct history_page *page, struct series *series, const struct history_watch *w,
	struct error *err)
{
	switch (q->type) {
	case STORE_RESULTS_PAGE:
		return ops->results(source, &q->results, page, w, err);
	case STORE_DAILY_PAGE:
		return ops->daily(source, &q->daily, page, w, err);
	default:
		return ops->series(source, &q->series, series, w, err);
	}
}

// Since when the local file holds what is asked for; UINT64_MAX: it has nothing of it, or cannot
// say.
static uint64_t
local_since(const struct history_sources *s, const struct store_question *q)
{
	uint64_t us = UINT64_MAX;

	if (!asks_local(s, q))
		return us;
	if (q->type == STORE_DAILY_PAGE)
		history_local_since_day(s->local, &us, NULL);
	else
		history_local_since_result(s->local,
			q->type == STORE_SERIES ? q->series.query : q->results.query, &us, NULL);
	return us;
}

// The part of the question that lies before `since`, for MongoDB; false: nothing does.
static bool
older_part(const struct store_question *q, uint64_t since_us, struct store_question *ret)
{
	*ret = *q;
	switch (q->type) {
	case STORE_RESULTS_PAGE:
		ret->results.to_us = RTE_MIN(q->results.to_us, since_us);
		return ret->results.from_us < ret->results.to_us;
	case STORE_DAILY_PAGE:  // days are whole: the last one before
		if (since_us == 0)
			return false;
		ret->daily.to_us = RTE_MIN(q->daily.to_us, since_us - 1);
		return ret->daily.from_us <= ret->daily.to_us;
	default:
		ret->series.to_us = RTE_MIN(q->series.to_us, since_us);
		return ret->series.from_us < ret->series.to_us;
	}
}

static bool
page_is_full(const struct history_page *p)
{
	return p != NULL && p->full;
}

static int
mongodb_part(const struct history_sources *s, const struct store_question *q, uint64_t since_us,
	struct history_page *page, struct series *series, const struct history_watch *w,
	struct outcome *o, struct error *err)
{
	struct store_question older;
	int rc;

	if (!asks_mongodb(s, q) || page_is_full(page) || !older_part(q, since_us, &older))
		return 0;
	rc = part_ask(&history_mongodb_ops, s->mongodb, &older, page, series, w, err);
	if (rc == 0)
		o->source = history_mongodb_ops.name;
	return part_missing(o, q->source, "MongoDB", rc, err);
}

static int
local_part(const struct history_sources *s, const struct store_question *q,
	struct history_page *page, struct series *series, const struct history_watch *w,
	struct outcome *o, struct error *err)
{
	if (!asks_local(s, q) || page_is_full(page))
		return 0;
	return part_missing(o, q->source, "local store",
		part_ask(&history_local_ops, s->local, q, page, series, w, err), err);
}

// Both parts, the one first that comes first in the order of the answer.
static int
parts_ask_in_order(const struct history_sources *s, const struct store_question *q,
	struct history_page *page, struct series *series, const struct history_watch *w,
	struct outcome *o, struct error *err)
{
	const uint64_t since_us = local_since(s, q);
	int rc;

	o->source = asks_local(s, q) ? history_local_ops.name : history_mongodb_ops.name;
	if (q->type == STORE_DAILY_PAGE) {
		rc = mongodb_part(s, q, since_us, page, series, w, o, err);
		return rc != 0 ? rc : local_part(s, q, page, series, w, o, err);
	}
	rc = local_part(s, q, page, series, w, o, err);
	return rc != 0 ? rc : mongodb_part(s, q, since_us, page, series, w, o, err);
}

static int
parts_ask(const struct history_sources *s, const struct store_question *q,
	struct history_page *page, struct series *series, const struct history_watch *w,
	struct outcome *o, struct error *err)
{
	int rc = parts_ask_in_order(s, q, page, series, w, o, err);

	// Nothing at all of anyone is no answer.
	if (rc == 0 && !o->answered && o->missing[0] != '\0')
		return error_set(err, -EIO, "%s", o->missing);
	return rc;
}

// Where the next page goes on; false: there is none. A page that lacks a part is asked for again.
static bool
cursor_make(const struct store_question *q, const struct history_page *p, const struct outcome *o,
	char *ret)
{
	const bool again = o->missing[0] != '\0';
	const time_t day = (time_t)(p->last_us / CLOCK_US_PER_S);
	struct tm tm;

	if (!p->full && !again)
		return false;
	if (q->type == STORE_RESULTS_PAGE) {
		snprintf(ret, CURSOR_LEN, "%s%016" PRIx64, result_cursor,
			p->any ? p->last_us : q->results.to_us);
		return true;
	}
	if (!p->any || gmtime_r(&day, &tm) == NULL)
		return false;
	snprintf(ret, CURSOR_LEN, "%04d-%02d-%02d/%s", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		p->last_host);
	return true;
}

static int
page_answer(const struct history_sources *s, const struct store_question *q,
	const struct history_watch *w, struct json_out *out, struct error *err)
{
	const bool daily = q->type == STORE_DAILY_PAGE;
	struct history_page p = {.out = out, .wanted = daily ? q->daily.limit : q->results.limit};
	struct outcome o = {.source = ""};
	char cursor[CURSOR_LEN];
	int rc;

	p.full = p.wanted == 0;
	json_out_open(out, '{');
	json_out_key(out, daily ? "totals" : "results");
	json_out_open(out, '[');
	rc = parts_ask(s, q, &p, NULL, w, &o, err);
	if (rc != 0)
		return rc;
	json_out_close(out, ']');
	json_out_key(out, "cursor");
	if (cursor_make(q, &p, &o, cursor))
		json_out_str(out, cursor);
	else
		json_out_null(out);
	outcome_write(&o, out);
	json_out_close(out, '}');
	if (p.unreadable > 0)
		log_warning("history", "%" PRIu64 " damaged documents were left out", p.unreadable);
	return 0;
}

static int
series_answer(const struct history_sources *s, const struct store_question *q,
	const struct history_watch *w, struct json_out *out, struct error *err)
{
	const struct store_series_query *asked = &q->series;
	const uint64_t step_us = asked->step_us > 0 ? asked->step_us :
		series_step_usual(asked->to_us - asked->from_us);
	struct outcome o = {.source = ""};
	struct series series;
	int rc = series_init(&series, asked->from_us, asked->to_us, step_us);

	if (rc != 0)
		return error_set(err, rc, "out of memory");
	rc = parts_ask(s, q, NULL, &series, w, &o, err);
	if (rc == 0) {
		json_out_open(out, '{');
		json_out_key_str(out, "query", asked->query);
		json_out_key_str(out, "key", asked->key);
		json_out_key_u64(out, "from_us", asked->from_us);
		json_out_key_u64(out, "to_us", asked->to_us);
		series_write(&series, out);
		outcome_write(&o, out);
		json_out_close(out, '}');
	}
	series_fini(&series);
	return rc;
}

int
history_answer(const struct history_sources *s, const struct store_question *q,
	const struct history_watch *w, struct json_out *out, struct error *err)
{
	return q->type == STORE_SERIES ? series_answer(s, q, w, out, err) :
		page_answer(s, q, w, out, err);
}
