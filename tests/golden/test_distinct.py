#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Metrics peers and ports against sets of what is in the packets (lib/query_model.py).

Captures of corpus/oracle, whose keys have met fewer things than Weir lists: every row, total and
statistic equal. A made capture with thousands of things: within the error that results state. Another
with a port scan, a sweep and a server with many clients: the scanner and the sweep are the outliers
and nobody else; and the same bytes with 1, 2 and 4 workers.

    test_distinct.py [--all]   every combination of key, operator, scope and window on every capture
"""
import itertools
import json
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import captures  # noqa: E402
import flow_model  # noqa: E402
import frames  # noqa: E402
import query_model  # noqa: E402
import test_queries  # noqa: E402
import weirtest  # noqa: E402
from protocols import Protocols  # noqa: E402

CAPTURES = """
nDPI__hsrp2_ipv6.pcapng nDPI__iphone.pcap nDPI__kerberos.pcap nDPI__quic_sh.pcap nDPI__teredo.pcap
nfstream__1kxun.pcap nfstream__netbios.pcap zeek__wikipedia.pcap
""".split()
LISTED = 1024
SECOND = 10**9
START = 1_700_000_000 * SECOND


def combinations():
    every = [(key, metric, *rest) for metric, key, *rest in itertools.product(
        query_model.DISTINCT, query_model.KEYS, range(len(test_queries.OPS)), query_model.SCOPES,
        test_queries.LENGTHS) if (metric, key) not in query_model.REFUSED]
    random.Random(2).shuffle(every)
    return every


def check_capture(job):
    path, wanted = job
    c = weirtest.Check()
    rng = random.Random(path.name)
    capture = query_model.Capture(path, flow_model.Table(), Protocols(), test_queries.NETWORKS)
    things = {p.src for p in flow_model.packets(path)} | {p.dst for p in flow_model.packets(path)}
    c.that(len(things) <= LISTED, f"{path.name} has {len(things)} addresses and ports, for lists")
    queries = [test_queries.query_of(rng, f"q{i}", w) for i, w in enumerate(wanted)]
    test_queries.check_queries(c, path, capture, queries)
    return c


def packet(at, l4, proto, src, dst):
    return captures.Packet(START + int(at * SECOND), frames.eth(frames.ip4(l4, proto, src, dst)))


def crowd():
    """Three servers with up to 30,000 clients over 6 s: some keys have thousands of things."""
    rng = random.Random(5)
    out = []
    for i in range(24_000):
        client = int(30_000 * rng.random() ** 2)
        src = f"10.1.{client >> 8}.{client & 255}"
        dst = f"192.0.2.{rng.choice([1, 1, 1, 2, 3])}"
        port = 53 if rng.random() < 0.5 else rng.randrange(1, 20_000)
        out.append(packet(i / 4000, frames.udp(40_000, port), 17, src, dst))
    return captures.pcap(out)


class Nearness:
    """Weir's results of one query against the model's, as far as estimates go."""

    def __init__(self, c, name, expected):
        self.c, self.name, self.expected = c, name, expected
        self.rows = self.within = self.estimated = 0

    def take(self, found):
        e = next(self.expected)
        self.c.equal(found["window"], e["window"], f"{self.name}: window")
        self.c.equal(found["keys"], e["keys"], f"{self.name}: keys")
        self.c.that(found["exact"] is False and found["estimate"]["complete"],
                    f"{self.name}: {found['estimate']}")
        for metric, value in found["total"].items():
            self.c.that(abs(value - e["total"][metric]) <= 0.1 * value * (metric == found["metric"]),
                        f"{self.name}: {metric} in total is {value}, expected {e['total'][metric]}")
        for row in found["rows"]:
            self._row(row, e["values"][row["key"]])
        left_out = {k for k, v in e["values"].items() if v} - {r["key"] for r in found["rows"]}
        least = min((r["value"] for r in found["rows"]), default=0)
        self.c.that(len(found["rows"]) == 20 or not left_out, f"{self.name}: keys are missing")
        self.c.that(all(e["values"][k] <= 1.1 * least for k in left_out),
                    f"{self.name}: a larger key is missing")

    def _row(self, row, true):
        self.rows += 1
        self.estimated += row["error"] > 0
        self.within += abs(row["value"] - true) <= row["error"]
        self.c.that(row["error"] <= 0.075 * row["value"] + 1, f"{self.name}: {row}")
        self.c.that(abs(row["value"] - true) <= 1.4 * row["error"], f"{self.name}: {row}, truly {true}")


def crowd_is_estimated(c, folder):
    path = folder / "crowd.pcap"
    path.write_bytes(crowd())
    capture = query_model.Capture(path, flow_model.Table(), Protocols(), [])
    queries = [{"name": f"{key}-{metric}-{length}", "key": key, "metric": metric, "window_s": length,
                "slide_s": 1, "op": {"type": "topk", "k": 20}}
               for key, metric, length in itertools.product(["ip", "src_ip", "subnet"],
                                                            query_model.DISTINCT, [3, None])]
    queries = [q | ({"prefix4": 20} if q["key"] == "subnet" else {}) for q in queries]
    (folder / "crowd.json").write_text(json.dumps({"queries": queries}))
    near = {q["name"]: Nearness(c, q["name"], query_model.results(capture, q)) for q in queries}
    weirtest.PcapRun(path, ["--config", folder / "crowd.json"], flows=False, queries=list(near),
                     on_result=lambda found: near[found["query"]].take(found))
    rows, within = sum(n.rows for n in near.values()), sum(n.within for n in near.values())
    estimated = sum(n.estimated for n in near.values())
    c.that(estimated > 60, f"only {estimated} of {rows} rows are estimates")
    c.that(rows - within <= 0.01 * estimated, f"{rows - within} of {estimated} beyond their error")


def attack():
    """40 hosts that do ordinary things, a server with 3,000 clients, a port scan (answered with RST,
    some ports open) and a sweep of 1,500 addresses, all within 20 s."""
    rng = random.Random(6)
    out = []
    for i in range(4000):
        host = f"10.0.0.{i % 40 + 1}"
        l4 = frames.tcp(1024 + i, rng.choice([80, 443, 22, 53]), flags=frames.SYN)
        out.append(packet(i / 200, l4, 6, host, f"198.51.100.{rng.randrange(6)}"))
    for i in range(3000):
        client, port = f"203.0.{i >> 8}.{i & 255}", 2000 + i
        out.append(packet(i / 150, frames.tcp(port, 443, flags=frames.SYN), 6, client, "10.0.0.99"))
        out.append(packet(i / 150 + 0.001, frames.tcp(443, port, flags=frames.SYN | frames.ACK), 6,
                          "10.0.0.99", client))
    for i in range(900):
        flags = frames.RST | frames.ACK if i % 50 else frames.SYN | frames.ACK
        out.append(packet(i / 50, frames.tcp(55_555, i + 1, flags=frames.SYN), 6, "192.0.2.66",
                          "10.0.0.7"))
        out.append(packet(i / 50 + 0.0005, frames.tcp(i + 1, 55_555, flags=flags), 6, "10.0.0.7",
                          "192.0.2.66"))
    for i in range(1500):
        out.append(packet(i / 80, frames.tcp(60_000, 445, flags=frames.SYN), 6, "192.0.2.77",
                          f"10.9.{i >> 8}.{i & 255}"))
    return captures.pcap(sorted(out, key=lambda p: p[0]))


ATTACK_QUERIES = [
    {"name": "port-scan", "key": "src_ip", "metric": "ports", "op": {"type": "outlier", "x": 6}},
    {"name": "sweep", "key": "src_ip", "metric": "peers", "op": {"type": "outlier", "x": 6}},
    {"name": "scanned", "key": "dst_ip", "metric": "ports", "op": {"type": "topk", "k": 1}},
    {"name": "pair", "key": "ip_pair", "metric": "ports", "op": {"type": "limit", "max": 100}},
    {"name": "served", "key": "dst_ip", "metric": "peers", "op": {"type": "share", "percent": 50}},
]


def attackers_stand_out(c, folder):
    path = folder / "attack.pcap"
    path.write_bytes(attack())
    queries = [q | {"window_s": 10} for q in ATTACK_QUERIES]
    (folder / "attack.json").write_text(json.dumps({"queries": queries}))
    every = {}
    for workers in (1, 2, 4):
        found = every[workers] = []
        weirtest.PcapRun(path, ["--config", folder / "attack.json", "--workers", workers], flows=False,
                         queries=[q["name"] for q in queries], on_result=found.append)
    c.that(every[1] == every[2] == every[4], "results depend on the number of workers")
    full = [r for r in every[1] if r["type"] == "result" and 10 <= r["seq"] <= 18]
    c.equal(len(full), 9 * len(queries), "results")
    expected = {"port-scan": "192.0.2.66", "sweep": "192.0.2.77", "scanned": "10.0.0.7",
                "pair": "10.0.0.7 - 192.0.2.66", "served": "10.0.0.99"}
    for r in full:
        c.equal([row["key"] for row in r["rows"]], [expected[r["query"]]],
                f"{r['query']} {r['window']}")
    alerts = [(a["key"], a["state"]) for a in every[1] if a["type"] == "alert"]
    c.equal(alerts, [("10.0.0.7 - 192.0.2.66", "raised")], "alerts")


def jobs(oracle):
    every = combinations()
    for i, name in enumerate(CAPTURES):
        yield oracle / name, every if "--all" in sys.argv else every[i::4 * len(CAPTURES)]


def test():
    oracle = weirtest.corpus("oracle")
    c = weirtest.each(list(jobs(oracle)), check_capture, workers=2)
    with tempfile.TemporaryDirectory(prefix="weir-distinct-") as folder:
        crowd_is_estimated(c, Path(folder))
        attackers_stand_out(c, Path(folder))
    return c


if __name__ == "__main__":
    weirtest.main(test)
