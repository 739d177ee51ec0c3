/* SPDX-License-Identifier: BSD-3-Clause */
// Open, migrate and, where it is corrupted, set aside the database file.
//
// Durability. The journal is a write-ahead log (WAL). A process that is killed loses nothing that
// was committed, whatever `synchronous` says: committed pages are in the kernel's cache. The
// setting is about the machine stopping. NORMAL does not sync the log at a commit but only at
// checkpoints, so a power cut may take everything since the last one back, minutes at Weir's pace
// of a few small rows a second. FULL syncs the log at every commit; as the store commits at most
// every 500 ms or 1,000 documents and only its own thread waits for that, it costs about two
// syncs a second, and with it a power cut too loses no more than the last second. So: FULL.
//
// Identity. A database with another application_id that is not empty belongs to another program,
// one with a newer user_version to a newer Weir: both are refused and not touched. Only a regular
// file that SQLite calls corrupted (or no database at all) is set aside.
#include "store/sqlite_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_common.h>

#include "base/clock.h"
#include "base/log.h"

#define APPLICATION_ID 0x57454952  // "WEIR"
#define BUSY_MS 200                // how long a lock of another program is waited for
#define WAL_KEPT_BYTES "16777216"  // the log is cut back to this after a checkpoint

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

// Is the file ours to change? Reads only.
static int
identity_check(struct sink *s, struct error *err)
{
	int64_t id = 0, version = 0, tables = 0;
	int rc = pragma_integer(s->db, "PRAGMA application_id", &id);

	if (rc == SQLITE_OK)
		rc = pragma_integer(s->db, "PRAGMA user_version", &version);
	if (rc == SQLITE_OK)
		rc = pragma_integer(s->db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (rc != SQLITE_OK)
		return sqlite_fault(s->params.path, s->db, rc, "read", err);
	if (tables != 0 && id != APPLICATION_ID)
		return error_field(err, -EEXIST, "--store",
			"--store: %s is an SQLite database of another program", s->params.path);
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

static int
migrate(sqlite3 *db)
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

static int
prepare(struct sink *s)
{
	unsigned int i;
	int rc = SQLITE_OK;

	for (i = 0; i < SQL_COUNT && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(s->db, sqlite_statement_text(i), -1,
			SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL);
	return rc;
}

// Schema, modes and statements of a file that was opened and is ours.
static int
database_prepare(struct sink *s, struct error *err)
{
	static const char modes[] =
		"PRAGMA journal_mode=WAL;"
		"PRAGMA synchronous=FULL;"
		"PRAGMA journal_size_limit=" WAL_KEPT_BYTES ";"
		"PRAGMA temp_store=MEMORY;"
		"PRAGMA trusted_schema=OFF;";
	int rc = sqlite3_exec(s->db, modes, NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		rc = migrate(s->db);
	if (rc == SQLITE_OK)
		rc = prepare(s);
	if (rc == SQLITE_OK)
		rc = sqlite_outbox_load(s);
	if (rc != SQLITE_OK)
		return sqlite_fault(s->params.path, s->db, rc, "prepare", err);
	return 0;
}

static int
database_open(const struct sink_params *p, struct sink **ret, struct error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_EXRESCODE;
	struct sink *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return error_set(err, -ENOMEM, "store: out of memory");
	s->params = *p;
	rc = sqlite3_open_v2(p->path, &s->db, flags, NULL);
	if (rc != SQLITE_OK) {
		rc = sqlite_fault(p->path, s->db, rc, "open", err);
		goto fail;
	}
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	rc = identity_check(s, err);
	if (rc == 0)
		rc = database_prepare(s, err);
	if (rc != 0)
		goto fail;
	*ret = s;
	return 0;
fail:
	sqlite_sink_close(s);
	return rc;
}

// Rename the file to PATH.corrupt-<microseconds>, and its log and index along with it, so that
// nothing is lost to somebody who wants to repair it and the new file cannot be mixed with the
// old log.
static int
set_aside(const char *path, struct error *err)
{
	static const char *const parts[] = {"", "-wal", "-shm"};
	const uint64_t now = clock_wall_us();
	char from[4096], to[4096];
	struct stat st;
	unsigned int i;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return error_field(err, -EINVAL, "--store", "--store: %s is not a regular file",
			path);
	for (i = 0; i < RTE_DIM(parts); i++) {
		snprintf(from, sizeof(from), "%s%s", path, parts[i]);
		snprintf(to, sizeof(to), "%s.corrupt-%" PRIu64 "%s", path, now, parts[i]);
		if (rename(from, to) != 0 && errno != ENOENT)
			return error_set(err, -errno, "cannot set %s aside: %s", from,
				strerror(errno));
	}
	log_warning("store", "%s is corrupted: set aside as %s.corrupt-%" PRIu64
		", a new one begins", path, path, now);
	return 0;
}

int
sqlite_sink_open(const struct sink_params *p, struct sink **ret, struct error *err)
{
	int rc = -EUCLEAN;

	if (strlen(p->path) > 3800)
		return error_field(err, -EINVAL, "--store", "--store: the path is too long");
	if (!p->set_aside)
		rc = database_open(p, ret, err);
	if (rc != -EUCLEAN)
		return rc;
	rc = set_aside(p->path, err);
	return rc != 0 ? rc : database_open(p, ret, err);
}

void
sqlite_sink_close(struct sink *s)
{
	unsigned int i;

	if (s == NULL)
		return;
	for (i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	free(s);
}
