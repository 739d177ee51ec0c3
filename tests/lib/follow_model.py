# SPDX-License-Identifier: BSD-3-Clause
"""Captures for test_follow.sh, and what must come out of them, counted here and not by Weir.

    follow_model.py make FOLDER           part1.pcap … part6.pcap, which follow on each other, and whole.pcap
    follow_model.py many FILE N           N flows of one packet each, 1 ms apart
    follow_model.py flows WHOLE FLOWS     every record against truth.py on the whole
    follow_model.py results WHOLE RESULTS every total of ip-topk (T = 10 s) against the packets
"""
import json
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from frames import eth, ip4, udp  # noqa: E402

START = 1700000000 * 10**6
HEADER = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
LONGEST = 262144
PARTS = 6


def record(us, frame, wire):
    return struct.pack("<IIII", us // 10**6, us % 10**6, len(frame), wire) + frame


def packet(i):
    """Packet i: most are short, one in 97 has as many bytes as are believed, one in 89 is cut."""
    frame = eth(ip4(udp(1000 + i % 300, 53, b"x" * (i % 1200)), 17, f"10.0.{i % 7}.{i % 251}",
                    "192.0.2.1"), pad=True)
    if i % 97 == 5:
        frame += b"\0" * (LONGEST - len(frame))
    wire = len(frame)
    if i % 89 == 7:
        wire, frame = 200000, frame[:min(len(frame), 70000)]
    return record(START + i * 11003, frame, wire)


def make(folder):
    """Cut where packets follow closely, within a second: no part ends where a pane does."""
    packets = [packet(i) for i in range(1000)]
    cuts = [0, 130, 333, 501, 702, 850, len(packets)]
    for n in range(PARTS):
        with open(f"{folder}/part{n + 1}.pcap", "wb") as f:
            f.write(HEADER + b"".join(packets[cuts[n]:cuts[n + 1]]))
    with open(f"{folder}/whole.pcap", "wb") as f:
        f.write(HEADER + b"".join(packets))


def many(path, count):
    with open(path, "wb") as f:
        f.write(HEADER)
        for i in range(int(count)):
            frame = eth(ip4(udp(1000 + i % 50000, 53), 17, f"10.{i // 50000}.0.1", "192.0.2.1"),
                        pad=True)
            f.write(record(START + i * 1000, frame, len(frame)))


def reference():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.environ.get("WEIR_REFERENCE") or
                    os.path.join(here, "../../../shared/reference"))


def flows(whole, path):
    reference()
    from truth import truth
    expected = sorted(
        (f["src"], f["sport"], f["dst"], f["dport"], f["first_us"], f["last_us"],
         f["fwd"]["size"]["n"], f["fwd"]["size"]["sum"], f["fwd"]["l3"],
         f["fwd"]["size"]["max"]) for f in truth(whole)["flows"])
    found = sorted(
        (f["src"], f["sport"], f["dst"], f["dport"], f["first_us"], f["last_us"],
         f["fwd"]["packets"], f["fwd"]["bytes"], f["fwd"]["l3_bytes"],
         f["fwd"]["size"]["max"]) for f in map(json.loads, open(path)))
    for a, b in zip(expected, found):
        assert a == b, f"expected {a}, found {b}"
    assert len(expected) == len(found), f"{len(expected)} flows expected, {len(found)} found"


def results(whole, path):
    reference()
    from pcapref import packets
    seen = []
    for ts, captured, wire, _, _ in packets(whole):
        believed = captured <= wire <= LONGEST
        seen.append((ts // 1000, wire if believed else captured))
    ends = []
    for r in map(json.loads, open(path)):
        if r["query"] != "ip-topk":
            continue
        window = r["window"]
        inside = [size for us, size in seen if window["start_us"] <= us < window["end_us"]]
        assert r["total"]["packets"] == len(inside), r["window"]
        assert r["total"]["bytes"] == sum(inside), r["window"]
        ends.append(window["end_us"])
    first, last = seen[0][0] // 10**6, seen[-1][0] // 10**6
    assert ends == [(s + 1) * 10**6 for s in range(first, last + 1)], ends


if __name__ == "__main__":
    {"make": make, "many": many, "flows": flows, "results": results}[sys.argv[1]](*sys.argv[2:])
