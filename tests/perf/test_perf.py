#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The measuring scripts of this folder in short: that they run, and that their own checks hold.

Nothing is said about speed here beyond what even a busy machine reaches. That a comparison notices a
program that saw too little, and says which ones are missing, is tried with doubles on the PATH.
"""
import json
import os
import shutil
import struct
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import weirtest  # noqa: E402

PEERS = ("softflowd", "nfpcapd", "argus", "pmacctd")
PACKETS, FLOWS = 200_000, 10_000
LIMIT_S = 300


def compare(folder, path=None, rounds=1, popularity="turns", least="0.2"):
    """-> (run, document or None)"""
    out = Path(folder) / "compare.json"
    out.unlink(missing_ok=True)
    run = weirtest.Run([HERE / "compare_flow_tools.py", "--packets", PACKETS, "--flows", FLOWS,
                        "--rounds", rounds, "--popularity", popularity, "--least", least,
                        "--json", out], LIMIT_S,
                       env={**os.environ, "PATH": path or os.environ["PATH"],
                            "WEIR_CACHE": str(folder)})
    return run, json.loads(out.read_text(encoding="utf-8")) if out.exists() else None


def program_write(folder, name, text):
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def comparison_check(c, folder):
    """Everyone who is installed saw every packet of a small capture, and every flow."""
    run, d = compare(folder, rounds=2)
    if run.status == 77:
        print(run.out.strip())
        return
    if not c.that(run.status == 0 and d, f"the comparison: {run.describe()} {run.out}"):
        return
    rows = {r["tool"]: r for r in d["tools"]}
    c.equal(set(rows) | set(d["skipped"]), {"weir", "weir, results", *PEERS}, "programs, run or skipped")
    for name, row in rows.items():
        c.equal((row["packets"], row["flows"], row["notes"]), (PACKETS, FLOWS, []), name)
        c.that(all(s > 0 for s in row["cpu_s"]) and len(row["cpu_s"]) == 2, f"{name}: CPU seconds")
    best = {name: row["packets_per_cpu_s"]["best"] for name, row in rows.items()}
    fastest = max(v for k, v in best.items() if k in PEERS)
    c.equal(d["ratio"]["best"], round(best["weir"] / fastest, 2), "ratio")


def rate_check(c, folder):
    """Packets follow each other as at line rate of 10-gigabit Ethernet: 84 bytes, 67.2 ns, each."""
    run, d = compare(folder)
    if run.status == 77:
        return
    c.equal(round(d["mpps"], 2), 14.88, "rate of the capture")
    path = next(Path(folder).glob(f"*-turns-{PACKETS}-*.pcap"))
    with open(path, "rb") as f:
        f.seek(-(16 + 64), os.SEEK_END)
        _, us = struct.unpack("<II", f.read(8))
    c.equal(us, (PACKETS - 1) * 672 // 10000, f"{path.name}: last time stamp, us")


def loss_check(c, folder):
    """A program that lost a packet, and is the fastest of all: shown, not compared with."""
    doubles = Path(folder) / "doubles"
    doubles.mkdir()
    program_write(doubles, "softflowd", "#!/bin/sh\n"
                  f"echo 'Packets processed: {PACKETS - 1}'\n"
                  f"echo 'Flows expired: {FLOWS} (0 forced)'\n")
    _, d = compare(folder, f"{doubles}:{os.environ['PATH']}", least="0")
    if not c.that(d is not None, "no comparison with a double"):
        return
    row = next(r for r in d["tools"] if r["tool"] == "softflowd")
    c.equal((row["comparable"], row["notes"]),
            (False, [f"saw {PACKETS - 1} packets of {PACKETS}"]), "a program that lost a packet")
    c.that(d["fastest_peer"] != "softflowd", "a program that lost a packet is compared with")


def split_check(c, folder):
    """A program with other flows: compared with, and said; weir far behind it fails the run."""
    doubles = Path(folder) / "doubles"
    program_write(doubles, "softflowd", "#!/bin/sh\n"
                  f"echo 'Packets processed: {PACKETS}'\n"
                  f"echo 'Flows expired: {FLOWS + 7} (0 forced)'\n")
    run, d = compare(folder, f"{doubles}:{os.environ['PATH']}", least="3")
    if not c.that(d is not None, "no comparison with a double"):
        return
    row = next(r for r in d["tools"] if r["tool"] == "softflowd")
    c.equal((row["comparable"], row["notes"]),
            (True, [f"{FLOWS + 7} flows instead of {FLOWS}"]), "a program that split flows")
    c.equal(d["fastest_peer"], "softflowd", "a program that does nothing")
    c.equal(run.status, 1, "exit status below the ratio that is wanted")


def missing_check(c, folder):
    """With nothing on the PATH but what the script itself needs."""
    bare = Path(folder) / "bare"
    bare.mkdir()
    (bare / "python3").symlink_to(shutil.which("python3"))
    run, d = compare(folder, str(bare))
    c.equal((run.status, d), (77, None), "with nothing to compare with")
    for name in PEERS:
        c.that(f"{name}: " in run.out and "not installed" in run.out, f"{name} is not named missing")


def demo_rate_check(c):
    run = weirtest.Run([HERE / "demo_rate.sh"], LIMIT_S,
                       env={**os.environ, "RATE": "50000", "SECONDS_ON": "3", "LIMIT": "0.05"})
    c.equal(run.status, 0, f"demo_rate.sh: {run.out[-500:]}")
    d = json.loads(run.out.splitlines()[-2])
    c.that(0 < d["achieved_pps"] < 100_000, f"demo_rate.sh: {d}")


def generator_check(c):
    """The generator's two: that they run, and that a figure comes out."""
    run = weirtest.Run([HERE / "pacing.py", "--seconds", "2.5", "--rates", "10000", "--mean", "5",
                        "--worst", "20"], LIMIT_S)
    c.that(run.status in (0, 77), f"pacing.py: {run.describe()} {run.out}")
    c.equal(json.loads(run.out.splitlines()[0])[0]["rate_pps"], 10000, "pacing.py: rate")
    run = weirtest.Run([HERE / "compare_flowgen.py", "--seconds", "0.3", "--rounds", "1",
                        "--at-least", "0.1"], LIMIT_S)
    if run.status == 77:
        print(run.out.strip())
        return
    c.equal(run.status, 0, f"compare_flowgen.py: {run.describe()} {run.out}")
    c.that(json.loads(run.out)["pktgen_pps"] > 0, f"compare_flowgen.py: {run.out}")


def test():
    c = weirtest.Check()
    weirtest.weir()
    with tempfile.TemporaryDirectory(prefix="weir-perf-") as folder:
        comparison_check(c, folder)
        rate_check(c, folder)
        missing_check(c, folder)
        loss_check(c, folder)
        split_check(c, folder)
    demo_rate_check(c)
    generator_check(c)
    return c


if __name__ == "__main__":
    weirtest.main(test)
