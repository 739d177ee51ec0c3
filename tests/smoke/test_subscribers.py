#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""200 websockets that subscribe to all results, which come each second: every one gets every result of
every query, none twice and in order; Weir counts no notification dropped, misses no packet at a paced
rate, and its control thread has time left.

    test_subscribers.py [CLIENTS [SECONDS]]      default 200, 6

Environment: WEIR, the program; CONTROL_SHARE, the most of a core that the control thread may take (0.9:
CI's machines are shared; measured alone it is far less, docs/performance.md).
"""
import base64
import json
import os
import re
import selectors
import socket
import struct
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(REPO, "tests", "lib"))
import ask  # noqa: E402
from demo import demo  # noqa: E402

CLIENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 6
RATE = 50000
QUERY = re.compile(rb'"query":"([^"]*)","seq":(\d+),')


class Client:
    """One websocket; keeps the sequence numbers of the results of each query."""

    def __init__(self, port):
        self.seen, self.lost, self.answers, self.data = {}, 0, 0, b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Protocol: weir.v1\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.data:
            self.data += self.socket.recv(4096)
        assert self.data.startswith(b"HTTP/1.1 101"), self.data[:200]
        self.data = self.data.split(b"\r\n\r\n", 1)[1]
        self.call("subscribe", {"topics": ["result"]})
        self.socket.setblocking(False)

    def call(self, method, params):
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        assert len(text) < 126
        self.socket.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)  # a mask of zeros

    def read(self):
        data = self.socket.recv(1 << 18)
        assert data, "the connection was closed"
        self.data += data
        while self.frame():
            pass

    def frame(self):
        """Take one frame off what has come; servers do not mask."""
        if len(self.data) < 2:
            return False
        length, head = self.data[1] & 0x7f, 2
        if length >= 126:
            head = 4 if length == 126 else 10
            if len(self.data) < head:
                return False
            length = struct.unpack(">H" if head == 4 else ">Q", self.data[2:head])[0]
        if len(self.data) < head + length:
            return False
        kind, final, text = self.data[0] & 0xf, self.data[0] & 0x80, self.data[head:head + length]
        self.data = self.data[head + length:]
        if kind in (0, 1):
            self.message(text, kind == 1)
        elif kind == 9:  # ping
            self.socket.sendall(bytes([0x8a, 0x80 | length]) + bytes(4) + text)
        assert kind in (0, 1, 9, 10), f"frame of kind {kind}, final {final}"
        return True

    def message(self, text, begins):
        if not begins:  # the rest of a long one
            return
        match = QUERY.search(text[:200])
        if match:
            self.seen.setdefault(match[1].decode(), []).append(int(match[2]))
        elif b'"result"' in text[:60] or b'"id":1' in text[-20:]:
            self.answers += 1
        elif b'"method":"lost"' in text[:60] or b'"notifications"' in text[:200]:
            self.lost += 1


def cpu_seconds(pid):
    """Of the main thread, which is the control thread."""
    with open(f"/proc/{pid}/task/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def listen(clients, seconds):
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as select:
        for c in clients:
            select.register(c.socket, selectors.EVENT_READ, c)
        while time.monotonic() < end:
            for key, _ in select.select(0.2):
                key.data.read()


def last_of(clients):
    return {q: min(c.seen.get(q, [-1])[-1] for c in clients) for q in clients[0].seen}


def check(clients, first, last):
    for number, c in enumerate(clients):
        assert c.answers == 1 and c.lost == 0, f"client {number}: {c.answers} answers, told of {c.lost} losses"
        for query, upto in last.items():
            seen = [s for s in c.seen.get(query, []) if first[query] <= s <= upto]
            expected = list(range(first[query], upto + 1))
            assert seen == expected, f"client {number}, {query}: {seen[:20]}…, expected {expected[:20]}…"


def run(port, pid):
    ask.rpc(port, "generator.set", {"rate_pps": RATE})
    clients = [Client(port) for _ in range(CLIENTS)]
    listen(clients, 2.5)  # until all have subscribed
    before = ask.rpc(port, "stats.get")
    first = {q: max(c.seen[q][-1] for c in clients) + 1 for q in clients[0].seen}
    cpu, begun = cpu_seconds(pid), time.monotonic()
    listen(clients, SECONDS)
    cpu, took = cpu_seconds(pid) - cpu, time.monotonic() - begun
    after = ask.rpc(port, "stats.get")
    last = last_of(clients)
    check(clients, first, last)
    results = sum(last[q] - first[q] + 1 for q in last)
    share = cpu / took
    missed = after["ledger"]["nic"]["missed"] - before["ledger"]["nic"]["missed"]
    dropped = after["control"]["dropped"] - before["control"]["dropped"]
    print(f"{CLIENTS} clients, {took:.0f} s: {results} results to each, {results * CLIENTS:,} notifications; control thread "
          f"{100 * share:.1f} % of a core; dropped {dropped}, missed {missed}, residual {after['ledger']['residual']}")
    assert len(last) == 6 and results >= 6 * (SECONDS - 2), f"{results} results of {sorted(last)}"
    assert dropped == 0 and after["ledger"]["residual"] == 0, after["control"]
    assert missed == 0, f"{missed} packets missed at {RATE} per second"
    limit = float(os.environ.get("CONTROL_SHARE", "0.9"))
    assert share < limit, f"the control thread took {share:.2f} of a core, allowed {limit}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        with demo(folder, "--store", "none") as (port, pid, _):
            run(port, pid)
    print("test_subscribers: passed")


main()
