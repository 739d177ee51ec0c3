#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The demo for five seconds: everything that it offers answers, it ends by itself, and its report
# and its store hold what happened.
. "$(dirname "$0")/../lib/weirtest.sh"

QUERIES="protocol-share protocol-topk protocol-outlier ip-share ip-topk ip-outlier"

weir_start --demo --duration 5 --store "sqlite:$TMP/weir.db" --report "$TMP/report.json"
sleep 2.5
ask get "$PORT" / >"$TMP/panel" || fail "GET /"
grep -qi '<html' "$TMP/panel" || fail "GET / is no page"
ask get "$PORT" /metrics >"$TMP/metrics" || fail "GET /metrics"
grep -q '^weir_' "$TMP/metrics" || fail "/metrics has no weir_ series"
grep -q '^# EOF$' "$TMP/metrics" || fail "/metrics does not end as OpenMetrics does"
rpc system.info >/dev/null
rpc stats.get >"$TMP/stats"
equal "$(json "$TMP/stats" 'd["ledger"]["residual"]')" 0 "residual while running"
equal "$(json "$TMP/stats" 'd["ledger"]["received"] > 0')" true "packets while running"
rpc ports.list >"$TMP/ports"
rpc processor.get >"$TMP/processor"
equal "$(json "$TMP/processor" '[d["H"], d["T"], d["k"], d["X"]] == [10, 10, 10, 2]')" true \
	"default parameters ($(cat "$TMP/processor"))"
rpc generator.get >/dev/null
for query in $QUERIES; do
	rpc results.latest "{\"query\": \"$query\"}" >"$TMP/$query"
	equal "$(json "$TMP/$query" 'd["query"]')" "$query" "name in results.latest"
	equal "$(json "$TMP/$query" 'd["total"]["packets"] > 0')" true "$query: packets in its window"
done
for query in protocol-topk ip-topk; do
	equal "$(json "$TMP/$query" 'len(d["rows"]) == min(10, d["keys"]) > 0')" true "$query: rows"
	equal "$(json "$TMP/$query" '[r["value"] for r in d["rows"]] ==
		sorted((r["value"] for r in d["rows"]), reverse=True)')" true "$query: order of rows"
done
equal "$(json "$TMP/ip-topk" 'd["keys"] >= 10')" true "addresses in the demo"
ask get "$PORT" "/api/v1/results/latest?query=ip-topk" >"$TMP/rest" || fail "GET results/latest"
equal "$(json "$TMP/rest" 'd["query"]')" ip-topk "name in GET results/latest"
ask rpc "$PORT" results.latest '{"query": "no-such"}' 2>"$TMP/refused" &&
	fail "results.latest of a query that there is not"
grep -q '"query"' "$TMP/refused" || fail "the refusal does not name the field: $(cat "$TMP/refused")"

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
