#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Alerts of the limits table against sums over all packets of each window: rows at random over the
addresses that a capture has, some of which hold from a date in its middle on.

    test_limits.py [--all]    all captures of corpus/oracle instead of ten
"""
import ipaddress
import json
import random
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import flow_model  # noqa: E402
import query_model  # noqa: E402
import weirtest  # noqa: E402
from protocols import Protocols  # noqa: E402

ROWS = 200
LONGEST = 20_000  # panes of a capture
SAMPLE = 10


def network_of(rng, addresses):
    address = ipaddress.ip_address(rng.choice(addresses))
    bits = address.max_prefixlen
    length = rng.choice([bits, bits, bits - rng.randrange(24), rng.randrange(bits)])
    return ipaddress.ip_network((address, length), strict=False)


def row_of(rng, i, ends, busy):
    """A row over one direction that there is, or over ends that have nothing to do with each other."""
    src, dst = rng.choice(ends)
    row = {"limit_name": f"n{i % (ROWS * 3 // 4)}", "window_s": rng.choice([1, 2, 7, 60]),
           "clear_after": rng.choice([1, 1, 3])}
    which = rng.randrange(3)
    if which != 1:
        row["source"] = str(network_of(rng, [src]))
    if which != 0:
        row["destination"] = str(network_of(rng, [dst]))
    low, high = sorted(int(10 ** rng.uniform(1, 6)) for _ in range(2))
    which = rng.randrange(3)
    if which != 1:
        row["max_bytes"] = high
    if which != 0:
        row["min_bytes"] = low
    if i >= ROWS * 3 // 4 or rng.random() < 0.2:
        at = datetime.fromtimestamp(rng.choice(busy), timezone.utc)
        row["effective_date"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return row


class Limit:
    """What one row says, pane by pane."""

    def __init__(self, row, capture):
        self.row = row
        self.since = 0
        if "effective_date" in row:
            self.since = int(datetime.fromisoformat(row["effective_date"].replace("Z", "+00:00"))
                             .timestamp())
        self.ends = [ipaddress.ip_network(row[e]) if e in row else None
                     for e in ("source", "destination")]
        self.bytes = {}
        for pane, flow, reverse, wire, _ in capture.packets:
            src, dst = (flow.dst, flow.src) if reverse else (flow.src, flow.dst)
            if self.has(0, src[0]) and self.has(1, dst[0]):
                self.bytes[pane] = self.bytes.get(pane, 0) + wire

    def has(self, end, address):
        network = self.ends[end]
        if network is None:
            return len(address) == (4 if self.ends[1 - end].version == 4 else 16)
        return len(address) * 8 == network.max_prefixlen and ipaddress.ip_address(address) in network

    def same_window(self, other):
        return self.ends == other.ends and self.row["window_s"] == other.row["window_s"]


def alerts_of(rows, first, last, first_flow):
    """The alerts of the rows of one name, oldest row first; a limit that begins after `first_flow`, the
    first pane with a flow, is exact when a whole window has passed."""
    holding, begun, raised, inside = None, 0, None, 0

    def is_exact(pane):
        return begun <= first_flow or pane + 1 - holding.row["window_s"] >= begun

    for pane in range(first, last + 1):
        now = [r for r in rows if r.since <= pane]
        now = now[-1] if now else None
        if holding and now is not holding and not now.same_window(holding):
            if raised is not None:
                yield (pane, window_sum(holding, begun, pane - 1), raised, "cleared",
                       is_exact(pane - 1))
            holding, raised, inside = None, None, 0
        if now and not holding:
            begun = pane
        holding = now
        if not holding:
            continue
        value = window_sum(holding, begun, pane)
        low = holding.row.get("min_bytes", 0) if pane + 1 - begun >= holding.row["window_s"] else 0
        high = holding.row.get("max_bytes", 1 << 64)
        if low <= value <= high:
            inside += 1
            if raised is not None and inside >= holding.row["clear_after"]:
                yield pane + 1, value, raised, "cleared", is_exact(pane)
                raised = None
            continue
        inside, bound = 0, low if value < low else high
        if bound != raised:
            yield pane + 1, value, bound, "raised", is_exact(pane)
        raised = bound


def window_sum(limit, begun, pane):
    return sum(limit.bytes.get(i, 0)
               for i in range(max(begun, pane + 1 - limit.row["window_s"]), pane + 1))


def expected(capture, rows):
    names = {}
    for row in rows:
        names.setdefault(row["limit_name"], []).append(Limit(row, capture))
    found = set()
    for name, limits in names.items():
        limits.sort(key=lambda limit: limit.since)
        for at, *alert in alerts_of(limits, capture.busy[0], capture.busy[-1],
                                    capture.packets[0][0]):
            found.add((at * 1_000_000, name, *alert))
    return found


def check_capture(path):
    c = weirtest.Check()
    rng = random.Random(path.name)
    capture = query_model.Capture(path, flow_model.Table(), Protocols(), [])
    if not capture.packets or capture.busy[-1] - capture.busy[0] > LONGEST:
        return c
    ends = sorted({(f.src[0], f.dst[0]) if not r else (f.dst[0], f.src[0])
                   for _, f, r, _, _ in capture.packets})
    rows, dates = [], set()
    for i in range(ROWS):
        row = row_of(rng, i, ends, capture.busy)
        date = row["limit_name"], row.get("effective_date")
        if date not in dates:
            rows.append(row)
        dates.add(date)
    alerts = []
    with tempfile.TemporaryDirectory(prefix="weir-limits-") as folder:
        table = Path(folder) / "limits.json"
        table.write_text(json.dumps(rows))
        weirtest.PcapRun(path, ["--limits", table], flows=False, queries=["limits"],
                         on_result=alerts.append)
    found = {(a["at_us"], a["limit_name"], a["value"], a["limit"], a["state"], a["exact"])
             for a in alerts}
    wanted = expected(capture, rows)
    c.equal(len(alerts), len(found), f"{path.name}: alerts twice")
    wrong = sorted(found ^ wanted)
    c.equal(wrong[:3], [], f"{path.name}: {len(wrong)} of {len(wanted)} alerts differ, the first")
    c.that(wanted, f"{path.name}: no alert is expected")
    return c


def test():
    paths = sorted(weirtest.corpus("oracle").glob("*.pcap*"))
    if "--all" not in sys.argv:
        paths = random.Random(7).sample([p for p in paths if p.stat().st_size < 300_000], SAMPLE)
    return weirtest.each(paths, check_capture)


if __name__ == "__main__":
    weirtest.main(test)
