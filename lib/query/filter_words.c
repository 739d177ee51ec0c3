/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "query/filter.h"

// libpcap takes a word that it does not know for a host or network and asks a name server, which
// would let the control thread wait and tell others what is measured. So each word of a filter must
// be one of the language, a number or an address, or follow one that takes names from local tables.

// Words of pcap-filter(7), as libpcap's scanner knows them.
static const char *const words[] = {
	"aarp", "action", "addr1", "addr2", "addr3", "addr4", "address1", "address2", "address3",
	"address4", "ah", "and", "arp", "atalk", "bcc", "broadcast", "byte", "carp", "clnp",
	"connectmsg", "csnp", "decnet", "dir", "direction", "dpc", "dst", "es-is", "esis", "esp",
	"ether", "fddi", "fisu", "gateway", "geneve", "greater", "host", "icmp", "icmp6",
	"icmp6code", "icmp6type", "icmpcode", "icmptype", "ifindex", "ifname", "igmp", "igrp", "iih",
	"ilmic", "inbound", "ip", "ip6", "ipx", "is-is", "isis", "iso", "l1", "l2", "lane", "lat",
	"len", "length", "less", "link", "llc", "lsp", "lssu", "lsu", "mask", "metac",
	"metaconnect", "mopdl", "moprc", "mpls", "msu", "multicast", "net", "netbeui", "not", "oam",
	"oamf4", "oamf4ec", "oamf4sc", "on", "opc", "or", "outbound", "pim", "port", "portrange",
	"ppp", "pppoed", "pppoes", "proto", "protochain", "psnp", "ra", "radio", "rarp", "reason",
	"rnr", "rset", "rulenum", "ruleset", "sc", "sca", "sctp", "sio", "slip", "sls", "snp", "src",
	"srnr", "stp", "subrulenum", "subtype", "ta", "tcp", "tcpflags", "tr", "type", "udp", "vci",
	"vlan", "vpi", "vrrp", "wlan",
	"icmp-echo", "icmp-echoreply", "icmp-ireq", "icmp-ireqreply", "icmp-maskreply",
	"icmp-maskreq", "icmp-paramprob", "icmp-redirect", "icmp-routeradvert",
	"icmp-routersolicit", "icmp-sourcequench", "icmp-timxceed", "icmp-tstamp",
	"icmp-tstampreply", "icmp-unreach",
	"icmp6-destinationunreach", "icmp6-echo", "icmp6-echoreply", "icmp6-haddiscovreply",
	"icmp6-haddiscovrequest", "icmp6-homeagentdiscoveryreply",
	"icmp6-homeagentdiscoveryrequest", "icmp6-inverseneighborsolicit",
	"icmp6-inverseneighboradvert", "icmp6-mobileprefixadvert", "icmp6-mobileprefixsolicit",
	"icmp6-multicastlistenerdone", "icmp6-multicastlistenerquery",
	"icmp6-multicastlistenerreportv1", "icmp6-multicastlistenerreportv2",
	"icmp6-multicastrouteradvert", "icmp6-multicastroutersolicit",
	"icmp6-multicastrouterterm", "icmp6-neighboradvert", "icmp6-neighborsolicit",
	"icmp6-nodeinformationquery", "icmp6-nodeinformationresponse", "icmp6-packettoobig",
	"icmp6-parameterproblem", "icmp6-redirect", "icmp6-routeradvert", "icmp6-routerrenum",
	"icmp6-routersolicit", "icmp6-timeexceeded",
	"tcp-ack", "tcp-cwr", "tcp-ece", "tcp-fin", "tcp-push", "tcp-rst", "tcp-syn", "tcp-urg",
};

// After these come names of services, protocols and frame types, which local tables know.
static const char *const local[] = {
	"action", "dir", "direction", "port", "portrange", "proto", "protochain", "reason",
	"subtype", "type",
};

static const char *const joining[] = {"and", "not", "or"};

static bool
word_in(const char *word, const char *const *list, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

// 80, 0x1f, 10, 10.1, 10.1.2.3
static bool
word_is_number(const char *word)
{
	unsigned int dots = 0;

	if (strncmp(word, "0x", 2) == 0)
		return word[2] != '\0' && word[2 + strspn(word + 2, "0123456789abcdefABCDEF")] == '\0';
	for (const char *c = word; *c != '\0'; c++) {
		if (*c == '.' && c != word && c[-1] != '.' && c[1] != '\0')
			dots++;
		else if (!isdigit((unsigned char)*c))
			return false;
	}
	return dots <= 3;
}

// An IPv6 address, or six groups of a MAC; in brackets, offset and size.
static bool
word_is_address(const char *word, bool brackets)
{
	unsigned int m[6];
	uint8_t address[16];
	int end = 0;

	if (brackets)
		return word[strspn(word, "0123456789:")] == '\0';
	if (inet_pton(AF_INET6, word, address) == 1)
		return true;
	return word[strspn(word, "0123456789abcdefABCDEF:")] == '\0' &&
		sscanf(word, "%2x:%2x:%2x:%2x:%2x:%2x%n", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5],
			&end) == 6 && word[end] == '\0';
}

struct reader {
	bool brackets;   // within [...]
	bool local;      // names are looked up in local tables
};

// `escaped`: after a backslash, which makes a name of any word.
static bool
word_fits(struct reader *r, const char *word, bool escaped)
{
	if (!escaped && word_in(word, words, RTE_DIM(words))) {
		if (!word_in(word, joining, RTE_DIM(joining)))
			r->local = word_in(word, local, RTE_DIM(local));
		return true;
	}
	return r->local || word_is_number(word) || word_is_address(word, r->brackets);
}

int
filter_words_check(const char *text, struct error *err)
{
	static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"._:-";
	struct reader r = {0};
	char word[80];

	while (*text != '\0') {
		bool escaped = *text == '\\';
		size_t n;

		text += escaped;
		n = strspn(text, inside);
		if (n > 0 && *text == '-')
			n = 0;  // an operator
		if (n >= sizeof(word))
			return error_set(err, -EINVAL, "'%.60s...': no word of pcap-filter(7) is so long",
				text);
		if (n == 0) {
			r.brackets = *text == '[' || (r.brackets && *text != ']');
			text += *text != '\0';
			continue;
		}
		memcpy(word, text, n);
		word[n] = '\0';
		if (!word_fits(&r, word, escaped))
			return error_set(err, -EINVAL, "'%s' is no word of pcap-filter(7), and names of "
				"hosts and networks are not looked up: give the address", word);
		text += n;
	}
	return 0;
}
