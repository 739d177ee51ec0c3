#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""limits.*, on_alert and syslog of the configuration while the demo runs: another file and another
command by SIGHUP, times and rates by config.set, all with the rest of a change or not at all, and back
again when nobody confirms."""
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import ask  # noqa: E402
from demo import demo  # noqa: E402

GENERATOR = {"rate_pps": 5000, "flows": 100, "addresses": {"net4": "10.0.0.0/24", "count": 50}, "protocols": ["HTTPS"]}
COMMAND = """#!/bin/sh
cat >>"$1"
"""


class Live:
    def __init__(self, folder, port, pid, log):
        self.folder, self.port, self.pid, self.log = folder, port, pid, log

    def rpc(self, method, **params):
        return ask.rpc(self.port, method, params)

    def set(self, config, **params):
        return self.rpc("config.set", config=config, **params)

    def limits(self):
        return [row["limit_name"] for row in self.rpc("limits.list")["limits"]]

    def told(self, name):
        """Limits in the alerts that the command with this file has had."""
        path = self.folder / name
        lines = path.read_text().splitlines() if path.exists() else []
        return {json.loads(line)["limit_name"] for line in lines if line.endswith("}")}

    def counted(self, name):
        return self.rpc("stats.get")["on_alert"][name]

    def reload(self, config, line):
        """Write the configuration and have it read; line must come to the log."""
        before = len(self.log())
        (self.folder / "weir.json").write_text(json.dumps(config))
        os.kill(self.pid, signal.SIGHUP)
        return ask.until(lambda: line in self.log()[before:] and self.log()[before:], line)

    def raise_one(self, name):
        """A client's limit that is passed at once."""
        self.rpc("limits.set", rows=[{"limit_name": name, "source": "0.0.0.0/0", "max_bytes": 1, "window_s": 1}])


def rows(*names):
    return json.dumps([{"limit_name": name, "source": "0.0.0.0/0", "max_bytes": 1, "window_s": 1} for name in names])


def config_of(folder, limits, told, **more):
    return {"limits": {"file": str(folder / limits)}, "on_alert": {"command": [str(folder / "command"), str(folder / told)]},
            "generator": GENERATOR, **more}


def check_reload(w):
    line = w.reload(config_of(w.folder, "b.json", "told-b", parameters={"k": 4}), "reloaded; waiting")
    assert "waiting for a restart: []" in line, line
    assert w.limits() == ["b"] and w.rpc("processor.get")["k"] == 4, w.limits()
    assert w.rpc("config.get")["limits"]["file"] == str(w.folder / "b.json")
    assert w.rpc("limits.list")["file"]["path"] == str(w.folder / "b.json")
    ask.until(lambda: "b" in w.told("told-b"), "an alert to the new command")
    assert "b" not in w.told("told-a"), "the old command has had an alert of the new limits"
    # The new file is followed, the old one is not.
    (w.folder / "a.json").write_text(rows("a2"))
    (w.folder / "b.json").write_text(rows("b", "b2"))
    ask.until(lambda: w.limits() == ["b", "b2"], "the new file's rows")


def check_audit(w):
    """What nobody called for is recorded like calls, newest first."""
    records = [r for r in w.rpc("audit.list")["records"] if r["via"] in ("signal", "timer")]
    found = [(r["via"], r["method"], r["ok"], r["params"]["fields"][:1]) for r in reversed(records)]
    refused = ("signal", "config.reload", False, [])
    assert found == [("signal", "config.reload", True, ["parameters.k"])] + 4 * [refused] + [
                     ("timer", "config.rollback", True, ["parameters.k"])], found
    assert records[-1]["params"]["fields"] == ["parameters.k", "limits.file", "on_alert.command"], records[-1]
    assert records[-1]["params"]["file"] == str(w.folder / "weir.json") and records[-1]["user"] == "", records[-1]
    assert "bad.json:2" in records[2]["error"]["message"], records[2]


def check_refused(w):
    """Nothing of a change where a part is wrong."""
    before = w.rpc("config.get"), w.limits()
    (w.folder / "long.json").write_text(json.dumps([{"limit_name": str(i), "source": "::/0", "max_bytes": 1, "window_s": 86400}
                                                    for i in range(100)]))
    (w.folder / "bad.json").write_text('[{"limit_name": "x",\n"source": "nowhere"}]')
    for name, fault in (("gone.json", ": No such file"), ("long.json", ": window_s: the limits' windows are"),
                        ("bad.json", ":2: [0].source: found")):
        w.reload(config_of(w.folder, name, "told-b", parameters={"k": 5}), f"limits.file: {w.folder / name}{fault}")
    no_program = config_of(w.folder, "a.json", "told-b", parameters={"k": 5})
    no_program["on_alert"]["command"] = [str(w.folder / "a.json")]
    w.reload(no_program, "on_alert.command[0]: found")
    assert (w.rpc("config.get"), w.limits()) == before, "a refused change has left something"
    dry = w.set({"limits": {"refresh_s": 5}, "on_alert": {"per_minute": 1}, "syslog": {"facility": "user"}}, dry_run=True)
    assert len(dry["changes"]) == 3 and dry["restart"] == [], dry
    assert (w.rpc("config.get"), w.limits()) == before, "a dry run has left something"


def check_refresh(w):
    """A long time between looks, until nobody confirms it."""
    before = w.rpc("config.get")
    answer = w.set({"limits": {"refresh_s": 3600}, "parameters": {"k": 6}}, confirm_s=1.5)
    assert answer["restart"] == [], answer
    assert w.rpc("limits.list")["file"]["refresh_s"] == 3600
    (w.folder / "b.json").write_text(rows("c"))
    asked = 0
    while True:
        names = w.limits()
        if w.rpc("config.get")["parameters"]["k"] != 6:
            break
        assert names == ["b", "b2"], f"{names}: the file is looked at all the same"
        asked += 1
    assert asked > 1, "rolled back at once"
    assert w.rpc("config.get") == before, "the rollback left something"
    ask.until(lambda: w.limits() == ["c"], "the file after the rollback")


def check_rates(w):
    assert w.set({"on_alert": {"per_minute": 1, "at_once": 2, "timeout_s": 2}})["restart"] == []
    w.raise_one("many1")  # what began within the last minute has used up the one
    ask.until(lambda: w.counted("suppressed") > 0, "an alert more than there may be")
    assert "many1" not in w.told("told-b")
    w.rpc("config.rollback")
    assert w.rpc("config.get")["on_alert"]["per_minute"] == 60
    w.raise_one("many2")
    ask.until(lambda: "many2" in w.told("told-b"), "an alert after the rollback")


def check_syslog(w):
    assert w.counted("syslog") == 0
    assert w.set({"syslog": {"facility": "local0"}})["restart"] == []
    w.raise_one("logged")
    ask.until(lambda: w.counted("syslog") > 0, "an alert to syslog")
    assert "weir_syslog_alerts_total" in ask.fetch(w.port, "/metrics")[1]
    w.set({"syslog": {"facility": None}})
    ask.until(lambda: "logged" in w.told("told-b"), "the same alert to the command")
    count = w.counted("syslog")
    w.raise_one("quiet")
    ask.until(lambda: "quiet" in w.told("told-b"), "an alert without syslog")
    assert w.counted("syslog") == count, "syslog goes on"


def check_none(w):
    """Without both: the file's rows go, the clients' stay, and no command begins."""
    for name in ("many1", "many2", "logged"):
        w.rpc("limits.remove", limit_name=name)
    w.reload({"generator": GENERATOR}, "reloaded; waiting")
    assert w.rpc("limits.list")["file"] is None and w.limits() == ["quiet"], w.limits()
    assert "limits" not in w.rpc("config.get") or "file" not in w.rpc("config.get")["limits"]
    started, suppressed = w.counted("started"), w.counted("suppressed")
    w.raise_one("last")
    ask.until(lambda: w.rpc("stats.get")["limits"]["raised"] >= 2, "an alert that goes nowhere")
    assert (w.counted("started"), w.counted("suppressed")) == (started, suppressed), "a command began"


def main():
    with tempfile.TemporaryDirectory(prefix="weir-live-") as name:
        folder = Path(name)
        (folder / "command").write_text(COMMAND)
        (folder / "command").chmod(0o755)
        (folder / "a.json").write_text(rows("a"))
        (folder / "b.json").write_text(rows("b"))
        (folder / "weir.json").write_text(json.dumps(config_of(folder, "a.json", "told-a")))
        with demo(folder, "--config", str(folder / "weir.json"), "--store", "none") as (port, pid, log):
            w = Live(folder, port, pid, log)
            ask.until(lambda: "a" in w.told("told-a"), "the first alert")
            for check in (check_reload, check_refused, check_refresh, check_audit, check_rates, check_syslog, check_none):
                check(w)
    print("test_live_alerts: passed")


main()
