/* SPDX-License-Identifier: BSD-3-Clause */
// What is kept, a table for each kind: insert, keep within bounds, count.
//
// Rows and bytes of each kind are counted in the table `usage`, which changes in the same transaction
// as the rows: counting anew at each start would read the whole file. The oldest row is the one with
// the lowest id, so a row costs one look at each end of the table.
#include "store/sqlite_sink.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

struct kept_table {
	enum document_kind kind;
	enum sqlite_statement insert;
	enum sqlite_statement trim;
	bool packed;  // else the plain text, which is a part of what makes an alert unique
	bool replaces;  // absolute values: a row gives way to the next one of its name and time
};

static const struct kept_table tables[] = {
	{DOCUMENT_RESULT, SQL_RESULT_INSERT, SQL_RESULT_TRIM, .packed = true},
	{DOCUMENT_ALERT, SQL_ALERT_INSERT, SQL_ALERT_TRIM},
	{DOCUMENT_FLOW, SQL_FLOW_INSERT, SQL_FLOW_TRIM, .packed = true},
	{DOCUMENT_DAILY, SQL_DAILY_INSERT, SQL_DAILY_TRIM, .replaces = true},
};

static const struct kept_table *
table_of(enum document_kind kind)
{
	const struct kept_table *t = tables;

	while (t->kind != kind)
		t++;
	return t;
}

// Bytes of the text that d is going to replace; 0: there is none.
static int
replaced_bytes(struct sink *s, const struct document *d, int64_t *ret)
{
	sqlite3_stmt *st = s->statements[SQL_DAILY_BYTES];

	sqlite3_bind_text(st, 1, d->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 3, sqlite_time(d->start_us));
	return sqlite_integer(s, SQL_DAILY_BYTES, ret);
}

int
sqlite_kept_insert(struct sink *s, const struct document *d, const void *blob, size_t n,
	uint64_t now_us, struct sqlite_counts *c, bool *ret_new)
{
	const struct kept_table *t = table_of(d->kind);
	sqlite3_stmt *st = s->statements[t->insert];
	struct store_kept *kept = &c->kept[d->kind];
	int64_t replaced = 0;
	int rc = t->replaces ? replaced_bytes(s, d, &replaced) : SQLITE_OK;

	if (rc != SQLITE_OK)
		return rc;

	if (d->kind != DOCUMENT_FLOW)
		sqlite3_bind_text(st, 1, d->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, sqlite_time(d->end_us));
	sqlite3_bind_int64(st, 3, sqlite_time(d->start_us));
	sqlite3_bind_int64(st, 4, sqlite_time(now_us));
	if (t->packed)
		sqlite3_bind_blob64(st, 5, blob, n, SQLITE_STATIC);
	else
		sqlite3_bind_text64(st, 5, d->json, d->len, SQLITE_STATIC, SQLITE_UTF8);
	rc = sqlite_run(s, t->insert);
	*ret_new = rc == SQLITE_OK && sqlite3_changes(s->db) > 0;
	if (*ret_new) {
		kept->rows += replaced == 0;
		kept->bytes += (t->packed ? n : d->len) + (replaced == 0 ? STORE_ROW_BYTES : 0);
		kept->bytes -= RTE_MIN(kept->bytes, (uint64_t)replaced);
	}
	return rc;
}

// Delete the oldest row if it was stored before before_us; *ret: was it?
static int
oldest_remove(struct sink *s, const struct kept_table *t, uint64_t before_us,
	struct store_kept *kept, bool *ret)
{
	sqlite3_stmt *st = s->statements[t->trim];
	uint64_t bytes;
	int rc;

	sqlite3_bind_int64(st, 1, sqlite_time(before_us));
	rc = sqlite3_step(st);
	*ret = rc == SQLITE_ROW;
	if (*ret) {
		bytes = (uint64_t)sqlite3_column_int64(st, 0) + STORE_ROW_BYTES;
		kept->rows -= kept->rows > 0;
		kept->bytes -= bytes < kept->bytes ? bytes : kept->bytes;
		rc = sqlite3_step(st);
	}
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
table_trim(struct sink *s, const struct kept_table *t, uint32_t steps, uint64_t now_us,
	struct store_kept *kept)
{
	const struct store_bound *b = &s->params.bounds.kept[t->kind];
	bool removed = true;
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && removed && kept->rows > 0 && steps-- > 0) {
		uint64_t before_us = now_us > b->age_us ? now_us - b->age_us : 0;

		if (kept->bytes > b->bytes)
			before_us = UINT64_MAX;
		rc = oldest_remove(s, t, before_us, kept, &removed);
	}
	return rc;
}

int
sqlite_kept_trim(struct sink *s, uint32_t steps, uint64_t now_us, struct sqlite_counts *c)
{
	int rc = SQLITE_OK;
	unsigned int i;

	for (i = 0; i < RTE_DIM(tables) && rc == SQLITE_OK; i++)
		rc = table_trim(s, &tables[i], steps, now_us, &c->kept[tables[i].kind]);
	return rc;
}

int
sqlite_kept_save(struct sink *s, const struct sqlite_counts *c)
{
	sqlite3_stmt *st = s->statements[SQL_USAGE_WRITE];
	int rc = SQLITE_OK;
	unsigned int i;

	for (i = 0; i < RTE_DIM(tables) && rc == SQLITE_OK; i++) {
		const enum document_kind k = tables[i].kind;

		if (memcmp(&c->kept[k], &s->counts.kept[k], sizeof(c->kept[k])) == 0)
			continue;
		sqlite3_bind_text(st, 1, document_kind_name(k), -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 2, (int64_t)c->kept[k].rows);
		sqlite3_bind_int64(st, 3, (int64_t)c->kept[k].bytes);
		rc = sqlite_run(s, SQL_USAGE_WRITE);
	}
	return rc;
}

int
sqlite_kept_load(struct sink *s)
{
	sqlite3_stmt *st = s->statements[SQL_USAGE_READ];
	int rc = SQLITE_DONE;
	unsigned int i;

	for (i = 0; i < RTE_DIM(tables) && (rc == SQLITE_DONE || rc == SQLITE_ROW); i++) {
		struct store_kept *kept = &s->counts.kept[tables[i].kind];

		sqlite3_bind_text(st, 1, document_kind_name(tables[i].kind), -1, SQLITE_STATIC);
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW) {
			kept->rows = (uint64_t)sqlite3_column_int64(st, 0);
			kept->bytes = (uint64_t)sqlite3_column_int64(st, 1);
		}
		sqlite3_reset(st);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void
sqlite_kept_stats(const struct sink *s, enum document_kind k, struct store_kept *ret)
{
	*ret = s->counts.kept[k];
}

int
sqlite_column_json(struct sink *s, sqlite3_stmt *st, int column, const char **ret, size_t *ret_len)
{
	const void *blob;
	int rc;

	if (sqlite3_column_type(st, column) != SQLITE_BLOB) {
		*ret = (const char *)sqlite3_column_text(st, column);
		*ret_len = (size_t)sqlite3_column_bytes(st, column);
		return *ret != NULL ? SQLITE_OK : SQLITE_NOMEM;
	}
	blob = sqlite3_column_blob(st, column);
	rc = text_unpack(s->codec, blob, (size_t)sqlite3_column_bytes(st, column), ret, ret_len);
	if (rc == -ENOMEM)
		return SQLITE_NOMEM;
	return rc == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}
