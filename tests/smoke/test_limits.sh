#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# The limits table while the demo runs: a changed file takes effect within a second, a wrong one changes
# nothing and is told, refresh_s waits; clients' rows beside it; dry runs; the console; and alerts to a
# command, which is rate limited, killed when it hangs, and gets nothing of Weir's but its JSON.
. "$(dirname "$0")/../lib/weirtest.sh"

FILE="$TMP/limits.json"
row() { # NAME MAX
	echo "[{\"limit_name\": \"$1\",
 \"source\": \"0.0.0.0/0\", \"max_bytes\": $2, \"window_s\": 1}]"
}
names() {
	rpc limits.list | python3 -c 'import json, sys
print(*[r["limit_name"] for r in json.load(sys.stdin)["limits"]])'
}
file_state() {
	rpc limits.list | python3 -c 'import json, sys
f = json.load(sys.stdin)["file"]; print(f["state"], f["fault"])'
}
# within_second WORDS WHAT: names() must become WORDS within a second from now
within_second() {
	local begun found
	begun=$(date +%s%N)
	until found=$(names); [ "$found" = "$1" ]; do
		[ $(($(date +%s%N) - begun)) -lt 1000000000 ] || fail "$2: after a second still '$found'"
		sleep 0.02
	done
}

# Wrong from the start.
wrong() { # FAULT: what follows the file's name
	"$WEIR" --demo --no-listen --store none --limits "$FILE" --duration 1 >"$TMP/out" 2>&1
	equal "$?" 2 "exit status with a wrong limits file"
	grep -qF "weir: --limits: $FILE$1" "$TMP/out" || fail "no line with '$1': $(cat "$TMP/out")"
}
wrong ": No such file"
row a -1 >"$FILE"
wrong ":2: [0].max_bytes: found -1; allowed is"
python3 -c 'import json
print(json.dumps([{"limit_name": str(i), "source": "::/0", "max_bytes": 1, "window_s": 86400}
	for i in range(100)]))' >"$FILE"
wrong ": window_s: the limits' windows are"

# Commands: one writes down what it gets and sees; with "hang" in the name of the limit it hangs.
cat >"$TMP/command" <<'SH'
#!/bin/bash
json=$(cat)
echo "$1 $(ls /proc/self/fd | wc -l) $(cut -d' ' -f5 /proc/$$/stat) $$ $json" >>"$2/alerts"
case "$json" in *hang*) sleep 1000 & echo $! >"$2/hung"; wait ;; esac
SH
chmod +x "$TMP/command"
cat >"$TMP/config.json" <<JSON
{"on_alert": {"command": ["$TMP/command", "word", "$TMP"], "per_minute": 5, "timeout_s": 0.5, "at_once": 4},
 "limits": {"file": "$FILE"}}
JSON
row first 1 >"$FILE"
echo 'set generator rate 20kpps' >"$TMP/commands"
weir_start --demo --config "$TMP/config.json" --store none --cmdline-file "$TMP/commands"
equal "$(names)" first "limits at the start"

row second 1 >"$FILE"
within_second second "written in place"
row hang 1 >"$TMP/new"
mv "$TMP/new" "$FILE"
within_second hang "replaced"
row third 1.5 >"$FILE"
sleep 0.9
equal "$(names)" hang "a wrong file"
case "$(file_state)" in
"fault "*"limits.json:2: [0].max_bytes: found 1.5"*) ;;
*) fail "state of a wrong file: $(file_state)" ;;
esac
rm "$FILE"
sleep 0.9
equal "$(names)" hang "no file"
row hang 1 >"$FILE"
sleep 0.9
equal "$(file_state)" "ok None" "state of a file that is right again"

# Beside the file.
rpc limits.set '{"rows": [{"limit_name": "mine", "destination": "::/0", "max_bytes": 5}]}' >"$TMP/set"
equal "$(names)" "hang mine" "limits.set"
ask rpc "$PORT" limits.set '{"rows": [{"limit_name": "x", "source": "::/0", "max_bytes": 5},
	{"limit_name": "y", "source": "::/0"}]}' >"$TMP/set" 2>&1 && fail "half a limits.set"
grep -q 'rows\[1\].max_bytes' "$TMP/set" || fail "limits.set names no field: $(cat "$TMP/set")"
equal "$(names)" "hang mine" "limits.set, all or nothing"
ask rpc "$PORT" limits.remove '{"limit_name": "hang"}' >"$TMP/set" 2>&1 && fail "the file's row removed"
rpc limits.remove '{"limit_name": "mine"}' >"$TMP/set"
equal "$(names)" hang "limits.remove"

grep -q 'pairs for limits [1-9]' "$TMP/stderr" || fail "memory of retained pairs is not announced"
rpc limits.dry_run '{"limit": {"source": "0.0.0.0/0", "destination": "0.0.0.0/0", "max_bytes": 1,
	"window_s": 1}}' >"$TMP/try"
equal "$(json "$TMP/try" 'd["alerts"][0]["state"], d["exact"], d["windows"] > 1')" \
	'["raised", true, true]' "a dry run of a row"
rpc limits.dry_run '{"query": {"key": "ip", "window_s": 1, "op": {"type": "limit", "max": 1}}}' >"$TMP/try"
equal "$(json "$TMP/try" 'len(d["alerts"]) > 10, d["alerts"][0]["query"]')" '[true, "preview"]' \
	"a dry run of a query"
ask rpc "$PORT" limits.dry_run '{"query": {"key": "ip", "metric": "peers", "window_s": 1,
	"op": {"type": "limit", "max": 1}}}' >"$TMP/try" 2>&1 && fail "a dry run of peers"
grep -q 'metric: found peers; allowed is bytes' "$TMP/try" || fail "a dry run of peers: $(cat "$TMP/try")"

# More alerts than the command may have: five at once and one each 12 s; the others are counted.
for i in 1 2 3 4 5 6; do
	rpc limits.set "{\"rows\": [{\"limit_name\": \"n$i\", \"source\": \"0.0.0.0/0\", \"max_bytes\": 1,
		\"window_s\": 1}]}" >"$TMP/set"
done
sleep 2
rpc stats.get >"$TMP/stats"
equal "$(json "$TMP/stats" '5 <= d["on_alert"]["started"] <= 8')" true "commands started"
equal "$(json "$TMP/stats" 'd["on_alert"]["suppressed"] > 0')" true "alerts suppressed"
equal "$(json "$TMP/stats" 'd["on_alert"]["killed"] >= 1')" true "commands killed"
equal "$(json "$TMP/stats" 'd["on_alert"]["running"]')" 0 "commands running"
[ -s "$TMP/hung" ] || fail "no command has hung"
kill -0 "$(cat "$TMP/hung")" 2>/dev/null && fail "what the hanging command had started still runs"
ask get "$PORT" /metrics | grep -q '^weir_on_alert_killed_total [1-9]' || fail "/metrics says otherwise"
weir_stop INT
python3 - "$TMP/alerts" <<'PY' || fail "alerts: $(cat "$TMP/alerts")"
import json, sys
lines = [line.split(" ", 4) for line in open(sys.argv[1])]
alerts = [json.loads(line[4]) for line in lines]
assert 5 <= len(lines) <= 8, len(lines)
assert all(word == "word" for word, *_ in lines)
assert all(int(files) == 4 for _, files, *_ in lines), "0, 1, 2 and what ls opens"
assert all(group == own for _, _, group, own, _ in lines), "a process group of its own"
# Commands run side by side and may write in any order; a limit that came and went within a second
# need not have been judged.
told = [(a["limit_name"], a["state"]) for a in alerts]
assert ("hang", "raised") in told and len(set(told)) == len(told), told
assert {name for name, _ in told} <= {"first", "second", "hang"} | {f"n{i}" for i in range(1, 7)}, told
assert all((name, "raised") in told for name, state in told if state == "cleared"), told
PY
grep -q "on_alert: [0-9]* alerts suppressed" "$TMP/stderr" || fail "nobody was told of suppressed alerts"

# Only every so many seconds.
cat >"$TMP/config.json" <<JSON
{"limits": {"file": "$FILE", "refresh_s": 6}}
JSON
weir_start --demo --config "$TMP/config.json" --store none --cmdline-file "$TMP/commands"
becomes() { # NAME
	for _ in $(seq 100); do
		[ "$(names)" = "$1" ] && return
		sleep 0.05
	done
	fail "with refresh_s $1 does not come"
}
row now 1 >"$FILE"
becomes now  # it has just looked
row later 1 >"$FILE"
sleep 1
equal "$(names)" now "before refresh_s"
becomes later
weir_stop INT
passed
