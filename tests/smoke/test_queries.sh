#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Queries come, go, pause and change at random while the demo runs: no packet is lost by it, each
# change takes effect within two slides, and what filters say of flows that began before them adds up.
. "$(dirname "$0")/../lib/weirtest.sh"

CHANGES=300

cat >"$TMP/config.json" <<'JSON'
{"local_networks": ["53.215.218.0/24"],
 "queries": [{"name": "all", "key": "total", "op": {"type": "topk", "k": 1}, "window_s": 1},
             {"name": "quiet", "key": "total", "op": {"type": "limit", "min": 1}, "window_s": 1}]}
JSON
echo 'set generator rate 100kpps' >"$TMP/commands"
weir_start --demo --config "$TMP/config.json" --store none --report "$TMP/report.json" \
	--results "$TMP/results" --cmdline-file "$TMP/commands"
python3 - "$TESTS/lib" "$PORT" $CHANGES "$TMP/results" <<'PY' || fail "queries did not do as they should"
import json, random, sys, time
sys.path.insert(0, sys.argv[1])
import ask
port, rng, results = sys.argv[2], random.Random(4), sys.argv[4]
FILTERS = [None, None, "tcp", "udp port 53", "dst port 443", "net 53.215.218.0/24", "greater 500",
           "tcp[tcpflags] & tcp-syn != 0"]
KEYS = ["ip", "src_ip", "dst_port", "ip_pair", "protocol", "subnet", "flow", "total", "vlan"]
there, asked = {}, 0


def latest(name):
    try:
        return ask.rpc(port, "results.latest", {"query": name})
    except ask.RpcError as e:
        assert "no result yet" in str(e), e
        return None


def within(seconds, condition, what):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def query(name):
    q = {"name": name, "key": rng.choice(KEYS), "metric": rng.choice(["bytes", "packets", "flows"]),
         "op": rng.choice([{"type": "topk", "k": 5}, {"type": "share", "percent": 2},
                           {"type": "outlier", "x": 3, "method": "mad"}]),
         "window_s": rng.choice([1, 5, 10, None]), "slide_s": 1,
         "scope": rng.choice(["all", "external", "in", "out", "internal"])}
    text = rng.choice(FILTERS)
    return q | ({"filter": text} if text else {})


for i in range(int(sys.argv[3])):
    name = f"q{rng.randrange(12)}"
    if name not in there:
        there[name] = query(name)
        answer = ask.rpc(port, "query.add", there[name])
        assert all(answer[k] == v for k, v in there[name].items()), (answer, there[name])
    elif rng.random() < 0.3:
        ask.rpc(port, "query.remove", {"name": name})
        del there[name]
    elif rng.random() < 0.5:
        there[name] = query(name)
        there[name].setdefault("filter", "")
        ask.rpc(port, "query.update", there[name])
    else:
        ask.rpc(port, rng.choice(["query.pause", "query.resume"]), {"name": name})
listed = {q["name"] for q in ask.rpc(port, "query.list")}
assert set(there) <= listed and len(listed) == len(there) + 8, listed
for name in there:
    ask.rpc(port, "query.remove", {"name": name})

# Flows are older than these filters, and no packet is of both or of neither.
for name, text in (("tcp", "tcp"), ("rest", "not tcp")):
    ask.rpc(port, "query.add", {"name": name, "key": "total", "filter": text, "window_s": 1,
                                "op": {"type": "topk", "k": 1}})
# A slide is a second long; a third one is for a machine that has other things to do.
within(3.5, lambda: (latest("tcp") or {}).get("exact"), "no exact result of a new filter")
ask.rpc(port, "query.update", {"name": "tcp", "op": {"type": "topk", "k": 3}})
within(3, lambda: latest("tcp")["op"]["k"] == 3, "an update did not take effect")
preview = ask.rpc(port, "query.preview", {"key": "total", "metric": "packets", "window_s": 2,
                                          "op": {"type": "topk", "k": 1}})
assert preview["exact"] and preview["rows"][0]["value"] > 50000, preview
try:
    ask.rpc(port, "query.add", {"name": "bad", "key": "ipp", "op": {"type": "topk"}, "filter": "port port"})
except ask.RpcError as e:
    faults = json.loads(str(e))["data"]["errors"]
    assert [f["field"] for f in faults] == ["key", "op.k"], faults
else:
    raise SystemExit("a bad query was taken")
ask.rpc(port, "query.pause", {"name": "rest"})
time.sleep(1.5)
paused = latest("rest")
time.sleep(2)
assert latest("rest") == paused, "a paused query gives results"
ask.rpc(port, "query.resume", {"name": "rest"})
within(3, lambda: latest("rest") != paused, "a resumed query gives none")
assert latest("rest")["exact"], "a resumed query has missed something"
ask.rpc(port, "generator.stop")
time.sleep(3)
ask.rpc(port, "generator.start")
time.sleep(2)
PY
weir_stop INT
ledger_check "$TMP/report.json"
equal "$(json "$TMP/report.json" '(d["ledger"]["nic"]["missed"] + d["ledger"]["nic"]["nombuf"]) *
	1000 < d["ledger"]["offered"]')" true "missed and nombuf below 0.1 percent"
python3 - "$TMP/results" <<'PY' || fail "the results do not add up"
import collections, json, sys
windows, alerts, seqs = collections.defaultdict(dict), [], []
for line in open(sys.argv[1], encoding="utf-8"):
    d = json.loads(line)
    if d["type"] == "alert":
        alerts.append((d["query"], d["key"], d["state"], d["value"]))
        continue
    if d["query"] in ("all", "tcp", "rest") and d["exact"]:
        windows[d["window"]["end_us"]][d["query"]] = d["total"]
    if d["query"] == "ip-topk":
        seqs.append(d["seq"])
compared = [w for w in windows.values() if len(w) == 3]
for w in compared:
    for metric in ("bytes", "packets", "flows"):
        assert w["tcp"][metric] + w["rest"][metric] == w["all"][metric], w
assert len(compared) >= 4 and sum(w["tcp"]["bytes"] > 0 for w in compared) >= 3, compared
assert seqs == list(range(1, len(seqs) + 1)), "results of a query that stayed are missing"
raised = [a[:3] for a in alerts if a[0] == "quiet"]
assert ("quiet", "total", "raised") in raised and ("quiet", "total", "cleared") in raised, alerts
PY
passed
