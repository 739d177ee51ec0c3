#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The expectation files still are what truth.py, the models and the cases' labels give: whoever
edits one by hand to make a test pass is told here."""
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import build_pcaps  # noqa: E402
import expectations  # noqa: E402
import weirtest  # noqa: E402


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-expect-") as folder:
        for name in build_pcaps.CASES:
            expected = expectations.text(expectations.expected(name, folder))
            found = (expectations.FOLDER / f"{name}.json").read_text()
            c.that(found == expected, f"{name}: the file differs from what the reference gives")
    reasons = set(re.findall(r'X\(\w+, "(\w+)"', (weirtest.REPO / "lib/base/ledger.h").read_text()))
    golden = {reason for name in build_pcaps.CASES
              for reason in expectations.load(name)["ledger"]["discarded"]}
    c.equal(golden, reasons - {"stopped"}, "reasons of lib/base/ledger.h with a golden case")
    guide = (weirtest.REPO / "docs/guide.md").read_text()
    for reason in reasons:
        c.that(f"| `{reason}` |" in guide, f"{reason}: not in docs/guide.md")
    return c


if __name__ == "__main__":
    weirtest.reference()
    weirtest.main(test)
