#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# --pcap DIR --follow: each finished capture once, whatever way it comes in, over restarts and kills;
# flows and results are those of all captures together.
. "$(dirname "$0")/../lib/weirtest.sh"

MODEL="$TESTS/lib/follow_model.py"
command -v zstd >/dev/null || skip "no zstd"
[ -f "${WEIR_REFERENCE:-$REPO/../shared/reference}/truth.py" ] || skip "no reference (set WEIR_REFERENCE)"
python3 "$MODEL" make "$TMP" || fail "making captures"

# captures NAME: of stats.get
captures() {
	rpc stats.get >"$TMP/stats"
	json "$TMP/stats" "d['captures']['$1']"
}

# captures_reach NAME NUMBER SECONDS
captures_reach() {
	for _ in $(seq $(($3 * 10))); do
		[ "$(captures "$1")" = "$2" ] && return
		sleep 0.1
	done
	fail "captures.$1 is $(captures "$1") after $3 s, expected $2"
}

follow() { # FOLDER OPTIONS...
	local folder=$1
	shift
	weir_start --pcap "$folder" --follow --report "$TMP/report.json" \
		--flow-idle-timeout 0 --flow-active-timeout 0 "$@"
}

# report NAME VALUE
report() {
	equal "$(json "$TMP/report.json" "d['captures']['$1']")" "$2" "captures.$1 in the report"
}

received() {
	ledger_check "$TMP/report.json"
	equal "$(json "$TMP/report.json" 'd["ledger"]["received"]')" "$1" "packets received"
}

# 1. Files that are there, written, renamed, compressed, broken: by two workers.
mkdir "$TMP/in"
cp "$TMP/part1.pcap" "$TMP/in/"
touch -d '1 hour ago' "$TMP/in/part1.pcap"
follow "$TMP/in" --workers 2 --follow-settle 1 --store "sqlite:$TMP/weir.db" --flows "$TMP/flows" \
	--results "$TMP/results"
grep -q "following .*remembered in sqlite:" "$TMP/stderr" || fail "no line about the memory"
captures_reach files 1 10
exec 7>"$TMP/in/part2.pcap"
head -c 5000 "$TMP/part2.pcap" >&7
cp "$TMP/part3.pcap" "$TMP/in/part3.pcap.tmp"
cp "$TMP/part3.pcap" "$TMP/in/.part3.pcap"
sleep 3
equal "$(captures files)" 1 "files while one is written and others have partial names"
tail -c +5001 "$TMP/part2.pcap" >&7
exec 7>&-
captures_reach files 2 10
mv "$TMP/in/part3.pcap.tmp" "$TMP/in/part3.pcap"
captures_reach files 3 10
echo "no capture at all" >"$TMP/in/part3z.pcap"
captures_reach failed 1 10
gzip -c "$TMP/part4.pcap" >"$TMP/in/part4.pcap.gz"
captures_reach files 4 10
zstd -q "$TMP/part5.pcap" -o "$TMP/in/part5.pcap.zst"
captures_reach files 5 10
(cat "$TMP/part6.pcap"; head -c 100 "$TMP/part6.pcap" | tail -c 76) >"$TMP/in/.cut"
mv "$TMP/in/.cut" "$TMP/in/part6.pcap"
captures_reach files 6 10
# The last second comes out without a further file and without an end.
last=1700000011000000  # packet 999 is 10.99 s after the first
for _ in $(seq 100); do
	tail -1 "$TMP/results" | grep -q "\"end_us\":$last" && break
	sleep 0.1
done
tail -1 "$TMP/results" | grep -q "\"end_us\":$last" || fail "the last second's results did not come out"
weir_stop INT
received 1000
report files 6
report failed 1
report pending 0
report late_packets 0
report complete true
equal "$(json "$TMP/report.json" 'len(d["captures"]["faults"])')" 2 "lines about faults"
equal "$(grep -c "part3z.pcap: starts with" "$TMP/stderr")" 1 "lines about the file that is no capture"
python3 "$MODEL" flows "$TMP/whole.pcap" "$TMP/flows" || fail "flows are not those of the whole"
python3 "$MODEL" results "$TMP/whole.pcap" "$TMP/results" || fail "results are not those of the whole"

# 2. A restart reads none of them again, also not under a new name; one that has grown is another.
mv "$TMP/in/part1.pcap" "$TMP/in/renamed.pcap"
follow "$TMP/in" --store "sqlite:$TMP/weir.db"
captures_reach known 6 15
cat "$TMP/part2.pcap" >"$TMP/in/part3.pcap"
captures_reach files 1 10
weir_stop TERM
received 203
report files 1

# 3. kill -9 in the middle of a file, whose flows nobody takes: it is read again, the one before is not.
mkdir "$TMP/kill"
mkfifo "$TMP/fifo"
sleep 1000 <>"$TMP/fifo" &
holder=$!
STARTED="$STARTED $holder"
python3 "$MODEL" many "$TMP/many.pcap" 40000
weir_start --pcap "$TMP/kill" --follow --store "sqlite:$TMP/kill.db" --flows "$TMP/fifo" \
	--flow-idle-timeout 0.1
cp "$TMP/part1.pcap" "$TMP/kill/"
captures_reach files 1 10
remembered() {
	sqlite3 "$TMP/kill.db" "SELECT count(*) FROM captures_read" 2>/dev/null
}
for _ in $(seq 100); do
	[ "$(remembered)" = 1 ] && break
	sleep 0.1
done
equal "$(remembered)" 1 "captures in the store"
cp "$TMP/many.pcap" "$TMP/kill/"
sleep 3
captures_reach pending 1 1
kill -9 "$WEIR_PID"
weir_wait 10
follow "$TMP/kill" --store "sqlite:$TMP/kill.db"
captures_reach files 1 15
weir_stop INT
received 40000
report known 1

# 4. Without inotify, and without a store.
mkdir "$TMP/blind"
if unshare --user --map-root-user true 2>/dev/null; then
	cat >"$TMP/blind.sh" <<'SH'
#!/bin/sh
echo 0 >/proc/sys/user/max_inotify_instances || exit 1
exec "$@"
SH
	chmod +x "$TMP/blind.sh"
	PREFIX="unshare --user --map-root-user $TMP/blind.sh"

	follow "$TMP/blind" --follow-settle 1.5
	grep -q "until the end of this run only" "$TMP/stderr" || fail "no line about the memory"
	cp "$TMP/part1.pcap" "$TMP/blind/"
	PREFIX=""
	captures_reach files 1 15
	grep -q "no inotify" "$TMP/stderr" || fail "no line about inotify"
	mv "$TMP/blind/part1.pcap" "$TMP/blind/part1.old"
	sleep 4
	weir_stop INT
	received 130
	report files 1
fi

# 5. What cannot be meant.
refused() { # WORD OPTIONS...
	local word=$1
	shift
	timeout 20 "$WEIR" "$@" </dev/null >"$TMP/out" 2>"$TMP/err"
	equal "$?" 2 "exit status of weir $*"
	grep -qF -e "$word" "$TMP/err" || fail "weir $*: '$word' is not named: $(cat "$TMP/err")"
	equal "$(wc -l <"$TMP/err")" 1 "lines of weir $*"
}
refused --follow --follow --demo
refused --follow --pcap "$TMP/whole.pcap" --follow
refused --follow --pcap - --follow
refused --follow --pcap "$TMP/in,$TMP/kill" --follow
refused --follow --pcap "$TMP/nowhere" --follow
refused --follow-settle --pcap "$TMP/in" --follow-settle 5
refused --follow-settle --pcap "$TMP/in" --follow --follow-settle x
refused --report --pcap "$TMP/in" --follow --flows "$TMP/in/flows"
refused --store --pcap "$TMP/in" --follow --store "sqlite:$TMP/in/weir.db"
passed
