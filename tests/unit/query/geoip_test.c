/* SPDX-License-Identifier: BSD-3-Clause */
// Against the database that tests/lib/mmdb.py writes; its path is the argument.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "query/geoip.h"

static const char *path;
static struct error_list errors;

static struct geoip *
open_file(const char *file)
{
	cJSON *list = cJSON_CreateStringArray(&file, 1);
	struct geoip *g;

	errors.count = 0;
	g = geoip_open(list, "geoip", &errors);
	cJSON_Delete(list);
	return g;
}

static struct geo_place
find(const struct geoip *g, const char *prefix)
{
	unsigned int version;
	struct geo_place p;
	struct range r;

	assert_null(prefix_parse(prefix, &r, &version));
	geoip_find(g, (uint8_t)version, &r, &p);
	return p;
}

static void
expect(const struct geoip *g, const char *prefix, const char *country, uint32_t number,
	const char *org)
{
	const struct geo_place p = find(g, prefix);

	assert_string_equal(p.country, country);
	assert_int_equal(p.as_number, number);
	assert_string_equal(p.as_org, org);
}

static void
places(void **state)
{
	struct geoip *g = open_file(path);

	(void)state;
	assert_non_null(g);
	expect(g, "10.5.5.5", "DE", 64500, "Example Net");
	expect(g, "10.1.2.3", "FR", 0, "");
	expect(g, "10.1.2.200", "", 64501, "");
	expect(g, "2001:db8::7", "NL", 0, "");
	expect(g, "2001:db9::7", "", 0, "");
	expect(g, "11.0.0.1", "", 0, "");
	// A subnet is where all of it is.
	expect(g, "10.5.0.0/16", "DE", 64500, "Example Net");
	expect(g, "10.0.0.0/8", "", 0, "");
	expect(g, "10.1.2.128/25", "", 64501, "");
	expect(g, "10.1.2.0/24", "", 0, "");
	expect(g, "0.0.0.0/0", "", 0, "");
	expect(g, "::/0", "", 0, "");
	expect(NULL, "10.5.5.5", "", 0, "");
	geoip_put(g);
}

// 140 bytes of two-byte characters: cut between two of them.
static void
long_names_are_cut(void **state)
{
	struct geoip *g = open_file(path);
	struct geo_place p;

	(void)state;
	p = find(g, "192.0.2.1");
	assert_int_equal(p.as_number, 64502);
	assert_int_equal(strlen(p.as_org), 126);
	geoip_put(g);
}

static char *
file_get(size_t *ret_size)
{
	FILE *f = fopen(path, "re");
	char *bytes = malloc(1 << 20);

	assert_non_null(f);
	*ret_size = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

static void
file_put(const char *to, const char *bytes, size_t size)
{
	FILE *f = fopen(to, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

static void
first_that_knows(void **state)
{
	const char *files[] = {path, path};
	cJSON *list = cJSON_CreateStringArray(files, 2), *json;
	struct geoip *g;

	(void)state;
	errors.count = 0;
	g = geoip_open(list, "geoip", &errors);
	expect(g, "10.1.2.3", "FR", 0, "");
	json = geoip_json(g);
	assert_int_equal(cJSON_GetArraySize(json), 2);
	assert_string_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(json, 1), "file")->valuestring, path);
	assert_int_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(json, 0), "built_us")->valuedouble / 1e6,
		1700000000);
	cJSON_Delete(json);
	geoip_put(g);
	for (unsigned int i = 0; i < GEOIP_FILES_MAX - 1; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(path));
	assert_null(geoip_open(list, "geoip", &errors));
	assert_non_null(strstr(errors.error[0].text, "9 files; allowed are 8"));
	cJSON_Delete(list);
}

static void
refused(const char *file, const char *text)
{
	assert_null(open_file(file));
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.error[0].field, "geoip[0]");
	if (strstr(errors.error[0].text, text) == NULL)
		fail_msg("%s: no '%s'", errors.error[0].text, text);
}

static void
bad_files_are_told(void **state)
{
	char made[] = "/tmp/weir-geoip-XXXXXX";

	(void)state;
	close(mkstemp(made));
	refused("/nowhere/x.mmdb", "No such file");
	refused("/", "Invalid argument");
	refused(made, "mmdb");
	file_put(made, "not a database", 14);
	refused(made, "metadata");
	unlink(made);
}

// The file is written over, cut and removed while it is in use; read again, it is a fault and
// what was read before stays.
static void
files_may_change(void **state)
{
	char made[] = "/tmp/weir-geoip-XXXXXX";
	struct geoip *g, *next;
	size_t size;
	char *bytes = file_get(&size);

	(void)state;
	close(mkstemp(made));
	file_put(made, bytes, size);
	g = open_file(made);
	file_put(made, "", 0);
	expect(g, "10.5.5.5", "DE", 64500, "Example Net");
	errors.count = 0;
	assert_null(geoip_reopen(g, "geoip", &errors));
	assert_string_equal(errors.error[0].field, "geoip[0]");
	file_put(made, bytes, size);
	errors.count = 0;
	next = geoip_reopen(g, "geoip", &errors);
	geoip_put(g);
	unlink(made);
	expect(next, "10.5.5.5", "DE", 64500, "Example Net");
	geoip_put(next);
	free(bytes);
}

// Bytes broken one at a time, and files cut short: told, or looked up without harm.
static void
broken_files_do_no_harm(void **state)
{
	static const char *const prefixes[] = {"10.1.2.200", "10.5.5.5", "192.0.2.1", "2001:db8::1",
		"10.0.0.0/8"};
	char made[] = "/tmp/weir-geoip-XXXXXX";
	unsigned int opened = 0;
	size_t size;
	char *bytes = file_get(&size);

	(void)state;
	close(mkstemp(made));
	for (size_t i = 0; i < 2 * size; i += 7) {
		char *broken = malloc(size);
		struct geoip *g;

		memcpy(broken, bytes, size);
		broken[i % size] = (char)(broken[i % size] ^ (i * 37 % 255 + 1));
		file_put(made, broken, i < size ? size : i - size);
		g = open_file(made);
		for (unsigned int p = 0; g != NULL && p < sizeof(prefixes) / sizeof(prefixes[0]); p++)
			find(g, prefixes[p]);
		opened += g != NULL;
		geoip_put(g);
		free(broken);
	}
	assert_in_range(opened, 1, 2 * size / 7);
	unlink(made);
	free(bytes);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(first_that_knows),
		cmocka_unit_test(bad_files_are_told),
		cmocka_unit_test(files_may_change),
		cmocka_unit_test(broken_files_do_no_harm),
	};

	if (argc != 2)
		return 2;
	path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
