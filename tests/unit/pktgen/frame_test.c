/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>

#include "flow_frame.h"
#include "frame_write.h"

// Checks frames byte by byte, with a checksum of its own: big-endian words, summed up one by one.

static uint32_t
sum_add(uint32_t sum, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t
word16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static void
frame_check(const uint8_t *f, uint32_t bytes, const struct flow_ends *e, unsigned int direction)
{
	const struct address *src = direction == 0 ? &e->client : &e->server;
	const struct address *dst = direction == 0 ? &e->server : &e->client;
	bool ip4 = src->version == 4;
	uint32_t address = ip4 ? 4 : 16, at = ip4 ? 26 : 22, l4 = ip4 ? 34 : 54;
	const uint8_t proto = f[ip4 ? 23 : 20];
	uint8_t pseudo[4] = {0, proto, (uint8_t)((bytes - l4) >> 8), (uint8_t)(bytes - l4)};
	uint32_t sum = 0;

	assert_int_equal(word16(f + 12), ip4 ? 0x0800 : 0x86dd);
	assert_int_equal(proto, e->ip_proto);
	assert_int_equal(f[14] >> 4, ip4 ? 4 : 6);
	assert_int_equal(word16(f + (ip4 ? 16 : 18)), ip4 ? bytes - 14 : bytes - 54);
	if (ip4)
		assert_int_equal(sum_add(0, f + 14, 20), 0xffff);
	assert_memory_equal(f + at, src->bytes, address);
	assert_memory_equal(f + at + address, dst->bytes, address);
	if (proto != IPPROTO_ICMP)
		sum = sum_add(sum_add(0, f + at, 2 * address), pseudo, sizeof(pseudo));
	assert_int_equal(sum_add(sum, f + l4, bytes - l4), 0xffff);
	if (proto == IPPROTO_TCP || proto == IPPROTO_UDP) {
		assert_int_equal(word16(f + l4), direction == 0 ? e->client_port : e->server_port);
		assert_int_equal(word16(f + l4 + 2),
			direction == 0 ? e->server_port : e->client_port);
	}
	if (proto == IPPROTO_UDP)
		assert_int_equal(word16(f + l4 + 4), bytes - l4);
}

static const uint8_t ip_protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP};

static struct flow_ends
ends_make(uint8_t ip_proto, uint8_t version, unsigned int variant)
{
	struct flow_ends e = {.client_port = (uint16_t)(49152 + variant), .server_port = 443,
		.ip_proto = ip_proto, .client_far = variant & 1,
		.sequence = {0xfffffff0u, variant}};

	address_parse(version == 4 ? "192.0.2.255" : "2001:db8::ffff:1", &e.client);
	address_parse(version == 4 ? "198.18.0.1" : "2001:2::9", &e.server);
	e.client.bytes[2] = (uint8_t)(variant * 37);
	if (ip_proto == IPPROTO_ICMP) {
		e.server_port = 0;
		if (version == 6)
			e.ip_proto = IPPROTO_ICMPV6;
	}
	return e;
}

static void
frames_are_right_in_every_kind_and_size(void **state)
{
	static const uint32_t sizes[] = {60, 61, 64, 74, 79, 80, 81, 100, 1518, 8999, 9000};
	struct frame_templates t;
	uint8_t frame[9000 + FRAME_HEADERS_MAX];

	(void)state;
	frame_templates_fill(&t);
	for (unsigned int variant = 0; variant < 66; variant++) {
		uint8_t version = variant & 2 ? 4 : 6;
		struct flow_ends e = ends_make(ip_protos[variant % 3], version, variant);
		struct flow_frame f;

		flow_frame_fill(&f, &e);
		for (unsigned int i = 0; i < 4 * sizeof(sizes) / sizeof(sizes[0]); i++) {
			uint32_t headers = frame_header_bytes[f.kind], bytes = sizes[i / 4];
			struct frame_step step = {i & 1, bytes > headers ? bytes - headers : 0, 0x10};
			uint32_t written;

			memset(frame, 0xa5, sizeof(frame));
			written = flow_frame_write(&t, &f, &step, frame);
			assert_int_equal(written, RTE_MAX(headers + step.payload, 60u));
			frame_check(frame, headers + step.payload, &e, i & 1);
			// Nothing is written beyond the room that was promised.
			assert_int_equal(frame[RTE_MAX(written, 80u)], 0xa5);
		}
	}
}

static uint32_t
word32(const uint8_t *p)
{
	return word16(p) << 16 | word16(p + 2);
}

static void
another_client_port_keeps_the_checksums(void **state)
{
	const struct frame_step step = {0, 20, 0};
	struct frame_templates t;
	uint8_t frame[128];

	(void)state;
	frame_templates_fill(&t);
	for (unsigned int i = 0; i < 60; i++) {
		struct flow_ends e = ends_make(ip_protos[i % 2], i & 4 ? 4 : 6, i);
		struct flow_frame f;

		flow_frame_fill(&f, &e);
		e.client_port = (uint16_t)(i * 1093);
		flow_frame_port_set(&f, rte_cpu_to_be_16(e.client_port));
		frame_check(frame, flow_frame_write(&t, &f, &step, frame), &e, 0);
	}
}

// Sequence numbers count data, SYN and FIN, and wrap.
static void
tcp_counts(void **state)
{
	static const struct frame_step steps[] = {{0, 0, 0x02}, {1, 0, 0x12}, {0, 100, 0x18},
		{0, 0, 0x11}, {1, 0, 0x10}};
	static const uint32_t seqs[] = {0xfffffff0u, 0, 0xfffffff1u, 0x55, 1};
	static const uint32_t acks[] = {0, 0xfffffff1u, 1, 1, 0x56};
	struct flow_ends e = ends_make(IPPROTO_TCP, 4, 0);
	uint8_t frame[1600];
	struct frame_templates t;
	struct flow_frame f;

	(void)state;
	frame_templates_fill(&t);
	flow_frame_fill(&f, &e);
	for (unsigned int i = 0; i < 5; i++) {
		flow_frame_write(&t, &f, &steps[i], frame);
		assert_int_equal(frame[47], steps[i].flags);
		assert_int_equal(word32(frame + 38), seqs[i]);
		assert_int_equal(word32(frame + 42), acks[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_right_in_every_kind_and_size),
		cmocka_unit_test(another_client_port_keeps_the_checksums),
		cmocka_unit_test(tcp_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
