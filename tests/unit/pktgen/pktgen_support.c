/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <rte_eal.h>

#define POOL_PACKETS 1023
#define POOL_ROOM 9216

static struct rte_mempool *pool;
static struct protocol_table *names;

int
support_setup(void **state)
{
	char args[][32] = {"test", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"--lcores=0@0", "--log-level=4"};
	char *argv[8] = {args[0], args[1], args[2], args[3], args[4], args[5], args[6], NULL};

	(void)state;
	if (rte_eal_init(7, argv) < 0)
		return -1;
	pool = rte_pktmbuf_pool_create("test", POOL_PACKETS, 0, 0, POOL_ROOM, SOCKET_ID_ANY);
	names = protocol_table_create(NULL, NULL);
	return pool == NULL || names == NULL ? -1 : 0;
}

int
support_teardown(void **state)
{
	(void)state;
	protocol_table_free(names);
	if (rte_mempool_avail_count(pool) != POOL_PACKETS)
		return -1;  // a packet was not given back
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}

struct rte_mempool *
support_pool(void)
{
	return pool;
}

const struct protocol_table *
support_names(void)
{
	return names;
}

cJSON *
json_of(const char *text)
{
	cJSON *json = cJSON_Parse(text);

	assert_non_null(json);
	return json;
}

struct profile *
profile_of(const char *text)
{
	cJSON *json = json_of(text);
	struct error err = {0};
	struct profile *p = profile_create(json, names, &err);

	if (p == NULL)
		fail_msg("%s", err.text);
	cJSON_Delete(json);
	return p;
}

uint16_t
sink_send(void *arg, struct rte_mbuf **packets, uint16_t n)
{
	struct sink *s = arg;

	if (s->most != 0 && n > s->most)
		n = s->most;
	for (uint16_t i = 0; i < n; i++) {
		const uint8_t *frame = rte_pktmbuf_mtod(packets[i], const uint8_t *);

		assert_int_equal(packets[i]->pkt_len, packets[i]->data_len);
		for (uint32_t k = 0; k < packets[i]->pkt_len; k++)
			s->hash = (s->hash ^ frame[k]) * UINT64_C(0x100000001b3);
		if (s->each != NULL)
			s->each(s, frame, packets[i]->pkt_len);
	}
	s->packets += n;
	rte_pktmbuf_free_bulk(packets, n);
	return n;
}

struct generator *
generator_of(const char *text, struct sink *s, bool unpaced)
{
	const struct generator_params params = {.pool = pool, .send = sink_send, .send_arg = s,
		.protocols = names, .unpaced = unpaced, .answer_keys = true};
	cJSON *json = json_of(text);
	struct error err = {0};
	struct generator *g = generator_create(&params, json, &err);

	if (g == NULL)
		fail_msg("%s", err.text);
	cJSON_Delete(json);
	return g;
}

void
generator_poll_until(struct generator *g, const struct sink *s, uint64_t packets)
{
	while (s->packets < packets && !generator_done(g)) {
		generator_poll(g, 0);
		generator_answer_key_fold(g);
	}
}
