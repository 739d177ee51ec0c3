#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Captures wait for everything: a table that is far too small changes flow records and nothing
# else, a store gets every result, and equal input gives equal output even while flows are evicted.
. "$(dirname "$0")/../lib/weirtest.sh"

python3 - "$TESTS" "$TMP/many.pcap" "$TMP/gap.pcap" <<'EOF' || fail "making captures"
import struct, sys
sys.path.insert(0, sys.argv[1] + "/lib")
from frames import eth, ip4, udp
def capture(path, packets):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for us, frame in packets:
            f.write(struct.pack("<IIII", us // 10**6, us % 10**6, len(frame), len(frame)) + frame)
def frame(i):
    return eth(ip4(udp(1000 + i % 50000, 53, b"x" * (i % 700)), 17,
                   f"10.{i % 7}.{i % 11}.{i % 251}", "192.0.2.1"), pad=True)
start = 1700000000 * 10**6
capture(sys.argv[2], [(start + i * 1000, frame(i * 7919)) for i in range(20000)])
capture(sys.argv[3], [(start, frame(1)), (start + 3600 * 10**6, frame(2))])
EOF

run() { # NAME OPTIONS...
	local name=$1
	shift
	"$WEIR" "$@" --flows "$TMP/$name.flows" --results "$TMP/$name.results" \
		--report "$TMP/$name.report" </dev/null >"$TMP/stdout" 2>"$TMP/stderr" ||
		fail "$name: exit status"
	ledger_check "$TMP/$name.report"
}

run large --pcap "$TMP/many.pcap" --flow-tcp-end off
run small --pcap "$TMP/many.pcap" --flow-capacity 16
run again --pcap "$TMP/many.pcap" --flow-capacity 16
cmp -s "$TMP/small.flows" "$TMP/again.flows" || fail "equal input, other flow records"
cmp -s "$TMP/small.results" "$TMP/again.results" || fail "equal input, other results"
equal "$(json "$TMP/small.report" 'd["flows"]["ended"]["evicted"] > 1000')" true "flows were evicted"
equal "$(json "$TMP/small.report" 'd["ledger"]["detail_lost"]["packets"]')" 0 "detail lost"
grep -q '"exact":false' "$TMP/small.results" && fail "results that are not exact"
python3 - "$TMP/large.results" "$TMP/small.results" <<'EOF' || fail "a small table changes results"
import json, sys
def read(path):
    for line in open(path):
        r = json.loads(line)
        del r["total"]["flows"]  # eviction begins flows anew
        yield r
for a, b in zip(read(sys.argv[1]), read(sys.argv[2]), strict=True):
    assert a == b, f"{a}\n{b}"
EOF

run gap --pcap "$TMP/gap.pcap" --store "sqlite:$TMP/gap.db"
stored=$(python3 -c "import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute('select count(*) from results').fetchone()[0])" "$TMP/gap.db")
equal "$stored" "$(wc -l <"$TMP/gap.results")" "results in the store"
equal "$stored" $((3601 * 6)) "an hour of results"

echo "{\"store\": \"sqlite:$TMP/appliance.db\"}" >"$TMP/weir.json"
run config --pcap "$TMP/many.pcap" --config "$TMP/weir.json"
[ -e "$TMP/appliance.db" ] && fail "an old capture went into the appliance's history"
passed
