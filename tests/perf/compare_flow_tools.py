#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""weir --pcap beside softflowd, nfpcapd, argus and pmacctd on the same capture, in packets per CPU
second, as a table in Markdown.

    compare_flow_tools.py [--popularity ORDER] [--mpps RATE] [--packets N] [--flows N]
                          [--rounds N] [--least RATIO] [--json FILE]

The capture's packets follow each other as at line rate of 10-gigabit Ethernet, 14.88 million a
second, if no other RATE is given. It is of weight for Weir alone, which sums what each protocol and
address had per second of packet time: at 0.5 the same packets take ten seconds instead of a third
of one, and all flows have packets in each of them.

CPU seconds are user and system time of a program and of everything that it starts. All programs
have one run in each round, one after the other, so that a slow moment of the machine meets all of
them; the best round and the median are shown. What each program says that it saw is compared with
what is in the capture: one that saw fewer packets is shown but not compared with, one that has
another number of flows is compared with and said to have it. Weir runs without and with a file for
the results of its queries, which are not made where nobody reads them; the first one is compared.
Programs that are not installed are named as skipped. The exit status is 1 if weir's best round is
below RATIO (8, which is the aim) times the best round of the fastest other program, or if weir's own
counts are wrong; 77 if there is nothing to compare with.
"""
import argparse
import json
import os
import platform
import resource
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import flow_capture  # noqa: E402
import process_cost  # noqa: E402
import weirtest  # noqa: E402
from flow_tools import TOOLS, Job  # noqa: E402

LIMIT_S = 180  # for one run of one program
ROW = "| {:13} | {:>15} | {:>10} | {:>10} | {:>6} | {:>6} | {:>7} | {} |"


class Outcome:
    """The rounds of one tool."""

    def __init__(self, tool):
        self.tool = tool
        self.costs = []
        self.packets = self.flows = None
        self.faults = []   # not all packets: no comparison
        self.notes = []

    def note(self, where, line):
        if line not in where:
            where.append(line)

    def run(self, job):
        for old in job.folder.iterdir():
            old.unlink()
        cost = process_cost.measure(self.tool.command(job), job.folder, LIMIT_S)
        self.packets, self.flows, note = self.tool.counts(job, cost.text)
        self.costs.append(cost)
        if self.packets != job.packets:
            self.note(self.faults, f"saw {self.packets} packets of {job.packets}")
        if self.flows != job.flows:
            self.note(self.notes, f"{self.flows} flows instead of {job.flows}")
        if note:
            self.note(self.faults, note)

    def rate(self, how, packets):
        return packets / how(c.cpu_s for c in self.costs)

    def document(self, packets):
        return {"tool": self.tool.name, "version": self.tool.version(),
                "packets_per_cpu_s": {"best": round(self.rate(min, packets)),
                                      "median": round(self.rate(statistics.median, packets))},
                "cpu_s": [round(c.cpu_s, 3) for c in self.costs],
                "wall_s": [round(c.wall_s, 3) for c in self.costs],
                "peak_mib": round(max(c.peak_kib for c in self.costs) / 1024, 1),
                "packets": self.packets, "flows": self.flows, "comparable": not self.faults,
                "notes": self.faults + self.notes}


def machine():
    cpu = next((line.split(":")[1].strip() for line in
                Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                if line.startswith("model name")), platform.machine())
    return {"cpu": cpu, "cpus": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "load": round(os.getloadavg()[0], 2)}


def tools_find():
    """-> (those that can run, {name: what it lacks})"""
    lacking = {t.name: f"{', '.join(t.missing())} not installed" for t in TOOLS if t.missing()}
    return [t for t in TOOLS if t.name not in lacking], lacking


def rounds_run(tools, job, rounds):
    outcomes = [Outcome(t) for t in tools]
    for i in range(rounds):
        for outcome in outcomes:
            outcome.run(job)
            cost = outcome.costs[-1]
            print(f"round {i + 1} {outcome.tool.name}: {cost.cpu_s:.2f} CPU s, "
                  f"{cost.wall_s:.2f} s", file=sys.stderr, flush=True)
    return outcomes


def summary(a, flows, outcomes, skipped):
    rows = [o.document(a.packets) for o in outcomes]
    weir = next(r for r in rows if r["tool"] == "weir")
    peers = [r for r in rows if not r["tool"].startswith("weir") and r["comparable"]]
    document = {"packets": a.packets, "flows": flows, "popularity": a.popularity, "mpps": a.mpps,
                "rounds": a.rounds, "machine": machine(), "tools": rows, "skipped": skipped,
                "least": a.least, "fastest_peer": None, "ratio": None}
    if peers:
        fastest = max(peers, key=lambda r: r["packets_per_cpu_s"]["best"])
        document["fastest_peer"] = fastest["tool"]
        document["ratio"] = {
            how: round(weir["packets_per_cpu_s"][how] / max(
                r["packets_per_cpu_s"][how] for r in peers), 2) for how in ("best", "median")}
    return document


def table_print(d):
    m = d["machine"]
    print(f"{d['packets']:,} packets of {flow_capture.FRAME} bytes in {d['flows']:,} flows, "
          f"{d['popularity']}, {d['mpps']:.4g} Mpps, {d['rounds']} rounds; {m['cpu']}, "
          f"{m['cpus']} CPUs, Linux {m['kernel']}\n")
    print(ROW.format("program", "version", "packets/CPU s", "median", "CPU s", "wall s", "peak MiB",
                     "notes"))
    print("|---|---|--:|--:|--:|--:|--:|---|")
    for r in sorted(d["tools"], key=lambda r: -r["packets_per_cpu_s"]["best"]):
        print(ROW.format(r["tool"], r["version"], f"{r['packets_per_cpu_s']['best']:,}",
                         f"{r['packets_per_cpu_s']['median']:,}", f"{min(r['cpu_s']):.2f}",
                         f"{min(r['wall_s']):.2f}", r["peak_mib"], "; ".join(r["notes"])))
    print()
    for name, why in d["skipped"].items():
        print(f"{name}: skipped, {why}")
    if d["ratio"]:
        print(f"weir: {d['ratio']['best']} times {d['fastest_peer']}, the fastest of them "
              f"(medians {d['ratio']['median']})")


def verdict(d):
    weir = next(r for r in d["tools"] if r["tool"] == "weir")
    if weir["notes"]:
        raise weirtest.Failed(f"weir: {'; '.join(weir['notes'])}")
    if not d["ratio"]:
        weirtest.skip("no program to compare with saw all packets")
    if d["ratio"]["best"] < d["least"]:
        raise weirtest.Failed(f"{d['ratio']['best']} times {d['fastest_peer']}, "
                              f"at least {d['least']} are wanted")


def memory_folder():
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def test(a):
    tools, skipped = tools_find()
    if all(t.name.startswith("weir") for t in tools):
        weirtest.skip("; ".join(f"{name}: {why}" for name, why in skipped.items()))
    path, flows = flow_capture.capture(a.popularity, a.packets, a.flows, round(10**6 / a.mpps))
    with tempfile.TemporaryDirectory(prefix="weir-compare-", dir=memory_folder()) as folder:
        outcomes = rounds_run(tools, Job(path, Path(folder), a.packets, flows), a.rounds)
    document = summary(a, flows, outcomes, skipped)
    table_print(document)
    if a.json:
        Path(a.json).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    verdict(document)


def rate(text):
    mpps = float(text)
    if not 0.001 <= mpps <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not in 0.001 to 1000")
    return mpps


def arguments():
    parser = argparse.ArgumentParser(description="weir beside other flow meters")
    parser.add_argument("--popularity", choices=flow_capture.POPULARITIES,
                        default="uniform")
    parser.add_argument("--mpps", type=rate, default=10**6 / flow_capture.LINE_RATE_PS,
                        help="million packets per second of packet time, 0.001 to 1000 "
                        "(line rate of 10-gigabit Ethernet, 14.88)")
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--flows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--least", type=float, default=8,
                        help="fail below this many times the fastest other program")
    parser.add_argument("--json", metavar="FILE", help="everything, as one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        test(arguments())
    except weirtest.Failed as failure:
        print(f"FAIL {weirtest.NAME}: {failure}")
        sys.exit(1)
