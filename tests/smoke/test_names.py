#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Names, countries and autonomous systems of keys: in results of a capture, changed while Weir runs,
and refused. Expectations come from Python's ipaddress and from what tests/lib/mmdb.py wrote."""
import ipaddress
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import ask  # noqa: E402
import captures  # noqa: E402
import frames  # noqa: E402
import mmdb  # noqa: E402
import weirtest  # noqa: E402

NAMES = {"10.0.0.0/8": "office", "10.1.0.0/16": "site", "10.1.2.3": "db1", "2001:db8::/32": "six",
         "02:00:00:00:00:0a": "gateway", "vlan/100": "guests", "port/8443": "admin", "proto/17": "datagrams"}
KEYS = ["ip", "src_ip", "dst_ip", "ip_pair", "flow", "subnet", "src_port", "dst_port", "vlan", "src_mac",
        "dst_mac", "ip_proto", "protocol", "total"]
PORTS = {"443": "HTTPS", "53": "DNS", "8443": "admin"}
LABELS = ("name", "country", "as")
START_S = 30


def packets():
    pairs = [("10.1.2.3", "10.1.9.9", 17, 40000, 8443, (100, 7)), ("10.5.5.5", "192.0.2.1", 6, 8443, 443, ()),
             ("11.0.0.1", "10.1.2.200", 17, 1234, 53, (8,)), ("2001:db8::1", "2001:db9::1", 6, 5, 6, (100,)),
             ("11.0.0.1", "11.0.0.2", 47, 0, 0, ())]
    out = []
    for i, (src, dst, proto, sport, dport, vlans) in enumerate(pairs):
        l4 = {6: frames.tcp, 17: frames.udp}.get(proto, lambda *_: b"\0" * 8)(sport, dport)
        ip, kind = (frames.ip6, 0x86dd) if ":" in src else (frames.ip4, 0x0800)
        frame = frames.eth(ip(l4, proto, src, dst), kind, vlans=vlans)
        out.append(captures.Packet((1_700_000_000 + i) * 10**9, frame))
    return captures.pcap(out)


def most_specific(records, network):
    """The record of the longest prefix that holds the whole network."""
    network = ipaddress.ip_network(network)
    found = [ipaddress.ip_network(n) for n in records if "::" in n or "." in n]
    found = [n for n in found if n.version == network.version and network.subnet_of(n)]
    return max(found, key=lambda n: n.prefixlen, default=None)


def name_of(address):
    n = most_specific(NAMES, address)
    return n and (NAMES.get(str(n)) or NAMES[str(n.network_address)])


def ends_name(key, ends):
    """What Weir writes of two ends: their names, or else their addresses; nothing if neither has one."""
    named = [name_of(e) for e in ends]
    return " - ".join(n or e for n, e in zip(named, ends)) if any(named) else None


def expected_name(kind, key):
    if kind in ("ip", "src_ip", "dst_ip", "subnet"):
        return name_of(key)
    if kind == "ip_pair":
        return ends_name(key, key.split(" - "))
    if kind == "flow":
        ends = key.split(" vlan ")[0].split(" ", 1)[1].split(" - ")
        return ends_name(key, [e.rsplit(":", 1)[0].strip("[]") for e in ends])
    if kind in ("src_port", "dst_port"):
        return PORTS.get(key)
    if kind == "vlan":
        return ".".join("guests" if t == "100" else t for t in key.split(".")) if "100" in key else None
    if kind in ("src_mac", "dst_mac"):
        return NAMES.get(key)
    return {"6": "TCP", "17": "datagrams", "47": "GRE"}.get(key) if kind == "ip_proto" else None


def expected_place(kind, key):
    if kind not in ("ip", "src_ip", "dst_ip", "subnet"):
        return {}
    # A lookup gives one record; a record that lies within the network says nothing of all of it.
    network = ipaddress.ip_network(key)
    within = [n for n in map(ipaddress.ip_network, mmdb.UNIT)
              if n.version == network.version and n != network and n.subnet_of(network)]
    n = None if within else most_specific(mmdb.UNIT, key)
    record = mmdb.UNIT[str(n)] if n else {}
    place = {"country": record["country"]["iso_code"]} if "country" in record else {}
    if "autonomous_system_number" in record:
        place["as"] = {"number": record["autonomous_system_number"]}
        org = record.get("autonomous_system_organization")
        if org:
            place["as"]["org"] = org.encode()[:126].decode()
    return place


def run_capture(folder, config):
    (folder / "config.json").write_text(json.dumps(config))
    found = []
    weirtest.PcapRun(folder / "a.pcap", ["--config", folder / "config.json"], flows=False,
                     queries=KEYS, on_result=found.append)
    return found


def without_names(document):
    rest = {k: v for k, v in document.items() if k not in LABELS}
    if "rows" in rest:
        rest["rows"] = [without_names(r) for r in rest["rows"]]
    return rest


def check_capture(c, folder):
    (folder / "a.pcap").write_bytes(packets())
    (folder / "a.mmdb").write_bytes(mmdb.database(mmdb.UNIT))
    queries = [{"name": k, "key": k, "op": {"type": "topk", "k": 100}, "window_s": 1} for k in KEYS]
    queries[0]["op"] = {"type": "limit", "max": 1}
    plain = run_capture(folder, {"queries": queries})
    named = run_capture(folder, {"queries": queries, "names": NAMES, "geoip": [str(folder / "a.mmdb")]})
    c.equal([without_names(d) for d in named], [without_names(d) for d in plain],
            "all but names is as without them")
    rows = 0
    for d in named:
        for row in d.get("rows", [d] if d["type"] == "alert" else []):
            kind = d["query"]
            found = {k: row[k] for k in LABELS if k in row}
            name = expected_name(kind, row["key"])
            c.equal(found, ({"name": name} if name else {}) | expected_place(kind, row["key"]),
                    f"{kind} {row['key']}")
            rows += 1
    c.that(rows > 90 and any(d["type"] == "alert" for d in named), f"{rows} rows with alerts")


def check_refusals(c, folder):
    (folder / "bad.mmdb").write_bytes(mmdb.database(mmdb.UNIT)[:-40])
    for config, words in (({"names": {"10.0.0.1/8": "x"}}, "bits set behind"), ({"names": ["x"]}, "an object"),
                          ({"geoip": [str(folder / "none.mmdb")]}, "geoip[0]"), ({"geoip": "x"}, "array"),
                          ({"geoip": [str(folder / "bad.mmdb")]}, "bad.mmdb"), ({"geoip": [5]}, "strings")):
        (folder / "config.json").write_text(json.dumps(config))
        run = weirtest.Run([weirtest.weir(), "--demo", "--no-listen", "--config", folder / "config.json"], 60)
        c.that(run.status == 2 and len(run.errors()) == 1 and words in run.err and "config.json:1:" in run.err,
               f"{config}: {run.describe()}")


class Live:
    def __init__(self, folder, config):
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "commands").write_text("set name port/5353 multicast\nset name port/53 x\ndel name port/53\n"
                                         "del name port/99\nshow names\n")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            [weirtest.weir(), "--demo", "--listen", f"127.0.0.1:{self.port}", "--store", "none", "--config",
             folder / "config.json", "--cmdline-file", folder / "commands"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, cwd=folder)
        if not ask.wait(self.port, START_S):
            raise weirtest.Failed(f"no answer: {(folder / 'log').read_text()[-500:]}")

    def rpc(self, method, params=None):
        return ask.rpc(self.port, method, params)

    def refused(self, method, params=None):
        try:
            return {"answer": self.rpc(method, params)}
        except ask.RpcError as e:
            return json.loads(str(e))

    def rows(self):
        try:
            rows = self.rpc("results.latest", {"query": "who"})["rows"]
            return {r["key"]: r for r in rows if r["key"].startswith("10.7.")}
        except ask.RpcError:
            return {}

    def within(self, seconds, condition):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition(self.rows()):
                return True
            time.sleep(0.05)
        return False

    def end(self):
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(20)
        self.log.close()
        return status


def check_live(c, folder):
    base = folder / "live.mmdb"
    base.write_bytes(mmdb.database({"10.7.0.0/16": mmdb.country("DE")}))
    live = Live(folder, {
        "pane_ms": 100, "names": {"10.7.0.0/16": "hosts"}, "geoip": [str(base)],
        "queries": [{"name": "who", "key": "ip", "op": {"type": "topk", "k": 50}, "window_s": 1}],
        "generator": {"rate_pps": 20000, "flows": 100, "protocols": ["HTTPS", "DNS"],
                      "addresses": ["10.7.0.1", "10.7.0.2", "10.7.0.3"]}})
    try:
        c.that(live.within(20, lambda r: r and all(x.get("name") == "hosts" and x.get("country") == "DE"
                                                  for x in r.values())), f"names: {live.rows()}")
        answer = live.rpc("names.set", {"names": {"10.7.0.1": "one", "10.7.0.2": "two"}})
        c.equal(answer["names"].get("10.7.0.1"), "one", "answer")
        c.equal({k: v for k, v in answer["names"].items() if k.startswith("port")}, {"port/5353": "multicast"},
                "names that the console set and deleted")
        c.that(live.within(5, lambda r: [r.get(f"10.7.0.{i}", {}).get("name") for i in (1, 2, 3)] ==
                           ["one", "two", "hosts"]), f"set: {live.rows()}")
        error = live.refused("names.set", {"names": {"10.7.0.1": "uno", "10.7.0.300": "x"}})
        c.equal((error.get("code"), error.get("data", {}).get("field")), (-32602, "names.10.7.0.300"), "refused")
        c.equal(live.rpc("names.list")["names"]["10.7.0.1"], "one", "nothing of what was refused is applied")
        live.rpc("names.remove", {"keys": ["10.7.0.1/32", "10.7.0.0/16"]})
        c.that(live.within(5, lambda r: [r.get(f"10.7.0.{i}", {}).get("name") for i in (1, 2, 3)] ==
                           [None, "two", None]), f"removed: {live.rows()}")
        base.write_bytes(b"")
        c.equal(live.refused("names.reload").get("data", {}).get("field"), "geoip[0]", "a bad file is refused")
        time.sleep(0.5)
        c.that(live.within(5, lambda r: r and r["10.7.0.3"].get("country") == "DE"), "what was read before stays")
        base.write_bytes(mmdb.database({"10.7.0.0/16": mmdb.country("FR")}))
        c.equal(live.rpc("names.reload")["geoip"][0]["file"], str(base), "reload")
        c.that(live.within(5, lambda r: r and r["10.7.0.3"].get("country") == "FR"), "the new file")
    finally:
        c.equal(live.end(), 0, "exit status")
    log = (folder / "log").read_text()
    c.that("keys: 'port/99' has no name" in log, "the console tells a key without a name")
    c.that(len([line for line in log.splitlines() if line.split() == ["port/5353", "multicast"]]) == 1,
           "show names")


def test():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-names-") as folder:
        folder = Path(folder)
        check_capture(c, folder)
        check_refusals(c, folder)
        check_live(c, folder)
    return c


if __name__ == "__main__":
    weirtest.main(test)
