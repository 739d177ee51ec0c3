#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every file of corpus/robustness: exit 0 with residual 0, or 1 with one line on stderr where it
cannot be opened as a capture; never a crash. Again with a sanitizer build where WEIR_ASAN names
one. With tunnels and fragments left alone and with both followed, which may not change what is in
flows. Without the corpus the files made here are still tried."""
import json
import os
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import captures  # noqa: E402
import frames  # noqa: E402
import weirtest  # noqa: E402

# Options of the caller's own come last and win.
SANITIZER = {"ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1:fast_unwind_on_malloc=0",
             "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1"}
# Small tables in the second: a sanitizer takes a second to make the usual ones known.
MODES = [[], ["--flow-tunnels", "decapsulate", "--flow-fragments", "follow", "--flow-capacity", 16384,
              "--key-budget", 4096]]
REPORTS = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "UndefinedBehavior")
MAGICS = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d",
          b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34", b"\x0a\x0d\x0d\x0a", b"\x1f\x8b")


def environment():
    own = {name: ":".join(filter(None, (options, os.environ.get(name))))
           for name, options in SANITIZER.items()}
    return {**os.environ, **own}


def check_run(c, program, path, mode):
    what = f"{program} {path.name} {' '.join(map(str, mode))}"
    with tempfile.TemporaryDirectory(prefix="weir-robust-") as folder:
        report = Path(folder) / "report.json"
        run = weirtest.Run([program, "--pcap", path, *mode, "--report", report, "--flows",
                            Path(folder) / "flows", "--results", "none.ndjson"], 300,
                           env=environment(), cwd=folder)
        c.that(run.status in (0, 1), f"{what}: {run.describe()}")
        c.that(not any(r in run.err + run.out for r in REPORTS), f"{what}: {run.describe()}")
        if run.status == 0:
            ledger = json.loads(report.read_text())["ledger"]
            c.equal(ledger["residual"], 0, f"{what}: residual")
            return {m: ledger[m] for m in ("received", "flow_packets", "flow_bytes", "discarded")}
        elif run.status == 1:
            c.equal(len(run.errors()), 1, f"{what}: lines on stderr ({run.describe()})")
            c.that(path.name in run.err, f"{what}: the line names the file ({run.describe()})")
            with open(path, "rb") as f:
                start = f.read(24)
            c.that(len(start) < 24 or not start.startswith(MAGICS),
                   f"{what}: it has a capture's header but was refused ({run.describe()})")
    return None


def hostile_files(folder):
    """Files that contradict themselves, cut and flipped ones; the seed is fixed."""
    rng = random.Random(5)
    at = 1_700_000_000 * 10**9
    packets = [captures.Packet(at + i * 10**6, frames.eth(frames.ip4(
        frames.tcp(1000 + i, 443, b"x" * i), 6, "10.0.0.1", "10.0.0.2"), vlans=[i])) for i in
        range(40)]
    whole = {"pcap": captures.pcap(packets), "pcapng": captures.pcapng(packets)}
    made = {"empty": b"", "text": b"not a capture, but long enough to be one, perhaps\n" * 3,
            "header-only.pcap": whole["pcap"][:24], "short-header.pcap": whole["pcap"][:11],
            "length-huge.pcap": whole["pcap"][:24] + b"\xff" * 16 + bytes(100),
            "block-zero.pcapng": whole["pcapng"][:28] + bytes(64),
            "block-huge.pcapng": whole["pcapng"][:28] + b"\6\0\0\0\xf0\xff\xff\xff" + bytes(64),
            "time-max.pcap": captures.pcap([captures.Packet((2**32 - 1) * 10**9, packets[0].frame),
                                            packets[1]]),
            "wire-max.pcap": captures.pcap([packets[0]._replace(wire=2**32 - 1)])}
    for kind, data in whole.items():
        for i in range(12):
            flipped = bytearray(data)
            for _ in range(30):
                flipped[rng.randrange(24 if kind == "pcap" else 28, len(data))] = rng.randrange(256)
            made[f"flipped-{i}.{kind}"] = bytes(flipped)
            made[f"cut-{i}.{kind}"] = data[:rng.randrange(30, len(data))]
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def runs():
    """-> (program, mode). Where there is a sanitizer build it runs the mode that runs all code."""
    yield weirtest.weir(), MODES[0]
    asan = os.environ.get("WEIR_ASAN")
    yield weirtest.program("WEIR_ASAN", "") if asan else weirtest.weir(), MODES[1]


def test():
    with tempfile.TemporaryDirectory(prefix="weir-hostile-") as folder:
        paths = hostile_files(Path(folder))
        try:
            paths += sorted(p for p in weirtest.corpus("robustness").iterdir()
                            if p.suffix != ".tsv")
        except SystemExit:
            print("robustness corpus left out")
        if len(sys.argv) > 1:
            paths = [p for p in paths if p.name in sys.argv[1:]]

        def check(path):
            c = weirtest.Check()
            ledgers = [check_run(c, program, path, mode) for program, mode in runs()]
            c.that(all(found == ledgers[0] for found in ledgers),
                   f"{path.name}: {ledgers} in the modes {MODES}")
            return c
        return weirtest.each(paths, check)


if __name__ == "__main__":
    weirtest.main(test)
