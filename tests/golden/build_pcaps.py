#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Golden captures: one small capture per feature of the parser, the reader and the flow table.

    build_pcaps.py FOLDER            write every capture to FOLDER
    build_pcaps.py --expect [NAME…]  write expect/NAME.json anew

Nothing here is random and no clock is read, so the captures are the same everywhere. Each packet
is added with what must become of it: a flow (b.flow) or a reason of the ledger (b.discard). The
expectation files are written from those labels, from shared/reference/truth.py and from the
models in tests/lib, never from what Weir says; read the difference before committing one.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import captures  # noqa: E402
from frames import (ACK, FIN, PSH, RST, SYN, ah, arp, eth, ext, frag6, icmp, ip4, ip6,  # noqa: E402
                    llc, sctp, tcp, udp, udplite)

START = 1_704_153_600  # 2024-01-02 00:00:00 UTC
A, B, C = "10.0.0.1", "192.0.2.7", "198.51.100.9"
A6, B6 = "2001:db8::1", "2001:db8:1::2"
NO_TIMEOUTS = ["--flow-idle-timeout", "0", "--flow-active-timeout", "0", "--flow-tcp-end", "off"]
FOLLOW = NO_TIMEOUTS + ["--flow-fragments", "follow"]
CASES = {}


class Builder:
    """The packets of one case. Time moves on by `step` seconds with each, unless `at` is given."""

    def __init__(self, step=0.01):
        self.packets = []
        self.fates = []
        self.ports = []
        self.step = step
        self.now = 0.0

    def _add(self, frame, fate, at, wire, ports=None):
        if at is not None:
            self.now = at
        ns = START * 10**9 + round(self.now * 10**6) * 1000
        self.packets.append(captures.Packet(ns, frame, wire))
        self.fates.append(fate)
        self.ports.append(ports)
        self.now += self.step

    def flow(self, frame, at=None, wire=None, ports=None):
        """ports: source and destination of its flow where fragments are followed"""
        self._add(frame, None, at, wire, ports)

    def discard(self, reason, frame, at=None, wire=None):
        self._add(frame, reason, at, wire)


def case(linktype=captures.ETHERNET, options=NO_TIMEOUTS, write=None, step=0.01, name=None):
    """write: packets -> bytes of the capture; pcap of the link type when None."""
    def register(function):
        def make():
            b = Builder(step)
            function(b)
            data = write(b.packets) if write else captures.pcap(b.packets, linktype)
            return data, b
        CASES[name or function.__name__] = (make, list(options))
        return function
    return register


def udp4(src=A, dst=B, sport=40000, dport=53, payload=b"hello", **ip):
    return ip4(udp(sport, dport, payload, (src, dst)), 17, src, dst, **ip)


def tcp4(src=A, dst=B, sport=40000, dport=443, payload=b"", flags=ACK, **more):
    return ip4(tcp(sport, dport, payload, flags, ends=(src, dst), **more), 6, src, dst)


def tcp6(src=A6, dst=B6, sport=40000, dport=443, payload=b"", flags=ACK, before=b"", first=6):
    """before: extension headers, first: the type of the first of them."""
    return ip6(before + tcp(sport, dport, payload, flags, ends=(src, dst)), first, src, dst)


# Link layer

@case()
def plain(b):
    b.flow(eth(tcp4(flags=SYN)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=SYN | ACK)))
    b.flow(eth(tcp4(payload=b"x" * 700, flags=PSH | ACK)))
    b.flow(eth(udp4()))
    b.flow(eth(udp4(B, A, 53, 40000, b"answer")))
    b.flow(eth(tcp6(flags=SYN), 0x86dd))


@case()
def vlan(b):
    b.flow(eth(udp4(), vlans=[7]))
    b.flow(eth(udp4(B, A, 53, 40000), vlans=[7]))
    b.flow(eth(udp4(), vlans=[8]))
    b.flow(eth(udp4()))
    # Priority and drop-eligible bits are not part of the id; id 0 (priority tag) is a tag.
    b.flow(eth(udp4(), vlans=[0xf007]))
    b.flow(eth(udp4(), vlans=[0]))


@case()
def qinq(b):
    b.flow(eth(udp4(), vlans=[100, 7], tpids=[0x88a8, 0x8100]))
    b.flow(eth(udp4(B, A, 53, 40000), vlans=[100, 7], tpids=[0x9100, 0x8100]))
    b.flow(eth(udp4(), vlans=[7, 100], tpids=[0x88a8, 0x8100]))
    b.flow(eth(tcp6(), 0x86dd, vlans=[1, 2, 3]))
    b.flow(eth(udp4(), vlans=[1, 2, 3, 4]))


@case()
def vlan_depth(b):
    b.flow(eth(udp4(), vlans=[1, 2, 3, 4]))
    b.discard("vlan_depth", eth(udp4(), vlans=[1, 2, 3, 4, 5]))
    b.discard("vlan_depth", eth(udp4(), vlans=list(range(1, 301))))


@case()
def llc_snap(b):
    snap = b"\xaa\xaa\x03\0\0\0"
    b.flow(llc(snap + b"\x08\0" + udp4()))
    b.flow(llc(snap + b"\x86\xdd" + tcp6()))
    b.discard("llc", llc(b"\x42\x42\x03" + b"\0" * 35))           # spanning tree
    b.discard("llc", llc(b"\xff\xff" + b"\0" * 40))               # raw IPX
    b.discard("llc", llc(snap[:3]))                               # no room for SNAP


@case()
def not_ip(b):
    b.discard("arp", eth(arp(), 0x0806, pad=True))
    b.discard("arp", eth(arp(), 0x8035, pad=True))                # RARP
    b.discard("arp", eth(arp(), 0x0806, vlans=[7]))
    b.discard("mpls", eth(b"\0\x01\x01\x40" + udp4(), 0x8847))
    b.discard("mpls", eth(b"\0\x01\x01\x40" + udp4(), 0x8848))
    b.discard("pppoe", eth(b"\x11\x09\0\0\0\0", 0x8863, pad=True))
    b.discard("pppoe", eth(b"\x11\0\0\x01\0\x22\0\x21" + udp4(), 0x8864))
    b.discard("non_ip", eth(b"\x02\x07\x04" + b"\0" * 43, 0x88cc))  # LLDP
    b.discard("non_ip", eth(b"", 0xffff))
    b.discard("non_ip", eth(b"\0" * 46, 0x05ff))                  # neither length nor type


@case()
def padding(b):
    b.flow(eth(udp4(payload=b""), pad=True))
    b.flow(eth(udp4(payload=b"y"), pad=True))
    b.flow(eth(tcp4(flags=ACK), pad=True))
    b.flow(eth(udp4(payload=b"z") + b"\xee" * 1000))              # a trailer


# IPv4

@case()
def ipv4_options(b):
    b.flow(eth(udp4(options=b"\x94\x04\0\0")))                    # router alert
    b.flow(eth(udp4(options=b"\x01" * 40)))                       # as many as there can be
    b.flow(eth(ip4(tcp(40000, 443, options=b"\x01" * 40), 6, A, B, options=b"\x07\x27\x04" +
                   b"\0" * 37)))


@case()
def ipv4_fragments(b):
    whole = udp(40000, 53, b"d" * 3000, (A, B))
    b.flow(eth(ip4(whole[:1480], 17, A, B, more=True)))
    b.flow(eth(ip4(whole[1480:2960], 17, A, B, offset=185, more=True)))
    b.flow(eth(ip4(whole[2960:], 17, A, B, offset=370), pad=True))
    # A later fragment whose bytes look like ports, with TCP flags where a header would have them.
    b.flow(eth(ip4(tcp(1, 2, flags=FIN | RST), 6, A, B, offset=1)))


@case()
def ipv4_bad_header(b):
    b.discard("ip_version", eth(udp4(version=6)))
    b.discard("ip_version", eth(udp4(version=0)))
    b.discard("ipv4_header_length", eth(udp4(ihl=4)))
    b.discard("ipv4_header_length", eth(udp4(ihl=0)))
    b.discard("ipv4_truncated", eth(ip4(b"", 17, A, B, ihl=15)))  # options beyond the frame
    # Total lengths that lie: below the header, 0 (segmentation offload), beyond the frame.
    b.flow(eth(udp4(total=5)))
    b.flow(eth(udp4(total=0)))
    b.flow(eth(udp4(total=65535)))


@case()
def ip_protocols(b):
    b.flow(eth(ip4(icmp(), 1, A, B)))
    b.flow(eth(ip4(icmp(0), 1, B, A)))
    b.flow(eth(ip4(b"\x16\0\0\0\xe0\0\0\1", 2, A, "224.0.0.1")))  # IGMP
    b.flow(eth(ip4(sctp(40000, 3868, b"c" * 20), 132, A, B)))
    b.flow(eth(ip4(sctp(3868, 40000), 132, B, A)))
    b.flow(eth(ip4(udplite(40000, 5004, b"v"), 136, A, B)))
    b.flow(eth(ip4(b"\0\0\1\0" + b"\0\0\0\1" + b"e" * 24, 50, A, B)))  # ESP
    b.flow(eth(ip4(ah(6) + tcp(1, 2), 51, A, B)))                 # AH is a protocol in IPv4
    b.flow(eth(ip4(b"\0\0\x08\0" + udp4(), 47, A, B)))            # GRE, not decoded
    b.flow(eth(ip4(udp4(C, A), 4, A, B)))                         # IP in IP, not decoded
    b.flow(eth(ip4(b"?" * 30, 253, A, B)))
    b.flow(eth(ip4(b"", 255, A, B), pad=True))
    b.flow(eth(ip6(icmp(128), 58, A6, B6), 0x86dd))
    b.flow(eth(ip6(b"", 59, A6, B6), 0x86dd))                     # no next header
    b.flow(eth(ip6(sctp(40000, 3868), 132, A6, B6), 0x86dd))
    b.flow(eth(ip6(b"?" * 5, 254, A6, B6), 0x86dd))


@case()
def same_ends(b):
    b.flow(eth(udp4("127.0.0.1", "127.0.0.1", 5000, 5000)))
    b.flow(eth(udp4("127.0.0.1", "127.0.0.1", 5000, 53)))
    b.flow(eth(udp4("127.0.0.1", "127.0.0.1", 53, 5000)))
    b.flow(eth(ip4(icmp(), 1, "127.0.0.1", "127.0.0.1")))


@case()
def mapped_address(b):
    """IPv4 and the IPv6 address that maps it are different ends."""
    b.flow(eth(udp4()))
    b.flow(eth(ip6(udp(40000, 53, b"hello"), 17, f"::ffff:{A}", f"::ffff:{B}"), 0x86dd))


# IPv6

@case()
def ipv6_extensions(b):
    def chained(before, first):
        b.flow(eth(tcp6(before=before, first=first), 0x86dd))
    chained(ext(6), 0)                                            # hop by hop
    chained(ext(60) + ext(43) + ext(60, 2) + ext(6, 1), 0)        # in the order of RFC 8200
    chained(ah(6), 51)
    chained(ah(6, 20), 51)
    chained(ext(51) + ah(60) + ext(6), 60)
    chained(ext(6), 135)                                          # mobility
    chained(ext(140) + ext(6), 139)                               # HIP, shim6
    chained(ext(60) * 29 + ext(6), 60)                            # thirty of them
    b.flow(eth(ip6(ext(50) + b"\0\0\1\0\0\0\0\1" + b"e" * 16, 0, A6, B6), 0x86dd))  # then ESP
    b.flow(eth(ip6(ext(59), 60, A6, B6), 0x86dd))                 # then nothing


@case()
def ipv6_fragments(b):
    whole = udp(40000, 53, b"d" * 2000, (A6, B6))
    b.flow(eth(ip6(frag6(17, 0, True) + whole[:1232], 44, A6, B6), 0x86dd))
    b.flow(eth(ip6(frag6(17, 154, False) + whole[1232:], 44, A6, B6), 0x86dd))
    b.flow(eth(ip6(frag6(17) + udp(40000, 53, b"atomic"), 44, A6, B6), 0x86dd))
    b.flow(eth(ip6(ext(44) + frag6(17, 1, True) + b"m" * 64, 0, A6, B6), 0x86dd))
    # What follows the header of a later fragment is not an extension header, whatever it says.
    b.flow(eth(ip6(frag6(60, 4) + b"\xff" * 4, 44, A6, B6), 0x86dd))


@case()
def ipv6_bad_header(b):
    b.discard("ip_version", eth(ip6(udp(1, 2), 17, A6, B6, version=4), 0x86dd))
    b.discard("ipv6_extension", eth(ip6(ext(6)[:7], 0, A6, B6), 0x86dd))
    b.discard("ipv6_extension", eth(ip6(b"", 43, A6, B6), 0x86dd))
    b.discard("ipv6_extension", eth(ip6(ext(44) + frag6(17)[:4], 0, A6, B6), 0x86dd))
    b.discard("ipv6_extension", eth(ip6(b"\x2b\xff" + b"\0" * 6 + b"h" * 40, 0, A6, B6), 0x86dd))
    b.flow(eth(ip6(udp(40000, 53, b"x"), 17, A6, B6, length=0), 0x86dd))   # as in jumbograms
    b.flow(eth(ip6(udp(40000, 53, b"x"), 17, A6, B6, length=9999), 0x86dd))


# Fragments, each case in both modes

def both_modes(function):
    case()(function)
    case(options=FOLLOW, name=f"{function.__name__}_follow")(function)
    return function


@both_modes
def fragments_ipv4(b):
    def first(segment, proto, src, dst, ident, **more):
        return eth(ip4(segment, proto, src, dst, ident=ident, more=True), **more)

    def later(proto, src, dst, ident, offset=1, last=False, payload=b"l" * 64, **more):
        return eth(ip4(payload, proto, src, dst, ident=ident, offset=offset, more=not last), **more)

    whole = udp(40000, 53, b"d" * 3000, (A, B))
    b.flow(first(whole[:1480], 17, A, B, 7), ports=(40000, 53))
    b.flow(later(17, A, B, 7, 185, payload=whole[1480:2960]), ports=(40000, 53))
    # The answer has an identification of its own, here the same number.
    b.flow(first(udp(53, 40000, b"a" * 64), 17, B, A, 7), ports=(53, 40000))
    b.flow(later(17, B, A, 7, 9, True), ports=(53, 40000))
    b.flow(later(17, A, B, 7, 370, True, whole[2960:]), ports=(40000, 53))
    # Others with that identification are of other datagrams.
    b.flow(later(6, A, B, 7), ports=(0, 0))
    b.flow(later(17, A, C, 7), ports=(0, 0))
    b.flow(later(17, C, B, 7), ports=(0, 0))
    b.flow(later(17, A, B, 7, vlans=[7]), ports=(0, 0))
    b.flow(later(17, A, B, 8), ports=(0, 0))
    # A later one that comes before its first one is not known yet.
    b.flow(later(17, A, B, 9, 2, True), ports=(0, 0))
    b.flow(first(udp(40001, 53, b"x" * 8), 17, A, B, 9), ports=(40001, 53))
    b.flow(later(17, A, B, 9, 2, True), ports=(40001, 53))
    # The identification used again; then a first one that contradicts, and a copy of it.
    b.flow(first(udp(40002, 123, b"y" * 56), 17, A, B, 7), ports=(40002, 123))
    b.flow(later(17, A, B, 7, 8), ports=(40002, 123))
    b.flow(first(udp(40003, 123, b"z" * 56), 17, A, B, 7), ports=(40003, 123))
    b.flow(first(udp(40003, 123, b"z" * 56), 17, A, B, 7), ports=(40003, 123))
    b.flow(later(17, A, B, 7, 1), ports=(40003, 123))             # overlaps
    # TCP: what looks like a header in a later fragment is none.
    b.flow(first(tcp(40000, 443, b"t" * 44), 6, A, B, 10), ports=(40000, 443))
    b.flow(later(6, A, B, 10, 8, payload=tcp(1, 2, flags=FIN | RST)), ports=(40000, 443))
    # Without ports: ICMP, and a first fragment that is too short to have them (RFC 1858).
    b.flow(first(icmp(), 1, A, B, 11), ports=(0, 0))
    b.flow(later(1, A, B, 11), ports=(0, 0))
    b.flow(first(udp(40004, 53)[:4], 17, A, B, 12), ports=(0, 0))
    b.flow(later(17, A, B, 12), ports=(0, 0))
    # Between equal addresses the ports decide which end is which.
    b.flow(first(udp(5000, 53, b"e" * 56), 17, A, A, 13), ports=(5000, 53))
    b.flow(later(17, A, A, 13, 8, True), ports=(5000, 53))
    b.flow(first(udp(53, 5000, b"e" * 56), 17, A, A, 13), ports=(53, 5000))
    b.flow(later(17, A, A, 13, 8, True), ports=(53, 5000))


@both_modes
def fragments_ipv6(b):
    def fragment(next_header, payload, offset=0, more=False, ident=7, src=A6, dst=B6, **options):
        return eth(ip6(frag6(next_header, offset, more, ident) + payload, 44, src, dst), 0x86dd,
                   **options)

    whole = udp(40000, 53, b"d" * 2000, (A6, B6))
    b.flow(fragment(17, whole[:1232], 0, True), ports=(40000, 53))
    b.flow(fragment(17, whole[1232:], 154), ports=(40000, 53))
    b.flow(fragment(17, b"r" * 64, 1, src=B6, dst=A6), ports=(0, 0))
    b.flow(fragment(17, b"i" * 64, 1, ident=7 << 16), ports=(0, 0))
    b.flow(fragment(17, b"v" * 64, 1, vlans=[7]), ports=(0, 0))
    # An atomic fragment (RFC 6946) is a datagram of its own and nobody's first one.
    b.flow(fragment(17, udp(40001, 53, b"atomic")), ports=(40001, 53))
    b.flow(fragment(17, b"l" * 64, 2, True), ports=(40000, 53))
    # Destination options in the fragmentable part: TCP shows in the first fragment only.
    b.flow(fragment(60, ext(6) + tcp(40000, 443, b"t" * 28), 0, True, 8), ports=(40000, 443))
    b.flow(fragment(60, b"\xff" * 64, 7, False, 8), ports=(40000, 443))
    # RFC 8200 section 4.5: the next header of later fragments may differ, the first one's counts.
    b.flow(fragment(6, tcp(40002, 443, b"t" * 28), 0, True, 9), ports=(40002, 443))
    b.flow(fragment(59, b"n" * 64, 6, False, 9), ports=(40002, 443))
    # Hop-by-hop options before the fragment header.
    b.flow(eth(ip6(ext(44) + frag6(17, 0, True, 10) + udp(40003, 53, b"h" * 56), 0, A6, B6),
               0x86dd), ports=(40003, 53))
    b.flow(eth(ip6(ext(44) + frag6(17, 8, False, 10) + b"h" * 8, 0, A6, B6), 0x86dd),
           ports=(40003, 53))
    b.flow(fragment(17, b"late" * 16, 1, True, 2**32 - 1), ports=(0, 0))
    b.flow(fragment(17, udp(40004, 53, b"x" * 56), 0, True, 2**32 - 1), ports=(40004, 53))
    b.flow(fragment(17, b"late" * 16, 1, False, 2**32 - 1), ports=(40004, 53))


@both_modes
def fragments_lifetime(b):
    """30 s on the capture's clock, which stamps that go back do not move."""
    def fragment(payload, offset, at, ports):
        b.flow(eth(ip4(payload, 17, A, B, ident=7, offset=offset, more=True)), at=at, ports=ports)

    fragment(udp(40000, 53, b"f" * 56), 0, 10, (40000, 53))
    fragment(b"l" * 64, 8, 39.999999, (40000, 53))
    fragment(b"l" * 64, 16, 40, (0, 0))
    fragment(b"l" * 64, 16, 39, (0, 0))
    fragment(udp(40001, 53, b"f" * 56), 0, 38, (40001, 53))
    fragment(b"l" * 64, 8, 69.999999, (40001, 53))
    fragment(b"l" * 64, 8, 35, (40001, 53))
    fragment(udp(40002, 53, b"f" * 56), 0, 69.999999, (40002, 53))
    fragment(b"l" * 64, 8, 99.999998, (40002, 53))
    b.discard("arp", eth(arp(), 0x0806, pad=True), at=99.999999)
    fragment(b"l" * 64, 8, 70, (0, 0))


# Captures cut to a length

def every_length(b, frame, reasons):
    """reasons: [(length from which on, reason or None for a flow)], ascending."""
    for n in range(len(frame) + 1):
        reason = [r for start, r in reasons if n >= start][-1]
        (b.flow if reason is None else lambda f, wire, r=reason: b.discard(r, f, wire=wire))(
            frame[:n], wire=len(frame))


@case()
def cut_ipv4_tcp(b):
    every_length(b, eth(tcp4(flags=SYN, payload=b"12"), vlans=[7]),
                 [(0, "l2_truncated"), (18, "ipv4_truncated"), (38, None)])


@case()
def cut_ipv6_udp(b):
    packet = ip6(ext(17) + udp(40000, 53, b"12", (A6, B6)), 0, A6, B6)
    every_length(b, eth(packet, 0x86dd),
                 [(0, "l2_truncated"), (14, "ipv6_truncated"), (54, "ipv6_extension"),
                  (62, None)])


@case()
def cut_sctp(b):
    every_length(b, eth(ip4(sctp(40000, 3868), 132, A, B)),
                 [(0, "l2_truncated"), (14, "ipv4_truncated"), (34, None)])


@case()
def snaplen(b):
    frame = eth(tcp4(payload=b"p" * 1400))
    b.flow(frame[:96], wire=len(frame))
    b.flow(frame[:54], wire=len(frame))
    b.flow(frame[:96], wire=262144)     # the longest that is believed
    b.flow(frame[:96], wire=262145)     # not believed: the captured length counts
    b.flow(frame[:96], wire=2**32 - 1)
    b.flow(frame[:96], wire=50)         # shorter than what was captured: nor this
    b.flow(frame[:96], wire=0)


@case()
def jumbo(b):
    b.flow(eth(udp4(payload=b"j" * 8972)))
    b.flow(eth(udp4(payload=b"j" * 65507)))                       # the largest datagram
    b.flow(eth(tcp4(payload=b"j" * 2000)))
    option = b"\x11\0\xc2\4" + (70000).to_bytes(4, "big")         # RFC 2675
    body = udp(40000, 53, b"")
    b.flow(eth(ip6(option + body + b"j" * (70000 - 8 - len(body)), 0, A6, B6, length=0), 0x86dd))
    b.flow(eth(ip4(tcp(40000, 443, b"j" * 200000), 6, A, B, total=0)))


# Other link types

@case(linktype=101)
def link_raw(b):
    b.flow(udp4())
    b.flow(tcp6())
    b.discard("ip_version", b"\x50" + udp4()[1:])
    b.discard("ipv4_truncated", udp4()[:19])
    b.discard("ipv6_truncated", tcp6()[:39])


@case(linktype=12)
def link_raw_bsd(b):
    b.flow(udp4())


@case(linktype=228)
def link_ipv4(b):
    b.flow(udp4())


@case(linktype=229)
def link_ipv6(b):
    b.flow(tcp6())


@case(linktype=0)
def link_null(b):
    b.flow(b"\2\0\0\0" + udp4())
    b.flow(b"\0\0\0\2" + udp4())                                  # captured big-endian
    for family in (10, 24, 28, 30):
        b.flow(bytes([family]) + b"\0\0\0" + tcp6())
    b.discard("non_ip", b"\7\0\0\0" + udp4())
    b.discard("l2_truncated", b"\2\0\0")
    b.discard("ipv4_truncated", b"\2\0\0\0")


@case(linktype=108)
def link_loop(b):
    b.flow(b"\0\0\0\2" + udp4())
    b.flow(b"\0\0\0\x18" + tcp6())


@case(linktype=113)
def link_sll(b):
    def sll(ethertype, payload):
        return b"\0\0\0\1\0\6" + b"\2\0\0\0\0\1\0\0" + ethertype.to_bytes(2, "big") + payload
    b.flow(sll(0x0800, udp4()))
    b.flow(sll(0x86dd, tcp6()))
    b.discard("arp", sll(0x0806, arp()))
    b.discard("non_ip", sll(0x88cc, b"\0" * 20))
    b.discard("l2_truncated", sll(0x0800, b"")[:15])
    b.discard("ipv4_truncated", sll(0x0800, b""))


@case(linktype=276)
def link_sll2(b):
    def sll2(ethertype, payload):
        return ethertype.to_bytes(2, "big") + b"\0\0\0\0\0\3\0\1\0\6" + b"\2\0\0\0\0\1\0\0" + payload
    b.flow(sll2(0x0800, udp4()))
    b.flow(sll2(0x86dd, tcp6()))
    b.discard("arp", sll2(0x0806, arp()))
    b.discard("l2_truncated", sll2(0x0800, b"")[:19])


@case(linktype=127)
def link_unknown(b):
    b.discard("linktype", b"\0\0\x08\0\0\0\0\0" + udp4())
    b.discard("linktype", b"")


# File formats

def exchange(b):
    b.flow(eth(udp4()), at=0.000001)
    b.flow(eth(udp4(B, A, 53, 40000)), at=0.25)
    b.flow(eth(udp4()), at=1.999999)


FORMATS = {
    "format_big_endian": lambda p: captures.pcap(p, endian=">"),
    "format_nanoseconds": lambda p: captures.pcap(p, nanoseconds=True),
    "format_nanoseconds_big_endian": lambda p: captures.pcap(p, endian=">", nanoseconds=True),
    "format_snaplen_zero": lambda p: captures.pcap(p, snaplen=0),
    "format_fcs_length": lambda p: captures.pcap(p, linktype=0x50000001),
    "format_pcapng": captures.pcapng,
    "format_pcapng_big_endian": lambda p: captures.pcapng(p, endian=">"),
    "format_cut_in_record": lambda p: captures.pcap(p) + captures.pcap(p[:1])[24:-7],
    "format_cut_in_record_header": lambda p: captures.pcap(p) + bytes(9),
}
for _name, _write in FORMATS.items():
    case(write=_write, name=_name)(exchange)


def _pcapng_mixed(packets):
    """Two sections of different byte order, several interfaces with units and link types."""
    first, second, third = packets
    return b"".join([
        captures.section("<"), captures.unknown_block("<"),
        captures.interface("<", 1, resolution=9), captures.interface("<", 101, resolution=6),
        captures.enhanced(first, "<", 0, 10**9), captures.unknown_block("<"),
        captures.enhanced(second._replace(frame=second.frame[14:]), "<", 1),
        captures.section(">"),
        captures.interface(">", 1, resolution=0x80 | 20, offset=START - 100),
        captures.enhanced(third, ">", 0, 2**20, START - 100)])


@case(write=_pcapng_mixed)
def format_pcapng_mixed(b):
    b.flow(eth(udp4()), at=0)
    b.flow(eth(udp4(B, A, 53, 40000)), at=0.5)
    b.flow(eth(udp4()), at=1.5)


def _pcapng_simple(packets):
    return captures.section() + captures.interface() + b"".join(
        captures.simple(p.frame) for p in packets)


@case(write=_pcapng_simple)
def format_pcapng_simple(b):
    """Simple packet blocks have no time stamp."""
    b.flow(eth(udp4()))
    b.flow(eth(udp4(B, A, 53, 40000, b"longer answer")))


@case()
def format_empty(b):
    del b  # a capture without packets


# Ends of flows

@case(options=["--flow-idle-timeout", "5", "--flow-active-timeout", "0"])
def end_idle(b):
    b.flow(eth(udp4()), at=0)
    b.flow(eth(udp4(B, A, 53, 40000)), at=4.999999)
    b.flow(eth(udp4(B, A, 53, 40000)), at=9.999999)               # exactly the timeout: a new one
    b.flow(eth(udp4(C, A)), at=30)                                # the end shows without a packet


@case(options=["--flow-idle-timeout", "0", "--flow-active-timeout", "2.5"])
def end_active(b):
    for i in range(11):
        b.flow(eth(udp4()), at=i * 0.5)


@case(options=[])
def end_default_timeouts(b):
    """Three minutes: results are compared in the results_ cases."""
    b.flow(eth(udp4()), at=0)
    b.flow(eth(udp4()), at=59.999999)
    b.flow(eth(udp4(B, A, 53, 40000)), at=119.999999)             # idle for 60 s
    for i in range(5):
        b.flow(eth(tcp4()), at=120 + i * 40)                      # 120 s old at the fourth


@case(options=[])
def end_fin(b):
    b.flow(eth(tcp4(flags=SYN, seq=100)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=SYN | ACK, seq=900, ack=101)))
    b.flow(eth(tcp4(payload=b"bye", flags=FIN | ACK, seq=101, ack=901)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=ACK, seq=901, ack=105)))
    b.flow(eth(tcp4(B, A, 443, 40000, payload=b"ok", flags=FIN | ACK, seq=901, ack=105)))
    b.flow(eth(tcp4(flags=ACK, seq=105, ack=903)))                # short of the FIN by one
    b.flow(eth(tcp4(flags=ACK, seq=105, ack=904)))                # the end
    b.flow(eth(tcp4(flags=SYN, seq=7)))                           # the same ends once more


@case(options=[])
def end_fin_wraps(b):
    """Sequence numbers around 2^32."""
    b.flow(eth(tcp4(flags=FIN | ACK, seq=2**32 - 1, ack=2**32 - 1)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=FIN | ACK, seq=2**32 - 1, ack=0)))
    b.flow(eth(tcp4(flags=ACK, seq=0, ack=0)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=ACK, seq=0, ack=0)))  # a new flow, the other way


@case(options=[])
def end_rst(b):
    b.flow(eth(tcp4(flags=SYN)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=RST | ACK)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=RST)))                # a flow of one packet
    b.flow(eth(tcp4(flags=SYN)))


@case(options=[])
def end_fin_timeout(b):
    b.flow(eth(tcp4(flags=SYN)), at=0)
    b.flow(eth(tcp4(flags=FIN | ACK)), at=1)
    b.flow(eth(tcp4(B, A, 443, 40000)), at=2.999999)
    b.flow(eth(tcp4(B, A, 443, 40000)), at=3)                     # 2 s after the FIN
    b.flow(eth(udp4()), at=4)


@case()
def end_off(b):
    """With --flow-tcp-end off nothing that TCP says ends a flow."""
    for flags in (SYN, FIN | ACK, RST, SYN, ACK):
        b.flow(eth(tcp4(flags=flags)))


@case()
def time_backwards(b):
    b.flow(eth(udp4()), at=5)
    b.flow(eth(udp4()), at=3.5)                                   # counts in the pane of 5 s
    b.flow(eth(udp4(B, A, 53, 40000)), at=4)
    b.flow(eth(udp4()), at=6.25)


@case()
def results_slides(b):
    """Rows, ties, shares at the limit, empty windows between and a discard as the last packet."""
    b.flow(eth(udp4(payload=b"t" * 100)), at=0.2)
    b.flow(eth(udp4(C, B, payload=b"t" * 100)), at=0.4)           # a tie between A and C
    b.flow(eth(tcp4(payload=b"t" * 1200)), at=0.9)
    b.flow(eth(tcp4(payload=b"t" * 10)), at=3)
    b.flow(eth(ip4(icmp(), 1, A, C)), at=17)
    b.discard("arp", eth(arp(), 0x0806, pad=True), at=20)


@case()
def results_share_limit(b):
    """Exactly 10 percent is not more than 10 percent."""
    b.flow(eth(udp4(payload=b"s" * 58)))                          # 100 bytes
    b.flow(eth(tcp4(payload=b"s" * 846)))                         # 900 bytes


@case()
def results_gap(b):
    """A gap of more than 86400 slides is left out once the window has run empty."""
    b.flow(eth(udp4()), at=0)
    b.flow(eth(udp4()), at=200000)


@case()
def results_starts_with_discard(b):
    b.discard("arp", eth(arp(), 0x0806, pad=True), at=0)
    b.flow(eth(udp4()), at=2)


def build(name, folder):
    """-> (path of the capture, options for weir, builder)"""
    make, options = CASES[name]
    data, b = make()
    path = Path(folder) / f"{name}.pcap"
    path.write_bytes(data)
    return path, options, b


if __name__ == "__main__":
    if sys.argv[1:2] == ["--expect"]:
        import expectations
        expectations.write(sys.argv[2:] or list(CASES))
    elif len(sys.argv) == 2:
        for case_name in CASES:
            build(case_name, sys.argv[1])
    else:
        sys.exit(__doc__)
