#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# One receive queue and several workers: the demo's packets are spread in software. Every packet and
# byte of every address is where the generator's answer key says, each conversation is in one worker
# only, and each worker has its part. The same where RX lcores have to do the dispatch besides, and
# where there is an lcore for it.
. "$(dirname "$0")/../lib/weirtest.sh"

PACKETS=100000  # so slowly that a ring takes 0.3 s of them
PROFILE='"rate_pps": 50000, "seed": 11, "flows": 4000, "packets": '$PACKETS',
	"popularity": {"type": "zipf", "s": 0.7}, "addresses": {"net4": "10.0.0.0/16", "count": 900},
	"protocols": ["DNS", "HTTPS", "ICMP"], "size": {"type": "imix"}'
echo "{\"generator\": {$PROFILE}}" >"$TMP/config.json"
echo "{$PROFILE, \"answer_key\": \"$TMP/key.json\"}" >"$TMP/profile.json"
"$WEIR_PKTGEN" --profile "$TMP/profile.json" --pcap "$TMP/key.pcap" >/dev/null 2>"$TMP/stderr" ||
	fail "the generator's answer key"

# dispatched WORKERS OWN: "own" if there has to be an lcore for dispatch, "none" if not, or "any"
dispatched() {
	local workers=$1 own=$2
	weir_start --demo --workers "$workers" --config "$TMP/config.json" --store none \
		--flow-idle-timeout 0 --flow-active-timeout 0 --flow-tcp-end off \
		--flows "$TMP/flows" --report "$TMP/report.json"
	python3 - "$TESTS/lib" "$PORT" $PACKETS <<'EOS' || fail "while it ran, $workers workers"
import sys, time
sys.path.insert(0, sys.argv[1])
import ask
port, packets = sys.argv[2], int(sys.argv[3])
heaviest = []
for _ in range(300):
    stats = ask.rpc(port, "stats.get")
    ledger = stats["ledger"]
    assert ledger["residual"] == 0, ledger
    assert ledger["offered"] == ledger["received"] + sum(ledger["nic"].values()), ledger
    assert sum(ledger["missed_at"].values()) == ledger["nic"]["missed"], ledger
    assert stats["skew"]["total"] <= len(stats["workers"]), stats["skew"]
    heaviest += [w["last_pane"]["heaviest"]["src"] for w in stats["workers"]
                 if w["last_pane"]["heaviest"]]
    if ask.rpc(port, "generator.get")["sent"] >= packets:
        break
    time.sleep(0.1)
assert heaviest, "no heaviest flow was seen"
metrics = ask.fetch(port, "/metrics")[1]
assert 'weir_worker_dispatch_missed_packets_total{worker="1"} ' in metrics, "metrics"
assert 'weir_port_lost_packets_total{port="0",kind="dispatch"} ' in metrics, "metrics"
EOS
	weir_stop INT
	ledger_check "$TMP/report.json"
	python3 - "$TMP" "$workers" "$own" <<'EOS' || fail "$workers workers"
import collections, json, sys
folder, workers, own = sys.argv[1], int(sys.argv[2]), sys.argv[3]
report = json.load(open(folder + "/report.json"))
total = json.load(open(folder + "/key.json"))["total"]
lost = [w["dispatch_missed"] for w in report["workers"]], report["ledger"]["missed_at"]
assert report["ledger"]["received"] == total["packets"], (total["packets"], report["ledger"])
assert report["ledger"]["received_bytes"] == total["bytes"], "bytes"
assert report["ledger"]["offered"] == report["ports"][0]["ipackets"], "offered by the port"
assert report["ports"][0]["spread"] == "software", report["ports"]
roles = [l["role"] for l in report["lcores"]]
assert roles.count("rx") == workers, roles
assert own == "any" or ("dispatch" in roles) == (own == "own"), roles
parts = [w["received"] for w in report["workers"]]
skew = max(parts) * workers / sum(parts)
assert abs(report["skew"]["total"] - skew) < 1e-9, (report["skew"], skew)
assert sum(parts) == total["packets"] and min(parts) * 3 * workers > sum(parts), parts
packets, octets = collections.Counter(), collections.Counter()
homes = collections.defaultdict(set)
for line in open(folder + "/flows"):
    f = json.loads(line)
    ends = sorted([(f["src"], f["sport"]), (f["dst"], f["dport"])])
    homes[str(ends), f["proto"]].add(f["worker"])
    for ip in (f["src"], f["dst"]):
        packets[ip] += f["bidir"]["packets"]
        octets[ip] += f["bidir"]["bytes"]
apart = [k for k, w in homes.items() if len(w) > 1]
assert not apart, f"{len(apart)} of {len(homes)} conversations in several workers: {apart[:3]}"
truth = total["addresses"]
assert set(packets) == set(truth), "addresses"
wrong = [(ip, packets[ip], octets[ip], t) for ip, t in truth.items()
         if (packets[ip], octets[ip]) != (t["packets"], t["bytes"])]
assert not wrong, f"{len(wrong)} of {len(truth)} addresses: {wrong[:3]}; missed {lost}"
EOS
}

# generator_mib: what the plan of the run before announces for the generator
generator_mib() {
	sed -n 's/^weir: memory: .*generator \([0-9]*\).*/\1/p' "$TMP/stderr"
}

dispatched 2 any
MIB=$(generator_mib)
EAL="--no-huge --no-shconf --no-pci -m 768 --lcores 0@0,1@0,2@0,3@0,4@0,5@0 --"
dispatched 3 none
[ "$(generator_mib)" -ge $((MIB + 8192 * 9344 / 1048576)) ] ||
	fail "the generator's memory: $MIB MiB with 2 workers, $(generator_mib) with 3"
dispatched 2 own

# The two directions on two ports: still each conversation in one worker. So few packets that all
# of them fit into the rings.
python3 - "$TMP" <<'EOS' || fail "captures by direction"
import sys
folder = sys.argv[1]
data = open(folder + "/key.pcap", "rb").read()
out = [open(f"{folder}/way{i}.pcap", "wb") for i in range(2)]
for f in out:
    f.write(data[:24])
at, n = 24, 0
while n < 4000:
    end = at + 16 + int.from_bytes(data[at + 8:at + 12], "little")
    ip = at + 16 + 14
    assert data[ip] == 0x45, "IPv4"
    out[data[ip + 12:ip + 16] > data[ip + 16:ip + 20]].write(data[at:end])
    at, n = end, n + 1
EOS
EAL="$EAL --vdev net_pcap0,rx_pcap=$TMP/way0.pcap --vdev net_pcap1,rx_pcap=$TMP/way1.pcap --"
EAL=${EAL/ -- / }
weir_start --workers 2 --store none --flow-idle-timeout 0 --flow-active-timeout 0 \
	--flow-tcp-end off --flows "$TMP/flows" --report "$TMP/report.json"
for _ in $(seq 100); do
	[ "$(rpc stats.get | python3 -c 'import json, sys
print(json.load(sys.stdin)["ledger"]["received"])')" = 4000 ] && break
	sleep 0.1
done
weir_stop INT
ledger_check "$TMP/report.json"
python3 - "$TMP" <<'EOS' || fail "directions on two ports"
import collections, json, sys
report = json.load(open(sys.argv[1] + "/report.json"))
assert report["ledger"]["received"] == 4000, report["ledger"]
assert [p["spread"] for p in report["ports"]] == ["software"] * 2, report["ports"]
homes, both = collections.defaultdict(set), 0
for line in open(sys.argv[1] + "/flows"):
    f = json.loads(line)
    ends = sorted([(f["src"], f["sport"]), (f["dst"], f["dport"])])
    homes[str(ends), f["proto"]].add(f["worker"])
    both += f["rev"]["packets"] > 0
apart = [k for k, w in homes.items() if len(w) > 1]
assert both > 100, f"{both} flows with packets in both directions"
assert not apart, f"{len(apart)} of {len(homes)} conversations in several workers: {apart[:3]}"
EOS
passed "$PACKETS packets with 2 and 3 workers"
