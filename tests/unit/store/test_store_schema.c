/* SPDX-License-Identifier: BSD-3-Clause */
// Databases of every older schema, written here as those versions wrote them: what is in them is
// listed, counted, bounded and delivered as before. And the form of texts.
#include "store_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "store/sqlite_text.h"

static const char version_1[] =
	"PRAGMA application_id=1464158546; PRAGMA user_version=1; PRAGMA journal_mode=WAL;"
	"CREATE TABLE results(id INTEGER PRIMARY KEY, query TEXT NOT NULL, end_us INTEGER NOT NULL,"
	" start_us INTEGER NOT NULL, stored_us INTEGER NOT NULL, json TEXT NOT NULL,"
	" UNIQUE(query, end_us));"
	"CREATE INDEX results_end ON results(end_us, query);"
	"CREATE TABLE alerts(id INTEGER PRIMARY KEY, query TEXT NOT NULL, end_us INTEGER NOT NULL,"
	" start_us INTEGER NOT NULL, stored_us INTEGER NOT NULL, json TEXT NOT NULL,"
	" UNIQUE(query, end_us, json));"
	"CREATE TABLE outbox(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
	" name TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL, document TEXT NOT NULL);"
	"INSERT INTO results VALUES(1, 'q', 1000000, 0, 4000000000000000, '{\"seq\":1}');"
	"INSERT INTO results VALUES(2, 'q', 2000000, 1000000, 4000000000000000,"
	" '{\"seq\":2,\"\xc3\xa4\":0}');"
	"INSERT INTO alerts VALUES(1, 'q', 2000000, 2000000, 4000000000000000, '{\"key\":\"a\"}');"
	"INSERT INTO outbox VALUES(7, 'result', 'q', 1000000, 2000000, 16,"
	" '{\"seq\":2,\"\xc3\xa4\":0}');";
static const char version_2[] =
	"PRAGMA user_version=2;"
	"CREATE TABLE captures_read(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
	" size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, head TEXT NOT NULL,"
	" read_us INTEGER NOT NULL, UNIQUE(size, mtime_ns, head));"
	"INSERT INTO captures_read VALUES(1, 'a.pcap', 1000, 5, 'abcd', 6);";

static void
old_is_as_before(struct fixture *f, bool capture_known)
{
	const struct store_capture c = {"b.pcap", 1000, 5, "abcd"};
	struct store *s = fixture_open(f);
	struct store_stats st;
	uint64_t seqs[8];
	char *json;

	store_stats_get(s, &st);
	assert_string_equal(st.state, "ok");
	assert_int_equal(st.outbox, 1);
	assert_int_equal(st.kept[DOCUMENT_RESULT].rows, 2);
	assert_int_equal(st.kept[DOCUMENT_RESULT].bytes, 9 + 16 + 2 * STORE_ROW_BYTES);
	assert_int_equal(st.kept[DOCUMENT_ALERT].rows, 1);
	assert_int_equal(alerts_wait(s, &(struct store_query){.to_us = UINT64_MAX, .limit = 5}, &json), 0);
	assert_non_null(strstr(json, "[{\"key\":\"a\"}]"));
	free(json);
	assert_int_equal(count_rows(f->path, "SELECT count(*) FROM sqlite_schema WHERE name = 'alerts_end'"),
		1);
	result_put(s, "q", 2);  // is there already
	result_put(s, "q", 3);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 8), 3);
	assert_int_equal(seqs[0], 3);
	assert_int_equal(seqs[1], 2);
	assert_int_equal(seqs[2], 1);
	assert_int_equal(known_wait(s, &c, &json), 0);
	assert_string_equal(json, capture_known ? "true" : "false");
	free(json);
	store_close(s, 0);
}

static void
version_1_is_migrated(void **state)
{
	struct fixture *f = *state;

	f->params.push_uri = "mongodb://127.0.0.1:1/w";
	database_run(f->path, version_1);
	old_is_as_before(f, false);
}

static void
version_2_is_migrated(void **state)
{
	struct fixture *f = *state;

	f->params.push_uri = "mongodb://127.0.0.1:1/w";
	database_run(f->path, version_1);
	database_run(f->path, version_2);
	old_is_as_before(f, true);
}

// Old plain rows go first when the bounds are reached.
static void
old_rows_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	uint64_t seqs[8];

	database_run(f->path, version_1);
	f->bounds.kept[DOCUMENT_RESULT].bytes = 2 * (STORE_ROW_BYTES + 60);
	s = fixture_open(f);
	result_put(s, "q", 3);
	result_put(s, "q", 4);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 8), 2);
	assert_int_equal(seqs[1], 3);
	store_close(s, 0);
}

static void
round_trip(struct text_codec *c, const char *text, size_t len)
{
	const void *blob;
	const char *back;
	char *copy;
	size_t n, back_len;

	assert_int_equal(text_pack(c, text, len, &blob, &n), 0);
	copy = malloc(n);
	assert_non_null(copy);
	memcpy(copy, blob, n);
	assert_int_equal(text_unpack(c, copy, n, &back, &back_len), 0);
	assert_int_equal(back_len, len);
	assert_memory_equal(back, text, len);
	assert_int_equal(back[len], '\0');
	free(copy);
}

static void
texts_come_back(void **state)
{
	struct text_codec *c = text_codec_create();
	static char large[300000];

	(void)state;
	memset(large, 'x', sizeof(large));
	assert_non_null(c);
	round_trip(c, "", 0);
	round_trip(c, "{}", 2);
	round_trip(c, "a\0b", 3);
	round_trip(c, large, sizeof(large));
	text_codec_free(c);
}

// A blob of format 1 that was written when the format was made: the dictionary is never changed.
static void
format_is_fixed(void **state)
{
	static const unsigned char blob[] = {
		0x01, 0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x6e, 0xed, 0x00, 0x00, 0x50, 0x37,
		0x39, 0x2e, 0x38, 0x2e, 0x37, 0x32, 0x7d, 0x5d, 0x7d, 0x06, 0x00, 0x60,
		0x28, 0xd3, 0x78, 0x01, 0xe2, 0x95, 0x6d, 0x17, 0xe2, 0x6b, 0x82, 0x27,
		0x4d, 0x00, 0x01, 0x0d, 0xea, 0x35, 0x65,
	};
	static const char text[] = "{\"type\":\"result\",\"query\":\"ip-topk\",\"seq\":7,\"key\":\"ip\","
		"\"metric\":\"bytes\",\"rows\":[{\"key\":\"10.9.8.7\",\"value\":12}]}";
	struct text_codec *c = text_codec_create();
	const char *back;
	size_t len;

	(void)state;
	assert_non_null(c);
	assert_int_equal(text_unpack(c, blob, sizeof(blob), &back, &len), 0);
	assert_string_equal(back, text);
	text_codec_free(c);
}

// Any damage is noticed: each bit of a blob, each length, and a frame that claims to be huge.
static void
damaged_texts_are_noticed(void **state)
{
	static const char text[] = "{\"type\":\"result\",\"query\":\"q\",\"value\":123456789}";
	struct text_codec *c = text_codec_create();
	unsigned char copy[256];
	const void *blob;
	const char *back;
	size_t n, len, i;
	unsigned int unnoticed = 0;

	(void)state;
	assert_non_null(c);
	assert_int_equal(text_pack(c, text, strlen(text), &blob, &n), 0);
	assert_true(n < sizeof(copy));
	memcpy(copy, blob, n);
	for (i = 0; i < n; i++)
		assert_int_equal(text_unpack(c, copy, i, &back, &len), -EUCLEAN);
	for (i = 0; i < n * 8; i++) {
		copy[i / 8] ^= (unsigned char)(1 << i % 8);
		// A flipped bit that changes nothing is no damage.
		if (text_unpack(c, copy, n, &back, &len) == 0 &&
				(len != strlen(text) || memcmp(back, text, len) != 0))
			unnoticed++;
		copy[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	assert_int_equal(unnoticed, 0);
	text_codec_free(c);
}

int
main(void)
{
#define SCHEMA_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		SCHEMA_TEST(version_1_is_migrated),
		SCHEMA_TEST(version_2_is_migrated),
		SCHEMA_TEST(old_rows_are_bounded),
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(format_is_fixed),
		cmocka_unit_test(damaged_texts_are_noticed),
	};

	return cmocka_run_group_tests_name("store schema", tests, NULL, NULL);
}
