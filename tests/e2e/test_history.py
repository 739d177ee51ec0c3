#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Questions about the past, to a running weir that pushes to a real server. Results of a query `mine`
are inserted through REST, so what must come back is known: pages and series from the local store and
from MongoDB are equal; what the local store has no more comes from the server, in its place; a server
that is away leaves the local part; one that hangs holds up nobody else; daily totals likewise.
"""
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import ask  # noqa: E402
import weirtest  # noqa: E402
import mongodb_server  # noqa: E402

EPOCH_S = 1_764_000_000
US = 1_000_000
KEY = '10.0.0.1 "a"'
CONFIG = {"appliance": "historian", "local_networks": ["10.0.0.0/8"], "generator": {
    "rate_pps": 2000, "seed": 5, "flows": 100, "protocols": ["HTTPS"], "size": {"type": "imix"},
    "addresses": {"net4": "10.0.0.0/16", "count": 40}}}


class Weir:
    def __init__(self, folder, uri):
        self.folder = folder
        self.port = mongodb_server.free_port()
        (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
        command = [weirtest.weir(), "--demo", "--config", folder / "config.json", "--listen",
                   f"127.0.0.1:{self.port}", "--store", f"sqlite:{folder / 'weir.db'}", "--push", uri]
        with open(folder / "stderr", "ab") as err:
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=err)
        if not ask.wait(self.port, 60):
            raise weirtest.Failed("weir does not answer: " + (folder / "stderr").read_text()[-300:])

    def get(self, path, **params):
        query = urllib.parse.urlencode({k: v for k, v in params.items() if v is not None})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}?{query}", timeout=40) as r:
            return json.load(r)

    def rpc(self, method, params=None):
        return ask.rpc(self.port, method, params)

    def insert(self, document):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/results", json.dumps(document).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as r:
            return json.load(r)["inserted"]

    def pages(self, source, limit):
        """All results of `mine`, page by page -> (results, sources)."""
        found, sources, cursor = [], set(), "newest"
        while cursor:
            page = self.get("/api/v1/results", query="mine", limit=limit, cursor=cursor, source=source)
            found += page["results"]
            sources.add(page["source"])
            cursor = page["cursor"]
            if page["partial"]:
                raise weirtest.Failed(f"a page of {source} is partial: {page['missing']}")
        return found, sources

    def series(self, source, step_s, seconds=100):
        return self.get("/api/v1/series", query="mine", key=KEY, source=source, step_s=step_s,
                        from_us=EPOCH_S * US, to_us=(EPOCH_S + seconds) * US)

    def delivered(self):
        """Until all that is stored now is on the server."""
        end = time.monotonic() + 60
        due = None
        while time.monotonic() < end:
            store = self.rpc("stats.get")["store"]
            due = due or store["pushed"] + store["outbox"] + store["queued"]
            if store["pushed"] >= due:
                return
            time.sleep(0.1)
        raise weirtest.Failed(f"not delivered after 60 s: {store['push_state']}")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                return self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


def result(second, query="mine"):
    rows = [{"key": "10.0.0.2", "value": 2**52 + second * 2, "share": 0.5, "error": 0, "z": 1.25}]
    if second % 7 != 0:
        rows.append({"key": KEY, "value": second * 10, "share": 0, "error": 0, "z": -0.1})
    end = (EPOCH_S + second) * US
    return {"type": "result", "query": query, "seq": second, "key": "ip", "metric": "bytes",
            "op": {"type": "topk", "k": 2}, "window": {"start_us": end - 10 * US, "end_us": end},
            "total": {"bytes": 2**52 + second * 2, "packets": second, "flows": 1}, "rows": rows}


def points(first, last, step):
    """The series of the results first .. last, computed here."""
    found = []
    for begin in range(0, last + 1, step):
        inside = [s for s in range(max(first, begin), min(last + 1, begin + step))]
        values = [s * 10 for s in inside if s % 7 != 0]
        if inside:
            found.append({"start_us": (EPOCH_S + begin) * US, "end_us": (EPOCH_S + begin + step) * US,
                          "results": len(inside), "listed": len(values),
                          "min": min(values, default=None), "max": max(values, default=None),
                          "mean": sum(values) / len(values) if values else None})
    return found


def same(c, found, expected, what):
    """Equal lists, numbers of the same kind too; of others the first place where they differ."""
    def text(items):
        return [json.dumps(item) for item in items]

    for at, (a, b) in enumerate(zip(text(found), text(expected))):
        if a != b:
            c.that(False, f"{what}: number {at} is {a}, expected {b}")
            return
    c.equal(len(found), len(expected), f"{what}: how many")


def latest(c, weir):
    c.equal(weir.get("/api/v1/results/latest", query="mine"), result(59), "latest of a query that is only stored")
    weir.rpc("processor.stop")
    time.sleep(1.5)  # the slide that was open
    now = int(time.time()) - EPOCH_S
    c.equal(weir.insert(result(now - 1000, "ip-topk")), 1, "an older result")
    c.that(weir.rpc("results.latest", {"query": "ip-topk"})["seq"] != now - 1000, "an older window is the latest")
    newer = result(now + 60, "ip-topk")
    c.equal(weir.insert(newer), 1, "a newer result")
    c.equal(weir.rpc("results.latest", {"query": "ip-topk"}), newer, "a newer window is not the latest")


def both_agree(c, weir):
    expected = [result(s) for s in range(59, -1, -1)]
    for source in ("local", "mongodb", "auto"):
        found, sources = weir.pages(source, 17)
        same(c, found, expected, f"pages from {source}")
        c.that(source == "auto" or sources == {source}, f"pages from {source} say {sources}")
        for step in (1, 10, 40):
            series = weir.series(source, step)
            c.equal(series["points"], points(0, 59, step), f"series from {source}, steps of {step} s")
            c.equal((series["metric"], series["window_us"], series["results"]),
                    ("bytes", 10 * US, 60), f"series from {source}")
    within = weir.get("/api/v1/series", query="mine", key=KEY, source="auto",
                      from_us=EPOCH_S * US, to_us=(EPOCH_S + 5) * US)
    c.equal(within["source"], "local", "the local store holds the range")


def older_comes_from_the_server(c, weir):
    c.that(weir.rpc("results.clear")["deleted"] >= 60, "results.clear deleted too few")
    for second in range(60, 70):
        weir.insert(result(second))
    found, sources = weir.pages("auto", 8)
    same(c, found, [result(s) for s in range(69, -1, -1)], "pages of what is here and what is there")
    c.that("mongodb" in sources, f"sources {sources}")
    same(c, weir.pages("local", 8)[0], [result(s) for s in range(69, 59, -1)], "the local part")
    series = weir.series("auto", 10)
    c.equal((series["source"], series["points"]), ("mongodb", points(0, 69, 10)), "series over both")


def refused(c, weir, what, **params):
    try:
        weir.get("/api/v1/results", query="mine", **params)
        c.that(False, f"{what}: no error")
    except urllib.error.HTTPError as e:
        body = json.load(e)["error"]
        c.equal((e.code, body["code"]), (503, -32005), what)
        c.that("MongoDB" in body["message"], f"{what}: {body['message']}")


def server_away(c, weir):
    page = weir.get("/api/v1/results", query="mine", cursor="newest", limit=100)
    c.equal((len(page["results"]), page["partial"], page["source"]), (10, True, "local"), "page without the server")
    c.that("MongoDB" in page.get("missing", ""), f"missing: {page.get('missing')}")
    series = weir.series("auto", 10)
    c.equal((series["points"], series["partial"]), (points(60, 69, 10), True), "series without the server")
    refused(c, weir, "source mongodb without the server", source="mongodb")
    c.equal(weir.get("/api/v1/results", query="mine", source="local")["partial"], False, "local is all that was asked")


def server_hangs(c, weir, server):
    """What waits for the server is waited for by nobody else."""
    answer = []
    server.process.send_signal(signal.SIGSTOP)
    try:
        asker = threading.Thread(target=lambda: answer.append(weir.series("mongodb", 10)))
        asker.start()
        for _ in range(5):
            began = time.monotonic()
            weir.rpc("stats.get")
            weir.get("/api/v1/results", query="mine")  # the store thread
            c.that(time.monotonic() - began < 3, f"others waited {time.monotonic() - began:.1f} s")
        c.that(asker.is_alive(), "a server that is stopped has answered")
    finally:
        server.process.send_signal(signal.SIGCONT)
    asker.join(40)
    c.equal(answer[0]["points"] if answer else None, points(0, 69, 10), "the answer after all")


def daily(c, weir):
    local = weir.get("/api/v1/daily", source="local")
    c.that(len(local["totals"]) > 10, f"{len(local['totals'])} daily totals")
    c.equal(weir.get("/api/v1/daily", source="mongodb")["totals"], local["totals"], "daily totals of both")
    found, cursor = [], None
    while True:
        page = weir.get("/api/v1/daily", source="mongodb", limit=7, cursor=cursor)
        found += page["totals"]
        cursor = page["cursor"]
        if not cursor:
            break
    c.equal(found, local["totals"], "daily totals in pages")
    one = local["totals"][3]
    c.equal(weir.get("/api/v1/daily", source="mongodb", host=one["host"], **{"from": one["day"], "to": one["day"]})["totals"],
            [one], "one host of one day")


def test():
    c = weirtest.Check()
    try:
        server = mongodb_server.find_server()
    except mongodb_server.Unavailable as reason:
        weirtest.skip(reason)
    weir = None
    with tempfile.TemporaryDirectory(prefix="weir-history-") as folder:
        try:
            server.start()
            weir = Weir(Path(folder), server.uri)
            for second in range(60):
                c.equal(weir.insert(result(second)), 1, f"insert {second}")
            c.equal(weir.insert(result(5)), 0, "insert again")
            weir.delivered()
            both_agree(c, weir)
            latest(c, weir)
            older_comes_from_the_server(c, weir)
            weir.delivered()
            if server.kind in ("mongod", "ferretdb"):
                server_hangs(c, weir, server)
            c.equal(weir.end(), 0, "exit status")  # writes the daily totals
            weir = Weir(Path(folder), server.uri)
            weir.rpc("processor.stop")
            weir.delivered()
            daily(c, weir)
            if not server.kind.endswith("-uncut"):
                server.stop()
                server_away(c, weir)
        finally:
            if weir:
                c.equal(weir.end(), 0, "exit status")
            server.close()
    return c


if __name__ == "__main__":
    weirtest.main(test)
