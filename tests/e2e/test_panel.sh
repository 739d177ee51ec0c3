#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The panel in Debian's Chromium against a running demo, and against a server of its own that can
# do what a demo does not (disappear, lose notifications, break the ledger, bring 64 queries).
# WEIR_PANEL_SHOTS=DIR: also a picture of each page in light and dark, as in docs/images.
. "$(dirname "$0")/../lib/weirtest.sh"

[ -f "$REPO/app/panel/dist/index.html" ] || skip "the panel is not built (npm run build in app/panel)"
command -v node >/dev/null || skip "no Node.js"

(cd "$REPO/app/panel" && npm run --silent check && npm test --silent) >"$TMP/unit" 2>&1 || {
	tail -40 "$TMP/unit"
	fail "the panel's own tests (npm run check, npm test)"
}

browser_test() {
	node "$HERE/panel/test_panel.mjs" "$@"
	case $? in
	0) ;;
	77) skip "no browser to be had" ;;
	*) fail "test_panel.mjs $1" ;;
	esac
}

# These two wait for most of their time, so they go on side by side; the load has the machine alone.
(browser_test --mock) >"$TMP/mock" 2>&1 &
mock=$!

export WEIR_PANEL_DIR=$REPO/app/panel/dist
# A rate that leaves the browser its share of a small machine.
echo "set generator rate 100kpps" >"$TMP/commands"
# The store has daily totals of days gone by.
"$HERE/panel/days_capture.py" "$TMP/days.pcap" >/dev/null || fail "days_capture.py"
echo '{"local_networks": ["10.0.0.0/8"]}' >"$TMP/days.json"
"$WEIR" --pcap "$TMP/days.pcap" --config "$TMP/days.json" --store "sqlite:$TMP/weir.db" --report /dev/null \
	2>"$TMP/days.err" || fail "weir --pcap: $(tail -1 "$TMP/days.err")"
weir_start --demo --flow-capacity 65536 --cmdline-file "$TMP/commands" --store "sqlite:$TMP/weir.db"
browser_test "http://127.0.0.1:$PORT/" ${WEIR_PANEL_SHOTS:+"$WEIR_PANEL_SHOTS"}
weir_stop INT

for user in anna:admin vera:viewer; do
	echo "password of ${user%:*}" |
		"$WEIR" passwd --users "$TMP/users.json" "${user%:*}" --role "${user#*:}" || fail "weir passwd"
done
mkdir "$TMP/captures"
weir_start --pcap "$TMP/captures" --follow --flow-capacity 1024 --users "$TMP/users.json"
browser_test --login "http://127.0.0.1:$PORT/"
weir_stop INT
wait "$mock"
status=$?
cat "$TMP/mock"
[ "$status" = 0 ] || fail "the run against the mock server"
browser_test --load
passed
