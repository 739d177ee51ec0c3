#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Golden captures: one small capture per feature of the parser, the reader and the flow table.

    build_pcaps.py FOLDER            write every capture to FOLDER
    build_pcaps.py --expect [NAME…]  write expect/NAME.json anew

Nothing here is random and no clock is read, so the captures are the same everywhere. Each packet
is added with what must become of it: a flow (b.flow) or a reason of the ledger (b.discard). The
expectation files are written from those labels, from shared/reference/truth.py and from the
models in tests/lib, never from what Weir says; read the difference before committing one.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import cases_capture  # noqa: E402,F401  (they register their cases)
import cases_flow  # noqa: E402,F401
import cases_fragment  # noqa: E402,F401
import cases_ip  # noqa: E402,F401
import cases_link  # noqa: E402,F401
import cases_tunnel  # noqa: E402,F401
from golden_case import CASES, NO_TIMEOUTS  # noqa: E402,F401


def build(name, folder):
    """-> (path of the capture, options for weir, builder)"""
    make, options = CASES[name]
    data, b = make()
    path = Path(folder) / f"{name}.pcap"
    path.write_bytes(data)
    return path, options, b


if __name__ == "__main__":
    if sys.argv[1:2] == ["--expect"]:
        import expectations
        expectations.write(sys.argv[2:] or list(CASES))
    elif len(sys.argv) == 2:
        for case_name in CASES:
            build(case_name, sys.argv[1])
    else:
        sys.exit(__doc__)
