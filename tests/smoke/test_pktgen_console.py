#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""weir-pktgen -i: commands from a pipe, whose capture, counters and answer keys agree; and keys on a terminal, with
completion, errors that name the field, a change while it sends, and the terminal as it was afterwards."""
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import weirtest  # noqa: E402

LIMIT_S = 60
PROFILE = {"rate_pps": 10000, "flows": 100, "addresses": {"net4": "10.0.0.0/24", "count": 20},
           "protocols": ["DNS", "HTTPS"], "size": {"type": "fixed", "bytes": 100}}
EAL = ["-l", "0", "--no-huge", "-m", "64", "--no-shconf", "--no-pci", "--no-telemetry", "--log-level",
       "lib.eal:error", "--vdev", "net_null0,no-rx=1", "--"]
ESCAPES = re.compile(r"\x1b\[[\d;]*[A-Za-z]")


def program():
    return weirtest.program("WEIR_PKTGEN", "pktgen/weir-pktgen")


def piped(folder, lines, *options, eal=()):
    run = subprocess.run([program(), *eal, "-i", "--profile", "profile.json", *options], cwd=folder, text=True,
                         input="".join(line + "\n" for line in lines), capture_output=True, timeout=LIMIT_S, check=False)
    return run.returncode, run.stdout, run.stderr


def report_of(out):
    return json.loads(out.splitlines()[-1])


def capture_counts(path):
    """Packets, bytes, and packets and bytes by address of a capture; and whether time goes on."""
    data, at, last = path.read_bytes(), 24, 0
    packets, total, by_address, ascending = 0, 0, Counter(), True
    while at < len(data):
        seconds, nanoseconds, length, wire = struct.unpack_from("<4I", data, at)
        frame = data[at + 16:at + 16 + length]
        now = seconds * 10**9 + nanoseconds
        ascending &= now > last
        last = now
        packets += 1
        total += wire
        for address in frame[26:30], frame[30:34]:
            by_address[".".join(map(str, address))] += 1
        at += 16 + length
    return packets, total, by_address, ascending


def keys_agree(c, folder, report, capture):
    """What the capture holds is what the report says, in the sum and by its answer keys and their files."""
    packets, total, by_address, ascending = capture_counts(capture)
    profiles, addresses = report["profiles"], Counter()
    c.equal([packets, total], [report["sent"], report["bytes"]], "capture and report")
    c.that(ascending, "capture: packet times go back where a profile begins")
    for name in "sent", "bytes", "dropped", "late":
        c.equal(sum(p[name] for p in profiles), report[name], f"sum of profiles, {name}")
    for p in profiles:
        key = json.loads((folder / p["answer_key_file"]).read_text())
        c.equal([p["answer_key"]["packets"], p["answer_key"]["bytes"]], [p["sent"], p["bytes"]], "sent and key")
        c.equal(key["total"], p["answer_key"], "key's file and report")
        c.equal(sum(s["packets"] for s in key["seconds"]), p["sent"], "seconds of the key")
        c.equal(key["profile"], p["profile"], "profile of the key")
        addresses.update({a: n["packets"] for a, n in p["answer_key"]["addresses"].items()})
    c.equal(addresses, by_address, "addresses of the keys and of the capture")


def capture(c, folder):
    """Profiles one after the other into a capture."""
    status, out, err = piped(folder, [
        "set answer_key key.json  # a comment", "start 1", "wait", "show key", "set flows 50", "set size imix",
        "set rate 20kpps", "start 0.5", "wait", "set packets 777", "set duration_s null", "start", "wait", "start",
        "wait 30", "show key | json", "show ports | json", "save saved.json", "quit"], "--pcap", "out.pcap")
    c.equal([status, err], [0, ""], "capture")
    report = report_of(out)
    c.equal([p["sent"] for p in report["profiles"]], [10000, 10000, 777, 777], "sent under each profile")
    c.equal([p["answer_key_file"] for p in report["profiles"]],
            ["key.json", "key.json.2", "key.json.3", "key.json.4"], "files of the keys")
    c.that(re.search(r"^ +1 +10,000 +0 +10,000 +0 +key\.json$", out, re.M), f"show key: {out}")
    shown = [json.loads(line) for line in out.splitlines() if line.startswith(('{"profiles"', '[{"name"'))]
    c.equal([p["answer_key"]["packets"] for p in shown[0]["profiles"]], [10000, 10000, 777, 777], "show key | json")
    c.equal(shown[1][0]["opackets"], report["sent"], "show ports | json")
    c.equal(json.loads((folder / "saved.json").read_text()), report["profiles"][-1]["profile"], "save")
    keys_agree(c, folder, report, folder / "out.pcap")
    left = [f.name for f in folder.iterdir() if "part" in f.name]
    c.equal(left, [], "files left behind")


def errors(c, folder):
    """Each is told with its field, the others run, and the exit status says that one failed."""
    (folder / "bad.json").write_text('{"addresses": ["10.0.0.1"],\n "protocols": ["DNS"],\n "flows": 0}')
    cases = {
        "set size.bytes 9001": "size.bytes: found 9001, allowed is a whole number from 60 to 9000",
        "set rate fast": 'rate: found "fast", allowed is',
        "set flows.count 3": "flows: found 100, allowed is an object",
        "set speed 3": "speed: found a field of an unknown name",
        "set events[0].type surge": "events[0].at_s: found nothing",
        "set address_weights [1,2]": "address_weights: found a list of 2, allowed is a list of 20 weights",
        "set rate_pps 0": "rate_pps: found 0, allowed is 1 or more with --pcap",
        "load bad.json": "bad.json:3: flows: found 0, allowed is a whole number from 1",
        "load none.json": "load: cannot read none.json: No such file",
        "start": "duration_s: found no end, allowed with --pcap",
        "start soon": "start: found 'soon', allowed: seconds",
        "show latency": "latency: not measured",
        "fly": "no such command: fly",
        "set": "bad arguments: set",
    }
    status, out, err = piped(folder, [*cases, "show stats", "quit"], "--pcap", "errors.pcap")
    c.equal(status, 1, "exit status")
    lines = err.splitlines()
    c.equal(len(lines), len(cases), f"errors: {err}")
    for (command, expected), line in zip(cases.items(), lines):
        c.that(expected in line, f"{command}: {line}")
    c.that("time left" in out and report_of(out)["sent"] == 0, f"what came after: {out}")
    run = weirtest.Run([program(), "-i", "--stats-period", "1"], LIMIT_S)
    c.that(run.status == 2 and "--stats-period: found with --interactive" in run.err, run.describe())
    # A capture that is being written keeps an end.
    status, out, err = piped(folder, ["set answer_key key.json", "start 36000", "set duration_s null", "load profile.json",
                                      "stop"], "--pcap", "endless.pcap")
    c.equal([status, len(re.findall("duration_s: found no end", err)), len(err.splitlines())], [1, 2, 2], f"endless: {err}")
    keys_agree(c, folder, report_of(out), folder / "endless.pcap")
    # Without a console there has to be a profile.
    run = weirtest.Run([program(), "--pcap", str(folder / "none.pcap")], LIMIT_S)
    c.that(run.status == 2 and "--profile: found nothing" in run.err, run.describe())


def lcores(c, folder):
    """Two lcores that send, each a part of every profile."""
    two = ["--lcores", "0@0,1@0,2@0", *EAL[2:]]
    status, out, err = piped(folder, ["set answer_key key.json", "start 0.3", "wait", "set flows 33", "set rate 0",
                                      "start 0.2", "wait", "set rate 20kpps", "set packets 999", "start", "wait"], eal=two)
    c.equal([status, err], [0, ""], "lcores")
    report = report_of(out)
    c.equal([p["sent"] for p in (report["profiles"][0], report["profiles"][2])], [3000, 999], "sent by two lcores")
    for p in report["profiles"]:
        c.equal(p["answer_key"]["packets"], p["sent"], "sent and key of two lcores")
    c.equal(sum(p["sent"] for p in report["profiles"]), report["sent"], "sum")


def started(c, folder):
    """stop, start again and end of input; the profile of the demo where none is given."""
    status, out, err = piped(folder, ["start", "wait 0.3", "stop", "show stats | json", "start", "start", "wait 0.2"],
                             eal=EAL)
    c.equal([status, err], [1, "error: it is sending already; stop ends that\n"], "stop and start")
    counters = json.loads(next(line for line in out.splitlines() if line.startswith('{"running"')))
    report = report_of(out)
    c.that(not counters["running"] and 0 < counters["sent"] < report["sent"], f"{counters}, {report['sent']}")
    c.equal([p["sent"] for p in report["profiles"]], [report["sent"]], "one profile")
    run = subprocess.run([program(), *EAL, "-i"], input="show profile | json\n", text=True, capture_output=True,
                         timeout=LIMIT_S, check=False)
    c.that(run.returncode == 0 and "53.215.218.189" in run.stdout, f"no profile: {run.stdout} {run.stderr}")


def ended(c, folder):
    """What comes after a profile has ended changes nothing of it: its rate, and that its key could not be written."""
    status, out, err = piped(folder, ["set packets 100", "start", "wait", "set rate 20kpps", "set packets 200", "start",
                                      "wait"], "--pcap", "ended.pcap")
    c.equal([status, err], [0, ""], "rates one after the other")
    c.equal([[p["sent"], p["profile"]["rate_pps"]] for p in report_of(out)["profiles"]], [[100, 10000], [200, 20000]],
            "rates that were sent at")
    (folder / "key.json").mkdir()
    wrong = "answer_key: cannot write key.json: Is a directory"
    commands = ["set packets 100", "set answer_key key.json", "start", "wait", "show stats"]
    status, out, err = piped(folder, commands, "--pcap", "ended.pcap")
    c.equal([status, err], [1, f"weir-pktgen: {wrong}\n"], "no key, told at the end")
    c.equal([[p["sent"], p["answer_key_file"]] for p in report_of(out)["profiles"]], [[100, None]], "report without a key")
    status, out, err = piped(folder, [*commands, "show key", "set answer_key other.json", "start", "wait"], "--pcap",
                             "ended.pcap")
    c.equal([status, err], [1, f"error: {wrong}\n"], "no key, told by the next command")
    c.equal([p["answer_key_file"] for p in report_of(out)["profiles"]], [None, "other.json"], "the one key and the other")


class Terminal:
    """weir-pktgen on a terminal of 100 columns."""

    def __init__(self, folder):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("4H", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        self.text = ""
        self.process = subprocess.Popen([program(), *EAL, "-i", "--profile", "profile.json", "--report", "report.json"],
                                        cwd=folder, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs,
                                        start_new_session=True)

    def expect(self, pattern):
        """What comes until the pattern does; it is taken away."""
        deadline = time.monotonic() + LIMIT_S
        while not (found := re.search(pattern, self.text)):
            if not select.select([self.ours], [], [], max(0, deadline - time.monotonic()))[0]:
                raise weirtest.Failed(f"no '{pattern}' on the terminal: {self.text!r}")
            self.text += ESCAPES.sub("", os.read(self.ours, 65536).decode())
        before, self.text = self.text[:found.end()], self.text[found.end():]
        return before

    def keys(self, text):
        os.write(self.ours, text.encode())

    def command(self, line):
        self.keys(line + "\n")
        return self.expect(r"(?s)\n.*pktgen> ")

    def end(self):
        status = self.process.wait(LIMIT_S)
        same = termios.tcgetattr(self.theirs) == self.before
        os.close(self.ours)
        os.close(self.theirs)
        return status, same


def counters(terminal):
    out = terminal.command("show stats | json")
    return json.loads(re.search(r"\{.*\}", out)[0])


def terminal(c, folder):
    t = Terminal(folder)
    t.expect("pktgen> ")
    t.keys("sho\t")
    t.expect("show ")
    t.keys("?")
    listed = t.expect(r"(?s)latency .*pktgen> show ")
    c.that(re.search(r"stats +counters, rates", listed), f"help at the second word: {listed}")
    t.keys("st\t\n")
    c.that("time left" in t.expect(r"(?s)stopped\r?\n.*pktgen> "), "completed command")
    t.keys("set si\t")
    t.expect(r"set size")
    t.keys(".b\t")
    t.expect(r"\.bytes ")
    t.keys("?")
    c.that("its value" in t.expect(r"(?s)its value.*size.bytes "), "help at the value")
    t.keys("99999\n")
    c.that("error: size.bytes: found 99999" in t.expect(r"(?s)error.*pktgen> "), "an error names the field")
    c.that("answer_key" in t.command("set answer_key live.json"), "set")
    c.that("running" in t.command("start"), "start")
    deadline = time.monotonic() + LIMIT_S
    while counters(t)["sent"] < 3000 and time.monotonic() < deadline:
        pass
    c.that("rate_pps 30000" in t.command("set rate 30kpps"), "a rate while it sends")
    c.that("flows 33" in t.command("set flows 33"), "flows while it sends")
    first = counters(t)
    c.that(first["running"] and first["sent"] >= 3000, f"still sending: {first}")
    while counters(t)["sent"] <= first["sent"] and time.monotonic() < deadline:
        pass
    t.keys("watch show stats 1\n")
    c.that(all(len(line) <= 100 for line in t.expect(r"time left").splitlines()), "watch fits")
    t.keys("\n")
    t.expect("pktgen> ")
    c.that(re.search(r"(?s)sent +[\d,]+.*stopped", t.command("stop")), "stop")
    c.that(len(re.findall(r"live\.json|not counted yet", t.command("show key"))) == 2, "show key")
    t.keys("quit\n")
    status, same = t.end()
    c.equal([status, same], [0, True], "exit status, and the terminal as before")
    report = json.loads((folder / "report.json").read_text())
    c.equal(len(report["profiles"]), 2, "profiles")
    for p in report["profiles"]:
        c.equal(p["answer_key"]["packets"], p["sent"], "sent and key on a port")
    c.equal(sum(p["sent"] for p in report["profiles"]), report["sent"], "sum")


def interrupted(c, folder):
    """Ctrl-C ends it with its report, and the terminal is as before."""
    t = Terminal(folder)
    t.expect("pktgen> ")
    t.command("start")
    deadline = time.monotonic() + LIMIT_S
    while counters(t)["sent"] == 0 and time.monotonic() < deadline:
        pass
    os.kill(t.process.pid, 2)
    status, same = t.end()
    c.equal([status, same], [0, True], "after a signal")
    c.equal(len(json.loads((folder / "report.json").read_text())["profiles"]), 1, "its report")


def test():
    c = weirtest.Check()
    for part in capture, errors, lcores, started, ended, terminal, interrupted:
        with tempfile.TemporaryDirectory(prefix="weir-pktgen.") as folder:
            (Path(folder) / "profile.json").write_text(json.dumps(PROFILE))
            part(c, Path(folder))
    return c


if __name__ == "__main__":
    weirtest.main(test)
