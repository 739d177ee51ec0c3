#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""How long after the end of a window its result is there, on live input: with two workers, one of whose
panes comes in one part more than the other's, within the next second and exact, and so is a query that
is added while parts are on their way.

Delays are of the soonest of several results: on a busy machine single ones may be late, but a merge lcore that
waits for the next second's panes is late each time.
"""
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import ask  # noqa: E402
from demo import demo  # noqa: E402

WAIT_S = 30
RESULTS = 6
SOONEST_US = 900_000
PART = 4096  # deltas, PANE_DELTAS of lib/pane/pane.h
# Nearly all flows are in each pane, and each worker has half of them, give or take some dozens: one has
# more than fit a part, the other one less.
GENERATOR = {"rate_pps": 60000, "flows": 2 * PART, "addresses": {"net4": "10.0.0.0/16", "count": 4096},
             "protocols": ["HTTPS"], "popularity": {"type": "uniform"}}
QUERY = {"name": "added", "key": "src_ip", "op": {"type": "topk", "k": 3}, "window_s": 1}


def new_results(port, query):
    """-> yields each result of the query once, with the microseconds since its window's end"""
    seen, end = None, time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            result = ask.rpc(port, "results.latest", {"query": query})
        except ask.RpcError:  # none yet
            result = None
        if result and result["seq"] != seen:
            if seen is not None:  # the first one may have been there for long
                yield result, time.time_ns() // 1000 - result["window"]["end_us"]
            seen = result["seq"]
        time.sleep(0.02)
    raise AssertionError(f"no more results of {query} within {WAIT_S} s")


def take(port, query, count):
    results = new_results(port, query)
    return [next(results) for _ in range(count)]


def test(folder):
    config = folder / "weir.json"
    config.write_text(json.dumps({"generator": GENERATOR}))
    with demo(folder, "--store", "none", "--workers", "2", "--config", str(config)) as (port, _, _):
        taken = take(port, "ip-topk", RESULTS)
        workers = ask.rpc(port, "stats.get")["workers"]
        assert len(workers) == 2 and any(w["flows_active"] > PART for w in workers), workers
        soonest = min(delay for _, delay in taken)
        assert soonest < SOONEST_US, f"the soonest result came {soonest} us after its window"
        ask.rpc(port, "query.add", QUERY)
        added = take(port, "added", 3)
        assert all(result["exact"] for result, _ in added), added
        ledger = ask.rpc(port, "stats.get")["ledger"]
        assert ledger["residual"] == 0 and ledger["detail_lost"]["packets"] == 0, ledger
        print(f"test_result_delay: passed: {soonest} us after the window")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="weir-delay-") as name:
        test(Path(name))
