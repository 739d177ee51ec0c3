/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/ip_protocol.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>

static const char *const names[256] = {
	[0] = "HOPOPT", [1] = "ICMP", [2] = "IGMP", [3] = "GGP", [4] = "IPv4", [5] = "ST",
	[6] = "TCP", [7] = "CBT", [8] = "EGP", [9] = "IGP", [12] = "PUP", [17] = "UDP",
	[27] = "RDP-IP", [29] = "ISO-TP4", [33] = "DCCP", [36] = "XTP", [37] = "DDP",
	[40] = "IL", [41] = "IPv6", [42] = "SDRP", [43] = "IPv6-Route", [44] = "IPv6-Frag",
	[45] = "IDRP", [46] = "RSVP", [47] = "GRE", [48] = "DSR", [50] = "ESP", [51] = "AH",
	[54] = "NARP", [55] = "Min-IPv4", [58] = "IPv6-ICMP", [59] = "IPv6-NoNxt",
	[60] = "IPv6-Opts", [73] = "CPHB", [81] = "VMTP", [88] = "EIGRP", [89] = "OSPFIGP",
	[93] = "AX.25", [94] = "IPIP", [97] = "ETHERIP", [98] = "ENCAP", [103] = "PIM",
	[108] = "IPComp", [112] = "VRRP", [113] = "PGM", [115] = "L2TPv3", [124] = "IS-IS",
	[132] = "SCTP", [133] = "FC", [135] = "Mobility", [136] = "UDPLite",
	[137] = "MPLS-in-IP", [138] = "MANET", [139] = "HIP", [140] = "Shim6", [141] = "WESP",
	[142] = "ROHC", [143] = "Ethernet", [255] = "Reserved",
};

const char *
ip_protocol_name(uint8_t number)
{
	return names[number];
}

int
ip_protocol_find(const char *name)
{
	for (int i = 0; i < 256; i++)
		if (names[i] != NULL && strcasecmp(names[i], name) == 0)
			return i;
	return -ENOENT;
}
