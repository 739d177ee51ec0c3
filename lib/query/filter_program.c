/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/filter_program.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include <rte_common.h>

#define ETHERNET_LEN 14

// Loads behind the Ethernet header whose bytes are in a flow's key, whether the packet is IPv4 or
// IPv6. Offset 20 is IPv4's fragment offset, 0 in a first packet, and with one byte IPv6's next
// header; 54 with one byte is the protocol behind IPv6's fragment header, which libpcap looks at
// for "tcp" after it has seen that header.
static const struct {
	uint8_t offset;
	uint8_t size;
} known[] = {
	{20, 2}, {20, 1}, {23, 1},              // IPv4: fragment, protocol; IPv6: next header
	{26, 4}, {30, 4}, {28, 4},              // IPv4 addresses, and ARP's, which have no flows
	{22, 4}, {34, 4}, {38, 4}, {42, 4}, {46, 4}, {50, 4},  // IPv6 addresses, with those two
	{54, 1}, {54, 2}, {56, 2},              // IPv6: protocol, ports
};

static uint32_t
load_size(uint16_t code)
{
	switch (BPF_SIZE(code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	default:
		return 4;
	}
}

static bool
load_is_known(uint32_t offset, uint32_t size)
{
	if (offset <= ETHERNET_LEN && size <= ETHERNET_LEN - offset)
		return true;
	for (size_t i = 0; i < RTE_DIM(known); i++)
		if (known[i].offset == offset && known[i].size == size)
			return true;
	return false;
}

// X is the length of the IPv4 header: libpcap's way to what follows it.
static bool
indexed_load_is_known(uint32_t offset, uint32_t size)
{
	return size == 2 && (offset == ETHERNET_LEN || offset == ETHERNET_LEN + 2);
}

static bool
instruction_is_known(const struct bpf_insn *in)
{
	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
		if (BPF_MODE(in->code) == BPF_ABS)
			return load_is_known(in->k, load_size(in->code));
		if (BPF_MODE(in->code) == BPF_IND)
			return indexed_load_is_known(in->k, load_size(in->code));
		return BPF_MODE(in->code) != BPF_LEN;
	case BPF_LDX:
		return BPF_MODE(in->code) == BPF_MSH ? in->k == ETHERNET_LEN :
			BPF_MODE(in->code) != BPF_LEN;
	default:
		return true;
	}
}

// EtherTypes of what a key does not tell: MPLS, PPPoE.
static bool
compares_shim(const struct bpf_insn *in)
{
	static const uint16_t shims[] = {0x8847, 0x8848, 0x8863, 0x8864};

	for (size_t i = 0; i < RTE_DIM(shims); i++)
		if (in->code == (BPF_JMP | BPF_JEQ | BPF_K) && in->k == shims[i])
			return true;
	return false;
}

bool
filter_program_by_key(const struct bpf_program *p)
{
	for (unsigned int i = 0; i < p->bf_len; i++)
		if (!instruction_is_known(&p->bf_insns[i]) || compares_shim(&p->bf_insns[i]))
			return false;
	return true;
}

static bool
word_is_known(const char *word, size_t len)
{
	static const char *const words[] = {
		// Not "proto": the protocol may be that of a frame, as MPLS is.
		"and", "or", "not", "src", "dst", "host", "net", "mask", "port", "portrange", "tcp", "udp", "sctp", "icmp", "icmp6", "ip", "ip6", "ether", "vlan",
	};

	if (isdigit((unsigned char)word[0]) || memchr(word, ':', len) != NULL)
		return true;  // a number, an address, a range
	for (size_t i = 0; i < RTE_DIM(words); i++)
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
			return true;
	return false;
}

bool
filter_text_by_key(const char *text)
{
	static const char between[] = " \t\r\n()!&|";

	for (const char *at = text + strspn(text, between); *at != '\0';
			at += strspn(at, between)) {
		size_t len = strcspn(at, between);

		if (memchr(at, '[', len) != NULL || !word_is_known(at, len))
			return false;
		at += len;
	}
	return true;
}
