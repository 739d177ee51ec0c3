# SPDX-License-Identifier: BSD-3-Clause
"""What the golden captures must give: written from the cases' labels and the reference, kept as
expect/NAME.json. Three authorities are made to agree before a file is written: the label that the
case gives each packet, shared/reference/truth.py, and the models in tests/lib."""
import json
import tempfile
from collections import Counter
from pathlib import Path

import build_pcaps
import captures
import weirtest

FOLDER = Path(__file__).resolve().parent / "expect"
RESULTS_MAX = 25  # slides; the results of longer captures are left to test_bruteforce.py
STATISTICS = (("min", "min"), ("max", "max"), ("mean", "mean"), ("std", "std_smp"))


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def option(options, name, default):
    return options[options.index(name) + 1] if name in options else default


def table(options):
    import flow_model
    return flow_model.Table(float(option(options, "--flow-idle-timeout", 60)),
                            float(option(options, "--flow-active-timeout", 120)),
                            option(options, "--flow-tcp-end", "on") == "on")


def fragments(options):
    import flow_model
    follow = option(options, "--flow-fragments", "off") == "follow"
    return flow_model.Fragments() if follow else None


def statistics(w):
    return {ours: w.get(theirs, 0) for ours, theirs in STATISTICS}


def true_flows(path, protocols):
    """Records of truth.py in the shape of --flows; only for captures run without timeouts."""
    import truth
    for f in truth.truth(str(path))["flows"]:
        if len(f["vlan"]) > 4:
            continue  # a key holds four; the reference holds any number
        record = {m: f[m] for m in ("src", "sport", "dst", "dport", "proto", "vlan", "first_us",
                                    "last_us")}
        record["app"] = protocols.name(f["proto"], f["sport"], f["dport"])
        record["end"] = "flush"
        for direction in ("fwd", "rev", "bidir"):
            d = f[direction]
            record[direction] = {"packets": d["size"]["n"], "bytes": d["size"].get("sum", 0),
                                 "size": statistics(d["size"]), "iat_us": statistics(d["iat_us"])}
            if direction != "bidir":
                record[direction] |= {"l3_bytes": d["l3"], "tcp_flags": d["tcp_flags"]}
        yield record


def model_flows(ended, protocols):
    """Records of the flow model, without the statistics that it does not keep."""
    from flow_model import pcapref
    for f in ended:
        yield {"src": pcapref.ip(f.src[0]), "sport": f.src[1], "dst": pcapref.ip(f.dst[0]),
               "dport": f.dst[1], "proto": f.proto, "vlan": list(f.vlan),
               "first_us": f.first_us, "last_us": f.last_us, "end": f.end,
               "app": protocols.name(f.proto, f.src[1], f.dst[1]),
               **{name: {"packets": f.packets[i], "bytes": f.bytes[i], "tcp_flags": f.flags[i]}
                  for i, name in enumerate(("fwd", "rev"))}}


def order(flow):
    return (flow["first_us"], flow["last_us"], flow["vlan"], flow["proto"], flow["src"],
            flow["sport"], flow["dst"], flow["dport"])


def brief(flow):
    return [order(flow)] + [flow[d][m] for d in ("fwd", "rev") for m in ("packets", "bytes")]


def ledger(b, path, followed):
    import flow_model
    found = list(flow_model.packets(path, followed))
    if len(found) != len(b.fates):
        raise weirtest.Failed(f"{path.stem}: the reference reads {len(found)} packets")
    for i, (p, ports) in enumerate(zip(found, b.ports)):
        if followed and ports and (p.src[1], p.dst[1]) != ports:
            raise weirtest.Failed(f"{path.stem}: packet {i}: label {ports}, reference {p}")
    for i, (p, fate) in enumerate(zip(found, b.fates)):
        if p.in_flow == bool(fate):
            raise weirtest.Failed(f"{path.stem}: packet {i}: label {fate}, reference {p}")
    flow = [p.wire for p in found if p.in_flow]
    return {"received": len(found), "flow_packets": len(flow), "flow_bytes": sum(flow),
            "discarded": dict(sorted(Counter(f for f in b.fates if f).items()))}


def plain_capture(path, b):
    """What the reference is given: see golden_case.Builder."""
    if b.plain == b.packets:
        return path
    path = path.with_name(f"{path.stem}.plain.pcap")
    path.write_bytes(captures.pcap(b.plain))
    return path


def tunnels_named(b, records):
    for r in records:
        r["vlan"], tunnel = b.tunnel_of(r["vlan"])
        if tunnel:
            r["tunnel"] = tunnel
    return sorted(records, key=order)


def expected(name, folder):
    import window_model
    from protocols import Protocols
    path, options, b = build_pcaps.build(name, folder)
    path = plain_capture(path, b)
    protocols, flows, followed = Protocols(), table(options), fragments(options)
    panes = window_model.panes(path, flows, protocols, followed)
    records = sorted(model_flows(flows.finish(), protocols), key=order)
    if not followed and options[:len(build_pcaps.NO_TIMEOUTS)] == build_pcaps.NO_TIMEOUTS:
        exact = sorted(true_flows(path, protocols), key=order)
        if list(map(brief, exact)) != list(map(brief, records)):
            raise weirtest.Failed(f"{name}: truth.py and the flow model differ")
        records = exact
    document = {"options": options, "ledger": ledger(b, path, fragments(options)),
                "flows": tunnels_named(b, records), "results": results(panes)}
    if followed:
        document["fragments"] = dict(followed.counts)
    return document


def results(panes):
    import window_model
    if len(list(window_model.slides(panes))) > RESULTS_MAX:
        return {}
    return {q: [{**r, "rows": [list(row) for row in r["rows"]]}
                for r in window_model.results(panes, q)]
            for q in window_model.KEYS}


def text(document):
    """One line for each flow and result, so that a difference can be read."""
    def block(items):
        return "[" + ",".join("\n    " + json.dumps(i) for i in items) + "\n  ]"
    followed = ""
    if "fragments" in document:
        followed = f'"fragments": {json.dumps(document["fragments"])},\n'
    results = ",\n".join(f'  "{q}": {block(r)}' for q, r in document["results"].items())
    return (f'{{\n"options": {json.dumps(document["options"])},\n'
            f'"ledger": {json.dumps(document["ledger"])},\n{followed}'
            f'"flows": {block(document["flows"])},\n"results": {{\n{results}\n}}\n}}\n')


def write(names):
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="weir-golden-") as folder:
        for name in names:
            (FOLDER / f"{name}.json").write_text(text(expected(name, folder)))
            print(FOLDER / f"{name}.json")
