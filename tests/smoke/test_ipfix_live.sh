#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# --ipfix on live input, with collectors that are not there: nothing is held up, each record is
# counted as sent or as lost, and the run ends in time.
. "$(dirname "$0")/../lib/weirtest.sh"

FLOWS=2000
UDP=$(ask port)
TCP=$(ask port)
cat >"$TMP/config.json" <<EOF
{"ipfix": {"collectors": ["udp:127.0.0.1:$UDP", "tcp:127.0.0.1:$TCP"], "template_interval_s": 1},
 "flow": {"idle_timeout_s": 1},
 "generator": {"rate_pps": 20000, "flows": $FLOWS, "packets": 40000,
  "addresses": {"net4": "10.0.0.0/16", "count": 500}, "protocols": ["HTTPS", "DNS"]}}
EOF
weir_start --demo --config "$TMP/config.json" --store none --report "$TMP/report.json"
for _ in $(seq 200); do
	rpc stats.get >"$TMP/stats"
	[ "$(json "$TMP/stats" 'd["ipfix"][0]["records"] > 0')" = true ] && break
	sleep 0.1
done
equal "$(json "$TMP/stats" '[[x["collector"], x["state"], x["error"]] for x in d["ipfix"]]')" \
	"[[\"udp:127.0.0.1:$UDP\", \"refused\", \"Connection refused\"], [\"tcp:127.0.0.1:$TCP\", \"down\", \"Connection refused\"]]" \
	"states"
$PREFIX curl -s "http://127.0.0.1:$PORT/metrics" >"$TMP/metrics"
for name in records messages lost_records connections; do
	grep -q "^weir_ipfix_${name}_total{collector=\"tcp:127.0.0.1:$TCP\"} " "$TMP/metrics" ||
		fail "no weir_ipfix_$name in /metrics"
done
kill -INT "$WEIR_PID"
weir_wait 20
equal "$STATUS" 0 "exit status: on live input a dead collector is not Weir's failure"
ledger_check "$TMP/report.json"
equal "$(json "$TMP/report.json" '[[x["records"] == d["flows"]["created"], x["lost"]] for x in d["ipfix"][:1]]')" \
	'[[true, 0]]' "sent by UDP"
equal "$(json "$TMP/report.json" 'd["ipfix"][1]["lost"] == d["flows"]["created"] and d["ipfix"][1]["records"] == 0')" \
	true "lost by TCP"
passed "$(json "$TMP/report.json" 'd["flows"]["created"]') records"
