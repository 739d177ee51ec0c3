# SPDX-License-Identifier: BSD-3-Clause
"""`weir --demo` for a test that asks it from outside."""
import contextlib
import subprocess
import sys
from pathlib import Path

import ask
import weirtest

START_S = 30
END_S = 20
SHOWN = 2000  # of its log, where the test fails


@contextlib.contextmanager
def demo(folder, *options):
    """Runs while the body does -> (port, id of the process, log()). Where the body fails by an assertion,
    what Weir said is shown and the test ends."""
    name = Path(sys.argv[0]).stem
    port = int(subprocess.check_output([sys.executable, ask.__file__, "port"]))
    with open(Path(folder) / "stderr", "w+", encoding="utf-8") as err, subprocess.Popen(
            [weirtest.weir(), "--demo", "--flow-capacity", "65536", "--listen", f"127.0.0.1:{port}",
             *options], stderr=err, stdout=subprocess.DEVNULL) as weir:

        def log():
            err.seek(0)
            return err.read()

        try:
            assert ask.wait(port, START_S), "weir does not answer"
            yield port, weir.pid, log
        except AssertionError as e:
            raise SystemExit(f"FAIL {name}: {e}\n{log()[-SHOWN:]}") from e
        finally:
            weir.terminate()
            try:
                weir.wait(END_S)
            except subprocess.TimeoutExpired:
                weir.kill()
