#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The profiles of docs/pktgen.md, sent and judged by programs that know nothing of the generator.

Each goes into a capture. tshark finds every checksum right and no fault in any TCP flow; truth.py and
a count of the frames give the totals of the answer key, in all and per second. The same profile over
DPDK ports, from one lcore and from two, gives the same answer key and the same packets.
"""
import collections
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import ask
import weirtest

sys.path.insert(0, str(weirtest.reference()))
import pcapref
import truth

DOC = weirtest.REPO / "docs" / "pktgen.md"
START_S = 1767225600  # of every capture
LIMIT_S = 60
BAD = " or ".join(f"{p}.checksum.status == 0" for p in ("ip", "tcp", "udp", "icmp", "icmpv6"))
OUTER = {"burst", "overlay"}  # truth.py knows no MPLS, and sees the two ends of the tunnel


def profiles():
    found = re.findall(r"^Profile `(\w+)`:.*?^```json\n(.*?)^```", DOC.read_text(encoding="utf-8"),
                       re.M | re.S)
    return {name: json.loads(text) for name, text in found}


def send(folder, name, profile, eal=(), options=(), **more):
    """Run weir-pktgen; gives back its report and the answer key."""
    key = Path(folder) / f"{name}.key"
    path = Path(folder) / f"{name}.json"
    path.write_text(json.dumps({**profile, "answer_key": str(key), "answer_key_flows": True,
                                **more}), encoding="utf-8")
    command = [weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen"), *eal, *(["--"] if eal else []),
               "--profile", str(path), *options]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if run.returncode != 0:
        raise weirtest.Failed(f"{name}: exit {run.returncode}: {run.stderr[-500:]}")
    return json.loads(run.stdout.splitlines()[-1]), json.loads(key.read_text(encoding="utf-8"))


def eal(lcores, *devices):
    cpus = sorted(os.sched_getaffinity(0))
    places = ",".join(f"{i}@{cpus[i % len(cpus)]}" for i in range(lcores + 1))
    return ["--no-huge", "-m", "256", "--no-shconf", "--no-pci", "--no-telemetry", "--lcores", places,
            "--log-level", "lib.eal:warning", *(a for d in devices for a in ("--vdev", d))]


def flow_totals(entries):
    """Per pair of ends and protocol, whoever is the client; entries of the same flow add up."""
    sums = collections.Counter()
    for e in entries:
        ends = tuple(sorted([(e["src"], e["sport"]), (e["dst"], e["dport"])]))
        sums[ends, e["proto"], "packets"] += e["packets"]
        sums[ends, e["proto"], "bytes"] += e["bytes"]
    return sums


def pair_totals(entries):
    sums = collections.Counter()
    for e in entries:
        pair = tuple(sorted([e["a"], e["b"]]))
        sums[pair, "packets"] += e["packets"]
        sums[pair, "bytes"] += e["bytes"]
    return sums


def truth_flows(d):
    sums = collections.Counter()
    for f in d["flows"]:
        ends = tuple(sorted([(f["src"], f["sport"]), (f["dst"], f["dport"])]))
        sums[ends, f["proto"], "packets"] += f["bidir"]["size"]["n"]
        sums[ends, f["proto"], "bytes"] += f["bidir"]["size"]["sum"]
    return sums


def key_check(c, name, key, path):
    """The key against the capture."""
    seconds = collections.Counter()
    for ns, _, wire, _, _ in pcapref.packets(str(path)):
        seconds[ns // 10**9 - START_S, "packets"] += 1
        seconds[ns // 10**9 - START_S, "bytes"] += wire
    told = collections.Counter({(s["second"], m): s[m] for s in key["seconds"]
                                for m in ("packets", "bytes")})
    c.equal(told, seconds, f"{name}: packets and bytes per second")
    for part, totals in (("flows", flow_totals), ("pairs", pair_totals)):
        counts_equal(c, totals(e for s in key["seconds"] for e in s[part]),
                     totals(key["total"][part]), f"{name}: {part} of the seconds and in total")
    if name in OUTER:
        return
    d = truth.truth(str(path))
    addresses = {a: {"packets": v["tx_packets"] + v["rx_packets"],
                     "bytes": v["tx_bytes"] + v["rx_bytes"]} for a, v in d["per_ip"].items()}
    counts_equal(c, *(collections.Counter({(a, m): v[m] for a, v in d.items() for m in v})
                      for d in (key["total"]["addresses"], addresses)),
                 f"{name}: totals per address")
    counts_equal(c, flow_totals(key["total"]["flows"]), truth_flows(d), f"{name}: totals per flow")


def tshark_lines(path, condition, *fields):
    command = ["tshark", "-r", str(path), "-Y", condition, "-T", "fields"]
    for protocol in ("ip", "tcp", "udp"):
        command += ["-o", f"{protocol}.check_checksum:TRUE"]
    for field in fields:
        command += ["-e", field]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    return run.stdout.splitlines()


def tshark_check(c, name, path, profile):
    c.equal(tshark_lines(path, BAD, "frame.number"), [], f"{name}: wrong checksums")
    # A scan in any order and sources in any order may come upon the same flow twice.
    events = {e["type"] for e in profile.get("events", [])} & {"scan", "syn_flood"}
    if not events:
        c.equal(tshark_lines(path, "tcp.analysis.flags", "frame.number"), [],
                f"{name}: what tshark finds wrong with TCP")
    flags = [int(f.split(",")[-1], 16) for f in tshark_lines(path, "tcp", "tcp.flags")]
    c.that(any(f & 2 for f in flags), f"{name}: no SYN")
    if "lifetime" in profile:
        c.that(sum(f & 1 for f in flags) > 10, f"{name}: no FIN")


def shape_check(c, name, key):
    """What makes the profile what it is."""
    packets = {s["second"]: s["packets"] for s in key["seconds"]}
    if name == "attack":
        c.equal([packets.get(s, 0) for s in range(10)],
                [2000, 2500, 2500, 3000, 3000, 2000, 2000, 2000, 0, 2000], "attack: packets a second")
        of = [s["addresses"].get("10.1.0.2", {"packets": 0})["packets"] for s in key["seconds"]]
        c.that(of[6] > 5 * of[5], f"attack: the surge makes {of[5]} packets {of[6]}")
    if name == "burst":
        c.equal(packets, {0: 20000, 1: 20000}, "burst: packets a second")
    if name == "office":
        c.that(abs(key["total"]["bytes"] * 8 / 5 / 20e6 - 1) < 0.05,
               f"office: {key['total']['bytes']} bytes in 5 s at 20 Mbps")


def capture_check(c, folder, name, profile):
    path = Path(folder) / f"{name}.pcap"
    report, key = send(folder, name, profile, options=["--pcap", str(path)])
    c.equal({m: report["answer_key"][m] for m in ("packets", "bytes")},
            {"packets": report["sent"], "bytes": report["bytes"]}, f"{name}: report")
    key_check(c, name, key, path)
    shape_check(c, name, key)
    if shutil.which("tshark"):
        tshark_check(c, name, path, profile)
    return key


def answers(key):
    """Of two keys only the order in lists and the profile's file name may differ."""
    part = [key["total"], *key["seconds"]]
    return [{**{k: v for k, v in p.items() if k not in ("flows", "pairs")},
             "flows": flow_totals(p["flows"]), "pairs": pair_totals(p["pairs"])} for p in part]


def frames(*paths):
    return collections.Counter(frame for p in paths for _, _, _, _, frame in pcapref.packets(str(p)))


def outputs_check(c, folder, name, profile, captured, full):
    """Packets into files of the pcap driver, from two lcores with a queue each; and to net_null.
    By number of packets and not by time, so that a busy machine changes nothing."""
    parts = [Path(folder) / f"{name}-{i}.part" for i in range(2)]
    queues = ",".join(f"tx_pcap={p}" for p in parts)
    report, key = send(folder, name + "-2", profile, eal(2, f"net_pcap0,{queues}"))
    c.equal(report["dropped"], 0, f"{name}: dropped with two lcores")
    c.that(answers(key) == answers(captured), f"{name}: another key from two lcores")
    counts_equal(c, frames(*parts), frames(Path(folder) / f"{name}.pcap"),
                 f"{name}: the packets of two lcores")
    c.that(all(frames(p) for p in parts), f"{name}: an lcore without packets")
    for lcores in (1, 2) if full else (1,):
        _, key = send(folder, f"{name}-null{lcores}", profile, eal(lcores, "net_null0"))
        c.that(answers(key) == answers(captured),
               f"{name}: another key from {lcores} lcores into net_null")


def counts_equal(c, found, expected, what):
    """Counters that are too long to print: what differs."""
    wrong = [(k, found[k], expected[k]) for k in {**found, **expected} if found[k] != expected[k]]
    c.that(not wrong, f"{what}: {len(wrong)} of {len(expected)} differ (found, expected): {wrong[:3]}")


def ring_run(folder, profile):
    """weir --demo until all is sent."""
    config = Path(folder) / "ring.config"
    config.write_text(json.dumps({"generator": profile}), encoding="utf-8")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [weirtest.weir(), "--demo", "--listen", f"127.0.0.1:{port}", "--store", "none",
               "--config", config, "--duration", str(LIMIT_S), "--flows", config.with_suffix(".flows"),
               "--report", config.with_suffix(".report")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            time.sleep(0.2)
            try:
                if ask.rpc(port, "generator.get")["sent"] >= profile["packets"]:
                    process.send_signal(signal.SIGINT)
                    break
            except (OSError, ask.RpcError):
                continue
        return process.wait(LIMIT_S), config.with_suffix(".flows")


def ring_check(c, folder, profile, captured):
    """The demo's ring: what the flow table says of every flow."""
    status, flows = ring_run(folder, profile)
    c.equal(status, 0, "ring: exit status")
    sums = collections.Counter()
    for f in weirtest.lines(flows):
        ends = tuple(sorted([(f["src"], f["sport"]), (f["dst"], f["dport"])]))
        sums[ends, f["proto"], "packets"] += f["bidir"]["packets"]
        sums[ends, f["proto"], "bytes"] += f["bidir"]["bytes"]
    counts_equal(c, sums, flow_totals(captured["total"]["flows"]), "ring: what Weir makes of every flow")


def test():
    c = weirtest.Check()
    full = "--all" in sys.argv
    found = profiles()
    c.equal(sorted(found), ["attack", "burst", "office", "overlay", "web"], "profiles in the document")
    with tempfile.TemporaryDirectory(prefix="weir-pktgen-") as folder:
        keys = {n: capture_check(c, folder, n, p) for n, p in found.items()}
        for name in found if full else ("web",):
            counted = {**found[name], "duration_s": None,
                       "packets": keys[name]["total"]["packets"]}
            outputs_check(c, folder, name, counted, keys[name], full)
            if name == "web":
                ring_check(c, folder, counted, keys[name])
    if not shutil.which("tshark"):
        print("skipped: tshark is not installed")
    return c


if __name__ == "__main__":
    weirtest.main(test)
