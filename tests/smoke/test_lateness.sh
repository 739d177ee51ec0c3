#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# 50,000 flows idle out within a moment and no packet comes any more: the clock alone ends all of
# them, soon after their deadlines, and stats.get, /metrics and the report say how soon.
. "$(dirname "$0")/../lib/weirtest.sh"

P99_MAX_US=250000  # 9 ms where nobody else wants the CPUs

# So fast that all flows are seen, and seen last, within a second.
echo '{"generator": {"rate_pps": 400000, "seed": 3, "flows": 50000, "packets": 400000,
	"addresses": {"net4": "10.0.0.0/16", "count": 5000},
	"protocols": ["DNS", "HTTPS"]}}' >"$TMP/config.json"
weir_start --demo --config "$TMP/config.json" --flow-idle-timeout 2 --flow-active-timeout 0 \
	--flow-tcp-end off --store none --report "$TMP/report.json"
python3 - "$TESTS/lib" "$PORT" $P99_MAX_US <<'EOS' || fail "while it ran"
import sys, time
sys.path.insert(0, sys.argv[1])
import ask
port, p99_max_us = sys.argv[2], int(sys.argv[3])
for _ in range(100):
    stats = ask.rpc(port, "stats.get")
    created, active = stats["flows"]["created"], stats["flows"]["active"]
    if created > 10000 and active == 0:
        break
    time.sleep(0.2)
assert active == 0 < created, f"{active} of {created} flows are left without packets"
late = stats["workers"][0]["lateness_us"]
assert late["count"] == stats["flows"]["ended"]["idle"] == created, (late, stats["flows"])
assert late["p50"] <= late["p99"] <= late["max"], late
assert late["p99"] <= p99_max_us, f"flows end late: {late}"
metrics = dict(line.rsplit(" ", 1) for line in ask.fetch(port, "/metrics")[1].splitlines()
               if not line.startswith("#"))
for name, value in (('weir_flow_lateness_seconds{worker="0",quantile="0.99"}', late["p99"] / 1e6),
                    ('weir_flow_lateness_seconds_count{worker="0"}', late["count"]),
                    ('weir_flow_lateness_max_seconds{worker="0"}', late["max"] / 1e6)):
    assert abs(float(metrics[name]) - value) < 1e-6, f"{name}: {metrics[name]}, not {value}"
EOS
weir_stop INT
ledger_check "$TMP/report.json"
passed "$(json "$TMP/report.json" 'd["workers"][0]["lateness_us"]')"
