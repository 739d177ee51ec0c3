#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A capture of two days with a day without packets between them, for the daily totals of the panel's
test: days_capture.py FILE prints the first and the last day."""
import datetime
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
import captures  # noqa: E402
import frames  # noqa: E402

FIRST_S = 1_764_028_800  # midnight, 2025-11-25
HOSTS = 12


def main(path):
    packets = []
    for day in (0, 2):
        for host in range(HOSTS):
            payload = b"x" * (100 * (host + 1) + day)
            local, far = f"10.0.0.{host + 1}", "192.0.2.1"
            at_ns = (FIRST_S + day * 86400 + host) * 10**9
            there = frames.ip4(frames.udp(5000, 53, payload), 17, local, far)
            back = frames.ip4(frames.udp(53, 5000, payload * 2), 17, far, local)
            packets += [captures.Packet(at_ns, frames.eth(there)), captures.Packet(at_ns + 1000, frames.eth(back))]
    Path(path).write_bytes(captures.pcap(packets))
    for day in (0, 2):
        print(datetime.datetime.fromtimestamp(FIRST_S + day * 86400, datetime.timezone.utc).strftime("%Y-%m-%d"))


if __name__ == "__main__":
    main(*sys.argv[1:])
