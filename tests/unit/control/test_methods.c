/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control_fixture.h"

// The method table through control_call(), as the console uses it.

static const struct control_params no_listen = {.listen = false};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return f == NULL ? -1 : fixture_start(f, &no_listen);
}

static int
teardown(void **state)
{
	fixture_stop(*state);
	free(*state);
	return 0;
}

// Call; the answer must have this code, name this field and hold this text.
static void
expect(struct fixture *f, const char *method, const char *params, int code, const char *field,
	const char *holds)
{
	char *text = NULL;
	int rc = control_call(f->control, method, params, &text);
	cJSON *answer = cJSON_Parse(text);
	const cJSON *data = cJSON_GetObjectItem(answer, "data");
	const char *found = cJSON_GetStringValue(cJSON_GetObjectItem(data, "field"));

	if (rc != code)
		fail_msg("%s %s: code %d, expected %d: %s", method, params, rc, code, text);
	if (field != NULL && (found == NULL || strcmp(found, field) != 0))
		fail_msg("%s %s: field not %s: %s", method, params, field, text);
	if (holds != NULL && strstr(text, holds) == NULL)
		fail_msg("%s %s: '%s' is not in: %s", method, params, holds, text);
	cJSON_Delete(answer);
	free(text);
}

static void
test_good(void **state)
{
	struct fixture *f = *state;

	expect(f, "system.info", NULL, 0, NULL, "\"version\"");
	expect(f, "stats.get", "{}", 0, NULL, "\"residual\":0");
	expect(f, "ports.list", "[]", 0, NULL, "net_ring0");
	expect(f, "query.list", NULL, 0, NULL, "ip-topk");
	expect(f, "query.add", "{\"name\":\"q\",\"key\":\"ip\"}", 0, NULL, "\"key\":\"ip\"");
	expect(f, "query.update", "{\"name\":\"ip-topk\",\"metric\":\"flows\"}", 0, NULL, "flows");
	expect(f, "query.pause", "{\"name\":\"ip-topk\"}", 0, NULL, "\"paused\":true");
	expect(f, "query.resume", "{\"name\":\"ip-topk\"}", 0, NULL, "\"paused\":false");
	expect(f, "query.remove", "{\"name\":\"ip-topk\"}", 0, NULL, "{\"removed\":\"ip-topk\"}");
	expect(f, "query.preview", "{\"key\":\"ip\"}", 0, NULL, "\"key\":\"ip\"");
	expect(f, "names.list", NULL, 0, NULL, "{\"10.0.0.5\":\"db1\"}");
	expect(f, "names.set", "{\"names\":{\"10.0.0.6\":\"db2\"}}", 0, NULL, "db1");
	expect(f, "names.remove", "{\"keys\":[\"10.0.0.5\"]}", 0, NULL, "geoip");
	expect(f, "limits.list", NULL, 0, NULL, "\"limit_name\":\"lab\"");
	expect(f, "limits.set", "{\"rows\":[{\"limit_name\":\"lab\"}]}", 0, NULL, "\"limits\":[");
	expect(f, "limits.remove", "{\"limit_name\":\"lab\"}", 0, NULL, "\"limits\":[");
	expect(f, "limits.dry_run", "{\"limit\":{}}", 0, NULL, "\"windows\":5");
	expect(f, "rpc.methods", NULL, 0, NULL, "\"processor.set\"");
	expect(f, "processor.get", NULL, 0, NULL, "\"k\":10");
	expect(f, "processor.set", "{\"k\":5}", 0, NULL, "\"k\":5");
	expect(f, "processor.set", "{\"k\":5e0,\"H\":12.5,\"T\":60,\"X\":1.5}", 0, NULL,
		"\"H\":12.5,\"T\":60,\"k\":5,\"X\":1.5");
	expect(f, "processor.stop", NULL, 0, NULL, "\"running\":false");
	expect(f, "processor.start", NULL, 0, NULL, "\"running\":true");
	expect(f, "generator.get", NULL, 0, NULL, "\"rate_pps\":1000000");
	expect(f, "generator.set", "{\"rate_pps\":5}", 0, NULL, "\"rate_pps\":5");
	expect(f, "generator.start", NULL, 0, NULL, "\"running\":true");
	expect(f, "generator.stop", NULL, 0, NULL, "\"running\":false");
	expect(f, "generator.calibration", NULL, 0, NULL, "\"never\"");
	expect(f, "generator.calibrate", NULL, 0, NULL, "\"seconds\":20");
	expect(f, "generator.calibrate", "{\"seconds\":7,\"profile\":{}}", 0, NULL, "\"seconds\":7");
	expect(f, "results.latest", "{\"query\":\"ip-topk\"}", 0, NULL, "9007199254740993");
	expect(f, "results.list", "{\"query\":\"x\"}", 0, NULL, "\"limit\":100");
	expect(f, "results.list", "{\"query\":\"x\",\"from_us\":1,\"to_us\":2,\"limit\":3}", 0, NULL,
		"\"from_us\":1,\"to_us\":2,\"limit\":3");
	expect(f, "results.insert", "{\"result\":{\"query\":\"x\"}}", 0, NULL, "\"inserted\":1");
	expect(f, "results.clear", NULL, 0, NULL, "\"deleted\":1");
}

static void
test_bad_params(void **state)
{
	struct fixture *f = *state;
	static const char *const bad_k[] = {"10.5", "\"5\"", "0", "-1", "1001", "1e99", "1e999",
		"null", "true", "[5]", "{}", "2147483648", "4294967301"};
	char params[64];

	for (size_t i = 0; i < sizeof(bad_k) / sizeof(bad_k[0]); i++) {
		snprintf(params, sizeof(params), "{\"k\":%s}", bad_k[i]);
		expect(f, "processor.set", params, -32602, "k", "an integer 1 to 1000");
	}
	expect(f, "processor.set", "{\"k\":10.5}", -32602, "k", "found 10.5");
	expect(f, "processor.set", "{\"H\":0}", -32602, "H", "above 0 to 100 percent");
	expect(f, "processor.set", "{\"H\":100.1}", -32602, "H", "found 100.1");
	expect(f, "processor.set", "{\"T\":0}", -32602, "T", "1 to 3600 s");
	expect(f, "processor.set", "{\"X\":0}", -32602, "X", NULL);
	expect(f, "processor.set", "{\"k\":5,\"K\":5}", -32602, "K", "allowed: H, T, k, X");
	expect(f, "processor.set", "{}", -32602, "params", "at least one of: H, T, k, X");
	expect(f, "processor.set", NULL, -32602, "params", NULL);
	expect(f, "processor.set", "[5]", -32602, "params", "by name");
	expect(f, "processor.get", "{\"x\":1}", -32602, "x", "allowed: none");
	expect(f, "processor.get", NULL, 0, NULL, "\"H\":10,\"T\":10,\"k\":10,\"X\":2");
	expect(f, "generator.set", "{}", -32602, "params", NULL);
	expect(f, "generator.calibrate", "{\"seconds\":0}", -32602, "seconds", NULL);
	expect(f, "generator.calibrate", "{\"seconds\":2.5}", -32602, "seconds", NULL);
	expect(f, "generator.calibrate", "{\"profile\":[]}", -32602, "profile", NULL);
	expect(f, "generator.calibrate", "{\"profile\":{\"colour\":1}}", -32602, "profile.colour", NULL);
	expect(f, "generator.set", "{\"rate_pps\":-1}", -32602, "rate_pps", NULL);
	expect(f, "generator.set", "{\"profile\":{}}", -32602, "profile", NULL);
	expect(f, "results.latest", NULL, -32602, "query", "missing");
	expect(f, "results.latest", "{\"query\":5}", -32602, "query", "found 5");
	expect(f, "results.latest", "{\"query\":\"\"}", -32602, "query", "1 to 63 bytes");
	expect(f, "results.list", "{\"query\":\"x\",\"limit\":10001}", -32602, "limit", "1 to 10000");
	expect(f, "results.list", "{\"query\":\"x\",\"from_us\":-1}", -32602, "from_us", NULL);
	expect(f, "results.list", "{\"query\":\"x\",\"from_us\":5,\"to_us\":4}", -32602, "from_us",
		"at most to_us, 4");
	expect(f, "query.add", "{\"metric\":5}", -32602, "name", "\"errors\":[{\"field\":\"name\","
		"\"message\":\"name: found nothing good\"},{\"field\":\"key\",");
	expect(f, "query.add", "{}", -32602, "params", "at least one");
	expect(f, "query.update", "{\"metric\":\"flows\"}", -32602, "name", "missing");
	expect(f, "query.remove", "{}", -32602, "name", "missing");
	expect(f, "names.set", "{}", -32602, "names", "missing");
	expect(f, "names.set", "{\"names\":[1]}", -32602, "names", "object");
	expect(f, "names.remove", "{\"keys\":[]}", -32602, "keys", "1");
	expect(f, "names.remove", "{\"keys\":[\"10.0.0.9\"]}", -32602, "keys", "no name");
	expect(f, "names.reload", NULL, -32602, "geoip[0]", "gone");
	expect(f, "query.remove", "{\"name\":\"ip-topk\",\"x\":1}", -32602, "x", "allowed: name");
	expect(f, "query.pause", "{\"name\":\"\"}", -32602, "name", "1 to 63 bytes");
	expect(f, "limits.set", "{\"rows\":[{}]}", -32602, "rows[0].limit_name", "missing");
	expect(f, "limits.set", "{\"rows\":[{\"limit_name\":\"a\"}],\"x\":1}", -32602, "x",
		"allowed: rows");
	expect(f, "limits.set", "{}", -32602, "rows", "missing");
	expect(f, "limits.remove", "{}", -32602, "limit_name", "missing");
	expect(f, "limits.remove", "{\"limit_name\":\"lab\",\"effective_date\":\"x\"}", -32602,
		"effective_date", "10 to 40 bytes");
	expect(f, "limits.remove", "{\"limit_name\":\"none\"}", -32001, "limit_name", "no limit");
	expect(f, "limits.remove", "{\"limit_name\":\"file\"}", -32000, "limit_name", NULL);
	expect(f, "limits.dry_run", "{}", -32602, "params", "at least one of: limit, query");
	expect(f, "limits.dry_run", "{\"limit\":[]}", -32602, "limit", "an object");
	expect(f, "results.insert", "{\"result\":[]}", -32602, "result", "an object");
	expect(f, "results.insert", "{\"result\":{}}", -32602, "query", NULL);
}

static void
test_application_errors(void **state)
{
	struct fixture *f = *state;

	expect(f, "no.such", NULL, -32601, "method", "rpc.methods");
	expect(f, "processor.set", "{\"k\":999}", -32000, "k", "would not");
	expect(f, "query.update", "{\"name\":\"nope\"}", -32001, "name", "no query 'nope'");
	expect(f, "query.update", "{\"name\":\"ip-topk\",\"busy\":1}", -32000, NULL, "too many");
	expect(f, "query.remove", "{\"name\":\"nope\"}", -32001, "name", "no query 'nope'");
	expect(f, "query.remove", "{\"name\":\"protocol-share\"}", -32000, "name", "stays");
	expect(f, "query.pause", "{\"name\":\"nope\"}", -32001, "name", "no query 'nope'");
	expect(f, "query.resume", "{\"name\":\"nope\"}", -32001, "name", "no query 'nope'");
	expect(f, "results.latest", "{\"query\":\"nope\"}", -32001, "query", "no query 'nope'");
	expect(f, "results.latest", "{\"query\":\"protocol-share\"}", -32001, "query", "no result yet");
	expect(f, "subscribe", "{\"topics\":[\"result\"]}", -32000, NULL, "websocket");
	expect(f, "unsubscribe", "{}", -32000, NULL, "websocket");
	f->app.has_generator = false;
	expect(f, "generator.get", NULL, -32000, "generator", "no generator: start with --demo");
	expect(f, "generator.set", "{\"rate_pps\":1}", -32000, "generator", "--demo");
	expect(f, "generator.start", NULL, -32000, "generator", "--demo");
	expect(f, "generator.stop", NULL, -32000, "generator", "--demo");
	expect(f, "generator.calibrate", NULL, -32000, "generator", "--demo");
	expect(f, "generator.calibration", NULL, -32000, "generator", "--demo");
	expect(f, "stats.get", "{", -32700, NULL, "not JSON");
	expect(f, "stats.get", "[1,2", -32700, NULL, NULL);
}

static void *
stopper(void *arg)
{
	struct fixture *f = arg;

	control_stop(f->control);
	pthread_join(f->loop, NULL);
	return NULL;
}

// A call that waits for a slow store is answered when the loop ends, and the store's late answer
// goes nowhere.
static void
test_stop_while_calling(void **state)
{
	struct fixture f = {0};
	pthread_t thread;
	char *text = NULL;

	(void)state;
	assert_int_equal(fixture_start(&f, &no_listen), 0);
	f.app.store_delay_ms = 300;
	pthread_create(&thread, NULL, stopper, &f);
	assert_int_equal(control_call(f.control, "results.clear", NULL, &text), -32003);
	free(text);
	pthread_join(thread, NULL);
	assert_int_equal(control_call(f.control, "stats.get", NULL, &text), -32003);
	assert_non_null(strstr(text, "stopping"));
	free(text);
	control_free(f.control);
	fake_app_stop(&f.app);
}

static void
test_listen_errors(void **state)
{
	struct control_params p = {.listen = true, .address = "127.0.0.1"};
	struct control *first, *second;
	struct error err = {0};
	struct fake_app app;

	(void)state;
	fake_app_start(&app);
	first = control_create(&p, fake_ops(), &app, &err);
	assert_non_null(first);
	p.port = control_listen_port(first);
	assert_int_not_equal(p.port, 0);
	second = control_create(&p, fake_ops(), &app, &err);
	assert_null(second);
	assert_string_equal(err.field, "--listen");
	assert_non_null(strstr(err.text, "another program listens there"));
	control_free(first);
	p.address = "192.0.2.77";
	assert_null(control_create(&p, fake_ops(), &app, &err));
	assert_non_null(strstr(err.text, "--insecure-listen"));
	p.insecure = true;
	assert_null(control_create(&p, fake_ops(), &app, &err));
	assert_non_null(strstr(err.text, "no such address"));
	p.address = "somewhere";
	assert_null(control_create(&p, fake_ops(), &app, &err));
	fake_app_stop(&app);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_params, setup, teardown),
		cmocka_unit_test_setup_teardown(test_application_errors, setup, teardown),
		cmocka_unit_test(test_stop_while_calling),
		cmocka_unit_test(test_listen_errors),
	};

	return cmocka_run_group_tests_name("methods", tests, NULL, NULL);
}
