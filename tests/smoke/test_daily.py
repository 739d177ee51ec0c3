#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Daily totals of live input: a restart goes on from what the store has, a run that is killed takes
nothing of that away; daily.list, its errors, its pages, REST and the console.

The same profile is sent in each run, so each run adds the same to each host. WEIR_TEST_DAILY_MINUTE=1
waits for the minute's write and kills after it (70 s).
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import ask  # noqa: E402
import weirtest  # noqa: E402

PACKETS = 20000
FIELDS = ("inBytes", "inPackets", "outBytes", "outPackets")
CONFIG = {"local_networks": ["0.0.0.0/0", "::/0"], "generator": {
    "rate_pps": 40000, "seed": 5, "flows": 300, "packets": PACKETS, "popularity": {"type": "zipf", "s": 1.1},
    "protocols": ["HTTPS", "DNS"], "size": {"type": "uniform", "min": 64, "max": 1518},
    "addresses": {"net4": "10.0.0.0/16", "count": 100}}}


class Weir:
    def __init__(self, folder):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        command = [weirtest.weir(), "--demo", "--config", folder / "config.json", "--listen",
                   f"127.0.0.1:{self.port}", "--store", f"sqlite:{folder / 'weir.db'}", "--report",
                   folder / "report.json"]
        with open(folder / "stderr", "ab") as err:
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=err)
        if not ask.wait(self.port, 20):
            raise weirtest.Failed("weir does not answer")

    def rpc(self, method, params=None):
        return ask.rpc(self.port, method, params)

    def send_all(self):
        """Until every packet is in a pane that is over."""
        end = time.monotonic() + 30
        while self.rpc("stats.get")["ledger"]["received"] < PACKETS:
            if time.monotonic() > end:
                raise weirtest.Failed("the generator is not done after 30 s")
            time.sleep(0.1)
        time.sleep(1.2)

    def end(self, how):
        self.process.send_signal(how)
        return self.process.wait(20)


def totals(weir, **params):
    found = defaultdict(lambda: [0] * len(FIELDS))
    for d in weir.rpc("daily.list", params):
        found[d["host"]] = [a + d[f] for a, f in zip(found[d["host"]], FIELDS)]  # midnight may pass
    return dict(found)


def times(one, n):
    return {host: [n * v for v in values] for host, values in one.items()}


def refused(c, weir, field, params):
    try:
        weir.rpc("daily.list", params)
        c.that(False, f"{params} is refused")
    except ask.RpcError as e:
        error = json.loads(str(e))
        c.equal((error["code"], error["data"]["field"]), (-32602, field), f"error of {params}")


def check_questions(c, weir):
    every = weir.rpc("daily.list")
    c.equal([(d["day"], d["host"]) for d in every], sorted((d["day"], d["host"]) for d in every), "order")
    c.equal(sorted(every[0]), sorted(("type", "day", "host") + FIELDS), "fields")
    pages, cursor = [], {}
    while page := weir.rpc("daily.list", {"limit": 37, **cursor}):
        pages += page
        cursor = {"cursor": f"{page[-1]['day']}/{page[-1]['host']}"}
    c.equal(pages, every, "pages by cursor")
    day, host = every[5]["day"], every[5]["host"]
    one = [d for d in every if d["host"] == host and d["day"] == day]
    c.equal(weir.rpc("daily.list", {"host": host, "from": day, "to": day}), one, "one host of one day")
    c.equal(json.loads(ask.fetch(weir.port, f"/api/v1/daily?host={host}&from={day}&to={day}")[1]), one, "REST")
    c.equal(weir.rpc("daily.list", {"to": "1999-12-31"}), [], "days before")
    c.equal(weir.rpc("daily.list", {"from": "2999-01-01"}), [], "days after")
    for field, params in (("host", {"host": "10.0.0.256"}), ("from", {"from": "2026-02-30"}),
                          ("to", {"to": "2026-1-001"}), ("limit", {"limit": 0}),
                          ("from", {"from": "2026-02-02", "to": "2026-02-01"}),
                          ("cursor", {"cursor": "2026-02-01:10.0.0.1"}), ("day", {"day": 1})):
        refused(c, weir, field, params)
    try:
        ask.fetch(weir.port, "/api/v1/daily?from=yesterday")
        c.that(False, "REST refuses a day that is none")
    except urllib.error.HTTPError as e:
        c.equal((e.code, json.loads(e.read())["error"]["data"]["field"]), (400, "from"), "REST error")


def check_restarts(c, folder):
    weir = Weir(folder)
    weir.send_all()
    c.equal(totals(weir), {}, "totals before the first minute is over")
    c.equal(weir.end(signal.SIGINT), 0, "status")
    flow_bytes = json.loads((folder / "report.json").read_text())["ledger"]["flow_bytes"]

    weir = Weir(folder)
    first = totals(weir)
    c.equal(sum(v[0] for v in first.values()), flow_bytes, "bytes in, of all hosts")
    c.equal(sum(v[3] for v in first.values()), PACKETS, "packets out, of all hosts")
    check_questions(c, weir)
    weir.send_all()
    weir.end(signal.SIGKILL)

    weir = Weir(folder)
    c.equal(totals(weir), first, "after a kill within the first minute")
    weir.send_all()
    c.equal(weir.end(signal.SIGTERM), 0, "status")
    weir = Weir(folder)
    c.equal(totals(weir), times(first, 2), "after a second whole run")
    if os.environ.get("WEIR_TEST_DAILY_MINUTE"):
        time.sleep(64)
        c.equal(totals(weir), times(first, 3), "after the minute's write")
        weir.end(signal.SIGKILL)
        weir = Weir(folder)
        c.equal(totals(weir), times(first, 3), "after a kill behind it")
    weir.end(signal.SIGKILL)


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-test-") as folder:
        folder = Path(folder)
        (folder / "config.json").write_text(json.dumps(CONFIG))
        check_restarts(c, folder)
    return c


if __name__ == "__main__":
    weirtest.main(test)
