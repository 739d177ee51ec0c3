# SPDX-License-Identifier: BSD-3-Clause
"""Headers of tunnels and shims, each in front of what it carries."""
import struct

from frames import ip4, ip6, udp

T1, T2 = "203.0.113.1", "203.0.113.2"          # ends of tunnels
T1_6, T2_6 = "2001:db8:f::1", "2001:db8:f::2"
CUSTOMER_A = bytes.fromhex("02000000001a")
CUSTOMER_B = bytes.fromhex("02000000001b")


def labels(payload, *numbers):
    """MPLS (RFC 3032), the last label with the bottom mark."""
    last = len(numbers) - 1
    return b"".join(struct.pack(">I", n << 12 | (i == last) << 8 | 64)
                    for i, n in enumerate(numbers)) + payload


def pppoe(payload, protocol=0x0021, session=1, code=0):
    """RFC 2516, session stage; protocol None: the payload brings its own."""
    body = (b"" if protocol is None else struct.pack(">H", protocol)) + payload
    return struct.pack(">BBHH", 0x11, code, session, len(body)) + body


def ppp(payload, protocol=0x0021, framed=True):
    return (b"\xff\x03" if framed else b"") + struct.pack(">H", protocol) + payload


def over4(payload, proto, src=T1, dst=T2, **ip):
    return ip4(payload, proto, src, dst, **ip)


def over6(payload, proto, src=T1_6, dst=T2_6):
    return ip6(payload, proto, src, dst)


def over_udp(payload, dport, src=T1, dst=T2, sport=50000):
    return ip4(udp(sport, dport, payload, (src, dst)), 17, src, dst)


def gre(payload, protocol, key=None, sequence=None, checksum=None, routes=None):
    """Version 0. routes: [(address family, offset, data)]"""
    flags = ((checksum is not None or routes is not None) << 15 | (routes is not None) << 14 |
             (key is not None) << 13 | (sequence is not None) << 12)
    if checksum is None and routes is not None:
        flags &= 0x7fff
    head = struct.pack(">HH", flags, protocol)
    if checksum is not None or routes is not None:
        head += struct.pack(">HH", checksum or 0, 0)
    for word in (key, sequence):
        if word is not None:
            head += struct.pack(">I", word)
    if routes is not None:
        for family, offset, data in [*routes, (0, 0, b"")]:
            head += struct.pack(">HBB", family, offset, len(data)) + data
    return head + payload


def pptp(payload, call, sequence=1, ack=None):
    """GRE version 1 (RFC 2637)."""
    flags = 0x3001 | (0x80 if ack is not None else 0)
    head = struct.pack(">HHHHI", flags, 0x880b, len(payload), call, sequence)
    return head + (struct.pack(">I", ack) if ack is not None else b"") + payload


def erspan2(frame, session, vlan=100, sequence=1):
    head = struct.pack(">HHI", 0x1000 | vlan, 0x1800 | session, 0)
    return gre(head + frame, 0x88be, sequence=sequence)


def erspan3(payload, session, vlan=100, sequence=1, kind=0, subheader=False):
    head = struct.pack(">HHIHH", 0x2000 | vlan, session, 12345, 0, 0x8000 | kind << 10 | subheader)
    return gre(head + (bytes(8) if subheader else b"") + payload, 0x22eb, sequence=sequence)


def vxlan(payload, vni, flags=8, following=0):
    return struct.pack(">BBBBI", flags, 0, 0, following, vni << 8) + payload


def geneve(payload, vni, protocol=0x6558, options=b"", flags=0):
    return struct.pack(">BBHI", len(options) // 4, flags, protocol, vni << 8) + options + payload


def gtpu(payload, teid, message=255, sequence=None, extensions=()):
    """extensions: [(type, content)], content of 4n + 2 bytes (TS 29.281 section 5.2)"""
    optional = b""
    flags = 0x30 | (0x02 if sequence is not None else 0) | (0x04 if extensions else 0)
    if flags & 7:
        kinds = [kind for kind, _ in extensions] + [0]
        optional = struct.pack(">HBB", sequence or 0, 0, kinds[0])
        for (_, content), following in zip(extensions, kinds[1:]):
            optional += bytes([(len(content) + 2) // 4]) + content + bytes([following])
    return struct.pack(">BBHI", flags, message, len(optional + payload), teid) + optional + payload


def l2tp2(payload, tunnel, session, length=False, sequence=None, pad=None):
    flags = 2 | length << 14 | (sequence is not None) << 11 | (pad is not None) << 9
    body = struct.pack(">HH", tunnel, session)
    if sequence is not None:
        body += struct.pack(">HH", sequence, 0)
    if pad is not None:
        body += struct.pack(">H", len(pad)) + pad
    body += payload
    return struct.pack(">H", flags) + (struct.pack(">H", len(body) + 4) if length else b"") + body


def l2tp3(frame, session, cookie=b"", sublayer=b""):
    return struct.pack(">I", session) + cookie + sublayer + frame
