#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How well weir-pktgen holds a rate: into net_null, from one lcore.

    pacing.py [--seconds S] [--rates PPS,…] [--mean PERCENT] [--worst PERCENT]

For each rate the error over the whole time and that of the worst whole second by the clock, one JSON
object. Exit status 1 above the limits. Where the lcore did not have the CPU that a spinning lcore
uses, nothing can be said about the generator: that is named, and with nothing else wrong the exit status is 77.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import compare_flowgen
import weirtest

BUSY_BELOW = 0.97  # of the time that the lcore was on its CPU


def measure(rate, seconds, folder):
    profile = Path(folder) / "profile.json"
    profile.write_text(json.dumps({
        "rate_pps": rate, "flows": 1000, "addresses": {"net4": "10.0.0.0/16", "count": 100},
        "protocols": ["DNS"], "size": {"type": "fixed", "bytes": 64}, "duration_s": seconds}))
    command = [weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen"), *compare_flowgen.eal("pacing"),
               "--", "--profile", str(profile)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = compare_flowgen.Watch(process)
        out, _ = process.communicate(timeout=seconds + compare_flowgen.LIMIT_S)
        watch.join()
    d = json.loads(out.splitlines()[-1])
    worst = max(abs(d[m] / rate - 1) for m in ("slowest_pps", "fastest_pps"))
    return {"rate_pps": rate, "error_percent": round(abs(d["achieved_pps"] / rate - 1) * 100, 4),
            "worst_second_percent": round(worst * 100, 4), "late": d["late"],
            "cpu_share": round(watch.cpu_s / d["seconds"], 3)}


def main():
    p = argparse.ArgumentParser(description="how well weir-pktgen holds a rate")
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--rates", default="10000,100000,1000000")
    p.add_argument("--mean", type=float, default=0.5, metavar="PERCENT")
    p.add_argument("--worst", type=float, default=2, metavar="PERCENT")
    o = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="weir-pacing-") as folder:
        found = [measure(int(r), o.seconds, folder) for r in o.rates.split(",")]
    print(json.dumps(found))
    wrong = [f for f in found if f["error_percent"] > o.mean or f["worst_second_percent"] > o.worst]
    if any(f["cpu_share"] >= BUSY_BELOW for f in wrong):
        print(f"FAIL {weirtest.NAME}: outside {o.mean} % and {o.worst} %")
        return 1
    if wrong:
        weirtest.skip(f"the lcore had its CPU only for {min(f['cpu_share'] for f in wrong):.0%} of the time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
