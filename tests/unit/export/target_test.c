/* SPDX-License-Identifier: BSD-3-Clause */
// Collectors as people write them.

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <netdb.h>
#include <rte_common.h>

#include "export/ipfix_target.h"

static void
good_lists(void **state)
{
	struct ipfix_target t[IPFIX_TARGETS_MAX];
	struct error err;

	(void)state;
	assert_int_equal(ipfix_targets_parse("192.0.2.1:4739", t, &err), 1);
	assert_false(t[0].tcp);
	assert_string_equal(t[0].host, "192.0.2.1");
	assert_int_equal(t[0].port, 4739);
	assert_string_equal(t[0].name, "udp:192.0.2.1:4739");
	assert_int_equal(ipfix_targets_parse("tcp:[2001:db8::1]:1,udp:collector.example:65535,a:2", t,
		&err), 3);
	assert_true(t[0].tcp && !t[1].tcp && !t[2].tcp);
	assert_string_equal(t[0].host, "2001:db8::1");
	assert_string_equal(t[0].name, "tcp:[2001:db8::1]:1");
	assert_string_equal(t[1].host, "collector.example");
	assert_int_equal(t[1].port, 65535);
	// the same place by another protocol is another collector
	assert_int_equal(ipfix_targets_parse("a:2,tcp:a:2", t, &err), 2);
}

static void
bad_lists(void **state)
{
	static const char *const texts[] = {"", "host", "host:", ":4739", "host:0", "host:65536",
		"host:x", "2001:db8::1:4739", "[::1]", "sctp:host:4739", "tcp:", "a:1,", ",a:1", "a:1,,b:1",
		"a:1,b:1,c:1,d:1,e:1", "a:1,a:1", "a:1,udp:a:1", "a:1 "};
	struct ipfix_target t[IPFIX_TARGETS_MAX];
	char host[600];

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(texts); i++) {
		struct error err = {0};

		if (ipfix_targets_parse(texts[i], t, &err) >= 0)
			fail_msg("'%s' is taken", texts[i]);
		assert_string_equal(err.field, "--ipfix");
	}
	memset(host, 'x', sizeof(host));
	for (unsigned int len = 250; len < 290; len++) {
		memcpy(host + len, ":4739", 6);
		if (len < IPFIX_HOST_MAX)
			assert_int_equal(ipfix_targets_parse(host, t, NULL), 1);
		else
			assert_true(ipfix_targets_parse(host, t, NULL) < 0);
		memset(host + len, 'x', 6);
	}
}

static void
look_up(void **state)
{
	struct ipfix_target t[IPFIX_TARGETS_MAX];
	struct error err = {0};

	(void)state;
	assert_int_equal(ipfix_targets_parse("[::1]:4739,no-such-host.invalid:1", t, &err), 2);
	assert_int_equal(ipfix_target_resolve(&t[0], &err), 0);
	assert_int_equal(t[0].addresses->ai_family, AF_INET6);
	ipfix_target_release(&t[0]);
	assert_null(t[0].addresses);
	assert_true(ipfix_target_resolve(&t[1], &err) < 0);
	assert_non_null(strstr(err.text, "'no-such-host.invalid' cannot be found"));
	ipfix_target_release(&t[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lists),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(look_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
