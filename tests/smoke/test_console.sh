#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# The console, fed through a pipe (-i) and from a file (--cmdline-file).
. "$(dirname "$0")/../lib/weirtest.sh"

# has FILE PATTERN WHAT
has() {
	grep -qiE -e "$2" "$1" || {
		sed 's/^/    /' "$1" | tail -80
		fail "$3: no '$2'"
	}
}

# again PATTERN COMMAND: typed every half second until its answer is seen; await PATTERN: only waits.
# Neither fails here: what was not seen is missed below, where the whole output is shown.
await() {
	for _ in $(seq 60); do
		grep -qE -e "$1" "$TMP/console" 2>/dev/null && return
		[ -z "${2:-}" ] || printf '%s\n' "$2"
		sleep 0.5
	done
}
again() {
	await "$1" "$2"
}

# The input stays open at the end: weir has to leave by quit.
mkfifo "$TMP/pipe"
feed() {
	again '^ip-topk, 10 s to' 'show result ip-topk'
	printf '%s\n' help 'show ledger' 'show port stats all' 'show lcores' 'show query all' \
		'show generator' 'set processor k 3' \
		'add query {"name": "mine", "key": "dst_port", "op": {"type": "topk", "k": 2}, "window_s": 1}' \
		'preview query {"key": "ip", "op": {"type": "topk", "k": 1}, "window_s": 2}' \
		'add query {"key": 1, "op": {"type": "topk", "k": 0}}'
	await '^preview, 2 s to'
	again '^mine, 1 s to' 'show result mine'
	printf '%s\n' 'show dimensions' 'pause query mine' 'show queries' 'resume query mine' \
		'set query {"name": "mine", "filter": "tcp port 443"}' 'show queries' 'del query mine' \
		'pause query mine'
	printf '%s\n' 'set processor k 0' frobnicate \
		'show result no-such-query' 'set generator rate 0.2mpps' 'stop generator' \
		'start generator' stop start
	printf '%s\n' 'show ledger' quit
	exec sleep 30
}
feed >"$TMP/pipe" &
STARTED="$STARTED $!"
(cd "$TMP" && exec timeout 100 "$WEIR" --demo -i --no-listen --store none \
	--report "$TMP/report.json" <"$TMP/pipe" >"$TMP/console" 2>"$TMP/stderr")
equal $? 0 "exit status after quit"
ledger_check "$TMP/report.json"
has "$TMP/console" 'show ledger' "help"
# The guide shows the same list.
grep -E '^  [a-z]' "$TMP/console" | sed -n '/^  help  /,/^  watch /p' >"$TMP/help"
[ "$(wc -l <"$TMP/help")" -gt 40 ] || fail "help: $(cat "$TMP/help")"
while IFS= read -r line; do
	grep -qxF -e "    $line" "$(dirname "$0")/../../docs/guide.md" || fail "help, not in guide.md: $line"
done <"$TMP/help"
has "$TMP/console" 'received' "show ledger"
has "$TMP/console" 'missed' "show port stats all"
has "$TMP/console" 'lcore' "show lcores"
for query in protocol-share protocol-topk protocol-outlier ip-share ip-topk ip-outlier; do
	has "$TMP/console" "$query" "show query all"
done
for key in protocol ip; do
	has "$TMP/console" "^$key +all +3 +[1-9][0-9,]* +1,?048,?576 +exact +0 " "show dimensions"
done
has "$TMP/console" '[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+' "show result ip-topk"
has "$TMP/console" '^mine, 1 s to' "show result of a query that was added"
has "$TMP/console" '^preview, 2 s to' "preview query"
has "$TMP/console" '^error: name: missing' "the first fault of a query"
has "$TMP/console" '^error: key: found 1; allowed is one of' "the second one"
has "$TMP/console" '^error: op.k: found 0' "the third one"
has "$TMP/console" '^mine \(paused\)' "pause query"
has "$TMP/console" '^filter of mine: tcp port 443' "set query"
has "$TMP/console" '^\{"removed":"mine"\}' "del query"
has "$TMP/console" "^error: name: no query 'mine'" "a query that is gone"
has "$TMP/console" 'no-such-query' "show result of a query that there is not"

# On a terminal: prompt, completion by tab, an end by quit.
python3 - "$WEIR" "$TMP" <<'EOF' || fail "on a terminal"
import os, pty, select, subprocess, sys, time
weir, folder = sys.argv[1:]
ours, theirs = pty.openpty()
process = subprocess.Popen(
    [weir, "--demo", "-i", "--no-listen", "--store", "none", "--report", folder + "/report-pty"],
    stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, start_new_session=True)
os.close(theirs)
seen = b""

def expect(what, seconds=20):
    """Until `what` is seen; what was seen before it is forgotten."""
    global seen
    end = time.monotonic() + seconds
    while what not in seen:
        if not select.select([ours], [], [], max(0, end - time.monotonic()))[0]:
            process.kill()
            raise SystemExit(f"no {what} within {seconds} s, but {seen[-300:]}")
        try:
            more = os.read(ours, 4096)
        except OSError:
            more = b""
        if not more:
            process.kill()
            raise SystemExit(f"no {what} before the end, but {seen[-300:]}")
        seen += more
    seen = seen.split(what, 1)[1]

expect(b"weir> ")
os.write(ours, b"show led\t")
expect(b"show ledger")
os.write(ours, b"\n")
expect(b"received")
expect(b"weir> ")
os.write(ours, b"quit\n")
status = process.wait(20)
assert status == 0, f"exit status {status} after quit"
EOF

# From a file: as typed, and the run goes on after it.
printf '%s\n' 'set processor k 4' 'set processor T 2' 'set generator rate 100kpps' >"$TMP/commands"
weir_start --demo --store none --report "$TMP/report2.json" --cmdline-file "$TMP/commands"
for _ in $(seq 50); do
	rpc processor.get >"$TMP/processor"
	[ "$(json "$TMP/processor" '[d["k"], d["T"]] == [4, 2]')" = true ] && break
	sleep 0.1
done
equal "$(json "$TMP/processor" '[d["k"], d["T"]]')" "[4, 2]" "parameters set by --cmdline-file"
latest ip-topk "$TMP/result" 'len(d["rows"]) == 4'
equal "$(json "$TMP/result" 'd["window"]["end_us"] - d["window"]["start_us"]')" 2000000 "window"
weir_stop INT
ledger_check "$TMP/report2.json"

# A file may also end the run; and one that is not there is a bad argument.
printf 'show ledger\nquit\n' >"$TMP/commands"
timeout 40 "$WEIR" --demo --no-listen --store none --report "$TMP/report3.json" \
	--cmdline-file "$TMP/commands" </dev/null >"$TMP/console3" 2>"$TMP/stderr"
equal $? 0 "exit status after quit in --cmdline-file"
has "$TMP/console3" received "show ledger in --cmdline-file"
# The ledger by itself, out of the way of records on standard output.
timeout 40 "$WEIR" --demo --no-listen --store none --report - --stats-period 1 --duration 3 \
	</dev/null >"$TMP/report4.json" 2>"$TMP/stderr"
equal $? 0 "exit status with --stats-period"
ledger_check "$TMP/report4.json"
[ "$(grep -c '^offered ' "$TMP/stderr")" -ge 2 ] || fail "--stats-period: $(cat "$TMP/stderr")"
timeout 40 "$WEIR" --demo --no-listen --store none --cmdline-file "$TMP/no-such-file" \
	</dev/null >"$TMP/console4" 2>"$TMP/stderr"
status=$?
[ $status -eq 1 ] || [ $status -eq 2 ] || fail "--cmdline-file that is not there: exit $status"
grep -q no-such-file "$TMP/stderr" || fail "--cmdline-file that is not there is not named"
passed
