# SPDX-License-Identifier: BSD-3-Clause
"""Golden cases: IPv4 and IPv6, whole and cut off."""
from frames import (FIN, RST, SYN, ah, eth, ext, frag6, icmp, ip4, ip6, sctp, tcp, udp,
                    udplite)
from golden_case import A, A6, B, B6, C, case, tcp4, tcp6, udp4


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
