#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs test scripts and counts.

    run_scripts.py [--timeout S] [--meson-log FILE]… SCRIPT…

Scripts that wait for most of their time say so with a line "# run_scripts: beside others". They come
last, two at a time; the others have the machine alone.

For each script one line, "ok name (seconds)", "FAIL name (seconds): why" or "SKIP name: why"; what
a failed one printed follows. Results of `meson test` (its testlog.json) are added to the counts.
The last line is "N passed, N failed, N skipped"; the exit status is 1 if any failed or nothing ran.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SKIPPED = 77
SHOWN_LINES = 60
BESIDE = "# run_scripts: beside others"
MESON_PASSED = ("OK", "EXPECTEDFAIL")


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def say(text):
    print(text, flush=True)


told = threading.Lock()  # one script's lines stay together


def terminate(process):
    """The script has its own session: end what it started with it, gently at first."""
    for how, wait in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, how)
            process.wait(wait)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def run(script, timeout, counts):
    name = Path(script).stem
    start = time.monotonic()
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen([str(Path(script).resolve())], stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT,
                                       start_new_session=True)
            status = process.wait(timeout)
            why = f"exit {status}" if status >= 0 else f"signal {-status}"
        except subprocess.TimeoutExpired:
            status, why = 1, f"not done after {timeout:g} s"
        except OSError as e:
            status, why = 1, str(e)
            process = None
        if process:
            terminate(process)  # also what a script that has ended left behind
        output.seek(0)
        text = output.read().decode("utf-8", "replace").rstrip().splitlines()
    seconds = time.monotonic() - start
    with told:
        tell(name, status, seconds, why, text, counts)


def tell(name, status, seconds, why, text, counts):
    if status == 0:
        counts.passed += 1
        say(f"ok {name} ({seconds:.1f} s)")
    elif status == SKIPPED:
        counts.skipped += 1
        say(next((t for t in text if t.startswith("SKIP")), f"SKIP {name}: no reason given"))
    else:
        counts.failed += 1
        say(f"FAIL {name} ({seconds:.1f} s): {why}")
        for line in text[-SHOWN_LINES:]:
            say(f"    {line}")


def is_beside(script):
    try:
        with open(script, encoding="utf-8") as f:
            return any(line.rstrip() == BESIDE for line, _ in zip(f, range(20)))
    except OSError:
        return False  # run() says what is wrong with it


def add_meson(path, counts):
    """One JSON object a line with "name" and "result"."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        result = test["result"]
        if result in MESON_PASSED:
            counts.passed += 1
        elif result == "SKIP":
            counts.skipped += 1
            say(f"SKIP {test['name']}: meson")
        else:
            counts.failed += 1
            say(f"FAIL {test['name']}: {result}")
            for text in (test.get("stdout", "") + test.get("stderr", "")).splitlines()[
                    -SHOWN_LINES:]:
                say(f"    {text}")


def main():
    parser = argparse.ArgumentParser(description="run test scripts and count")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one script")
    parser.add_argument("--meson-log", action="append", default=[], metavar="FILE")
    parser.add_argument("scripts", nargs="*")
    arguments = parser.parse_args()
    counts = Counts()
    for log in arguments.meson_log:
        try:
            add_meson(log, counts)
        except (OSError, ValueError, KeyError) as e:
            counts.failed += 1
            say(f"FAIL {log}: not a meson test log ({e})")
    beside = [script for script in arguments.scripts if is_beside(script)]
    for script in arguments.scripts:
        if script not in beside:
            run(script, arguments.timeout, counts)
    with ThreadPoolExecutor(2) as two:
        for done in [two.submit(run, script, arguments.timeout, counts) for script in beside]:
            done.result()
    say(counts.line())
    return 1 if counts.failed or not counts.passed + counts.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
