/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "access/bucket.h"
#include "control/budget.h"
#include "control/internal.h"

#define CALLS 3

struct world {
	struct control c;
	struct peer peer;
	struct caller caller;
};

// Who has a budget of CALLS calls, which does not come back while the test runs.
static struct world
world_make(void)
{
	static const struct bucket_rate rate = {
		.places = 8, .burst = CALLS, .refill_us = UINT64_C(1) << 50,
	};
	struct world w = {.caller = {.kind = CALLER_NOBODY}};

	assert_int_equal(access_init(), 0);
	w.c.users = users_create();
	w.c.calls = bucket_table_create(&rate);
	w.c.calls_of_nobody = bucket_table_create(&rate);
	assert_non_null(w.c.users);
	assert_non_null(w.c.calls);
	assert_non_null(w.c.calls_of_nobody);
	return w;
}

static void
world_free(struct world *w)
{
	users_put(w->c.users);
	bucket_table_free(w->c.calls);
	bucket_table_free(w->c.calls_of_nobody);
}

// A call from this address.
static bool
call(struct world *w, const char *from)
{
	struct listen_address a;

	assert_int_equal(listen_address_parse(from, 0, &a, NULL), 0);
	client_of_socket(&a.addr, &w->caller.client);
	w->caller.peer = &w->peer;
	return budget_call(&w->c, &w->caller);
}

static void
test_strangers(void **state)
{
	static const char *const of_one[] = {"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::1"};
	struct world w = world_make();

	(void)state;
	for (unsigned int i = 0; i < CALLS; i++)
		assert_true(call(&w, of_one[i]));
	assert_false(call(&w, "2001:db8::4"));
	assert_true(call(&w, "2001:db8:0:1::1"));
	for (unsigned int i = 0; i < CALLS; i++)
		assert_true(call(&w, "198.51.100.1"));
	assert_false(call(&w, "198.51.100.1"));
	assert_true(call(&w, "198.51.100.2"));
	world_free(&w);
}

static void
test_users(void **state)
{
	struct world w = world_make();

	(void)state;
	w.caller.kind = CALLER_USER;
	snprintf(w.caller.name, sizeof(w.caller.name), "anna");
	for (unsigned int i = 0; i < CALLS; i++)
		assert_true(call(&w, i % 2 != 0 ? "198.51.100.1" : "198.51.100.2"));
	assert_false(call(&w, "198.51.100.3"));
	w.caller.kind = CALLER_TOKEN;
	assert_true(call(&w, "198.51.100.3"));
	w.caller.kind = CALLER_NOBODY;
	assert_true(call(&w, "198.51.100.3"));
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_users),
	};

	return cmocka_run_group_tests_name("calls_budget", tests, NULL, NULL);
}
