# SPDX-License-Identifier: BSD-3-Clause
"""Builds frames byte by byte. Lengths and checksums are right unless a caller says otherwise."""
import socket
import struct

MAC_A = bytes.fromhex("02000000000a")
MAC_B = bytes.fromhex("02000000000b")

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def eth(payload, ethertype=0x0800, vlans=(), src=MAC_A, dst=MAC_B, tpids=None, pad=False):
    """vlans: ids outermost first; tpids: one per tag, 0x8100 otherwise; pad: to 60 bytes."""
    tags = b""
    types = list(tpids or [0x8100] * len(vlans))
    for tpid, vid in zip(types, vlans):
        tags += struct.pack(">HH", tpid, vid)
    frame = dst + src + tags + struct.pack(">H", ethertype) + payload
    return frame.ljust(60, b"\0") if pad else frame


def llc(payload, src=MAC_A, dst=MAC_B):
    return dst + src + struct.pack(">H", len(payload)) + payload


def ip4(payload, proto, src, dst, options=b"", ident=1, offset=0, more=False, total=None,
        version=4, ihl=None, ttl=64):
    """offset: of a fragment, in units of 8 bytes; total, version, ihl: to lie in the header."""
    length = 20 + len(options)
    words = length // 4 if ihl is None else ihl
    head = struct.pack(">BBHHHBBH", version << 4 | words, 0,
                       length + len(payload) if total is None else total, ident,
                       (0x2000 if more else 0) | offset, ttl, proto, 0)
    head += address(src) + address(dst) + options
    value = checksum(head)
    return head[:10] + struct.pack(">H", value) + head[12:] + payload


def ip6(payload, proto, src, dst, length=None, version=6, hops=64):
    head = struct.pack(">IHBB", version << 28, len(payload) if length is None else length, proto,
                       hops)
    return head + address(src) + address(dst) + payload


def ext(next_header, words=0):
    """Hop-by-hop, destination options, routing, mobility, HIP, shim6: 8 * (words + 1) bytes."""
    return struct.pack(">BB", next_header, words) + b"\x01\x04\0\0\0\0" + b"\0" * (8 * words)


def ah(next_header, icv=12):
    """Authentication header (RFC 4302): its length counts 4-byte words, less 2."""
    return struct.pack(">BBHII", next_header, (12 + icv) // 4 - 2, 0, 0x1000, 1) + b"\xaa" * icv


def frag6(next_header, offset=0, more=False, ident=7):
    return struct.pack(">BBHI", next_header, 0, offset << 3 | int(more), ident)


def pseudo(src, dst, proto, length):
    a, b = address(src), address(dst)
    if len(a) == 4:
        return a + b + struct.pack(">BBH", 0, proto, length)
    return a + b + struct.pack(">II", length, proto)


def tcp(sport, dport, payload=b"", flags=ACK, seq=1000, ack=0, options=b"", ends=None):
    """ends: (src, dst) for the checksum, 0 without."""
    words = 5 + len(options) // 4
    segment = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, words << 4, flags, 8192, 0, 0)
    segment += options + payload
    if ends:
        value = checksum(pseudo(*ends, 6, len(segment)) + segment)
        segment = segment[:16] + struct.pack(">H", value) + segment[18:]
    return segment


def udp(sport, dport, payload=b"", ends=None):
    datagram = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    if ends:
        value = checksum(pseudo(*ends, 17, len(datagram)) + datagram) or 0xffff
        datagram = datagram[:6] + struct.pack(">H", value) + datagram[8:]
    return datagram


def udplite(sport, dport, payload=b""):
    return struct.pack(">HHHH", sport, dport, 8, 0) + payload


def sctp(sport, dport, payload=b""):
    return struct.pack(">HHII", sport, dport, 0x1234, 0) + payload


def icmp(kind=8, code=0, payload=b""):
    message = struct.pack(">BBHHH", kind, code, 0, 1, 1) + payload
    return message[:2] + struct.pack(">H", checksum(message)) + message[4:]


def arp(src="10.0.0.1", dst="10.0.0.2", operation=1):
    return (struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + MAC_A + address(src) + b"\0" * 6 +
            address(dst))
