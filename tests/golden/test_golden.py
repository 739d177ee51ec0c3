#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""weir on every golden capture against expect/NAME.json: ledger, flow records, results.
With names as arguments, only those cases."""
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import build_pcaps  # noqa: E402
import expectations  # noqa: E402
import weirtest  # noqa: E402

QUERIES = ("ip-topk", "protocol-share")


def compare(c, found, expected, what):
    """Everything that is expected must be there and equal; more may be there."""
    if isinstance(expected, dict):
        for member, value in expected.items():
            if c.that(isinstance(found, dict) and member in found, f"{what}: no {member}"):
                compare(c, found[member], value, f"{what}.{member}")
    elif isinstance(expected, float) or isinstance(found, float):
        c.that(weirtest.close(found, expected), f"{what}: found {found}, expected {expected}")
    else:
        c.equal(found, expected, what)


def compare_ledger(c, found, expected, name):
    discarded = {reason: n for reason, n in found["discarded"].items() if n}
    c.equal(discarded, expected["discarded"], f"{name}: discarded")
    for member in ("received", "flow_packets", "flow_bytes"):
        c.equal(found[member], expected[member], f"{name}: {member}")
    c.equal(found["offered"], expected["received"], f"{name}: offered")
    c.equal(found["residual"], 0, f"{name}: residual")


def compare_flows(c, run, expected, name):
    found = sorted(run.flows, key=expectations.order)
    c.equal(len(found), len(expected), f"{name}: flow records")
    ends = {}
    for f, e in zip(found, expected):
        compare(c, f, e, f"{name}: flow {expectations.order(e)}")
        c.equal("tunnel" in f, "tunnel" in e, f"{name}: tunnel of {expectations.order(e)}")
        ends[e["end"]] = ends.get(e["end"], 0) + 1
    reported = run.report["flows"]
    c.equal({k: n for k, n in reported["ended"].items() if n}, ends, f"{name}: flows.ended")
    c.equal(reported["created"], len(expected), f"{name}: flows.created")


def simplify(result):
    return {"start_us": result["window"]["start_us"], "end_us": result["window"]["end_us"],
            "total": result["total"], "keys": result["keys"],
            "rows": [[r["key"], r["value"], round(r["share"], 9)] for r in result["rows"]]}


def compare_results(c, found, expected, name):
    for query, results in expected.items():
        ours = found.get(query, [])
        c.equal(len(ours), len(results), f"{name}: results of {query}")
        for f, e in zip(ours, results):
            rounded = {**e, "rows": [[k, v, round(s, 9)] for k, v, s in e["rows"]]}
            c.equal(simplify(f), rounded, f"{name}: {query} ending {e['end_us']}")


def check_case(name, folder):
    c = weirtest.Check()
    expected = expectations.load(name)
    path, options, b = build_pcaps.build(name, folder)
    c.equal(options, expected["options"], f"{name}: options of case and expectation")
    c.equal(len(b.packets), expected["ledger"]["received"], f"{name}: packets of the case")
    results = {}
    run = weirtest.PcapRun(path, options, queries=QUERIES, on_result=lambda r: results.setdefault(
        r["query"], []).append(r))
    compare_ledger(c, run.ledger, expected["ledger"], name)
    fragments = {"mode": "follow", **expected["fragments"]} if "fragments" in expected else {
        "mode": "off"}
    c.equal(run.report["fragments"], fragments, f"{name}: fragments")
    compare_flows(c, run, expected["flows"], name)
    compare_results(c, results, expected["results"], name)
    return c


def test():
    with tempfile.TemporaryDirectory(prefix="weir-golden-") as folder:
        total = weirtest.each(sys.argv[1:] or list(build_pcaps.CASES),
                              lambda name: check_case(name, folder))
    known = {p.stem for p in expectations.FOLDER.glob("*.json")}
    total.equal(known ^ set(build_pcaps.CASES), set(), "cases without expectation or vice versa")
    return total


if __name__ == "__main__":
    weirtest.main(test)
