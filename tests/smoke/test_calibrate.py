#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""generator.calibrate: the six built-in queries of the live pipeline against the true answers, an event that
shows in time, differences where packets are not measured, refusals, and the generator as it was afterwards.

With --full, the acceptance of the issue instead: Zipf 1.1 over 50,000 flows for 60 s (CALIBRATE_PPS, 1,000,000,
and CALIBRATE_SECONDS)."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import ask  # noqa: E402
import weirtest  # noqa: E402

START_S = 30
PROFILE = {"rate_pps": 50000, "flows": 2000, "popularity": {"type": "zipf", "s": 1.1},
           "addresses": {"net4": "10.8.0.0/16", "count": 1000}, "address_weights": None}
KEY = "10.8.3.1"


class Demo:
    def __init__(self, folder, *options):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [weirtest.weir(), "--demo", "--listen", f"127.0.0.1:{self.port}", "--store", "none", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        if not ask.wait(self.port, START_S):
            self.end()
            raise weirtest.Failed(f"no answer: {self.log.read_text()[-500:]}")

    def rpc(self, method, params=None):
        return ask.rpc(self.port, method, params)

    def refused(self, method, params=None):
        try:
            return None, self.rpc(method, params)
        except ask.RpcError as e:
            error = json.loads(str(e))
            return error["code"], error.get("data", {}).get("field") or error["message"]

    def calibrated(self, seconds, during=lambda state: None):
        """The outcome of the calibration that is going on."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.rpc("generator.calibration")
            if state["state"] in ("done", "failed"):
                return state
            if state["state"] == "running":
                during(state)
            time.sleep(0.1)
        raise weirtest.Failed(f"calibration does not end: {state}")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


def check_exact(c, outcome, least):
    c.equal((outcome["state"], outcome.get("exact")), ("done", True), f"exact: {outcome.get('error')}")
    c.equal(len(outcome["queries"]), 6, "queries")
    for q in outcome["queries"]:
        c.equal([q[f] for f in ("precision", "recall", "count_error", "total_error", "rank_errors",
                                "windows_missing")], [1, 1, 0, 0, 0, 0], f"{q}")
        c.that(q["windows"] >= least, f"windows: {q}")
    c.that(sum(q["rows_found"] for q in outcome["queries"]) > 20 * least, "rows")
    c.equal([outcome[f] for f in ("foreign", "unreceived", "received")], [0, 0, outcome["sent"]], "packets")


def check_refusals(c, demo):
    for params, code, field in (({"seconds": 1}, -32602, "seconds"),
                                ({"profile": {"rate_pps": 0}}, -32602, "profile.rate_pps"),
                                ({"profile": {"rate_pps": 900000000}}, -32602, "profile.rate_pps"),
                                ({"profile": {"size": {"type": "fixed", "bytes": 1}}}, -32602, "profile.size.bytes"),
                                ({"profile": {"replay": {"logs": "x"}}}, -32602, "profile.replay"),
                                ({"profile": {"colour": 1}}, -32602, "profile.colour")):
        c.equal(demo.refused("generator.calibrate", params), (code, field), f"{params}")
    c.that(demo.rpc("generator.get")["running"], "still runs after what was refused")
    demo.rpc("query.pause", {"name": "ip-topk"})
    c.equal(demo.refused("generator.calibrate")[1], "queries", "a paused query")
    demo.rpc("query.resume", {"name": "ip-topk"})


def check_event(c, demo):
    before = demo.rpc("generator.get")["profile"]
    event = {"at_s": 2, "for_s": 2, "type": "surge", "key": KEY, "factor": 1000}
    # Far above what the key has, and far below what the surge makes of it.
    demo.rpc("query.add", {"name": "much", "key": "ip", "metric": "packets", "window_s": 1, "slide_s": 1,
                           "filter": f"host {KEY}", "op": {"type": "limit", "max": 5000}})
    state = demo.rpc("generator.calibrate", {"seconds": 4, "profile": PROFILE | {"events": [event]}})
    c.equal(state["state"], "settling", "it answers at once")
    for method, params in (("generator.set", {"rate_pps": 5}), ("generator.stop", None),
                           ("generator.calibrate", None)):
        c.equal(demo.refused(method, params)[0], -32000, f"{method} meanwhile")
    progress = [0.0]
    outcome = demo.calibrated(60, lambda state: progress.append(state["progress"]))
    demo.rpc("query.remove", {"name": "much"})
    c.that(len(progress) > 5 and progress == sorted(progress) and progress[-1] <= 1, f"progress {progress}")
    check_exact(c, outcome, 3)
    (e,) = outcome["events"]
    c.that(e["sent"] and not e["before"] and e["query"] in ("ip-share", "ip-outlier") and e["slides"] <= 2 and
           e["delay_ms"] < 4000, f"{e}")
    c.that(e["alert"] and e["alert"]["query"] == "much" and not e["alert"]["before"] and
           0 < e["alert"]["delay_ms"] < 4000, f"the limit's alert: {e}")
    c.equal(outcome["alerts_lost"], 0, "alerts lost")
    c.equal(outcome["profile"]["flows"], 2000, "the profile that was run")
    after = demo.rpc("generator.get")
    c.equal((after["profile"], after["running"]), (before, True), "the generator as it was")


def check_differences(c, demo):
    """Packets that are sent and not measured must show."""
    done = []

    def interrupt(state):
        if state["passed_s"] > 1 and not done:
            demo.rpc("processor.stop")
            time.sleep(0.3)
            demo.rpc("processor.start")
            done.append(True)

    demo.rpc("generator.calibrate", {"seconds": 3, "profile": PROFILE})
    outcome = demo.calibrated(60, interrupt)
    c.equal((outcome["state"], outcome.get("exact")), ("done", False), "a hole in what was measured")
    c.that(all(q["total_error"] > 0 for q in outcome["queries"]), f"{outcome['queries']}")
    c.that(any(q["count_error"] > 0 for q in outcome["queries"]), f"{outcome['queries']}")
    c.equal((outcome["foreign"], outcome["received"]), (0, outcome["sent"]), "all were received, though")
    demo.rpc("generator.calibrate", {"seconds": 3, "profile": PROFILE})
    demo.rpc("processor.set", {"k": 3})
    outcome = demo.calibrated(60)
    c.that(outcome["state"] == "failed" and "changed" in outcome["error"], f"parameters that change: {outcome}")


def check_quick(c, folder):
    (folder / "commands").write_text("set processor T 2\ncalibrate x\ncalibrate 1\nshow calibration\ncalibrate 2\n")
    demo = Demo(folder, "--cmdline-file", "commands")
    try:
        while "calibration: exact" not in (text := demo.log.read_text()) and "differences" not in text:
            time.sleep(0.2)
        for words in ('seconds: found "x"', "seconds: found 1", "calibration: never", "calibration: settling, sends for 2 s",
                      "calibration: running", "calibration: exact", "1.0000"):
            c.that(words in text, f"console: '{words}' in {text[-1500:]}")
        check_refusals(c, demo)
        check_event(c, demo)
        check_differences(c, demo)
    finally:
        c.equal(demo.end(), 0, "exit status")


def ordinary_key(demo, profile):
    """The largest address below half of what an outlier has: 20 times as much for 2 of 10 s is then enough."""
    demo.rpc("generator.set", profile)
    demo.rpc("processor.set", {"k": 1000})
    time.sleep(15)
    least = min(r["value"] for r in demo.rpc("results.latest", {"query": "ip-outlier"})["rows"])
    rows = demo.rpc("results.latest", {"query": "ip-topk"})["rows"]
    demo.rpc("processor.set", {"k": 10})
    return next(r["key"] for r in rows if r["value"] < least / 2 and r["key"].startswith("10.8."))


def check_full(c, folder):
    rate = int(os.environ.get("CALIBRATE_PPS", "1000000"))
    seconds = int(os.environ.get("CALIBRATE_SECONDS", "60"))
    profile = PROFILE | {"rate_pps": rate, "flows": 50000}
    demo = Demo(folder)
    try:
        events = [{"at_s": seconds / 2, "for_s": 10, "type": "surge", "key": ordinary_key(demo, profile), "factor": 20}]
        demo.rpc("generator.calibrate", {"seconds": seconds, "profile": profile | {"events": events}})
        outcome = demo.calibrated(120)
        missed = demo.rpc("stats.get")["ledger"]["nic"]["missed"]
    finally:
        demo.end()
    outcome.pop("profile", None)
    print(json.dumps(outcome, indent=1), f"missed {missed}", sep="\n")
    check_exact(c, outcome, seconds - 10)
    c.that(outcome["events"][0]["slides"] is not None and outcome["events"][0]["slides"] <= 2, "the surge shows")


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-calibrate.") as folder:
        (check_full if "--full" in sys.argv else check_quick)(c, Path(folder))
    return c


if __name__ == "__main__":
    weirtest.main(test)
