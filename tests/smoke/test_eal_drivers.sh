#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Which of DPDK's drivers a run loads: those that it needs, where Weir composes EAL's options and knows
# them; all that are installed with network cards, and where EAL gets options from the user.
. "$(dirname "$0")/../lib/weirtest.sh"

folder=$(pkg-config --variable=libdir libdpdk)/dpdk
installed=$(find "$folder" -name 'librte_net_*.so*' 2>/dev/null | sed 's/.*\(librte_net_[a-z0-9_]*\).*/\1/' | sort -u | wc -l)
[ "$installed" -gt 10 ] || skip "no folder of DPDK drivers in $folder"

# loaded PATTERN ARGUMENTS...: how many libraries of that name a run with these arguments initializes
loaded() {
	local pattern=$1
	shift
	rm -f "$TMP"/loader*
	LD_DEBUG=files LD_DEBUG_OUTPUT="$TMP/loader" timeout 30 "$WEIR" "$@" >"$TMP/out" 2>&1
	cat "$TMP"/loader* | grep "calling init: .*/$pattern" | sed 's/.*\/\(librte_[a-z0-9_]*\).*/\1/' | sort -u | wc -l
}

# An empty capture is a capture.
printf '\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0' >"$TMP/empty.pcap"

# net_ring is part of the program: generator and dispatch make ports of it.
equal "$(loaded 'librte_net_[^r]' --pcap "$TMP/empty.pcap")" 0 "network drivers with --pcap"
grep -q '"residual":[[:space:]]*0' "$TMP/out" || fail "no report with --pcap: $(head -3 "$TMP/out")"
equal "$(loaded librte_mempool_ring --pcap "$TMP/empty.pcap")" 1 "the driver of packet buffers with --pcap"
equal "$(loaded 'librte_net_[^r]' --demo --duration 1 --store none --no-listen)" 0 "network drivers with --demo"
grep -q "residual 0" "$TMP/out" || fail "no ledger with --demo: $(tail -3 "$TMP/out")"

# The kernel's loopback can be captured from without any other interface.
if [ "$(id -u)" = 0 ]; then
	equal "$(loaded 'librte_net_[^r]' --iface lo --duration 1 --store none --no-listen)" 1 "network drivers with --iface"
	grep -q "residual 0" "$TMP/out" || fail "no ledger with --iface: $(tail -3 "$TMP/out")"
	# There is no such card, but whether there is one only drivers can say.
	echo '{"ports": ["ffff:1f:00.0"]}' >"$TMP/card.json"
	[ "$(loaded 'librte_net_[^r]' --config "$TMP/card.json" --duration 1 --store none --no-listen)" -ge \
		$((installed - 1)) ] || fail "a network card without its driver"
fi

all=$(loaded 'librte_net_[^r]' --no-huge -m 64 --no-shconf --no-pci --no-telemetry --lcores 0@0,1@0,2@0 -- \
	--pcap "$TMP/empty.pcap")
[ "$all" -ge $((installed - 1)) ] || fail "EAL options from the user: $all of $installed network drivers"
passed
