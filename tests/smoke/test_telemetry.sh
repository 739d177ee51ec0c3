#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK's telemetry socket, which EAL has where it gets options of one's own: /weir/... says what JSON-RPC
# says. With the options that Weir composes there is none.
. "$(dirname "$0")/../lib/weirtest.sh"

export XDG_RUNTIME_DIR=$TMP RUNTIME_DIRECTORY=$TMP/run
mkdir -p "$TMP/run"
EAL="--no-huge --no-shconf -m 512 --no-pci --log-level=lib.eal:warning --file-prefix weir$$ --lcores 0@0,1@0,2@0,3@0 --"
weir_start --demo --flow-capacity 16384 --store none
SOCKET=$(find "$TMP" "/var/run/dpdk/weir$$" -name 'dpdk_telemetry.v2*' -type s 2>/dev/null | head -1)
[ -n "$SOCKET" ] || fail "EAL made no telemetry socket"
rpc generator.set '{"rate_pps": 20000}' >/dev/null
latest ip-topk "$TMP/latest"
rpc generator.stop >/dev/null
sleep 1
python3 - "$TESTS/lib" "$PORT" "$SOCKET" <<'PY' || fail "telemetry is not what JSON-RPC says"
import json, socket, sys
sys.path.insert(0, sys.argv[1])
import ask
port, path = sys.argv[2:4]
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(10)
s.connect(path)
s.recv(4096)


def tell(command):
    s.send(command.encode())
    return json.loads(s.recv(65536))[command.split(",")[0]]


stats = ask.rpc(port, "stats.get")
ledger = tell("/weir/ledger")
assert ledger["received"] == stats["ledger"]["received"] > 0, ledger
assert ledger["nic/missed"] == stats["ledger"]["nic"]["missed"] and ledger["residual"] == 0, ledger
assert tell("/weir/flows")["created"] == stats["flows"]["created"], stats["flows"]
assert {v for k, v in tell("/weir/lcores").items() if k.endswith("/role")} >= {"rx", "merge"}
assert tell("/weir/queries") == [q["name"] for q in ask.rpc(port, "query.list")]
for row in tell("/weir/result,ip-topk"):
    key, value = row.split()
    assert int(value) >= 0 and key.count(".") == 3, row
assert not tell("/weir/result,nonsense") and not tell("/weir/result")
assert "/weir/ledger" in tell("/")
PY
weir_stop INT
passed
