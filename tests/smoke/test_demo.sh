#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The demo for five seconds: everything that it offers answers, it ends by itself, and its report
# and its store hold what happened.
. "$(dirname "$0")/../lib/weirtest.sh"

QUERIES="protocol-share protocol-topk protocol-outlier ip-share ip-topk ip-outlier"

weir_start --demo --duration 5 --store "sqlite:$TMP/weir.db" --report "$TMP/report.json"
python3 - "$TESTS/lib" "$PORT" $QUERIES <<'EOF' || fail "while it ran"
import json, re, sys, time, urllib.error
sys.path.insert(0, sys.argv[1])
import ask
port, queries = sys.argv[2], sys.argv[3:]

def rates():
    return ask.rpc(port, "stats.get")["rates"]

# The first rate is one of a second of this run.
first = rates()
while first["bps"] == 0:
    time.sleep(0.05)
    first = rates()
assert first["pps"] > 1000 and first["bps"] > 512000, f"the first rates: {first}"

def latest(query, seconds=5):
    """The newest result, once there is one with traffic in it."""
    for _ in range(seconds * 10):
        try:
            result = ask.rpc(port, "results.latest", {"query": query})
            if result["total"]["packets"]:
                return result
        except ask.RpcError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"no result of {query} with packets after {seconds} s")

assert "<html" in ask.fetch(port, "/")[1].lower(), "GET / is no page"
for query in queries:
    result = latest(query)
    assert result["query"] == query, f"results.latest of {query} is {result['query']}"
    if query.endswith("topk"):
        values = [r["value"] for r in result["rows"]]
        assert len(values) == min(10, result["keys"]) > 0, f"{query}: {len(values)} rows"
        assert values == sorted(values, reverse=True), f"{query}: order of rows"
assert latest("ip-topk")["keys"] >= 10, "fewer than ten addresses in the demo"
metrics = ask.fetch(port, "/metrics")[1]
assert "\nweir_" in metrics, "/metrics has no weir_ series"
assert metrics.endswith("# EOF\n"), "/metrics does not end as OpenMetrics does"
def gauge(name, key):
    found = re.findall(rf'^{name}{{[^}}]*key="{key}"[^}}]*}} (\d+)$', metrics, re.MULTILINE)
    assert len(found) == 1, f"{name} of key {key} in /metrics: {found}"
    return int(found[0])

for key, least in (("protocol", 2), ("ip", 10)):
    keys, budget = gauge("weir_query_keys", key), gauge("weir_query_key_budget", key)
    assert least <= keys <= budget == 1048576, f"{keys} keys of {key}, budget {budget}"
    state = [gauge(f"weir_query_{g}", key) for g in ("approximate", "error_bytes")]
    assert state == [0, 0], f"approximate, error of {key} within the budget: {state}"
stats = ask.rpc(port, "stats.get")
assert stats["ledger"]["residual"] == 0 < stats["ledger"]["received"], stats["ledger"]
parameters = ask.rpc(port, "processor.get")
assert [parameters[p] for p in "HTkX"] == [10, 10, 10, 2], parameters
for method in ("system.info", "ports.list", "generator.get"):
    assert ask.rpc(port, method), method
rest = json.loads(ask.fetch(port, "/api/v1/results/latest?query=ip-topk")[1])
assert rest["query"] == "ip-topk", rest
try:
    ask.rpc(port, "results.latest", {"query": "no-such"})
    raise SystemExit("results.latest of a query that there is not")
except ask.RpcError as e:
    assert json.loads(str(e))["data"]["field"] == "query", e
EOF

weir_wait 30
equal "$STATUS" 0 "exit status"
ledger_check "$TMP/report.json"
equal "$(json "$TMP/report.json" 'd["ledger"]["received"] > 1000000')" true \
	"more than a million packets ($(json "$TMP/report.json" 'd["ledger"]["received"]'))"

# The store: whole, and with results of every query, whatever its tables look like.
python3 - "$TMP/weir.db" $QUERIES <<'EOF' || fail "store"
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity_check"
rows = []
for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
    rows += db.execute(f'SELECT * FROM "{table}"').fetchall()
text = [" ".join(str(v) for v in row) for row in rows]
for query in sys.argv[2:]:
    found = sum(query in t for t in text)
    assert found >= 3, f"{found} stored results of {query} after 5 s"
EOF
passed "$(json "$TMP/report.json" 'd["ledger"]["received"]') packets"
