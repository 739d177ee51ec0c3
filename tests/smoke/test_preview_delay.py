#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""A preview is of closed panes, and is there at once, also while parts of the open one come in: flows end so
fast that the first part comes soon after a pane's begin, and panes are long."""
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import ask  # noqa: E402
from demo import demo  # noqa: E402

PANE_S = 3
WAIT_S = 20
LONGEST_S = PANE_S / 2
# Nearly every packet begins a flow that ends 50 ms later: a part of 4096 deltas is full five times a second.
CONFIG = {"generator": {"rate_pps": 20000, "flows": 60000, "protocols": ["HTTPS"], "popularity": {"type": "uniform"},
                        "addresses": {"net4": "10.0.0.0/16", "count": 4096}},
          "flow": {"active_timeout_s": 0.05}, "pane_ms": PANE_S * 1000, "parameters": {"T": PANE_S},
          "retain_mib": 64}
QUERY = {"key": "src_port", "op": {"type": "topk", "k": 1}, "window_s": PANE_S}


def wait_for_result(port):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            return ask.rpc(port, "results.latest", {"query": "ip-topk"})
        except ask.RpcError:  # none yet
            time.sleep(0.02)
    raise AssertionError(f"no result within {WAIT_S} s")


def test(folder):
    config = folder / "weir.json"
    config.write_text(json.dumps(CONFIG))
    with demo(folder, "--store", "none", "--workers", "1", "--config", str(config)) as (port, _, _):
        wait_for_result(port)
        longest, windows, before = 0, set(), ask.rpc(port, "stats.get")["flows"]
        while len(windows) < 2:  # from one pane's end to the next one's
            begun = time.monotonic()
            windows.add(ask.rpc(port, "query.preview", QUERY)["window"]["end_us"])
            longest = max(longest, time.monotonic() - begun)
        ended = ask.rpc(port, "stats.get")["flows"]["ended"]["active"] - before["ended"]["active"]
        assert ended > 2 * 4096, f"only {ended} flows ended: no part came within the pane"
        assert longest < LONGEST_S, f"a preview took {longest:.3f} s"
        print(f"test_preview_delay: passed: {longest:.3f} s at most")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="weir-preview-") as name:
        test(Path(name))
