/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "access/users.h"
#include "access/verifier.h"
#include "base/clock.h"

struct outcome {
	uint32_t done;  // atomic
	bool good;
	uint64_t at_us;
};

static void
note(void *arg, bool good)
{
	struct outcome *o = arg;

	o->good = good;
	o->at_us = clock_monotonic_us();
	__atomic_add_fetch(&o->done, 1, __ATOMIC_RELEASE);
}

static void
wait_for(struct outcome *o)
{
	for (int i = 0; i < 3000 && __atomic_load_n(&o->done, __ATOMIC_ACQUIRE) == 0; i++)
		usleep(10000);
	assert_int_equal(__atomic_load_n(&o->done, __ATOMIC_ACQUIRE), 1);
}

static void
right_and_wrong(void **state)
{
	struct users *u = users_create();
	struct verifier *v = verifier_create();
	struct outcome right = {0}, wrong = {0}, nobody = {0};
	uint64_t begin = clock_monotonic_us();
	struct error err;
	const char *hash;

	(void)state;
	assert_int_equal(users_set_password(u, "a", ROLE_VIEWER, "a password", &err), 0);
	hash = u->user[0].password;
	assert_int_equal(verifier_ask(v, hash, "b password", false, note, &wrong), 0);
	assert_int_equal(verifier_ask(v, NULL, "a password", false, note, &nobody), 0);
	assert_int_equal(verifier_ask(v, hash, "a password", false, note, &right), 0);
	wait_for(&right);
	wait_for(&wrong);
	wait_for(&nobody);
	assert_true(right.good);
	assert_false(wrong.good);
	assert_false(nobody.good);
	// A wrong one is answered a second late, and holds up nobody.
	assert_true(wrong.at_us - begin >= CLOCK_US_PER_S);
	assert_true(nobody.at_us - begin >= CLOCK_US_PER_S);
	verifier_free(v);
	users_put(u);
}

static void
the_queue_is_bounded(void **state)
{
	struct verifier *v = verifier_create();
	struct outcome o[40] = {0};
	unsigned int taken = 0;

	(void)state;
	for (unsigned int i = 0; i < 40; i++)
		taken += verifier_ask(v, NULL, "x", false, note, &o[taken]) == 0;
	assert_int_equal(taken, 24);
	for (unsigned int i = 0; i < 40; i++)
		taken += verifier_ask(v, NULL, "x", true, note, &o[taken < 39 ? taken : 39]) == 0;
	assert_int_equal(taken, 32);
	verifier_free(v);
	for (unsigned int i = 0; i < taken; i++) {
		assert_int_equal(o[i].done, 1);
		assert_false(o[i].good);
	}
}

// Whoever is vouched for waits for one password of strangers at most.
static void
strangers_come_last(void **state)
{
	struct users *u = users_create();
	struct verifier *v = verifier_create();
	struct outcome stranger[4] = {0}, known = {0};
	struct error err;

	(void)state;
	assert_int_equal(users_set_password(u, "a", ROLE_VIEWER, "a password", &err), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(verifier_ask(v, u->user[0].password, "a password", false, note,
			&stranger[i]), 0);
	assert_int_equal(verifier_ask(v, u->user[0].password, "a password", true, note, &known), 0);
	for (unsigned int i = 0; i < 4; i++)
		wait_for(&stranger[i]);
	wait_for(&known);
	assert_true(known.good);
	assert_true(known.at_us < stranger[1].at_us);
	verifier_free(v);
	users_put(u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong),
		cmocka_unit_test(the_queue_is_bounded),
		cmocka_unit_test(strangers_come_last),
	};

	return access_init() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
