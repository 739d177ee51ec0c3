#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# The program while its store has a fault: it measures on, the newest results are there, the fault is
# in stats.get, /healthz and /metrics and one line in the log; when it is over nothing is missing.
# A disk that is full (a small tmpfs, as root), a lock of another program, a file that is damaged.
. "$(dirname "$0")/../lib/weirtest.sh"

MOUNTED=""
CLEANUP=disk_leave
disk_leave() {
	[ -z "$MOUNTED" ] || umount -l "$MOUNTED"
}

metric() {
	curl -s "http://127.0.0.1:$PORT/metrics" | sed -n "s/^$1 //p"
}

# expect STATE(ok or words) HEALTH UP: within 10 s all three say so
expect() {
	local state health up
	for _ in $(seq 50); do
		rpc stats.get >"$TMP/stats"
		state=$(json "$TMP/stats" 'd["store"]["state"]')
		health=$(curl -s -o "$TMP/health" -w '%{http_code}' "http://127.0.0.1:$PORT/healthz")
		up=$(metric weir_store_up)
		case $state in *"$1"*) [ "$health $up" = "$2 $3" ] && return ;; esac
		sleep 0.2
	done
	fail "expected $1, $2, $3; found state '$state', health $health, weir_store_up $up"
}

# measures: while the fault lasts packets and results come
measures() {
	local seq packets
	latest ip-topk "$TMP/latest"
	seq=$(json "$TMP/latest" 'd["seq"]')
	packets=$(metric weir_received_packets_total)
	sleep 2.5
	rpc results.latest '{"query": "ip-topk"}' >"$TMP/latest"
	[ "$(json "$TMP/latest" 'd["seq"]')" -gt "$seq" ] || fail "no new results under a fault"
	[ "$(metric weir_received_packets_total)" -gt "$packets" ] || fail "no packets under a fault"
}

# complete LINES: so many lines of the store's fault in the log; every slide is stored, none dropped
complete() {
	sleep 1.5
	rpc results.list '{"query": "ip-topk", "limit": 1000}' >"$TMP/list"
	equal "$(json "$TMP/list" '(lambda e: e == list(range(max(e), min(e) - 1, -1000000)))(
		[r["window"]["end_us"] for r in d])')" true "a result for every second"
	rpc stats.get >"$TMP/stats"
	equal "$(json "$TMP/stats" 'd["store"]["dropped"]')" 0 "dropped"
	equal "$(grep -c 'documents wait in memory' "$TMP/stderr")" "$1" "lines in the log"
}

mkdir "$TMP/disk"
if mount -t tmpfs -o size=4m weir-test "$TMP/disk" 2>/dev/null; then
	MOUNTED="$TMP/disk"
	weir_start --demo --store "sqlite:$TMP/disk/weir.db"
	expect ok 200 1
	dd if=/dev/zero of="$TMP/disk/ballast" bs=4k 2>/dev/null
	expect full 503 0
	measures
	rm "$TMP/disk/ballast"
	expect ok 200 1
	complete 1
	weir_stop INT
else
	echo "$NAME: full disk not tried: needs the right to mount a tmpfs"
fi

weir_start --demo --store "sqlite:$TMP/weir.db"
expect ok 200 1
python3 - "$TMP/weir.db" "$TMP/locked" <<'EOF' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
time.sleep(5)
db.execute("ROLLBACK")
EOF
LOCKER=$!
STARTED="$STARTED $LOCKER"
expect locked 503 0
measures
wait "$LOCKER"
expect ok 200 1
complete 1

# Damage: everything in the file but its first page.
python3 - "$TMP/weir.db" <<'EOF'
import os, sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("PRAGMA wal_checkpoint(TRUNCATE)")
size = os.path.getsize(sys.argv[1])
with open(sys.argv[1], "r+b") as f:
    f.seek(4096)
    f.write(os.urandom(size - 4096))
EOF
for _ in $(seq 50); do
	ls "$TMP"/weir.db.corrupt-* >/dev/null 2>&1 && break
	sleep 0.2
done
ls "$TMP"/weir.db.corrupt-* >/dev/null 2>&1 || fail "the damaged file is not set aside"
expect ok 200 1
equal "$(grep -c 'is corrupted: set aside' "$TMP/stderr")" 1 "lines in the log"
weir_stop INT
passed
