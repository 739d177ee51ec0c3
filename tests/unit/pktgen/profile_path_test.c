/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <string.h>

#include "profile_path.h"

// `set FIELD VALUE`: paths into a profile.

#define BASE "{\"addresses\": [\"192.0.2.1\", \"192.0.2.2\"], \"protocols\": [\"DNS\", \"HTTPS\"]," \
	" \"rate\": \"10mbps\", \"size\": {\"type\": \"uniform\", \"min\": 100, \"max\": 200}," \
	" \"events\": [{\"type\": \"outage\", \"at_s\": 1, \"for_s\": 1}]}"

// A profile complete with defaults.
static cJSON *
complete(const char *text)
{
	struct profile *p = profile_of(text);
	cJSON *json = profile_json(p);

	profile_free(p);
	return json;
}

// The field becomes the value, and the whole a profile in which `member` is `expected`.
static void
set_check(const char *path, const char *value, const char *member, const char *expected)
{
	cJSON *base = complete(BASE), *v = json_of(value), *changed, *now, *want = json_of(expected);
	struct error err = {0};
	struct profile *p;

	changed = profile_path_set(base, path, v, &err);
	p = changed != NULL ? profile_create(changed, support_names(), &err) : NULL;
	if (p == NULL)
		fail_msg("%s %s: %s", path, value, err.text);
	now = profile_json(p);
	if (!cJSON_Compare(cJSON_GetObjectItemCaseSensitive(now, member), want, true))
		fail_msg("%s %s: %s is %s", path, value, member,
			cJSON_Print(cJSON_GetObjectItemCaseSensitive(now, member)));
	profile_free(p);
	cJSON_Delete(now);
	cJSON_Delete(changed);
	cJSON_Delete(want);
	cJSON_Delete(v);
	cJSON_Delete(base);
}

static void
fields_are_set_by_their_paths(void **state)
{
	(void)state;
	set_check("flows", "77", "flows", "77");
	set_check("packets", "5", "packets", "5");
	set_check("size.min", "150", "size", "{\"type\":\"uniform\",\"min\":150,\"max\":200}");
	set_check("size", "\"imix\"", "size", "{\"type\":\"imix\"}");
	set_check("size", "{\"type\":\"fixed\",\"bytes\":99}", "size", "{\"type\":\"fixed\",\"bytes\":99}");
	set_check("pacing", "\"poisson\"", "pacing", "{\"type\":\"poisson\"}");
	set_check("popularity", "\"zipf\"", "popularity", "{\"type\":\"zipf\",\"s\":1}");
	set_check("events[0].at_s", "3", "events", "[{\"type\":\"outage\",\"at_s\":3,\"for_s\":1}]");
	set_check("protocols[1]", "\"NTP\"", "protocols", "[\"DNS\",\"NTP\"]");
	set_check("protocols[2]", "\"NTP\"", "protocols", "[\"DNS\",\"HTTPS\",\"NTP\"]");
	set_check("addresses[0]", "\"192.0.2.9\"", "addresses", "[\"192.0.2.9\",\"192.0.2.2\"]");
	set_check("lifetime.mean_packets", "9", "lifetime", "{\"type\":\"exponential\",\"mean_packets\":9,"
		"\"reset_percent\":0}");
	set_check("duration_s", "null", "duration_s", "null");
}

// One rate in place of the other; a rate in bits comes to other packets where the sizes change.
static void
rates_go_together(void **state)
{
	(void)state;
	set_check("rate", "\"2mpps\"", "rate_pps", "2000000");
	set_check("rate", "\"2mpps\"", "rate", "null");
	set_check("rate_pps", "500", "rate", "null");
	set_check("rate_pps", "500", "rate_pps", "500");
	set_check("size", "{\"type\":\"fixed\",\"bytes\":1250}", "rate_pps", "1000");
}

static void
simple_forms_are_taken(void **state)
{
	(void)state;
	set_check("ipNum", "3", "addresses", "{\"net4\":\"10.0.0.0/8\",\"count\":3}");
	set_check("protocolNum", "1", "protocols", "[\"HTTPS\"]");
}

static void
wrong_paths_name_the_place(void **state)
{
	static const struct {
		const char *path, *field, *text;
	} wrong[] = {
		{"", "", "a path that cannot be read"},
		{".", ".", "cannot be read"},
		{"[0]", "[0]", "cannot be read"},
		{"size..min", "size..min", "cannot be read"},
		{"size.", "size.", "cannot be read"},
		{"events[0", "events[0", "cannot be read"},
		{"events[-1]", "events[-1]", "cannot be read"},
		{"events[99999999999999999999]", "events[99999999999999999999]", "cannot be read"},
		{"events.[0]", "events.[0]", "cannot be read"},
		{"a.b.c.d.e.f.g.h.i.j", "a.b.c.d.e.f.g.h.i.j", "cannot be read"},
		{"events[2].at_s", "events[2].at_s", "events[2]: found a list of 1, allowed is an index"},
		{"flows.count", "flows", "flows: found 10000, allowed is an object"},
		{"size[0]", "size", "size: found an object, allowed is a list"},
		{"speed", "speed", "speed: found a field of an unknown name"},
		{"speed.max", "speed", "speed: found a field of an unknown name"},
	};
	cJSON *base = complete(BASE), *v = json_of("1");

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct error err = {0};

		if (profile_path_set(base, wrong[i].path, v, &err) != NULL)
			fail_msg("'%s' was taken", wrong[i].path);
		assert_string_equal(err.field, wrong[i].field);
		if (strstr(err.text, wrong[i].text) == NULL)
			fail_msg("'%s': %s", wrong[i].path, err.text);
	}
	cJSON_Delete(v);
	cJSON_Delete(base);
}

// What the path leads to is looked at by the profile's own check, whose errors name the field.
static void
wrong_values_name_the_field(void **state)
{
	static const struct {
		const char *path, *value, *field;
	} wrong[] = {
		{"size.min", "3", "size.min"},
		{"size.max", "\"big\"", "size.max"},
		{"size.colour", "1", "size.colour"},
		{"size", "\"huge\"", "size.type"},
		{"rate", "\"fast\"", "rate"},
		{"events[1].type", "\"surge\"", "events[1].at_s"},
		{"address_weights", "[1]", "address_weights"},
	};
	cJSON *base = complete(BASE);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cJSON *v = json_of(wrong[i].value), *changed;
		struct error err = {0};

		changed = profile_path_set(base, wrong[i].path, v, &err);
		assert_non_null(changed);
		assert_null(profile_create(changed, support_names(), &err));
		assert_string_equal(err.field, wrong[i].field);
		cJSON_Delete(changed);
		cJSON_Delete(v);
	}
	cJSON_Delete(base);
}

struct found {
	const char *path;
	bool there;
};

static void
found_note(void *arg, const char *path, const cJSON *value)
{
	struct found *f = arg;

	assert_non_null(value);
	for (; f->path != NULL; f++)
		f->there |= strcmp(f->path, path) == 0;
}

static void
paths_of_fields_are_listed(void **state)
{
	struct found want[] = {{"rate_pps", false}, {"size.min", false}, {"events[0].for_s", false},
		{"peers.count", false}, {"pacing.type", false}, {NULL, false}};
	struct found never[] = {{"addresses[0]", false}, {"protocols[0]", false}, {NULL, false}};
	cJSON *base = complete(BASE);

	(void)state;
	profile_path_each(base, found_note, want);
	profile_path_each(base, found_note, never);
	for (struct found *f = want; f->path != NULL; f++)
		assert_true(f->there);
	for (struct found *f = never; f->path != NULL; f++)
		assert_false(f->there);
	cJSON_Delete(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_set_by_their_paths),
		cmocka_unit_test(rates_go_together),
		cmocka_unit_test(simple_forms_are_taken),
		cmocka_unit_test(wrong_paths_name_the_place),
		cmocka_unit_test(wrong_values_name_the_field),
		cmocka_unit_test(paths_of_fields_are_listed),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
