#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The demo at a fixed rate: what it received, what was lost. RATE (1000000), SECONDS_ON (10) and
# LIMIT (0.001, the share of packets that may be lost) come from the environment.
. "$(dirname "$0")/../lib/weirtest.sh"

RATE=${RATE:-1000000}
SECONDS_ON=${SECONDS_ON:-10}
LIMIT=${LIMIT:-0.001}

weir_start --demo --store none --duration $((SECONDS_ON + 2)) --report "$TMP/report.json"
rpc generator.set "{\"rate_pps\": $RATE}" >/dev/null
sleep 1
rpc stats.get >"$TMP/from"
start=$(date +%s%N)
sleep "$((SECONDS_ON - 1))"
rpc stats.get >"$TMP/to"
end=$(date +%s%N)
weir_wait 30
equal "$STATUS" 0 "exit status"
ledger_check "$TMP/report.json"

python3 - "$TMP" "$RATE" "$LIMIT" $((end - start)) <<'EOF'
import json, sys
folder, rate, limit, ns = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
load = lambda name: json.load(open(f"{folder}/{name}"))["ledger"]
a, b, total = load("from"), load("to"), load("report.json")
pps = (b["received"] - a["received"]) / (ns / 1e9)
lost = total["nic"]["missed"] + total["nic"]["nombuf"]
share = lost / total["offered"] if total["offered"] else 1
print(f"received {total['received']:,} of {total['offered']:,} packets; "
      f"{pps:,.0f} packets per second over {ns / 1e9:.1f} s")
print(json.dumps({"rate_pps": rate, "achieved_pps": round(pps), "lost": lost,
                  "lost_share": round(share, 6), "limit": limit}))
sys.exit(0 if share < limit and pps >= 0.95 * rate else 1)
EOF
[ $? -eq 0 ] || fail "more was lost, or less was sent, than may be"
passed
