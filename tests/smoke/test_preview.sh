#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# query.preview while the demo runs, of keys and filters that no query has: with retain_mib its totals are
# those of the built-in queries over the same window, parts add up, and what cannot be answered is refused;
# without, as by default, there is no log and the answer says what to set.
. "$(dirname "$0")/../lib/weirtest.sh"

echo 'set generator rate 20kpps' >"$TMP/commands"
echo '{"retain_mib": 64}' >"$TMP/weir.json"
weir_start --demo --config "$TMP/weir.json" --store none --report "$TMP/report.json" --cmdline-file "$TMP/commands"
python3 - "$TESTS/lib" "$PORT" <<'PY' || fail "previews did not do as they should"
import sys, time
sys.path.insert(0, sys.argv[1])
import ask
port = sys.argv[2]
TOPK = {"type": "topk", "k": 1000}


def preview(**query):
    return ask.rpc(port, "query.preview", {"op": TOPK, "window_s": 10, **query})


def of_one_window(*asks):
    """Answers over the same window, which takes asking again when a slide came between."""
    for _ in range(20):
        answers = [a() for a in asks]
        if len({a["window"]["end_us"] for a in answers}) == 1:
            return answers
        time.sleep(0.2)
    raise AssertionError("never the same window")


time.sleep(4)
built_in, ports, pairs = of_one_window(
    lambda: ask.rpc(port, "results.latest", {"query": "ip-topk"}),
    lambda: preview(key="src_port"), lambda: preview(key="ip_pair", metric="packets"))
assert ports["total"] == pairs["total"] == built_in["total"], (built_in, ports, pairs)
assert ports["exact"] and ports["seq"] == 0 and ports["rows"] and ports["total"]["packets"] > 10000, ports
assert ports["retained_from_us"] > ports["window"]["start_us"], "the run is younger than the window"
tcp, others, total = of_one_window(*[lambda f=f: preview(key="total", **f) for f in (
    {"filter": "tcp"}, {"filter": "not tcp"}, {})])
for metric in total["total"]:
    assert 0 < tcp["total"][metric] < total["total"][metric], (metric, tcp, total)
    assert tcp["total"][metric] + others["total"][metric] == total["total"][metric], metric
try:
    raise AssertionError(preview(key="src_ip", metric="peers"))
except ask.RpcError as e:
    assert "add the query" in str(e), e
retained = ask.rpc(port, "stats.get")["queries"]["retained"]
assert 0 < retained["bytes"] <= retained["bytes_max"] == 64 << 20, retained
PY
weir_stop INT

weir_start --demo --store none
python3 - "$TESTS/lib" "$PORT" <<'PY' || fail "without retain_mib"
import sys, time
sys.path.insert(0, sys.argv[1])
import ask
port = sys.argv[2]
TOPK = {"type": "topk", "k": 3}
time.sleep(2)
try:
    raise AssertionError(ask.rpc(port, "query.preview", {"key": "src_port", "op": TOPK, "window_s": 10}))
except ask.RpcError as e:
    assert "retain_mib" in str(e), e
assert ask.rpc(port, "query.preview", {"key": "ip", "op": TOPK, "window_s": 10})["rows"], "a built-in query's key"
retained = ask.rpc(port, "stats.get")["queries"]["retained"]
assert retained["bytes"] == retained["bytes_max"] == 0, retained
PY
weir_stop INT
echo passed
