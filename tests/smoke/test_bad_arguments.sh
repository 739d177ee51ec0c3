#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# Bad option values: exit 2, one line on stderr that names the option, nothing on stdout.
. "$(dirname "$0")/../lib/weirtest.sh"

failures=0
complain() {
	echo "FAIL $NAME: $*"
	failures=$((failures + 1))
}

# refused WORD ARGUMENTS...: WORD is what the line must name
refused() {
	local word=$1 status
	shift
	timeout 20 "$WEIR" "$@" </dev/null >"$TMP/out" 2>"$TMP/err"
	status=$?
	[ $status -eq 2 ] || complain "weir $*: exit $status, expected 2: $(head -1 "$TMP/err")"
	[ "$(wc -l <"$TMP/err")" -eq 1 ] ||
		complain "weir $*: $(wc -l <"$TMP/err") lines on stderr: $(head -3 "$TMP/err")"
	grep -qF -e "$word" "$TMP/err" || complain "weir $*: '$word' is not named: $(cat "$TMP/err")"
	[ ! -s "$TMP/out" ] || complain "weir $*: on stdout: $(head -1 "$TMP/out")"
}

cd "$TMP" || exit 1
refused --no-such-option --demo --no-such-option
refused stray --demo stray
for value in x -1 0 1.5 99999999999999999999 ''; do
	refused --workers --demo --workers "$value"
	refused --flow-capacity --demo --flow-capacity "$value"
	refused --key-budget --demo --key-budget "$value"
done
for value in loud port:loud ports:info '' info, :info; do
	refused --log-level --demo --log-level "$value"
done
refused --log-format --demo --log-format xml
for value in x -1 1.5 3601 ''; do
	refused --stats-period --demo --stats-period "$value"
done
refused --stats-period --demo -i --stats-period 1
for value in x -1 1s 1e400 nan ''; do
	refused --flow-idle-timeout --demo --flow-idle-timeout "$value"
	refused --flow-active-timeout --demo --flow-active-timeout "$value"
	refused --duration --demo --duration "$value"
done
for value in maybe ON1 ''; do
	refused --flow-tcp-end --demo --flow-tcp-end "$value"
done
for value in on Decapsulate 'off or decapsulate' ''; do
	refused --flow-tunnels --demo --flow-tunnels "$value"
done
for value in on Follow 'off or follow' ''; do
	refused --flow-fragments --demo --flow-fragments "$value"
done
for value in nonsense 127.0.0.1 127.0.0.1:65536 127.0.0.1:x 127.0.0.1:-1 ''; do
	refused --listen --demo --listen "$value"
done
for value in nonsense 127.0.0.1 ::1:4739 127.0.0.1:0 sctp:127.0.0.1:4739 a:1,b:1,c:1,d:1,e:1 a:1,a:1 \
	no-such-host.invalid:4739 ''; do
	refused --ipfix --demo --ipfix "$value"
done
for value in mysql:x sqlite: weir.db ''; do
	refused --store --demo --store "$value"
done
refused 'whose folder /no/such cannot be used: No such file' --demo --store sqlite:/no/such/weir.db
refused 'which is a folder; allowed: a file' --demo --store "sqlite:$TMP"
refused 'which names a folder' --demo --store "sqlite:$TMP/"
refused 'which is not a regular file' --demo --store sqlite:/dev/null
refused "found 300 bytes as the file's name" --demo --store "sqlite:$(printf '%0300d' 0)"
refused 'found 4008 bytes ("sqlite:./' --demo --store "sqlite:$(printf './%.0s' $(seq 2000))x"
[ -z "$(ls "$TMP" | grep lock)" ] || complain "a lock file is left: $(ls "$TMP")"
for value in http://127.0.0.1/ 127.0.0.1 mongodb:// ''; do
	refused --push --demo --push "$value"
done
refused --config --demo --config "$TMP/no-such-file"
echo '{"workers": ' >"$TMP/cut.json"
refused cut.json --demo --config "$TMP/cut.json"
echo '{"no_such_field": 1}' >"$TMP/unknown.json"
refused no_such_field --demo --config "$TMP/unknown.json"
printf '{\n\t"flow": {\n\t\t"idle_timeout_s": "soon"\n\t}\n}\n' >"$TMP/type.json"
refused idle_timeout_s --demo --config "$TMP/type.json"
for option in --pcap --iface --workers --duration --report --store; do
	refused $option $option
done

# What comes from the configuration is named with its place there, whoever finds the fault.
in_config() { # PLACE JSON
	echo "$2" >"$TMP/c.json"
	refused "$1" --config "$TMP/c.json"
}
in_config 'c.json:1: store: ' '{"store": "foo", "ports": ["lo"]}'
in_config "c.json:1: store: found 300 bytes as the file's name" \
	'{"store": "sqlite:'"$(printf '%0300d' 0)"'", "ports": ["lo"]}'
in_config 'c.json:1: keep.results_mib: found 0' '{"keep": {"results_mib": 0}, "ports": ["lo"]}'
in_config 'c.json:1: keep.flow_records: found 1' '{"keep": {"flow_records": 1}, "ports": ["lo"]}'
in_config 'c.json:1: keep.push_days: found "x"' '{"keep": {"push_days": "x"}, "ports": ["lo"]}'
in_config 'c.json:1: keep.nope: ' '{"keep": {"nope": 1}, "ports": ["lo"]}'
in_config 'c.json:1: push: ' '{"push": "foo", "ports": ["lo"]}'
in_config 'c.json:2: ports: ' '{
	"ports": ["nosuch0"]}'
for value in '"on"' '"off or"' '"off or follow"' '""' '"or"' true null; do
	in_config 'c.json:1: flow.fragments: ' '{"flow": {"fragments": '"$value"'}, "ports": ["lo"]}'
done
for value in '"on"' '"follow"' '"off or decapsulate"' '""' true null; do
	in_config 'c.json:1: flow.tunnels: ' '{"flow": {"tunnels": '"$value"'}, "ports": ["lo"]}'
done
in_config 'c.json:1: ipfix.collectors: ' '{"ipfix": {"collectors": ["foo"]}, "ports": ["lo"]}'
in_config 'c.json:1: ipfix.message_bytes: ' '{"ipfix": {"message_bytes": 100}, "ports": ["lo"]}'
in_config 'c.json:1: pane_ms: ' '{"pane_ms": 300, "ports": ["lo"]}'
echo '{"store": "foo"}' >"$TMP/c.json"
refused 'weir: --store: found "bar"' --demo --config "$TMP/c.json" --store bar
refused 'named twice' --iface lo,lo
refused 'EAL options' --no-huge --no-pci -- --iface lo

# And a value that is good is not refused, so that the table above is not passed by a program
# that refuses everything.
"$WEIR" --pcap /dev/null --workers 1 --flow-idle-timeout 0.5 --report - >"$TMP/out" 2>"$TMP/err"
[ $? -eq 1 ] || complain "an empty file as a capture: not exit 1"
"$WEIR" --help >"$TMP/out" 2>"$TMP/err" || complain "--help: exit $?"
grep -q -e --flow-idle-timeout "$TMP/out" || complain "--help does not name --flow-idle-timeout"
[ $failures -eq 0 ] || exit 1
passed
