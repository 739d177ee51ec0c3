/* SPDX-License-Identifier: BSD-3-Clause */
// Tables, their versions, and whose a database is.
//
// A database with another application_id that is not empty belongs to another program, one with a
// newer user_version to a newer Weir: both are refused and not touched. Where only a part of that
// fits (our tables under another id, a version that no Weir will ever have) bytes of the header were
// damaged, and the file is set aside like any other corrupted one.
#include "store/sqlite_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <rte_common.h>

#define APPLICATION_ID 0x57454952  // "WEIR"
#define VERSION_MOST 1000          // a schema version above is no version

// Entry i brings a database from user_version i to i + 1. Entries are never changed, only added.
static const char *const migrations[] = {
	"CREATE TABLE results("
	" id INTEGER PRIMARY KEY,"
	" query TEXT NOT NULL,"
	" end_us INTEGER NOT NULL,"
	" start_us INTEGER NOT NULL,"
	" stored_us INTEGER NOT NULL,"
	" json TEXT NOT NULL,"
	" UNIQUE(query, end_us));"
	"CREATE INDEX results_end ON results(end_us, query);"
	// One window may raise alerts for many keys: the text is part of what makes one.
	"CREATE TABLE alerts("
	" id INTEGER PRIMARY KEY,"
	" query TEXT NOT NULL,"
	" end_us INTEGER NOT NULL,"
	" start_us INTEGER NOT NULL,"
	" stored_us INTEGER NOT NULL,"
	" json TEXT NOT NULL,"
	" UNIQUE(query, end_us, json));"
	"CREATE TABLE outbox("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" start_us INTEGER NOT NULL,"
	" end_us INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL,"
	" document TEXT NOT NULL);",
	// Capture files that were read to their end. Equality leaves the name out (store.h).
	"CREATE TABLE captures_read("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" size INTEGER NOT NULL,"
	" mtime_ns INTEGER NOT NULL,"
	" head TEXT NOT NULL,"
	" read_us INTEGER NOT NULL,"
	" UNIQUE(size, mtime_ns, head));",
	// Flow records, and how much there is of each kind: bytes of text and, from here on, 128 a row
	// (STORE_ROW_BYTES). From this version on results, flow records and the outbox hold packed
	// texts (sqlite_text.h) beside the plain ones that are there already.
	"CREATE TABLE flows("
	" id INTEGER PRIMARY KEY,"
	" end_us INTEGER NOT NULL,"
	" start_us INTEGER NOT NULL,"
	" stored_us INTEGER NOT NULL,"
	" json TEXT NOT NULL);"
	"CREATE TABLE usage("
	" kind TEXT PRIMARY KEY,"
	" rows INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO usage SELECT 'result', count(*),"
	" coalesce(sum(length(CAST(json AS BLOB)) + 128), 0) FROM results;"
	"INSERT INTO usage SELECT 'alert', count(*),"
	" coalesce(sum(length(CAST(json AS BLOB)) + 128), 0) FROM alerts;",
	// Daily totals: absolute values, so a row is written again while its day lasts.
	"CREATE TABLE daily("
	" id INTEGER PRIMARY KEY,"
	" host TEXT NOT NULL,"
	" end_us INTEGER NOT NULL,"
	" start_us INTEGER NOT NULL,"
	" stored_us INTEGER NOT NULL,"
	" json TEXT NOT NULL,"
	" UNIQUE(start_us, host));"
	"CREATE INDEX daily_host ON daily(host, start_us);",
	// To find the total of a day and host that still waits: a newer one takes its place.
	"CREATE INDEX outbox_daily ON outbox(start_us, name) WHERE kind = 'daily';",
	// Lists of alerts of all queries, by time.
	"CREATE INDEX alerts_end ON alerts(end_us);",
};

static int
pragma_integer(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

// The tables of the first version; no other program has all of them.
#define OUR_TABLES "SELECT count(*) = 3 FROM sqlite_schema WHERE type = 'table'" \
	" AND name IN ('results', 'alerts', 'outbox')"

static int
numbers_read(sqlite3 *db, int64_t *id, int64_t *version, int64_t *tables, int64_t *ours)
{
	int rc = pragma_integer(db, "PRAGMA application_id", id);

	if (rc == SQLITE_OK)
		rc = pragma_integer(db, "PRAGMA user_version", version);
	if (rc == SQLITE_OK)
		rc = pragma_integer(db, "SELECT count(*) FROM sqlite_schema", tables);
	return rc == SQLITE_OK ? pragma_integer(db, OUR_TABLES, ours) : rc;
}

int
sqlite_schema_check(struct sink *s, struct error *err)
{
	int64_t id = 0, version = 0, tables = 0, ours = 0;
	int rc = numbers_read(s->db, &id, &version, &tables, &ours);

	if (rc != SQLITE_OK)
		return sqlite_open_fault(s, rc, "read", err);
	if (tables == 0)
		return 0;
	if (id != APPLICATION_ID && !ours)
		return error_field(err, -EEXIST, "--store",
			"--store: %s is an SQLite database of another program", s->params.path);
	if (id != APPLICATION_ID || !ours || version < 1 || version > VERSION_MOST)
		return error_set(err, -EUCLEAN, "database header or schema is damaged (cannot use %s)",
			s->params.path);
	if (version > (int64_t)RTE_DIM(migrations))
		return error_field(err, -EPROTO, "--store",
			"--store: %s was written by a newer Weir (schema %" PRId64
			", this one knows up to %zu)",
			s->params.path, version, RTE_DIM(migrations));
	return 0;
}

static int
migrate_locked(sqlite3 *db)
{
	int64_t version = 0;
	char sql[96];
	int rc = pragma_integer(db, "PRAGMA user_version", &version);

	if (rc != SQLITE_OK || version >= (int64_t)RTE_DIM(migrations))
		return rc;
	for (; rc == SQLITE_OK && version < (int64_t)RTE_DIM(migrations); version++)
		rc = sqlite3_exec(db, migrations[version], NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%zu",
		APPLICATION_ID, RTE_DIM(migrations));
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int
sqlite_schema_migrate(sqlite3 *db)
{
	int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = migrate_locked(db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}
