#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Flow records sent as flows, judged by what the records say; and captures sent again.

A folder of three files in the form of the Unified Host and Network Data Set - CSV, CSV packed with
gzip, JSON lines - goes through weir-pktgen into a capture. Each record's packets and bytes come out
in both directions, at the times it says, with right checksums, and records that cannot be sent are
counted by their reason. Weir then finds the web servers, with the names of the records: from the
capture, and with the same records sent to it in the same process.

The capture sent again is the same file; through the ring Weir sees the flows that it sees in the
file. In loops with other addresses each loop has flows of its own, and checksums stay right.
"""
import collections
import gzip
import ipaddress
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import weirtest

sys.path.insert(0, str(weirtest.reference()))
import pcapref

COLUMNS = ("time,duration,srcdevice,dstdevice,protocol,srcport,dstport,"
           "srcpackets,dstpackets,srcbytes,dstbytes").split(",")
RECORDS = 600  # in each file
LIMIT_S = 60
WEB = {"name": "web", "key": "dst_ip", "metric": "flows", "filter": "dst port 80 or dst port 443",
       "op": {"type": "topk", "k": 20}, "window_s": None, "slide_s": 1}
START_NS = 1767225600 * 10**9  # of every capture


def record(rng, i):
    """One that can be sent. No two have the same ends, so each is a flow of its own."""
    protocol = rng.choices([6, 17, 1], [6, 3, 1])[0]
    # The client is of this record alone where there are no ports to tell two records apart.
    src = f"Comp{i}" if protocol == 1 else f"Comp{rng.randrange(200)}"
    dst = rng.choice([f"Server{rng.randrange(30)}", "10.0.0.7", "192.0.2.9"])
    packets = rng.choice([(1, 0), (0, 2), (1, 1), (5, 3), (2, 40), (30, 7)])
    sizes = [rng.randint(60 * n, 1514 * n) for n in packets]
    ports = (0, 0) if protocol == 1 else \
        (f"Port{i:05}", rng.choice([80, 443, 443, 53, 8080, 3, f"Port{rng.randrange(10)}"]))
    return dict(zip(COLUMNS, [rng.randrange(20), rng.choice([0, 1, 2.5, 30]), src, dst, protocol,
                              *ports, *packets, *sizes]))


def broken(rng, i):
    """The reason why it cannot be sent, and the record."""
    r = {**record(rng, i), "protocol": 17, "srcport": 1, "dstport": 2, "srcpackets": 2, "dstpackets": 0,
         "srcbytes": 200, "dstbytes": 0}
    reason = rng.choice(["protocol", "ip_versions", "no_packets", "too_few_bytes", "too_many_bytes"])
    r.update({"protocol": {"protocol": 47}, "ip_versions": {"dstdevice": "2001:db8::1"},
              "no_packets": {"srcpackets": 0}, "too_few_bytes": {"srcbytes": 119},
              "too_many_bytes": {"dstpackets": 1, "dstbytes": 1515}}[reason])
    return reason, r


def files_write(folder, rng):
    """Three files; gives back the records that can be sent, and how many cannot by reason."""
    good, refused = [], collections.Counter()
    for number in range(3):
        lines = []
        for i in range(RECORDS):
            r = record(rng, number * RECORDS + i)
            r["time"] += 20 * number
            good.append(r)
            lines.append(r)
            if i % 20 == 0:
                reason, r = broken(rng, i)
                refused[reason] += 1
                lines.append(r)
        csv = "".join(",".join(str(r[c]) for c in COLUMNS) + "\n" for r in lines)
        if number == 0:
            (folder / "day-01.csv").write_text(csv)
        elif number == 1:
            (folder / "day-02.csv.gz").write_bytes(
                gzip.compress((",".join(COLUMNS) + "\n" + csv).encode()))
        else:
            (folder / "day-03.json").write_text("".join(json.dumps(r) + "\n" for r in lines))
    return good, refused


def pktgen(folder, replay, *options):
    profile = folder / "profile.json"
    profile.write_text(json.dumps({"replay": replay}))
    return subprocess.run([weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen"), "--profile",
                           str(profile), *options], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False)


def frames(path):
    """(ns, bytes, protocol, source, destination, port, port) of each frame of the capture."""
    for ns, _, wire, _, data in pcapref.packets(str(path)):
        proto = data[23]
        ports = (0, 0) if proto == 1 else \
            tuple(int.from_bytes(data[at:at + 2], "big") for at in (34, 36))
        ip = [str(ipaddress.IPv4Address(data[at:at + 4])) for at in (26, 30)]
        yield ns - START_NS, wire, proto, *ip, *ports


def by_record(good, names, c):
    """Source and destination address of every record, and the record."""
    of = {name: address for address, name in names.items()}
    c.equal(len(of), len(names), "each device has one address")
    c.that("10.0.0.7" not in names and "192.0.2.9" not in names,
           "a device that is an address keeps it for itself")
    return [(of.get(r["srcdevice"], r["srcdevice"]), of.get(r["dstdevice"], r["dstdevice"]), r)
            for r in good]


def capture_check(c, good, names, path):
    """Packets, bytes and times of every record, in both directions."""
    sums = collections.defaultdict(lambda: [0, 0, None, None])  # packets, bytes, first and last time
    for ns, size, proto, src, dst, sport, dport in frames(path):
        s = sums[proto, src, sport, dst, dport]
        s[0] += 1
        s[1] += size
        s[2] = ns if s[2] is None else s[2]
        s[3] = ns
    first = min(r["time"] for r in good)
    found, wanted = collections.Counter(), collections.Counter()
    seen = {}
    for key, s in sums.items():
        seen.setdefault(frozenset([key, (key[0], key[3], key[4], key[1], key[2])]), []).append((key, s))
    for sides in seen.values():
        start = min(s[2] for _, s in sides)
        end = max(s[3] for _, s in sides)
        found[start, end, frozenset((key[0], key[1], key[3], s[0], s[1]) for key, s in sides)] += 1
    for src, dst, r in by_record(good, names, c):
        packets = r["srcpackets"] + r["dstpackets"]
        start = (r["time"] - first) * 10**9
        end = start + (int(r["duration"] * 10**9) if packets > 1 else 0)
        sides = [(r["protocol"], src, dst, r["srcpackets"], r["srcbytes"]),
                 (r["protocol"], dst, src, r["dstpackets"], r["dstbytes"])]
        wanted[start, end, frozenset(s for s in sides if s[3])] += 1
    c.equal(sum(found.values()), len(good), "flows in the capture")
    c.equal(sorted(map(str, (found - wanted))), sorted(map(str, wanted - found)),
            "records that differ from the capture")
    c.equal(wrong_checksums(path), "", "wrong checksums")


def wrong_checksums(path):
    bad = " or ".join(f"{p}.checksum.status == 0" for p in ("ip", "tcp", "udp", "icmp"))
    run = subprocess.run(["tshark", "-r", str(path), "-Y", bad, *(a for p in ("ip", "tcp", "udp")
                          for a in ("-o", f"{p}.check_checksum:TRUE"))],
                         capture_output=True, text=True, timeout=LIMIT_S, check=False)
    return run.stdout


def web_truth(good, names):
    """Flows by web server: the destination is that of the first packet."""
    of = {name: address for address, name in names.items()}
    counts = collections.Counter()
    for r in good:
        ends = ("dstdevice", "dstport") if r["srcpackets"] else ("srcdevice", "srcport")
        if r["protocol"] in (6, 17) and r[ends[1]] in (80, 443):
            counts[of.get(r[ends[0]], r[ends[0]]), r[ends[0]]] += 1
    rows = sorted(counts.items(), key=lambda e: (-e[1], ipaddress.IPv4Address(e[0][0])))
    return [(address, name, n) for (address, name), n in rows[:20]]


def rows_of(results):
    last = [r for r in map(json.loads, results.splitlines()) if r.get("query") == "web"][-1]
    return [(r["key"], r.get("name", r["key"]), r["value"]) for r in last["rows"]]


def weir_rows(folder, config, *options):
    path, results = folder / "weir.json", folder / "results.ndjson"
    # A record with long gaps is still one flow.
    path.write_text(json.dumps({**config, "queries": [WEB],
                                "flow": {"idle_timeout_s": 0, "active_timeout_s": 0,
                                         "capacity": 16384}}))
    run = weirtest.Run([weirtest.weir(), "--config", path, "--results", results, "--store", "none",
                        "--report", folder / "report.json", *options], LIMIT_S)
    if run.status != 0:
        raise weirtest.Failed(run.describe())
    return rows_of(results.read_text())


def weir_flows(folder, config, *options):
    """Packets and bytes per flow, whoever began it, and the report."""
    path, flows, report = folder / "weir.json", folder / "flows.ndjson", folder / "report.json"
    path.write_text(json.dumps({**config, "flow": {"capacity": 16384}}))
    run = weirtest.Run([weirtest.weir(), "--config", path, "--flows", flows, "--store", "none",
                        "--report", report, *options], LIMIT_S)
    if run.status != 0:
        raise weirtest.Failed(run.describe())
    sums = collections.Counter()
    for f in weirtest.lines(flows):
        ends = frozenset([(f["src"], f["sport"]), (f["dst"], f["dport"])])
        for of in ("packets", "bytes"):
            sums[ends, f["proto"], of] += f["fwd"][of] + f["rev"][of]
    return sums, json.loads(report.read_text())


def capture_replay_check(c, folder, capture):
    again, looped = folder / "again.pcap", folder / "looped.pcap"
    replay = {"pcap": str(capture)}
    for out, more in ((again, {}), (looped, {"loop": 3, "rewrite": True})):
        run = pktgen(folder, {**replay, **more}, "--pcap", str(out))
        c.equal(run.returncode, 0, f"{out.name}: {run.stderr[-300:]}")
    c.that(again.read_bytes() == capture.read_bytes(), "a capture sent again is the same file")
    c.equal(wrong_checksums(looped), "", "checksums with other addresses")
    ends = [frozenset([(f[3], f[5]), (f[4], f[6])]) for f in frames(looped)]
    n = len(ends) // 3
    c.equal(len({len(set(ends[i * n:][:n])) for i in range(3)}), 1, "flows of each loop")
    c.equal(len(set(ends)), 3 * len(set(ends[:n])), "flows of three loops")
    direct, said = weir_flows(folder, {}, "--pcap", capture)
    live, told = weir_flows(folder, {"generator": {"replay": {**replay, "pace": "asap"}}},
                            "--demo", "--workers", "1", "--no-listen", "--duration", "4")
    c.equal(sorted(map(str, live - direct)) + sorted(map(str, direct - live)), [],
            "flows through the ring and from the file")
    for of in ("flow_packets", "flow_bytes", "residual"):
        c.equal(told["ledger"][of], said["ledger"][of], of)


def report_check(c, good, refused, run):
    report = json.loads(run.stdout.splitlines()[-1])
    c.equal({k: v for k, v in report["replay"]["refused"].items() if v}, dict(refused),
            "records that cannot be sent, by reason")
    c.equal(report["replay"]["records"], len(good), "records that are sent")
    for field, of in (("sent", "packets"), ("bytes", "bytes")):
        c.equal(report[field], sum(r[f"src{of}"] + r[f"dst{of}"] for r in good), field)


def pace_check(c, folder, logs):
    """Times at another pace, and the whole once more."""
    times = {}
    for name, pace in {"original": {}, "multiple": {"multiple": 4}, "rate": {"rate_pps": 1000}}.items():
        out = folder / f"{name}.pcap"
        loop = 2 if name == "rate" else 1
        run = pktgen(folder, {"logs": str(logs), "pace": name, "loop": loop, **pace}, "--pcap", str(out))
        c.equal(run.returncode, 0, f"{name}: {run.stderr[-300:]}")
        times[name] = [f[0] for f in frames(out)]
    c.equal(times["multiple"], [t // 4 for t in times["original"]], "four times as fast")
    c.equal(times["rate"], [i * 10**6 for i in range(2 * len(times["original"]))], "1000 pps, twice")


def errors_check(c, folder):
    """One line with file, line and column, and nothing written over."""
    good = "1,1,A,B,6,1,2,1,1,60,60\n"
    out = folder / "none.pcap"
    for text, said in ((good + "1,1,A,B,6,1,2,1,1,60\n", r"bad.csv:2: dstbytes: .*10 columns"),
                       (good + "1,1,A,B,6,1,2,1,1,60,60,7\n", "bad.csv:2: .*more than"),
                       (good + "x,1,A,B,6,1,2,1,1,60,60\n", 'bad.csv:2: time: found "x"'),
                       ("1,1,A,B,6,70000,2,1,1,60,60\n", "bad.csv:1: srcport: .*65535"),
                       ("1,1,A,B,6,1,2,-1,1,60,60\n", "bad.csv:1: srcpackets: "),
                       ('{"time":1}\n', "bad.csv:1: duration: found nothing"),
                       ('{"time":1,"time":2}\n', 'bad.csv:1: found the member "time" again'),
                       ("1,1,A,B,6,1,2,0,0,0,0\n", "no record that can be sent"),
                       ("A" * 5000 + "\n", "bad.csv:1: ")):
        (folder / "bad.csv").write_text(text)
        run = pktgen(folder, {"logs": str(folder / "bad.csv")}, "--pcap", str(out))
        c.equal(run.returncode, 1, f"{text[:40]!r}: exit status")
        c.that(re.search(said, run.stderr) and len(run.stderr.strip().splitlines()) == 1,
               f"{text[:40]!r}: {run.stderr!r} says {said}")
    for replay, said in (({"logs": "x", "pace": "fast"}, "replay.pace"), ({}, "replay.logs"),
                         ({"logs": "x", "multiple": 2}, "replay.multiple"),
                         ({"logs": "x", "loop": 0}, "replay.loop"),
                         ({"pcap": "x", "devices": "10.0.0.0/8"}, "replay"),
                         ({"logs": "x", "devices": "10.0.0.1/8"}, "replay.devices")):
        run = pktgen(folder, replay, "--pcap", str(out))
        c.equal((run.returncode, said in run.stderr), (2, True), f"{replay}: {run.stderr!r}")


def test():
    c = weirtest.Check()
    rng = random.Random(5)
    with tempfile.TemporaryDirectory(prefix="weir-test-") as folder:
        folder = Path(folder)
        logs = folder / "logs"
        logs.mkdir()
        good, refused = files_write(logs, rng)
        capture, named = folder / "out.pcap", folder / "names.json"
        run = pktgen(folder, {"logs": str(logs)}, "--pcap", str(capture), "--names", str(named))
        if run.returncode != 0:
            raise weirtest.Failed(run.stderr)
        names = json.loads(named.read_text())
        report_check(c, good, refused, run)
        capture_check(c, good, names, capture)
        truth = web_truth(good, names)
        c.equal(weir_rows(folder, {"names": names}, "--pcap", capture), truth, "web servers, capture")
        c.equal(weir_rows(folder, {"generator": {"replay": {"logs": str(logs), "pace": "asap"}}},
                          "--demo", "--workers", "1", "--no-listen", "--duration", "4"), truth, "web servers, live")
        pace_check(c, folder, logs)
        capture_replay_check(c, folder, capture)
        errors_check(c, folder)
    return c


if __name__ == "__main__":
    weirtest.main(test)
