# SPDX-License-Identifier: BSD-3-Clause
"""Golden cases: fragments, each case with later ones followed and not."""
from frames import FIN, RST, arp, eth, ext, frag6, icmp, ip4, ip6, tcp, udp
from golden_case import A, A6, B, B6, C, NO_TIMEOUTS, case

FOLLOW = NO_TIMEOUTS + ["--flow-fragments", "follow"]


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
