/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alias.h"
#include "apportion.h"
#include "plan.h"
#include "popularity.h"
#include "prng.h"

static void
zipf_masses_follow_the_ranks(void **state)
{
	const struct popularity zipf = {POPULARITY_ZIPF, 1.1}, uniform = {POPULARITY_UNIFORM, 0};
	double *m = calloc(50000, sizeof(*m)), sum = 0;

	(void)state;
	popularity_masses(&zipf, 50000, m);
	for (unsigned int i = 0; i < 50000; i++)
		sum += m[i];
	assert_float_equal(sum, 1, 1e-12);
	assert_float_equal(m[0] / m[1], pow(2, 1.1), 1e-9);
	assert_float_equal(m[9] / m[999], pow(100, 1.1), 1e-6);
	popularity_masses(&uniform, 50000, m);
	assert_float_equal(m[0], 1.0 / 50000, 1e-15);
	assert_float_equal(m[49999], 1.0 / 50000, 1e-15);
	free(m);
}

// What the columns of a table add up to is exactly what was asked, up to 2^-32 of a column.
static void
alias_table_keeps_the_masses(void **state)
{
	enum { N = 1000 };
	double masses[N], got[N] = {0};
	struct alias_table *t;

	(void)state;
	for (unsigned int i = 0; i < N; i++)
		masses[i] = i % 7 == 0 ? 0 : 1.0 / (i + 1) / 3;
	t = alias_create(masses, N);
	assert_non_null(t);
	for (unsigned int i = 0; i < N; i++) {
		double own = (t->columns[i].threshold + 1.0) / 0x1p32;

		got[i] += own / N;
		got[t->columns[i].other] += (1 - own) / N;
	}
	for (unsigned int i = 1; i < N; i++)
		assert_float_equal(got[i], masses[i] / (masses[1] / got[1]), 1e-9);
	alias_free(t);
}

// Pearson's chi-square over a million draws with a fixed seed: mean n - 1, deviation sqrt(2n).
static void
alias_draws_are_spread_as_asked(void **state)
{
	enum { N = 100, DRAWS = 1000000 };
	const struct popularity zipf = {POPULARITY_ZIPF, 1};
	double masses[N], chi = 0;
	unsigned int seen[N] = {0};
	struct alias_table *t;

	(void)state;
	popularity_masses(&zipf, N, masses);
	t = alias_create(masses, N);
	assert_non_null(t);
	for (unsigned int i = 0; i < DRAWS; i++) {
		uint32_t fraction;
		uint32_t column = alias_column(t, prng_word(1, i), &fraction);

		seen[alias_resolve(t, column, fraction)]++;
	}
	for (unsigned int i = 0; i < N; i++) {
		double want = masses[i] * DRAWS;

		chi += (seen[i] - want) * (seen[i] - want) / want;
	}
	assert_true(chi > N - 1 - 4 * sqrt(2 * N) && chi < N - 1 + 4 * sqrt(2 * N));
	alias_free(t);
}

static void
apportioned_masses_come_out_at_the_weights(void **state)
{
	enum { FLOWS = 20000 };
	const double weights[] = {50, 0, 25, 15, 9, 0.9, 0.1};
	const struct popularity zipf = {POPULARITY_ZIPF, 1.1};
	double *masses = calloc(FLOWS, sizeof(*masses)), got[7] = {0};
	struct apportion *a = apportion_create(weights, 7, 42);

	(void)state;
	assert_non_null(a);
	popularity_masses(&zipf, FLOWS, masses);
	for (unsigned int i = 0; i < FLOWS; i++)
		got[apportion_draw(a, masses[i])] += masses[i];
	assert_true(got[1] == 0);
	for (unsigned int i = 0; i < 7; i++)
		assert_float_equal(got[i], weights[i] / 100, 1e-4);
	apportion_free(a);
	free(masses);
}

static double
part_of(const struct plan *plan, const double *masses, uint32_t address, int protocol)
{
	double part = 0;

	for (uint32_t i = 0; i < plan->flow_count; i++)
		if ((address == UINT32_MAX || plan->labels[i].address == address) &&
				(protocol < 0 || plan->labels[i].asked == protocol))
			part += masses[i];
	return part;
}

static void
plan_keeps_both_lists_of_weights(void **state)
{
	struct profile *p = profile_of(generator_default_profile());
	struct plan *plan = plan_create(p, &(struct plan_parts){.names = support_names()}, NULL);
	double *masses = calloc(p->flows, sizeof(*masses));

	(void)state;
	assert_non_null(plan);
	popularity_masses(&p->popularity, p->flows, masses);
	for (uint32_t i = 0; i + 1 < p->address_entries; i++)
		assert_float_equal(part_of(plan, masses, i, -1), p->address_weights[i] / 100, 1e-4);
	for (uint32_t i = 0; i < p->protocol_count; i++)
		assert_float_equal(part_of(plan, masses, UINT32_MAX, (int)i),
			p->protocol_weights[i] / 100, 1e-4);
	// Of the busiest address, about the same part is of the first protocol as of all traffic.
	assert_float_equal(part_of(plan, masses, 0, 0) / part_of(plan, masses, 0, -1), 0.36, 0.1);
	free(masses);
	plan_free(plan);
	profile_free(p);
}

// The label of a flow is what Weir finds by its ports, seen from either end first.
static void
flows_are_known_by_their_ports(void **state)
{
	struct profile *p = profile_of("{\"addresses\": [\"192.0.2.1\", \"2001:db8::1\"],"
		" \"protocols\": [\"WireGuard\", \"TCP\", \"UDP\", \"ICMP\"], \"flows\": 20000}");
	struct plan *plan = plan_create(p, &(struct plan_parts){.names = support_names()}, NULL);

	(void)state;
	assert_non_null(plan);
	for (uint32_t i = 0; i < plan->flow_count; i++) {
		const struct plan_label *label = &plan->labels[i];
		const struct profile_protocol *q = &p->protocols[label->asked];
		const uint8_t *ports = (const uint8_t *)&plan->flows[i].ports;
		uint16_t client = (uint16_t)(ports[0] << 8 | ports[1]);
		uint16_t server = (uint16_t)(ports[2] << 8 | ports[3]);

		if (label->asked == 3) {
			assert_string_equal(protocol_name(support_names(), label->protocol),
				label->address == 0 ? "ICMP" : "ICMPv6");
			continue;
		}
		assert_string_equal(protocol_name(support_names(), label->protocol), q->name);
		assert_int_equal(protocol_lookup(support_names(), q->port.ip_proto, client, server),
			label->protocol);
		assert_int_equal(protocol_lookup(support_names(), q->port.ip_proto, server, client),
			label->protocol);
	}
	plan_free(plan);
	profile_free(p);
}

static int
flow_compare(const void *a, const void *b)
{
	const struct flow_frame *x = a, *y = b;
	int rc = memcmp(x->ip6, y->ip6, sizeof(x->ip6));

	rc = rc != 0 ? rc : memcmp(&x->ports, &y->ports, sizeof(x->ports));
	return rc != 0 ? rc : x->kind - y->kind;
}

static void
flows_with_ports_are_distinct(void **state)
{
	struct profile *p = profile_of("{\"addresses\": [\"192.0.2.1\"],"
		" \"protocols\": [\"HTTPS\"], \"flows\": 100000, \"peers\": {\"count\": 100}}");
	struct plan *plan = plan_create(p, &(struct plan_parts){.names = support_names()}, NULL);
	uint32_t same = 0;

	(void)state;
	assert_non_null(plan);
	qsort(plan->flows, plan->flow_count, sizeof(*plan->flows), flow_compare);
	for (uint32_t i = 1; i < plan->flow_count; i++)
		same += flow_compare(&plan->flows[i - 1], &plan->flows[i]) == 0;
	assert_int_equal(same, 0);
	plan_free(plan);
	profile_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zipf_masses_follow_the_ranks),
		cmocka_unit_test(alias_table_keeps_the_masses),
		cmocka_unit_test(alias_draws_are_spread_as_asked),
		cmocka_unit_test(apportioned_masses_come_out_at_the_weights),
		cmocka_unit_test(plan_keeps_both_lists_of_weights),
		cmocka_unit_test(flows_are_known_by_their_ports),
		cmocka_unit_test(flows_with_ports_are_distinct),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
