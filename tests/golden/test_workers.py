#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The same capture gives the same with 1, 2 and 4 workers: --flows, sorted and without `worker`,
and --results, byte for byte. Every fourth capture of corpus/oracle (--all: every one) with the
default options; the golden
captures with fragments, those of corpus/robustness that have some, and one with more
datagrams than the fragment table holds, in both modes of fragments. A capture that has no
fragments must not feel the mode either."""
import csv
import hashlib
import json
import random
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import build_pcaps  # noqa: E402
import captures  # noqa: E402
import frames  # noqa: E402
import weirtest  # noqa: E402

WORKERS = (1, 2, 4)
FOLLOW = ["--flow-fragments", "follow"]
WORKER = re.compile(r',"worker":\d+')
TIMEOUT = 300


class Output:
    """What one run of weir gave, in a form to compare: results may be hundreds of megabytes."""

    def __init__(self, path, options, workers):
        with tempfile.TemporaryDirectory(prefix="weir-workers-") as folder:
            folder = Path(folder)
            weirtest.stream([weirtest.weir(), "--pcap", path, *options, "--workers", workers,
                             "--flows", "flows", "--report", "report", "--results", "-"],
                            folder, self._hash, TIMEOUT)
            text = (folder / "flows").read_text("utf-8")
            self.flows = sorted(WORKER.sub("", text).splitlines())
            self.report = json.loads((folder / "report").read_text("utf-8"))
        self.by_worker = {int(n) for n in re.findall(r',"worker":(\d+)', text)}

    def _hash(self, stream):
        digest = hashlib.blake2b()
        self.result_bytes = 0
        while block := stream.read1(1 << 20):
            digest.update(block)
            self.result_bytes += len(block)
        self.results = digest.hexdigest()


def compare(c, found, expected, what):
    differ = [pair for pair in zip(found.flows, expected.flows) if pair[0] != pair[1]]
    c.equal(len(found.flows), len(expected.flows), f"{what}: flow records")
    c.that(not differ, f"{what}: {len(differ)} records differ, the first: {differ[:1]}")
    c.equal((found.result_bytes, found.results), (expected.result_bytes, expected.results),
            f"{what}: bytes and hash of results")
    for member in ("fragments", "captures"):
        c.equal(found.report[member], expected.report[member], f"{what}: {member}")
    for member in ("ended", "created"):
        c.equal(found.report["flows"][member], expected.report["flows"][member],
                f"{what}: flows.{member}")


def compare_workers(c, path, options):
    """-> what one worker gives; several must give the same."""
    runs = {n: Output(path, options, n) for n in WORKERS}
    for n in WORKERS[1:]:
        compare(c, runs[n], runs[1], f"{path.name} {' '.join(options)}, {n} workers")
    return runs


def check_oracle(path):
    c = weirtest.Check()
    one = compare_workers(c, path, [])[1]
    follow = Output(path, FOLLOW, 2)
    fragments = follow.report["fragments"]
    c.that(fragments["first"] == fragments["followed"] == fragments["unmatched"] == 0,
           f"{path.name}: it has fragments, so it belongs to the others")
    c.that(follow.flows == one.flows and follow.results == one.results,
           f"{path.name}: the mode of fragments changes a capture that has none")
    return c


def check_fragments(path):
    c = weirtest.Check()
    for options in ([], FOLLOW):
        compare_workers(c, path, options)
    return c


def many_fragments():
    """Thousands of datagrams, more than are remembered at a time, their fragments in disorder and
    time stamps that go back."""
    rng = random.Random(3)
    packets = []
    at = 1_700_000_000 * 10**9
    for i in range(24000):
        at += rng.randrange(4 * 10**6)
        src, dst = (f"10.{rng.randrange(3)}.0.{rng.randrange(200)}" for _ in range(2))
        segment = frames.udp(rng.choice([53, 123, 40000 + i % 5000]), 53, bytes(56))
        parts = [(segment, 0, True), (bytes(64), 8, True), (bytes(8), 16, False)]
        if rng.random() < 0.1:
            rng.shuffle(parts)
        for payload, offset, more in parts[:rng.choice([1, 2, 3, 3, 3])]:
            packet = frames.ip4(payload, 17, src, dst, ident=i % 65536, offset=offset, more=more)
            stamp = at - rng.choice([0] * 9 + [2 * 10**9])
            packets.append(captures.Packet(stamp, frames.eth(packet)))
    return captures.pcap(packets)


def check_many(path):
    c = weirtest.Check()
    for options in ([], FOLLOW):
        runs = compare_workers(c, path, options)
        c.equal(runs[4].by_worker, set(range(4)), f"{path.name}: workers that have flows")
    fragments = runs[1].report["fragments"]
    for counter in ("first", "followed", "unmatched", "evicted"):
        c.that(fragments[counter] > 1000, f"{path.name}: only {fragments[counter]} {counter}")
    return c


def with_fragments(folder):
    """Golden captures, and those of corpus/robustness that the reference finds fragments in."""
    for name in build_pcaps.CASES:
        if "fragments" in name and not name.endswith("_follow"):
            yield build_pcaps.build(name, folder)[0]
    import truth
    for path in sorted(weirtest.corpus("robustness").glob("*.pcap")):
        if path.stat().st_size < 1 << 20:
            try:
                if truth.truth(str(path))["totals"].get("later_fragments", 0):
                    yield path
            except Exception:  # whatever the reference makes of a broken file
                continue


def test():
    with open(weirtest.corpus("oracle") / "INDEX.tsv", encoding="utf-8", newline="") as f:
        names = [r["file"] for r in csv.DictReader(f, delimiter="\t")]
    with tempfile.TemporaryDirectory(prefix="weir-golden-") as folder:
        many = Path(folder) / "many_fragments.pcap"
        many.write_bytes(many_fragments())
        items = [(check_many, many)]
        items += [(check_fragments, path) for path in with_fragments(folder)]
        items += [(check_oracle, weirtest.corpus("oracle") / name) for name in names]
        if sys.argv[1:] == ["--all"]:
            pass
        elif len(sys.argv) == 1:
            items = [i for i in items if i[0] is not check_oracle] + \
                [i for i in items if i[0] is check_oracle][::4]
        else:
            items = [i for i in items if i[1].name in sys.argv[1:]]
        return weirtest.each(items, lambda item: item[0](item[1]), workers=6)


if __name__ == "__main__":
    weirtest.reference()
    weirtest.main(test)
