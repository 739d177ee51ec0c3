/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "flow_log.h"
#include "pktgen_support.h"

// Records of flows: lines, names, and the packets that are made of a record.

static char path[] = "/tmp/weir-flow-log-XXXXXX";

static int
file_setup(void **state)
{
	int fd = mkstemp(path);

	if (fd < 0 || support_setup(state) != 0)
		return -1;
	return close(fd);
}

static int
file_teardown(void **state)
{
	unlink(path);
	return support_teardown(state);
}

static void
file_write(const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct replay_spec
spec_of(const char *more)
{
	struct replay_spec s = {0};
	struct error err = {0};
	char text[256];
	cJSON *json;

	snprintf(text, sizeof(text), "{\"replay\": {\"logs\": \"%s\"%s}}", path, more);
	json = json_of(text);
	if (replay_spec_read(&s, json, &err) != 0)
		fail_msg("%s", err.text);
	cJSON_Delete(json);
	return s;
}

static struct flow_log *
log_of(const char *text, const char *more)
{
	struct replay_spec s = spec_of(more);
	struct error err = {0};
	struct flow_log *log;

	file_write(text);
	log = flow_log_read(&s, &err);
	if (log == NULL)
		fail_msg("%s", err.text);
	return log;
}

static void
a_line_says_the_same_as_columns_and_as_members(void **state)
{
	char csv[] = "1.5,2,A,B,6,Port00080,80,1,2,100,200";
	char json[] = "{\"dstbytes\":200,\"srcbytes\":100,\"dstpackets\":2,\"srcpackets\":1,"
		"\"dstport\":80,\"srcport\":\"Port00080\",\"protocol\":6,\"dstdevice\":\"B\","
		"\"srcdevice\":\"A\",\"duration\":2,\"time\":1.5}";
	struct flow_log_line a = {0}, b = {0};

	(void)state;
	assert_int_equal(flow_log_line_parse(csv, &a, NULL), 0);
	assert_int_equal(flow_log_line_parse(json, &b, NULL), 0);
	assert_int_equal(a.time_ns, UINT64_C(1500000000));
	assert_int_equal(a.port[0], FLOW_LOG_PORT_NAMED + 80);
	assert_int_equal(a.port[1], 80);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
records_are_in_the_order_of_their_times(void **state)
{
	struct flow_log *log = log_of("3,0,A,B,17,1,2,1,0,60,0\n1,0,A,B,17,3,4,1,0,60,0\n"
		"3,0,A,B,17,5,6,1,0,60,0", "");

	(void)state;
	assert_int_equal(log->count, 3);
	assert_int_equal(log->records[0].port[0], 3);
	assert_int_equal(log->records[1].port[0], 1);
	assert_int_equal(log->records[2].port[0], 5);
	flow_log_free(log);
}

static void
addresses_and_ports_of_the_records_are_given_to_no_name(void **state)
{
	struct flow_log *log = log_of("1,0,A,10.0.0.1,17,Port7,49152,1,0,60,0\n"
		"1,0,B,10.0.0.3,17,Port8,49154,1,0,60,0\n", "");
	struct flow_log_device **d = log->names.devices;
	char text[ADDRESS_TEXT_LEN];

	(void)state;
	assert_string_equal(d[0]->name, "A");
	assert_string_equal(address_format(&d[0]->address, text), "10.0.0.2");
	assert_string_equal(d[2]->name, "B");
	assert_string_equal(address_format(&d[2]->address, text), "10.0.0.4");
	assert_int_equal(log->records[0].port[0], 49153);
	assert_int_equal(log->records[1].port[0], 49155);
	flow_log_free(log);
}

static void
too_small_a_prefix_is_an_error(void **state)
{
	struct replay_spec s = spec_of(", \"devices\": \"10.9.0.0/30\"");
	struct error err = {0};

	(void)state;
	file_write("1,0,A,B,17,1,2,1,0,60,0\n1,0,A,C,17,1,2,1,0,60,0\n");
	assert_null(flow_log_read(&s, &err));
	assert_string_equal(err.field, "replay.devices");
	assert_non_null(strstr(err.text, "2 hosts"));
}

static void
what_cannot_be_sent_is_counted_by_its_reason(void **state)
{
	struct flow_log *log = log_of("1,0,A,B,17,1,2,2,0,119,0\n"  // 59.5 bytes a packet
		"1,0,A,B,17,1,2,2,1,120,60\n"
		"1,0,A,B,17,1,2,1,0,1515,0\n"
		"1,0,A,B,17,1,2,1,0,60,1\n"   // bytes without packets
		"1,0,A,B,17,1,2,0,0,0,0\n"
		"1,0,A,B,47,1,2,1,0,60,0\n"
		"1,0,A,::1,17,1,2,1,0,60,0\n"
		"1,0,A,B,58,1,2,1,0,80,0\n"   // ICMPv6 over IPv4
		"1,0,::2,::1,6,1,2,1,0,73,0\n", "");  // headers alone are 74

	(void)state;
	assert_int_equal(log->count, 1);
	assert_int_equal(log->refused[FLOW_LOG_TOO_SHORT], 2);
	assert_int_equal(log->refused[FLOW_LOG_TOO_LONG], 2);
	assert_int_equal(log->refused[FLOW_LOG_EMPTY], 1);
	assert_int_equal(log->refused[FLOW_LOG_PROTOCOL], 1);
	assert_int_equal(log->refused[FLOW_LOG_VERSIONS], 2);
	flow_log_free(log);
}

// Of one TCP record: bytes by direction, and the flags in order.
struct tally {
	struct sink sink;
	uint64_t frame_bytes[2];
	uint64_t ip_bytes[2];
	uint8_t flags[16];
	unsigned int count;
};

static void
packet_tally(struct sink *s, const uint8_t *frame, uint32_t bytes)
{
	struct tally *t = (struct tally *)s;
	const struct rte_ipv4_hdr *ip = (const void *)(frame + RTE_ETHER_HDR_LEN);
	const struct rte_tcp_hdr *tcp = (const void *)(ip + 1);
	unsigned int direction = rte_be_to_cpu_16(tcp->src_port) != 1000;

	t->frame_bytes[direction] += bytes;
	t->ip_bytes[direction] += rte_be_to_cpu_16(ip->total_length);
	assert_true(t->count < sizeof(t->flags));
	t->flags[t->count++] = tcp->tcp_flags;
}

static void
record_send(const char *record, const char *more, struct tally *t)
{
	char text[256];
	struct generator *g;

	file_write(record);
	snprintf(text, sizeof(text), "{\"replay\": {\"logs\": \"%s\", \"pace\": \"asap\"%s}}", path,
		more);
	t->sink.each = packet_tally;
	g = generator_of(text, &t->sink, false);
	generator_start(g);
	generator_poll_until(g, &t->sink, UINT64_MAX);
	generator_free(g);
}

static void
packets_add_up_to_the_record(void **state)
{
	const uint8_t flags[] = {RTE_TCP_SYN_FLAG, RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG,
		RTE_TCP_ACK_FLAG | RTE_TCP_PSH_FLAG,
		RTE_TCP_ACK_FLAG | RTE_TCP_PSH_FLAG | RTE_TCP_FIN_FLAG,
		RTE_TCP_ACK_FLAG | RTE_TCP_PSH_FLAG | RTE_TCP_FIN_FLAG};
	struct tally t = {0};

	(void)state;
	record_send("1,1,A,B,6,1000,443,3,2,1001,201\n", "", &t);
	assert_int_equal(t.count, 5);
	assert_int_equal(t.frame_bytes[0], 1001);
	assert_int_equal(t.frame_bytes[1], 201);
	assert_memory_equal(t.flags, flags, sizeof(flags));
}

static void
bytes_may_be_those_of_ip_packets(void **state)
{
	struct tally t = {0};

	(void)state;
	record_send("1,1,A,B,6,1000,443,3,2,120,97\n", ", \"bytes\": \"ip\"", &t);
	assert_int_equal(t.ip_bytes[0], 120);  // 40 each, padded on the wire
	assert_int_equal(t.ip_bytes[1], 97);
	assert_int_equal(t.frame_bytes[0], 180);
}

static void
a_loop_sends_all_once_more(void **state)
{
	struct tally t = {0};

	(void)state;
	record_send("1,1,A,B,6,1000,443,3,2,1001,201\n", ", \"loop\": 3", &t);
	assert_int_equal(t.count, 15);
	assert_int_equal(t.frame_bytes[0], 3003);
	assert_int_equal(t.frame_bytes[1], 603);
}

static void
a_replay_does_not_change_while_it_runs(void **state)
{
	struct tally t = {0};
	struct error err = {0};
	cJSON *change = json_of("{\"rate_pps\": 5}");
	struct generator *g;
	char text[128];

	(void)state;
	file_write("1,1,A,B,6,1000,443,3,2,1001,201\n");
	snprintf(text, sizeof(text), "{\"replay\": {\"logs\": \"%s\"}}", path);
	g = generator_of(text, &t.sink, false);
	assert_int_equal(generator_set(g, change, &err), -EBUSY);
	assert_string_equal(err.field, "replay");
	cJSON_Delete(change);
	generator_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_the_same_as_columns_and_as_members),
		cmocka_unit_test(records_are_in_the_order_of_their_times),
		cmocka_unit_test(addresses_and_ports_of_the_records_are_given_to_no_name),
		cmocka_unit_test(too_small_a_prefix_is_an_error),
		cmocka_unit_test(what_cannot_be_sent_is_counted_by_its_reason),
		cmocka_unit_test(packets_add_up_to_the_record),
		cmocka_unit_test(bytes_may_be_those_of_ip_packets),
		cmocka_unit_test(a_loop_sends_all_once_more),
		cmocka_unit_test(a_replay_does_not_change_while_it_runs),
	};

	return cmocka_run_group_tests(tests, file_setup, file_teardown);
}
