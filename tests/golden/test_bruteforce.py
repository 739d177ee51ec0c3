#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""--results of ip-topk and protocol-share against windows summed from the packets (see
window_model.py), for every fifth capture of corpus/oracle (--all: every one) and for captures with
thousands of addresses: once with flows that never end, once with the default timeouts."""
import csv
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import captures  # noqa: E402
import flow_model  # noqa: E402
import frames  # noqa: E402
import weirtest  # noqa: E402
import window_model  # noqa: E402
from protocols import Protocols  # noqa: E402

NO_TIMEOUTS = ["--flow-idle-timeout", "0", "--flow-active-timeout", "0", "--flow-tcp-end", "off"]
VARIANTS = [
    ("no timeouts", NO_TIMEOUTS, lambda: flow_model.Table(0, 0, False)),
    ("default timeouts", [], flow_model.Table),
]
DIFFERENCES_SHOWN = 3  # per capture and query


def differences(found, expected):
    """What differs between a result of Weir and one of the model, one line each."""
    window = found["window"]
    for name, value in (("start_us", window["start_us"]), ("end_us", window["end_us"]),
                        ("total", found["total"]), ("keys", found["keys"])):
        if value != expected[name]:
            yield f"{name} is {value}, expected {expected[name]}"
    rows = [(r["key"], r["value"]) for r in found["rows"]]
    if rows != [r[:2] for r in expected["rows"]]:
        yield f"rows are {rows}, expected {expected['rows']}"
        return
    for row, (key, _, share) in zip(found["rows"], expected["rows"]):
        if abs(row["share"] - share) > 1e-9:
            yield f"share of {key} is {row['share']}, expected {share}"
        if row.get("error", 0) != 0:
            yield f"error of {key} is {row['error']} in an exact result"
    if found["exact"] is not True:
        yield "result is not exact"


class Comparison:
    """One query of one capture: takes Weir's results as they are read."""

    def __init__(self, check, name, query, expected):
        self.check, self.name = check, f"{name}: {query}"
        self.expected = expected
        self.count = self.wrong = 0
        self.seq = None

    def take(self, found):
        self.count += 1
        e = next(self.expected, None)
        if e is None:
            self._wrong(f"a result too many, ending {found['window']['end_us']}")
            return
        if self.seq is not None and found["seq"] != self.seq + 1:
            self._wrong(f"seq {found['seq']} follows {self.seq}")
        self.seq = found["seq"]
        for line in differences(found, e):
            self._wrong(f"window ending {e['end_us']}: {line}")

    def _wrong(self, line):
        self.wrong += 1
        if self.wrong <= DIFFERENCES_SHOWN:
            self.check.that(False, f"{self.name}: {line}")

    def finish(self):
        missing = sum(1 for _ in self.expected)
        self.check.that(missing == 0, f"{self.name}: {missing} results missing after {self.count}")
        self.check.that(self.wrong == 0, f"{self.name}: {self.wrong} differences in all")


def check_capture(path):
    c = weirtest.Check()
    protocols = Protocols()
    for variant, options, table in VARIANTS:
        name = f"{path.name} ({variant})"
        panes = window_model.panes(path, table(), protocols)
        comparisons = {q: Comparison(c, name, q, window_model.results(panes, q))
                       for q in window_model.KEYS}
        weirtest.PcapRun(path, options, flows=False, queries=list(comparisons),
                         on_result=lambda found: comparisons[found["query"]].take(found))
        for comparison in comparisons.values():
            comparison.finish()
    return c


def many_addresses(seed, addresses, packets, seconds):
    """A capture whose windows hold thousands of keys, with ties, late packets and ARP between."""
    rng = random.Random(seed)
    ports = [25, 53, 80, 443, 1900, 8000, 50000, 60000]
    out = []
    at = 1_700_000_000 * 10**9
    for _ in range(packets):
        at += rng.randrange(2 * seconds * 10**9 // packets)
        stamp = at - rng.choice([0] * 20 + [1500 * 10**6])
        if rng.random() < 0.01:
            out.append(captures.Packet(stamp, frames.eth(frames.arp(), 0x0806, pad=True)))
            continue
        a, b = (int(addresses * rng.random() ** 2) for _ in range(2))
        body = bytes(rng.choice([0, 0, 100, 1000]))
        l4 = frames.udp(rng.choice(ports), rng.choice(ports), body)
        if rng.random() < 0.2:
            packet = frames.eth(frames.ip6(l4, 17, f"2001:db8::{a:x}", f"2001:db8::{b:x}"), 0x86dd)
        else:
            packet = frames.eth(frames.ip4(l4, 17, f"10.0.{a >> 8}.{a & 255}",
                                           f"10.0.{b >> 8}.{b & 255}"))
        out.append(captures.Packet(stamp, packet))
    return captures.pcap(out)


def test():
    with tempfile.TemporaryDirectory(prefix="weir-brute-") as folder:
        paths = []
        for name, made in (("few-seconds", (1, 5000, 20000, 8)), ("minutes", (2, 3000, 9000, 300)),
                           ("sparse", (3, 200, 60, 4000))):
            path = Path(folder) / f"{name}.pcap"
            path.write_bytes(many_addresses(*made))
            paths.append(path)
        with open(weirtest.corpus("oracle") / "INDEX.tsv", encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f, delimiter="\t"))
        paths += [weirtest.corpus("oracle") / r["file"] for r in rows]
        if sys.argv[1:] == ["--all"]:
            pass
        elif len(sys.argv) > 1:
            paths = [p for p in paths if p.name in sys.argv[1:]]
        else:
            paths = paths[:3] + paths[3::5]
        return weirtest.each(paths, check_capture, workers=3)


if __name__ == "__main__":
    weirtest.main(test)
