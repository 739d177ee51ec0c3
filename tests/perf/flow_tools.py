# SPDX-License-Identifier: BSD-3-Clause
"""The programs that compare_flow_tools.py runs, each as fast as it can be made to go.

A tool reads the capture, keeps flows by 5-tuple until the end, resolves no names, exports to
nobody, and writes at most one file into a folder that lies in memory. counts() says what it saw:
(packets, flows, a note or None); numbers are None where they are not to be found.
"""
import csv
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import weirtest

NEVER_S = 36000  # longer than any capture here


@dataclass
class Job:
    """One capture to be read, in one folder."""
    path: Path
    folder: Path
    packets: int
    flows: int


def first_int(pattern, text):
    found = re.search(pattern, text)
    return int(found[1]) if found else None


@dataclass
class Tool:
    name: str
    package: str = None               # of Debian
    needs: list = field(default_factory=list)  # programs, the one that is measured first

    def missing(self):
        """The programs that are not installed."""
        return [p for p in self.needs if not shutil.which(p)]

    def version(self):
        if not self.package:
            return ""
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", self.package],
                              capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""


class Weir(Tool):
    def __init__(self, name="weir", *more):
        super().__init__(name)
        self.more = more

    def version(self):
        return subprocess.run([weirtest.weir(), "--version"], capture_output=True, text=True,
                              check=True).stdout.split()[-1]

    def command(self, job):
        return [weirtest.weir(), "--pcap", job.path, "--report", job.folder / "report.json",
                "--flow-capacity", max(16384, 2 * job.flows), *self.more]

    def counts(self, job, text):
        report = json.loads((job.folder / "report.json").read_text(encoding="utf-8"))
        ledger = report["ledger"]
        note = None
        if (ledger["received"], ledger["flow_packets"], ledger["residual"]) != (
                job.packets, job.packets, 0) or ledger["detail_lost"]["packets"]:
            note = f"its ledger does not add up: {ledger}"
        return ledger["flow_packets"], report["flows"]["created"], note


class Softflowd(Tool):
    def __init__(self):
        super().__init__("softflowd", "softflowd", ["softflowd"])

    def command(self, job):
        # With a control socket it does not end; without -n it exports nothing.
        return ["softflowd", "-d", "-r", job.path, "-m", 2 * job.flows + 1000, "-c", "none",
                "-p", job.folder / "softflowd.pid"]

    def counts(self, job, text):
        forced = first_int(r"Flows expired: \d+ \((\d+) forced\)", text)
        return (first_int(r"Packets processed: (\d+)", text),
                first_int(r"Flows expired: (\d+)", text),
                f"{forced} flows ended for want of room" if forced else None)


class Nfpcapd(Tool):
    def __init__(self):
        super().__init__("nfpcapd", "nfdump", ["nfpcapd"])

    def command(self, job):
        # It wants a folder to write to, and nodes for its flows.
        return ["nfpcapd", "-r", job.path, "-w", job.folder, "-t", NEVER_S,
                "-B", max(524288, 2 * job.flows)]

    def counts(self, job, text):
        skipped = first_int(r"skipped: (\d+)", text)
        return (first_int(r"Ident: .* Packets: (\d+)", text),
                first_int(r"Ident: .* Flows: (\d+)", text),
                f"{skipped} packets skipped" if skipped else None)


class Argus(Tool):
    def __init__(self):
        super().__init__("argus", "argus-server", ["argus", "racount"])

    def command(self, job):
        # -X: no configuration file; -S: a flow's record comes at its end only.
        return ["argus", "-X", "-S", NEVER_S, "-r", job.path, "-w", job.folder / "argus.out"]

    def counts(self, job, text):
        # One row a protocol: records, packets. The sum above them has argus's own records in it.
        done = subprocess.run(["racount", "-r", job.folder / "argus.out", "-M", "proto"],
                              capture_output=True, text=True, check=True)
        rows = re.findall(r"^ +(?!sum)\w+ +(\d+) +(\d+)", done.stdout, re.MULTILINE)
        return sum(int(r[1]) for r in rows), sum(int(r[0]) for r in rows), None


PMACCT = """\
daemonize: false
pcap_savefile: {capture}
aggregate: src_host, dst_host, src_port, dst_port, proto
plugins: print
print_output: csv
print_output_file: {folder}/flows.csv
print_refresh_time: {never}
print_cache_entries: {entries}
plugin_buffer_size: 1048576
plugin_pipe_size: {pipe}
"""
PMACCT_PIPE = 256 << 20


class Pmacctd(Tool):
    def __init__(self):
        super().__init__("pmacctd", "pmacct", ["pmacctd"])

    def command(self, job):
        # Its reader does not wait for the plugin that counts: with a small pipe it loses packets,
        # with a larger one than this it takes longer.
        config = job.folder / "pmacctd.conf"
        config.write_text(PMACCT.format(
            capture=job.path, folder=job.folder, never=NEVER_S, entries=2 * job.flows + 1001,
            pipe=PMACCT_PIPE), encoding="utf-8")
        return ["pmacctd", "-f", config]

    def counts(self, job, text):
        path = job.folder / "flows.csv"
        if not path.exists():
            return None, None, None
        with open(path, newline="", encoding="utf-8") as f:
            packets = [int(row["PACKETS"]) for row in csv.DictReader(f)]
        return sum(packets), len(packets), None


TOOLS = (Softflowd(), Nfpcapd(), Argus(), Pmacctd(), Weir(),
         Weir("weir, results", "--results", "results.jsonl"))
