#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# A client that subscribes to `flow` gets the records of flows as they end, in the form of --flows.
. "$(dirname "$0")/../lib/weirtest.sh"

weir_start --demo --store none --flow-active-timeout 1 --report "$TMP/report.json"
rpc generator.set '{"rate_pps": 20000, "flows": 500}' >/dev/null
python3 - "$TESTS/unit/control" "$PORT" <<'EOF' || fail "no flow records"
import json, sys, time
sys.path.insert(0, sys.argv[1])
import ws_client
ws = ws_client.WebSocket(("127.0.0.1", int(sys.argv[2])))
ws.call("subscribe", {"topics": ["flow"]})
records, end = [], time.monotonic() + 15
while len(records) < 50 and time.monotonic() < end:
    message = ws.notification()
    if message["method"] == "flow":
        records.append(message["params"])
assert len(records) >= 50, f"{len(records)} records in 15 s"
for r in records:
    assert r["type"] == "flow" and r["end"] in ("active", "idle"), r
    assert r["fwd"]["packets"] + r["rev"]["packets"] == r["bidir"]["packets"] > 0, r
    assert 0 <= r["last_us"] - r["first_us"] <= 1_100_000, r
EOF
weir_stop INT
ledger_check "$TMP/report.json"
passed
