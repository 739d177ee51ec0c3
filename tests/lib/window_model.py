# SPDX-License-Identifier: BSD-3-Clause
"""Brute force: the results of ip-topk and protocol-share from the packets of a capture, summed
anew for every window instead of sliding, so that it shares no idea with Weir's merge.

Rules (shared/design/interfaces.md sections 2 and 3):
- panes of one second, aligned to the epoch; a packet counts in the pane of the clock when it
  arrives (the latest time stamp so far), so late packets count in the current pane;
- one result per pane, from the pane of the first packet to the pane of the last, discarded
  packets included, over the T panes that end with it;
- when more than GAP panes pass without a packet, results stop once the window has run empty (the
  first one without rows is still given) and go on with the next packet's pane;
- a packet counts for its source and for its destination, so twice where they are the same;
- rows by value descending, then key ascending: IPv4 addresses before IPv6, each by number.
"""
from collections import Counter

import flow_model
from flow_model import pcapref

GAP = 86400
PANE_US = 1_000_000
T, K, H = 10, 10, 10


def ip_order(key):
    return len(key), key


class Pane:
    def __init__(self):
        self.ips, self.protocols = Counter(), Counter()
        self.packets = self.bytes = self.flows = 0


def panes(path, table, protocols, fragments=None):
    """-> {pane index: Pane}, every pane in which a packet of any kind arrived"""
    found = {}
    for p in flow_model.packets(path, fragments):
        pane = found.setdefault(p.clock // PANE_US, Pane())
        if not p.in_flow:
            continue
        flow, _, started = table.add(p)
        pane.packets += 1
        pane.bytes += p.wire
        pane.flows += started
        pane.ips[p.src[0]] += p.wire
        pane.ips[p.dst[0]] += p.wire
        pane.protocols[protocols.name(flow.proto, flow.src[1], flow.dst[1])] += p.wire
    return found


def slides(found):
    """Pane indices that a result is due for, in order."""
    busy = sorted(found)
    for here, after in zip(busy, busy[1:] + [None]):
        yield here
        if after is None:
            return
        if after - here - 1 <= GAP:
            yield from range(here + 1, after)
            continue
        for index in range(here + 1, after):
            yield index
            if not any(i in found and found[i].packets for i in range(index - T + 1, index + 1)):
                break


KEYS = {
    # query: (the pane's counter, order among equals, how a key is written, which rows are kept)
    "ip-topk": ("ips", ip_order, pcapref.ip, lambda rows, total: rows[:K]),
    "protocol-share": ("protocols", str.encode, str,
                       lambda rows, total: [r for r in rows if r[1] * 100 > H * total]),
}


def _window(index, members, query):
    counter, order, text, keep = KEYS[query]
    window = {"start_us": (index + 1 - T) * PANE_US, "end_us": (index + 1) * PANE_US}
    if not members:
        return window | {"total": {"bytes": 0, "packets": 0, "flows": 0}, "keys": 0, "rows": []}
    total = {name: sum(getattr(m, name) for m in members)
             for name in ("bytes", "packets", "flows")}
    counts = Counter()
    for m in members:
        counts.update(getattr(m, counter))
    rows = sorted(counts.items(), key=lambda kv: (-kv[1], order(kv[0])))
    return window | {
        "total": total, "keys": len(counts),
        "rows": [(text(key), v, v / total["bytes"]) for key, v in keep(rows, total["bytes"])],
    }


def results(found, query):
    """found: what panes() gave. Yields one result per slide, in order."""
    for index in slides(found):
        members = [found[i] for i in range(index - T + 1, index + 1) if i in found]
        yield _window(index, members, query)
