#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""/metrics of a run with everything on: it is OpenMetrics by its rules, and every metric that the rules
for Prometheus and the dashboard for Grafana name is there. Where promtool is, it must find nothing wrong.
/healthz says why: packets missed and MongoDB away are warnings, and told. Logs are JSON lines of the levels
that were asked for.

Environment: WEIR, the program.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(REPO, "tests", "lib"))
import ask  # noqa: E402
from demo import demo  # noqa: E402

RULES = os.path.join(REPO, "config", "prometheus", "weir.rules.yml")
DASHBOARD = os.path.join(REPO, "config", "grafana", "weir.json")
SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.e+]+|NaN|\+Inf)$')
SUFFIXES = {"counter": {"_total"}, "gauge": {""}, "summary": {"", "_count", "_sum"}}
UNITS = ("bytes", "packets", "ratio", "seconds")


def fetch(port, path, accept):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["content-type"], answer.read().decode()


def check(text):
    """Names of samples; AssertionError where it is no OpenMetrics."""
    assert text.endswith("\n# EOF\n") and text.count("# EOF") == 1, "no end mark"
    families, samples, family = {}, {}, None
    for line in text[:-len("# EOF\n")].splitlines():
        if line.startswith("# "):
            _, kind, name, value = line.split(" ", 3)
            if kind == "TYPE":
                assert name not in families, f"{name} twice"
                family = families[name] = {"type": value}
            assert families.get(name) is family, f"{kind} {name} is not with its family"
            family[kind] = value
            continue
        match = SAMPLE.match(line)
        assert match, f"no sample: {line}"
        series, name = match[1] + (match[2] or ""), match[1]
        assert series not in samples, f"{series} twice"
        samples[series] = name
        of = next((n for n, f in families.items() if f is family), None)
        assert name.startswith(of) and name[len(of):] in SUFFIXES[family["type"]], f"{name} in family {of}"
        if family["type"] == "counter":
            assert float(match[3]) >= 0, line
    for name, family in families.items():
        assert family.get("HELP", "").endswith("."), f"{name} has no help"
        unit = next((u for u in UNITS if name.endswith("_" + u)), None)
        assert family.get("UNIT") == unit, f"{name}: unit {family.get('UNIT')}"
    return set(samples.values())


def named(path):
    """Metrics that a file names in its expressions, without those that its own rules record."""
    if path.endswith(".json"):
        with open(path, encoding="utf-8") as f:
            dashboard = json.load(f)
        texts = [t["expr"] for p in dashboard["panels"] for t in p["targets"]]
        texts += [v["query"] for v in dashboard["templating"]["list"] if v["type"] == "query"]
    else:
        with open(path, encoding="utf-8") as f:
            texts = re.findall(r"^\s+expr: (.*)$", f.read(), re.M)
    assert len(texts) > 10, f"{path}: {len(texts)} expressions"
    return {name for text in texts for name in re.findall(r"(?<![:\w])weir_[a-z0-9_]+", text)}


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"promtool {arguments}: {done.stdout}{done.stderr}"


def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def look(port):
    until(lambda: "\nweir_query_keys{" in fetch(port, "/metrics", "*/*")[1], 15, "no slide with its queries")
    kind, text = fetch(port, "/metrics", "*/*")
    assert kind.startswith("application/openmetrics-text; version=1.0.0"), kind
    there = check(text)
    for path in RULES, DASHBOARD:
        missing = named(path) - there
        assert not missing, f"{os.path.relpath(path, REPO)}: /metrics has no {sorted(missing)}"
    kind, plain = fetch(port, "/metrics", "text/plain")
    assert kind.startswith("text/plain; version=0.0.4") and "# EOF" not in plain, kind
    assert "# TYPE weir_received_packets_total counter\n" in plain
    if shutil.which("promtool"):
        promtool("check", "metrics", text=plain)
        promtool("check", "rules", RULES)
    else:
        print("promtool is not here: its checks are skipped")
    reasons = {}

    def told():
        health = json.loads(ask.fetch(port, "/healthz")[1])
        reasons.update({r["area"]: r for r in health["reasons"]})
        assert health["status"] != "unhealthy", health
        return "push" in reasons and ("ports" in reasons or not before)

    # Whether any were missed is the machine's affair; that it is told within a tick is not.
    before = ask.rpc(port, "stats.get")["ledger"]["nic"]["missed"]
    until(told, 15, "/healthz does not tell of MongoDB, or not of missed packets")
    assert not any(r["fault"] for r in reasons.values()), reasons
    assert not before or "packets missed" in reasons["ports"]["text"], reasons


def logs(port, text):
    """Lines are JSON with what --log-level lets through; areas that the code names are those of the table."""
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert any(line["area"] == "push" and line["level"] == "warning" for line in lines), text
    levels = ask.rpc(port, "log.get")["levels"]
    assert levels.pop("port") == "error" and set(levels.values()) == {"info"}, levels
    assert ask.rpc(port, "log.level", {"area": "all", "level": "debug"})["levels"]["port"] == "debug"
    areas = set()
    for top in "app", "lib", "pktgen":
        for folder, folders, names in os.walk(os.path.join(REPO, top)):
            folders[:] = [f for f in folders if f != "node_modules"]
            for name in names:
                if name.endswith(".c"):
                    with open(os.path.join(folder, name), encoding="utf-8") as f:
                        areas |= set(re.findall(r'\blog_(?:error|warning|notice|info|event)\(\s*"([^"]*)"', f.read()))
    assert areas <= set(levels) | {"port"}, f"not in LOG_AREAS: {areas - set(levels)}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "limits.json"), "w", encoding="utf-8") as f:
            f.write("[]")
        # As fast as its port takes them, so that some are missed.
        with open(os.path.join(folder, "commands"), "w", encoding="utf-8") as f:
            f.write("set generator rate_pps 0\n")
        with demo(folder, "--store", f"sqlite:{folder}/weir.db", "--push", "mongodb://127.0.0.1:9/x",
                  "--ipfix", "127.0.0.1:9", "--limits", f"{folder}/limits.json", "--cmdline-file",
                  f"{folder}/commands", "--log-format", "json", "--log-level",
                  "info,port:error") as (port, _, log):
            look(port)
            logs(port, log())
    print("test_metrics: passed")


main()
