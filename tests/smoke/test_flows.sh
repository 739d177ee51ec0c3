#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# flows.list with two workers: asked many times while packets come, nothing is lost and each record is
# whole; when none come any more, the flows add up to the ledger to the byte. Orders, limits, filters
# that part the flows, filters that are refused, and the console's form.
. "$(dirname "$0")/../lib/weirtest.sh"

cat >"$TMP/weir.json" <<'EOF2'
{"flow": {"capacity": 16384, "tcp_end": false, "idle_timeout_s": 0, "active_timeout_s": 0},
 "generator": {"rate_pps": 50000, "flows": 700, "seed": 7, "popularity": {"type": "zipf", "s": 1.1},
  "addresses": {"net4": "10.0.0.0/8", "count": 300}, "protocols": ["HTTPS", "DNS", "SSH"],
  "protocol_weights": [3, 2, 1], "size": {"type": "imix"}}}
EOF2
weir_start --demo --workers 2 --config "$TMP/weir.json" --store none --report "$TMP/report.json"
python3 - "$TESTS/lib" "$PORT" <<'PY' || fail "flows.list did not do as it should"
import sys, threading, time
sys.path.insert(0, sys.argv[1])
import ask
port = sys.argv[2]


def flows(**params):
    return ask.rpc(port, "flows.list", params)


def until(what, condition):
    for _ in range(150):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(what)


def ledger():
    return ask.rpc(port, "stats.get")["ledger"]


def record_is_whole(f):
    for name in "packets", "bytes", "l3_bytes":
        assert f["fwd"][name] + f["rev"][name] == f["bidir"][name], f
    size = f["bidir"]["size"]
    assert f["end"] is None and f["fwd"]["packets"] > 0 and f["first_us"] <= f["last_us"], f
    assert abs(size["mean"] * f["bidir"]["packets"] - f["bidir"]["bytes"]) < 1e-6 * f["bidir"]["bytes"], f


until("packets", lambda: ledger()["received"] > 20000)
answers = []
askers = [threading.Thread(target=lambda i=i: answers.append(flows(limit=100 * (i + 1)))) for i in range(8)]
for t in askers:
    t.start()
for t in askers:
    t.join()
assert len(answers) == 8
for a in answers:
    assert a["shown"] == len(a["flows"]) <= a["matched"] == a["total"], a["total"]
    assert 0 <= a["taken"]["to_us"] - a["taken"]["from_us"] < 5_000_000, a["taken"]
    for f in a["flows"]:
        record_is_whole(f)
ask.rpc(port, "generator.stop")
last = [None, ledger()]


def still():
    last[:] = [last[1], ledger()]
    return last[0] == last[1]


until("the end of packets", still)
everything = flows(limit=1000)
counted = ask.rpc(port, "stats.get")
assert everything["total"] == everything["shown"] == counted["flows"]["active"] == 700, everything["total"]
for name in "packets", "bytes":
    assert everything[name] == counted["ledger"]["flow_" + name], (name, everything[name], counted["ledger"])
    assert everything[name] == sum(f["bidir"][name] for f in everything["flows"]), name
assert {f["worker"] for f in everything["flows"]} == {0, 1}

BY = {"bytes": lambda f: f["bidir"]["bytes"], "packets": lambda f: f["bidir"]["packets"],
      "last": lambda f: f["last_us"], "first": lambda f: f["first_us"],
      "duration": lambda f: f["last_us"] - f["first_us"]}
for sort, value in BY.items():
    for order in "desc", "asc":
        got = [value(f) for f in flows(sort=sort, order=order, limit=50)["flows"]]
        assert got == sorted(map(value, everything["flows"]), reverse=order == "desc")[:50], (sort, order)

for text in "tcp", "udp port 53", "host " + everything["flows"][0]["src"], "src net 10.0.0.0/9":
    yes, no = flows(filter=text, limit=1), flows(filter=f"not ({text})", limit=1)
    for name in "matched", "packets", "bytes":
        assert yes[name] + no[name] == everything["matched" if name == "matched" else name], (text, name)
first = everything["flows"][0]
one = flows(filter=f"src host {first['src']} and dst host {first['dst']} and src port {first['sport']} and "
            f"dst port {first['dport']}")
assert first in one["flows"] and one["matched"] == len(one["flows"]), one
for text, says in (("tcp port (", "syntax error"), ("tcp[13] & 2 != 0", "more than is kept"),
                   ("len > 100", "more than is kept")):
    try:
        raise AssertionError(flows(filter=text))
    except ask.RpcError as e:
        assert says in str(e) and '"field": "filter"' in str(e), e
PY
weir_stop INT
ledger_check "$TMP/report.json"
equal "$(json "$TMP/report.json" 'd["ledger"]["nic"]["missed"]')" 0 "missed"

# The console.
printf '%s\n' 'show flows' 'show flows by packets' 'show flows filter udp' \
	'show flows by duration filter tcp port 443' 'show flows filter (' >"$TMP/commands"
weir_start --demo --config "$TMP/weir.json" --store none --cmdline-file "$TMP/commands" \
	--report "$TMP/report.json"
for _ in $(seq 100); do
	grep -q "commands:5: filter: '('" "$TMP/stdout" "$TMP/stderr" && break
	sleep 0.1
done
weir_stop INT
[ "$(grep -c 'shown of .* that match, of .* flows$' "$TMP/stdout")" -eq 4 ] || fail "$(cat "$TMP/stdout")"
passed
