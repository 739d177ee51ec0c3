/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan.h"
#include "sent_history.h"

// Profiles that change while they are sent: what was sent under each, and their answer keys, add up to
// all that was sent.

#define PROFILE(more) "{\"addresses\": {\"net4\": \"10.0.0.0/24\", \"count\": 40}, \"protocols\": [\"QUIC\"," \
	" \"DNS\"], \"flows\": 300, \"rate_pps\": 100000, \"size\": {\"type\": \"fixed\"," \
	" \"bytes\": 100}" more "}"

struct changing {
	struct sent_history history;
	struct generator *g;
	struct sink sink;
	char folder[32];
	char key[48];
};

static void
retire(void *arg, struct plan *plan, const cJSON *profile)
{
	struct changing *c = arg;

	sent_history_add(&c->history, c->g, plan, profile, NULL);
}

static int
setup(void **state)
{
	struct changing *c = calloc(1, sizeof(*c));

	strcpy(c->folder, "/tmp/weir-retire.XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	snprintf(c->key, sizeof(c->key), "%s/key.json", c->folder);
	*state = c;
	return 0;
}

static int
teardown(void **state)
{
	struct changing *c = *state;

	for (unsigned int i = 0; i < c->history.count; i++)
		if (c->history.entries[i].key_file != NULL)
			unlink(c->history.entries[i].key_file);
	generator_free(c->g);
	sent_history_free(&c->history);
	// Fails where a file is left that nobody knows of.
	if (rmdir(c->folder) != 0)
		return -1;
	free(c);
	return 0;
}

static void
begin(struct changing *c, const char *text, bool unpaced)
{
	const struct generator_params params = {.pool = support_pool(), .send = sink_send,
		.send_arg = &c->sink, .protocols = support_names(), .unpaced = unpaced,
		.answer_keys = true, .retire = retire, .retire_arg = c};
	cJSON *json = json_of(text);
	struct error err = {0};

	cJSON_AddStringToObject(json, "answer_key", c->key);
	c->g = generator_create(&params, json, &err);
	if (c->g == NULL)
		fail_msg("%s", err.text);
	cJSON_Delete(json);
}

static void
change(struct changing *c, const char *text)
{
	cJSON *json = json_of(text);
	struct error err = {0};

	if (generator_set(c->g, json, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	cJSON_Delete(json);
}

static double
key_packets(const char *text)
{
	cJSON *key = json_of(text);
	double packets = cJSON_GetNumberValue(cJSON_GetObjectItem(key, "packets"));

	cJSON_Delete(key);
	return packets;
}

// Every entry's key is what was sent, and the entries are all of it.
static void
sums_check(const struct changing *c)
{
	struct generator_stats stats;
	uint64_t sent = 0, dropped = 0;

	for (unsigned int i = 0; i < c->history.count; i++) {
		const struct sent_entry *e = &c->history.entries[i];

		assert_non_null(e->key_totals);
		assert_true(key_packets(e->key_totals) == (double)e->sent);
		assert_true(key_packets(e->key_protocols) == (double)e->sent);
		assert_int_equal(access(e->key_file, R_OK), 0);
		sent += e->sent;
		dropped += e->dropped;
	}
	generator_stats_get(c->g, &stats);
	assert_int_equal(sent, stats.sent);
	assert_int_equal(dropped, stats.dropped);
	assert_int_equal(sent, c->sink.packets);
	assert_string_equal(c->history.fault.text, "");
}

static void
each_profile_has_its_key(void **state)
{
	struct changing *c = *state;
	char second[64];

	begin(c, PROFILE(", \"packets\": 5000"), true);
	change(c, "{\"seed\": 9}");  // nothing was sent: no entry
	generator_start(c->g);
	generator_poll_until(c->g, &c->sink, 1500);
	change(c, "{\"rate_pps\": 200000}");  // the same sequence
	generator_poll_until(c->g, &c->sink, 2000);
	assert_int_equal(c->history.count, 0);
	change(c, "{\"flows\": 50}");
	assert_int_equal(c->history.count, 1);
	assert_int_equal(c->history.entries[0].sent, c->sink.packets);
	generator_poll_until(c->g, &c->sink, UINT64_MAX);
	assert_true(generator_done(c->g));
	generator_finish(c->g);
	generator_finish(c->g);  // is in the list once
	assert_int_equal(c->history.count, 2);
	assert_int_equal(c->history.entries[1].sent, 5000);
	snprintf(second, sizeof(second), "%s.2", c->key);
	assert_string_equal(c->history.entries[0].key_file, c->key);
	assert_string_equal(c->history.entries[1].key_file, second);
	sums_check(c);
}

static cJSON *
file_json(const char *path)
{
	static char text[1 << 22];
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return json_of(text);
}

// The file and the report say the same of the profile.
static void
a_key_has_the_rate_that_came_last(void **state)
{
	struct changing *c = *state;
	cJSON *key, *listed;

	begin(c, PROFILE(", \"packets\": 5000"), true);
	generator_start(c->g);
	generator_poll_until(c->g, &c->sink, 1500);
	change(c, "{\"rate_pps\": 200000}");
	generator_poll_until(c->g, &c->sink, UINT64_MAX);
	generator_finish(c->g);
	assert_int_equal(c->history.count, 1);
	key = file_json(c->key);
	listed = json_of(c->history.entries[0].profile);
	assert_true(cJSON_Compare(cJSON_GetObjectItem(key, "profile"), listed, true));
	assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(listed, "rate_pps")) == 200000);
	cJSON_Delete(key);
	cJSON_Delete(listed);
}

// What a slow port has not taken when a profile ends is dropped under that profile, not sent.
static void
pending_packets_are_dropped_where_they_belong(void **state)
{
	struct changing *c = *state;

	c->sink.most = 7;
	begin(c, PROFILE(", \"answer_key_flows\": true, \"lifetime\": {\"mean_packets\": 3}"), true);
	change(c, "{\"rate_pps\": 0}");
	generator_start(c->g);
	for (unsigned int i = 0; i < 6; i++) {
		for (unsigned int k = 0; k < 50; k++)
			generator_poll(c->g, 0);
		change(c, i % 2 == 0 ? "{\"flows\": 60}" : "{\"flows\": 90}");
	}
	assert_int_equal(c->history.count, 6);
	assert_true(c->history.entries[0].dropped > 0);
	generator_finish(c->g);
	sums_check(c);
}

// Packets of a flow as the port got them, by the ports of client and server.
struct flows_seen {
	struct {
		uint32_t hosts[2];
		uint16_t ports[2];
		uint64_t packets;
	} rows[4096];
	unsigned int count;
};

static uint64_t *
flow_row(struct flows_seen *f, uint32_t a, uint16_t ap, uint32_t b, uint16_t bp)
{
	for (unsigned int i = 0; i < f->count; i++)
		if (f->rows[i].hosts[0] == a && f->rows[i].hosts[1] == b &&
		    f->rows[i].ports[0] == ap && f->rows[i].ports[1] == bp)
			return &f->rows[i].packets;
	return NULL;
}

static uint32_t
word_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// IPv4 and UDP; the client has the dynamic port.
static void
flow_note(struct sink *s, const uint8_t *f, uint32_t bytes)
{
	struct flows_seen *seen = s->arg;
	uint16_t sport = (uint16_t)(f[34] << 8 | f[35]), dport = (uint16_t)(f[36] << 8 | f[37]);
	uint32_t src = word_at(f + 26), dst = word_at(f + 30);
	uint64_t *row = sport > dport ? flow_row(seen, src, sport, dst, dport) :
		flow_row(seen, dst, dport, src, sport);

	assert_int_equal(bytes, 100);
	if (row != NULL) {
		(*row)++;
		return;
	}
	assert_true(seen->count < 4096);
	seen->rows[seen->count].hosts[0] = sport > dport ? src : dst;
	seen->rows[seen->count].hosts[1] = sport > dport ? dst : src;
	seen->rows[seen->count].ports[0] = RTE_MAX(sport, dport);
	seen->rows[seen->count].ports[1] = RTE_MIN(sport, dport);
	seen->rows[seen->count++].packets = 1;
}

static uint32_t
host_of(const cJSON *flow, const char *name)
{
	uint8_t b[4];

	assert_int_equal(inet_pton(AF_INET, cJSON_GetStringValue(cJSON_GetObjectItem(flow, name)), b),
		1);
	return word_at(b);
}

static uint16_t
port_of(const cJSON *flow, const char *name)
{
	return (uint16_t)cJSON_GetNumberValue(cJSON_GetObjectItem(flow, name));
}

// Where sending stops, packets that were not taken are dropped, with the flows that would have begun with
// them: what is counted next in their places belongs to these.
static void
flows_are_what_was_sent_over_stops_and_changes(void **state)
{
	static struct flows_seen seen;
	struct changing *c = *state;
	const cJSON *flow;
	cJSON *key;

	c->sink = (struct sink){.most = 1, .each = flow_note, .arg = &seen};
	begin(c, PROFILE(", \"answer_key_flows\": true, \"lifetime\": {\"mean_packets\": 2,"
		" \"type\": \"fixed\"}"), false);
	change(c, "{\"rate_pps\": 0, \"flows\": 40}");
	generator_start(c->g);
	for (unsigned int k = 0; k < 1000; k++) {
		if (k % 50 == 0) {
			generator_stop(c->g);
			generator_poll(c->g, 0);
			generator_start(c->g);
		}
		generator_poll(c->g, 0);
	}
	change(c, "{\"flows\": 7}");
	assert_true(c->history.entries[0].dropped > 8);
	key = file_json(c->key);
	cJSON_ArrayForEach(flow, cJSON_GetObjectItem(cJSON_GetObjectItem(key, "total"), "flows")) {
		uint64_t *row = flow_row(&seen, host_of(flow, "src"), port_of(flow, "sport"),
			host_of(flow, "dst"), port_of(flow, "dport"));

		if (row == NULL)
			fail_msg("a flow that was not sent: %s", cJSON_PrintUnformatted(flow));
		*row -= (uint64_t)cJSON_GetNumberValue(cJSON_GetObjectItem(flow, "packets"));
	}
	for (unsigned int i = 0; i < seen.count; i++)
		assert_int_equal(seen.rows[i].packets, 0);
	cJSON_Delete(key);
	sums_check(c);
}

static void
there_is_a_most_of_profiles(void **state)
{
	struct changing *c = *state;
	struct error err = {0};
	cJSON *profile;
	unsigned int n;

	begin(c, PROFILE(", \"packets\": 3"), true);
	for (n = 0; sent_history_room(&c->history, &err) == 0; n++) {
		assert_true(n < SENT_HISTORY_MAX);
		generator_start(c->g);
		generator_poll_until(c->g, &c->sink, UINT64_MAX);
		profile = generator_profile(c->g);
		assert_int_equal(generator_change(c->g, profile, true, NULL), 0);
		cJSON_Delete(profile);
	}
	assert_int_equal(n, SENT_HISTORY_MAX - 1);
	assert_non_null(strstr(err.text, "allowed are 256"));
	generator_start(c->g);
	generator_poll_until(c->g, &c->sink, UINT64_MAX);
	generator_finish(c->g);
	assert_int_equal(c->history.count, SENT_HISTORY_MAX);
	sums_check(c);
}

static void
a_done_profile_begins_anew_with_another_key(void **state)
{
	struct changing *c = *state;
	cJSON *profile;

	begin(c, PROFILE(", \"packets\": 700"), true);
	for (unsigned int i = 1; i <= 3; i++) {
		generator_start(c->g);
		generator_poll_until(c->g, &c->sink, UINT64_MAX);
		generator_finish(c->g);
		assert_int_equal(c->sink.packets, 700 * i);
		profile = generator_profile(c->g);
		assert_int_equal(generator_change(c->g, profile, true, NULL), 0);
		cJSON_Delete(profile);
	}
	assert_int_equal(c->history.count, 3);
	sums_check(c);
}

static void
a_key_that_cannot_be_written_is_told(void **state)
{
	struct changing *c = *state;
	char blocked[64];

	begin(c, PROFILE(", \"packets\": 700"), true);
	assert_int_equal(mkdir(c->key, 0700), 0);  // the file cannot be moved there
	generator_start(c->g);
	generator_poll_until(c->g, &c->sink, UINT64_MAX);
	generator_finish(c->g);
	assert_int_equal(c->history.count, 1);
	assert_int_equal(c->history.entries[0].sent, 700);
	assert_null(c->history.entries[0].key_file);
	assert_string_equal(c->history.fault.field, "answer_key");
	snprintf(blocked, sizeof(blocked), "cannot write %s", c->key);
	assert_non_null(strstr(c->history.fault.text, blocked));
	assert_int_equal(rmdir(c->key), 0);
}

static void
anew(struct changing *c, const char *key)
{
	cJSON *profile = generator_profile(c->g);
	struct error err = {0};

	cJSON_ReplaceItemInObject(profile, "answer_key", cJSON_CreateString(key));
	if (generator_change(c->g, profile, true, &err) != 0)
		fail_msg("%s", err.text);
	cJSON_Delete(profile);
	generator_start(c->g);
	generator_poll_until(c->g, &c->sink, UINT64_MAX);
	generator_finish(c->g);
}

// Nor is a key written over an earlier one whose name was made up, or that has another path.
static void
no_key_is_written_over_another(void **state)
{
	struct changing *c = *state;
	char other[64], names[5][72];

	begin(c, PROFILE(", \"packets\": 70"), true);
	generator_start(c->g);
	generator_poll_until(c->g, &c->sink, UINT64_MAX);
	anew(c, c->key);
	snprintf(other, sizeof(other), "%s.2", c->key);
	anew(c, other);
	anew(c, c->key);
	snprintf(other, sizeof(other), "%s/./key.json", c->folder);
	anew(c, other);
	snprintf(names[0], sizeof(names[0]), "%s", c->key);
	snprintf(names[1], sizeof(names[1]), "%s.2", c->key);
	snprintf(names[2], sizeof(names[2]), "%s.2.2", c->key);
	snprintf(names[3], sizeof(names[3]), "%s.3", c->key);
	snprintf(names[4], sizeof(names[4]), "%s.4", other);
	assert_int_equal(c->history.count, 5);
	for (unsigned int i = 0; i < 5; i++)
		assert_string_equal(c->history.entries[i].key_file, names[i]);
	sums_check(c);
}

struct poller {
	struct changing *c;
	bool quit;
};

static void *
poller_main(void *arg)
{
	struct poller *p = arg;

	while (!__atomic_load_n(&p->quit, __ATOMIC_ACQUIRE))
		generator_poll(p->c->g, 0);
	return NULL;
}

// The same while another thread sends.
static void
nothing_is_lost_under_a_polling_thread(void **state)
{
	struct poller p = {.c = *state};
	pthread_t thread;
	char text[80];

	p.c->sink.most = 5;
	begin(p.c, PROFILE(""), false);
	change(p.c, "{\"rate_pps\": 0}");
	generator_start(p.c->g);
	assert_int_equal(pthread_create(&thread, NULL, poller_main, &p), 0);
	for (unsigned int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "{\"flows\": %u, \"rate_pps\": %u}", 50 + i * 13,
			i % 3 == 0 ? 0 : 200000);
		change(p.c, text);
		generator_answer_key_fold(p.c->g);
		usleep(500);
	}
	__atomic_store_n(&p.quit, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	generator_finish(p.c->g);
	assert_true(p.c->history.count > 10);
	sums_check(p.c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_profile_has_its_key),
		TEST(a_key_has_the_rate_that_came_last),
		TEST(pending_packets_are_dropped_where_they_belong),
		TEST(flows_are_what_was_sent_over_stops_and_changes),
		TEST(there_is_a_most_of_profiles),
		TEST(a_done_profile_begins_anew_with_another_key),
		TEST(a_key_that_cannot_be_written_is_told),
		TEST(no_key_is_written_over_another),
		TEST(nothing_is_lost_under_a_polling_thread),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
