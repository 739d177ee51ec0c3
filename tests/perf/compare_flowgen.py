#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The generator beside `dpdk-testpmd --forward-mode=flowgen`, both into net_null from one lcore.

    compare_flowgen.py [--seconds S] [--rounds N] [--flows N] [--protocols NAME,…] [--at-least R]

64 bytes, 100 k flows; ours with Zipf 1.1, right checksums and a random flow for each packet, flowgen
with its flows in turn. Both in turn, and of each the best round: packets per second of the lcore's
own CPU time, which a busy machine disturbs less than time on the clock. Prints one JSON object; exit
status 1 below the ratio that is wanted, 77 without dpdk-testpmd.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import weirtest

LIMIT_S = 60
SAMPLE_S = 0.02
BYTES = 64


def eal(prefix):
    cpus = sorted(os.sched_getaffinity(0))
    return ["--lcores", f"0@{cpus[0]},1@{cpus[-1]}", "--no-huge", "-m", "512", "--no-shconf",
            "--no-pci", "--no-telemetry", "--log-level", "lib.eal:error", "--file-prefix",
            f"{prefix}{os.getpid()}", "--vdev", f"net_null0,size={BYTES},no-rx=1"]


def worker_cpu_s(pid):
    """CPU time of the one worker lcore's thread so far; None where there is none."""
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            if "worker" in (task / "comm").read_text():
                return int((task / "schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        pass  # it is ending
    return None


class Watch(threading.Thread):
    """Reads the worker's CPU time until the process ends."""

    def __init__(self, process):
        super().__init__()
        self.process, self.cpu_s = process, 0.0
        self.start()

    def run(self):
        while self.process.poll() is None:
            self.cpu_s = worker_cpu_s(self.process.pid) or self.cpu_s
            time.sleep(SAMPLE_S)


def outcome(name, command, talk):
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        watch = Watch(process)
        alarm = threading.Timer(LIMIT_S, process.kill)
        alarm.start()
        packets = talk(process, watch)
        process.wait()
        alarm.cancel()
        watch.join()
    if not packets or not watch.cpu_s:
        raise weirtest.Failed(f"{name}: exit {process.returncode}, {packets} packets, "
                              f"{watch.cpu_s} s of CPU")
    return packets / watch.cpu_s


def flowgen(o):
    def talk(process, watch):
        process.stdin.write("start\n")
        process.stdin.flush()
        while process.poll() is None and watch.cpu_s < o.seconds:  # starting takes its time
            time.sleep(SAMPLE_S)
        out, _ = process.communicate("stop\nquit\n", timeout=LIMIT_S)
        return max(map(int, re.findall(r"TX-packets:\s*(\d+)", out)), default=0)

    return outcome("dpdk-testpmd", ["dpdk-testpmd", *eal("flowgen"), "--", "-i", "--nb-cores=1",
                                    "--forward-mode=flowgen", f"--flowgen-flows={o.flows}",
                                    f"--txpkts={BYTES}", "--total-num-mbufs=16384"], talk)


def ours(o, folder):
    profile = Path(folder) / "profile.json"
    profile.write_text(json.dumps({
        "rate_pps": 0, "flows": o.flows, "popularity": {"type": "zipf", "s": 1.1},
        "addresses": {"net4": "10.0.0.0/16", "count": 5000}, "protocols": o.protocols.split(","),
        "size": {"type": "fixed", "bytes": BYTES}, "duration_s": o.seconds}))

    def talk(process, watch):
        del watch
        out, _ = process.communicate(timeout=LIMIT_S)
        return json.loads(out.splitlines()[-1])["sent"]

    return outcome("weir-pktgen", [weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen"),
                                   *eal("pktgen"), "--", "--profile", str(profile)], talk)


def arguments():
    p = argparse.ArgumentParser(description="the generator beside testpmd's flowgen")
    p.add_argument("--seconds", type=float, default=3, help="of each run")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--flows", type=int, default=100000)
    p.add_argument("--protocols", default="DNS", help="flowgen sends UDP, and so does DNS")
    p.add_argument("--at-least", type=float, default=0, metavar="R", help="ours by flowgen")
    return p.parse_args()


def main():
    o = arguments()
    if not shutil.which("dpdk-testpmd"):
        weirtest.skip("dpdk-testpmd is not installed (package dpdk)")
    try:
        with tempfile.TemporaryDirectory(prefix="weir-flowgen-") as folder:
            rounds = [(flowgen(o), ours(o, folder)) for _ in range(o.rounds)]
    except weirtest.Failed as e:
        print(f"FAIL {weirtest.NAME}: {e}")
        return 1
    theirs, mine = (max(r[i] for r in rounds) for i in range(2))
    print(json.dumps({"flows": o.flows, "bytes": BYTES, "protocols": o.protocols.split(","),
                      "flowgen_pps": round(theirs), "pktgen_pps": round(mine),
                      "ratio": round(mine / theirs, 3),
                      "rounds": [[round(v) for v in r] for r in rounds]}))
    return 0 if mine / theirs >= o.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
