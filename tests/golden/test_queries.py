#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every key, metric, operator, scope and window length of interfaces.md section 2 against sums from the
packets (lib/query_model.py), on captures of corpus/oracle and on made ones with 200,000 addresses,
with filters and slides besides.

Every combination is asked of one capture each; all of every capture with --all (an hour for those of
the corpus, another one for the made ones). What is counted as passed are results that were compared. A capture is
read with as many queries at once as Weir takes.

    test_queries.py [--all] [CAPTURE...]
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
import weirtest  # noqa: E402
from protocols import Protocols  # noqa: E402

CAPTURES = """
nDPI__hsrp2_ipv6.pcapng nDPI__iphone.pcap nDPI__kerberos.pcap nDPI__lru_ipv6_caches.pcapng
nDPI__quic_sh.pcap nDPI__starcraft_battle.pcap nDPI__stun_wa_call.pcapng nDPI__synscan.pcap
nDPI__telegram_videocall.pcapng nDPI__teredo.pcap nDPI__wa_video.pcap nDPI__whatsapp_login_call.pcap
nDPI__youtube_quic.pcap nfstream__1kxun.pcap nfstream__netbios.pcap nfstream__pps.pcap
nfstream__steam.pcap nfstream__viber.pcap nfstream__webex.pcap zeek__wikipedia.pcap
""".split()

# Some of what is in the captures is local, so that no scope is empty everywhere.
NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.168.2.0/24", "64.0.0.0/3",
            "224.0.0.0/4", "fe80::/10", "2a00::/8", "2001:db8::/48"]
OPS = [{"type": "topk", "k": 3}, {"type": "share", "percent": 7.5},
       {"type": "outlier", "x": 1.3}, {"type": "outlier", "x": 3.1, "method": "mad"},
       {"type": "limit", "max": 1000}, {"type": "limit", "min": 20, "max": 5000}]
LENGTHS = [1, 10, 60, None]
SLIDES = {1: [1], 10: [1, 1, 2, 5, 10], 60: [1, 4, 15, 60], None: [1, 7, 60]}
BATCH = 128 - 6  # the built-in ones are there as well
SHOWN = 3        # differences per capture
TOLERANCE = 1e-9
TIMEOUT = 3600   # seconds of a run: Weir waits while the model works


def combinations():
    every = list(itertools.product(query_model.KEYS, query_model.METRICS, range(len(OPS)),
                                   query_model.SCOPES, LENGTHS))
    random.Random(1).shuffle(every)
    return every


def dimension_of(rng, key, scope):
    dimension = {"key": key, "scope": scope}
    if key == "subnet":
        dimension |= {"prefix4": rng.choice([0, 7, 16, 24, 32]),
                      "prefix6": rng.choice([0, 61, 64, 128])}
    if rng.random() < 0.4:
        dimension["filter"] = rng.choice(list(query_model.FILTERS))
    return dimension


def query_of(rng, name, combination, dimension=None):
    key, metric, op, scope, length = combination
    query = {"name": name, "metric": metric, "op": OPS[op], "window_s": length,
             "slide_s": rng.choice(SLIDES[length])}
    return query | (dimension or dimension_of(rng, key, scope))


def near(found, expected):
    return abs(found - expected) <= TOLERANCE * max(1, abs(expected))


def differences(found, expected, query):
    for name in ("window", "total", "keys"):
        if found[name] != expected[name]:
            yield f"{name} is {found[name]}, expected {expected[name]}"
    distinct = query["metric"] in query_model.DISTINCT
    if found["exact"] is not (not distinct):
        yield f"exact is {found['exact']}"
    if distinct and not found["estimate"]["complete"]:
        yield "something was not counted"
    if [(r["key"], r["value"]) for r in found["rows"]] != [r[:2] for r in expected["rows"]]:
        yield f"rows are {found['rows']}, expected {expected['rows']}"
        return
    if found.get("left_out") != expected["left_out"]:
        yield f"left_out is {found.get('left_out')}, expected {expected['left_out']}"
    for row, (key, _, share, z) in zip(found["rows"], expected["rows"]):
        if not near(row["share"], share) or not near(row["z"], z) or row["error"] != 0:
            yield f"{key} has {row}, expected share {share} and z {z}"
    if query["op"]["type"] == "outlier":
        for name, value in expected["stats"].json().items():
            if not near(found["stats"][name], value):
                yield f"{name} is {found['stats'][name]}, expected {value}"


def raised_keys(query, expected):
    """What alerts must have said of the window: with clear_after 1, exactly its rows are outside."""
    return {r[0] for r in expected["rows"]} if query["op"]["type"] == "limit" else set()


class Comparison:
    """One query of one capture: takes Weir's lines as they are read."""

    def __init__(self, report, query, expected):
        self.report, self.query, self.expected = report, query, expected
        self.count = 0
        self.raised = set()

    def take(self, found):
        if found["type"] == "alert":
            self._alert(found)
            return
        self.count += 1
        e = next(self.expected, None)
        if e is None:
            self.report(self.query, f"a result too many: {found['window']}")
            return
        if found["seq"] != self.count:
            self.report(self.query, f"seq {found['seq']} of result {self.count}")
        for line in differences(found, e, self.query):
            self.report(self.query, f"window {e['window']}: {line}")
        if "min" not in self.query["op"] and self.raised != raised_keys(self.query, e):
            self.report(self.query, f"window {e['window']}: alerts of {self.raised} are raised")

    def _alert(self, alert):
        is_raised = alert["key"] in self.raised
        if (alert["state"] == "raised") == is_raised and "min" not in self.query["op"]:
            self.report(self.query, f"out of turn: {alert}")
        if alert["state"] == "raised":
            self.raised.add(alert["key"])
        else:
            self.raised.discard(alert["key"])

    def finish(self):
        missing = sum(1 for _ in self.expected)
        if missing or not self.count:
            self.report(self.query, f"{missing} results missing after {self.count}")


def check_queries(c, path, capture, queries):
    wrong = []

    def report(query, line):
        wrong.append(line)
        if len(wrong) <= SHOWN:
            c.that(False, f"{path.name}: {json.dumps(query)}: {line}")

    for i in range(0, len(queries), BATCH):
        part = queries[i:i + BATCH]
        compared = {q["name"]: Comparison(report, q, query_model.results(capture, q))
                    for q in part}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            json.dump({"local_networks": NETWORKS, "queries": part}, f)
            f.flush()
            weirtest.PcapRun(path, ["--config", f.name], flows=False, queries=list(compared),
                             on_result=lambda found: compared[found["query"]].take(found),
                             timeout=TIMEOUT)
        for comparison in compared.values():
            comparison.finish()
            c.passed += comparison.count
        c.that(not wrong, f"{path.name}: {len(wrong)} differences in all")


def check_capture(job):
    path, wanted = job
    c = weirtest.Check()
    rng = random.Random(path.name)
    capture = query_model.Capture(path, flow_model.Table(), Protocols(), NETWORKS)
    queries = [query_of(rng, f"q{i}", w) for i, w in enumerate(wanted)]
    check_queries(c, path, capture, queries)
    return c


def check_dimensions(job):
    """As check_capture(), one dimension after the other, so that the model sums and sorts once for all
    the queries of one, and holds no more."""
    path, wanted = job
    c = weirtest.Check()
    rng = random.Random(path.name)
    capture = query_model.Capture(path, flow_model.Table(), Protocols(), NETWORKS)
    capture.ranked = {}
    for (key, scope), group in itertools.groupby(sorted(wanted, key=lambda w: (w[0], w[3])),
                                                 lambda w: (w[0], w[3])):
        dimension = dimension_of(rng, key, scope)
        check_queries(c, path, capture, [query_of(rng, f"q{i}", w, dimension)
                                         for i, w in enumerate(group)])
        capture.forget()
    return c


def check(job):
    return (check_dimensions if job[0].name.startswith("many-") else check_capture)(job)


def many_addresses(seed, packets):
    """200,000 addresses over four seconds, most of them seen once or twice."""
    rng = random.Random(seed)
    out = []
    for i in range(packets):
        a, b = rng.randrange(200_000), int(200_000 * rng.random() ** 3)
        l4 = frames.udp(rng.choice([53, 443, 5000]), rng.choice([53, 443]), bytes(rng.choice([0, 90])))
        if i % 5 == 0:
            packet = frames.eth(frames.ip6(l4, 17, f"2001:db8::{a >> 16:x}:{a & 65535:x}",
                                           f"2001:db8:1::{b >> 16:x}:{b & 65535:x}"), 0x86dd)
        else:
            packet = frames.eth(frames.ip4(l4, 17, f"10.{a >> 16}.{a >> 8 & 255}.{a & 255}",
                                           f"70.{b >> 16}.{b >> 8 & 255}.{b & 255}"))
        out.append(captures.Packet((1_700_000_000 * 10**9) + i * 4 * 10**9 // packets, packet))
    return captures.pcap(out)


def concatenation(c, folder, oracle):
    """Reading a folder file by file is the same as reading all its packets from one file."""
    parts = [oracle / n for n in ("nfstream__steam.pcap", "nDPI__starcraft_battle.pcap",
                                  "nfstream__pps.pcap")]
    query = {"name": "web", "key": "dst_ip", "metric": "flows",
             "filter": "dst port 80 or dst port 443", "op": {"type": "topk", "k": 20}}
    (folder / "parts").mkdir()
    whole = []
    for i, part in enumerate(parts):
        (folder / "parts" / f"{i}.pcap").write_bytes(part.read_bytes())
        whole += [captures.Packet(ts, data, wire)
                  for ts, _, wire, _, data in flow_model.pcapref.packets(str(part))]
    (folder / "whole.pcap").write_bytes(captures.pcap(whole))
    (folder / "web.json").write_text(json.dumps({"queries": [query]}))
    found = {}
    for name in ("parts", "whole.pcap"):
        lines = []
        weirtest.PcapRun(folder / name, ["--config", folder / "web.json"], flows=False,
                         queries=["web"], on_result=lines.append)
        found[name] = lines
    c.that(found["parts"] == found["whole.pcap"], "a folder gives other results than one file")
    c.that(found["parts"] and len(found["parts"][-1]["rows"]) > 3, "too few rows to tell")


def jobs(oracle, folder):
    every, names = combinations(), CAPTURES
    wanted = [a for a in sys.argv[1:] if a != "--all"]
    for i, name in enumerate(names):
        if not wanted or name in wanted:
            yield oracle / name, every if "--all" in sys.argv else every[i::len(names)]
    for seed in (1, 2):
        path = folder / f"many-{seed}.pcap"
        if not wanted or path.name in wanted:
            path.write_bytes(many_addresses(seed, 60_000))
            yield path, every if "--all" in sys.argv else every[seed::200]


def test():
    oracle = weirtest.corpus("oracle")
    with tempfile.TemporaryDirectory(prefix="weir-queries-") as folder:
        c = weirtest.each(list(jobs(oracle, Path(folder))), check, workers=2)
        concatenation(c, Path(folder), oracle)
        return c


if __name__ == "__main__":
    weirtest.main(test)
