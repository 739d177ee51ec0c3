#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# SIGINT and SIGTERM end a run in order: report written, ledger closed, exit 0. SIGHUP of a run without
# any file that it could read again says so, and ends nothing.
. "$(dirname "$0")/../lib/weirtest.sh"

for signal in INT TERM; do
	report="$TMP/report-$signal.json"
	weir_start --demo --store none --report "$report" --flows "$TMP/flows"
	sleep 1
	before=$(rpc stats.get)
	weir_stop "$signal"
	ledger_check "$report"
	echo "$before" >"$TMP/before"
	equal "$(json "$report" "d['ledger']['received'] >=
		$(json "$TMP/before" 'd["ledger"]["received"]') > 0")" true "received after SIG$signal"
	# Flows that were alive are flushed into records, so created ones have all ended.
	equal "$(json "$report" 'd["flows"]["created"] == sum(d["flows"]["ended"].values()) > 0')" \
		true "flows ended after SIG$signal"
	equal "$(wc -l <"$TMP/flows")" "$(json "$report" 'd["flows"]["created"]')" \
		"flow records after SIG$signal (report: $(json "$report" 'd["flows"]'))"
done

weir_start --demo --store none --duration 60
kill -HUP "$WEIR_PID"
for _ in $(seq 50); do
	grep -q "nothing to reload" "$TMP/stderr" && break
	sleep 0.1
done
grep -q "nothing to reload: there is no --config, --users or --tls-cert" "$TMP/stderr" || fail "SIGHUP is not answered"
rpc stats.get >"$TMP/after" || fail "no answer after SIGHUP"
weir_stop TERM

# A second signal while ending, and one before there is anything to report, must not crash.
weir_start --demo --store none --report "$TMP/report-twice.json"
kill -TERM "$WEIR_PID"
kill -TERM "$WEIR_PID" 2>/dev/null
weir_wait 20
[ "$STATUS" -eq 0 ] || [ "$STATUS" -eq 143 ] || fail "exit status $STATUS after two SIGTERM"
passed
