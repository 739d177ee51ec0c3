#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Parameters and traffic change many times while the demo runs, and no packet is lost by it.
. "$(dirname "$0")/../lib/weirtest.sh"

CHANGES=60

# Slow from the start, so that what else runs on the machine is not what loses packets.
echo 'set generator rate 100kpps' >"$TMP/commands"
weir_start --demo --store none --report "$TMP/report.json" --cmdline-file "$TMP/commands"
python3 - "$TESTS/lib" "$PORT" $CHANGES <<'EOF' || fail "a change was refused"
import random, sys, time
sys.path.insert(0, sys.argv[1])
import ask
port, rng = sys.argv[2], random.Random(3)
for i in range(int(sys.argv[3])):
    want = {"H": rng.choice([1, 5, 10.5, 50]), "T": rng.randint(1, 20), "k": rng.randint(1, 50),
            "X": rng.choice([0.5, 1, 2, 3.5])}
    got = ask.rpc(port, "processor.set", want)
    assert all(got[name] == value for name, value in want.items()), f"{want} gave {got}"
    ask.rpc(port, "generator.set", {
        "rate_pps": rng.choice([50000, 100000, 150000]),
        "size": rng.choice([{"type": "fixed", "bytes": 64}, {"type": "imix"},
                            {"type": "uniform", "min": 64, "max": 1518}])})
    if i % 15 == 7:
        ask.rpc(port, "processor.stop")
        ask.rpc(port, "generator.stop")
        time.sleep(0.1)
        ask.rpc(port, "generator.start")
        ask.rpc(port, "processor.start")
    if i % 20 == 0:
        for method, bad, field in (("processor.set", {"k": 0}, "k"),
                                   ("processor.set", {"H": "x"}, "H"),
                                   ("processor.set", {"Z": 1}, "Z"),
                                   ("generator.set", {"rate_pps": -1}, "rate_pps")):
            try:
                ask.rpc(port, method, bad)
            except ask.RpcError as e:
                assert field in str(e), f"{bad} is refused without its name: {e}"
            else:
                raise SystemExit(f"{method} {bad} was taken")
    time.sleep(0.05)
ask.rpc(port, "processor.set", {"T": 3, "k": 5})
time.sleep(2.5)
result = ask.rpc(port, "results.latest", {"query": "ip-topk"})
assert len(result["rows"]) == 5 and result["op"]["k"] == 5, f"k is not 5: {result}"
assert result["window"]["end_us"] - result["window"]["start_us"] == 3000000, result["window"]
EOF
weir_stop INT
ledger_check "$TMP/report.json"
json "$TMP/report.json" '"received %d, missed %d, nombuf %d" % (d["ledger"]["received"],
	d["ledger"]["nic"]["missed"], d["ledger"]["nic"]["nombuf"])'
equal "$(json "$TMP/report.json" 'd["ledger"]["received"] > 100000')" true "packets received"
# 0.1 percent: the machine that runs the tests may do other things at the same time.
equal "$(json "$TMP/report.json" '(d["ledger"]["nic"]["missed"] + d["ledger"]["nic"]["nombuf"]) *
	1000 < d["ledger"]["offered"]')" true "missed and nombuf below 0.1 percent"
equal "$(json "$TMP/report.json" 'd["ledger"]["discarded"].get("stopped", 0) > 0')" true \
	"packets while the processor was stopped are in the ledger"
passed
