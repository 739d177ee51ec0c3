#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# Backup and restore as docs/guide.md section 12 says: a copy is taken while weir writes, the store
# is lost, the copy takes its place, and all that was stored before the copy is listed again.
. "$(dirname "$0")/../lib/weirtest.sh"

command -v sqlite3 >/dev/null || skip "no sqlite3"
LIST='{"query": "ip-topk", "limit": 1000}'

weir_start --demo --store "sqlite:$TMP/weir.db"
sleep 3
rpc results.list "$LIST" >"$TMP/before"
sqlite3 "$TMP/weir.db" ".timeout 5000" "VACUUM INTO '$TMP/copy.db'" || fail "backup"
sleep 1
weir_stop INT
equal "$(sqlite3 "$TMP/copy.db" 'PRAGMA integrity_check')" ok "the copy"
rm -f "$TMP/weir.db" "$TMP/weir.db-wal" "$TMP/weir.db-shm"

cp "$TMP/copy.db" "$TMP/weir.db"
weir_start --demo --store "sqlite:$TMP/weir.db"
rpc results.list "$LIST" >"$TMP/after"
equal "$(json "$TMP/before" 'len(d) >= 1')" true "results before the copy"
python3 - "$TMP/before" "$TMP/after" <<'EOF' || fail "a result from before the copy is missing or differs"
import json, sys
before, after = (json.load(open(name)) for name in sys.argv[1:])
sys.exit(0 if all(result in after for result in before) else 1)
EOF
equal "$(json "$TMP/before" 'len(d)')" "$(json "$TMP/after" \
	"len([r for r in d if r['window']['end_us'] <= $(json "$TMP/before" 'd[0]["window"]["end_us"]')])")" \
	"results up to the copy"
weir_stop INT
passed
