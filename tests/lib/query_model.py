# SPDX-License-Identifier: BSD-3-Clause
"""Brute force for any query: its results from the packets of a capture, summed anew for every window,
so that it shares no idea with lib/query. The panes are those of window_model.py.

Rules (shared/design/interfaces.md sections 2 and 3, docs/guide.md section 5):
- source and destination are the packet's own; with metric flows, of the flow's first packet, which
  also has the say on the filter and on the MAC addresses;
- scope is judged for each packet by its ends; total counts each packet once, in scope and filter;
- a key is in a window when packets of it are, whatever the metric; top-k leaves out keys with 0;
- peers and ports are sizes of sets: the other end's addresses, and (protocol, destination port) of the
  flow's first packet. Keys that are a packet's source or destination take those of forward packets only;
- one result per slide, from the slide of the first packet to the slide of the last, whose end may lie
  behind the last packet's pane.
"""
import ipaddress
from collections import defaultdict
from fractions import Fraction

import flow_model
from flow_model import pcapref

PANE_US = 1_000_000
BYTES, PACKETS, FLOWS = range(3)
METRICS = ["bytes", "packets", "flows"]
DISTINCT = ["peers", "ports"]
SCOPES = ["all", "external", "in", "out", "internal"]

ETHERNET = 1


def _macs(path):
    """Source and destination MAC of every packet, as text."""
    for _, _, _, linktype, data in pcapref.packets(str(path)):
        if linktype == ETHERNET and len(data) >= 12:
            yield data[6:12].hex(":"), data[0:6].hex(":")
        else:
            yield ("00:00:00:00:00:00",) * 2


# What filters say of a flow's first packet. Without the word `vlan` libpcap means untagged frames.
FILTERS = {
    "tcp": lambda p: not p.vlan and p.proto == 6,
    "udp port 53": lambda p: not p.vlan and p.proto == 17 and 53 in (p.src[1], p.dst[1]),
    "dst port 80 or dst port 443":
        lambda p: not p.vlan and p.proto in (6, 17, 132) and p.dst[1] in (80, 443),
    "tcp[tcpflags] & tcp-syn != 0":
        lambda p: not p.vlan and len(p.src[0]) == 4 and p.proto == 6 and p.flags & 2 != 0,
    "net 192.168.0.0/16":
        lambda p: not p.vlan and len(p.src[0]) == 4 and b"\xc0\xa8" in (p.src[0][:2], p.dst[0][:2]),
    "ip6": lambda p: not p.vlan and len(p.src[0]) == 16,
    "vlan": lambda p: bool(p.vlan),
    "greater 200": lambda p: p.wire >= 200,
}


class Capture:
    """The packets of a capture as (pane, flow, reverse, wire bytes, started), and its busy panes."""

    def __init__(self, path, table, protocols, networks):
        self.networks = [ipaddress.ip_network(n) for n in networks]
        self.local = {}
        self.busy = []
        self.packets = []
        self.extra = {}  # of a flow: first packet, MACs, protocol name
        self.seen = {}
        self.windows = {}
        self.ranked = None  # {}: keep what windows rank, for other queries of the same
        for p, macs in zip(flow_model.packets(path), _macs(path)):
            pane = p.clock // PANE_US
            if not self.busy or self.busy[-1] != pane:
                self.busy.append(pane)
            if not p.in_flow:
                continue
            flow, reverse, started = table.add(p)
            if started:
                name = protocols.name(flow.proto, flow.src[1], flow.dst[1])
                self.extra[id(flow)] = (flow, p, macs, name)
            self.packets.append((pane, flow, reverse, p.wire, started))

    def forget(self):
        """What was worked out of the packets, which takes memory."""
        self.seen, self.windows = {}, {}
        if self.ranked:
            self.ranked = {}

    def is_local(self, address):
        if address not in self.local:
            a = ipaddress.ip_address(address)
            self.local[address] = any(a in n for n in self.networks if n.version == a.version)
        return self.local[address]

    def in_scope(self, scope, src, dst):
        s, d = self.is_local(src), self.is_local(dst)
        return {"all": True, "external": s != d, "in": not s and d, "out": s and not d,
                "internal": s and d}[scope]

    def panes(self, key, scope, text):
        """-> {pane: ({key: [bytes, packets, flows]}, [bytes, packets, flows])}"""
        at = key, scope, text
        if at not in self.seen:
            self.seen[at] = self._panes(KEYS[key[0]], key[1:], scope, FILTERS.get(text))
        return self.seen[at]

    def _passing(self, scope, passes):
        """-> (pane, reverse, counts, ends) of each packet in scope and filter."""
        for pane, flow, reverse, wire, started in self.packets:
            _, first, macs, name = self.extra[id(flow)]
            src, dst = (flow.dst, flow.src) if reverse else (flow.src, flow.dst)
            if not self.in_scope(scope, src[0], dst[0]) or (passes and not passes(first)):
                continue
            yield (pane, reverse, (wire, 1, int(started)),
                   (src, dst, macs[::-1] if reverse else macs, flow, name))

    def things(self, metric, key, scope, text):
        """-> {pane: {key: set}}; the key None has those of all keys."""
        at = metric, key, scope, text
        if at not in self.seen:
            found = self.seen[at] = defaultdict(lambda: defaultdict(set))
            for pane, reverse, _, ends in self._passing(scope, FILTERS.get(text)):
                for k, thing in THINGS[metric](key, ends, reverse):
                    found[pane][k].add(thing)
                    found[pane][None].add(thing)
        return self.seen[at]

    def _panes(self, kind, parameters, scope, passes):
        found = defaultdict(lambda: (defaultdict(lambda: [0, 0, 0]), [0, 0, 0]))
        for pane, _, counts, ends in self._passing(scope, passes):
            keys, total = found[pane]
            for k in kind.keys(ends, *parameters):
                for i in range(3):
                    keys[k][i] += counts[i]
            for i in range(3):
                total[i] += counts[i]
        return found


class Kind:
    """A `key`: which keys a packet counts for, their order among equals, their text."""

    def __init__(self, keys, order, text):
        self.keys, self.order, self.text = keys, order, text


def _vlan_text(tags):
    return ".".join(map(str, tags)) or "none"


def _end_text(end):
    address = pcapref.ip(end[0])
    return f"[{address}]:{end[1]}" if len(end[0]) == 16 else f"{address}:{end[1]}"


def _flow_key(ends):
    flow = ends[3]
    a, b = sorted((flow.src, flow.dst))
    return a, b, flow.proto, flow.vlan


def _flow_text(key):
    a, b, proto, vlan = key
    tags = f" vlan {_vlan_text(vlan)}" if vlan else ""
    return f"{proto} {_end_text(a)} - {_end_text(b)}{tags}"


def _subnets(ends, prefix4, prefix6):
    for address, _ in ends[:2]:
        bits = prefix4 if len(address) == 4 else prefix6
        yield ipaddress.ip_network((address, bits), strict=False)


def _ip_order(key):
    return len(key), key


KEYS = {
    "protocol": Kind(lambda e: [e[4]], str.encode, str),
    "ip_proto": Kind(lambda e: [e[3].proto], int, str),
    "ip": Kind(lambda e: [e[0][0], e[1][0]], _ip_order, pcapref.ip),
    "src_ip": Kind(lambda e: [e[0][0]], _ip_order, pcapref.ip),
    "dst_ip": Kind(lambda e: [e[1][0]], _ip_order, pcapref.ip),
    "ip_pair": Kind(lambda e: [tuple(sorted((e[0][0], e[1][0])))], lambda k: (len(k[0]), k),
                    lambda k: " - ".join(map(pcapref.ip, k))),
    "src_dst_ip": Kind(lambda e: [(e[0][0], e[1][0])], lambda k: (len(k[0]), k),
                       lambda k: " > ".join(map(pcapref.ip, k))),
    "flow": Kind(lambda e: [_flow_key(e)], lambda k: (len(k[0][0]), k), _flow_text),
    "src_port": Kind(lambda e: [e[0][1]], int, str),
    "dst_port": Kind(lambda e: [e[1][1]], int, str),
    "vlan": Kind(lambda e: [e[3].vlan], tuple, _vlan_text),
    "src_mac": Kind(lambda e: [e[2][0]], str, str),
    "dst_mac": Kind(lambda e: [e[2][1]], str, str),
    "subnet": Kind(_subnets, lambda k: (k.version, k.network_address), None),
    "total": Kind(lambda e: ["total"], str, str),
}


def _subnet_text(network):
    return f"{pcapref.ip(network.network_address.packed)}/{network.prefixlen}"


KEYS["subnet"].text = _subnet_text


DIRECTED = {"src_ip": 0, "src_port": 0, "src_mac": 0, "dst_ip": 1, "dst_port": 1, "dst_mac": 1}


def _peers(key, ends, reverse):
    src, dst = ends[0][0], ends[1][0]
    keys = list(KEYS[key[0]].keys(ends, *key[1:]))
    if key[0] in ("ip", "subnet"):
        yield keys[0], dst
        yield keys[1], src
    elif key[0] in DIRECTED:
        if not reverse:
            yield keys[0], (dst, src)[DIRECTED[key[0]]]
    else:
        yield keys[0], src
        yield keys[0], dst


def _ports(key, ends, reverse):
    flow = ends[3]
    if flow.dst[1] and not (reverse and key[0] in DIRECTED):
        for k in KEYS[key[0]].keys(ends, *key[1:]):
            yield k, (flow.proto, flow.dst[1])


THINGS = {"peers": _peers, "ports": _ports}
REFUSED = {("peers", "ip_pair"), ("peers", "flow"), ("ports", "flow"), ("ports", "dst_port")}


def _median(values):
    v = sorted(values)
    return Fraction(v[(len(v) - 1) // 2] + v[len(v) // 2], 2)


class Stats:
    """Moments and order of a window's values, exact."""

    def __init__(self, values):
        self.n = len(values)
        self.sum = sum(values)
        self.spread = self.n * sum(v * v for v in values) - self.sum ** 2  # (n sigma)^2
        self.median = _median(values) if values else Fraction(0)
        self.mad = _median([abs(v - self.median) for v in values]) if values else Fraction(0)

    def json(self):
        mean = self.sum / self.n if self.n else 0
        return {"mean": mean, "sigma": self.spread ** 0.5 / self.n if self.n else 0,
                "median": float(self.median), "mad": float(self.mad),
                "max_z": (self.n - 1) ** 0.5 if self.n else 0}

    def above_sigma(self, value, x):
        above = self.n * value - self.sum
        return above > 0 and above * above > Fraction(x) ** 2 * self.spread

    def above_mad(self, value, x):
        return value - self.median > Fraction(x) * Fraction(1.4826) * self.mad

    def z(self, value):
        return (self.n * value - self.sum) / self.spread ** 0.5 if self.spread else 0


def pick(op, rows, total, stats):
    """rows: sorted [(key, value)]; those that the operator keeps."""
    if op["type"] == "topk":
        return [r for r in rows if r[1] > 0][:op["k"]]
    if op["type"] == "share":
        return [r for r in rows if r[1] * 100 > Fraction(op["percent"]) * total]
    if op["type"] == "limit":
        return [r for r in rows
                if r[1] < op.get("min", 0) or r[1] > op.get("max", float("inf"))]
    above = stats.above_mad if op.get("method") == "mad" else stats.above_sigma
    return [r for r in rows if above(r[1], op["x"])]


def slide_ends(busy, slide):
    """Last panes of the slides that results are due for: all from the first packet's on."""
    first, last = busy[0] // slide, busy[-1] // slide
    return [(i + 1) * slide - 1 for i in range(first, last + 1)]


class Windows:
    """Sums of the panes of one dimension, by window; those of several queries are the same."""

    def __init__(self, panes, busy):
        self.panes, self.busy = panes, busy
        self.cache = {}

    def sum(self, length, end):
        if (length, end) not in self.cache:
            keys, total = defaultdict(lambda: [0, 0, 0]), [0, 0, 0]
            first = end - length + 1 if length else self.busy[0]
            for i in self.busy if not length else range(first, end + 1):
                if i > end or i not in self.panes:
                    continue
                for k, counts in self.panes[i][0].items():
                    for m in range(3):
                        keys[k][m] += counts[m]
                for m in range(3):
                    total[m] += self.panes[i][1][m]
            self.cache[length, end] = dict(keys), total
        return self.cache[length, end]


class ThingWindows:
    """How many different things the keys of one dimension met, by window."""

    def __init__(self, panes, busy):
        self.panes, self.busy = panes, busy
        self.cache = {}

    def count(self, length, end):
        """-> {key: number}, with None for all keys."""
        if (length, end) not in self.cache:
            met = defaultdict(set)
            first = end - length + 1 if length else self.busy[0]
            for i in self.busy if not length else range(first, end + 1):
                for k, things in self.panes[i].items() if i <= end and i in self.panes else ():
                    met[k] |= things
            self.cache[length, end] = {k: len(things) for k, things in met.items()}
        return self.cache[length, end]


def _rank(capture, at, values, kind):
    """-> (sorted [(key, value)], Stats) of a window, whatever is picked from it"""
    if capture.ranked is not None and at in capture.ranked:
        return capture.ranked[at]
    rows = sorted(values.items(), key=lambda kv: (-kv[1], kind.order(kv[0])))
    ranking = rows, Stats(values.values())
    if capture.ranked is not None:
        capture.ranked[at] = ranking
    return ranking


def results(capture, query):
    """One result after the other, as far as the model tells, of a query as its JSON."""
    kind = KEYS[query["key"]]
    key = (query["key"],)
    if query["key"] == "subnet":
        key += query.get("prefix4", 24), query.get("prefix6", 64)
    at = key, query.get("scope", "all"), query.get("filter")
    windows = capture.windows
    if at not in windows:
        windows[at] = Windows(capture.panes(*at), capture.busy)
    things = None
    if query["metric"] in DISTINCT:
        if (query["metric"], *at) not in windows:
            windows[query["metric"], *at] = ThingWindows(capture.things(query["metric"], *at),
                                                         capture.busy)
        things = windows[query["metric"], *at]
    length, slide = query["window_s"], query["slide_s"]
    for end in slide_ends(capture.busy, slide):
        keys, total = windows[at].sum(length, end)
        named = dict(zip(METRICS, total))
        if things:
            met = things.count(length, end)
            values = {k: met.get(k, 0) for k in keys}
            named[query["metric"]] = met.get(None, 0)
        else:
            values = {k: c[METRICS.index(query["metric"])] for k, c in keys.items()}
        whole = named[query["metric"]]
        rows, stats = _rank(capture, (at, query["metric"], length, end), values, kind)
        if query["op"]["type"] == "limit" and query["key"] == "total" and not rows:
            rows = [("total", 0)]
        picked = pick(query["op"], rows, whole, stats)
        shown = {k for k, _ in picked}
        left = [v for k, v in rows if k not in shown] if keys else []
        start = capture.busy[0] if length is None else end - length + 1
        yield {
            "window": {"start_us": start * PANE_US, "end_us": (end + 1) * PANE_US},
            "total": named, "keys": len(keys), "stats": stats,
            "values": {kind.text(k): v for k, v in rows} if things else None,
            "rows": [(kind.text(k), v, v / whole if whole else 0, stats.z(v))
                     for k, v in picked],
            "left_out": None if things else
            {"keys": len(left), "value": sum(left), "most": max(left, default=0)},
        }
