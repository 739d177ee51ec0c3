# SPDX-License-Identifier: BSD-3-Clause
"""Golden cases: the formats of capture files."""
import captures
from frames import eth
from golden_case import A, B, START, case, udp4


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
