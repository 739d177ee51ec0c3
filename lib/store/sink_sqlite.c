/* SPDX-License-Identifier: BSD-3-Clause */
// The SQLite sink's statements, its list operation, its faults and its operations table.
#include "store/sqlite_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include <rte_common.h>

#include "base/log.h"
#include "store/json_bson.h"

// A list is for a person or a chart; whoever wants more asks again with an earlier to_us.
#define LIST_ROWS 10000
#define LIST_BYTES (64u << 20)

const char *
sqlite_statement_text(enum sqlite_statement i)
{
	static const char *const text[SQL_COUNT] = {
		[SQL_BEGIN] = "BEGIN IMMEDIATE",
		[SQL_COMMIT] = "COMMIT",
		[SQL_ROLLBACK] = "ROLLBACK",
		[SQL_RESULT_INSERT] =
			"INSERT INTO results(query, end_us, start_us, stored_us, json)"
			" VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
		[SQL_RESULT_LIST] =
			"SELECT json, end_us FROM results WHERE end_us >= ?1 AND end_us < ?2"
			" ORDER BY end_us DESC, query DESC LIMIT ?3",
		[SQL_RESULT_LIST_QUERY] =
			"SELECT json, end_us FROM results WHERE query = ?4 AND end_us >= ?1"
			" AND end_us < ?2 ORDER BY end_us DESC LIMIT ?3",
		[SQL_RESULT_OLDEST] = "SELECT min(end_us) FROM results WHERE query = ?1",
		[SQL_RESULT_CLEAR] = "DELETE FROM results",
		[SQL_RESULT_TRIM] = "DELETE FROM results WHERE id = (SELECT min(id) FROM results)"
			" AND stored_us < ?1 RETURNING length(CAST(json AS BLOB))",
		[SQL_ALERT_INSERT] =
			"INSERT INTO alerts(query, end_us, start_us, stored_us, json)"
			" VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
		// Those of one moment in the order in which they came.
		[SQL_ALERT_LIST] =
			"SELECT json FROM alerts WHERE end_us >= ?1 AND end_us < ?2"
			" ORDER BY end_us DESC, id DESC",
		[SQL_ALERT_LIST_QUERY] =
			"SELECT json FROM alerts WHERE query = ?4 AND end_us >= ?1"
			" AND end_us < ?2 ORDER BY end_us DESC, id DESC",
		[SQL_ALERT_TRIM] = "DELETE FROM alerts WHERE id = (SELECT min(id) FROM alerts)"
			" AND stored_us < ?1 RETURNING length(CAST(json AS BLOB))",
		[SQL_FLOW_INSERT] =
			"INSERT INTO flows(end_us, start_us, stored_us, json)"
			" VALUES(?2, ?3, ?4, ?5)",
		[SQL_FLOW_TRIM] = "DELETE FROM flows WHERE id = (SELECT min(id) FROM flows)"
			" AND stored_us < ?1 RETURNING length(CAST(json AS BLOB))",
		[SQL_DAILY_INSERT] =
			"INSERT INTO daily(host, end_us, start_us, stored_us, json)"
			" VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(start_us, host) DO UPDATE"
			" SET stored_us = ?4, json = ?5 WHERE json <> ?5",
		[SQL_DAILY_BYTES] =
			"SELECT length(CAST(json AS BLOB)) FROM daily WHERE start_us = ?3 AND host = ?1",
		[SQL_DAILY_TRIM] = "DELETE FROM daily WHERE id = (SELECT min(id) FROM daily)"
			" AND stored_us < ?1 RETURNING length(CAST(json AS BLOB))",
		[SQL_DAILY_LIST] =
			"SELECT json, start_us, host FROM daily WHERE (start_us, host) > (?1, ?4)"
			" AND start_us <= ?2"
			" ORDER BY start_us, host LIMIT ?3",
		[SQL_DAILY_LIST_HOST] =
			"SELECT json, start_us, host FROM daily WHERE host = ?5 AND start_us >= ?1"
			" AND start_us <= ?2 AND (start_us > ?1 OR host > ?4)"
			" ORDER BY start_us LIMIT ?3",
		[SQL_DAILY_OLDEST] = "SELECT min(start_us) FROM daily",
		[SQL_USAGE_READ] = "SELECT rows, bytes FROM usage WHERE kind = ?1",
		[SQL_USAGE_WRITE] =
			"INSERT INTO usage(kind, rows, bytes) VALUES(?1, ?2, ?3)"
			" ON CONFLICT(kind) DO UPDATE SET rows = ?2, bytes = ?3",
		[SQL_CAPTURE_KNOWN] =
			"SELECT 1 FROM captures_read WHERE size = ?1 AND mtime_ns = ?2 AND head = ?3",
		[SQL_CAPTURE_INSERT] =
			"INSERT INTO captures_read(size, mtime_ns, head, name, read_us)"
			" VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
		[SQL_CAPTURE_TRIM] =
			"DELETE FROM captures_read WHERE id <= (SELECT max(id) FROM captures_read) - ?1",
		[SQL_OUTBOX_INSERT] =
			"INSERT INTO outbox(kind, name, start_us, end_us, bytes, document)"
			" VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
		[SQL_OUTBOX_READ] =
			"SELECT id, kind, name, start_us, end_us, document FROM outbox ORDER BY id",
		[SQL_OUTBOX_REMOVE] =
			"DELETE FROM outbox WHERE id = ?1 RETURNING bytes, kind = 'daily'",
		[SQL_OUTBOX_OLDEST] = "SELECT id FROM outbox WHERE id > ?1 ORDER BY id LIMIT 1",
		[SQL_OUTBOX_DAILY_FIND] = "SELECT id, bytes FROM outbox WHERE kind = 'daily'"
			" AND start_us = ?1 AND name = ?2 AND id > ?3 ORDER BY id LIMIT 1",
		[SQL_OUTBOX_DAILY_UPDATE] =
			"UPDATE outbox SET bytes = ?2, document = ?3 WHERE id = ?1",
		[SQL_OUTBOX_DAILY_OLDEST] = "SELECT id FROM outbox WHERE kind = 'daily'"
			" AND id > ?1 ORDER BY start_us, name LIMIT 1",
		[SQL_OUTBOX_STATS] = "SELECT count(*), coalesce(sum(bytes), 0),"
			" count(*) FILTER (WHERE kind = 'daily') FROM outbox",
	};

	return text[i];
}

int
sqlite_run(struct sink *s, enum sqlite_statement i)
{
	sqlite3_stmt *st = s->statements[i];
	int rc = sqlite3_step(st);

	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int
sqlite_integer(struct sink *s, enum sqlite_statement i, int64_t *ret)
{
	sqlite3_stmt *st = s->statements[i];
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		*ret = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

// A file that is there but cannot be opened may be on a disk that is read-only for now; one that is
// not there, or no file, is a wrong path.
static int
open_fault(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? -EROFS : -ENOENT;
}

int
sqlite_fault(const char *path, sqlite3 *db, int code, const char *doing, struct error *err)
{
	static const struct {
		int code;
		int rc;
	} codes[] = {
		{SQLITE_CORRUPT, -EUCLEAN},
		{SQLITE_NOTADB, -EUCLEAN},
		// In a whole file the sink's statements cannot meet these, but for a trigger that
		// somebody has added.
		{SQLITE_CONSTRAINT, -EUCLEAN},
		{SQLITE_MISMATCH, -EUCLEAN},
		{SQLITE_FULL, -ENOSPC},
		{SQLITE_READONLY, -EROFS},
		{SQLITE_BUSY, -EBUSY},
		{SQLITE_LOCKED, -EBUSY},
		{SQLITE_NOMEM, -ENOMEM},
		{SQLITE_TOOBIG, -E2BIG},
	};
	int rc = (code & 0xff) == SQLITE_CANTOPEN ? open_fault(path) : -EIO;
	unsigned int i;

	for (i = 0; i < RTE_DIM(codes); i++) {
		if (codes[i].code == (code & 0xff) && code != SQLITE_CONSTRAINT_TRIGGER)
			rc = codes[i].rc;
	}
	// errmsg knows more ("no such table: x") but is only right for the last call on db.
	return error_set(err, rc, "%s (cannot %s %s)", db != NULL && sqlite3_errcode(db) == code ?
		sqlite3_errmsg(db) : sqlite3_errstr(code), doing, path);
}

// The texts that a statement with its parameters bound gives, as an array of at most `limit`; ret_more
// (or NULL): there were others. Plain text has no checksum: where it is no JSON it is left out, as it
// would spoil the whole list.
static int
rows_list(struct sink *s, sqlite3_stmt *st, uint32_t limit, bool plain, struct json_out *out,
	bool *ret_more, struct error *err)
{
	uint64_t unreadable = 0;
	int rc;

	json_out_open(out, '[');
	while ((rc = limit > 0 ? sqlite3_step(st) : SQLITE_DONE) == SQLITE_ROW &&
			out->len < LIST_BYTES) {
		const char *json;
		size_t len;

		rc = sqlite_column_json(s, st, 0, &json, &len);
		if (rc != SQLITE_OK)
			break;
		if (plain && json_bson_check(json, len, NULL) != 0) {
			unreadable++;
			continue;
		}
		json_out_raw(out, json);
		limit--;
	}
	json_out_close(out, ']');
	if (ret_more != NULL && rc == SQLITE_DONE && limit == 0)
		rc = sqlite3_step(st);
	if (ret_more != NULL)
		*ret_more = rc == SQLITE_ROW;
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	if (unreadable > 0)
		log_warning("store", "%" PRIu64 " damaged rows were left out of a list", unreadable);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return sqlite_fault(s->params.path, s->db, rc, "read", err);
	return out->failed ? error_set(err, -ENOMEM, "cannot list: out of memory") : 0;
}

sqlite3_stmt *
sqlite_list_bind(struct sink *s, const struct store_query *q, int64_t limit)
{
	const bool all = q->query[0] == '\0';
	sqlite3_stmt *st = s->statements[all ? SQL_RESULT_LIST : SQL_RESULT_LIST_QUERY];

	sqlite3_bind_int64(st, 1, sqlite_time(q->from_us));
	sqlite3_bind_int64(st, 2, sqlite_time(q->to_us));
	sqlite3_bind_int64(st, 3, limit);
	if (!all)
		sqlite3_bind_text(st, 4, q->query, -1, SQLITE_STATIC);
	return st;
}

sqlite3_stmt *
sqlite_daily_list_bind(struct sink *s, const struct store_daily_query *q, int64_t limit)
{
	const bool all = q->host[0] == '\0';
	sqlite3_stmt *st = s->statements[all ? SQL_DAILY_LIST : SQL_DAILY_LIST_HOST];

	sqlite3_bind_int64(st, 1, sqlite_time(q->from_us));
	sqlite3_bind_int64(st, 2, sqlite_time(q->to_us));
	sqlite3_bind_int64(st, 3, limit);
	sqlite3_bind_text(st, 4, q->after_host, -1, SQLITE_STATIC);
	if (!all)
		sqlite3_bind_text(st, 5, q->host, -1, SQLITE_STATIC);
	return st;
}

static int
sqlite_list(struct sink *s, const struct store_query *q, struct json_out *out, struct error *err)
{
	const uint32_t limit = RTE_MIN(q->limit, (uint32_t)LIST_ROWS);

	return rows_list(s, sqlite_list_bind(s, q, limit), limit, false, out, NULL, err);
}

static int
sqlite_daily_list(struct sink *s, const struct store_daily_query *q, struct json_out *out,
	struct error *err)
{
	return rows_list(s, sqlite_daily_list_bind(s, q, -1), RTE_MIN(q->limit, (uint32_t)LIST_ROWS),
		true, out, NULL, err);
}

static int
sqlite_alerts_list(struct sink *s, const struct store_query *q, struct json_out *out,
	bool *ret_more, struct error *err)
{
	const bool all = q->query[0] == '\0';
	sqlite3_stmt *st = s->statements[all ? SQL_ALERT_LIST : SQL_ALERT_LIST_QUERY];

	sqlite3_bind_int64(st, 1, sqlite_time(q->from_us));
	sqlite3_bind_int64(st, 2, sqlite_time(q->to_us));
	if (!all)
		sqlite3_bind_text(st, 4, q->query, -1, SQLITE_STATIC);
	return rows_list(s, st, RTE_MIN(q->limit, (uint32_t)LIST_ROWS), true, out, ret_more, err);
}

const struct sink_ops sink_sqlite = {
	.scheme = "sqlite",
	.path_needed = true,
	.keeps = true,
	.open = sqlite_sink_open,
	.close = sqlite_sink_close,
	.write = sqlite_sink_write,
	.list = sqlite_list,
	.daily_list = sqlite_daily_list,
	.alerts_list = sqlite_alerts_list,
	.clear = sqlite_sink_clear,
	.capture_known = sqlite_capture_known,
	.capture_remember = sqlite_capture_remember,
	.outbox_read = sqlite_outbox_read,
	.outbox_remove = sqlite_outbox_remove,
	.outbox_stats = sqlite_outbox_stats,
	.kept_stats = sqlite_kept_stats,
};
