#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What the process may do to the machine: capabilities that it gives up, the user that it becomes, the
# files that it then makes; and the score of the service's sandbox by systemd-analyze.
. "$(dirname "$0")/../lib/weirtest.sh"

[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-analyze >/dev/null || skip "no systemd-analyze"

unit=${WEIR_BUILD:-$REPO/build}/config/weir.service
[ -f "$unit" ] || fail "$unit is not there (set WEIR_BUILD)"
# The program is not installed here, and only that it is named matters.
sed 's#^ExecStart=.*#ExecStart=/bin/true#' "$unit" >"$TMP/weir.service"
systemd-analyze security --offline=true --threshold=30 "$TMP/weir.service" >"$TMP/score" 2>&1 ||
	fail "systemd-analyze security: $(tail -1 "$TMP/score")"
! grep -q "Unknown\|Failed to parse" "$TMP/score" || fail "$(grep "Unknown\|Failed to parse" "$TMP/score" | head -1)"

# status NAME: of all threads, once each
status() {
	sed -n "s/^$1:[[:space:]]*//p" /proc/"$WEIR_PID"/task/*/status | sort -u
}

mkdir "$TMP/captures" "$TMP/store"
chmod 755 "$TMP"
weir_start --pcap "$TMP/captures" --follow --flow-capacity 1024
equal "$(status Uid | cut -f1)" 0 "user without --user"
[ $((0x$(status CapEff) & 1 << 21)) -eq 0 ] || fail "CAP_SYS_ADMIN is still effective: $(status CapEff)"
[ $((0x$(status CapBnd) & 1 << 19)) -eq 0 ] || fail "CAP_SYS_PTRACE can come back: $(status CapBnd)"
weir_stop TERM

chown nobody "$TMP/store"
weir_start --pcap "$TMP/captures" --follow --flow-capacity 1024 --user nobody \
	--store "sqlite:$TMP/store/weir.db"
equal "$(status Uid)" "$(printf "%s\t%s\t%s\t%s" $(for _ in 1 2 3 4; do id -u nobody; done))" "user of all threads"
equal "$(status Groups | tr -d ' ')" "$(id -g nobody)" "groups"
equal "$(status CapEff) $(status CapPrm)" "0000000000000000 0000000000000000" "capabilities"
equal "$(grep NoNewPrivs /proc/"$WEIR_PID"/status | cut -f2)" 1 "no new privileges"
equal "$(stat -c %U "$TMP/store/weir.db.audit.jsonl")" nobody "owner of the audit log"
weir_stop TERM

timeout 20 "$WEIR" --pcap "$TMP/captures" --follow --user no-such-user >"$TMP/out" 2>"$TMP/err"
equal $? 2 "exit status with a user that there is not"
grep -q -- "--user" "$TMP/err" || fail "the line names --user: $(cat "$TMP/err")"
passed "$(tail -1 "$TMP/score" | tr -dc '[:print:]')"
