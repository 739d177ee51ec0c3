/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output_pcap.h"

// A capture file of every kind of frame, read back by tshark, which knows nothing of ours.

#define PACKETS 3000
#define RATE 7000

static void
capture_write(const char *path)
{
	struct error err = {0};
	struct output_pcap *o = output_pcap_create(path, &err);
	const struct generator_params params = {.pool = support_pool(), .send = output_pcap_send,
		.send_arg = o, .protocols = support_names(), .unpaced = true,
		.stamps = true};
	cJSON *json = json_of("{\"addresses\": [\"192.0.2.1\", \"2001:db8::1\"], \"protocols\":"
		" [\"HTTPS\", \"DNS\", \"ICMP\", \"TCP\"], \"flows\": 100, \"rate_pps\": 7000,"
		" \"packets\": 3000, \"size\": {\"type\": \"uniform\", \"min\": 60,"
		" \"max\": 1600}}");
	struct generator *g = generator_create(&params, json, &err);

	assert_non_null(o);
	assert_non_null(g);
	cJSON_Delete(json);
	generator_start(g);
	while (!generator_done(g))
		generator_poll(g, 0);
	assert_int_equal(output_pcap_close(o, &err), 0);
	generator_free(g);
}

static unsigned int
command_lines(const char *format, const char *path, const char *filter, char *last, int size)
{
	char command[1024];
	unsigned int n = 0;
	FILE *f;

	snprintf(command, sizeof(command), format, path, filter);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(last, size, f) != NULL)
		n++;
	assert_int_equal(pclose(f), 0);
	return n;
}

#define TSHARK "tshark -r %s -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE" \
	" -o udp.check_checksum:TRUE -Y '%s' -T fields -e frame.number -e frame.time_epoch" \
	" 2>/dev/null"
#define BAD "ip.checksum.status == 0 or tcp.checksum.status == 0 or udp.checksum.status == 0 or" \
	" icmp.checksum.status == 0 or icmpv6.checksum.status == 0"
#define GOOD "tcp.checksum.status == 1 or udp.checksum.status == 1 or icmp.checksum.status == 1" \
	" or icmpv6.checksum.status == 1"

static void
tshark_finds_every_checksum_right(void **state)
{
	char path[] = "/tmp/weir-capture-XXXXXX", last[128] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	capture_write(path);
	if (system("tshark --version >/dev/null 2>&1") != 0) {
		unlink(path);
		print_message("skipped: tshark is not installed\n");
		skip();
	}
	assert_int_equal(command_lines(TSHARK, path, BAD, last, sizeof(last)), 0);
	assert_int_equal(command_lines(TSHARK, path, GOOD, last, sizeof(last)), PACKETS);
	// The last packet's time: 2999 / 7000 s after the start.
	assert_string_equal(last, "3000\t1767225600.428428571\n");
	assert_true(command_lines(TSHARK, path, "icmpv6.checksum.status == 1", last, sizeof(last)) >
		0);
	unlink(path);
}

static void
a_file_that_cannot_be_written_is_an_error(void **state)
{
	struct error err = {0};
	struct output_pcap *o = output_pcap_create("/nonexistent/x.pcap", &err);

	(void)state;
	assert_null(o);
	assert_string_equal(err.field, "--pcap");
	o = output_pcap_create("/dev/full", &err);
	assert_non_null(o);
	assert_true(output_pcap_close(o, &err) < 0);
	assert_non_null(strstr(err.text, "/dev/full"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tshark_finds_every_checksum_right),
		cmocka_unit_test(a_file_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
