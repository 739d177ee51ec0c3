# SPDX-License-Identifier: BSD-3-Clause
"""Writes capture files: pcap (both byte orders, micro- and nanoseconds) and pcapng."""
import struct
from collections import namedtuple

ETHERNET = 1

# at_ns: nanoseconds since the epoch; wire: length on the wire, the frame's own when None
Packet = namedtuple("Packet", "at_ns frame wire", defaults=[None])


def pcap(packets, linktype=ETHERNET, endian="<", nanoseconds=False, snaplen=262144):
    magic = 0xa1b23c4d if nanoseconds else 0xa1b2c3d4
    unit = 1 if nanoseconds else 1000
    parts = [struct.pack(endian + "IHHiIII", magic, 2, 4, 0, 0, snaplen, linktype)]
    for p in packets:
        wire = len(p.frame) if p.wire is None else p.wire
        parts.append(struct.pack(endian + "IIII", p.at_ns // 10**9, p.at_ns % 10**9 // unit,
                                 len(p.frame), wire))
        parts.append(p.frame)
    return b"".join(parts)


def _block(endian, kind, body):
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(endian + "I", len(body) + 12)
    return struct.pack(endian + "I", kind) + length + body + length


def _option(endian, code, value):
    return struct.pack(endian + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(endian="<"):
    return _block(endian, 0x0a0d0d0a, struct.pack(endian + "IHHq", 0x1a2b3c4d, 1, 0, -1))


def interface(endian="<", linktype=ETHERNET, snaplen=262144, resolution=None, offset=None):
    """resolution: the option's byte (9 is nanoseconds, 0x80 | n is 2^-n); offset: seconds."""
    options = b""
    if resolution is not None:
        options += _option(endian, 9, bytes([resolution]))
    if offset is not None:
        options += _option(endian, 14, struct.pack(endian + "q", offset))
    if options:
        options += _option(endian, 0, b"")
    return _block(endian, 1, struct.pack(endian + "HHI", linktype, 0, snaplen) + options)


def enhanced(packet, endian="<", index=0, units_per_s=10**6, offset=0):
    wire = len(packet.frame) if packet.wire is None else packet.wire
    stamp = (packet.at_ns - offset * 10**9) * units_per_s // 10**9
    head = struct.pack(endian + "IIIII", index, stamp >> 32, stamp & 0xffffffff,
                       len(packet.frame), wire)
    return _block(endian, 6, head + packet.frame)


def simple(frame, endian="<"):
    return _block(endian, 3, struct.pack(endian + "I", len(frame)) + frame)


def unknown_block(endian="<", kind=0x0bad):
    return _block(endian, kind, b"skip me!")


def pcapng(packets, linktype=ETHERNET, endian="<"):
    return b"".join([section(endian), interface(endian, linktype)] +
                    [enhanced(p, endian) for p in packets])
