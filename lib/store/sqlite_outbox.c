/* SPDX-License-Identifier: BSD-3-Clause */
// What push still has to deliver, oldest first. A row goes in within the transaction that stores
// its document and out when the server has acknowledged it, so a crash at any point delivers it
// again rather than never; the push side makes repeats harmless.
#include "store/sqlite_sink.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

int
sqlite_outbox_load(struct sink *s)
{
	sqlite3_stmt *st = s->statements[SQL_OUTBOX_STATS];
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW) {
		s->counts.outbox.rows = (uint64_t)sqlite3_column_int64(st, 0);
		s->counts.outbox.bytes = (uint64_t)sqlite3_column_int64(st, 1);
		s->counts.outbox.daily = (uint64_t)sqlite3_column_int64(st, 2);
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int
row_append(struct sink *s, const struct document *d, const void *blob, size_t n,
	struct sink_outbox *o)
{
	sqlite3_stmt *st = s->statements[SQL_OUTBOX_INSERT];
	int rc;

	sqlite3_bind_text(st, 1, document_kind_name(d->kind), -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, d->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 3, sqlite_time(d->start_us));
	sqlite3_bind_int64(st, 4, sqlite_time(d->end_us));
	sqlite3_bind_int64(st, 5, (int64_t)n);
	sqlite3_bind_blob64(st, 6, blob, n, SQLITE_STATIC);
	rc = sqlite_run(s, SQL_OUTBOX_INSERT);
	if (rc == SQLITE_OK) {
		o->rows++;
		o->daily += d->kind == DOCUMENT_DAILY;
		o->bytes += n;
	}
	return rc;
}

// Delete one row and take it off *o. A row that is gone already changes nothing.
static int
row_remove(struct sink *s, int64_t id, struct sink_outbox *o, bool *ret_removed)
{
	sqlite3_stmt *st = s->statements[SQL_OUTBOX_REMOVE];
	int64_t bytes = 0;
	bool found = false, daily = false;
	int rc;

	sqlite3_bind_int64(st, 1, id);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		found = true;
		bytes = sqlite3_column_int64(st, 0);
		daily = sqlite3_column_int(st, 1) != 0;
		rc = sqlite3_step(st);
	}
	sqlite3_reset(st);
	if (rc != SQLITE_DONE)
		return rc;
	if (found) {
		o->rows--;
		o->daily -= daily && o->daily > 0;
		o->bytes -= (uint64_t)bytes;
	}
	*ret_removed = found;
	return SQLITE_OK;
}

// A total is what its day has come to, so one that still waits gives way to the newer one, in its
// place in the queue. *ret: did it? Rows that are on their way to the server stay.
static int
total_replace(struct sink *s, const struct document *d, const void *blob, size_t n,
	struct sink_outbox *o, bool *ret)
{
	sqlite3_stmt *find = s->statements[SQL_OUTBOX_DAILY_FIND];
	sqlite3_stmt *update = s->statements[SQL_OUTBOX_DAILY_UPDATE];
	uint64_t bytes;
	int64_t id;
	int rc;

	sqlite3_bind_int64(find, 1, sqlite_time(d->start_us));
	sqlite3_bind_text(find, 2, d->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(find, 3, s->outbox_held);
	rc = sqlite3_step(find);
	*ret = rc == SQLITE_ROW;
	id = *ret ? sqlite3_column_int64(find, 0) : 0;
	bytes = *ret ? (uint64_t)sqlite3_column_int64(find, 1) : 0;
	sqlite3_reset(find);
	sqlite3_clear_bindings(find);
	if (!*ret)
		return rc == SQLITE_DONE ? SQLITE_OK : rc;
	sqlite3_bind_int64(update, 1, id);
	sqlite3_bind_int64(update, 2, (int64_t)n);
	sqlite3_bind_blob64(update, 3, blob, n, SQLITE_STATIC);
	rc = sqlite_run(s, SQL_OUTBOX_DAILY_UPDATE);
	if (rc == SQLITE_OK)
		o->bytes += n - bytes;
	return rc;
}

// Totals may fill a quarter of the outbox; beyond that those of the oldest day go, not results.
static int
total_make_room(struct sink *s, struct sink_outbox *o)
{
	bool removed = false;
	int64_t id;
	int rc;

	if (o->daily < RTE_MAX(s->params.bounds.outbox_rows / 4, UINT64_C(1)))
		return SQLITE_OK;
	sqlite3_bind_int64(s->statements[SQL_OUTBOX_DAILY_OLDEST], 1, s->outbox_held);
	rc = sqlite_integer(s, SQL_OUTBOX_DAILY_OLDEST, &id);
	if (rc == SQLITE_OK && id != 0)
		rc = row_remove(s, id, o, &removed);
	o->lost += removed;
	return rc;
}

int
sqlite_outbox_append(struct sink *s, const struct document *d, const void *blob, size_t n,
	struct sink_outbox *o)
{
	bool replaced = false;
	int rc = SQLITE_OK;

	if (d->kind == DOCUMENT_DAILY)
		rc = total_replace(s, d, blob, n, o, &replaced);
	if (rc != SQLITE_OK || replaced)
		return rc;
	if (d->kind == DOCUMENT_DAILY)
		rc = total_make_room(s, o);
	return rc == SQLITE_OK ? row_append(s, d, blob, n, o) : rc;
}

int
sqlite_outbox_trim(struct sink *s, uint32_t steps, struct sink_outbox *o)
{
	const struct store_bounds *l = &s->params.bounds;

	while (steps-- > 0 && (o->rows > l->outbox_rows || o->bytes > l->outbox_bytes)) {
		bool removed = false;
		int64_t id = 0;
		int rc;

		sqlite3_bind_int64(s->statements[SQL_OUTBOX_OLDEST], 1, s->outbox_held);
		rc = sqlite_integer(s, SQL_OUTBOX_OLDEST, &id);
		if (rc == SQLITE_OK && id == 0)
			return SQLITE_OK;  // all that is left is on its way to the server
		if (rc == SQLITE_OK)
			rc = row_remove(s, id, o, &removed);
		if (rc != SQLITE_OK)
			return rc;
		o->lost += removed;
	}
	return SQLITE_OK;
}

static enum document_kind
kind_of(const char *name)
{
	unsigned int k;

	for (k = 0; k < DOCUMENT_KINDS; k++) {
		if (name != NULL && strcmp(name, document_kind_name(k)) == 0)
			break;
	}
	return k;
}

// SQLITE_OK and a document, or an SQLite code.
static int
row_document(struct sink *s, sqlite3_stmt *st, struct document **ret)
{
	const char *kind = (const char *)sqlite3_column_text(st, 1);
	const char *name = (const char *)sqlite3_column_text(st, 2);
	const char *json;
	size_t len;
	int rc;

	if (kind == NULL || name == NULL)
		return SQLITE_NOMEM;
	rc = sqlite_column_json(s, st, 5, &json, &len);
	if (rc != SQLITE_OK)
		return rc;
	*ret = document_create(kind_of(kind), name, (uint64_t)sqlite3_column_int64(st, 3),
		(uint64_t)sqlite3_column_int64(st, 4), json, len);
	return *ret != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

int
sqlite_outbox_read(struct sink *s, struct outbox_row *rows, uint32_t n, uint64_t max_bytes,
	uint32_t *ret_n, struct error *err)
{
	sqlite3_stmt *st = s->statements[SQL_OUTBOX_READ];
	uint64_t bytes = 0;
	uint32_t count = 0;
	int rc = SQLITE_DONE;

	while (count < n && bytes < max_bytes && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		rows[count].id = sqlite3_column_int64(st, 0);
		rc = row_document(s, st, &rows[count].document);
		if (rc != SQLITE_OK)
			break;
		bytes += rows[count++].document->len;
	}
	sqlite3_reset(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE && rc != SQLITE_OK) {
		rc = sqlite_fault(s->params.path, s->db, rc, "read", err);
		while (count > 0)
			document_put(rows[--count].document);
		return rc;
	}
	if (count > 0)
		s->outbox_held = rows[count - 1].id;
	*ret_n = count;
	return 0;
}

int
sqlite_outbox_remove(struct sink *s, const int64_t *ids, uint32_t n, struct error *err)
{
	struct sink_outbox outbox = s->counts.outbox;
	int rc = n > 0 ? sqlite_run(s, SQL_BEGIN) : SQLITE_OK;
	uint32_t i;

	for (i = 0; i < n && rc == SQLITE_OK; i++) {
		bool removed;

		rc = row_remove(s, ids[i], &outbox, &removed);
	}
	if (n > 0 && rc == SQLITE_OK)
		rc = sqlite_run(s, SQL_COMMIT);
	if (rc != SQLITE_OK) {
		rc = sqlite_fault(s->params.path, s->db, rc, "write to", err);
		if (!sqlite3_get_autocommit(s->db))
			sqlite_run(s, SQL_ROLLBACK);
		return rc;
	}
	s->counts.outbox = outbox;
	s->outbox_held = 0;
	return 0;
}

void
sqlite_outbox_stats(const struct sink *s, struct sink_outbox *ret)
{
	*ret = s->counts.outbox;
}
