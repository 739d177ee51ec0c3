# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the shell tests: where things are, how a test ends, how weir is started and ended.
# A test is one script: exit 0 passed, 1 failed (the line says why), 77 skipped.

set -u
NAME=$(basename "$0" .sh)
HERE=$(cd "$(dirname "$0")" && pwd)
TESTS=$(cd "$HERE/.." && pwd)
REPO=$(cd "$TESTS/.." && pwd)
WEIR=${WEIR:-$REPO/build/app/weir}
WEIR_PKTGEN=${WEIR_PKTGEN:-$REPO/build/pktgen/weir-pktgen}
ASK="$TESTS/lib/ask.py"
START_S=30  # weir must answer within this after its start, also on a busy machine
TMP=$(mktemp -d "/tmp/weir-$NAME.XXXXXX")
STARTED=""  # ids of the processes that this script started
WEIR_PID=""
PREFIX=""  # a command under which weir runs and is asked, such as ip netns exec NAME
EAL=""  # EAL options of weir with the closing --, if it is not to compose its own
CLEANUP=""  # a function of the test's own

finish() {
	for pid in $STARTED; do
		kill "$pid" 2>/dev/null && kill_later "$pid"
	done
	[ -z "$CLEANUP" ] || "$CLEANUP"
	rm -rf "$TMP"
}
trap finish EXIT
exec 3>&1  # the test's own output, also from where stdout goes elsewhere

kill_later() {
	for _ in $(seq 50); do
		kill -0 "$1" 2>/dev/null || return
		sleep 0.1
	done
	kill -9 "$1" 2>/dev/null
}

fail() {
	echo "FAIL $NAME: $*" >&3
	if [ -s "$TMP/stderr" ]; then
		sed 's/^/    stderr: /' "$TMP/stderr" | tail -20 >&3
	fi
	exit 1
}

skip() {
	echo "SKIP $NAME: $*"
	exit 77
}

passed() {
	echo "$NAME: passed${1:+: $1}"
	exit 0
}

ask() {
	$PREFIX python3 "$ASK" "$@"
}

# json FILE EXPRESSION: of a JSON document d, printed; nothing but a line on stderr where it fails
json() {
	ask json "$1" "$2"
}

# equal FOUND EXPECTED WHAT
equal() {
	[ "$1" = "$2" ] || fail "$3: found '$1', expected '$2'"
}

[ -x "$WEIR" ] || fail "$WEIR is not there (set WEIR)"

# weir_start OPTIONS...: in the background, with a panel on $PORT; returns when it answers.
# SIGINT is set back to its default, as a shell's background jobs inherit it ignored.
weir_start() {
	PORT=$(ask port)
	(cd "$TMP" && exec env --default-signal=INT $PREFIX "$WEIR" $EAL \
		--listen "127.0.0.1:$PORT" "$@" </dev/null >"$TMP/stdout" 2>"$TMP/stderr") &
	WEIR_PID=$!
	STARTED="$STARTED $WEIR_PID"
	ask wait "$PORT" "$START_S" || fail "weir $* does not answer"
}

# weir_wait SECONDS: until it has ended; STATUS is how
weir_wait() {
	for _ in $(seq $(($1 * 10))); do
		kill -0 "$WEIR_PID" 2>/dev/null || break
		sleep 0.1
	done
	kill -0 "$WEIR_PID" 2>/dev/null && fail "weir still runs after $1 s"
	wait "$WEIR_PID"
	STATUS=$?
	STARTED=${STARTED% $WEIR_PID}
}

# weir_stop SIGNAL: and it must end with status 0 within 20 s
weir_stop() {
	kill "-$1" "$WEIR_PID" || fail "weir ended before SIG$1"
	weir_wait 20
	equal "$STATUS" 0 "exit status after SIG$1"
}

rpc() {
	ask rpc "$PORT" "$@" || fail "rpc $*"
}

# latest QUERY FILE [CONDITION]: results.latest into FILE once there is one that meets CONDITION. A window
# that was just begun, at the start or by a new parameter, has none for a while.
latest() {
	for _ in $(seq $((START_S * 10))); do
		ask rpc "$PORT" results.latest "{\"query\": \"$1\"}" >"$2" 2>/dev/null &&
			[ "$(json "$2" "${3:-True}" 2>/dev/null)" = true ] && return
		sleep 0.1
	done
	fail "no result of $1${3:+ with $3} within $START_S s"
}

# ledger_check REPORT: the equations of interfaces.md section 5
ledger_check() {
	equal "$(json "$1" 'd["ledger"]["residual"]')" 0 "residual"
	equal "$(json "$1" 'd["ledger"]["offered"] == d["ledger"]["received"] +
		sum(d["ledger"]["nic"].values())')" true "offered = received + missed + errors + nombuf"
	equal "$(json "$1" 'd["ledger"]["received"] == d["ledger"]["flow_packets"] +
		sum(d["ledger"]["discarded"].values())')" true "received = flow_packets + discarded"
}
