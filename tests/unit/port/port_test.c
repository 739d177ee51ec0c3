/* SPDX-License-Identifier: BSD-3-Clause */
// Ports and several workers: whether the driver confirms that both directions of a flow meet. The
// driver is net_null, which keeps whatever it is told; --wrap makes it answer otherwise.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <rte_dev.h>
#include <rte_ethdev.h>

#include "eal_support.h"
#include "port/port.h"
#include "port/port_rss.h"

// What the driver answers.
static enum {
	ANSWER_TRUE,
	ANSWER_NOTHING,      // the call is not there
	ANSWER_OTHER_KEY,
	ANSWER_KEY_LATE,     // byte 39 differs
	ANSWER_NO_TYPES,
	ANSWER_MORE_TYPES,   // it hashes TCP ports besides
	ANSWER_INNER,        // it looks into tunnels
} answer;

int __real_rte_eth_dev_rss_hash_conf_get(uint16_t id, struct rte_eth_rss_conf *conf);
int __wrap_rte_eth_dev_rss_hash_conf_get(uint16_t id, struct rte_eth_rss_conf *conf);

int
__wrap_rte_eth_dev_rss_hash_conf_get(uint16_t id, struct rte_eth_rss_conf *conf)
{
	int rc = __real_rte_eth_dev_rss_hash_conf_get(id, conf);

	if (answer == ANSWER_NOTHING)
		return -ENOTSUP;
	if (answer == ANSWER_OTHER_KEY)
		memset(conf->rss_key, 0x6d, 40);
	if (answer == ANSWER_KEY_LATE)
		conf->rss_key[39] ^= 1;
	if (answer == ANSWER_NO_TYPES)
		conf->rss_hf = 0;
	if (answer == ANSWER_MORE_TYPES)
		conf->rss_hf |= RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	if (answer == ANSWER_INNER)
		conf->rss_hf |= RTE_ETH_RSS_LEVEL_INNERMOST;
	return rc;
}

static struct rte_mempool *pool;

static int
suite_setup(void **state)
{
	if (eal_setup(state) != 0)
		return -1;
	pool = rte_pktmbuf_pool_create("port", 8191, 0, 0, 2176, SOCKET_ID_ANY);
	return pool == NULL;
}

static int
suite_teardown(void **state)
{
	rte_mempool_free(pool);
	return eal_teardown(state);
}

// A new port, opened and closed again.
static struct port
open_port(struct port_wish wish)
{
	struct rte_mbuf *m[4];
	struct port p = {0};
	struct error err;
	uint16_t id;

	assert_int_equal(rte_eal_hotplug_add("vdev", "net_null7", "size=64"), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name("net_null7", &id), 0);
	assert_int_equal(port_open(id, &wish, pool, &p, &err), 0);
	// Whatever became of it, it runs.
	for (uint16_t q = 0; q < p.queues; q++) {
		uint16_t n = rte_eth_rx_burst(id, q, m, 4);

		assert_int_equal(n, 4);
		rte_pktmbuf_free_bulk(m, n);
	}
	port_stop(&p);
	port_close(&p);
	rte_eal_hotplug_remove("vdev", "net_null7");
	return p;
}

static void
one_worker_needs_nothing(void **state)
{
	struct port p;

	(void)state;
	answer = ANSWER_NOTHING;
	p = open_port((struct port_wish){.workers = 1});
	assert_int_equal(p.spread, PORT_SPREAD_NONE);
	assert_int_equal(p.queues, 1);
}

static void
confirmed(void **state)
{
	struct port p;

	(void)state;
	answer = ANSWER_TRUE;
	p = open_port((struct port_wish){.workers = 3});
	assert_int_equal(p.spread, PORT_SPREAD_RSS);
	assert_int_equal(p.queues, 3);
	assert_string_equal(port_rss_tuple(p.rss_types), "addresses_ports");
	// Fragments have to meet, or tunnels are opened and the driver sees outer headers only.
	for (unsigned int i = 0; i < 2; i++) {
		p = open_port((struct port_wish){.workers = 2, .by_addresses = i == 0,
			.inner = i == 1});
		assert_int_equal(p.spread, PORT_SPREAD_RSS);
		assert_string_equal(port_rss_tuple(p.rss_types), "addresses");
	}
}

static void
not_confirmed(void **state)
{
	(void)state;
	for (answer = ANSWER_NOTHING; answer <= ANSWER_INNER; answer++) {
		struct port p = open_port((struct port_wish){.workers = 2,
			.by_addresses = answer == ANSWER_MORE_TYPES});

		assert_int_equal(p.spread, PORT_SPREAD_SOFTWARE);
		assert_int_equal(p.queues, 1);
	}
}

static void
too_few_queues(void **state)
{
	struct rte_eth_dev_info info = {.max_rx_queues = 4};

	(void)state;
	assert_false(port_rss_possible(&info));
	info.flow_type_rss_offloads = RTE_ETH_RSS_IPV4;
	assert_true(port_rss_possible(&info));
	info.max_rx_queues = 1;
	assert_false(port_rss_possible(&info));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_worker_needs_nothing),
		cmocka_unit_test(confirmed),
		cmocka_unit_test(not_confirmed),
		cmocka_unit_test(too_few_queues),
	};

	return cmocka_run_group_tests(tests, suite_setup, suite_teardown);
}
