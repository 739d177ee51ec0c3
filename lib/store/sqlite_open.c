/* SPDX-License-Identifier: BSD-3-Clause */
// Open the database file and, where it is corrupted, set it aside.
//
// Durability. The journal is a write-ahead log (WAL). A process that is killed loses nothing that
// was committed, whatever `synchronous` says: committed pages are in the kernel's cache. The
// setting is about the machine stopping. NORMAL does not sync the log at a commit but only at
// checkpoints, so a power cut may take everything since the last one back, minutes at Weir's pace
// of a few small rows a second. FULL syncs the log at every commit; as the store commits at most
// every 500 ms or 1,000 documents and only its own thread waits for that, it costs about two
// syncs a second, and with it a power cut too loses no more than the last second. So: FULL.
#include "store/sqlite_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_common.h>

#include "base/clock.h"
#include "base/log.h"

#define BUSY_MS 200                // how long a lock of another program is waited for
#define WAL_KEPT_BYTES "16777216"  // the log is cut back to this after a checkpoint

// A header that forbids writing: byte 18 is the version of the format that writers have to know, and
// SQLite knows 1 and 2 (https://www.sqlite.org/fileformat2.html).
static bool
header_forbids_writing(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t version = 0;
	bool forbids;

	if (fd < 0)
		return false;
	forbids = pread(fd, &version, 1, 18) == 1 && version > 2;
	close(fd);
	return forbids;
}

// SQLite gives the log and its index the mode of the database. Made while that was read-only, they
// would keep it so after its permission was given back.
static void
side_files_adopt_mode(const char *path)
{
	static const char *const parts[] = {"-wal", "-shm"};
	char side[4096];
	struct stat st;
	unsigned int i;

	if (access(path, W_OK) != 0 || stat(path, &st) != 0)
		return;
	for (i = 0; i < RTE_DIM(parts); i++) {
		snprintf(side, sizeof(side), "%s%s", path, parts[i]);
		if (access(side, W_OK) != 0 && errno == EACCES)
			chmod(side, st.st_mode & 0777);
	}
}

// Nothing that is run at the start can fail logically in a whole file: a format number that SQLite
// does not know, or a table without a column, is damage.
int
sqlite_open_fault(struct sink *s, int code, const char *doing, struct error *err)
{
	int rc = sqlite_fault(s->params.path, s->db, code, doing, err);

	if ((code & 0xff) == SQLITE_ERROR ||
			(rc == -EROFS && header_forbids_writing(s->params.path)))
		return -EUCLEAN;
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
		rc = sqlite_schema_migrate(s->db);
	if (rc == SQLITE_OK)
		rc = prepare(s);
	if (rc == SQLITE_OK)
		rc = sqlite_outbox_load(s);
	if (rc == SQLITE_OK)
		rc = sqlite_kept_load(s);
	if (rc != SQLITE_OK)
		return sqlite_open_fault(s, rc, "prepare", err);
	return 0;
}

// A sink without its database; sqlite_sink_close() when done. NULL: no memory.
static struct sink *
sink_alloc(const struct sink_params *p)
{
	struct sink *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->params = *p;
	s->codec = text_codec_create();
	if (s->codec == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

static int
database_open(const struct sink_params *p, struct sink **ret, struct error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_EXRESCODE;
	struct sink *s = sink_alloc(p);
	int rc;

	if (s == NULL)
		return error_set(err, -ENOMEM, "store: out of memory");
	side_files_adopt_mode(p->path);
	rc = sqlite3_open_v2(p->path, &s->db, flags, NULL);
	if (rc != SQLITE_OK) {
		rc = sqlite_fault(p->path, s->db, rc, "open", err);
		goto fail;
	}
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	rc = sqlite_schema_check(s, err);
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

	if (!p->set_aside)
		rc = database_open(p, ret, err);
	if (rc != -EUCLEAN)
		return rc;
	rc = set_aside(p->path, err);
	return rc != 0 ? rc : database_open(p, ret, err);
}

int
sqlite_reader_open(const char *path, struct sink **ret, struct error *err)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	const struct sink_params p = {.path = path, .keep = true};
	struct sink *s = sink_alloc(&p);
	int rc;

	if (s == NULL)
		return error_set(err, -ENOMEM, "store: out of memory");
	rc = sqlite3_open_v2(path, &s->db, flags, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(s->db, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = prepare(s);
	if (rc == SQLITE_OK) {
		*ret = s;
		return 0;
	}
	rc = sqlite_fault(path, s->db, rc, "read", err);
	sqlite_sink_close(s);
	return rc;
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
	text_codec_free(s->codec);
	free(s);
}
