# SPDX-License-Identifier: BSD-3-Clause
"""Application protocol of a flow, computed from config/protocols.json by the contract's words:
by the destination port of the flow's first packet, then by its source port, else the name of the
IP protocol (IANA's keyword, "IP-<number>" where there is none)."""
import json

from weirtest import REPO

WITH_PORTS = {6: "tcp", 17: "udp", 132: "sctp", 136: "udplite"}

# IANA, assigned Internet protocol numbers; those that captures in the tests hold.
KEYWORDS = {
    0: "HOPOPT", 1: "ICMP", 2: "IGMP", 4: "IPv4", 6: "TCP", 17: "UDP", 33: "DCCP", 41: "IPv6",
    43: "IPv6-Route", 44: "IPv6-Frag", 46: "RSVP", 47: "GRE", 50: "ESP", 51: "AH",
    58: "IPv6-ICMP", 59: "IPv6-NoNxt", 60: "IPv6-Opts", 88: "EIGRP", 89: "OSPFIGP", 94: "IPIP",
    97: "ETHERIP", 103: "PIM", 108: "IPComp", 112: "VRRP", 115: "L2TPv3", 132: "SCTP",
    136: "UDPLite", 137: "MPLS-in-IP", 139: "HIP", 140: "Shim6", 255: "Reserved",
}


class Protocols:
    def __init__(self, path=None):
        table = json.loads((path or REPO / "config" / "protocols.json").read_text())
        self.ports, self.whole = {}, {}
        for name, entries in table.items():
            for entry in entries:
                transport, _, port = entry.lower().partition("/")
                if port:
                    self.ports[transport, int(port)] = name
                else:
                    self.whole[transport] = name

    def name(self, proto, sport, dport):
        transport = WITH_PORTS.get(proto)
        for port in (dport, sport):
            if (transport, port) in self.ports:
                return self.ports[transport, port]
        keyword = KEYWORDS.get(proto, f"IP-{proto}")
        return self.whole.get(keyword.lower(), keyword)
