#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Daily totals of captures against sums from the packets: captures of corpus/oracle, and a made one of
several days with hosts of both versions. Run twice into one store, they stay the same.

    test_daily.py [CAPTURE...]
"""
import datetime
import ipaddress
import json
import random
import sqlite3
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import captures  # noqa: E402
import frames  # noqa: E402
import weirtest  # noqa: E402

CAPTURES = ["nDPI__iphone.pcap", "nDPI__hsrp2_ipv6.pcapng", "nDPI__synscan.pcap",
            "nDPI__whatsapp_login_call.pcap", "nfstream__1kxun.pcap", "zeek__wikipedia.pcap"]
NETWORKS = ["10.0.0.0/8", "192.168.0.0/16", "64.0.0.0/3", "224.0.0.0/4", "fe80::/10", "2001:db8::/48"]
DAY_US = 86_400_000_000
FIELDS = ("inBytes", "inPackets", "outBytes", "outPackets")


def made():
    """Five days, one of them empty, packets within a second of each midnight, hosts that come again."""
    rng = random.Random(7)
    first = 1_700_006_400  # a midnight
    hosts = [f"10.0.0.{i}" for i in range(1, 9)] + [f"2001:db8::{i:x}" for i in range(1, 9)] + \
        ["11.0.0.1", "2001:db9::1"]
    times = [first + d * 86400 + s for d in (0, 1, 3, 4) for s in (0.0, 0.2, 86399.9999)]
    times += [first + d * 86400 + rng.uniform(0, 86400) for d in (0, 1, 3, 4) for _ in range(200)]
    packets = []
    for t in sorted(times):
        six = rng.random() < 0.5
        src, dst = rng.choices([h for h in hosts if (":" in h) == six], k=2)  # also one to itself
        ip, kind = (frames.ip6, 0x86dd) if six else (frames.ip4, 0x0800)
        payload = frames.udp(rng.randrange(1, 9), 53, bytes(rng.randrange(200)))
        packets.append(captures.Packet(round(t * 1e6) * 1000, frames.eth(ip(payload, 17, src, dst), kind)))
    return captures.pcap(packets)


def expected(path):
    networks = [ipaddress.ip_network(n) for n in NETWORKS]
    totals = defaultdict(lambda: [0, 0, 0, 0])
    for p in flow_model.packets(path):
        if not p.in_flow:
            continue
        # A pane counts for the day that it begins in; those of a second never lie in two.
        day = datetime.datetime.fromtimestamp(p.clock // DAY_US * 86400, datetime.timezone.utc)
        for end, at in ((p.dst, 0), (p.src, 2)):
            address = ipaddress.ip_address(end[0])
            if any(address in n for n in networks if n.version == address.version):
                total = totals[day.strftime("%Y-%m-%d"), str(address)]
                total[at] += p.wire
                total[at + 1] += 1
    return dict(totals)


def stored(database):
    with sqlite3.connect(database) as db:
        documents = [json.loads(row[0]) for row in db.execute("SELECT json FROM daily")]
    return {(d["day"], d["host"]): [d[f] for f in FIELDS] for d in documents}


def compare(path):
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-test-") as folder:
        folder = Path(folder)
        (folder / "config.json").write_text(json.dumps({"local_networks": NETWORKS, "builtin_queries": []}))
        options = ["--config", folder / "config.json", "--store", f"sqlite:{folder / 'weir.db'}"]
        true = expected(path)
        for run in ("first", "second"):
            weirtest.PcapRun(path, options, flows=False)
            c.equal(stored(folder / "weir.db"), true, f"{Path(path).name}, {run} run")
    c.that(true, f"{Path(path).name}: some host is local")
    return c


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-test-") as folder:
        path = Path(folder) / "days.pcap"
        path.write_bytes(made())
        c.equal(len({day for day, _ in expected(path)}), 4, "days of the made capture")
        parts = [compare(path)]
    oracle = weirtest.corpus("oracle")
    parts += [compare(oracle / name) for name in sys.argv[1:] or CAPTURES]
    for part in parts:
        c.failures += part.failures
        c.passed += part.passed
    return c


if __name__ == "__main__":
    weirtest.reference()
    import flow_model
    weirtest.main(test)
