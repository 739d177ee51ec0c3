#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the store promises, with the real program and a real server, every document compared with
--results field by field:

kills    a demo that is killed with SIGKILL at random moments and started again, and a server that is
         killed and started again meanwhile: each result that was a second old at a kill is there,
         once, and equal; so is everything of the runs that ended in order
outage   64 queries with slides of 1 s while there is no server: all is delivered within 10 s of its
         return, the memory stays, no packet is missed at the paced rate

Short by default. --full is the acceptance: a demo of 60 s, ten kills, five crashes of the server, 60 s
without it. `test_acceptance.py [--full] [kills] [outage]`
"""
import argparse
import datetime
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import weirtest  # noqa: E402
import mongodb_server  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1)
APPLIANCE = "acceptance"
RATE = 50_000  # packets per second; what two shared CPUs can do beside a server in Go


class Demo:
    """A running `weir --demo` that pushes; its results are kept as a file."""

    def __init__(self, folder, uri, name, queries=(), options=()):
        self.results = Path(folder) / f"{name}.jsonl"
        self.report = Path(folder) / f"{name}.json"
        self.err = Path(folder) / f"{name}.err"
        self.port = mongodb_server.free_port()
        config = Path(folder) / f"{name}.conf"
        config.write_text(json.dumps({
            "appliance": APPLIANCE, "generator": {"rate_pps": RATE, "flows": 2000,
                          "addresses": {"net4": "10.0.0.0/16", "count": 500},
                          "protocols": ["HTTPS", "DNS", "SSH"], "size": {"type": "imix"}},
            "queries": list(queries), "flow": {"capacity": 65536}}), encoding="utf-8")
        with open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [weirtest.weir(), "--demo", "--config", str(config), "--push", uri, "--store",
                 f"sqlite:{folder}/weir.db", "--listen", f"127.0.0.1:{self.port}", "--results",
                 str(self.results), "--report", str(self.report), *options],
                cwd=folder, stdout=subprocess.DEVNULL, stderr=err, stdin=subprocess.DEVNULL)

    def lines(self, size=None):
        """The whole lines within the first `size` bytes."""
        data = self.results.read_bytes()[:size]
        return [json.loads(line) for line in data[:data.rfind(b"\n") + 1].splitlines()]

    def written(self):
        return self.results.stat().st_size if self.results.exists() else 0

    def stats(self):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/rpc", headers={"Content-Type": "application/json"},
            data=b'{"jsonrpc":"2.0","id":1,"method":"stats.get"}')
        return json.load(urllib.request.urlopen(request, timeout=10))["result"]

    def started(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return self.stats()
            except OSError:
                time.sleep(0.1)
        said = self.err.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
        raise weirtest.Failed(f"weir does not answer: {' | '.join(said)}")

    def memory_kib(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(text.partition("VmRSS:")[2].split()[0])

    def kill(self):
        """SIGKILL; -> what was written a second before."""
        size = self.written()
        time.sleep(1)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return self.lines(size)

    def end(self):
        """-> all results and the report."""
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.abandon()
            raise weirtest.Failed("weir does not end") from None
        if status != 0:
            raise weirtest.Failed(f"weir ended with {status}")
        return self.lines(), json.loads(self.report.read_text(encoding="utf-8"))

    def abandon(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def delivery_wait(demo, seconds):
    """Until all that waits now is delivered (the oldest go first); -> seconds that took."""
    began = time.monotonic()
    store = demo.stats()["store"]
    due = store["pushed"] + store["outbox"] + store["queued"]
    while time.monotonic() < began + seconds:
        store = demo.stats()["store"]
        if store["pushed"] >= due:
            return time.monotonic() - began
        time.sleep(0.1)
    raise weirtest.Failed(f"after {seconds} s {due - store['pushed']} wait: {store['push_state']}")


def documents(uri):
    import pymongo
    client = pymongo.MongoClient(uri, serverSelectionTimeoutMS=10000)
    found = list(client.get_default_database()["results"].find({"appliance": APPLIANCE}))
    client.close()
    return {d["_id"]: d for d in found}


def same(document, line):
    window = line["window"]
    expected = {**line, "_id": f"{APPLIANCE}/{line['query']}/{window['end_us']}",
                "appliance": APPLIANCE,
                "start": EPOCH + datetime.timedelta(milliseconds=window["start_us"] // 1000),
                "end": EPOCH + datetime.timedelta(milliseconds=window["end_us"] // 1000)}
    return document == expected


def compare(c, found, due, all_lines):
    """Each due result is there and equal; nothing is there that was never written."""
    def key(line):
        return f"{APPLIANCE}/{line['query']}/{line['window']['end_us']}"

    written = {}
    for line in all_lines:
        written.setdefault(key(line), []).append(line)
    missing = [key(line) for line in due if key(line) not in found]
    c.equal(missing[:3], [], f"of {len(due)} results {len(missing)} are missing")
    # A restart may give the window of the kill again; either is right.
    other = [i for i, d in found.items() if i in written
             and not any(same(d, line) for line in written[i])]
    c.equal(other[:3], [], f"{len(other)} differ from --results")
    return len(due)


def kills(c, server, folder, kill_count, crash_count, last_s):
    seed = int.from_bytes(os.urandom(4), "little")
    chance = random.Random(seed)
    due, everything = [], []
    server.start()
    crashes = crash_count
    for n in range(kill_count):
        demo = Demo(folder, server.uri, f"killed-{n}")
        try:
            demo.started()
            time.sleep(chance.uniform(1.0, 4.0))
            due += demo.kill()
        finally:
            demo.abandon()
        everything += demo.lines()
        if crashes > 0:
            crashes -= 1
            server.crash()
            time.sleep(chance.uniform(0, 1))
            server.start()
    demo = Demo(folder, server.uri, "last")
    try:
        demo.started()
        step = last_s / (crashes + 1)
        for _ in range(crashes):
            time.sleep(step)
            server.crash()
            time.sleep(chance.uniform(0.2, 1.0))
            server.start()
        time.sleep(step)
        lines, report = demo.end()
    finally:
        demo.abandon()
    gaps(c, lines)
    due += lines
    everything += lines
    # What the end had no time for is delivered by the next start.
    demo = Demo(folder, server.uri, "drain")
    try:
        demo.started()
        delivery_wait(demo, 100)
        lines, _ = demo.end()
        everything += lines
    finally:
        demo.abandon()
    n = compare(c, documents(server.uri), due, everything)
    c.equal(report["store"]["outbox_lost"], 0, "lost")
    print(f"kills: {kill_count} of weir, {crash_count} of the server: {n} results due, each there "
          f"once and equal (seed {seed})")


def gaps(c, lines):
    """One result per query and slide within one run."""
    ends = {}
    for line in lines:
        ends.setdefault(line["query"], []).append(line["window"]["end_us"])
    for query, times in ends.items():
        c.equal(sorted(times), list(range(min(times), max(times) + 1, 1_000_000)),
                f"slides of {query}")


def outage(c, server, folder, seconds, query_count):
    queries = [{"name": f"q{i}", "key": ("ip", "src_ip", "dst_ip", "protocol")[i % 4],
                "metric": ("bytes", "packets")[i // 4 % 2], "op": {"type": "topk", "k": 10},
                "window_s": 1 + i % 5, "slide_s": 1} for i in range(query_count - 6)]
    demo = Demo(folder, server.uri, "outage", queries)
    try:
        demo.started()
        time.sleep(min(5, seconds / 2))
        before = demo.memory_kib()
        time.sleep(seconds - min(5, seconds / 2))
        after, stats = demo.memory_kib(), demo.stats()
        waiting = stats["store"]["outbox"]
        began = time.monotonic()
        server.start()
        started_s = time.monotonic() - began
        took = delivery_wait(demo, 100)
        lines, report = demo.end()
    finally:
        demo.abandon()
    c.that(waiting >= query_count * (seconds - 6), f"only {waiting} waited")
    c.that(took <= 10, f"{waiting} documents took {took:.1f} s after the server's return")
    c.that(after - before < 32 * 1024, f"memory went from {before} to {after} KiB")
    c.equal(report["ledger"]["nic"]["missed"], 0, "missed")
    c.equal(report["store"]["dropped"] + report["store"]["outbox_lost"], 0, "lost")
    gaps(c, lines)
    # The end is given 2 s; what it had no time for stays in the outbox.
    late = report["store"]["outbox"] + report["store"]["queued"]
    n = compare(c, documents(server.uri), lines[:len(lines) - late - 2 * query_count], lines)
    print(f"outage: {query_count} queries, {seconds} s: {waiting} waited, delivered {took:.1f} s after "
          f"the server answered ({started_s:.1f} s to start), memory {before} -> {after} KiB, "
          f"missed 0 at {RATE} packets/s, {n} compared")


def test():
    p = argparse.ArgumentParser()
    p.add_argument("--full", action="store_true")
    p.add_argument("parts", nargs="*", default=[])
    a = p.parse_args()
    c = weirtest.Check()
    try:
        import pymongo  # noqa: F401
        servers = {part: mongodb_server.find_server() for part in a.parts or ["kills", "outage"]}
    except ImportError:
        weirtest.skip("no pymongo (Debian package python3-pymongo)")
    except mongodb_server.Unavailable as reason:
        weirtest.skip(f"no MongoDB-compatible server: {reason}")
    for part, server in servers.items():
        with tempfile.TemporaryDirectory(prefix="weir-acceptance-") as folder:
            try:
                if part == "kills":
                    kills(c, server, folder, *((10, 5, 60) if a.full else (2, 1, 3)))
                else:
                    outage(c, server, folder, 60 if a.full else 6, 64)
            finally:
                server.close()
    return c


if __name__ == "__main__":
    weirtest.main(test)
