#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes databases in MaxMind's DB format, version 2.0, as its public specification describes it: a
binary search tree over address bits, 16 zero bytes, the records' data, a marker, the metadata.

    mmdb.py FILE    the small database that tests/unit/query/geoip_test.c expects
"""
import ipaddress
import struct
import sys
from pathlib import Path

MARKER = b"\xab\xcd\xefMaxMind.com"
TEXT, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 5, 6, 7, 9, 11
EMPTY = None


def _control(kind, size):
    assert size < 285
    short = min(size, 29)
    head = bytes([(kind if kind < 8 else 0) << 5 | short]) + (bytes([kind - 7]) if kind >= 8 else b"")
    return head + (bytes([size - 29]) if short == 29 else b"")


def _number(kind, value):
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(data)) + data


def encode(value):
    if isinstance(value, str):
        data = value.encode()
        return _control(TEXT, len(data)) + data
    if isinstance(value, int):
        return _number(UINT32, value)
    if isinstance(value, list):
        return _control(ARRAY, len(value)) + b"".join(map(encode, value))
    return _control(MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())


def _tree(networks, bits):
    """Nodes as [left, right]; a child is a node's index, EMPTY, or ("data", i). Later networks lie
    within earlier ones or apart from them."""
    nodes = [[EMPTY, EMPTY]]
    for i, network in enumerate(networks):
        number = int(network.network_address)
        length = network.prefixlen + (bits - network.max_prefixlen)
        at = 0
        for depth in range(length):
            side = number >> (bits - 1 - depth) & 1
            if depth == length - 1:
                nodes[at][side] = ("data", i)
                break
            child = nodes[at][side]
            if not isinstance(child, int):
                nodes.append([child, child])
                child = nodes[at][side] = len(nodes) - 1
            at = child
    return nodes


def database(records, kind="Test", version=6, built=1_700_000_000):
    """records: {"10.0.0.0/8": {...}}, larger networks before those within them. IPv4 networks are at
    ::/96 of a database of IPv6."""
    networks = [ipaddress.ip_network(n) for n in records]
    nodes = _tree(networks, 32 if version == 4 else 128)
    offsets, data = [], b""
    for record in records.values():
        offsets.append(len(data))
        data += encode(record)

    def pointer(child):
        if child is EMPTY:
            return len(nodes)
        return child if isinstance(child, int) else len(nodes) + 16 + offsets[child[1]]

    tree = b"".join(pointer(c).to_bytes(3, "big") for node in nodes for c in node)
    metadata = {"node_count": len(nodes), "database_type": kind, "languages": ["en"],
                "description": {"en": "made for a test"}}
    numbers = {"record_size": (UINT16, 24), "ip_version": (UINT16, version),
               "binary_format_major_version": (UINT16, 2), "binary_format_minor_version": (UINT16, 0),
               "build_epoch": (UINT64, built)}
    head = _control(MAP, len(metadata) + len(numbers))
    head += b"".join(encode(k) + encode(v) for k, v in metadata.items())
    head += b"".join(encode(k) + _number(*v) for k, v in numbers.items())
    return tree + b"\0" * 16 + data + MARKER + head


def country(code):
    return {"country": {"iso_code": code}}


def system(number, org=None):
    record = {"autonomous_system_number": number}
    return record | ({"autonomous_system_organization": org} if org else {})


UNIT = {
    "10.0.0.0/8": country("DE") | system(64500, "Example Net"),
    "10.1.0.0/16": country("FR"),
    "10.1.2.128/25": system(64501),
    "192.0.2.0/24": system(64502, "é" * 70),
    "2001:db8::/32": country("NL"),
}

if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(database(UNIT))
