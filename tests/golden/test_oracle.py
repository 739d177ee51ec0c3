#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every capture of corpus/oracle against INDEX.tsv and truth.py: record by record with flows that
never end, and with timeouts of 120 and 1800 s; with the default ends, which truth.py does not have,
packets and bytes summed over all records of a 5-tuple."""
import csv
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import weirtest  # noqa: E402

NO_TIMEOUTS = ["--flow-idle-timeout", "0", "--flow-active-timeout", "0", "--flow-tcp-end", "off"]
IDLE, ACTIVE = 120, 1800
TIMEOUTS = ["--flow-idle-timeout", str(IDLE), "--flow-active-timeout", str(ACTIVE),
            "--flow-tcp-end", "off"]

# Where the reference is not followed with timeouts. It compares a packet with the flow's last one
# only, and has no clock that runs on while a flow is silent. In this capture a recording of another
# day is appended behind a later one: after packet 286 time steps back by 19 hours. Flows that by
# then had been silent for 120 s and more on the capture's clock go on in the reference, with
# records that end hours before they begin; in Weir they have ended, as a flow has when no packet of
# it has been observed for the timeout (RFC 5470, flow expiration). flow_model.py takes its place.
NO_CLOCK = {"nDPI__ipsec_isakmp_esp.pcap"}


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


def by_identity(flows):
    """-> {identity: its records in the order of their times}"""
    found = {}
    for f in sorted(flows, key=lambda f: (f["first_us"], f["last_us"])):
        found.setdefault(identity(f), []).append(f)
    return found


def compare_flows(c, found, true, name):
    ours = by_identity(found)
    for key, records in by_identity(true).items():
        c.equal(len(ours.get(key, [])), len(records), f"{name}: records of {key}")
        for f, t in zip(ours.pop(key, []), records):
            compare_record(c, f, t, name)
    for extra in ours:
        c.that(False, f"{name}: a record too many, {extra}")


def compare_record(c, f, t, name):
    what = f"{name} {identity(t)} from {t['first_us']}"
    for member in ("first_us", "last_us"):
        c.equal(f[member], t[member], f"{what}.{member}")
    for direction in ("fwd", "rev", "bidir"):
        compare_direction(c, f[direction], t[direction], f"{what}.{direction}")


def ends(flow):
    """The 5-tuple and the VLANs, whichever end sent first."""
    both = sorted([(flow["src"], flow["sport"]), (flow["dst"], flow["dport"])])
    return tuple(flow["vlan"]), flow["proto"], *both


def sums(flows, packets, size):
    """-> {ends: packets, bytes}, both directions together, all records together"""
    total = Counter()
    for f in flows:
        total[ends(f), "packets"] += packets(f["bidir"])
        total[ends(f), "bytes"] += size(f["bidir"])
    return total


def compare_sums(c, found, true, name):
    ours = sums(found, lambda d: d["packets"], lambda d: d["bytes"])
    theirs = sums(true, lambda d: d["size"]["n"], lambda d: d["size"]["sum"])
    for key in ours.keys() | theirs.keys():
        c.equal(ours[key], theirs[key], f"{name}: sum of {key}")


def compare_with_model(c, found, path):
    """Against the flow model, which knows the capture's clock but no sizes and gaps."""
    import flow_model
    from flow_model import pcapref
    table = flow_model.Table(IDLE, ACTIVE, False)
    for p in flow_model.packets(path):
        if p.in_flow:
            table.add(p)
    true = Counter((m.vlan, m.proto, pcapref.ip(m.src[0]), m.src[1], pcapref.ip(m.dst[0]), m.dst[1],
                    m.first_us, m.last_us, m.end, *m.packets, *m.bytes) for m in table.finish())
    ours = Counter((*identity(f), f["first_us"], f["last_us"], f["end"], f["fwd"]["packets"],
                    f["rev"]["packets"], f["fwd"]["bytes"], f["rev"]["bytes"]) for f in found)
    for record in (ours - true) + (true - ours):
        c.that(False, f"{path.name}: {ours[record]} and in the model {true[record]} of {record}")


def compare_timeouts(c, folder, row):
    name = row["file"]
    found = weirtest.PcapRun(folder / name, TIMEOUTS).flows
    true = truth.truth(str(folder / name), IDLE, ACTIVE)["flows"]
    compare_sums(c, found, true, f"{name} with timeouts")
    if name in NO_CLOCK:
        c.that(any(t["first_us"] - t["last_us"] > IDLE * 10**6 for t in true),
               f"{name}: the reference has no record that ends before it begins")
        compare_with_model(c, found, folder / name)
        return
    c.equal(len(found), int(row["flows_idle120_active1800"]), f"{name}: records with timeouts")
    compare_flows(c, found, true, f"{name} with timeouts")


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
    compare_sums(c, weirtest.PcapRun(folder / name).flows, true["flows"], f"{name} with defaults")
    compare_timeouts(c, folder, row)
    return c


def test():
    folder = weirtest.corpus("oracle")
    rows = index(folder)
    if len(sys.argv) > 1:
        rows = [r for r in rows if r["file"] in sys.argv[1:]]
    return weirtest.each(rows, lambda row: compare_capture(folder, row), workers=4)


if __name__ == "__main__":
    weirtest.reference()
    import truth
    weirtest.main(test)
