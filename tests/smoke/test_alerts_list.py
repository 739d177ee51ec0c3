#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Alerts that nobody watched, by every way there is: alerts.list, REST, weirctl. Without a store, with one,
with one that is locked, and after a restart. A client that subscribes and then asks has each alert once."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit/control"))
import ask  # noqa: E402
import weirtest  # noqa: E402
from demo import demo  # noqa: E402
from ws_client import WebSocket  # noqa: E402

WAIT_S = 20
KEPT = 1000  # in memory and in one answer
GENERATOR = {"rate_pps": 20000, "flows": 2500, "addresses": {"net4": "10.0.0.0/19", "count": 2500}, "protocols": ["HTTPS"]}
LIMIT = {"limit_name": "lab", "source": "0.0.0.0/0", "max_bytes": 1, "window_s": 1}


class Asked:
    def __init__(self, port):
        self.port = port

    def rpc(self, method, **params):
        return ask.rpc(self.port, method, params)

    def list(self, **params):
        return self.rpc("alerts.list", **params)

    def ctl(self, *words):
        env = {**os.environ, "WEIR_SERVER": f"ws://127.0.0.1:{self.port}"}
        run = subprocess.run([Path(weirtest.weir()).parent / "weirctl/weirctl", *words], env=env, text=True,
                             capture_output=True, timeout=30, check=False)
        assert run.returncode == 0, run
        return run.stdout

    def rest(self, arguments):
        return json.loads(ask.fetch(self.port, f"/api/v1/alerts?{arguments}")[1])


def check_ways(a):
    """The limit of the file was raised before anybody asked anything."""
    found = ask.until(lambda: a.list(query="limits")["alerts"], "the first alert")
    assert [(f["limit_name"], f["state"], f["limit"]) for f in found] == [("lab", "raised", 1)], found
    at_us = found[0]["at_us"]
    assert a.rest(f"query=limits&from_us={at_us}&to_us={at_us + 1}")["alerts"] == found
    assert a.list(query="limits", from_us=at_us + 1)["alerts"] == [] == a.list(query="none")["alerts"]
    shown = a.ctl("show", "alerts", "1000")
    assert "raised" in shown and "lab" in shown and "0.0.0.0/0 > any" in shown, shown
    assert json.loads(a.ctl("-j", "call", "alerts.list", '{"query": "limits"}'))["alerts"] == found


def check_memory(a):
    """More alerts than there is room for: the newest stay, the others are counted."""
    answer = a.list(limit=KEPT)
    assert (answer["source"], answer["dropped"], answer["fault"], answer["more"]) == ("memory", 0, None, False), answer
    a.rpc("query.add", name="many", key="src_ip", window_s=1, op={"type": "limit", "max": 1})
    ask.until(lambda: a.list(limit=1)["dropped"] > KEPT, "more than there is room for")
    answer = a.list(limit=KEPT)
    texts = [json.dumps(x) for x in answer["alerts"]]
    assert len(set(texts)) == KEPT and answer["more"] is False, len(set(texts))
    times = [x["at_us"] for x in answer["alerts"]]
    assert times == sorted(times, reverse=True), "not newest first"
    assert a.list(limit=3)["more"] is True
    assert "are no longer in memory" in a.ctl("show", "alerts")
    a.rpc("query.remove", name="many")


def check_once(a):
    """Alerts come all the time while one subscribes and asks: none is missing, whichever way it comes."""
    ws = WebSocket(("127.0.0.1", a.port), timeout=30)
    for i in range(40):
        a.rpc("limits.set", rows=[{**LIMIT, "limit_name": f"n{i}"}])
    # Notifications may come before the answers.
    ws.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": {"topics": ["alert"]}}))
    ws.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "alerts.list", "params": {"limit": KEPT, "query": "limits"}}))
    for i in range(40, 80):
        a.rpc("limits.set", rows=[{**LIMIT, "limit_name": f"n{i}"}])
    seen, listed, end = set(), None, time.monotonic() + WAIT_S
    wanted = {f"n{i}" for i in range(80)}
    while time.monotonic() < end and (listed is None or not wanted <= seen | listed):
        message = json.loads(ws.receive())
        if message.get("id") == 2:
            listed = {x["limit_name"] for x in message["result"]["alerts"]}
        elif message.get("method") == "alert" and "limit_name" in message["params"]:
            seen.add(message["params"]["limit_name"])
    assert wanted <= seen | (listed or set()), sorted(wanted - seen - (listed or set()))
    ws.close()


def check_locked(a, path):
    """While the store is locked by somebody else: from memory, with the reason, and the newest is there."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    a.rpc("limits.set", rows=[{**LIMIT, "limit_name": "meanwhile"}])
    answer = ask.until(lambda: (x := a.list(limit=KEPT))["source"] == "memory" and x, "an answer from memory")
    assert "locked" in answer["fault"], answer["fault"]
    ask.until(lambda: any(x.get("limit_name") == "meanwhile" for x in a.list(limit=KEPT)["alerts"]), "the alert meanwhile")
    assert "as the store does not answer" in a.ctl("show", "alerts")
    db.execute("ROLLBACK")
    db.close()
    answer = ask.until(lambda: (x := a.list(limit=KEPT))["source"] == "local" and x, "an answer from the store")
    assert any(x.get("limit_name") == "meanwhile" for x in answer["alerts"]), "lost with the lock"


def main():
    with tempfile.TemporaryDirectory(prefix="weir-alerts-") as name:
        folder = Path(name)
        (folder / "limits.json").write_text(json.dumps([LIMIT]))
        (folder / "weir.json").write_text(json.dumps({"limits": {"file": str(folder / "limits.json")}, "generator": GENERATOR}))
        options = "--config", str(folder / "weir.json"), "--store"
        with demo(folder, *options, "none") as (port, _, _):
            check_ways(Asked(port))
            check_memory(Asked(port))
            check_once(Asked(port))
        store = f"sqlite:{folder / 'weir.db'}"
        with demo(folder, *options, store) as (port, _, _):
            check_ways(Asked(port))
            check_once(Asked(port))
            check_locked(Asked(port), folder / "weir.db")
            before = Asked(port).list(query="limits", limit=KEPT)
            assert before["source"] == "local" and "dropped" not in before, before
        with demo(folder, *options, store) as (port, _, _):
            after = Asked(port).list(query="limits", limit=KEPT)["alerts"]
            assert before["alerts"] and all(x in after for x in before["alerts"]), "alerts of the run before are gone"
    print("test_alerts_list: passed")


main()
