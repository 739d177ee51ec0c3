#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# The configuration of a running demo: shown, changed as a whole or not at all, rolled back, reloaded,
# saved, kept over a crash; and changed many times in a row without losing a packet.
# CONFIG_CHANGES: how many (200).
. "$(dirname "$0")/../lib/weirtest.sh"

CHANGES=${CONFIG_CHANGES:-200}
cat >"$TMP/weir.json" <<'JSON'
{
	"parameters": {"k": 7},
	"queries": [{"name": "web", "key": "dst_ip", "filter": "dst port 443", "op": {"type": "topk", "k": 3}}],
	"push": "mongodb://user:secret@127.0.0.1:1/d?serverSelectionTimeoutMS=100"
}
JSON
echo 'set generator rate 100kpps' >"$TMP/commands"
start() {
	weir_start --demo --config "$TMP/weir.json" --store "sqlite:$TMP/w.db" --workers 1 \
		--flow-capacity 65536 --report "$TMP/report.json" "$@"
}
start --cmdline-file "$TMP/commands"
python3 - "$TESTS/lib" "$PORT" "$CHANGES" "$TMP/weir.json" "$WEIR_PID" <<'EOF_PY' || fail "see above"
import json, os, signal, sys, time
sys.path.insert(0, sys.argv[1])
import ask
port, changes, file, pid = sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])

def get(**params):
    return ask.rpc(port, "config.get", params)

def set_(config, **params):
    return ask.rpc(port, "config.set", {"config": config, **params})

def refused(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ask.RpcError as e:
        return json.loads(str(e))
    raise SystemExit(f"taken: {args} {kwargs}")

def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise SystemExit(f"not within {seconds} s: {what}")

until(lambda: get()["generator"]["rate_pps"] == 100000, 10, "the rate of the console command")
start = get()
assert start["parameters"] == {"H": 10, "T": 10, "k": 7, "X": 2}, start["parameters"]
assert [q["name"] for q in start["queries"]] == ["web"], start["queries"]
assert start["flow"]["capacity"] == 65536 and start["workers"] == 1, "options are not in it"
assert "secret" not in json.dumps(start) and ":***@" in start["push"], start["push"]

# What it shows is taken back without a change, as a whole and as a part.
for replace in (False, True):
    same = set_(start, replace=replace)
    assert same["changes"] == [] and same["restart"] == [], same
assert get() == start

# Changes by other methods are in it.
ask.rpc(port, "query.add", {"name": "extra", "key": "vlan", "op": {"type": "topk", "k": 2}})
ask.rpc(port, "query.remove", {"name": "ip-share"})
ask.rpc(port, "query.pause", {"name": "ip-topk"})
ask.rpc(port, "processor.set", {"T": 5})
now = get()
assert {q["name"] for q in now["queries"]} == {"web", "extra", "ip-topk"}, now["queries"]
assert "ip-share" not in now["builtin_queries"] and now["parameters"]["T"] == 5
back = ask.rpc(port, "config.set", {"config": start, "replace": True})
assert {c["field"] for c in back["changes"]} == {"queries", "builtin_queries", "parameters.T"}, back
names = [q["name"] for q in ask.rpc(port, "query.list")]
assert "ip-share" in names and "extra" not in names and get() == start, names

# Wrong in three places: three errors, and nothing has changed.
bad = {"parameters": {"k": 0, "H": 20}, "flow": {"capacity": "x"}, "nothing": 1}
error = refused(set_, bad)
assert [e["field"] for e in error["data"]["errors"]] == ["parameters.k", "flow.capacity", "nothing"], error
bad = {"parameters": {"H": 20}, "generator": {"seed": -1}, "store": "x:y",
       "queries": [{"name": "a", "key": "nokey", "op": {"type": "topk", "k": 1}}]}
error = refused(set_, bad)
assert {e["field"] for e in error["data"]["errors"]} == {"generator.seed", "store", "queries[0].key"}, error
assert get() == start, "a refused change has left something"

# What is opened or run on this machine is for the file only.
for field, value in (("store", "sqlite:/etc/passwd"), ("geoip", ["/etc/shadow"]),
                     ("limits.file", "/etc/shadow"), ("on_alert.command", ["/bin/sh"]),
                     ("generator.replay", {"pcap": "/etc/shadow", "pace": "asap"})):  # not even known
    section, _, name = field.partition(".")
    error = refused(set_, {section: {name: value} if name else value})
    assert [e["field"] for e in error["data"]["errors"]] == [field], error
    assert field == "generator.replay" or "in the file of --config only" in error["message"], error
assert get() == start

# A dry run shows and does nothing; what waits for a restart is named and shown on request.
plan = {"parameters": {"k": 9}, "flow": {"idle_timeout_s": 1.5, "capacity": 131072}}
dry = set_(plan, dry_run=True)
assert not dry["applied"] and dry["restart"] == ["flow.capacity"], dry
assert {"field": "parameters.k", "from": 7, "to": 9, "restart": False} in dry["changes"], dry
assert get() == start
assert set_(plan)["applied"]
now, next_ = get(), get(waiting=True)
assert now["parameters"]["k"] == 9 and now["flow"]["idle_timeout_s"] == 1.5
assert now["flow"]["capacity"] == 65536 and next_["flow"]["capacity"] == 131072
assert ask.rpc(port, "processor.get")["k"] == 9
ask.rpc(port, "config.rollback")
assert get(waiting=True) == start
refused(ask.rpc, port, "config.rollback")
set_({"parameters": {"k": 9}})
assert set_({"parameters": {"k": None}})["changes"] == [
    {"field": "parameters.k", "from": 9, "to": 10, "restart": False}]
set_(start)

# What has waited for the next start and does so no more is told, too.
no_more = [{"field": "pane_ms", "from": 500, "to": 1000, "restart": False}]
assert set_({"pane_ms": 500})["restart"] == ["pane_ms"]
assert ask.rpc(port, "config.rollback")["changes"] == no_more
set_({"pane_ms": 500})
assert set_({"pane_ms": 1000})["changes"] == no_more and set_({"pane_ms": 1000})["changes"] == []

# Without a confirmation it is rolled back, on time.
begun = time.monotonic()
assert set_({"parameters": {"k": 3}, "generator": {"size": {"type": "imix"}}}, confirm_s=1)["confirm_s"] == 1
assert get()["parameters"]["k"] == 3 and get()["generator"]["size"] == {"type": "imix"}
refused(set_, {"parameters": {"k": 4}})
for method in ("config.save", "generator.calibrate"):  # neither of what may be gone soon
    error = refused(ask.rpc, port, method)
    assert "waits for config.confirm" in error["message"], error
until(lambda: get()["parameters"]["k"] == 7, 3, "rollback")
late = time.monotonic() - begun - 1
assert 0 <= late < 0.7, f"rolled back {late:.2f} s late"
assert get() == start
set_({"parameters": {"k": 3}}, confirm_s=0.5)
ask.rpc(port, "config.confirm")
time.sleep(0.8)
assert get()["parameters"]["k"] == 3
refused(ask.rpc, port, "config.confirm")

# Each change was good when it was made; the next start would refuse what they come to.
set_({"pane_ms": 2500, "queries": [], "parameters": {"T": 5}})
ask.rpc(port, "processor.set", {"T": 7})
with open(file) as f:
    kept = f.read()
error = refused(ask.rpc, port, "config.save")
assert error["data"]["errors"][0]["field"] == "pane_ms", error
with open(file) as f:
    assert f.read() == kept, "a refused save has written"
ask.rpc(port, "config.set", {"config": {**start, "parameters": {"k": 3}}, "replace": True})

# SIGHUP reads the file again; the command line still wins; a bad file changes nothing.
with open(file, "w") as f:
    json.dump({"parameters": {"k": 11}, "flow": {"capacity": 1048576},
               "push": "mongodb://user:secret@127.0.0.1:1/d?serverSelectionTimeoutMS=100"}, f)
os.kill(pid, signal.SIGHUP)
until(lambda: get()["parameters"]["k"] == 11, 5, "reload")
assert get(waiting=True)["flow"]["capacity"] == 65536, "the command line did not win"
with open(file, "w") as f:
    f.write('{"parameters": {"k": 12},\n"flow": {"capacity": 1}}')
os.kill(pid, signal.SIGHUP)
time.sleep(0.5)
assert get()["parameters"]["k"] == 11
ask.rpc(port, "config.save")
with open(file) as f:
    saved = json.load(f)
assert saved["parameters"]["k"] == 11, saved

# Many changes in a row.
set_({"generator": {"rate_pps": 20000}})
time.sleep(0.5)
missed = ask.rpc(port, "stats.get")["ledger"]["nic"]["missed"]
begun = time.monotonic()
for i in range(changes):
    answer = set_({"parameters": {"k": 1 + i % 50, "T": 1 + i % 5}, "flow": {"idle_timeout_s": 1 + i % 7},
                   "queries": [] if i % 3 else start["queries"]})
    assert answer["applied"] and answer["restart"] == [], answer
took = time.monotonic() - begun
ledger = ask.rpc(port, "stats.get")["ledger"]
missed = ledger["nic"]["missed"] - missed
print(f"{changes} config.set in {took:.1f} s: residual {ledger['residual']}, "
      f"missed {missed}, received {ledger['received']}")
assert ledger["residual"] == 0 and missed == 0, f"missed {missed}"
set_({"parameters": {"k": 42}, "queries": []})
time.sleep(2.5)  # the state file is written at most once a second
EOF_PY
grep -q "not reloaded: $TMP/weir.json:2: flow.capacity" "$TMP/stderr" || fail "the bad file's line is not told"
[ -s "$TMP/w.db.config.json" ] || fail "there is no state file"
[ "$(stat -c %a "$TMP/w.db.config.json")" = 600 ] || fail "others can read the state file"

# A crash: the next run goes on with what was there. After an orderly end it begins with the file.
kill -9 "$WEIR_PID"
weir_wait 10
start
equal "$(ask rpc "$PORT" config.get | python3 -c 'import json,sys; print(json.load(sys.stdin)["parameters"]["k"])')" \
	42 "parameters.k after a crash"
grep -q "did not end in order" "$TMP/stderr" || fail "recovery is not told"
weir_stop INT
[ ! -e "$TMP/w.db.config.json" ] || fail "the state file outlives an orderly end"
start
equal "$(ask rpc "$PORT" config.get | python3 -c 'import json,sys; print(json.load(sys.stdin)["parameters"]["k"])')" \
	11 "parameters.k after an orderly end"
weir_stop INT
ledger_check "$TMP/report.json"
passed
