#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the cases of tunnels, labels and sessions say that their packets carry is what tshark finds in
them: innermost addresses and ports, and the tunnel's id. Skips where there is no tshark."""
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import build_pcaps  # noqa: E402
import weirtest  # noqa: E402

ADDRESSES = ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst")
PORTS = ("udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport")
IDS = {"gre": "gre.key", "nvgre": "gre.key", "pptp": "gre.key.call_id", "erspan2": "erspan.spanid",
       "erspan3": "erspan.spanid", "vxlan": "vxlan.vni", "vxlan-gpe": "vxlan.vni",
       "geneve": "geneve.vni", "gtp-u": "gtp.teid"}
FIELDS = ("frame.protocols", *ADDRESSES, *PORTS, *sorted(set(IDS.values())))
DECODE_AS = ("udp.port==8472,vxlan",)
# What tshark does not decode by itself: pseudowires are a guess of its own, and for L2TPv3 it has to
# be told what is inside. (Case: why)
LEFT_OUT = {"mpls_pseudowire": "needs to be told the kind of pseudowire",
            "tunnel_cut": "shows what there is of headers that are cut off",
            "tunnel_fragments": "leaves fragments alone"}
DEEPER = {("tunnel_in_tunnel", 3)}  # tunnels than Weir follows
OF_ONE_DIRECTION = ("gtp-u", "pptp")  # ids; the label has that of the flow's first packet
CASES = ("mpls", "pppoe_session", "llc_in_vlan")


def dissect(path):
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=l", "-E", "separator=|"]
    for rule in DECODE_AS:
        command += ["-d", rule]
    for field in FIELDS:
        command += ["-e", field]
    run = weirtest.Run(command, 60)
    if run.status != 0:
        raise weirtest.Failed(f"{path}: tshark: {run.describe()}")
    return [dict(zip(FIELDS, line.split("|"))) for line in run.out.splitlines()]


def innermost(found):
    """-> (source, destination, source port, destination port) of the last IP header"""
    layers = found["frame.protocols"].split(":")
    ip = [name for name in layers if name in ("ip", "ipv6")][-1]
    rest = layers[len(layers) - layers[::-1].index(ip):]
    ports = next((name for name in ("udp", "tcp") if name in rest[:1]), None)
    return (found[f"{ip}.src"], found[f"{ip}.dst"],
            *((int(found[f"{ports}.srcport"]), int(found[f"{ports}.dstport"])) if ports else (0, 0)))


def expected(pcapref, plain):
    link = pcapref.l2(1, plain.frame)
    ip = pcapref.l3(link[0], link[1], plain.frame)
    return (pcapref.ip(ip["src"]), pcapref.ip(ip["dst"]), *pcapref.ports(ip, plain.frame))


def check_id(c, found, tunnel, what):
    field = IDS.get(tunnel["type"])
    if tunnel["id"] is None or field is None:
        return
    value = int(found[field], 0) if found[field] else -1
    c.equal(value >> 8 if tunnel["type"] == "nvgre" else value, tunnel["id"], f"{what}: {field}")


def check_case(name, folder):
    import pcapref
    c = weirtest.Check()
    path, _, b = build_pcaps.build(name, folder)
    found, seen = dissect(path), set()
    c.equal(len(found), len(b.packets), f"{name}: packets")
    for i, (packet, plain) in enumerate(zip(b.packets, b.plain)):
        what = f"{name}: packet {i} ({found[i]['frame.protocols']})"
        if packet.frame == plain.frame or found[i]["frame.protocols"].endswith("l2tp:data"):
            continue  # no label, or L2TPv3
        if (name, i) in DEEPER:
            continue
        c.equal(innermost(found[i]), expected(pcapref, plain), what)
        vlan = pcapref.l2(1, plain.frame)[2]
        tunnel = b.tunnel_of(vlan)[1]
        if tunnel and (tunnel["type"] not in OF_ONE_DIRECTION or vlan[0] not in seen):
            seen.add(vlan[0])
            check_id(c, found[i], tunnel, what)
    return c


def test():
    names = [n for n in build_pcaps.CASES if n.startswith("tunnel_") and not n.endswith("_off")]
    with tempfile.TemporaryDirectory(prefix="weir-labels-") as folder:
        return weirtest.each([n for n in (*CASES, *names) if n not in LEFT_OUT],
                             lambda name: check_case(name, folder))


if __name__ == "__main__":
    if shutil.which("tshark") is None:
        weirtest.skip("no tshark")
    weirtest.reference()
    weirtest.main(test)
