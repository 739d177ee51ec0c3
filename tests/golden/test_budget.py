#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""More keys than --key-budget: every row of every result against sums from the packets
(lib/query_model.py).

Twelve seconds of some hundred hosts, in three of them a flood from an address per packet. What holds
then: totals are true, a row's true value lies in [value - error, value], a key that is not shown
where all that are kept are shown had at most `unseen`, results are exact and equal to the model's
before the flood and again when it has left the window; those since the start stay approximate.
"""
import itertools
import json
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import captures  # noqa: E402
import flow_model  # noqa: E402
import frames  # noqa: E402
import query_model  # noqa: E402
import weirtest  # noqa: E402
from protocols import Protocols  # noqa: E402

BUDGET = 1024
SECOND = 10**9
START = 1_700_000_000
SECONDS = 12
FLOOD = range(3, 6)
HOSTS = 100
FLOODED = 3000  # addresses a second
SHOWN = 1000    # rows of a result
EVERY_KEY = {"op": {"type": "topk", "k": 1 << 32}}


def packet(at, src, dst, size):
    l4 = frames.udp(40_000, 53, bytes(size))
    return captures.Packet(int((START + at) * SECOND), frames.eth(frames.ip4(l4, 17, src, dst)))


def flood():
    rng = random.Random(7)
    out = []
    for second in range(SECONDS):
        for i in range(1500):
            host = int(HOSTS * rng.random() ** 3)
            out.append(packet(second + i / 1500, f"10.0.0.{host}", f"192.0.2.{host % 7}",
                              rng.randrange(1200)))
        for i in range(FLOODED if second in FLOOD else 0):
            n = second * FLOODED + i
            out.append(packet(second + (i + 0.5) / FLOODED, f"70.0.{n >> 8}.{n & 255}", "192.0.2.1",
                              rng.randrange(64)))
    return captures.pcap(sorted(out, key=lambda p: p[0]))


class Bounds:
    """Weir's results of one query against the model's."""

    def __init__(self, c, query, expected):
        self.c, self.query, self.expected = c, query, expected
        self.exact = []
        self.overstated = 0

    def take(self, found):
        e = next(self.expected)
        true = {r[0]: r[1] for r in e["rows"]}
        what = f"{self.query['name']} {e['window']}"
        self.c.equal(found["window"], e["window"], f"{what}: window")
        self.c.equal(found["total"], e["total"], f"{what}: total")
        self.exact.append(found["exact"])
        if found["exact"]:
            self.c.equal([(r["key"], r["value"], r["error"]) for r in found["rows"]],
                         [(*pair, 0) for pair in list(true.items())[:SHOWN]], f"{what}: rows")
        else:
            self._bounds(found, true, what)

    def _bounds(self, found, true, what):
        shown = set()
        for row in found["rows"]:
            value = true.get(row["key"], 0)
            shown.add(row["key"])
            self.overstated += row["error"] > 0
            self.c.that(row["value"] - row["error"] <= value <= row["value"],
                        f"{what}: {row}, truly {value}")
        kept_all = len(found["rows"]) < SHOWN
        least = found["unseen"] if kept_all else max(found["unseen"], found["rows"][-1]["value"])
        worst = max((v for k, v in true.items() if k not in shown), default=0)
        left = found["left_out"]
        self.c.that(worst <= left["most"], f"{what}: a key with {worst} is missing, left_out says {left}")
        self.c.that(worst <= least, f"{what}: a key with {worst} is missing, at most {least} may be")

    def finish(self):
        """Which results were exact: all but those whose window has a second of the flood."""
        length = self.query["window_s"]
        may = [all(s not in FLOOD for s in range(0 if length is None else max(0, at - length + 1),
                                                 at + 1)) for at in range(SECONDS)]
        self.c.equal(self.exact, may, f"{self.query['name']}: exact")
        self.c.that(self.overstated > 0, f"{self.query['name']}: no row has an error")


def test():
    c = weirtest.Check()
    queries = [{"name": f"{key}-{metric}-{length}", "key": key, "metric": metric, "window_s": length,
                "slide_s": 1, "op": {"type": "topk", "k": SHOWN}}
               for key, metric, length in itertools.product(["ip", "src_ip", "flow"],
                                                            query_model.METRICS, [1, 3, None])]
    with tempfile.TemporaryDirectory(prefix="weir-budget-") as folder:
        path, config = Path(folder) / "flood.pcap", Path(folder) / "config.json"
        path.write_bytes(flood())
        config.write_text(json.dumps({"queries": queries}))
        capture = query_model.Capture(path, flow_model.Table(), Protocols(), [])
        bounds = {q["name"]: Bounds(c, q, query_model.results(capture, q | EVERY_KEY))
                  for q in queries}
        run = weirtest.PcapRun(path, ["--config", config, "--key-budget", BUDGET], flows=False,
                               queries=list(bounds),
                               on_result=lambda found: bounds[found["query"]].take(found))
    for b in bounds.values():
        b.finish()
    for d in run.report["queries"]["dimensions"]:
        c.that(d["keys"] <= d["budget"] == BUDGET, f"over budget: {d}")
    return c


if __name__ == "__main__":
    weirtest.main(test)
