#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The heaviest flow of a worker's last pane, where the pane comes in several parts: most packets first,
of equals most bytes, of those the first, wherever in the pane they are."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import captures  # noqa: E402
import frames  # noqa: E402
import weirtest  # noqa: E402

FLOWS = 10000
SECOND_PART, THIRD_PART = 4500, 9000  # of 4096 deltas each, PANE_DELTAS of lib/pane/pane.h
BEGIN_NS = 1767225600 * 10**9


def capture(packets):
    """packets: by flow, (packets, bytes of payload) where that is not (1, 18)."""
    out = []
    for flow in range(FLOWS):
        count, length = packets.get(flow, (1, 18))
        datagram = frames.ip4(frames.udp(1000, 53, b"\0" * length), 17, f"10.0.{flow >> 8}.{flow & 255}", "192.0.2.1")
        out += [captures.Packet(BEGIN_NS + flow * 1000, frames.eth(datagram))] * count
    return captures.pcap(out)


def heaviest(folder, packets):
    (folder / "in.pcap").write_bytes(capture(packets))
    subprocess.run([weirtest.weir(), "--pcap", str(folder / "in.pcap"), "--workers", "1", "--report",
                    str(folder / "report")], check=True, stderr=subprocess.DEVNULL)
    flow = json.loads((folder / "report").read_text())["workers"][0]["last_pane"]["heaviest"]
    _, _, high, low = map(int, flow["src"].split("."))
    return high << 8 | low


def main():
    with tempfile.TemporaryDirectory(prefix="weir-heaviest-") as name:
        for packets, expected in (({}, 0), ({SECOND_PART: (1, 200)}, SECOND_PART),
                                  ({SECOND_PART: (1, 200), THIRD_PART: (1, 200)}, SECOND_PART),
                                  ({SECOND_PART: (1, 200), THIRD_PART: (2, 18)}, THIRD_PART)):
            found = heaviest(Path(name), packets)
            if found != expected:
                print(f"FAIL test_heaviest: {packets}: flow {found}, expected {expected}")
                return 1
    print("test_heaviest: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
