#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# kill -9: the store stays whole and holds every result that was older than a second.
. "$(dirname "$0")/../lib/weirtest.sh"

weir_start --demo --store "sqlite:$TMP/weir.db"
sleep 3.5
latest ip-topk "$TMP/latest"
last=$(json "$TMP/latest" 'd["window"]["end_us"]')
sleep 1.2
kill -9 "$WEIR_PID"
weir_wait 10
equal "$STATUS" 137 "status after kill -9"
[ -s "$TMP/weir.db" ] || fail "no store"

weir_start --demo --store "sqlite:$TMP/weir.db" --report "$TMP/report.json"
ask rpc "$PORT" results.list "{\"query\": \"ip-topk\", \"to_us\": $((last + 1)), \"limit\": 1000}" \
	>"$TMP/list" || fail "results.list"
# An array, or an object that holds it.
results='(d if isinstance(d, list) else d["results"])'
equal "$(json "$TMP/list" "max([r['window']['end_us'] for r in $results] or [0])")" "$last" \
	"end of the last window that was a second old"
equal "$(json "$TMP/list" "len($results) >= 3")" true "results from before"
equal "$(json "$TMP/list" "(lambda e: e == list(range(max(e), min(e) - 1, -1000000)))(
	[r['window']['end_us'] for r in $results])")" true "a result for every second, newest first"
weir_stop INT
ledger_check "$TMP/report.json"
passed
