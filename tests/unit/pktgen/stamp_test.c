/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <stdlib.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_tcp.h>

#include "latency.h"
#include "stamp.h"

// Time stamps in the payload: which packets carry one, checksums, and that nothing else changes.

#define PACKETS 4000
#define EVERY 3
#define FRAME_ROOM 2048
#define PROFILE(size, more) "{\"addresses\": [\"192.0.2.1\", \"2001:db8::1\"], \"protocols\":" \
	" [\"HTTPS\", \"DNS\", \"ICMP\"], \"flows\": 100, \"packets\": 4000, \"size\": " size more "}"
#define SIZES "{\"type\": \"uniform\", \"min\": 60, \"max\": 131}"

struct frames {
	uint8_t bytes[PACKETS][FRAME_ROOM];
	uint32_t len[PACKETS];
	uint32_t count;
};

static void
frame_keep(struct sink *s, const uint8_t *frame, uint32_t bytes)
{
	struct frames *f = s->arg;

	assert_true(f->count < PACKETS && bytes <= FRAME_ROOM);
	memcpy(f->bytes[f->count], frame, bytes);
	f->len[f->count++] = bytes;
}

// *ret_tag gets the tag of the stamps, 0 for none.
static struct frames *
frames_of(const char *text, uint64_t *ret_tag)
{
	struct frames *f = calloc(1, sizeof(*f));
	struct sink s = {.each = frame_keep, .arg = f};
	struct generator *g = generator_of(text, &s, true);

	assert_non_null(f);
	*ret_tag = generator_stamp_tag(g);
	generator_start(g);
	generator_poll_until(g, &s, UINT64_MAX);
	assert_int_equal(f->count, PACKETS);
	generator_free(g);
	return f;
}

// Where the checksum of the L4 header is, from the frame's begin.
static uint32_t
checksum_at(const uint8_t *frame)
{
	bool ip6 = frame[12] == 0x86;
	uint8_t proto = ip6 ? frame[20] : frame[23];

	return (ip6 ? 54u : 34u) + (proto == 6 ? 16u : proto == 17 ? 6u : 2u);
}

// Against DPDK's own sums over the whole packet.
static void
checksum_check(const uint8_t *frame, uint32_t len)
{
	const uint32_t at = checksum_at(frame);
	uint8_t copy[FRAME_ROOM];
	const struct rte_ipv4_hdr *ip4 = (const void *)(copy + 14);
	const struct rte_ipv6_hdr *ip6 = (const void *)(copy + 14);
	uint16_t sum;

	memcpy(copy, frame, len);
	memset(copy + at, 0, 2);
	if (frame[12] == 0x86)
		sum = rte_ipv6_udptcp_cksum(ip6, ip6 + 1);
	else if (ip4->next_proto_id != 1)
		sum = rte_ipv4_udptcp_cksum(ip4, ip4 + 1);
	else
		sum = (uint16_t)~rte_raw_cksum(ip4 + 1,
			rte_be_to_cpu_16(ip4->total_length) - sizeof(*ip4));
	assert_memory_equal(&sum, frame + at, 2);
}

static uint32_t
payload_bytes(const uint8_t *frame)
{
	bool ip6 = frame[12] == 0x86;
	uint8_t proto = ip6 ? frame[20] : frame[23];
	uint32_t l4 = ip6 ? (uint32_t)(frame[18] << 8 | frame[19]) :
		(uint32_t)(frame[16] << 8 | frame[17]) - 20;

	return l4 - (proto == 6 ? 20 : 8);
}

// Beside the same profile without stamps.
static void
stamped_packets_differ_in_stamp_and_checksum_only(void **state)
{
	uint64_t tag, none, time, before = rte_rdtsc();
	struct frames *plain = frames_of(PROFILE(SIZES, ""), &none);
	struct frames *f = frames_of(PROFILE(SIZES, ", \"timestamps\": 3"), &tag);
	uint32_t stamped = 0, odd = 0;

	(void)state;
	assert_int_equal(none, 0);
	assert_true(tag >> 63 == 1);
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint8_t *a = plain->bytes[i], *b = f->bytes[i];
		uint32_t len = f->len[i], sum = checksum_at(b);
		bool has = stamp_read(b + len, tag, &time);

		assert_int_equal(plain->len[i], len);
		assert_int_equal(has, i % EVERY == 0 && payload_bytes(b) >= STAMP_BYTES);
		if (has) {
			assert_true(time > before && time < rte_rdtsc());
			checksum_check(b, len);
			stamped++;
			odd += len & 1;
			memset(b + len - STAMP_BYTES, 0, STAMP_BYTES);
			memcpy(b + sum, a + sum, 2);
		}
		assert_memory_equal(a, b, len);
	}
	assert_true(stamped > PACKETS / EVERY / 2 && odd > stamped / 4);
	free(plain);
	free(f);
}

static void
encapsulated_packets_carry_it_at_their_end(void **state)
{
	uint64_t tag, time;
	struct frames *f = frames_of(PROFILE("{\"type\": \"fixed\", \"bytes\": 201}",
		", \"timestamps\": 1, \"encapsulation\": [{\"type\": \"vxlan\", \"vni\": 5}]"), &tag);
	uint32_t stamped = 0;

	(void)state;
	for (uint32_t i = 0; i < PACKETS; i++) {
		bool has = stamp_read(f->bytes[i] + f->len[i], tag, &time);

		// All but what opens a TCP flow: Ethernet, IPv4, UDP and VXLAN are 50 bytes.
		assert_int_equal(has, f->len[i] == 201);
		stamped += has;
		if (has)
			checksum_check(f->bytes[i] + 50, f->len[i] - 50);
	}
	assert_true(stamped > PACKETS * 9 / 10);
	free(f);
}

static void
profile_needs_room(void **state)
{
	struct error err = {0};
	cJSON *json = json_of("{\"addresses\": [\"192.0.2.1\"], \"protocols\": [\"HTTPS\"], \"size\":"
		" {\"type\": \"fixed\", \"bytes\": 69}, \"timestamps\": 1}");

	(void)state;
	assert_null(profile_create(json, support_names(), &err));
	assert_string_equal(err.field, "timestamps");
	cJSON_SetNumberValue(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "size"), "bytes"), 70);
	profile_free(profile_create(json, support_names(), &err));
	cJSON_SetNumberValue(cJSON_GetObjectItem(json, "timestamps"), 0.5);
	assert_null(profile_create(json, support_names(), &err));
	assert_string_equal(err.field, "timestamps");
	cJSON_Delete(json);
}

// A packet with a stamp of `ago` nanoseconds before now.
static void
meter_feed(struct latency_meter *m, uint64_t tag, uint64_t stamped, uint64_t now, uint64_t ago)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(support_pool());
	uint64_t sent = now - (uint64_t)((double)ago * (double)rte_get_tsc_hz() / 1e9);
	uint64_t words[2] = {rte_cpu_to_be_64(stamped), rte_cpu_to_be_64(sent)};

	assert_non_null(packet);
	memset(rte_pktmbuf_append(packet, 60), 0, 60);
	memcpy(rte_pktmbuf_mtod_offset(packet, uint8_t *, 60 - sizeof(words)), words, sizeof(words));
	latency_meter_burst(m, tag, &packet, 1, now);
	rte_pktmbuf_free(packet);
}

static void
meter_tells_quantiles_and_jitter(void **state)
{
	static struct latency_meter m;
	struct latency_total total = {0};
	struct latency_summary s;
	uint64_t now = rte_get_tsc_hz() * 1000;

	(void)state;
	// 1000 packets, 10 and 12 us in turn, one of 1 ms; and one of another generator.
	for (unsigned int i = 0; i < 999; i++)
		meter_feed(&m, 5, 5, now, i % 2 == 0 ? 10000 : 12000);
	meter_feed(&m, 5, 5, now, 1000000);
	meter_feed(&m, 5, 6, now, 77);
	latency_total_add(&total, &m, 5);
	latency_total_add(&total, &m, 6);  // not its tag: nothing
	latency_summarize(&total, &s);
	assert_int_equal(s.packets, 1000);
	assert_in_range(s.p50, 9990, 10700);
	assert_in_range(s.p99, 11990, 12800);
	assert_in_range(s.p999, 11990, 12800);
	assert_in_range(s.max, 999000, 1001000);
	assert_in_range((uint64_t)s.jitter, 2950, 3010);  // (998 * 2000 + 990000) / 999
	// Another tag begins anew.
	meter_feed(&m, 9, 9, now, 5000);
	memset(&total, 0, sizeof(total));
	latency_total_add(&total, &m, 9);
	latency_summarize(&total, &s);
	assert_int_equal(s.packets, 1);
	assert_true(s.jitter == 0);
	assert_in_range(s.max, 4990, 5010);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamped_packets_differ_in_stamp_and_checksum_only),
		cmocka_unit_test(encapsulated_packets_carry_it_at_their_end),
		cmocka_unit_test(profile_needs_room),
		cmocka_unit_test(meter_tells_quantiles_and_jitter),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
