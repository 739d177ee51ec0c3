# SPDX-License-Identifier: BSD-3-Clause
"""What the Python tests share: where things are, how weir is run, how a test ends.

A test is one executable script. It exits 0 when it passed, 1 with the reasons on stdout when it
failed, 77 with one line "SKIP name: why" when it cannot run here.
"""
import concurrent.futures
import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
NAME = Path(sys.argv[0]).stem
DEBIAN_PYTHON = "/usr/bin/python3"
SHOWN = 30  # failures printed before the rest is only counted


class Failed(Exception):
    """The test cannot go on: the line says why."""


def skip(why):
    print(f"SKIP {NAME}: {why}")
    sys.exit(77)


def debian_module(name, package):
    """A module of a Debian package: with Debian's Python where this one does not have it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if sys.executable != DEBIAN_PYTHON and os.access(DEBIAN_PYTHON, os.X_OK):
            os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
        return skip(f"no {name} ({package})")


def program(variable, default):
    """Path of a built program; that it is missing is a failure, not a reason to skip."""
    path = Path(os.environ.get(variable) or REPO / "build" / default)
    if not os.access(path, os.X_OK):
        raise Failed(f"{path} is not there (set {variable})")
    return str(path.resolve())


def weir():
    return program("WEIR", "app/weir")


def shared(variable, name):
    """A folder of material that is not part of the repository; skips when it is not there."""
    places = [os.environ.get(variable), REPO.parent / "shared" / name]
    for place in places:
        if place and Path(place).is_dir():
            return Path(place)
    skip(f"no {name} beside the repository (set {variable})")


def corpus(part):
    folder = shared("WEIR_CORPUS", "corpus") / part
    if not folder.is_dir():
        skip(f"{folder} is not there")
    return folder


def reference():
    """Import path of truth.py and pcapref.py, the flow reference that shares no code with Weir."""
    folder = shared("WEIR_REFERENCE", "reference")
    sys.path.insert(0, str(folder))
    import jumbo
    import pcapref
    if not hasattr(pcapref.l3, "corrected"):
        pcapref.l3 = jumbo.corrected(pcapref.l3)
    return folder


class Run:
    """One finished run of a program."""

    def __init__(self, command, timeout, env=None, cwd=None):
        self.command = [str(c) for c in command]
        try:
            done = subprocess.run(self.command, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=timeout, env=env, cwd=cwd, check=False)
        except subprocess.TimeoutExpired as e:
            raise Failed(f"still running after {timeout} s: {' '.join(self.command)}") from e
        self.status = done.returncode
        self.out = done.stdout.decode("utf-8", "replace")
        self.err = done.stderr.decode("utf-8", "replace")

    def errors(self):
        return [line for line in self.err.splitlines() if line.strip()]

    def describe(self):
        return f"exit {self.status}, stderr: " + (" | ".join(self.errors()[-5:]) or "(empty)")


def stream(command, folder, take, timeout):
    """Run a program in a folder; take(stdout) reads what it writes while it runs. Its stderr is left
    there as a file. Failed unless it exits with 0 in time."""
    with open(folder / "stderr", "wb") as err:
        process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=err, cwd=folder)
    alarm = threading.Timer(timeout, process.kill)
    alarm.start()
    try:
        take(process.stdout)
    finally:
        process.stdout.close()
        status = process.wait()
        alarm.cancel()
    if status != 0:
        said = (folder / "stderr").read_text("utf-8", "replace").splitlines()[-5:]
        raise Failed(f"exit {status}, stderr: {' | '.join(said)}")


class PcapRun:
    """`weir --pcap FILE` with everything that it can write, parsed.

    on_result(document) is called for every line of --results that belongs to one of `queries`;
    there may be millions, so they are read while weir writes them and are not kept.
    """

    def __init__(self, capture, options=(), flows=True, on_result=None, queries=(), timeout=300):
        with tempfile.TemporaryDirectory(prefix="weir-test-") as folder:
            folder = Path(folder)
            command = [weir(), "--pcap", capture, *options, "--report", folder / "report.json"]
            if flows:
                command += ["--flows", folder / "flows.ndjson"]
            if on_result:
                command += ["--results", "-"]
            names = [f'"{q}"'.encode() for q in queries]
            stream(command, folder, lambda out: self._results(out, on_result, names), timeout)
            self.report = json.loads((folder / "report.json").read_text())
            self.ledger = self.report["ledger"]
            self.flows = lines(folder / "flows.ndjson") if flows else []

    @staticmethod
    def _results(stream, on_result, names):
        for line in stream:
            if any(name in line for name in names):
                document = json.loads(line)
                if f'"{document["query"]}"'.encode() in names:
                    on_result(document)


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


class Check:
    """Collects differences, so that one run shows all of them."""

    def __init__(self):
        self.failures = []
        self.passed = 0

    def that(self, condition, what):
        if condition:
            self.passed += 1
        else:
            self.failures.append(what)
        return bool(condition)

    def equal(self, found, expected, what):
        return self.that(found == expected, f"{what}: found {found!r}, expected {expected!r}")

    def merge(self, other):
        self.failures += other.failures
        self.passed += other.passed


def close(found, expected, relative=1e-6, absolute=1e-6):
    return abs(found - expected) <= max(absolute, relative * abs(expected))


# A run of weir over a small capture mostly waits: for its threads, for time to be measured.
EACH_WORKERS = min(12, 3 * (os.cpu_count() or 1))

_jobs = None  # (items, function) of each(), for the processes that it forks


def _job(index):
    items, function = _jobs
    try:
        return function(items[index])
    except (Failed, OSError, ValueError, LookupError, TypeError) as e:
        c = Check()
        c.that(False, f"{items[index]}: {type(e).__name__}: {e}")
        return c


def each(items, function, workers=None):
    """function(item) -> Check for every item, a few at a time, each in a process that is forked for
    it, as comparing in Python takes as long as Weir does. Output that is missing or has another
    shape than it must have is a failure of that item, not the end of the test."""
    global _jobs
    total = Check()
    _jobs = (list(items), function)
    with concurrent.futures.ProcessPoolExecutor(
            workers or EACH_WORKERS, mp_context=multiprocessing.get_context("fork")) as pool:
        for c in pool.map(_job, range(len(_jobs[0]))):
            total.merge(c)
    return total


def main(test):
    """Run test() -> Check and leave with the status that its outcome means."""
    try:
        check = test()
    except Failed as e:
        print(f"FAIL {NAME}: {e}")
        sys.exit(1)
    for line in check.failures[:SHOWN]:
        print(f"FAIL {NAME}: {line}")
    if len(check.failures) > SHOWN:
        print(f"FAIL {NAME}: {len(check.failures) - SHOWN} more")
    if not check.failures and not check.passed:
        print(f"FAIL {NAME}: nothing was checked")
        sys.exit(1)
    print(f"{NAME}: {check.passed} checks passed, {len(check.failures)} failed")
    sys.exit(1 if check.failures else 0)
