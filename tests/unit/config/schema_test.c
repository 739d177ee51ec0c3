/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/check.h"
#include "config/schema.h"

// The table of fields: what it lets through, what it says, and that it knows the options.

static void
defaults_get(struct options *o)
{
	static char name[] = "weir", demo[] = "--demo";
	char *argv[] = {name, demo, NULL};
	struct error err = {0};

	assert_int_equal(options_parse(2, argv, o, false, &err), 0);
}

// What a row says of a default is what Weir does without the field.
static void
defaults_are_true(void **state)
{
	const struct config_field *f = NULL;
	struct options o;
	cJSON *document;

	(void)state;
	defaults_get(&o);
	document = config_document_make(&o);
	while ((f = config_field_next(f)) != NULL) {
		cJSON *said = f->param.def != NULL ? cJSON_Parse(f->param.def) : NULL;
		const cJSON *found = config_value(document, f);

		// An empty list and no list are the same.
		if (said != NULL && !(cJSON_IsArray(said) && found == NULL) &&
				!cJSON_Compare(said, found, true))
			fail_msg("%s: default %s", f->param.name, f->param.def);
		cJSON_Delete(said);
	}
	cJSON_Delete(document);
	options_free(&o);
}

static const char full[] = "{\"appliance\":\"a\",\"ports\":[\"eth0\",\"0000:01:00.0\"],\"clock\":\"wall\","
	"\"workers\":2,\"pane_ms\":500,\"flow\":{\"idle_timeout_s\":1.5,\"active_timeout_s\":0,"
	"\"tcp_end\":false,\"capacity\":4096,\"tunnels\":\"decapsulate\",\"fragments\":\"follow\"},"
	"\"parameters\":{\"H\":12.5,\"T\":20,\"k\":7,\"X\":3.5},\"builtin_queries\":[\"ip-topk\"],"
	"\"queries\":[{\"name\":\"q\",\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":3}}],"
	"\"key_budget\":2048,\"retain_mib\":64,"
	"\"limits\":{\"file\":\"l.json\",\"refresh_s\":1200,\"retain\":\"never\"},"
	"\"local_networks\":[\"10.0.0.0/8\"],\"names\":{\"vlan/7\":\"lab\"},"
	"\"geoip\":[\"a.mmdb\"],\"protocols\":{\"HTTPS\":[\"tcp/443\"]},"
	"\"generator\":{\"addresses\":[\"10.0.0.1\",\"10.0.0.2\"],\"protocols\":[\"HTTPS\"]},"
	"\"listen\":{\"address\":\"::1\",\"port\":9000,\"users\":\"u.json\","
	"\"tls_cert\":\"c.pem\",\"tls_key\":\"k.pem\",\"names\":[\"weir.example\"],"
	"\"trusted_proxies\":[\"127.0.0.1\"],\"insecure\":true},\"user\":\"weir\","
	"\"on_alert\":{\"command\":[\"/bin/sh\",\"-c\"],\"per_minute\":7,\"at_once\":2,\"timeout_s\":0.5},"
	"\"syslog\":{\"facility\":\"local7\"},\"ipfix\":{\"collectors\":[\"tcp:192.0.2.1:4739\"],"
	"\"observation_domain\":7,\"template_interval_s\":2.5,\"template_interval_messages\":9,"
	"\"message_bytes\":512},\"store\":\"none\",\"push\":\"mongodb://u:p@h/d?tlsCertificateKeyFilePassword=abc&w=1\","
	"\"keep\":{\"results_days\":1.5,\"results_mib\":7,\"alerts_days\":2,\"alerts_mib\":8,"
	"\"flow_records\":true,\"flows_days\":3,\"flows_mib\":9,\"outbox_documents\":5000,"
	"\"outbox_mib\":10,\"daily_days\":5,\"daily_mib\":11,\"push_days\":4}}";

// Every field goes into the options and comes back; every row is in the text above.
static void
a_document_comes_back(void **state)
{
	const struct config_field *f = NULL;
	cJSON *document = cJSON_Parse(full), *back;
	struct error_list errors = {.count = 0};
	struct options o;

	(void)state;
	defaults_get(&o);
	config_document_check(document, false, &errors);
	assert_int_equal(errors.count, 0);
	config_document_apply(document, &o);
	config_check(&o, &errors);
	assert_int_equal(errors.count, 0);
	back = config_document_make(&o);
	while ((f = config_field_next(f)) != NULL) {
		if (config_value(document, f) == NULL)
			fail_msg("%s is not in the test's document", f->param.name);
		if (!cJSON_Compare(config_value(document, f), config_value(back, f), true))
			fail_msg("%s: %s", f->param.name, cJSON_Print(config_value(back, f)));
	}
	config_document_hide(back);
	assert_string_equal(cJSON_GetObjectItem(back, "push")->valuestring, "mongodb://u:***@h/d?tlsCertificateKeyFilePassword=***&w=1");
	cJSON_Delete(back);
	cJSON_Delete(document);
}

// {document, path of each fault}
static const struct {
	const char *document;
	const char *paths[4];
} bad[] = {
	{"[]", {""}},
	{"{\"workers\":0,\"flow\":{\"tcp_end\":1,\"no\":2},\"nothing\":3}",
		{"workers", "flow.tcp_end", "flow.no", "nothing"}},
	{"{\"workers\":1,\"workers\":2}", {"workers"}},
	{"{\"flow\":{\"capacity\":16,\"capacity\":16}}", {"flow.capacity"}},
	{"{\"flow\":{},\"flow\":{}}", {"flow"}},
	{"{\"flow\":7}", {"flow"}},
	{"{\"flow.capacity\":16}", {"flow.capacity"}},
	{"{\"workers\":1.5,\"pane_ms\":\"1000\"}", {"workers", "pane_ms"}},
	{"{\"parameters\":{\"H\":0,\"T\":0,\"k\":1001,\"X\":null}}",
		{"parameters.H", "parameters.T", "parameters.k", "parameters.X"}},
	{"{\"ports\":[],\"clock\":\"packet\"}", {"ports", "clock"}},
	{"{\"ports\":[\"a name that is too long\"]}", {"ports"}},
	{"{\"ports\":[\"a,b\"]}", {"ports"}},
	{"{\"ports\":[5]}", {"ports"}},
	{"{\"builtin_queries\":[\"ip\"]}", {"builtin_queries"}},
	{"{\"\":1}", {""}},
};

static void
faults_are_all_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cJSON *document = cJSON_Parse(bad[i].document);
		struct error_list errors = {.count = 0};
		unsigned int n = 0;

		config_document_check(document, false, &errors);
		while (n < 4 && bad[i].paths[n] != NULL) {
			if (n >= errors.count || strcmp(errors.error[n].field, bad[i].paths[n]) != 0)
				fail_msg("%s: fault %u is not at '%s'", bad[i].document, n,
					bad[i].paths[n]);
			n++;
		}
		if (errors.count != n)
			fail_msg("%s: %u faults", bad[i].document, errors.count);
		cJSON_Delete(document);
	}
}

static void
null_is_the_default_where_allowed(void **state)
{
	cJSON *document = cJSON_Parse("{\"workers\":null,\"flow\":{\"capacity\":null}}");
	struct error_list errors = {.count = 0};

	(void)state;
	config_document_check(document, true, &errors);
	assert_int_equal(errors.count, 0);
	config_document_check(document, false, &errors);
	assert_int_equal(errors.count, 2);
	cJSON_Delete(document);
}

// Parts that rows cannot judge, and fields that do not suit each other: all at once, too.
static void
parts_are_checked(void **state)
{
	static const char *const paths[] = {"pane_ms", "local_networks[1]", "queries[0].op.k",
		"queries[1].key", "generator.seed", "store", "push", "ipfix.collectors"};
	cJSON *document = cJSON_Parse("{\"pane_ms\":300,\"local_networks\":[\"10.0.0.0/8\",\"x\"],"
		"\"queries\":[{\"name\":\"a\",\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":0},"
		"\"scope\":\"in\",\"window_s\":3},{\"name\":\"b\",\"op\":{\"type\":\"topk\",\"k\":1}}],"
		"\"generator\":{\"addresses\":[\"10.0.0.1\"],\"protocols\":[\"HTTPS\"],\"seed\":-1},"
		"\"store\":\"mysql:x\",\"push\":\"http://x\",\"ipfix\":{\"collectors\":[\"x\"]}}");
	struct error_list errors = {.count = 0};
	struct options o;

	(void)state;
	defaults_get(&o);
	config_document_check(document, false, &errors);
	assert_int_equal(errors.count, 0);
	config_document_apply(document, &o);
	config_check(&o, &errors);
	for (unsigned int i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_string_equal(errors.error[i].field, paths[i]);
	assert_int_equal(errors.count, sizeof(paths) / sizeof(paths[0]));
	cJSON_Delete(document);
}

static char *
file_make(const char *text)
{
	static char path[] = "/tmp/weir-config-XXXXXX";
	int fd;

	strcpy(path, "/tmp/weir-config-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static void
faults_have_their_line(void **state)
{
	struct error fault = {.text = "no"};
	struct config_file f;
	struct error err;
	static const struct {
		const char *field;
		unsigned int line;
	} cases[] = {{"a", 2}, {"b.c[1].d", 5}, {"b.c[1].none", 4}, {"b.x", 3}, {"none", 1}, {"", 1}, {"e.f.g", 7}};
	char *path = file_make("{\n\"a\": 1, \"x\": {\"b\": 2},\n\"b\": {\"c\": [0,\n"
		"\t{\"x\": 1,\n\"d\": 2}]\n},\n\"e.f\": {\"g\": 1}}\n"), line[200], expected[200];

	(void)state;
	assert_int_equal(config_file_read(path, &f, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(fault.field, cases[i].field);
		snprintf(expected, sizeof(expected), "%s:%u: no", path, cases[i].line);
		assert_string_equal(config_file_fault(&f, &fault, line, sizeof(line)), expected);
	}
	config_file_free(&f);
	unlink(path);
	path = file_make("{\"a\": 1,\n\n\"b\": 01}");
	assert_int_not_equal(config_file_read(path, &f, &err), 0);
	assert_non_null(strstr(err.text, ":3: not JSON"));
	unlink(path);
}

static void
a_file_is_replaced_as_a_whole(void **state)
{
	char *path = file_make("{\"old\": 1}");
	cJSON *document = cJSON_Parse("{\"new\": [1, 2]}");
	struct config_file f;
	struct error err;

	(void)state;
	assert_int_equal(config_file_write(path, document, &err), 0);
	assert_int_equal(config_file_read(path, &f, &err), 0);
	assert_true(cJSON_Compare(f.document, document, true));
	config_file_free(&f);
	unlink(path);
	assert_int_not_equal(config_file_write("/nowhere/at/all", document, &err), 0);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	cJSON_Delete(document);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_true),
		cmocka_unit_test(a_document_comes_back),
		cmocka_unit_test(faults_are_all_told),
		cmocka_unit_test(null_is_the_default_where_allowed),
		cmocka_unit_test(parts_are_checked),
		cmocka_unit_test(faults_have_their_line),
		cmocka_unit_test(a_file_is_replaced_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
