/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_SQLITE_SINK_H
#define WEIR_STORE_SQLITE_SINK_H

#include <sqlite3.h>

#include "store/sink.h"
#include "store/sqlite_text.h"

// What the files of the SQLite sink share. sqlite_open.c opens and sets aside, sqlite_schema.c makes
// and migrates the tables, sqlite_write.c writes and clears, sqlite_kept.c is the tables of what is
// kept and their bounds, sqlite_text.c packs texts, sqlite_capture.c knows which captures were read,
// sqlite_outbox.c is the list of what push still has to deliver, sink_sqlite.c lists and holds the
// operations table.

enum sqlite_statement {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_RESULT_INSERT,
	SQL_RESULT_LIST,
	SQL_RESULT_LIST_QUERY,
	SQL_RESULT_OLDEST,
	SQL_RESULT_CLEAR,
	SQL_RESULT_TRIM,
	SQL_ALERT_INSERT,
	SQL_ALERT_LIST,
	SQL_ALERT_LIST_QUERY,
	SQL_ALERT_TRIM,
	SQL_FLOW_INSERT,
	SQL_FLOW_TRIM,
	SQL_DAILY_INSERT,
	SQL_DAILY_BYTES,
	SQL_DAILY_TRIM,
	SQL_DAILY_LIST,
	SQL_DAILY_LIST_HOST,
	SQL_DAILY_OLDEST,
	SQL_USAGE_READ,
	SQL_USAGE_WRITE,
	SQL_CAPTURE_KNOWN,
	SQL_CAPTURE_INSERT,
	SQL_CAPTURE_TRIM,
	SQL_OUTBOX_INSERT,
	SQL_OUTBOX_READ,
	SQL_OUTBOX_REMOVE,
	SQL_OUTBOX_OLDEST,
	SQL_OUTBOX_DAILY_FIND,
	SQL_OUTBOX_DAILY_UPDATE,
	SQL_OUTBOX_DAILY_OLDEST,
	SQL_OUTBOX_STATS,
	SQL_COUNT,
};

// How much there is, changed along with the tables inside a transaction.
struct sqlite_counts {
	struct sink_outbox outbox;
	struct store_kept kept[DOCUMENT_KINDS];
};

struct sink {
	struct sink_params params;
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_COUNT];
	struct text_codec *codec;
	struct sqlite_counts counts;  // as committed
	int64_t outbox_held;        // rows up to this id were read and not yet removed; 0 none
};

// The text of each statement, in the order of the enumeration.
const char *sqlite_statement_text(enum sqlite_statement i);

int sqlite_sink_open(const struct sink_params *p, struct sink **ret, struct error *err);
void sqlite_sink_close(struct sink *s);
// A second connection, only for reading, to a file that a sink has open; for another thread. It can
// list, nothing else. A damaged file is -EUCLEAN and stays where it is.
int sqlite_reader_open(const char *path, struct sink **ret, struct error *err);

// Bind what a list asks for to its statement, which the caller steps and resets. `limit` < 0: all. A
// row is the text, and end_us; or the text, start_us and the host.
sqlite3_stmt *sqlite_list_bind(struct sink *s, const struct store_query *q, int64_t limit);
sqlite3_stmt *sqlite_daily_list_bind(struct sink *s, const struct store_daily_query *q,
	int64_t limit);

int sqlite_sink_write(struct sink *s, struct document *const *docs, uint32_t n,
	uint32_t *ret_new, struct error *err);
int sqlite_sink_clear(struct sink *s, uint64_t *ret_deleted, struct error *err);

// The tables of what is kept. Inside a transaction; SQLite codes.
// blob: the packed text. *ret_new: false where the same document was there already.
int sqlite_kept_insert(struct sink *s, const struct document *d, const void *blob, size_t n,
	uint64_t now_us, struct sqlite_counts *c, bool *ret_new);
// Delete what the bounds do not allow, at most `steps` rows of each kind.
int sqlite_kept_trim(struct sink *s, uint32_t steps, uint64_t now_us, struct sqlite_counts *c);
int sqlite_kept_save(struct sink *s, const struct sqlite_counts *c);  // what has changed
int sqlite_kept_load(struct sink *s);
void sqlite_kept_stats(const struct sink *s, enum document_kind k, struct store_kept *ret);

// The text in a column: packed, or plain as older versions wrote it. Valid until the statement's next
// step and the codec's next call. SQLITE_OK, SQLITE_CORRUPT or SQLITE_NOMEM.
int sqlite_column_json(struct sink *s, sqlite3_stmt *st, int column, const char **ret,
	size_t *ret_len);

// Is the database ours, and not of a newer Weir? Reads only. 0 or -errno with err.
int sqlite_schema_check(struct sink *s, struct error *err);
int sqlite_schema_migrate(sqlite3 *db);  // to the newest version, all or nothing; an SQLite code

int sqlite_capture_known(struct sink *s, const struct store_capture *c, bool *ret,
	struct error *err);
int sqlite_capture_remember(struct sink *s, const struct store_capture *c, struct error *err);

int sqlite_outbox_read(struct sink *s, struct outbox_row *rows, uint32_t n, uint64_t max_bytes,
	uint32_t *ret_n, struct error *err);
int sqlite_outbox_remove(struct sink *s, const int64_t *ids, uint32_t n, struct error *err);
void sqlite_outbox_stats(const struct sink *s, struct sink_outbox *ret);
int sqlite_outbox_load(struct sink *s);  // count what an earlier run left; an SQLite code
// Inside a transaction; *o is changed along. SQLite codes.
int sqlite_outbox_append(struct sink *s, const struct document *d, const void *blob, size_t n,
	struct sink_outbox *o);
int sqlite_outbox_trim(struct sink *s, uint32_t steps, struct sink_outbox *o);

// Run a statement that gives no row, after its parameters were bound; it is reset and unbound
// whatever happens. SQLITE_OK or an extended SQLite code.
int sqlite_run(struct sink *s, enum sqlite_statement i);

// Run a statement for the integer in its first column; *ret is 0 where there is no row.
int sqlite_integer(struct sink *s, enum sqlite_statement i, int64_t *ret);

// Turn an SQLite code into -errno (see sink.h) and a line such as
// "database or disk is full (cannot write to weir.db)".
int sqlite_fault(const char *path, sqlite3 *db, int code, const char *doing, struct error *err);

// As sqlite_fault() of a database that is being opened, for which some codes mean damage.
int sqlite_open_fault(struct sink *s, int code, const char *doing, struct error *err);

// 64-bit unsigned times as SQLite's signed integers; what does not fit becomes the largest.
static inline int64_t
sqlite_time(uint64_t us)
{
	return us > INT64_MAX ? INT64_MAX : (int64_t)us;
}

#endif
