#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A flood in which every packet begins a flow, at --flow-capacity 65536: detail suffers, no more.

    test_flood.py                 4 million packets
    FLOOD_PACKETS=20000000 …      as many as you like

Expectations come from how the capture is made: packet i is a flow of its own, 64 bytes, 2 us after
the one before it, to one destination. So there are as many flows as packets; the table holds CAPACITY
of them until the end and has evicted the rest; each second's total is known. Memory is what the
kernel says the process had at most (getrusage), and has to be within what Weir announced before it took it,
give or take a tenth. Three floods: between a few hosts, where the queries have few keys; from an address
per packet, as many a second as the budget of keys holds; and likewise with a budget for a part of them, where
results are approximate and the one address that all packets go to lies within its bounds.
"""
import json
import os
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import flow_capture  # noqa: E402
import process_cost  # noqa: E402
import weirtest  # noqa: E402

PACKETS = int(os.environ.get("FLOOD_PACKETS", "4000000"))
CAPACITY = 65536
CAPACITY_MOST = 1 << 26
LIMIT_S = 600
MIB = 1 << 20
TARGET = "192.0.2.1"
BUDGET = 65536
ANNOUNCED = re.compile(r"^weir: memory: up to (\d+) MiB \(.*flow tables and panes (\d+),.*queries (\d+)",
                       re.MULTILINE)


class Flood:
    """One run of weir over one flood."""

    def __init__(self, order, folder, T=1, options=()):
        path, self.flows = flow_capture.capture(order, PACKETS, 0)
        config, report, results = (folder / n for n in ("T.json", "report.json", "results.jsonl"))
        config.write_text(json.dumps({"parameters": {"T": T}}), encoding="utf-8")
        cost = process_cost.measure(
            [weirtest.weir(), "--pcap", path, "--config", config, "--flow-capacity", CAPACITY,
             "--report", report, "--results", results, *options], folder, LIMIT_S)
        self.report = json.loads(report.read_text(encoding="utf-8"))
        self.results = [r for r in weirtest.lines(results) if r["query"] == "ip-topk"]
        self.peak = cost.peak_kib * 1024
        found = ANNOUNCED.search(cost.text)
        if not found:
            raise weirtest.Failed(f"no memory is announced: {cost.text[:500]}")
        self.announced = int(found[1]) * MIB
        self.queries = int(found[3]) * MIB


def totals_check(c, f, what):
    ledger, flows = f.report["ledger"], f.report["flows"]
    size = PACKETS * flow_capture.FRAME
    for name, expected in (("offered", PACKETS), ("received", PACKETS), ("received_bytes", size),
                           ("flow_packets", PACKETS), ("flow_bytes", size), ("residual", 0),
                           ("detail_lost", {"packets": 0, "bytes": 0})):
        c.equal(ledger[name], expected, f"{what}: {name}")
    c.equal(flows["created"], f.flows, f"{what}: flows created")
    ended = flows["ended"]
    c.equal(ended["evicted"] + ended["flush"], f.flows, f"{what}: flows evicted or at the end")
    c.that(CAPACITY * 0.95 < ended["flush"] <= CAPACITY,
           f"{what}: {ended['flush']} flows in a table of {CAPACITY} at the end")


def results_check(c, f, what):
    """T is one second, so that each packet is in one window; all of them go to one address."""
    per_second = 10**6 // flow_capture.SPACING_US
    for i, r in enumerate(f.results):
        n = min(per_second, PACKETS - i * per_second)
        size = n * flow_capture.FRAME
        c.equal(r["total"], {"bytes": size, "packets": n, "flows": n}, f"{what}: second {i}")
        c.equal((r["exact"], r["rows"][0]["key"], r["rows"][0]["value"]), (True, TARGET, size),
                f"{what}: first row of second {i}")
    c.equal(len(f.results), -(-PACKETS // per_second), f"{what}: seconds")


def bounds_check(c, f, what, T):
    """Windows of T seconds with far more addresses than the budget."""
    per_second = 10**6 // flow_capture.SPACING_US
    approximate = 0
    for i, r in enumerate(f.results):
        n = min(PACKETS, (i + 1) * per_second) - max(0, (i + 1 - T) * per_second)
        size, row = n * flow_capture.FRAME, r["rows"][0]
        c.equal(r["total"], {"bytes": size, "packets": n, "flows": n}, f"{what}: second {i}")
        c.equal(row["key"], TARGET, f"{what}: first row of second {i}")
        c.that(row["value"] - row["error"] <= size <= row["value"],
               f"{what}: second {i} has {row} for {size}")
        for other in r["rows"][1:]:
            c.that(other["value"] - other["error"] <= flow_capture.FRAME <= other["value"],
                   f"{what}: second {i} has {other} for {flow_capture.FRAME}")
        c.that(r["exact"] or r["unseen"] >= flow_capture.FRAME,
               f"{what}: second {i} says that nothing but {r.get('unseen')} is unseen")
        approximate += not r["exact"]
    c.that(approximate == len(f.results) > 0, f"{what}: {approximate} results are approximate")
    for d in f.report["queries"]["dimensions"]:
        c.that(d["keys"] <= d["budget"] == BUDGET, f"{what}: {d} is over budget")


def memory_check(c, f, what):
    c.that(f.peak <= 1.1 * f.announced, f"{what}: {f.peak // MIB} MiB were resident, announced "
                                        f"were {f.announced // MIB}")
    least = 0.8 * (f.announced - f.queries)
    c.that(f.peak >= least, f"{what}: {f.peak // MIB} MiB were resident, {least // MIB} announced "
                            "for all but the queries")
    print(f"{what}: {PACKETS:,} packets, announced {f.announced // MIB} MiB, resident at most "
          f"{f.peak / MIB:.0f} MiB, queries {f.report['queries']['bytes'] / MIB:.0f} MiB, evicted "
          f"{f.report['flows']['ended']['evicted']:,}")


def capacity_run(capacity):
    return weirtest.Run([weirtest.weir(), "--pcap", flow_capture.capture("flood", 1000, 0)[0],
                         "--flow-capacity", capacity, "--report", os.devnull], LIMIT_S)


def refusal_check(c, run, pattern):
    """It ends with status 2 and a last line that says why."""
    line = run.errors()[-1] if run.errors() else ""
    c.that(run.status == 2 and re.search(pattern, line),
           f"{' '.join(run.command[3:5])}: {run.describe()}")


def capacity_check(c, tables):
    """tables: bytes of the tables at CAPACITY, which was right, as the floods' memory shows."""
    for capacity in (CAPACITY_MOST + 1, 15):
        refusal_check(c, capacity_run(capacity),
                      rf"--flow-capacity: '{capacity}' is not allowed here: 16 to {CAPACITY_MOST}$")
    run = capacity_run(CAPACITY_MOST)
    found = ANNOUNCED.search(run.err)
    if not c.that(found, f"--flow-capacity {CAPACITY_MOST}: no memory announced: {run.err}"):
        return
    expected = tables * (CAPACITY_MOST // CAPACITY) // MIB
    c.that(abs(int(found[2]) - expected) <= expected // 100,
           f"tables of {CAPACITY_MOST} flows: {found[2]} MiB announced, {expected} expected")
    available = next(int(line.split()[1]) // 1024 for line in Path("/proc/meminfo").read_text(
        encoding="utf-8").splitlines() if line.startswith("MemAvailable"))
    if available > int(found[1]) * 1.1:
        c.equal(run.status, 0, f"--flow-capacity {CAPACITY_MOST} with {available} MiB available")
    elif available < int(found[1]) * 0.9:
        refusal_check(c, run, rf"{CAPACITY_MOST} flows take {found[2]} MiB.*{found[1]} MiB"
                              r".*available are \d+ MiB$")


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-flood-") as folder:
        few = Flood("flood", Path(folder))
        many = Flood("spoofed", Path(folder))
        over = Flood("spoofed", Path(folder), 10, ["--key-budget", BUDGET])
    for f, what in ((few, "between few hosts"), (many, "from an address each"),
                    (over, "from an address each, few keys")):
        totals_check(c, f, what)
        memory_check(c, f, what)
    results_check(c, few, "between few hosts")
    results_check(c, many, "from an address each")
    bounds_check(c, over, "from an address each, few keys", 10)
    capacity_check(c, few.report["memory"]["tables_bytes"])
    return c


if __name__ == "__main__":
    weirtest.main(test)
