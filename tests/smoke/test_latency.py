#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Latency by time stamps in the payload: from the generator to the RX lcore of the demo, around a looped port of
weir-pktgen, and in captures, where the stamp is the packet time and nothing else of the packet changes."""
import json
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import ask  # noqa: E402
import weirtest  # noqa: E402

START_S = 30
WAIT_S = 20
EVERY = 7
STAMP = 16
TAG = struct.pack(">Q", 0x57656972)
START_NS = 1767225600 * 10**9  # 2026-01-01, where captures begin
PROFILE = {"rate_pps": 20000, "flows": 500, "addresses": {"net4": "10.0.0.0/16", "count": 100},
           "protocols": ["DNS"], "size": {"type": "uniform", "min": 60, "max": 200}}
FIELDS = ["packets", "p50_us", "p99_us", "p999_us", "max_us", "jitter_us"]


def pktgen(folder, name, profile, *options, eal=()):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(profile))
    return weirtest.Run([weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen"), *eal, "--profile", path, *options],
                        60)


def frames(path):
    """(nanoseconds, frame) of a capture of weir-pktgen."""
    data, at = path.read_bytes(), 24
    while at < len(data):
        seconds, ns, length, _ = struct.unpack_from("<4I", data, at)
        yield seconds * 10**9 + ns, data[at + 16:at + 16 + length]
        at += 16 + length


def check_order(c, latency, what):
    c.equal(sorted(latency), sorted(FIELDS), f"{what}: members")
    values = [latency[f] for f in FIELDS[1:5]]
    c.that(0 < values[0] and values == sorted(values), f"{what}: quantiles {latency}")
    c.that(0 < latency["jitter_us"] <= latency["max_us"], f"{what}: jitter {latency}")


def check_capture(c, folder):
    plain, stamped = folder / "plain.pcap", folder / "stamped.pcap"
    for path, more in ((plain, {}), (stamped, {"timestamps": EVERY})):
        out = pktgen(folder, path.stem, {**PROFILE, "packets": 5000, **more}, "--pcap", path)
        c.equal(out.status, 0, out.err)
        c.equal(json.loads(out.out)["latency"], None, "a capture measures nothing")
    pairs = list(zip(frames(plain), frames(stamped)))
    c.equal(len(pairs), 5000, "packets")
    wrong = 0
    for i, ((at, before), (at2, after)) in enumerate(pairs):
        if i % EVERY == 0:  # 18 bytes of payload at least, behind UDP: all have room
            wrong += after[-STAMP:] != TAG + struct.pack(">Q", at - START_NS)
            after = after[:40] + before[40:42] + after[42:-STAMP] + before[-STAMP:]
        wrong += (at, before) != (at2, after)
    c.equal(wrong, 0, "packets that differ in more than stamp and checksum")


def check_loop(c, folder):
    eal = ["-l", "0", "--no-huge", "-m", "128", "--no-shconf", "--no-pci", "--no-telemetry", "--log-level",
           "lib.eal:error", "--vdev", "net_ring0", "--"]
    out = pktgen(folder, "loop", {**PROFILE, "packets": 20000, "timestamps": 2}, "--report", folder / "report", eal=eal)
    c.equal(out.status, 0, out.err)
    report = json.loads((folder / "report").read_text())
    # What the ring did not take or did not give back in time is missing, a part at most.
    c.that(5000 < report["latency"]["packets"] <= 10000, f"looped: {report}")
    check_order(c, report["latency"], "looped")


def check_demo(c, folder):
    config = folder / "config.json"
    config.write_text(json.dumps({"generator": {**PROFILE, "timestamps": 1}}))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([weirtest.weir(), "--demo", "--config", config, "--listen", f"127.0.0.1:{port}",
                                    "--store", "none", "--report", folder / "final"],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        c.that(ask.wait(port, START_S), "the demo answers")
        state, end = {}, time.monotonic() + WAIT_S
        while time.monotonic() < end and (state.get("latency") or {}).get("packets", 0) < 10000:
            time.sleep(0.1)
            state = ask.rpc(port, "generator.get")
        c.that(10000 <= state["latency"]["packets"] <= state["sent"], f"demo: {state}")
        check_order(c, state["latency"], "demo")
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
        for name in ('latency_seconds{quantile="0.999"}', "latency_max_seconds", "jitter_seconds"):
            line = [row for row in text.splitlines() if row.startswith(f"weir_generator_{name} ")]
            c.that(len(line) == 1 and 0 < float(line[0].split()[-1]) < 60, f"metrics: {name} {line}")
        ask.rpc(port, "generator.set", {"timestamps": None})
        c.equal(ask.rpc(port, "generator.get")["latency"], None, "without stamps")
    finally:
        process.terminate()
        process.wait(20)
    c.equal(json.loads((folder / "final").read_text())["generator"]["latency"], None, "report without stamps")


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_capture, check_loop, check_demo):
            check(c, Path(folder))
    return c


if __name__ == "__main__":
    weirtest.main(test)
