# SPDX-License-Identifier: BSD-3-Clause
"""What a program costs: CPU time of it and of everything that it started."""
import ctypes
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

import weirtest

PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Cost:
    cpu_s: float    # user and system time of the whole tree of processes
    wall_s: float
    peak_kib: int   # resident memory of the largest of its processes
    text: str       # what it printed


def subreaper_become():
    """From now on processes whose parent has ended are this one's, so that none escapes."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def tree_wait(process):
    """Wait for the process and for what it leaves behind. -> CPU seconds, KiB"""
    cpu = peak = 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return cpu, peak
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)


def group_kill(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def measure(command, folder, limit_s):
    """Run command to its end -> Cost. Raises weirtest.Failed when it fails or takes too long."""
    subreaper_become()
    with tempfile.TemporaryFile(dir=folder) as out:
        start = time.monotonic()
        process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=out, cwd=folder, start_new_session=True)
        alarm = threading.Timer(limit_s, group_kill, (process.pid,))
        alarm.start()
        cpu, peak = tree_wait(process)
        alarm.cancel()
        wall = time.monotonic() - start
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    if process.returncode != 0:
        raise weirtest.Failed(f"{command[0]}: exit {process.returncode}: {text[-500:]}")
    return Cost(cpu, wall, peak, text)
