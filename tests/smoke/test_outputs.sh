#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# Output files that cannot be written: said at once, run time status 1, wrong names status 2 before
# anything runs, and a reader who does not read can be got rid of with a second signal.
. "$(dirname "$0")/../lib/weirtest.sh"

python3 - "$TESTS" "$TMP/small.pcap" <<'EOF' || fail "making a capture"
import struct, sys
sys.path.insert(0, sys.argv[1] + "/lib")
from frames import eth, ip4, udp
with open(sys.argv[2], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(20000):
        frame = eth(ip4(udp(i % 60000, 53, b""), 17, "10.0.0.1", "10.0.0.2"), pad=True)
        f.write(struct.pack("<IIII", 1700000000 + i // 1000, 0, len(frame), len(frame)) + frame)
EOF

status_of() {
	"$WEIR" --pcap "$TMP/small.pcap" "$@" </dev/null >"$TMP/stdout" 2>"$TMP/stderr"
	STATUS=$?
}

for option in --flows --results --report; do
	status_of --report "$TMP/report" "$option" "$TMP/no/such"
	equal "$STATUS" 2 "$option in a folder that is not there"
	equal "$(wc -l <"$TMP/stderr")" 1 "$option: lines on stderr"
	grep -q -- "^weir: $option: " "$TMP/stderr" || fail "$option is not named"
done
cp "$TMP/small.pcap" "$TMP/copy.pcap"
ln "$TMP/copy.pcap" "$TMP/link"
for option in --flows --results --report; do
	"$WEIR" --pcap "$TMP/copy.pcap" --report /dev/null "$option" "$TMP/link" </dev/null \
		>"$TMP/stdout" 2>"$TMP/stderr"
	equal $? 2 "$option over the capture that is read"
	cmp -s "$TMP/copy.pcap" "$TMP/small.pcap" || fail "$option destroyed the capture"
done

# A start that fails leaves outputs as they are, and makes none: whether before EAL, in it or after it.
# lost_nothing WHAT ARGUMENTS...
lost_nothing() {
	local what=$1 option
	shift
	for option in --flows --results --report; do
		echo kept >"$TMP/kept"
		rm -f "$TMP/new" "$TMP/new2"
		(cd "$TMP" && timeout 30 "$WEIR" "$@" "$option" "$TMP/kept" \
			$([ $option = --flows ] || echo --flows "$TMP/new") \
			$([ $option = --report ] || echo --report "$TMP/new2") \
			</dev/null >"$TMP/stdout" 2>"$TMP/stderr")
		STATUS=$?
		[ "$STATUS" -eq 1 ] || [ "$STATUS" -eq 2 ] || fail "$what: status $STATUS"
		equal "$(cat "$TMP/kept")" kept "$option, $what"
		[ ! -e "$TMP/new" ] && [ ! -e "$TMP/new2" ] || fail "$option, $what: a file was made"
	done
}
python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True)
time.sleep(300)' >"$TMP/taken" &
STARTED="$STARTED $!"
for _ in $(seq 100); do [ -s "$TMP/taken" ] && break; sleep 0.1; done
lost_nothing "a port that is taken" --demo --store none --listen "127.0.0.1:$(cat "$TMP/taken")"
lost_nothing "a wrong option" --demo --store none --no-listen --workers 0
lost_nothing "a store without its folder" --demo --store sqlite:no/such/weir.db --no-listen
lost_nothing "a wrong option of EAL" --no-such-option -- --demo --store none --no-listen
lost_nothing "more flows than memory" --demo --store none --no-listen --flow-capacity 67108864
mkdir "$TMP/weir.db.audit.jsonl"
lost_nothing "an audit log that cannot be written" --demo --store "sqlite:$TMP/weir.db" --no-listen
# And one that succeeds begins them anew.
seq 100000 >"$TMP/kept"
status_of --report "$TMP/kept" --results "$TMP/results"
equal "$STATUS" 0 "status of a run that writes over a report"
ledger_check "$TMP/kept"
cp "$TMP/results" "$TMP/first"
seq 1000000 >>"$TMP/results"
status_of --report "$TMP/kept" --results "$TMP/results"
cmp -s "$TMP/first" "$TMP/results" || fail "--results was not begun anew"
status_of --flows "$TMP/one" --results "$TMP/one"
equal "$STATUS" 2 "one file for two outputs"
status_of --results /dev/full --report "$TMP/report"
equal "$STATUS" 1 "--results on a full disk"
equal "$(json "$TMP/report" 'd["flows"]["lines_lost"] > 0')" true "lost lines are counted"
ledger_check "$TMP/report"

# Nobody reads: records wait for the pipe for ever.
mkfifo "$TMP/pipe"
sleep 60 <"$TMP/pipe" &
STARTED="$STARTED $!"
env --default-signal=INT "$WEIR" --pcap "$TMP/small.pcap" --flows "$TMP/pipe" \
	--report "$TMP/report" </dev/null >"$TMP/stdout" 2>"$TMP/stderr" &
WEIR_PID=$!
STARTED="$STARTED $WEIR_PID"
sleep 2
kill -INT "$WEIR_PID" || fail "ended although nobody reads"
sleep 3
kill -0 "$WEIR_PID" 2>/dev/null || fail "an orderly end although nobody reads"
kill -INT "$WEIR_PID"
weir_wait 5
[ "$STATUS" -ne 0 ] || fail "status 0 after it was forced to end"
passed
