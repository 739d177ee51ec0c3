/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/http.h"
#include "control/internal.h"
#include "query/networks.h"

static struct listen_address
address(const char *text)
{
	struct listen_address a;

	assert_int_equal(listen_address_parse(text, 8080, &a, NULL), 0);
	return a;
}

static void
hosts_expect(const char *listen, const char *const *hosts, bool good)
{
	struct listen_address a = address(listen);

	for (size_t i = 0; hosts[i] != NULL; i++)
		if (guard_host(&a, NULL, hosts[i]) != good)
			fail_msg("listening on %s, Host '%s' was %s", listen, hosts[i],
				good ? "refused" : "accepted");
}

static void
test_loopback_hosts(void **state)
{
	static const char *const good[] = {"127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1",
		"127.1.2.3:80", "[::1]", "[::1]:8080", NULL};
	static const char *const bad[] = {"", "evil.example", "evil.example:8080", "192.0.2.1",
		"localhost.evil.example", "127.0.0.1.evil.example", "localhost:8080x",
		"localhost,evil.example", "::1", "[::1", "[]:80", ":8080", "0x7f.1", "[2001:db8::1]",
		"localhost:80:80", "[::1]evil", "user@localhost", NULL};
	char own[256];
	const char *own_host[] = {own, NULL};

	(void)state;
	hosts_expect("127.0.0.1", good, true);
	hosts_expect("127.0.0.1", bad, false);
	hosts_expect("::1", good, true);
	hosts_expect("::1", bad, false);
	assert_int_equal(gethostname(own, sizeof(own)), 0);
	hosts_expect("127.0.0.1", own_host, strcasecmp(own, "localhost") == 0);
	hosts_expect("0.0.0.0", own_host, true);
}

static void
test_other_hosts(void **state)
{
	static const char *const good[] = {"192.0.2.1:8080", "192.0.2.1", "127.0.0.1", "localhost",
		NULL};
	static const char *const bad[] = {"192.0.2.2", "evil.example", NULL};
	static const char *const any[] = {"192.0.2.2", "[2001:db8::1]:80", "localhost", NULL};
	static const char *const never[] = {"evil.example", "evil.example:80", NULL};

	(void)state;
	hosts_expect("192.0.2.1", good, true);
	hosts_expect("192.0.2.1", bad, false);
	hosts_expect("0.0.0.0", any, true);
	hosts_expect("0.0.0.0", never, false);
	hosts_expect("::", any, true);
}

static void
test_given_names(void **state)
{
	struct listen_address a = address("127.0.0.1");
	cJSON *names = cJSON_Parse("[\"weir.example.org\",\"2001:db8::1\"]");

	(void)state;
	assert_true(guard_host(&a, names, "weir.example.org"));
	assert_true(guard_host(&a, names, "Weir.Example.Org:8443"));
	assert_true(guard_host(&a, names, "[2001:db8::1]:80"));
	assert_false(guard_host(&a, names, "weir.example.org.evil.example"));
	assert_false(guard_host(&a, names, "evil.weir.example.org"));
	assert_false(guard_host(&a, names, "example.org"));
	assert_true(guard_host(&a, names, "localhost"));
	cJSON_Delete(names);
}

static void
forwarded_expect(const struct network_set *trusted, const char *header, const char *client)
{
	struct client found;
	char text[128];

	snprintf(text, sizeof(text), "%s", header);
	if (client == NULL)
		assert_int_equal(client_of_forwarded(trusted, text, &found), -EINVAL);
	else
		assert_int_equal(client_of_forwarded(trusted, text, &found), 0);
	if (client != NULL)
		assert_string_equal(found.text, client);
}

// What the client wrote itself stands before what proxies add, and is not believed.
static void
test_forwarded(void **state)
{
	cJSON *list = cJSON_Parse("[\"127.0.0.1\",\"10.0.0.0/8\",\"2001:db8:1::/48\"]");
	struct error_list errors = {.count = 0};
	struct network_set *trusted = network_set_create(list, "x", &errors);
	static const char *const bad[] = {"", ",", "unknown", "192.0.2.1,", "192.0.2.1, unknown",
		"192.0.2.256", "[2001:db8::1", "[192.0.2.1]x", "_hidden", "example.org", "192.0.2.1 192.0.2.2", NULL};

	(void)state;
	forwarded_expect(trusted, "192.0.2.1", "192.0.2.1");
	forwarded_expect(trusted, "127.0.0.1, 198.51.100.7 , 192.0.2.1", "192.0.2.1");
	forwarded_expect(trusted, "192.0.2.9, 192.0.2.1, 10.1.2.3,10.9.9.9:443", "192.0.2.1");
	forwarded_expect(trusted, "garbage, 192.0.2.1, 10.1.2.3", "192.0.2.1");
	forwarded_expect(trusted, "10.1.1.1, 10.2.2.2", "10.1.1.1");
	forwarded_expect(trusted, "[2001:db8::1]:443, 2001:db8:1::5", "2001:db8::1");
	forwarded_expect(trusted, "2001:db8::1", "2001:db8::1");
	forwarded_expect(trusted, "::ffff:192.0.2.1, ::ffff:10.0.0.1", "192.0.2.1");
	forwarded_expect(NULL, "192.0.2.1, 10.1.2.3", "10.1.2.3");
	for (size_t i = 0; bad[i] != NULL; i++)
		forwarded_expect(trusted, bad[i], NULL);
	network_set_free(trusted);
	cJSON_Delete(list);
}

static void
test_origins(void **state)
{
	(void)state;
	assert_true(guard_origin("http://localhost:8080", "localhost:8080", false));
	assert_true(guard_origin("HTTPS://LocalHost", "localhost", false));
	assert_true(guard_origin("http://[::1]:8080", "[::1]:8080", false));
	assert_false(guard_origin("http://localhost:8081", "localhost:8080", false));
	assert_false(guard_origin("http://localhost", "localhost:8080", false));
	assert_false(guard_origin("null", "localhost:8080", false));
	assert_false(guard_origin("", "localhost:8080", false));
	assert_false(guard_origin("http://evil.example", "localhost:8080", false));
	assert_false(guard_origin("http://localhost:8080.evil.example", "localhost:8080", false));
	assert_false(guard_origin("file://", "", false));
	assert_true(guard_origin("https://localhost:8080", "localhost:8080", true));
	assert_false(guard_origin("http://localhost:8080", "localhost:8080", true));
}

static void
test_addresses(void **state)
{
	struct listen_address a;
	struct error err = {0};

	(void)state;
	assert_true(address("127.0.0.1").loopback);
	assert_true(address("127.9.9.9").loopback);
	assert_true(address("::1").loopback);
	assert_true(address("::ffff:127.0.0.1").loopback);
	assert_false(address("0.0.0.0").loopback);
	assert_true(address("0.0.0.0").wildcard);
	assert_true(address("::").wildcard);
	assert_false(address("10.0.0.1").loopback);
	assert_true(listen_address_parse("localhost", 1, &a, &err) < 0);
	assert_string_equal(err.field, "--listen");
	assert_true(listen_address_parse("127.0.0.1:80", 1, &a, &err) < 0);
	assert_true(listen_address_parse("", 1, &a, &err) < 0);
}

static void
test_components(void **state)
{
	(void)state;
	assert_true(http_static_component_ok("index-B4kq_x9Z.js", 17));
	assert_false(http_static_component_ok("..", 2));
	assert_false(http_static_component_ok(".git", 4));
	assert_false(http_static_component_ok("", 0));
	assert_false(http_static_component_ok("a\\b", 3));
	assert_false(http_static_component_ok("a b", 3));
	assert_false(http_static_component_ok("a%", 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loopback_hosts),
		cmocka_unit_test(test_other_hosts),
		cmocka_unit_test(test_given_names),
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_components),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
