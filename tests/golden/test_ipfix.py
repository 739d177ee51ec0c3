#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""--ipfix over UDP and TCP, read back by nfcapd and by tshark.

Each capture is run once with both kinds of collector. What tshark decodes of the packets on the loopback
of a network namespace must be, record by record, what --flows says (which other tests hold against the
reference), and, where flows do not end, what truth.py says. nfcapd reads the datagrams as they are, and the
TCP stream's messages through a relay, as it knows UDP only.
"""
import collections
import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import build_pcaps  # noqa: E402
import ipfix_read  # noqa: E402
import weirtest  # noqa: E402

# flowEndReason by IANA's registry
REASONS = {"idle": 1, "active": 2, "fin": 3, "rst": 3, "fin_timeout": 3, "flush": 4, "evicted": 5}
# Made here: VLANs, other links, every end, time that steps back.
MADE = ["plain", "vlan", "qinq", "link_raw", "ipv6_extensions", "jumbo", "end_idle", "end_active",
        "end_fin", "end_rst", "end_fin_timeout", "time_backwards"]
ORACLE = ["nDPI__1kxun.pcap", "nDPI__hsrp2_ipv6.pcapng", "nDPI__diameter.pcap"]
UDP_PORT, TCP_PORT, RELAY_PORT = 20000, 30000, 40000
ICMP = (1, 58)


def enter_namespace():
    """Run again in a network namespace of its own: its loopback carries nothing but the test."""
    if os.environ.get("WEIR_IPFIX_NAMESPACE"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    for tool in ("nfcapd", "nfdump", "tshark", "unshare", "ip"):
        if not shutil.which(tool):
            weirtest.skip(f"{tool} is not there")
    unshare = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        weirtest.skip("network namespaces are not permitted here")
    os.environ["WEIR_IPFIX_NAMESPACE"] = "1"
    os.execvp("unshare", [*unshare, sys.executable, *sys.argv])


class Case:
    """A capture, and what Weir and nfcapd gave for it."""

    def __init__(self, name, path, options, true=None):
        self.name, self.path, self.options, self.true = name, path, options, true

    def run(self, folder, i):
        self.udp, self.tcp = UDP_PORT + i, TCP_PORT + i
        direct = ipfix_read.Nfcapd(folder / f"udp{i}", self.udp)
        relayed = ipfix_read.Nfcapd(folder / f"tcp{i}", RELAY_PORT + i)
        relay = ipfix_read.Relay(self.tcp, RELAY_PORT + i)
        try:
            self.weir = weirtest.PcapRun(self.path, [
                *self.options, "--ipfix", f"127.0.0.1:{self.udp},tcp:[::1]:{self.tcp}"])
            relay.finish()
        finally:
            self.collected = [direct.stop(), relayed.stop()]


def cases(folder):
    for name in MADE:
        path, options, _ = build_pcaps.build(name, folder)
        yield Case(name, path, options)


def ipfix_parts(flow):
    """The parts of a record as --flows has them; times as far as it tells them."""
    parts = [p for p in (flow["fwd"], flow["rev"]) if p["packets"]]
    return [{"packets": p["packets"], "octets": p["l3_bytes"], "frames": p["bytes"],
             "size_min": p["size"]["min"], "size_max": p["size"]["max"], "flags": p["tcp_flags"],
             "ttl_min": p["ttl"]["min"], "ttl_max": p["ttl"]["max"]} for p in parts]


def duration(part):
    return round(part["iat_us"]["mean"] * (part["packets"] - 1))


def identity(r):
    return (str(ipaddress.ip_address(r["src"])), r["sport"], str(ipaddress.ip_address(r["dst"])),
            r["dport"], r["proto"], tuple(r["vlan"][:2]))


def order(r):
    return identity(r), r.get("first_us") or r["parts"][0]["start_us"]


def compare_times(c, found, flow, what):
    parts = found["parts"]
    c.equal(parts[0]["start_us"], flow["first_us"], f"{what}: start")
    c.that(flow["last_us"] in [p["end_us"] for p in parts], f"{what}: no part ends at last_us")
    for part, name in zip(parts, ("fwd", "rev")):
        c.equal(part["end_us"] - part["start_us"], duration(flow[name]), f"{what}: {name} lasts")
        for end in ("start", "end"):
            c.equal(part[f"{end}_ms"], part[f"{end}_us"] // 1000, f"{what}: {name} {end} in ms")


def compare_record(c, found, flow, what):
    c.equal(identity(found), identity(flow), f"{what}: key")
    c.equal(found["version"], 6 if ":" in flow["src"] else 4, f"{what}: IP version")
    c.equal(found["end_reason"], REASONS[flow["end"]], f"{what}: end reason of {flow['end']}")
    c.equal(flow["end_reason"], REASONS[flow["end"]], f"{what}: end_reason in --flows")
    numbers = [{k: p[k] for k in ipfix_read.NUMBERS} for p in found["parts"]]
    c.equal(numbers, ipfix_parts(flow), f"{what}: numbers")
    c.equal(found["direction"], "1" if len(numbers) == 2 else None, f"{what}: biflowDirection")
    compare_times(c, found, flow, what)


def compare_messages(c, messages, case, transport):
    """Nothing malformed, sequence numbers without a hole, sizes within bounds. Gives the records."""
    what, sequence, flows, options = f"{case.name} {transport}", 0, [], []
    for m in messages:
        faults = [n for n, _ in m.walk() if n.startswith("_ws.") or "unexpected" in n]
        c.equal(faults, [], f"{what}: tshark complains")
        c.equal(int(m.get("cflow.sequence")), sequence, f"{what}: sequence number")
        c.that(int(m.get("cflow.len")) <= 1400, f"{what}: a message of more than 1400 bytes")
        some, more = ipfix_read.message_records(m)
        sequence += len(some) + len(more)
        flows += [ipfix_read.tshark_record(r) for r in some]
        options += more
    if c.that(bool(options), f"{what}: no statistics"):
        c.equal(int(options[-1].get("cflow.notsent_flows")), 0, f"{what}: lost, in statistics")
        c.equal(int(options[-1].get("cflow.flows_exp") or options[-1].get("cflow.flowsexp")),
                len(flows), f"{what}: records, in statistics")
    return flows


def compare_with_truth(c, found, case):
    """Independent of --flows: packets, bytes, flags, sizes and times by the reference."""
    true = {identity(t): t for t in case.true}
    c.equal(len(found), len(true), f"{case.name}: records, reference")
    for f in found:
        t, what = true.get(identity(f)), f"{case.name} {identity(f)}"
        if not c.that(t is not None, f"{what}: not in the reference"):
            continue
        c.equal(f["parts"][0]["start_us"], t["first_us"], f"{what}: start, reference")
        for part, name in zip(f["parts"], ("fwd", "rev")):
            size = t[name]["size"]
            c.equal((part["packets"], part["frames"], part["octets"], part["flags"],
                     part["size_min"], part["size_max"]),
                    (size["n"], size["sum"], t[name]["l3"], t[name]["tcp_flags"], size["min"],
                     size["max"]), f"{what}.{name}, reference")
            c.equal(part["end_us"] - part["start_us"], t[name]["iat_us"].get("sum", 0),
                    f"{what}.{name} lasts, reference")
        c.equal(len(f["parts"]), 2 if t["rev"]["size"]["n"] else 1, f"{what}: directions")


def nfdump_expected(flow):
    rev, icmp = flow["rev"], flow["proto"] in ICMP
    return {"src": flow["src"], "dst": flow["dst"], "proto": flow["proto"],
            "sport": 0 if icmp else flow["sport"], "dport": 0 if icmp else flow["dport"],
            "start_ms": flow["first_us"] // 1000,
            "end_ms": (flow["first_us"] + duration(flow["fwd"])) // 1000,
            "flags": flow["fwd"]["tcp_flags"], "vlan": flow["vlan"][0] if flow["vlan"] else 0,
            "packets": (flow["fwd"]["packets"], rev["packets"]),
            "octets": (flow["fwd"]["l3_bytes"], rev["l3_bytes"])}


def multiset(records):
    return collections.Counter(tuple(sorted(r.items())) for r in records)


def compare_nfdump(c, case):
    expected = multiset(nfdump_expected(f) for f in case.weir.flows)
    for (records, errors), transport in zip(case.collected, ("udp", "tcp")):
        what = f"{case.name} {transport}: nfcapd"
        c.equal(errors, (0, 0), f"{what}: sequence errors, bad packets")
        found = multiset(records)
        c.equal(list((found - expected).elements())[:2], [], f"{what}: records too many")
        c.equal(list((expected - found).elements())[:2], [], f"{what}: records missing")


def compare_report(c, case):
    for x, transport in zip(case.weir.report["ipfix"], ("udp:127.0.0.1", "tcp:[::1]")):
        what = f"{case.name}: {x['collector']} in the report"
        c.that(x["collector"].startswith(transport), f"{what}: name")
        c.equal((x["state"], x["error"], x["records"], x["lost"], x["connections"]),
                ("closed", None, len(case.weir.flows), 0, 1), what)


def compare_case(c, case, decoded):
    c.that(bool(case.weir.flows), f"{case.name}: no flows at all")
    for port, transport in ((case.udp, "udp"), (case.tcp, "tcp")):
        found = compare_messages(c, decoded.get(port, []), case, transport)
        flows = sorted(case.weir.flows, key=order)
        c.equal(len(found), len(flows), f"{case.name} {transport}: records")
        for r, flow in zip(sorted(found, key=order), flows):
            compare_record(c, r, flow, f"{case.name} {transport} {identity(flow)}")
        if case.true is not None:
            compare_with_truth(c, found, case)
    compare_nfdump(c, case)
    compare_report(c, case)


def check_ends(c, all_cases):
    """The captures together have every end, so that the comparison above had something to find."""
    seen = {f["end"] for case in all_cases for f in case.weir.flows}
    c.equal(sorted(seen), sorted(REASONS), "ends that occurred")


def check_nobody(c, path, folder):
    """A TCP collector that is not there: bounded waiting, losses by name, exit status 1."""
    report = folder / "nobody.json"
    run = weirtest.Run([weirtest.weir(), "--pcap", path, "--ipfix", "tcp:127.0.0.1:5",
                        "--report", report], timeout=60)
    c.equal(run.status, 1, "nobody listens: exit status")
    c.that("--ipfix: tcp:127.0.0.1:5: " in run.err and "Connection refused" in run.err,
           f"nobody listens: {run.describe()}")
    d = weirtest.json.loads(report.read_text())
    c.equal((d["ipfix"][0]["lost"], d["ipfix"][0]["records"]), (d["flows"]["created"], 0),
            "nobody listens: lost, sent")


def corpus_cases(folder):
    import truth
    for name in ORACLE:
        yield Case(f"{name} (never ends)", folder / name, build_pcaps.NO_TIMEOUTS,
                   truth.truth(str(folder / name))["flows"])
        yield Case(name, folder / name, [])
    yield Case("few flows fit", folder / ORACLE[0], ["--flow-capacity", "16"])


def test():
    c = weirtest.Check()
    oracle = weirtest.corpus("oracle")
    with tempfile.TemporaryDirectory(prefix="weir-ipfix-") as folder:
        folder = Path(folder)
        all_cases = [*cases(folder), *corpus_cases(oracle)]
        tshark = ipfix_read.Tshark(folder / "lo.pcapng")
        try:
            for i, case in enumerate(all_cases):
                case.run(folder, i)
        finally:
            tshark.stop()
        decoded = tshark.decode([k.udp for k in all_cases], [k.tcp for k in all_cases])
        for case in all_cases:
            compare_case(c, case, decoded)
        check_ends(c, all_cases)
        check_nobody(c, oracle / ORACLE[0], folder)
    return c


if __name__ == "__main__":
    enter_namespace()
    weirtest.reference()
    weirtest.main(test)
