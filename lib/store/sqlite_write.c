/* SPDX-License-Identifier: BSD-3-Clause */
// One batch is one transaction: the new rows, what they push out of the bounds, and the outbox.
// The bounds are kept inside the same transaction, so they cost no sync of their own, and in
// steps of twice the batch and a little, so that no commit is ever long but the file always
// shrinks back faster than it grows. Freed pages are reused; the file keeps its largest size.
#include "store/sqlite_sink.h"

#include <errno.h>

#include "base/clock.h"

#define TRIM_STEPS 100  // rows that a write deletes at most, beside twice its own
#define BYTES_STEP 20   // of these at once, between looks at the size

// *ret_new: false where the same document was there already.
static int
document_insert(struct sink *s, const struct document *d, uint64_t now_us, bool *ret_new)
{
	enum sqlite_statement i =
		d->kind == DOCUMENT_ALERT ? SQL_ALERT_INSERT : SQL_RESULT_INSERT;
	sqlite3_stmt *st = s->statements[i];
	int rc;

	sqlite3_bind_text(st, 1, d->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, sqlite_time(d->end_us));
	sqlite3_bind_int64(st, 3, sqlite_time(d->start_us));
	sqlite3_bind_int64(st, 4, sqlite_time(now_us));
	sqlite3_bind_text64(st, 5, d->json, d->len, SQLITE_STATIC, SQLITE_UTF8);
	rc = sqlite_run(s, i);
	*ret_new = rc == SQLITE_OK && sqlite3_changes(s->db) > 0;
	return rc;
}

// Delete at most `rows` of the oldest rows that were stored before before_us.
static int
table_trim(struct sink *s, enum sqlite_statement i, int64_t rows, uint64_t before_us)
{
	sqlite3_bind_int64(s->statements[i], 1, rows);
	sqlite3_bind_int64(s->statements[i], 2, sqlite_time(before_us));
	return sqlite_run(s, i);
}

// Ids grow by one a row and only the lowest are deleted, so their span is the number of rows.
static int
table_bound(struct sink *s, enum sqlite_statement span, enum sqlite_statement trim, int64_t steps,
	uint64_t now_us)
{
	const struct sink_limits *l = &s->params.limits;
	int64_t rows = 0, excess;
	int rc = sqlite_integer(s, span, &rows);

	if (rc != SQLITE_OK || rows == 0)
		return rc;
	excess = rows - (int64_t)l->rows;
	if (excess > 0) {
		rc = table_trim(s, trim, excess < steps ? excess : steps, UINT64_MAX);
		if (rc != SQLITE_OK)
			return rc;
	}
	return table_trim(s, trim, steps, now_us > l->age_us ? now_us - l->age_us : 0);
}

// Delete the oldest results until the used part of the file fits, a few at a time so that no more
// go than have to.
static int
bytes_bound(struct sink *s, int64_t steps)
{
	int64_t used = 0;
	int rc;

	for (;;) {
		rc = sqlite_integer(s, SQL_USED_BYTES, &used);
		if (rc != SQLITE_OK || (uint64_t)used <= s->params.limits.bytes || steps <= 0)
			return rc;
		rc = table_trim(s, SQL_RESULT_TRIM, BYTES_STEP, UINT64_MAX);
		if (rc != SQLITE_OK)
			return rc;
		steps -= BYTES_STEP;
	}
}

static int
bounds_keep(struct sink *s, uint32_t written, uint64_t now_us)
{
	const int64_t steps = (int64_t)written * 2 + TRIM_STEPS;
	int rc = table_bound(s, SQL_RESULT_SPAN, SQL_RESULT_TRIM, steps, now_us);

	if (rc == SQLITE_OK)
		rc = table_bound(s, SQL_ALERT_SPAN, SQL_ALERT_TRIM, steps, now_us);
	return rc == SQLITE_OK ? bytes_bound(s, steps) : rc;
}

static int
batch_insert(struct sink *s, struct document *const *docs, uint32_t n, uint32_t *ret_new,
	struct sink_outbox *o)
{
	const uint64_t now_us = clock_wall_us();
	int rc = SQLITE_OK;
	uint32_t i;

	for (i = 0; i < n && rc == SQLITE_OK; i++) {
		bool fresh = true;

		if (s->params.keep)
			rc = document_insert(s, docs[i], now_us, &fresh);
		*ret_new += fresh;
		if (rc == SQLITE_OK && fresh && s->params.outbox)
			rc = sqlite_outbox_append(s, docs[i], o);
	}
	if (rc == SQLITE_OK && s->params.keep)
		rc = bounds_keep(s, n, now_us);
	if (rc == SQLITE_OK)
		rc = sqlite_outbox_trim(s, n * 2 + TRIM_STEPS, o);
	return rc;
}

int
sqlite_sink_write(struct sink *s, struct document *const *docs, uint32_t n, uint32_t *ret_new,
	struct error *err)
{
	struct sink_outbox outbox = s->outbox;
	uint32_t fresh = 0;
	int rc = sqlite_run(s, SQL_BEGIN);

	if (rc != SQLITE_OK)
		return sqlite_fault(s->params.path, s->db, rc, "write to", err);
	rc = batch_insert(s, docs, n, &fresh, &outbox);
	if (rc == SQLITE_OK)
		rc = sqlite_run(s, SQL_COMMIT);
	if (rc != SQLITE_OK) {
		rc = sqlite_fault(s->params.path, s->db, rc, "write to", err);
		if (!sqlite3_get_autocommit(s->db))
			sqlite_run(s, SQL_ROLLBACK);
		return rc;
	}
	s->outbox = outbox;
	*ret_new = fresh;
	return 0;
}

int
sqlite_sink_clear(struct sink *s, uint64_t *ret_deleted, struct error *err)
{
	int rc = sqlite_run(s, SQL_RESULT_CLEAR);

	if (rc != SQLITE_OK)
		return sqlite_fault(s->params.path, s->db, rc, "clear", err);
	*ret_deleted = (uint64_t)sqlite3_changes64(s->db);
	return 0;
}
