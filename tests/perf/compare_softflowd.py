#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""weir --pcap against softflowd -r on the same capture, alternately, in packets per CPU second.

    compare_softflowd.py [--popularity ORDER] [--packets N] [--flows N] [--rounds N] [--least RATIO]

The capture (5 million packets of 64 bytes in about 100,000 flows) is made once and kept in a
cache folder (WEIR_CACHE, else tests/.cache). The order in which flows take turns decides much,
as both programs live on locality:
- zipf: popularity by rank to the power of -1.1, as the generator's profiles have it; the default;
- uniform: every packet from a flow at random, no locality at all;
- turns: one flow after the other, in the order of their addresses;
- runs: likewise, ten packets at a time.
CPU seconds are user and system time of the whole
process, all its threads, as wait4 tells. softflowd tracks all flows at once (-m), exports nothing
and does nothing but its flow accounting. The last line is one JSON object; the exit status is 1
if the ratio of the best rounds is below RATIO (3).
"""
import argparse
import itertools
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import frames  # noqa: E402
import weirtest  # noqa: E402

START_S = 1_700_000_000
FRAME = 64
SPACING_US = 2
ZIPF_S = 1.1
CHUNK = 20000
LIMIT_S = 120  # for one run of one program


def flow_frame(i):
    """The i-th flow: TCP and UDP by turns, 64 bytes on the wire."""
    src = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
    dst = f"192.0.2.{i % 250 + 1}"
    port = (443, 53, 80, 25, 8000)[i % 5]
    if i % 3:
        frame = frames.eth(frames.ip4(frames.tcp(1024 + i % 60000, port, b"\0" * 10), 6, src, dst))
    else:
        frame = frames.eth(frames.ip4(frames.udp(1024 + i % 60000, port, b"\0" * 22), 17, src, dst))
    assert len(frame) == FRAME
    return frame


def draw(templates, popularity, rng):
    """-> function(at, n): the frames of packets at .. at + n"""
    if popularity == "zipf":
        shuffled = rng.sample(templates, len(templates))
        weights = list(itertools.accumulate((rank + 1) ** -ZIPF_S for rank in range(len(shuffled))))
        return lambda at, n: rng.choices(shuffled, cum_weights=weights, k=n)
    if popularity == "uniform":
        return lambda at, n: rng.choices(templates, k=n)
    each = {"turns": 1, "runs": 10}[popularity]
    return lambda at, n: [templates[i // each % len(templates)] for i in range(at, at + n)]


def capture_write(path, packets, flows, popularity):
    rng = random.Random(1)
    templates = [struct.pack("<II", FRAME, FRAME) + flow_frame(i) for i in range(flows)]
    frames_of = draw(templates, popularity, rng)
    stamp = struct.Struct("<II").pack
    part = path.with_suffix(".part")
    with open(part, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for at in range(0, packets, CHUNK):
            chunk = frames_of(at, min(CHUNK, packets - at))
            f.write(b"".join([stamp(START_S + us // 10**6, us % 10**6) + frame for us, frame in zip(
                range(at * SPACING_US, (at + CHUNK) * SPACING_US, SPACING_US), chunk)]))
    part.rename(path)


def capture(packets, flows, popularity):
    folder = Path(os.environ.get("WEIR_CACHE") or weirtest.REPO / "tests" / ".cache")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"compare-{popularity}-{packets}-{flows}.pcap"
    if not path.exists():
        capture_write(path, packets, flows, popularity)
    with open(path, "rb") as f:  # into the page cache, for both alike
        while f.read(1 << 24):
            pass
    return path


def measure(command, folder):
    """-> (CPU seconds, wall seconds, what it printed)"""
    with tempfile.TemporaryFile(dir=folder) as out:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   cwd=folder)
        alarm = threading.Timer(LIMIT_S, process.kill)
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        alarm.cancel()
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    if process.returncode != 0:
        raise weirtest.Failed(f"{command[0]}: exit {process.returncode}: {text[-500:]}")
    return usage.ru_utime + usage.ru_stime, wall, text


def run_weir(path, folder, packets):
    report = Path(folder) / "report.json"
    cpu, wall, _ = measure([weirtest.weir(), "--pcap", str(path), "--report", str(report)], folder)
    ledger = json.loads(report.read_text())["ledger"]
    if (ledger["received"], ledger["flow_packets"], ledger["residual"]) != (packets, packets, 0):
        raise weirtest.Failed(f"weir's ledger is not {packets} packets: {ledger}")
    return cpu, wall


def run_softflowd(path, folder, packets, flows):
    command = [shutil.which("softflowd"), "-d", "-r", str(path), "-m", str(2 * flows), "-p",
               f"{folder}/softflowd.pid", "-c", "none"]  # with a control socket it does not end
    cpu, wall, text = measure(command, folder)
    if str(packets) not in text:
        raise weirtest.Failed(f"softflowd does not report {packets} packets: {text[-800:]}")
    return cpu, wall


def test(a):
    if not shutil.which("softflowd"):
        weirtest.skip("softflowd is not installed (apt install softflowd)")
    path = capture(a.packets, a.flows, a.popularity)
    best = {}
    print(f"{'program':10} {'round':>5} {'CPU s':>8} {'wall s':>8} {'packets/CPU s':>14}")
    with tempfile.TemporaryDirectory(prefix="weir-compare-") as folder:
        for i in range(a.rounds):
            for name, run in (("softflowd", lambda: run_softflowd(path, folder, a.packets,
                                                                  a.flows)),
                              ("weir", lambda: run_weir(path, folder, a.packets))):
                cpu, wall = run()
                rate = a.packets / cpu
                best[name] = max(best.get(name, 0), rate)
                print(f"{name:10} {i + 1:5} {cpu:8.2f} {wall:8.2f} {rate:14,.0f}", flush=True)
    ratio = best["weir"] / best["softflowd"]
    print(json.dumps({"packets": a.packets, "flows": a.flows, "popularity": a.popularity,
                      "rounds": a.rounds,
                      "weir_packets_per_cpu_s": round(best["weir"]),
                      "softflowd_packets_per_cpu_s": round(best["softflowd"]),
                      "ratio": round(ratio, 2), "least": a.least}))
    return 0 if ratio >= a.least else 1


def arguments():
    parser = argparse.ArgumentParser(description="weir against softflowd")
    parser.add_argument("--popularity", choices=("zipf", "uniform", "turns", "runs"),
                        default="zipf")
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--flows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--least", type=float, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sys.exit(test(arguments()))
    except weirtest.Failed as failure:
        print(f"FAIL {weirtest.NAME}: {failure}")
        sys.exit(1)
