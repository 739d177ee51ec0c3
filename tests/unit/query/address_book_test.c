/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pane_build.h"
#include "query/address_book.h"

static struct error_list errors;

static struct address_book *
book_make(const char *names)
{
	cJSON *json = cJSON_Parse(names);
	struct address_book *b;

	errors.count = 0;
	assert_non_null(json);
	b = address_book_create(json, "names", &errors);
	cJSON_Delete(json);
	return b;
}

static struct address_book *
book_change(const struct address_book *b, const char *names, const char *keys)
{
	cJSON *set = names != NULL ? cJSON_Parse(names) : NULL;
	cJSON *gone = keys != NULL ? cJSON_Parse(keys) : NULL;
	struct address_book *next;

	errors.count = 0;
	next = address_book_change(b, set, gone, &errors);
	cJSON_Delete(set);
	cJSON_Delete(gone);
	return next;
}

static const char *
find(const struct address_book *b, const char *prefix)
{
	unsigned int version;
	struct range r;
	const char *name;

	assert_null(prefix_parse(prefix, &r, &version));
	name = address_book_find(b, version == 4 ? BOOK_IPV4 : BOOK_IPV6, &r);
	return name != NULL ? name : "none";
}

static const char *
find_number(const struct address_book *b, enum book_kind kind, uint64_t number)
{
	const struct range r = {number, number};
	const char *name = address_book_find(b, kind, &r);

	return name != NULL ? name : "none";
}

static void
expect_json(const struct address_book *b, const char *expected)
{
	cJSON *json = address_book_json(b);
	char *text = cJSON_PrintUnformatted(json);

	assert_string_equal(text, expected);
	free(text);
	cJSON_Delete(json);
}

static void
most_specific_wins(void **state)
{
	struct address_book *b = book_make("{\"10.0.0.0/8\":\"all\",\"10.1.0.0/16\":\"site\","
		"\"10.1.2.3\":\"host\",\"0.0.0.0/0\":\"v4\",\"2001:db8::/32\":\"doc\","
		"\"2001:db8::1\":\"one\",\"10.1.2.0/24\":\"lan\"}");

	(void)state;
	assert_non_null(b);
	assert_string_equal(find(b, "10.1.2.3"), "host");
	assert_string_equal(find(b, "10.1.2.4"), "lan");
	assert_string_equal(find(b, "10.1.3.0"), "site");
	assert_string_equal(find(b, "10.255.255.255"), "all");
	assert_string_equal(find(b, "11.0.0.0"), "v4");
	assert_string_equal(find(b, "0.0.0.0"), "v4");
	assert_string_equal(find(b, "255.255.255.255"), "v4");
	assert_string_equal(find(b, "2001:db8::1"), "one");
	assert_string_equal(find(b, "2001:db8:ffff::"), "doc");
	assert_string_equal(find(b, "2001:db9::"), "none");
	// A subnet has the name of what holds all of it.
	assert_string_equal(find(b, "10.1.2.0/24"), "lan");
	assert_string_equal(find(b, "10.1.2.0/23"), "site");
	assert_string_equal(find(b, "10.0.0.0/7"), "v4");
	assert_string_equal(find(b, "::/0"), "none");
	address_book_put(b);
}

// Each look-up against the longest prefix that holds the address, tried one by one.
static void
as_tried_one_by_one(void **state)
{
	enum { PREFIXES = 300, LOOKUPS = 20000 };
	struct { uint32_t first; unsigned int length; } p[PREFIXES];
	cJSON *json = cJSON_CreateObject();
	struct random r = {7};
	struct address_book *b;
	char key[32], name[16];

	(void)state;
	for (unsigned int i = 0; i < PREFIXES; i++) {
		p[i].length = (unsigned int)random_below(&r, 13) + 20;
		// Few bits, so that prefixes lie in each other.
		p[i].first = (uint32_t)random_below(&r, 1 << 16) & (uint32_t)(~UINT64_C(0) << (32 - p[i].length));
		snprintf(key, sizeof(key), "0.0.%u.%u/%u", p[i].first >> 8, p[i].first & 255,
			p[i].length);
		snprintf(name, sizeof(name), "%u/%u", p[i].first, p[i].length);
		if (cJSON_GetObjectItemCaseSensitive(json, key) == NULL)
			cJSON_AddStringToObject(json, key, name);
	}
	b = address_book_create(json, "names", &errors);
	assert_non_null(b);
	for (unsigned int n = 0; n < LOOKUPS; n++) {
		uint32_t a = (uint32_t)random_below(&r, 1 << 16);
		const char *expected = "none";
		unsigned int longest = 0;

		for (unsigned int i = 0; i < PREFIXES; i++) {
			if (((a ^ p[i].first) >> (32 - p[i].length)) != 0 || p[i].length <= longest)
				continue;
			longest = p[i].length;
			snprintf(name, sizeof(name), "%u/%u", p[i].first, p[i].length);
			expected = name;
		}
		assert_string_equal(find_number(b, BOOK_IPV4, a), expected);
	}
	address_book_put(b);
	cJSON_Delete(json);
}

static void
other_kinds(void **state)
{
	struct address_book *b = book_make("{\"02:00:00:00:00:0A\":\"gw\",\"vlan/100\":\"guests\","
		"\"port/100\":\"newacct\",\"proto/100\":\"GMTP\",\"0.0.0.100\":\"odd\"}");

	(void)state;
	assert_non_null(b);
	assert_string_equal(find_number(b, BOOK_MAC, 0x02000000000a), "gw");
	assert_string_equal(find_number(b, BOOK_MAC, 0x02000000000b), "none");
	assert_string_equal(find_number(b, BOOK_VLAN, 100), "guests");
	assert_string_equal(find_number(b, BOOK_PORT, 100), "newacct");
	assert_string_equal(find_number(b, BOOK_IP_PROTO, 100), "GMTP");
	assert_string_equal(find_number(b, BOOK_IP_PROTO, 99), "none");
	assert_string_equal(find_number(b, BOOK_IPV6, 100), "none");
	assert_string_equal(find_number(NULL, BOOK_VLAN, 100), "none");
	expect_json(b, "{\"0.0.0.100\":\"odd\",\"02:00:00:00:00:0a\":\"gw\",\"vlan/100\":\"guests\","
		"\"port/100\":\"newacct\",\"proto/100\":\"GMTP\"}");
	address_book_put(b);
}

static void
changes_are_whole(void **state)
{
	struct address_book *b = book_make("{\"10.0.0.0/8\":\"a\",\"10.0.0.1/32\":\"b\"}"), *next;

	(void)state;
	assert_non_null(b);
	next = book_change(b, "{\"10.0.0.1\":\"c\",\"vlan/5\":\"d\"}", NULL);
	expect_json(next, "{\"10.0.0.0/8\":\"a\",\"10.0.0.1\":\"c\",\"vlan/5\":\"d\"}");
	expect_json(b, "{\"10.0.0.0/8\":\"a\",\"10.0.0.1\":\"b\"}");
	address_book_put(b);
	b = book_change(next, NULL, "[\"10.0.0.0/8\",\"vlan/5\"]");
	expect_json(b, "{\"10.0.0.1\":\"c\"}");
	assert_string_equal(find(b, "10.0.0.2"), "none");
	address_book_put(next);
	// One fault, and nothing is changed.
	assert_null(book_change(b, NULL, "[\"10.0.0.1\",\"10.0.0.9\"]"));
	assert_string_equal(errors.error[0].field, "keys");
	assert_non_null(strstr(errors.error[0].text, "'10.0.0.9' has no name"));
	assert_null(book_change(b, "{\"10.0.0.7\":\"x\",\"10.0.0.8\":\"\"}", NULL));
	assert_string_equal(errors.error[0].field, "names.10.0.0.8");
	assert_null(book_change(b, NULL, "[\"10.0.0.1\",\"10.0.0.1/32\"]"));
	expect_json(b, "{\"10.0.0.1\":\"c\"}");
	address_book_put(b);
}

static void
refused(const char *names, const char *field, const char *text)
{
	assert_null(book_make(names));
	assert_string_equal(errors.error[0].field, field);
	if (strstr(errors.error[0].text, text) == NULL)
		fail_msg("%s: no '%s'", errors.error[0].text, text);
}

static void
faults_are_told(void **state)
{
	(void)state;
	refused("{\"10.0.0.1/8\":\"a\"}", "names.10.0.0.1/8", "bits set behind");
	refused("{\"10.0.0.0/33\":\"a\"}", "names.10.0.0.0/33", "prefix length");
	refused("{\"10.0.0\":\"a\"}", "names.10.0.0", "no address");
	refused("{\"vlan/4096\":\"a\"}", "names.vlan/4096", "no number in range");
	refused("{\"vlan/\":\"a\"}", "names.vlan/", "no number in range");
	refused("{\"port/-1\":\"a\"}", "names.port/-1", "no number in range");
	refused("{\"proto/256\":\"a\"}", "names.proto/256", "no number in range");
	refused("{\"02:00:00:00:00\":\"a\"}", "names.02:00:00:00:00", "no address");
	refused("{\"\":\"a\"}", "names.", "no address");
	refused("{\"10.0.0.1\":5}", "names.10.0.0.1", "allowed is a name");
	refused("{\"10.0.0.1\":\"a\\nb\"}", "names.10.0.0.1", "control characters");
	refused("{\"10.0.0.1\":\"0123456789012345678901234567890123456789012345678901234567890123\"}",
		"names.10.0.0.1", "1 to 63 bytes");
	refused("{\"10.0.0.1\":\"a\",\"10.0.0.1/32\":\"b\"}", "names", "there twice");
}

static void
no_more_than_fit(void **state)
{
	cJSON *json = cJSON_CreateObject();
	char key[32];

	(void)state;
	errors.count = 0;
	for (unsigned int i = 0; i <= BOOK_ENTRIES_MAX; i++) {
		snprintf(key, sizeof(key), "10.0.%u.%u", i >> 8, i & 255);
		cJSON_AddStringToObject(json, key, "x");
	}
	assert_null(address_book_create(json, "names", &errors));
	assert_non_null(strstr(errors.error[0].text, "16385 names; allowed are 16384"));
	cJSON_DeleteItemFromArray(json, 0);
	errors.count = 0;
	address_book_put(address_book_create(json, "names", &errors));
	assert_int_equal(errors.count, 0);
	cJSON_Delete(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_specific_wins),
		cmocka_unit_test(as_tried_one_by_one),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(changes_are_whole),
		cmocka_unit_test(faults_are_told),
		cmocka_unit_test(no_more_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
