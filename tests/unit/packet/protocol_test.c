/* SPDX-License-Identifier: BSD-3-Clause */
// The protocol table: the built-in one names what users look for, a configured one is taken or
// turned away with the field and what is wrong with it.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "packet/ip_protocol.h"
#include "packet/protocol.h"

static const char *
lookup(const struct protocol_table *t, uint8_t proto, uint16_t src, uint16_t dst)
{
	uint16_t id = protocol_lookup(t, proto, src, dst);

	assert_true(id < protocol_count(t));
	return protocol_name(t, id);
}

static void
built_in_names(void **state)
{
	static const struct {
		const char *name;
		uint8_t proto;
		uint16_t port;
	} cases[] = {
		{"SMTP", 6, 25}, {"SSDP", 17, 1900}, {"TFTP", 17, 69}, {"ICMP", 1, 0},
		{"DHCP", 17, 67}, {"DHCP", 17, 68}, {"DNS", 17, 53}, {"DNS", 6, 53},
		{"HTTP", 6, 80}, {"HTTPS", 6, 443}, {"NFS", 6, 2049}, {"POP3", 6, 110},
		{"SSH", 6, 22}, {"SNMP", 17, 161}, {"FTP", 6, 21}, {"NTP", 17, 123},
		{"IRC", 6, 6667}, {"Telnet", 6, 23}, {"RDP", 6, 3389}, {"IMAP", 6, 143},
		{"LDAP", 6, 389}, {"SMB", 6, 445}, {"BGP", 6, 179}, {"SIP", 17, 5060},
		{"QUIC", 17, 443}, {"Kerberos", 17, 88}, {"MySQL", 6, 3306},
		{"PostgreSQL", 6, 5432}, {"MongoDB", 6, 27017}, {"Redis", 6, 6379},
		{"Kafka", 6, 9092}, {"MQTT", 6, 1883}, {"VXLAN", 17, 4789}, {"GTP-U", 17, 2152},
		{"WireGuard", 17, 51820}, {"OpenVPN", 17, 1194}, {"syslog", 17, 514},
	};
	struct protocol_table *t = protocol_table_create(NULL, NULL);
	struct protocol_port pp;

	(void)state;
	assert_non_null(t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(lookup(t, cases[i].proto, 60001, cases[i].port), cases[i].name);
		if (cases[i].port != 0)
			assert_string_equal(lookup(t, cases[i].proto, cases[i].port, 60001),
				cases[i].name);
		assert_true(protocol_find(t, cases[i].name, &pp));
		assert_string_equal(lookup(t, pp.ip_proto, 0, pp.port), cases[i].name);
	}
	assert_string_equal(lookup(t, 1, 80, 443), "ICMP");
	protocol_table_free(t);
}

// What no entry names goes to its IP protocol, by name or by number.
static void
folding(void **state)
{
	struct protocol_table *t = protocol_table_create(NULL, NULL);
	char number[16];

	(void)state;
	assert_string_equal(lookup(t, 6, 60001, 60002), "TCP");
	assert_string_equal(lookup(t, 17, 60001, 60002), "UDP");
	assert_string_equal(lookup(t, 6, 0, 0), "TCP");
	assert_string_equal(lookup(t, 132, 60001, 60002), "SCTP");
	assert_string_equal(lookup(t, 136, 60001, 60002), "UDPLite");
	assert_string_equal(lookup(t, 50, 0, 0), "ESP");
	assert_string_equal(lookup(t, 47, 443, 443), "GRE");  // ports mean nothing there
	assert_string_equal(lookup(t, 253, 0, 0), "IP-253");
	for (unsigned int i = 0; i < 256; i++) {
		snprintf(number, sizeof(number), "IP-%u", i);
		if (ip_protocol_name((uint8_t)i) == NULL)
			assert_string_equal(lookup(t, (uint8_t)i, 0, 0), number);
		else
			assert_int_equal(ip_protocol_find(ip_protocol_name((uint8_t)i)), i);
	}
	assert_string_equal(protocol_name(t, protocol_count(t)), "");
	assert_string_equal(protocol_name(t, UINT16_MAX), "");
	protocol_table_free(t);
}

static struct protocol_table *
table_of(const char *text, struct error *err)
{
	cJSON *json = cJSON_Parse(text);
	struct protocol_table *t;

	assert_non_null(json);
	t = protocol_table_create(json, err);
	cJSON_Delete(json);
	return t;
}

static void
destination_first(void **state)
{
	struct protocol_table *t = table_of("{\"A\":[\"tcp/1\",\"udp/2\"],\"B\":[\"tcp/2\"],"
		"\"Edge\":[\"TCP/65535\",\"sctp/1\",\"UDPLite/1\"],\"Tunnel\":[\"gre\"],"
		"\"Rest\":[\"udp\"]}", NULL);

	(void)state;
	assert_non_null(t);
	assert_string_equal(lookup(t, 6, 1, 2), "B");
	assert_string_equal(lookup(t, 6, 2, 1), "A");
	assert_string_equal(lookup(t, 6, 1, 1), "A");
	assert_string_equal(lookup(t, 6, 1, 3), "A");
	assert_string_equal(lookup(t, 17, 1, 2), "A");
	assert_string_equal(lookup(t, 17, 1, 1), "Rest");  // a whole IP protocol, beside its ports
	assert_string_equal(lookup(t, 6, 3, 65535), "Edge");
	assert_string_equal(lookup(t, 132, 1, 1), "Edge");
	assert_string_equal(lookup(t, 136, 1, 9), "Edge");
	assert_string_equal(lookup(t, 47, 0, 0), "Tunnel");
	assert_string_equal(lookup(t, 6, 443, 443), "TCP");  // the built-in table is replaced
	assert_int_equal(protocol_count(t), 256 + 5);
	protocol_table_free(t);
}

static void
finding(void **state)
{
	struct protocol_table *t = table_of("{\"Web\":[\"tcp/81\",\"tcp/80\"],\"Jump\":[\"hopopt\","
		"\"tcp/5\"]}", NULL);
	struct protocol_port pp = {99, 99};

	(void)state;
	assert_true(protocol_find(t, "WEB", &pp));
	assert_true(pp.ip_proto == 6 && pp.port == 81);
	assert_true(protocol_find(t, "tcp", &pp));
	assert_true(pp.ip_proto == 6 && pp.port == 0);
	assert_true(protocol_find(t, "ip-253", &pp));
	assert_true(pp.ip_proto == 253 && pp.port == 0);
	assert_true(protocol_find(t, "jump", &pp));  // protocol 0 is an entry like others
	assert_true(pp.ip_proto == 0 && pp.port == 0);
	pp.port = 99;
	assert_false(protocol_find(t, "IP-6", &pp));
	assert_false(protocol_find(t, "", &pp));
	assert_false(protocol_find(t, "We", &pp));
	assert_int_equal(pp.port, 99);
	protocol_table_free(t);
}

static void
bad_configurations(void **state)
{
	static const struct {
		const char *json, *field, *says;
	} cases[] = {
		{"[]", "protocols", "must be an object"},
		{"5", "protocols", "must be an object"},
		{"{\"\":[\"tcp/1\"]}", "protocols", "1 to 31 characters"},
		{"{\"01234567890123456789012345678901\":[\"tcp/1\"]}", "protocols",
			"1 to 31 characters"},
		{"{\"A\":\"tcp/1\"}", "protocols", "protocols.A: must be a list"},
		{"{\"A\":[]}", "protocols", "protocols.A: must be a list"},
		{"{\"A\":{}}", "protocols", "protocols.A: must be a list"},
		{"{\"A\":[80]}", "protocols.A", "is no port"},
		{"{\"A\":[null]}", "protocols.A", "is no port"},
		{"{\"A\":[\"tcp/0\"]}", "protocols.A", "'tcp/0' is no port"},
		{"{\"A\":[\"tcp/65536\"]}", "protocols.A", "'tcp/65536'"},
		{"{\"A\":[\"tcp/\"]}", "protocols.A", "'tcp/'"},
		{"{\"A\":[\"/80\"]}", "protocols.A", "'/80'"},
		{"{\"A\":[\"\"]}", "protocols.A", "''"},
		{"{\"A\":[\"tcp/80 \"]}", "protocols.A", "'tcp/80 '"},
		{"{\"A\":[\"tcp/-1\"]}", "protocols.A", "'tcp/-1'"},
		{"{\"A\":[\"tcp/80/1\"]}", "protocols.A", "'tcp/80/1'"},
		{"{\"A\":[\"icmp/8\"]}", "protocols.A", "'icmp/8'"},
		{"{\"A\":[\"web/80\"]}", "protocols.A", "'web/80'"},
		{"{\"A\":[\"0123456789012345678901234567890123456789/1\"]}", "protocols.A",
			"is no port"},
		{"{\"A\":[\"tcp/80\"],\"B\":[\"udp/80\",\"tcp/80\"]}", "protocols.B",
			"tcp/80 already belongs to A"},
		{"{\"A\":[\"gre\"],\"B\":[\"GRE\"]}", "protocols.B", "already belongs to A"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {0};

		assert_null(table_of(cases[i].json, &err));
		if (strcmp(err.field, cases[i].field) != 0 ||
			strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s: '%s': %s", cases[i].json, err.field, err.text);
		assert_null(table_of(cases[i].json, NULL));
	}
}

static void
good_at_the_limits(void **state)
{
	struct protocol_table *t = table_of(
		"{\"0123456789012345678901234567890\":[\"tcp/1\",\"tcp/1\"]}", NULL);
	cJSON *many = cJSON_CreateObject();
	struct error err = {0};
	char text[16];

	(void)state;
	assert_string_equal(lookup(t, 6, 0, 1), "0123456789012345678901234567890");
	protocol_table_free(t);
	t = table_of("{}", NULL);
	assert_string_equal(lookup(t, 6, 0, 80), "TCP");
	protocol_table_free(t);
	for (unsigned int i = 1; i <= 4097; i++) {
		const char *entry = text;

		snprintf(text, sizeof(text), "tcp/%u", i);
		if (i == 4097) {
			t = protocol_table_create(many, &err);
			assert_non_null(t);
			assert_string_equal(lookup(t, 6, 0, 4096), "tcp/4096");
			protocol_table_free(t);
		}
		cJSON_AddItemToObject(many, text, cJSON_CreateStringArray(&entry, 1));
	}
	assert_null(protocol_table_create(many, &err));
	assert_string_equal(err.field, "protocols");
	assert_non_null(strstr(err.text, "at most 4096"));
	cJSON_Delete(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_names),
		cmocka_unit_test(folding),
		cmocka_unit_test(destination_first),
		cmocka_unit_test(finding),
		cmocka_unit_test(bad_configurations),
		cmocka_unit_test(good_at_the_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
