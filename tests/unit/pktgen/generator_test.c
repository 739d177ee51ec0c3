/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROFILE(more) SKEWED("0.9", more)
#define SKEWED(s, more) "{\"addresses\": [\"192.0.2.1\", \"2001:db8::1\", {\"net4\":" \
	" \"10.0.0.0/24\", \"count\": 50}], \"address_weights\": [3, 1, 6], \"protocols\":" \
	" [\"HTTPS\", \"DNS\", \"ICMP\"], \"protocol_weights\": [6, 3, 1], \"flows\": 3000," \
	" \"popularity\": {\"type\": \"zipf\", \"s\": " s "}" more "}"

static uint64_t
sequence_hash(const char *text, uint16_t most, bool unpaced)
{
	struct sink s = {.most = most};
	struct generator *g = generator_of(text, &s, unpaced);
	uint64_t hash;

	generator_start(g);
	generator_poll_until(g, &s, UINT64_MAX);
	assert_true(generator_done(g));
	assert_int_equal(s.packets, 20011);
	hash = s.hash;
	generator_free(g);
	return hash;
}

// The same packets from a capture's clock, at full speed through a port that takes few at a time,
// and paced.
static void
sequence_depends_on_profile_and_seed_only(void **state)
{
	uint64_t hash = sequence_hash(PROFILE(", \"packets\": 20011"), 0, true);

	(void)state;
	assert_int_equal(sequence_hash(PROFILE(", \"packets\": 20011, \"rate_pps\": 0"), 0, false),
		hash);
	assert_int_equal(sequence_hash(PROFILE(", \"packets\": 20011, \"rate_pps\": 0"), 1, false),
		hash);
	assert_int_equal(sequence_hash(PROFILE(", \"packets\": 20011, \"rate_pps\": 0"), 7, false),
		hash);
	assert_int_equal(sequence_hash(PROFILE(", \"packets\": 20011, \"rate_pps\": 200000"), 0,
		false), hash);
	assert_true(sequence_hash(PROFILE(", \"packets\": 20011, \"seed\": 2"), 0, true) != hash);
}

// What a sink counts per second of packet time.
#define SECONDS 4
#define RATE 50000
struct tally {
	uint64_t packets[SECONDS];
	uint64_t bytes[SECONDS];
	uint64_t address_packets[SECONDS];  // of 192.0.2.1
	uint64_t address_bytes[SECONDS];
	uint64_t udp[SECONDS];
};

static void
tally_frame(struct sink *s, const uint8_t *f, uint32_t bytes)
{
	static const uint8_t address[4] = {192, 0, 2, 1};
	struct tally *t = s->arg;
	uint64_t packets = 0;
	unsigned int second = 0;

	for (unsigned int i = 0; i < SECONDS; i++)
		packets += t->packets[i];
	second = (unsigned int)(packets / RATE);
	assert_true(second < SECONDS);
	t->packets[second]++;
	t->bytes[second] += bytes;
	if (f[12] == 0x08 && (memcmp(f + 26, address, 4) == 0 || memcmp(f + 30, address, 4) == 0)) {
		t->address_packets[second]++;
		t->address_bytes[second] += bytes;
	}
	t->udp[second] += (f[12] == 0x08 ? f[23] : f[20]) == 17;
}

static void
tally_run(const char *text, struct tally *ret)
{
	struct sink s = {.each = tally_frame, .arg = ret};
	struct generator *g = generator_of(text, &s, true);
	struct json_out totals = {0};
	struct error err;

	memset(ret, 0, sizeof(*ret));
	generator_start(g);
	generator_poll_until(g, &s, UINT64_MAX);
	assert_true(generator_done(g));
	assert_int_equal(generator_answer_key_finish(g, &totals, &err), 0);
	json_out_free(&totals);
	generator_free(g);
}

// Within four standard deviations of the binomial, and `grain` for what single flows weigh.
static void
part_check(uint64_t got, uint64_t of, double part, double grain)
{
	double want = part * (double)of;

	if (fabs((double)got - want) >= 4 * sqrt(want * (1 - part)) + grain * (double)of)
		fail_msg("%" PRIu64 " of %" PRIu64 ", not %f", got, of, part);
}

#define GRAIN 0.005
#define GRAIN_CROSSED 0.05  // of an address among the flows of a protocol

static void
weights_come_out_in_the_packets(void **state)
{
	struct tally t;

	(void)state;
	tally_run(PROFILE(", \"rate_pps\": 50000, \"duration_s\": 2"), &t);
	assert_int_equal(t.packets[0], RATE);
	assert_int_equal(t.packets[1], RATE);
	assert_int_equal(t.packets[2], 0);
	for (unsigned int i = 0; i < 2; i++) {
		part_check(t.address_packets[i], RATE, 0.3, GRAIN);
		part_check(t.udp[i], RATE, 0.3, GRAIN);
	}
}

// DNS is 0.3 of the traffic; ten times as likely it is 3 of 3.7.
static void
surge_changes_the_mix_for_its_time(void **state)
{
	struct tally t;

	(void)state;
	tally_run(SKEWED("0", ", \"rate_pps\": 50000, \"duration_s\": 4, \"events\": [{\"type\":"
		" \"surge\", \"at_s\": 1, \"for_s\": 1, \"key\": \"dns\", \"factor\": 10},"
		" {\"type\": \"surge\", \"at_s\": 2, \"for_s\": 2, \"key\": \"192.0.2.1\","
		" \"factor\": 0.1}]"), &t);
	part_check(t.udp[0], RATE, 0.3, GRAIN);
	part_check(t.udp[1], RATE, 3.0 / 3.7, GRAIN);
	part_check(t.address_packets[1], RATE, 0.3, GRAIN_CROSSED);
	part_check(t.address_packets[2], RATE, 0.03 / 0.73, GRAIN);
	part_check(t.address_packets[3], RATE, 0.03 / 0.73, GRAIN);
	part_check(t.udp[2], RATE, 0.3, GRAIN_CROSSED);
}

static cJSON *
file_json(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	cJSON *json;

	assert_non_null(f);
	assert_true(getdelim(&text, &size, '\0', f) > 0);
	fclose(f);
	json = cJSON_Parse(text);
	free(text);
	assert_non_null(json);
	return json;
}

static uint64_t
member(const cJSON *o, const char *outer, const char *key, const char *name)
{
	o = outer != NULL ? cJSON_GetObjectItem(cJSON_GetObjectItem(o, outer), key) : o;
	o = cJSON_GetObjectItem(o, name);
	assert_true(cJSON_IsNumber(o));
	return (uint64_t)o->valuedouble;
}

static void
answer_key_is_what_was_sent(void **state)
{
	char path[] = "/tmp/weir-answer-key-XXXXXX", text[1024];
	struct tally t;
	cJSON *key, *second;
	uint64_t packets = 0, bytes = 0, address = 0;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(text, sizeof(text), PROFILE(", \"rate_pps\": 50000, \"packets\": 170000,"
		" \"answer_key\": \"%s\""), path);
	tally_run(text, &t);
	key = file_json(path);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(key, "seconds")), SECONDS);
	for (int i = 0; i < SECONDS; i++) {
		second = cJSON_GetArrayItem(cJSON_GetObjectItem(key, "seconds"), i);
		assert_int_equal(member(second, NULL, NULL, "second"), i);
		assert_int_equal(member(second, NULL, NULL, "packets"), t.packets[i]);
		assert_int_equal(member(second, NULL, NULL, "bytes"), t.bytes[i]);
		assert_int_equal(member(second, "protocols", "DNS", "packets"), t.udp[i]);
		assert_int_equal(member(second, "addresses", "192.0.2.1", "packets"),
			t.address_packets[i]);
		assert_int_equal(member(second, "addresses", "192.0.2.1", "bytes"),
			t.address_bytes[i]);
		packets += t.packets[i];
		bytes += t.bytes[i];
		address += t.address_packets[i];
	}
	assert_int_equal(packets, 170000);
	second = cJSON_GetObjectItem(key, "total");
	assert_int_equal(member(second, NULL, NULL, "packets"), packets);
	assert_int_equal(member(second, NULL, NULL, "bytes"), bytes);
	assert_int_equal(member(second, "addresses", "192.0.2.1", "packets"), address);
	cJSON_Delete(key);
	unlink(path);
}

// Flows by their peer: whoever sends first goes from a client port to the server port.
static void
first_of_each_flow(struct sink *s, const uint8_t *f, uint32_t bytes)
{
	uint8_t *seen = s->arg;
	uint32_t client = (uint32_t)f[34] << 8 | f[35], server = (uint32_t)f[36] << 8 | f[37];
	uint32_t peer = f[29];  // 198.18.0.x, as source or as destination

	(void)bytes;
	if (f[26] != 198)
		peer = f[33];
	if (seen[peer])
		return;
	seen[peer] = 1;
	assert_int_equal(server, 53);
	assert_true(client >= 49152);
}

static void
first_packet_of_a_flow_is_the_clients(void **state)
{
	uint8_t seen[256] = {0};
	struct sink s = {.each = first_of_each_flow, .arg = seen};
	struct generator *g = generator_of("{\"addresses\": [\"192.0.2.1\"],"
		" \"protocols\": [\"DNS\"], \"flows\": 200, \"peers\": {\"count\": 200},"
		" \"packets\": 20000}", &s, true);
	unsigned int flows = 0;

	(void)state;
	generator_start(g);
	generator_poll_until(g, &s, UINT64_MAX);
	for (unsigned int i = 0; i < 256; i++)
		flows += seen[i];
	assert_int_equal(flows, 200);
	generator_free(g);
}

// A paced port that is full: what it does not take is dropped and counted, and nothing leaks.
static void
full_port_drops(void **state)
{
	struct sink s = {.most = 1};
	struct generator *g = generator_of(PROFILE(", \"rate_pps\": 1000000, \"packets\": 3200"),
		&s, true);
	struct generator_stats stats;

	(void)state;
	generator_start(g);
	generator_poll_until(g, &s, UINT64_MAX);
	generator_stats_get(g, &stats);
	assert_int_equal(stats.sent, s.packets);
	assert_int_equal(stats.sent, 3200 / BURST_USUAL);  // one of each burst
	assert_int_equal(stats.sent + stats.dropped, 3200);
	generator_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_depends_on_profile_and_seed_only),
		cmocka_unit_test(weights_come_out_in_the_packets),
		cmocka_unit_test(surge_changes_the_mix_for_its_time),
		cmocka_unit_test(answer_key_is_what_was_sent),
		cmocka_unit_test(first_packet_of_a_flow_is_the_clients),
		cmocka_unit_test(full_port_drops),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
