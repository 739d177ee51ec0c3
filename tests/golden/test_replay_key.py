#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The answer key of what is replayed, against programs that know nothing of it.

The frames that weir-pktgen sends of a capture go into another one. truth.py gives the key's totals per
address and per flow and how many frames have no key, tshark the packets per address; the frames themselves
give the seconds. Weir's ledger names the same frames, by the same reasons, and the results of its six built-in
queries are the key's answers, window by window. All this of the golden captures and of captures of the
corpus; once as recorded, and in loops with addresses of their own. And of a folder of flow records.
"""
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import build_pcaps
import test_replay
import weirtest

sys.path.insert(0, str(weirtest.reference()))
import pcapref
import truth

LIMIT_S = 60
START_S = 1767225600  # of every capture that weir-pktgen writes
MADE = ["cut_ipv4_tcp", "cut_ipv6_udp", "cut_sctp", "fragments_ipv4", "fragments_ipv6", "ip_protocols", "ipv4_bad_header",
        "ipv4_options", "ipv6_bad_header", "ipv6_extensions", "llc_snap", "mapped_address", "not_ip",
        "padding", "qinq", "same_ends", "snaplen", "time_backwards", "tunnel_gre_off", "tunnel_ip_off", "vlan"]
# truth.py knows neither MPLS nor PPPoE nor LLC behind VLAN tags, and as many of these as there are.
MADE_SHIMS = ["llc_in_vlan", "mpls", "mpls_pseudowire", "pppoe_session", "vlan_depth"]
FROM_CORPUS = ["nDPI__1kxun.pcap", "nDPI__dns_doh.pcap", "nDPI__netbios.pcap", "nDPI__teredo.pcap",
               "nDPI__hsrp2_ipv6.pcapng", "nDPI__esp.pcapng", "zeek__q-in-q.pcap", "nDPI__malformed_icmp.pcap",
               "nDPI__fuzz-2021-06-07-c6c72a0a56.pcap"]
NO_TIMEOUTS = ["--flow-idle-timeout", "0", "--flow-active-timeout", "0", "--flow-tcp-end", "off"]


def key_of(folder, replay, **more):
    """The key and the capture of what was sent, and the report."""
    key, sent, profile = (Path(folder) / f for f in ("key.json", "sent.pcap", "profile.json"))
    profile.write_text(json.dumps({"replay": replay, "answer_key": str(key), "answer_key_flows": True,
                                   "answer_key_queries": {"T": 3, "k": 5}, **more}))
    run = subprocess.run([weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen"), "--profile", profile,
                          "--pcap", sent], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if run.returncode != 0:
        raise weirtest.Failed(f"{replay}: {run.stderr[-300:]}")
    return json.loads(key.read_text()), sent, json.loads(run.stdout.splitlines()[-1])


def counts(entries, *fields):
    """Packets and bytes, summed over entries of the same fields; the ends in either order."""
    sums = collections.Counter()
    for e in entries:
        of = tuple(e[f] for f in fields)
        if fields[0] == "src":
            of = (tuple(sorted([(e["src"], e["sport"]), (e["dst"], e["dport"])])), e["proto"])
        elif fields[0] == "a":
            of = tuple(sorted(of))
        for m in ("packets", "bytes"):
            sums[of, m] += e[m]
    return sums


def same(c, found, expected, what):
    wrong = [(k, found.get(k), expected.get(k)) for k in {**found, **expected} if found.get(k) != expected.get(k)]
    c.that(not wrong, f"{what}: {len(wrong)} of {len(expected)} differ (found, expected): {wrong[:3]}")


def sums_check(c, name, key):
    """The parts add up: seconds to the total, protocols and what has no key to all that was sent."""
    for part in [*key["seconds"], key["total"]]:
        for m in ("packets", "bytes"):
            parts = [v[m] for of in ("protocols", "undescribed") for v in part.get(of, {}).values()]
            c.equal(sum(parts), part[m], f"{name}: {m} of protocols and of what has no key")
            c.equal(sum(f[m] for f in part["flows"]), sum(v[m] for v in part["protocols"].values()),
                    f"{name}: {m} of flows")
    for of in ("packets", "bytes"):
        c.equal(sum(s[of] for s in key["seconds"]), key["total"][of], f"{name}: {of} of the seconds")
    for of, fields in (("flows", ("src",)), ("pairs", ("a", "b"))):
        same(c, counts((e for s in key["seconds"] for e in s[of]), *fields),
             counts(key["total"][of], *fields), f"{name}: {of} of the seconds and in total")


def frames_check(c, name, key, sent):
    seconds = collections.Counter()
    for ns, _, wire, _, _ in pcapref.packets(str(sent)):
        seconds[ns // 10**9 - START_S, "packets"] += 1
        seconds[ns // 10**9 - START_S, "bytes"] += wire
    same(c, {(s["second"], m): s[m] for s in key["seconds"] for m in ("packets", "bytes")}, seconds,
         f"{name}: seconds")


def truth_check(c, name, key, sent):
    d, total = truth.truth(str(sent)), key["total"]
    same(c, {(a, m): v[m] for a, v in total["addresses"].items() for m in ("packets", "bytes")},
         {(a, m): v[f"tx_{m}"] + v[f"rx_{m}"] for a, v in d["per_ip"].items() for m in ("packets", "bytes")},
         f"{name}: addresses")
    flows = [{**f, "packets": f["bidir"]["size"]["n"], "bytes": f["bidir"]["size"]["sum"]} for f in d["flows"]]
    same(c, counts(total["flows"], "src"), counts(flows, "src"), f"{name}: flows")
    c.equal(sum(v["packets"] for v in total["undescribed"].values()),
            d["totals"]["packets"] - d["totals"].get("ip_packets", 0), f"{name}: frames without a key")


def tshark_check(c, name, key, sent):
    """Packets per address, the outermost one."""
    run = subprocess.run(["tshark", "-r", sent, "-T", "fields", "-E", "occurrence=f", "-e", "ip.src", "-e", "ip.dst",
                          "-e", "ipv6.src", "-e", "ipv6.dst", "-e", "eth.type"], capture_output=True, text=True,
                         timeout=LIMIT_S, check=False)
    found = collections.Counter()
    for line in run.stdout.splitlines():
        v4, v6, ethernet = (line.split("\t") + [""] * 5)[:2], line.split("\t")[2:4], line.split("\t")[4:5]
        # Of one IP packet in another the outer one counts.
        outer = v6 if v6[0] and (not v4[0] or ethernet == ["0x86dd"]) else v4
        for a in outer:
            found[a] += a != ""
    same(c, {a: v["packets"] for a, v in key["total"]["addresses"].items()}, +found, f"{name}: addresses, tshark")


def weir_check(c, name, key, sent, folder):
    """The ledger's reasons and the results of the six queries."""
    report, results = folder / "report.json", folder / "results.ndjson"
    config = folder / "weir.json"
    config.write_text('{"parameters": {"T": 3, "k": 5}}')
    run = weirtest.Run([weirtest.weir(), "--config", config, "--pcap", sent, "--store", "none", "--report", report,
                        "--results", results, *NO_TIMEOUTS], LIMIT_S)
    if run.status != 0:
        raise weirtest.Failed(run.describe())
    ledger = json.loads(report.read_text())["ledger"]
    c.equal({n: v for n, v in ledger["discarded"].items() if v},
            {n: v["packets"] for n, v in key["total"].get("undescribed", {}).items()}, f"{name}: reasons")
    truths = {s["second"]: s["queries"] for s in key["seconds"]}
    compared = 0
    for r in map(json.loads, results.read_text().splitlines()):
        second = r["window"]["end_us"] // 10**6 - START_S - 1
        if r["type"] != "result" or second not in truths:
            continue
        compared += 1
        c.equal([(x["key"], x["value"]) for x in r["rows"]],
                [(x["key"], x["value"]) for x in truths[second][r["query"]]], f"{name}: {r['query']} of second {second}")
        c.equal(r["total"]["bytes"], truths[second]["window_bytes"], f"{name}: bytes of the window")
    c.equal(compared, 6 * len(truths), f"{name}: results compared")


def capture_check(c, folder, name, path, shims=False):
    for loops in ({}, {"loop": 3, "rewrite": True}):
        what = f"{name}{' in loops' if loops else ''}"
        key, sent, report = key_of(folder, {"pcap": str(path), "max_bytes": 9000, **loops})
        c.equal((report["sent"], report["bytes"]), (key["total"]["packets"], key["total"]["bytes"]), what)
        sums_check(c, what, key)
        frames_check(c, what, key, sent)
        if not shims:
            truth_check(c, what, key, sent)
        if shutil.which("tshark") and not shims and name == "nDPI__1kxun.pcap":
            tshark_check(c, what, key, sent)
        weir_check(c, what, key, sent, folder)


def records_check(c, folder):
    """A folder of flow records, twice and slower."""
    logs = folder / "logs"
    logs.mkdir()
    test_replay.files_write(logs, random.Random(7))
    key, sent, _ = key_of(folder, {"logs": str(logs), "loop": 2, "pace": "multiple", "multiple": 3})
    c.that("undescribed" not in key["total"], "records: all of them have a key")
    sums_check(c, "records", key)
    frames_check(c, "records", key, sent)
    truth_check(c, "records", {**key, "total": {**key["total"], "undescribed": {}}}, sent)
    weir_check(c, "records", key, sent, folder)


def refusals_check(c, folder):
    """What has no end cannot have a key of addresses that change."""
    path = folder / "made"
    for replay, more, said in (({"loop": True, "rewrite": True}, {}, "replay.loop"),
                               ({"loop": 10**7, "rewrite": True}, {}, "replay.rewrite"),
                               ({}, {"answer_key_queries": {"T": 4000}}, "answer_key_queries.T")):
        try:
            key_of(folder, {"pcap": str(path), **replay}, **more)
            c.that(False, f"{replay}: was not refused")
        except weirtest.Failed as e:
            c.that(said in str(e), f"{replay}: '{said}' in {e}")
    # The number of packets says how many loops there are.
    key, _, _ = key_of(folder, {"pcap": str(path), "loop": True, "rewrite": True}, packets=100)
    c.equal(key["total"]["packets"], 100, "packets of a replay without end")


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-replay-key.") as folder:
        folder = Path(folder)
        for name, cases in (("made", MADE), ("shims", MADE_SHIMS)):
            (folder / name).mkdir()
            for case in cases:
                build_pcaps.build(case, folder / name)
            capture_check(c, folder, name, folder / name, cases is MADE_SHIMS)
        records_check(c, folder)
        refusals_check(c, folder)
        corpus = Path(os.environ.get("WEIR_CORPUS") or weirtest.REPO.parent / "shared" / "corpus") / "oracle"
        for name in FROM_CORPUS if corpus.is_dir() else ():
            capture_check(c, folder, name, corpus / name)
    if not corpus.is_dir():
        print(f"skipped: captures of {corpus}, which is not there")
    return c


if __name__ == "__main__":
    weirtest.main(test)
