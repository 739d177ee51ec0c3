#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Two appliances, one database: config/mongodb/weir-global over what two runs of weir pushed, against the
union of their packets, which is counted here. Where every key fits into the rows the answer is exact and
says so; where not, the bounds hold the truth, what is certain is true, and what is not shown is not more
than it says. Also: daily totals on the server are absolute values, so that delivering them again changes
nothing; and indexes that expire documents are made, or refused by name.
"""
import contextlib
import datetime
import importlib.machinery
import importlib.util
import json
import math
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import captures  # noqa: E402
import frames  # noqa: E402
import weirtest  # noqa: E402
import mongodb_server  # noqa: E402

START_S = 1_764_201_600  # a midnight
WINDOW_S = 10
WINDOWS = 3
GLOBAL = weirtest.REPO / "config/mongodb/weir-global"
LOCAL = "10.0.0.0/8"
QUERIES = [{"name": f"src-{k}", "key": "src_ip", "metric": "bytes", "op": {"type": "topk", "k": k},
            "window_s": WINDOW_S, "slide_s": WINDOW_S} for k in (5, 1000)]


def load_global():
    sys.dont_write_bytecode = True  # none beside the program
    loader = importlib.machinery.SourceFileLoader("weir_global", str(GLOBAL))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("weir_global", loader))
    loader.exec_module(module)
    return module


def packets(rng, hosts):
    """Heavy and light senders, some of them seen by both appliances."""
    found = []
    for i in range(1500):
        at_ns = START_S * 10**9 + rng.randrange(WINDOW_S * WINDOWS * 10**9)
        src = hosts[min(int(rng.paretovariate(0.9)) - 1, len(hosts) - 1)]
        payload = b"x" * rng.randrange(100, 1200)
        frame = frames.eth(frames.ip4(frames.udp(1000 + i % 5000, 53, payload), 17, src, "192.0.2.1"), pad=True)
        found.append((at_ns, src, frame))
    # Results begin and end with the first and the last packet.
    for at_s in (0, WINDOW_S * WINDOWS - 1):
        found.append((int((START_S + at_s) * 10**9), hosts[0], found[0][2]))
    return sorted(found, key=lambda p: p[0])


def source_of(frame):
    return ".".join(str(b) for b in frame[26:30])


class Truth:
    """Bytes of each source in each window, over all captures."""

    def __init__(self, inputs):
        self.windows = defaultdict(lambda: defaultdict(int))
        self.days = defaultdict(lambda: defaultdict(int))  # by appliance and source
        for name, found in inputs.items():
            for at_ns, _, frame in found:
                src = source_of(frame)
                end = (at_ns // 10**9 // WINDOW_S + 1) * WINDOW_S * 10**6
                self.windows[end][src] += len(frame)
                self.days[name][src] += len(frame)

    def topk(self, end, k):
        return sorted(self.windows[end].items(), key=lambda kv: -kv[1])[:k]

    def share(self, end, percent):
        keys = self.windows[end]
        return {k for k, v in keys.items() if v * 100 > percent * sum(keys.values())}

    def outlier(self, end, x):
        keys, n = self.windows[end], len(self.windows[end])
        mean = sum(keys.values()) / n
        sigma = math.sqrt(sum((v - mean) ** 2 for v in keys.values()) / n)
        return {k for k, v in keys.items() if v > mean + x * sigma}, mean + x * sigma


def waiting(store):
    with contextlib.closing(sqlite3.connect(store)) as db:
        return db.execute("SELECT count(*) FROM outbox").fetchone()[0]


def run_weir(folder, uri, name, found):
    """Until all is delivered: at its end weir waits for the server for 2 s only."""
    (folder / f"{name}.pcap").write_bytes(
        captures.pcap([captures.Packet(at, frame) for at, _, frame in found]))
    (folder / f"{name}.json").write_text(json.dumps({
        "appliance": name, "queries": QUERIES, "local_networks": [LOCAL],
        "keep": {"push_days": 3650}}), encoding="utf-8")
    command = [weirtest.weir(), "--pcap", folder / f"{name}.pcap", "--config", folder / f"{name}.json",
               "--store", f"sqlite:{folder / name}.db", "--push", uri, "--report", os.devnull]
    for _ in range(5):
        done = weirtest.Run(command, 120)
        if done.status != 0:
            raise weirtest.Failed(done.describe())
        if waiting(f"{folder / name}.db") == 0:
            return done
    raise weirtest.Failed(f"not delivered: {done.describe()}")


def ask(uri, *arguments):
    done = subprocess.run([sys.executable, GLOBAL, uri, *map(str, arguments)], capture_output=True,
                          text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise weirtest.Failed(f"weir-global {arguments}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def bounds_hold(c, what, answer, truth, belongs):
    """Whatever the answer says is true of the union; `belongs`: the keys that truly are the answer."""
    shown = {r["key"]: r for r in answer["rows"]}
    for key, row in shown.items():
        c.that(row["least"] <= truth.get(key, 0) <= row["most"], f"{what}: {row}, truly {truth.get(key)}")
        c.that(not row["certain"] or key in belongs, f"{what}: {key} is certain and wrong")
    if answer["complete"] and "threshold" in answer or answer["complete"] and "share" in what:
        c.that(belongs <= set(shown), f"{what}: {belongs - set(shown)} are missing")


def check_program(c, uri, window, end):
    for operator, number in (("topk", 7), ("share", 5), ("outlier", 2)):
        c.equal(ask(uri, "src-1000", end, operator, number), json.loads(json.dumps(getattr(window, operator)(number))),
                f"weir-global {operator}")
    c.equal(ask(uri, "src-1000", "topk", 1)["end_us"], end, "the newest window")


def check_exact(c, window, truth, end):
    top = window.topk(7)
    c.equal((top["exact"], top["appliances"]), (True, ["east", "west"]), f"topk {end}: exact, of both")
    c.equal([(r["least"], r["most"]) for r in top["rows"]], [(v, v) for _, v in truth.topk(end, 7)], f"topk {end}")
    c.equal({r["key"]: r["least"] for r in top["rows"]}, {r["key"]: truth.windows[end][r["key"]] for r in top["rows"]},
            f"topk {end}: keys")
    c.equal(top["total"], sum(truth.windows[end].values()), f"total {end}")
    share = window.share(5)
    c.equal((share["exact"], {r["key"] for r in share["rows"]}), (True, truth.share(end, 5)), f"share {end}")
    keys, threshold = truth.outlier(end, 2)
    outlier = window.outlier(2)
    c.equal((outlier["exact"], {r["key"] for r in outlier["rows"]}), (True, keys), f"outlier {end}")
    c.that(weirtest.close(outlier["threshold"]["least"], threshold) and
           weirtest.close(outlier["threshold"]["most"], threshold), f"outlier {end}: {outlier['threshold']}, {threshold}")


def check_bounds(c, window, truth, end):
    values = truth.windows[end]
    best = {k for k, v in values.items() if sum(w > v for w in values.values()) < 3}
    bounds_hold(c, f"topk of 5 rows {end}", window.topk(3), values, best)
    bounds_hold(c, f"share of 5 rows {end}", window.share(5), values, truth.share(end, 5))
    keys, threshold = truth.outlier(end, 2)
    answer = window.outlier(2)
    bounds_hold(c, f"outlier of 5 rows {end}", answer, values, keys)
    c.that(answer["threshold"]["least"] <= threshold * (1 + 1e-9) and
           threshold <= answer["threshold"]["most"] * (1 + 1e-9), f"threshold {answer['threshold']}, truly {threshold}")
    listed = {k["key"] for k in window.keys}
    c.that(all(v <= window.left["most"] for k, v in values.items() if k not in listed),
           f"{end}: a key that is listed nowhere has more than {window.left['most']}")
    c.that(not answer["exact"] and window.left["keys"] > 0, f"{end}: five rows cannot be exact")


def check_daily(c, database, truth, name):
    day = datetime.datetime.fromtimestamp(START_S, datetime.timezone.utc).strftime("%Y-%m-%d")
    found = {d["host"]: d for d in database["daily"].find({"appliance": name})}
    expected = {k: v for k, v in truth.days[name].items() if k.startswith("10.")}
    c.equal({h: d["outBytes"] for h, d in found.items()}, expected, f"daily totals of {name}")
    c.that(all(d["_id"] == f"{name}/daily/{day}/{h}" for h, d in found.items()), f"_ids of {name}")


def check_expiry(c, database, runs, kind):
    """Servers that know no such index say so; Weir tells of it and delivers all the same."""
    made = {name: index.get("expireAfterSeconds") for name in ("results", "daily")
            for index in database[name].index_information().values() if index["key"] == [("end", 1)]}
    told = [line for run in runs for line in run.errors() if "end_expires" in line]
    if kind == "ferretdb":
        c.that(told or made, "neither an index nor a word about it")
    else:
        c.equal(made, {"results": 3650 * 86400, "daily": 3650 * 86400}, "indexes that expire documents")


def test():
    c = weirtest.Check()
    try:
        import pymongo
        server = mongodb_server.find_server()
    except ImportError:
        weirtest.skip("no pymongo")
    except mongodb_server.Unavailable as reason:
        weirtest.skip(reason)
    rng = random.Random(7)
    both = [f"10.1.0.{i}" for i in range(1, 60)]
    inputs = {"east": packets(rng, both[:40] + ["172.16.0.1", "172.16.0.2"]),
              "west": packets(rng, both[20:][::-1])}
    truth = Truth(inputs)
    with tempfile.TemporaryDirectory(prefix="weir-scale-out-") as folder:
        try:
            server.start()
            runs = [run_weir(Path(folder), server.uri, name, found) for name, found in inputs.items()]
            client = pymongo.MongoClient(server.uri)
            database = client.get_default_database()
            module = load_global()
            for end in sorted(truth.windows):
                check_exact(c, module.Window(database, "src-1000", end), truth, end)
                check_bounds(c, module.Window(database, "src-5", end), truth, end)
            newest = max(truth.windows)
            check_program(c, server.uri, module.Window(database, "src-1000", newest), newest)
            for name in inputs:
                check_daily(c, database, truth, name)
            (Path(folder) / "east.db").unlink()  # a store that forgot all: everything is delivered again
            run_weir(Path(folder), server.uri, "east", inputs["east"])
            check_daily(c, database, truth, "east")
            c.equal(database["results"].count_documents({"query": "src-5"}), 2 * WINDOWS, "results, each once")
            check_expiry(c, database, runs, server.kind)
            client.drop_database(database.name)
        finally:
            server.close()
    return c


if __name__ == "__main__":
    weirtest.main(test)
