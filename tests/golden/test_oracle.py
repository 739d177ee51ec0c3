#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every capture of corpus/oracle against INDEX.tsv and, record by record, against truth.py."""
import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import weirtest  # noqa: E402

NO_TIMEOUTS = ["--flow-idle-timeout", "0", "--flow-active-timeout", "0", "--flow-tcp-end", "off"]


def index(folder):
    with open(folder / "INDEX.tsv", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def identity(flow):
    return (tuple(flow["vlan"]), flow["proto"], flow["src"], flow["sport"], flow["dst"],
            flow["dport"])


def compare_statistics(c, found, true, what):
    """true: what truth.py gives, {"n": 0} alone where there are no values."""
    for ours, theirs in (("min", "min"), ("max", "max"), ("mean", "mean"), ("std", "std_smp")):
        c.that(weirtest.close(found[ours], true.get(theirs, 0)),
               f"{what}.{ours}: found {found[ours]}, expected {true.get(theirs, 0)}")


def compare_direction(c, found, true, what):
    c.equal(found["packets"], true["size"]["n"], f"{what}.packets")
    c.equal(found["bytes"], true["size"].get("sum", 0), f"{what}.bytes")
    if "l3" in true:
        c.equal(found["l3_bytes"], true["l3"], f"{what}.l3_bytes")
        c.equal(found["tcp_flags"], true["tcp_flags"], f"{what}.tcp_flags")
    compare_statistics(c, found["size"], true["size"], f"{what}.size")
    compare_statistics(c, found["iat_us"], true["iat_us"], f"{what}.iat_us")


def compare_flows(c, found, true, name):
    ours = {identity(f): f for f in found}
    c.equal(len(ours), len(found), f"{name}: distinct flow records")
    for t in true:
        f = ours.pop(identity(t), None)
        if not c.that(f is not None, f"{name}: no record for {identity(t)}"):
            continue
        what = f"{name} {identity(t)}"
        for member in ("first_us", "last_us"):
            c.equal(f[member], t[member], f"{what}.{member}")
        for direction in ("fwd", "rev", "bidir"):
            compare_direction(c, f[direction], t[direction], f"{what}.{direction}")
    for extra in ours:
        c.that(False, f"{name}: a record too many, {extra}")


def compare_capture(folder, row):
    c = weirtest.Check()
    name = row["file"]
    run = weirtest.PcapRun(folder / name, NO_TIMEOUTS)
    c.equal(run.ledger["received"], int(row["packets"]), f"{name}: received")
    c.equal(run.ledger["residual"], 0, f"{name}: residual")
    c.equal(len(run.flows), int(row["flows_no_timeout"]), f"{name}: flow records")
    true = truth.truth(str(folder / name))
    c.equal(run.ledger["flow_packets"], true["totals"].get("ip_packets", 0),
            f"{name}: flow_packets")
    c.equal(run.ledger["flow_bytes"], true["totals"].get("ip_frame_bytes", 0),
            f"{name}: flow_bytes")
    c.equal(run.ledger["flow_packets"] + sum(run.ledger["discarded"].values()),
            int(row["packets"]), f"{name}: flow packets and discarded")
    compare_flows(c, run.flows, true["flows"], name)
    return c


def test():
    folder = weirtest.corpus("oracle")
    rows = index(folder)
    if len(sys.argv) > 1:
        rows = [r for r in rows if r["file"] in sys.argv[1:]]
    return weirtest.each(rows, lambda row: compare_capture(folder, row))


if __name__ == "__main__":
    weirtest.reference()
    import truth
    weirtest.main(test)
