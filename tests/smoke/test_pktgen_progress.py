#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The progress of weir-pktgen: lines with --stats-period, one line that is written anew on a terminal, none
elsewhere; and that the report is not touched by it."""
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import weirtest  # noqa: E402

LIMIT_S = 60
LINE = re.compile(r"weir-pktgen: ([\d.]+) s, [\d.]+ ?\w?pps, sent (\d+), dropped \d+, ([\d.]+) s left")
PROFILE = {"rate_pps": 5000, "flows": 10, "addresses": {"net4": "10.0.0.0/24", "count": 10}, "protocols": ["DNS"],
           "duration_s": 1.5}
EAL = ["-l", "0", "--no-huge", "-m", "64", "--no-shconf", "--no-pci", "--no-telemetry", "--log-level",
       "lib.eal:error", "--vdev", "net_null0,no-rx=1", "--"]


def command(profile, *options):
    return [weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen"), *EAL, "--profile", str(profile), *options]


def on_terminal(profile):
    """What comes to a terminal as standard error."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command(profile), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 4096):
            text += part
    except OSError:
        pass  # the other end is closed
    os.close(ours)
    return process.wait(LIMIT_S), text.decode()


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-progress.") as folder:
        profile = Path(folder) / "profile.json"
        profile.write_text(json.dumps(PROFILE))
        run = weirtest.Run(command(profile, "--stats-period", "0.3"), LIMIT_S)
        lines = [m for m in map(LINE.search, run.err.splitlines()) if m]
        c.that(run.status == 0 and len(lines) >= 2, f"lines: {run.describe()}")
        sent = [int(m[2]) for m in lines]
        c.that(sent == sorted(sent) and 0 < sent[0] < sent[-1], f"sent {sent}")
        c.that(all(0 < float(m[1]) and float(m[3]) < 1.5 for m in lines), f"times: {run.err}")
        c.equal(json.loads(run.out)["sent"] >= sent[-1], True, "report")
        quiet = weirtest.Run(command(profile), LIMIT_S)
        c.that(quiet.status == 0 and "sent" not in quiet.err, f"without it: {quiet.err}")
        status, text = on_terminal(profile)
        c.that(status == 0 and "\r" in text and LINE.search(text), f"terminal: {text!r}")
        bad = weirtest.Run(command(profile, "--stats-period", "0"), LIMIT_S)
        c.that(bad.status == 2 and "--stats-period: found \"0\"" in bad.err, f"refused: {bad.describe()}")
    return c


if __name__ == "__main__":
    weirtest.main(test)
