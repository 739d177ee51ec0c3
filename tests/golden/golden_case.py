# SPDX-License-Identifier: BSD-3-Clause
"""How golden cases are written: packets with the fate that each of them must have, registered under
the case's name. The cases themselves are in the cases_*.py beside this."""
import captures
from frames import ACK, eth, ip4, ip6, tcp, udp

START = 1_704_153_600  # 2024-01-02 00:00:00 UTC
A, B, C = "10.0.0.1", "192.0.2.7", "198.51.100.9"
A6, B6 = "2001:db8::1", "2001:db8:1::2"
NO_TIMEOUTS = ["--flow-idle-timeout", "0", "--flow-active-timeout", "0", "--flow-tcp-end", "off"]
CASES = {}


class Builder:
    """The packets of one case. Time moves on by `step` seconds with each, unless `at` is given.

    The reference knows neither labels nor tunnels. A packet that has some is added with the IP
    packet that its flow is made of, and the reference is given that one in a plain frame, with
    the length on the wire that the whole has. Flows of one network (a name of the case's own)
    get a VLAN tag of NETWORKS_FROM and more in front, which is taken off the records again and
    becomes their "tunnel".
    """

    NETWORKS_FROM = 4000

    def __init__(self, step=0.01, follow=True):
        self.follow = follow  # False: tunnels are the flows
        self.packets = []
        self.plain = []
        self.fates = []
        self.ports = []
        self.networks = {}
        self.step = step
        self.now = 0.0

    def _add(self, frame, fate, at, wire, plain=None, ports=None):
        if at is not None:
            self.now = at
        ns = START * 10**9 + round(self.now * 10**6) * 1000
        self.packets.append(captures.Packet(ns, frame, wire))
        if plain is not None:
            wire = len(frame) if wire is None else wire
        self.plain.append(captures.Packet(ns, frame if plain is None else plain, wire))
        self.fates.append(fate)
        self.ports.append(ports)
        self.now += self.step

    def flow(self, frame, at=None, wire=None, ports=None):
        """ports: source and destination of its flow where fragments are followed"""
        self._add(frame, None, at, wire, ports=ports)

    def carries(self, frame, packet, vlans=(), at=None):
        """A frame whose flow is that of an IP packet within."""
        self._add(frame, None, at, None, self._frame(packet, vlans))

    def tunnel(self, frame, packet, network, tunnel=None, vlans=(), at=None, wire=None):
        """The same out of a tunnel. `tunnel`: what the records of this network have to say,
        given with the first packet."""
        if not self.follow:
            self.flow(frame, at, wire)
            return
        if tunnel is not None:
            self.networks[network] = tunnel
        index = self.NETWORKS_FROM + list(self.networks).index(network)
        self._add(frame, None, at, wire, self._frame(packet, [index, *vlans]))

    def tunnel_of(self, vlan):
        """The ids of a record's VLANs -> (those of the flow, its tunnel or None)"""
        if not vlan or vlan[0] < self.NETWORKS_FROM:
            return vlan, None
        return vlan[1:], list(self.networks.values())[vlan[0] - self.NETWORKS_FROM]

    @staticmethod
    def _frame(packet, vlans):
        return eth(packet, 0x0800 if packet[0] >> 4 == 4 else 0x86dd, vlans=vlans)

    def discard(self, reason, frame, at=None, wire=None):
        self._add(frame, reason, at, wire)


def case(linktype=captures.ETHERNET, options=NO_TIMEOUTS, write=None, step=0.01, name=None,
         follow=True):
    """write: packets -> bytes of the capture; pcap of the link type when None."""
    def register(function):
        def make():
            b = Builder(step, follow)
            function(b)
            data = write(b.packets) if write else captures.pcap(b.packets, linktype)
            return data, b
        CASES[name or function.__name__] = (make, list(options))
        return function
    return register


def tunnel_case(function):
    """The same packets as two cases: tunnels decapsulated, and (NAME_off) left alone."""
    case(options=[*NO_TIMEOUTS, "--flow-tunnels", "decapsulate"])(function)
    case(name=f"{function.__name__}_off", follow=False)(function)
    return function


def udp4(src=A, dst=B, sport=40000, dport=53, payload=b"hello", **ip):
    return ip4(udp(sport, dport, payload, (src, dst)), 17, src, dst, **ip)


def tcp4(src=A, dst=B, sport=40000, dport=443, payload=b"", flags=ACK, **more):
    return ip4(tcp(sport, dport, payload, flags, ends=(src, dst), **more), 6, src, dst)


def tcp6(src=A6, dst=B6, sport=40000, dport=443, payload=b"", flags=ACK, before=b"", first=6):
    """before: extension headers, first: the type of the first of them."""
    return ip6(before + tcp(sport, dport, payload, flags, ends=(src, dst)), first, src, dst)
