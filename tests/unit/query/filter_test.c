/* SPDX-License-Identifier: BSD-3-Clause */
// Filters against libpcap's own interpreter on frames of many kinds; programs that the JIT cannot be
// trusted with; no name is ever looked up; sets that change under flows.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>
#include <rte_eal.h>

#include "packet/packet.h"
#include "pane_build.h"
#include "query/filter_set.h"

// libpcap finds these before the C library's. Looking up a host or network is what must not happen;
// addresses come here as well, and so do ports by name, without a node.
static unsigned int lookups;

typedef int (getaddrinfo_fn)(const char *node, const char *service, const struct addrinfo *hints,
	struct addrinfo **ret);

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	struct addrinfo **ret)
{
	getaddrinfo_fn *real = (getaddrinfo_fn *)dlsym(RTLD_NEXT, "getaddrinfo");
	uint8_t address[16];

	if (node == NULL || inet_pton(AF_INET6, node, address) == 1 ||
			inet_pton(AF_INET, node, address) == 1)
		return real(node, service, hints, ret);
	lookups++;
	return EAI_NONAME;
}

struct netent *
getnetbyname(const char *name)
{
	(void)name;
	lookups++;
	return NULL;
}

// Filters, and whether there is machine code for them: a JSET with an immediate of a signed byte is
// for the interpreter.
static const struct {
	const char *text;
	bool native;
} filters[] = {
	{"", true}, {"tcp", true}, {"udp", true}, {"ip", true}, {"ip6", true}, {"icmp", true},
	{"port 53", true}, {"dst port 80 or dst port 443", true}, {"src port 1024", true},
	{"tcp dst portrange 1-1023", true}, {"host 10.0.0.1", true}, {"net 10.0.0.0/8", true},
	{"src net 192.168.0.0/16 and not dst net 192.168.0.0/16", true},
	{"ip6 net 2001:db8::/32", true}, {"ip6 host 2001:db8::1", true},
	{"ether host 02:00:00:00:00:01", true}, {"ether[0] & 1 != 0", false},
	{"vlan", true}, {"vlan 100", true}, {"vlan 100 and tcp", true}, {"vlan and vlan and udp", true},
	{"less 100", true}, {"greater 100", true}, {"ip[8] < 5", true}, {"ip proto 89", true},
	{"ip[6:2] & 0x1fff != 0", true}, {"ip[6] & 0x80 != 0", true}, {"ip[6] & 0x40 != 0", false},
	{"tcp[tcpflags] & tcp-syn != 0", false}, {"tcp[13] & 0x12 = 0x12", true},
	{"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", false},
	{"tcp[tcpflags] & (tcp-rst) != 0 and port 80", false},
	{"ip6[6] = 6", true}, {"ip[2:2] - 20 > 40", true}, {"ip multicast", true},
	{"ether proto 0x0806", true}, {"len > 60 and len < 1000", true},
	{"tcp[((tcp[12] & 0xf0) >> 2)] = 0x16", true}, {"proto 17", true}, {"ip proto \\tcp", true},
	{"ip[0] & 0xf != 5", true}, {"udp[4:2] * 2 > 100", true}, {"icmp[icmptype] == icmp-echo", true},
};

#define FRAME_MAX 160

// A random frame: often sensible, sometimes cut, so that every branch of a program is taken.
static uint32_t
frame_random(struct random *r, uint8_t *frame)
{
	struct flow_key key = {.proto = (uint8_t[]){6, 17, 1, 89, 132}[random_below(r, 5)]};
	uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
	uint32_t len;

	key.version = random_below(r, 3) ? 4 : 6;
	for (unsigned int end = 0; end < 2; end++) {
		static const uint16_t ports[] = {53, 80, 443, 1024, 50000};
		static const uint8_t first[][2] = {{10, 0}, {192, 168}, {224, 0}, {8, 8}};

		key.port[end] = rte_cpu_to_be_16(ports[random_below(r, 5)]);
		memcpy(key.addr[end], "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
		key.addr[end][3] ^= (uint8_t)(random_below(r, 4) == 0);
		if (key.version == 4)
			memcpy(key.addr[end] + 12, first[random_below(r, 4)], 2);
	}
	key.vlan_count = random_below(r, 3) ? 0 : (uint8_t)random_below(r, 3);
	key.vlan[0] = random_below(r, 2) ? 100 : 200;
	macs[0][0] |= random_below(r, 8) == 0;
	len = filter_frame_build(&key, random_below(r, 2), macs[1], macs[0], frame);
	for (unsigned int i = (unsigned int)random_below(r, 12); i > 0; i--)
		frame[12 + random_below(r, len - 12)] = (uint8_t)random_next(r);
	while (len < FRAME_MAX && random_below(r, 40))
		frame[len++] = (uint8_t)random_next(r);
	return random_below(r, 4) ? len : (uint32_t)random_below(r, len + 1);
}

static struct rte_mbuf
mbuf_of(uint8_t *frame, uint32_t len)
{
	return (struct rte_mbuf){
		.buf_addr = frame, .buf_len = FRAME_MAX, .nb_segs = 1, .refcnt = 1,
		.data_len = (uint16_t)len, .pkt_len = len,
	};
}

static void
filters_equal_libpcap(void **state)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
	unsigned int passed[RTE_DIM(filters)] = {0};
	struct random r = {5};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(filters); i++) {
		struct error err;
		struct filter *f = filter_create(filters[i].text, FILTER_LINKS, &err);
		struct bpf_program classic;

		if (f == NULL)
			fail_msg("%s: %s", filters[i].text, err.text);
		assert_string_equal(filter_text(f), filters[i].text);
		assert_int_equal(filter_is_native(f), filters[i].native);
		assert_int_equal(pcap_compile(pcap, &classic, filters[i].text, 1,
			PCAP_NETMASK_UNKNOWN), 0);
		for (unsigned int n = 0; n < 20000; n++) {
			uint8_t frame[FRAME_MAX];
			uint32_t len = frame_random(&r, frame);
			struct pcap_pkthdr header = {.caplen = len, .len = len};
			struct rte_mbuf m = mbuf_of(frame, len);
			bool expected = pcap_offline_filter(&classic, &header, frame) != 0;

			if (filter_match(f, LINKTYPE_ETHERNET, &m) != expected)
				fail_msg("%s: %d expected", filters[i].text, expected);
			passed[i] += expected;
		}
		if (passed[i] == 0)
			fail_msg("%s: no frame passes, so nothing was compared", filters[i].text);
		pcap_freecode(&classic);
		filter_put(f);
	}
	pcap_close(pcap);
}

// Other link types: the filter as libpcap compiles it for them, and nothing where it has no meaning.
static void
other_link_types(void **state)
{
	struct error err;
	struct filter *tcp = filter_create("tcp dst port 80", FILTER_LINKS, &err);
	struct filter *mac = filter_create("ether host 02:00:00:00:00:01", FILTER_LINKS, &err);
	struct filter *port = filter_create("tcp dst port 80", FILTER_ETHERNET, &err);
	struct filter *check = filter_create("tcp dst port 80", FILTER_CHECK, &err);
	struct flow_key key = {.proto = 6, .version = 4, .port = {0, rte_cpu_to_be_16(80)}};
	const uint8_t a[6] = {2, 0, 0, 0, 0, 1}, b[6] = {2, 0, 0, 0, 0, 2};
	uint8_t frame[FILTER_FRAME_MAX];
	uint32_t len = filter_frame_build(&key, false, a, b, frame);
	struct rte_mbuf whole = mbuf_of(frame, len), raw = mbuf_of(frame + 14, len - 14);

	(void)state;
	assert_true(filter_match(tcp, LINKTYPE_ETHERNET, &whole));
	assert_true(filter_match(tcp, LINKTYPE_RAW, &raw));
	assert_true(filter_match(tcp, LINKTYPE_IPV4, &raw));
	assert_false(filter_match(tcp, LINKTYPE_IPV6, &raw));
	assert_false(filter_match(tcp, LINKTYPE_ETHERNET, &raw));
	assert_false(filter_match(tcp, 4711, &whole));
	assert_true(filter_match(mac, LINKTYPE_ETHERNET, &whole));
	assert_false(filter_match(mac, LINKTYPE_RAW, &raw));
	assert_true(filter_match(port, LINKTYPE_ETHERNET, &whole));
	assert_false(filter_match(port, LINKTYPE_RAW, &raw));
	assert_false(filter_match(check, LINKTYPE_ETHERNET, &whole));
	filter_put(tcp);
	filter_put(mac);
	filter_put(port);
	filter_put(check);
}

// libpcap reads the rebuilt frame as the flow that it was made from.
static void
rebuilt_frames(void **state)
{
	static const struct {
		struct flow_key key;
		bool swapped;
		const char *passes, *fails;
	} cases[] = {
		{{.version = 4, .proto = 6, .addr = {[0] = {[12] = 10, 0, 0, 1}, [1] = {[12] = 10, 0, 0, 2}},
			.port = {RTE_BE16(1024), RTE_BE16(80)}}, false,
			"tcp and src host 10.0.0.1 and dst host 10.0.0.2 and src port 1024 and dst port 80 "
			"and ip[8] = 64 and tcp[tcpflags] = 0 and ip[2:2] = 40",
			"vlan or src port 80 or udp"},
		{{.version = 4, .proto = 17, .addr = {[0] = {[12] = 10, 0, 0, 1}, [1] = {[12] = 10, 0, 0, 2}},
			.port = {RTE_BE16(53), RTE_BE16(5353)}}, true,
			"udp and src host 10.0.0.2 and dst host 10.0.0.1 and src port 5353 and dst port 53",
			"dst port 5353"},
		{{.version = 6, .proto = 6, .addr = {[0] = {0x20, 1, 0xd, 0xb8, [15] = 1},
			[1] = {0x20, 1, 0xd, 0xb8, [15] = 2}}, .port = {RTE_BE16(1), RTE_BE16(443)},
			.vlan_count = 2, .vlan = {100, 200}}, false,
			"vlan 100 and vlan 200 and ip6 and tcp and src host 2001:db8::1 and dst port 443",
			"tcp or vlan 200"},
		{{.version = 4, .proto = 89}, false, "ip proto 89 and ether src 02:00:00:00:00:0a and "
			"ether dst 02:00:00:00:00:0b", "tcp or udp or icmp"},
	};
	const uint8_t a[6] = {2, 0, 0, 0, 0, 10}, b[6] = {2, 0, 0, 0, 0, 11};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		uint8_t frame[FILTER_FRAME_MAX];
		uint32_t len = filter_frame_build(&cases[i].key, cases[i].swapped, a, b, frame);
		struct pcap_pkthdr header = {.caplen = len, .len = len};
		pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
		struct bpf_program passes, fails;

		assert_int_equal(pcap_compile(pcap, &passes, cases[i].passes, 1, 0), 0);
		assert_int_equal(pcap_compile(pcap, &fails, cases[i].fails, 1, 0), 0);
		if (pcap_offline_filter(&passes, &header, frame) == 0)
			fail_msg("does not pass: %s", cases[i].passes);
		if (pcap_offline_filter(&fails, &header, frame) != 0)
			fail_msg("passes: %s", cases[i].fails);
		pcap_freecode(&passes);
		pcap_freecode(&fails);
		pcap_close(pcap);
	}
}

static void
no_name_is_looked_up(void **state)
{
	static const char *const names[] = {
		"host www.example.com", "www.example.com", "net backbone", "dst abc.de", "src host dead.beef",
		"gateway router", "ether host printer", "ip host 10.0.0.1 or example", "not example",
		"(port 80) and host x", "len-20", "tcp-echo", "dst http", "ip6 host a:b", "port 80 and ip foo",
		"\\host", "host \\tcp", "ip[foo]", "example", "3com.example", "1.2.3.4.5", "1..2", "HOST 1",
		"icmp-foo", "net 10.0.0.0/foo", "tcp and a-b", "host fe80::1%eth0",
	};
	// What comes from local tables, or is no name.
	static const char *const good[] = {
		"port http", "tcp port https or domain", "src or dst port ssh", "ip proto \\tcp",
		"host 10.0.0.1", "host ::1", "net 10.1", "ether host 02:00:00:00:00:01", "portrange 80-90",
		"port 80 and not port domain", "ip proto \\udp", "host 2001:db8::1 and port 53",
		"icmp6[icmp6type] == icmp6-echo", "tcp[tcpflags] == tcp-syn|tcp-ack",
	};
	char text[4096];
	struct error err;

	(void)state;
	lookups = 0;
	for (unsigned int i = 0; i < RTE_DIM(names); i++) {
		struct filter *f = filter_create(names[i], FILTER_CHECK, &err);

		if (f != NULL)
			fail_msg("taken: %s", names[i]);
		assert_int_equal(errno, EINVAL);
	}
	for (unsigned int i = 0; i < RTE_DIM(good); i++) {
		struct filter *f = filter_create(good[i], FILTER_CHECK, &err);

		if (f == NULL)
			fail_msg("%s: %s", good[i], err.text);
		filter_put(f);
	}
	assert_int_equal(filter_words_check("host www.example.com", &err), -EINVAL);
	assert_non_null(strstr(err.text, "'www.example.com' is no word"));
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(filter_words_check(text, &err), -EINVAL);
	assert_int_equal(lookups, 0);
}

// Any words that we let through, in any order, with what comes between them.
static void
random_words_are_not_looked_up(void **state)
{
	static const char *const words[] = {
		"host", "net", "port", "portrange", "proto", "src", "dst", "and", "or", "not", "tcp", "udp",
		"ip", "ip6", "ether", "vlan", "gateway", "mask", "(", ")", "[", "]", "!", "&&", "&", "+", "-",
		"/", ":", "=", "80", "10.0.0.1", "10.1", "::1", "http", "domain", "\\tcp", "02:00:00:00:00:01",
		"icmptype", "icmp-echo", "tcp-syn", "len", "less", "abc", "de.ad", "example.com", "a-b", "0x10",
		"broadcast", "multicast", "link", "wlan", "type", "subtype", "dir", "lat", "decnet", "iso",
		"icmp6-destinationunreach", "icmp6-parameterproblem", "addr1", "mgt", "protochain",
	};
	struct random r = {9};
	unsigned int right = 0;

	(void)state;
	lookups = 0;
	for (unsigned int n = 0; n < 60000; n++) {
		char text[256] = "";
		struct filter *f;

		for (unsigned int i = 1 + (unsigned int)random_below(&r, 6); i > 0; i--) {
			strcat(text, words[random_below(&r, RTE_DIM(words))]);
			if (random_below(&r, 8) != 0)
				strcat(text, " ");
		}
		f = filter_create(text, FILTER_CHECK, NULL);
		right += f != NULL;
		filter_put(f);
		if (lookups != 0)
			fail_msg("looked up: %s", text);
	}
	assert_true(right > 1000);
}

static void
set_add(struct filter_set *s, const char *text, uint32_t settled, int expected)
{
	struct error err = {0};

	assert_int_equal(filter_set_add(s, text, settled, FILTER_ETHERNET, &err), expected);
	assert_int_equal(err.text[0] != '\0', expected != 0);
}

// Bits stay, masks of flows catch up with what is new only, and a bit that was freed waits until
// everybody has seen that.
static void
sets_change_under_flows(void **state)
{
	const struct flow_key tcp80 = {.proto = 6, .version = 4, .port = {0, RTE_BE16(80)}};
	const uint8_t mac[6] = {2};
	struct filter_set s = {.version = 1};
	char text[32];
	uint64_t mask;

	(void)state;
	set_add(&s, "tcp", 0, 0);
	set_add(&s, "udp", 0, 0);
	set_add(&s, "tcp", 0, 0);
	assert_int_equal(s.used, 3);
	assert_int_equal(filter_set_find(&s, "udp"), 1);
	assert_int_equal(filter_set_find(&s, "icmp"), FILTER_NONE);
	mask = filter_set_catch_up(&s, 0, 0, &tcp80, false, mac, mac);
	assert_int_equal(mask, 1);
	s.version = 2;
	set_add(&s, "dst port 80", 1, 0);
	set_add(&s, "dst port 81", 1, 0);
	// What was decided on the packet stays, even if the key would say otherwise.
	assert_int_equal(filter_set_catch_up(&s, 2, 1, &tcp80, false, mac, mac), 2 + 4);
	assert_int_equal(filter_set_catch_up(&s, 8, 1, &tcp80, false, mac, mac), 4);
	assert_int_equal(filter_set_catch_up(&s, 15, 2, &tcp80, false, mac, mac), 15);
	for (unsigned int i = 4; i < FILTERS_MAX; i++) {
		snprintf(text, sizeof(text), "dst port %u", 1000 + i);
		set_add(&s, text, 1, 0);
	}
	assert_true(s.used == UINT64_MAX);
	set_add(&s, "icmp", 2, -EAGAIN);
	s.version = 3;
	filter_set_remove(&s, 1);
	set_add(&s, "icmp", 2, -EAGAIN);  // somebody may still mean udp by that bit
	s.version = 4;
	set_add(&s, "icmp", 3, 0);
	assert_int_equal(filter_set_find(&s, "icmp"), 1);
	assert_int_equal(s.since[1], 4);
	assert_true(filter_set_catch_up(&s, UINT64_MAX, 3, &tcp80, false, mac, mac) ==
		(UINT64_MAX & ~UINT64_C(2)));
	s.version = 5;
	set_add(&s, "dst prt 80", 4, -EAGAIN);
	filter_set_remove(&s, 7);
	set_add(&s, "dst prt 80", 5, -EINVAL);
	assert_int_equal(s.used >> 7 & 1, 0);
	filter_set_fini(&s);
}

// Which filters need no packet but a flow's key.
static void
by_key_is_certain(void **state)
{
	static const struct {
		const char *text;
		bool by_key;
	} cases[] = {
		{"", true}, {"tcp", true}, {"ip6", true}, {"host 10.0.0.1", true}, {"net 10.0.0.0/8", true},
		{"ip6 host 2001:db8::1", true}, {"net 2001:db8::/32", true}, {"dst port 80 or dst port 443", true},
		{"tcp dst portrange 1-1023", true}, {"ether src 02:00:00:00:00:0b", true},
		{"not icmp6 and not ether host 02:00:00:00:00:0b", true},
		{"tcp[13] & 2 != 0", false}, {"ip[8] > 64", false}, {"ip[1] = 4", false}, {"ip[2:2] > 500", false},
		{"ip6[7] < 3", false}, {"greater 100", false}, {"len > 64", false}, {"icmp[0] = 8", false},
		{"udp[8:4] = 1", false}, {"vlan 5", true}, {"vlan && (port 53 or net 2001:db8::/32)", true},
		{"vlan 5 and ip[8] > 64", false}, {"vlan and len > 64", false}, {"vlan and greater 100", false},
		{"ip proto 47", true}, {"ether proto 0x8847", false}, {"vlan and ether proto 0x8847", false},
		{"mpls", false}, {"pppoes", false}, {"vlan and tcp[13] = 2", false}, {"tcp[((tcp[12] & 0xf0) >> 2)] = 0x16", false},
		{"port 80 and ip[8] > 64", false},
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct filter *f = filter_create(cases[i].text, FILTER_ETHERNET, NULL);

		assert_non_null(f);
		if (filter_by_key(f) != cases[i].by_key)
			fail_msg("'%s'", cases[i].text);
		filter_put(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_equal_libpcap),
		cmocka_unit_test(other_link_types),
		cmocka_unit_test(rebuilt_frames),
		cmocka_unit_test(no_name_is_looked_up),
		cmocka_unit_test(random_words_are_not_looked_up),
		cmocka_unit_test(sets_change_under_flows),
		cmocka_unit_test(by_key_is_certain),
	};
	char *eal[] = {(char *)(uintptr_t)"test", (char *)(uintptr_t)"--no-huge",
		(char *)(uintptr_t)"--no-shconf", (char *)(uintptr_t)"--no-pci",
		(char *)(uintptr_t)"--no-telemetry", (char *)(uintptr_t)"-m64"};

	if (rte_eal_init(RTE_DIM(eal), eal) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
