/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "access/attempts.h"
#include "access/device.h"
#include "base/clock.h"

static const struct user anna = {.name = "anna", .password = "$argon2id$v=19$m=1,t=1,p=1$a$b"};
static const struct user vera = {.name = "vera", .password = "$argon2id$v=19$m=1,t=1,p=1$c$d"};

static struct throttle_key
address(uint32_t i)
{
	return (struct throttle_key){{9, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
}

// One attempt; gives what attempt_begin() does. *ret_of_user may be NULL.
static unsigned int
attempt(struct attempts *a, const struct user *user, uint32_t from, bool local, const char *device,
	enum throttle_outcome outcome, uint64_t now, bool *ret_of_user)
{
	struct throttle_key key = address(from);
	bool of_user;
	struct attempt t;
	unsigned int seconds = attempt_begin(a, user->name, user, &key, local, device, now, &t,
		&of_user);

	if (seconds == 0)
		attempt_end(a, &t, outcome, now);
	if (ret_of_user != NULL)
		*ret_of_user = of_user;
	return seconds;
}

// Guess as long as it is let, each time from another address; how often that was.
static unsigned int
guess_from_everywhere(struct attempts *a, uint64_t now)
{
	static uint32_t from;
	unsigned int n = 0;

	while (n < 1000 && attempt(a, &anna, ++from, false, "", THROTTLE_WRONG, now, NULL) == 0)
		n++;
	return n;
}

static void
many_sources_are_bounded_by_user(void **state)
{
	struct attempts *a = attempts_create();
	uint64_t now = CLOCK_US_PER_S;
	unsigned int guesses = 0;
	bool of_user;

	(void)state;
	assert_int_equal(guess_from_everywhere(a, now), ATTEMPTS_OF_USER);
	for (int i = 0; i < 24 * 60; i++)
		guesses += guess_from_everywhere(a, now += 60 * CLOCK_US_PER_S);
	assert_int_equal(guesses, 24 * 60 * 2);
	assert_int_equal(attempt(a, &anna, 1000000, false, "", THROTTLE_GOOD, now, &of_user), 30);
	assert_true(of_user);
	assert_int_equal(attempt(a, &vera, 1000001, false, "", THROTTLE_GOOD, now, NULL), 0);
	attempts_free(a);
}

static void
the_true_user_gets_in(void **state)
{
	struct attempts *a = attempts_create();
	char device[DEVICE_LEN], of_vera[DEVICE_LEN];
	uint64_t now = CLOCK_US_PER_S;

	(void)state;
	device_make(&anna, device);
	device_make(&vera, of_vera);
	guess_from_everywhere(a, now);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(attempt(a, &anna, 2000000 + i, false, device, THROTTLE_GOOD, now, NULL), 0);
	assert_int_equal(attempt(a, &anna, 3000000, true, "", THROTTLE_GOOD, now, NULL), 0);
	assert_int_not_equal(attempt(a, &anna, 3000001, false, of_vera, THROTTLE_GOOD, now, NULL), 0);
	// Whoever has the cookie only may guess as slowly as from one address, wherever it is from.
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(attempt(a, &anna, 4000000 + i, false, device, THROTTLE_WRONG, now, NULL), 0);
	assert_int_equal(attempt(a, &anna, 4000009, false, device, THROTTLE_GOOD, now, NULL), 1);
	attempts_free(a);
}

// Right passwords use nothing up, nor what was not compared.
static void
what_was_right_is_given_back(void **state)
{
	struct attempts *a = attempts_create();
	uint64_t now = CLOCK_US_PER_S;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(attempt(a, &anna, i, false, "", i % 2 ? THROTTLE_GOOD :
			THROTTLE_NEITHER, now, NULL), 0);
	assert_int_equal(guess_from_everywhere(a, now), ATTEMPTS_OF_USER);
	attempts_free(a);
}

// Names of nobody are counted as those of users are, and take no user's place.
static void
names_of_nobody(void **state)
{
	struct attempts *a = attempts_create();
	uint64_t now = CLOCK_US_PER_S;
	struct throttle_key key;
	struct attempt t;
	char name[16];
	unsigned int n;
	bool of_user;

	(void)state;
	guess_from_everywhere(a, now);
	for (n = 0; n < 1000; n++) {
		key = address(5000000 + n);
		if (attempt_begin(a, "nobody", NULL, &key, false, "", now, &t, &of_user) != 0)
			break;
		attempt_end(a, &t, THROTTLE_WRONG, now);
	}
	assert_int_equal(n, ATTEMPTS_OF_USER);
	for (uint32_t i = 0; i < 10000; i++) {
		key = address(6000000 + i);
		snprintf(name, sizeof(name), "n%u", i);
		assert_int_equal(attempt_begin(a, name, NULL, &key, false, "", now, &t, &of_user), 0);
		attempt_end(a, &t, THROTTLE_WRONG, now);
	}
	assert_int_equal(guess_from_everywhere(a, now), 0);
	attempts_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_sources_are_bounded_by_user),
		cmocka_unit_test(the_true_user_gets_in),
		cmocka_unit_test(what_was_right_is_given_back),
		cmocka_unit_test(names_of_nobody),
	};

	return access_init() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
