# SPDX-License-Identifier: BSD-3-Clause
"""Large captures of 64-byte frames for comparisons and floods, made without Weir.

capture(order, packets, flows) gives a pcap file and the number of flows that are really in it. It is
made once and kept in a cache folder (WEIR_CACHE, else tests/.cache), with a line of JSON beside it.
The order in which packets come decides much, as flow tables live on locality:

- zipf: flows by popularity of rank to the power of -1.1, as the generator's profiles have it;
- uniform: every packet from a flow at random, no locality at all;
- turns: one flow after the other, in the order of their addresses;
- runs: likewise, ten packets at a time;
- flood: every packet a flow of its own, between HOSTS sources and one destination, told apart by
  ports (`flows` is not looked at);
- spoofed: every packet a flow of its own, from a source address of its own.
"""
import itertools
import json
import os
import random
import struct
from pathlib import Path

import frames
import weirtest

START_S = 1_700_000_000
FRAME = 64
SPACING_US = 2
# Of frames of 64 bytes on 10-gigabit Ethernet, with their preamble and gap: 14.88 million a second.
LINE_RATE_PS = (FRAME + 20) * 800
ZIPF_S = 1.1
CHUNK = 20000
HOSTS = 4000
# Not 53: nfpcapd ends a flow with each packet of DNS.
PORTS = (443, 123, 80, 25, 8000)
RECORD = struct.pack("<II", FRAME, FRAME)

POPULARITIES = ("zipf", "uniform", "turns", "runs")
FLOODS = ("flood", "spoofed")


def flow_frame(i):
    """The i-th flow: TCP and UDP by turns, 64 bytes on the wire."""
    src = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
    dst = f"192.0.2.{i % 250 + 1}"
    port = PORTS[i % len(PORTS)]
    if i % 3:
        frame = frames.eth(frames.ip4(frames.tcp(1024 + i % 60000, port, b"\0" * 10), 6, src, dst))
    else:
        frame = frames.eth(frames.ip4(frames.udp(1024 + i % 60000, port, b"\0" * 22), 17, src, dst))
    assert len(frame) == FRAME
    return frame


def popularity_draw(order, packets, flows):
    """-> yields lists of records, CHUNK at a time, and last the number of different ones"""
    rng = random.Random(1)
    templates = [RECORD + flow_frame(i) for i in range(flows)]
    used = set()
    if order == "zipf":
        rng.shuffle(templates)
        weights = list(itertools.accumulate((rank + 1) ** -ZIPF_S for rank in range(flows)))
    each = 10 if order == "runs" else 1
    for at in range(0, packets, CHUNK):
        n = min(CHUNK, packets - at)
        if order == "zipf":
            chunk = rng.choices(templates, cum_weights=weights, k=n)
        elif order == "uniform":
            chunk = rng.choices(templates, k=n)
        else:
            chunk = [templates[i // each % flows] for i in range(at, at + n)]
        used.update(chunk)
        yield chunk
    yield len(used)


def flood_head(src):
    """Ethernet and IPv4 of a UDP packet of the flood, up to the ports."""
    return frames.eth(frames.ip4(b"\0" * 30, 17, src, "192.0.2.1"))[:34]


# UDP of 30 bytes without a checksum, which IPv4 allows.
FLOOD_TAIL = struct.pack(">HH", 30, 0) + b"\0" * 22


def flood_draw(order, packets):
    heads = [RECORD + flood_head(f"10.0.{i >> 8}.{i & 255}") for i in range(HOSTS)]
    ports = struct.Struct(">HH").pack
    rest = FLOOD_TAIL
    for at in range(0, packets, CHUNK):
        if order == "flood":
            # Packet i: host i mod HOSTS with its (i div HOSTS)-th pair of ports.
            yield [heads[i % HOSTS] + ports(1024 + i // HOSTS % 60000, 2000 + i // HOSTS // 60000) +
                   rest for i in range(at, min(at + CHUNK, packets))]
        else:
            yield [RECORD + spoofed_head(i) + b"\x10\0\x07\xd0" + rest
                   for i in range(at, min(at + CHUNK, packets))]
    yield packets


def spoofed_head(i, base=flood_head("0.0.0.0")):
    """flood_head() of source address i + 1.0.0.0, with the checksum carried on (RFC 1624)."""
    src = i + 0x01000000
    total = (~int.from_bytes(base[24:26], "big") & 0xffff) + (src >> 16) + (src & 0xffff)
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return base[:24] + (~total & 0xffff).to_bytes(2, "big") + src.to_bytes(4, "big") + base[30:]


def capture_write(path, packets, chunks, spacing_ps):
    """-> number of flows"""
    stamp = struct.Struct("<II").pack
    at = 0
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for chunk in chunks:
            if isinstance(chunk, int):
                assert at == packets
                return chunk
            times = range(at * spacing_ps, (at + len(chunk)) * spacing_ps, spacing_ps)
            f.write(b"".join([stamp(START_S + ps // 10**12, ps // 10**6 % 10**6) + record
                              for ps, record in zip(times, chunk)]))
            at += len(chunk)
    raise AssertionError("no number of flows")


def capture(order, packets, flows, spacing_ps=SPACING_US * 10**6):
    """-> (path, flows in it); the file is in the page cache, for all who read it alike"""
    folder = Path(os.environ.get("WEIR_CACHE") or weirtest.REPO / "tests" / ".cache")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"frames-{order}-{packets}-{flows}-{spacing_ps}ps.pcap"
    note = path.with_suffix(".json")
    if not (path.exists() and note.exists()):
        part = path.with_suffix(f".part{os.getpid()}")
        chunks = flood_draw(order, packets) if order in FLOODS else \
            popularity_draw(order, packets, flows)
        count = capture_write(part, packets, chunks, spacing_ps)
        note.write_text(json.dumps({"flows": count}) + "\n", encoding="utf-8")
        part.rename(path)
    with open(path, "rb") as f:
        while f.read(1 << 24):
            pass
    return path, json.loads(note.read_text(encoding="utf-8"))["flows"]
