# SPDX-License-Identifier: BSD-3-Clause
"""A model of flows, written from shared/design/interfaces.md on top of pcapref.py and sharing
nothing with Weir's code: packets of a capture -> what each is (flow start, flow packet, discard).

Timeouts count on the packets' own time, as in truth.py: a flow is over before its key's next
packet when that is the idle timeout or more after the flow's last packet (idle), the active
timeout or more after its first (active), whichever of these moments came first. It is over as well
when the capture's clock (the latest time stamp so far) has moved on by as much since, or by 2 s
since its first FIN (fin_timeout). The packet that acknowledges the later of two FINs is a flow's
last (fin), and so is one with RST (rst). Flows still open at the end of the capture end by what
the clock says then, or else by the end of the run (flush).

With flow.fragments = follow a later fragment has the ports (and in IPv6 the protocol) of the
newest first fragment with its datagram's identification, if that came less than 30 s before by the
capture's clock; else its ports are 0. Weir's memory for this is bounded and the model's is not.
"""
from collections import Counter
from dataclasses import dataclass, field

import weirtest

weirtest.reference()
import pcapref  # noqa: E402  (its folder is known only now)

FIN, SYN, RST, ACK = 1, 2, 4, 16
FIN_TIMEOUT_US = 2_000_000
FRAGMENT_LIFETIME_US = 30_000_000
VLANS_MAX = 4
WIRE_MAX = 262144


@dataclass
class Packet:
    us: int           # its own time stamp
    clock: int        # latest time stamp seen, this packet's included
    wire: int         # frame bytes on the wire
    vlan: tuple = ()
    proto: int = 0
    src: tuple = None  # (address bytes, port)
    dst: tuple = None
    l3: int = 0
    flags: int = 0
    seq: int = 0
    ack: int = 0
    payload: int = 0  # TCP payload by the IP header

    @property
    def in_flow(self):
        return self.src is not None


@dataclass
class Flow:
    src: tuple
    dst: tuple
    proto: int
    vlan: tuple
    first_us: int
    last_us: int
    born: int  # the clock at the first packet
    seen: int  # and at the last
    end: str = None
    fin_clock: int = None   # the capture's clock at the first FIN
    fin_ack: dict = field(default_factory=dict)  # direction -> what acknowledges its FIN
    later: int = None                            # direction whose FIN was the second
    packets: list = field(default_factory=lambda: [0, 0])
    bytes: list = field(default_factory=lambda: [0, 0])
    flags: list = field(default_factory=lambda: [0, 0])


def wire_length(captured, recorded):
    return recorded if captured <= recorded <= WIRE_MAX else captured


def _transport(p, ip, data):
    """Ports and TCP fields of a packet whose IP header is known."""
    at, rest = ip["l4"], len(data) - ip["l4"]
    sport, dport = pcapref.ports(ip, data)
    if rest < {6: 20, 17: 8}.get(p.proto, 4):
        sport = dport = 0
    elif p.proto == 6 and ip["frag"] != 2:
        p.flags = data[at + 13]
        p.seq = int.from_bytes(data[at + 4:at + 8], "big")
        p.ack = int.from_bytes(data[at + 8:at + 12], "big")
        p.payload = max(0, p.l3 - (at - ip["start"]) - (data[at + 12] >> 4) * 4)
    p.src, p.dst = (ip["src"], sport), (ip["dst"], dport)


def _identification(ip, data):
    """Of a fragment: RFC 791's field, or that of the IPv6 fragment header (RFC 8200)."""
    at = ip["start"]
    if ip["ver"] == 4:
        return data[at + 4:at + 6]
    header, at, found = data[at + 6], at + 40, None
    while at < ip["l4"]:
        if header == 44:
            found, size = data[at + 4:at + 8], 8
        else:
            size = (data[at + 1] + 2) * 4 if header == 51 else (data[at + 1] + 1) * 8
        header, at = data[at], at + size
    return found


class Fragments:
    """What later fragments get from their first ones, and how often."""

    def __init__(self):
        self.firsts = {}  # datagram -> (clock, proto, source port, destination port)
        self.counts = Counter(first=0, followed=0, unmatched=0, replaced=0, evicted=0)

    def follow(self, p, ip, data):
        if ip["frag"] == 0:
            return
        datagram = (p.vlan, ip["ver"], p.src[0], p.dst[0], _identification(ip, data),
                    p.proto if ip["ver"] == 4 else None)
        known = self.firsts.get(datagram)
        if known and p.clock - known[0] >= FRAGMENT_LIFETIME_US:
            known = None
        if ip["frag"] == 1:
            self.counts["first"] += 1
            self.firsts[datagram] = p.clock, p.proto, p.src[1], p.dst[1]
            self.counts["replaced"] += bool(known) and known[1:] != self.firsts[datagram][1:]
            return
        self.counts["followed" if known else "unmatched"] += 1
        if known:
            _, p.proto, sport, dport = known
            p.src, p.dst = (p.src[0], sport), (p.dst[0], dport)


def packets(path, fragments=None):
    """Every packet of the capture; those that belong to no flow have src None. fragments: of class
    Fragments, to follow them."""
    clock = 0
    for ts_ns, captured, recorded, linktype, data in pcapref.packets(str(path)):
        us = ts_ns // 1000
        clock = max(clock, us)
        p = Packet(us, clock, wire_length(captured, recorded))
        link = pcapref.l2(linktype, data)
        if link and len(link[2]) <= VLANS_MAX:
            ip = pcapref.l3(link[0], link[1], data)
            if ip:
                ip["start"] = link[1]
                p.vlan, p.proto, p.l3 = tuple(link[2]), ip["proto"], ip["iplen"]
                _transport(p, ip, data)
                if fragments:
                    fragments.follow(p, ip, data)
        yield p


class Table:
    """Timeouts in seconds, 0 is never."""

    def __init__(self, idle=60, active=120, tcp_end=True):
        self.idle = round(idle * 1e6)
        self.active = round(active * 1e6)
        self.tcp_end = tcp_end
        self.open = {}
        self.ended = []
        self.clock = 0

    def add(self, p):
        """-> (flow, direction of the packet in it, whether it started the flow)"""
        self.clock = p.clock
        key = p.vlan, p.proto, *sorted((p.src, p.dst))
        flow = self.open.get(key)
        if flow:
            why = (self._expired(p.us, flow.first_us, flow.last_us, None) or
                   self._expired(p.clock, flow.born, flow.seen, flow.fin_clock))
            if why:
                self._end(key, flow, why)
                flow = None
        started = flow is None
        if started:
            flow = self.open[key] = Flow(p.src, p.dst, p.proto, p.vlan, p.us, p.us, p.clock,
                                         p.clock)
        # With both ends alike there is but one direction.
        direction = 0 if p.src == flow.src else 1
        flow.seen, flow.last_us = p.clock, p.us
        flow.packets[direction] += 1
        flow.bytes[direction] += p.wire
        flow.flags[direction] |= p.flags
        if self.tcp_end and p.proto == 6:
            why = self._tcp_end(flow, direction, p)
            if why:
                self._end(key, flow, why)
        return flow, direction, started

    def finish(self):
        for key, flow in list(self.open.items()):
            why = self._expired(self.clock, flow.born, flow.seen, flow.fin_clock)
            self._end(key, flow, why or "flush")
        return self.ended

    def _end(self, key, flow, why):
        flow.end = why
        self.ended.append(flow)
        del self.open[key]

    def _expired(self, now, first, last, fin):
        moments = []
        if self.idle:
            moments.append((last + self.idle, "idle"))
        if self.active:
            moments.append((first + self.active, "active"))
        if fin is not None:
            moments.append((fin + FIN_TIMEOUT_US, "fin_timeout"))
        moment, why = min(moments, key=lambda m: m[0], default=(None, None))
        return why if moments and now >= moment else None

    @staticmethod
    def _tcp_end(flow, direction, p):
        if p.flags & RST:
            return "rst"
        if p.flags & FIN and direction not in flow.fin_ack:
            if not flow.fin_ack:
                flow.fin_clock = p.clock
            else:
                flow.later = direction
            flow.fin_ack[direction] = p.seq + p.payload + 1 + bool(p.flags & SYN)
        if p.flags & ACK and flow.later == 1 - direction:
            if (p.ack - flow.fin_ack[flow.later]) & 0xffffffff < 0x80000000:
                return "fin"
        return None
