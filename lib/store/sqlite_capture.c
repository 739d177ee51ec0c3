/* SPDX-License-Identifier: BSD-3-Clause */
// Capture files that were read. The newest rows are kept; an id grows with each row.
#include "store/sqlite_sink.h"

#include "base/clock.h"

static sqlite3_stmt *
statement_bind(struct sink *s, enum sqlite_statement i, const struct store_capture *c)
{
	sqlite3_stmt *st = s->statements[i];

	sqlite3_bind_int64(st, 1, sqlite_time(c->size));
	sqlite3_bind_int64(st, 2, c->mtime_ns);
	sqlite3_bind_text(st, 3, c->head, -1, SQLITE_STATIC);
	return st;
}

int
sqlite_capture_known(struct sink *s, const struct store_capture *c, bool *ret, struct error *err)
{
	int64_t found = 0;
	int rc;

	statement_bind(s, SQL_CAPTURE_KNOWN, c);
	rc = sqlite_integer(s, SQL_CAPTURE_KNOWN, &found);
	if (rc != SQLITE_OK)
		return sqlite_fault(s->params.path, s->db, rc, "read", err);
	*ret = found != 0;
	return 0;
}

int
sqlite_capture_remember(struct sink *s, const struct store_capture *c, struct error *err)
{
	sqlite3_stmt *st = statement_bind(s, SQL_CAPTURE_INSERT, c);
	int rc;

	sqlite3_bind_text(st, 4, c->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 5, sqlite_time(clock_wall_us()));
	rc = sqlite_run(s, SQL_CAPTURE_INSERT);
	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(s->statements[SQL_CAPTURE_TRIM], 1, STORE_CAPTURES_MAX);
		rc = sqlite_run(s, SQL_CAPTURE_TRIM);
	}
	return rc == SQLITE_OK ? 0 : sqlite_fault(s->params.path, s->db, rc, "write to", err);
}
