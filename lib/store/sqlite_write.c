/* SPDX-License-Identifier: BSD-3-Clause */
// One batch is one transaction: the new rows, what they push out of the bounds, and the outbox.
// The bounds are kept inside the same transaction, so they cost no sync of their own, and in
// steps of twice the batch and a little, so that no commit is ever long but the file always
// shrinks back faster than it grows. Freed pages are reused; the file keeps its largest size.
#include "store/sqlite_sink.h"

#include <errno.h>

#include "base/clock.h"

#define TRIM_STEPS 100  // rows of a kind that a write deletes at most, beside twice its own

static int
document_write(struct sink *s, const struct document *d, uint64_t now_us,
	struct sqlite_counts *c, bool *ret_new)
{
	const void *blob;
	size_t n;
	int rc = text_pack(s->codec, d->json, d->len, &blob, &n);

	if (rc != 0)
		return rc == -E2BIG ? SQLITE_TOOBIG : SQLITE_NOMEM;
	*ret_new = true;
	rc = SQLITE_OK;
	if (s->params.keep)
		rc = sqlite_kept_insert(s, d, blob, n, now_us, c, ret_new);
	if (rc == SQLITE_OK && *ret_new && s->params.outbox)
		rc = sqlite_outbox_append(s, d, blob, n, &c->outbox);
	return rc;
}

static int
batch_insert(struct sink *s, struct document *const *docs, uint32_t n, uint32_t *ret_new,
	struct sqlite_counts *c)
{
	const uint64_t now_us = clock_wall_us();
	const uint32_t steps = n * 2 + TRIM_STEPS;
	int rc = SQLITE_OK;
	uint32_t i;

	for (i = 0; i < n && rc == SQLITE_OK; i++) {
		bool fresh = false;

		rc = document_write(s, docs[i], now_us, c, &fresh);
		*ret_new += fresh;
	}
	if (rc == SQLITE_OK && s->params.keep)
		rc = sqlite_kept_trim(s, steps, now_us, c);
	if (rc == SQLITE_OK)
		rc = sqlite_outbox_trim(s, steps, &c->outbox);
	return rc == SQLITE_OK ? sqlite_kept_save(s, c) : rc;
}

// End what sqlite_run(s, SQL_BEGIN) began, by rc; *c becomes what is committed.
static int
transaction_end(struct sink *s, int rc, const struct sqlite_counts *c, const char *doing,
	struct error *err)
{
	if (rc == SQLITE_OK)
		rc = sqlite_run(s, SQL_COMMIT);
	if (rc == SQLITE_OK) {
		s->counts = *c;
		return 0;
	}
	rc = sqlite_fault(s->params.path, s->db, rc, doing, err);
	if (!sqlite3_get_autocommit(s->db))
		sqlite_run(s, SQL_ROLLBACK);
	return rc;
}

int
sqlite_sink_write(struct sink *s, struct document *const *docs, uint32_t n, uint32_t *ret_new,
	struct error *err)
{
	struct sqlite_counts counts = s->counts;
	uint32_t fresh = 0;
	int rc = sqlite_run(s, SQL_BEGIN);

	if (rc == SQLITE_OK)
		rc = batch_insert(s, docs, n, &fresh, &counts);
	rc = transaction_end(s, rc, &counts, "write to", err);
	if (rc == 0)
		*ret_new = fresh;
	return rc;
}

int
sqlite_sink_clear(struct sink *s, uint64_t *ret_deleted, struct error *err)
{
	struct sqlite_counts counts = s->counts;
	uint64_t deleted = 0;
	int rc = sqlite_run(s, SQL_BEGIN);

	if (rc == SQLITE_OK)
		rc = sqlite_run(s, SQL_RESULT_CLEAR);
	if (rc == SQLITE_OK) {
		deleted = (uint64_t)sqlite3_changes64(s->db);
		counts.kept[DOCUMENT_RESULT] = (struct store_kept){0};
		rc = sqlite_kept_save(s, &counts);
	}
	rc = transaction_end(s, rc, &counts, "clear", err);
	if (rc == 0)
		*ret_deleted = deleted;
	return rc;
}
