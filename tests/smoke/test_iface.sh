#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# --iface on one end of a veth pair, in a network namespace of its own: every frame that is sent
# into the other end is in the ledger and in its flow.
. "$(dirname "$0")/../lib/weirtest.sh"

PACKETS=20000
FLOWS=50
NS="weir-test-$$"

namespace_remove() {
	ip netns del "$NS" 2>/dev/null
}

ip netns add "$NS" 2>/dev/null || skip "network namespaces are not permitted here"
CLEANUP=namespace_remove
PREFIX="ip netns exec $NS"
# Nothing but the test may send: no IPv6, so no router solicitation and no multicast report.
$PREFIX sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 \
	2>/dev/null
$PREFIX ip link set lo up || skip "no loopback in a network namespace"
$PREFIX ip link add weir0 type veth peer name weir1 2>/dev/null || skip "no veth pairs here"
# Frames longer than a slot of the capture ring (2048 bytes) have to count with their length.
$PREFIX ip link set weir0 mtu 9000 && $PREFIX ip link set weir1 mtu 9000 || fail "mtu"
$PREFIX ip link set weir0 up && $PREFIX ip link set weir1 up || fail "veth pair"

# One worker, and three that share what the one queue brings.
for WORKERS in 1 3; do
weir_start --iface weir1 --workers "$WORKERS" --store none --report "$TMP/report.json" \
	--flows "$TMP/flows" --flow-fragments follow
rpc ports.list >"$TMP/ports"
equal "$(json "$TMP/ports" '[p["driver"] for p in d]')" '["net_af_packet"]' "drivers in ports.list"
equal "$(json "$TMP/ports" '[(p["spread"], p["queues"]) for p in d]')" \
	"$([ "$WORKERS" = 1 ] && echo '[["none", 1]]' || echo '[["software", 1]]')" "spread"

$PREFIX python3 - "$TESTS/lib" $PACKETS $FLOWS <<'EOF' || fail "sending"
import socket, sys, time
sys.path.insert(0, sys.argv[1])
from frames import arp, eth, frag6, ip4, ip6, udp
packets, flows = int(sys.argv[2]), int(sys.argv[3])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("weir0", 0))
made = [eth(ip4(udp(1000 + i, 53, b"x" * (i * 20)), 17, f"10.9.0.{i}", "10.9.1.1"), pad=True)
        for i in range(flows)]
for i in range(packets):
    s.send(made[i % flows])
    if i % 100 == 99:
        time.sleep(0.005)
for _ in range(10):
    s.send(eth(arp(), 0x0806, pad=True))
for _ in range(20):
    s.send(eth(ip4(udp(9, 9, b"tagged"), 17, "10.9.2.1", "10.9.2.2"), vlans=[7], pad=True))
for _ in range(30):
    s.send(eth(ip6(udp(9, 9, b"six"), 17, "2001:db8::1", "2001:db8::2"), 0x86dd))
for _ in range(7):
    s.send(eth(ip4(udp(9, 9, bytes(5000)), 17, "10.9.3.1", "10.9.3.2")))
    s.send(eth(ip6(udp(9, 9, bytes(8000)), 17, "2001:db8::3", "2001:db8::4"), 0x86dd, vlans=[7]))
# Fragments of forty flows, so that some fall to each worker; of each flow a whole packet as well.
# In IPv6, as the kernel puts those of IPv4 together before net_af_packet gives them out.
for i in range(40):
    ends = f"2001:db8:4::{i + 1:x}", "2001:db8:5::1"
    s.send(eth(ip6(udp(5000 + i, 53, bytes(32)), 17, *ends), 0x86dd))
    s.send(eth(ip6(frag6(17, 0, True, i) + udp(5000 + i, 53, bytes(1232)), 44, *ends), 0x86dd))
    s.send(eth(ip6(frag6(17, 155, False, i) + bytes(1000), 44, *ends), 0x86dd))
s.send(eth(ip6(frag6(17, 155, False, 99) + bytes(1000), 44, *ends), 0x86dd))
EOF
sleep 1
$PREFIX python3 - "$TESTS/lib" "$PORT" <<'EOF' || fail "/metrics"
import sys
sys.path.insert(0, sys.argv[1])
import ask
metrics = ask.fetch(sys.argv[2], "/metrics")[1].splitlines()
for name, value in (("first", 40), ("followed", 40), ("unmatched", 1), ("evicted", 0)):
    assert f"weir_fragments_{name}_total {value}" in metrics, [m for m in metrics if "frag" in m]
EOF
weir_stop INT

ledger_check "$TMP/report.json"
equal "$(json "$TMP/report.json" 'd["ledger"]["nic"]')" \
	'{"missed": 0, "errors": 0, "nombuf": 0}' "losses"
equal "$(json "$TMP/report.json" 'd["ledger"]["received"]')" $((PACKETS + 195)) "received"
equal "$(json "$TMP/report.json" 'd["fragments"]')" '{"mode": "follow", "first": 40, "followed": 40, "unmatched": 1, "replaced": 0, "evicted": 0}' "fragments"
equal "$(json "$TMP/report.json" '{r: n for r, n in d["ledger"]["discarded"].items() if n}')" \
	'{"arp": 10}' "discarded"
python3 - "$TMP/flows" $PACKETS $FLOWS <<'EOF' || fail "flow records"
import json, sys
flows = [json.loads(line) for line in open(sys.argv[1])]
packets, count = int(sys.argv[2]), int(sys.argv[3])
by = {(f["src"], tuple(f["vlan"])): f for f in flows if f["sport"] != 0}
alone = [f for f in flows if f["sport"] == 0]
assert [(f["src"], f["fwd"]["packets"]) for f in alone] == [("2001:db8:4::28", 1)], alone
def check(src, vlan, packets, size):
    f = by.pop((src, vlan), None)
    assert f, f"no flow from {src} in VLAN {vlan}; there are {sorted(by)}"
    found = f["fwd"]["packets"], f["fwd"]["bytes"], f["rev"]["packets"]
    assert found == (packets, packets * size, 0), f"{src}: {found}, expected {packets} of {size}"
for i in range(count):
    check(f"10.9.0.{i}", (), packets // count, max(60, 42 + i * 20))
check("2001:db8::1", (), 30, 65)
check("10.9.2.1", (7,), 20, 60)
check("10.9.3.1", (), 7, 14 + 28 + 5000)
check("2001:db8::3", (7,), 7, 18 + 48 + 8000)
for i in range(40):
    f = by.pop((f"2001:db8:4::{i + 1:x}", ()))
    found = f["sport"], f["dport"], f["fwd"]["packets"], f["fwd"]["bytes"]
    assert found == (5000 + i, 53, 3, 3 * 54 + 40 + 8 + 1240 + 8 + 1000), found
assert not by, f"more flows: {sorted(by)}"
EOF
done

# The interface is left as it was, however Weir ends: promiscuous as long as it runs, and the flag that
# somebody has set stays.
mode() { # how many hold it promiscuous, and whether the flag is set
	$PREFIX ip -d -j link show weir1 | python3 -c 'import json, sys
d = json.load(sys.stdin)[0]
print(d["promiscuity"], "PROMISC" in d["flags"], d["mtu"])'
}
equal "$(mode)" "0 False 9000" "weir1 after Weir"
weir_start --iface weir1 --store none --report "$TMP/report.json"
equal "$(mode)" "1 False 9000" "weir1 while Weir runs"
kill -9 "$WEIR_PID"
weir_wait 10
equal "$(mode)" "0 False 9000" "weir1 after Weir was killed"
$PREFIX ip link set weir1 promisc on
weir_start --iface weir1 --store none --report "$TMP/report.json"
equal "$(mode)" "2 True 9000" "weir1, promiscuous before, while Weir runs"
weir_stop INT
equal "$(mode)" "1 True 9000" "weir1, promiscuous before, after Weir"
$PREFIX ip link set weir1 promisc off

# The link goes down, comes back, goes for good: told, and the last is no health.
link() { # EXPECTED
	for _ in $(seq 100); do
		rpc ports.list >"$TMP/ports"
		[ "$(json "$TMP/ports" 'd[0]["link"]')" = "$1" ] && return
		sleep 0.1
	done
	fail "link is $(json "$TMP/ports" 'd[0]["link"]'), expected $1"
}
said() { # PATTERN
	for _ in $(seq 50); do
		grep -q "$1" "$TMP/stderr" && return
		sleep 0.1
	done
	fail "the log does not say '$1'"
}
weir_start --iface weir1 --store none --report "$TMP/report.json"
link up
$PREFIX ip link set weir0 down
link down
said 'weir1: the link is down'
$PREFIX ip link set weir0 up
link up
said 'weir1: the link is up'
$PREFIX ip link del weir0
link gone
said 'weir1: the interface is gone'
$PREFIX python3 - "$TESTS/lib" "$PORT" <<'EOF' || fail "/healthz"
import sys
sys.path.insert(0, sys.argv[1])
import ask, urllib.error
try:
    raise SystemExit(f"healthy: {ask.fetch(sys.argv[2], '/healthz')}")
except urllib.error.HTTPError as e:
    text = e.read().decode()
    assert e.code == 503 and "weir1 is gone" in text, (e.code, text)
EOF
weir_stop INT
ledger_check "$TMP/report.json"
passed "$((PACKETS + 195)) packets, and a link that goes"
