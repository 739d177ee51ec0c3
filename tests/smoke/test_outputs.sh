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
