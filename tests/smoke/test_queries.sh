#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Queries come, go, pause and change at random while the demo runs: no packet is lost by it, each
# change takes effect within two slides (seen by the windows of results), and what filters say of flows that began before them adds up.
. "$(dirname "$0")/../lib/weirtest.sh"

CHANGES=1000
PANE_MS=250  # and the slide of every query

cat >"$TMP/config.json" <<JSON
{"pane_ms": $PANE_MS, "local_networks": ["53.215.218.0/24"],
 "queries": [{"name": "all", "key": "total", "op": {"type": "topk", "k": 1}, "window_s": 1},
             {"name": "quiet", "key": "total", "op": {"type": "limit", "min": 1}, "window_s": 1}]}
JSON
# A full ring (8192 packets) is 0.2 s: longer than a CPU that is shared keeps a lcore waiting.
echo 'set generator rate 40kpps' >"$TMP/commands"
weir_start --demo --config "$TMP/config.json" --store none --report "$TMP/report.json" \
	--results "$TMP/results" --cmdline-file "$TMP/commands"
python3 - "$TESTS/lib" "$PORT" $CHANGES "$TMP/results" $PANE_MS "$TMP/changes" <<'PY' || fail "queries did not do as they should"
import json, random, sys, time
sys.path.insert(0, sys.argv[1])
import ask
port, rng, results = sys.argv[2], random.Random(4), sys.argv[4]
FILTERS = [None, None, "tcp", "udp port 53", "dst port 443", "net 53.215.218.0/24", "greater 500",
           "tcp[tcpflags] & tcp-syn != 0"]
KEYS = ["ip", "src_ip", "dst_port", "ip_pair", "protocol", "subnet", "flow", "total", "vlan"]
slide = int(sys.argv[5]) / 1000
there, paused, last, changes = {}, set(), {}, []


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


def query(name, i):
    """One that is told from all others by its op."""
    q = {"name": name, "key": rng.choice(KEYS), "metric": rng.choice(["bytes", "packets", "flows"]),
         "op": rng.choice([{"type": "topk", "k": i + 1}, {"type": "share", "percent": 2 + i / 16},
                           {"type": "outlier", "x": 3 + i / 8, "method": "mad"}]),
         "window_s": rng.choice([1, 5, 10, None]), "slide_s": slide,
         "scope": rng.choice(["all", "external", "in", "out", "internal"])}
    text = rng.choice(FILTERS)
    return q | ({"filter": text} if text else {})


def change(name, i):
    """Ask for it; -> what results of this name must have as op from now on, None if there are none."""
    if name not in there:
        there[name] = query(name, i)
        answer = ask.rpc(port, "query.add", there[name])
        assert all(answer[k] == v for k, v in there[name].items()), (answer, there[name])
    elif rng.random() < 0.3:
        ask.rpc(port, "query.remove", {"name": name})
        del there[name]
        paused.discard(name)
    elif name in paused or rng.random() < 0.3:
        ask.rpc(port, "query.resume" if name in paused else "query.pause", {"name": name})
        paused.symmetric_difference_update([name])
    else:
        there[name] = query(name, i)
        there[name].setdefault("filter", "")
        ask.rpc(port, "query.update", there[name])
    return there[name]["op"] if name in there and name not in paused else None


# Each name rests for three slides, so that every change can be seen before the next one.
began = time.monotonic()
for i in range(int(sys.argv[3])):
    while not (rested := [n for n in (f"q{n}" for n in range(50))
                          if time.monotonic() - last.get(n, 0) > 3 * slide]):
        time.sleep(slide / 10)
    name = rng.choice(rested)
    asked = time.time_ns() // 1000
    op = change(name, i)
    changes.append({"name": name, "op": op, "asked_us": asked, "done_us": time.time_ns() // 1000})
    last[name] = time.monotonic()
    time.sleep(max(0, began + (i + 1) * 0.02 - time.monotonic()))
time.sleep(4 * slide)
json.dump(changes, open(sys.argv[6], "w", encoding="utf-8"))
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
assert preview["exact"] and preview["rows"][0]["value"] > 20000, preview
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
equal "$(json "$TMP/report.json" 'd["ledger"]["residual"]')" 0 residual
equal "$(json "$TMP/report.json" 'd["ledger"]["nic"]["missed"] + d["ledger"]["nic"]["nombuf"]')" 0 \
	"missed and nombuf"
python3 - "$TMP/results" "$TMP/changes" $PANE_MS <<'PY' || fail "the results do not add up"
import collections, json, sys
windows, alerts, seqs = collections.defaultdict(dict), [], []
ops, slide_us = collections.defaultdict(list), int(sys.argv[3]) * 1000
for line in open(sys.argv[1], encoding="utf-8"):
    d = json.loads(line)
    if d["type"] == "alert":
        alerts.append((d["query"], d["key"], d["state"], d["value"]))
        continue
    ops[d["query"]].append((d["window"]["end_us"], d["op"]))
    if d["query"] in ("all", "tcp", "rest") and d["exact"]:
        windows[d["window"]["end_us"]][d["query"]] = d["total"]
    if d["query"] == "ip-topk":
        seqs.append(d["seq"])
# A change is in effect in every window that ends two slides after it or later: such a window may only be
# answered by what this change, or one after it, made of the query, and by the end of the second slide
# there is a result of it. The merge lcore may be late, so results may also be of a later change than
# their window is; each op belongs to one change, and to resuming what it made.
changes = json.load(open(sys.argv[2], encoding="utf-8"))
names = collections.defaultdict(list)
for c in changes:
    names[c["name"]].append(c | {"due_us": c["done_us"] + 2 * slide_us})
for name, of in names.items():
    for end_us, op in ops[name]:
        last = max((i for i, c in enumerate(of) if c["due_us"] < end_us), default=0)
        assert op in [c["op"] for c in of[last:]], (name, end_us, op, of[last:])
    for before, c in zip([None] + of, of):
        resumed = before and before["op"] is None
        since = before["due_us"] if resumed else 0
        assert c["op"] is None or any(since < end_us <= c["due_us"] and op == c["op"]
                                      for end_us, op in ops[name]), (c, since)
assert len(changes) >= 1000, len(changes)
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
