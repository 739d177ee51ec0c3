# SPDX-License-Identifier: BSD-3-Clause
"""Golden cases: tunnels. What tshark makes of the same captures is in test_tunnel_labels.py."""
from encap import (CUSTOMER_A, CUSTOMER_B, T1, T1_6, T2, T2_6, erspan2, erspan3, geneve, gre, gtpu,
                   l2tp2, l2tp3, labels, over4, over6, over_udp, ppp, pptp, vxlan)
from frames import arp, eth
from golden_case import A, B, case, tcp4, tcp6, tunnel_case, udp4

THERE, BACK = udp4(), udp4(B, A, 53, 40000, b"answer")


def out(kind, ident=None, src=T1, dst=T2, depth=1):
    return {"type": kind, "src": src, "dst": dst, "id": ident, "depth": depth}


def frame(packet, vlans=()):
    """An Ethernet frame of somebody else's network."""
    return eth(packet, 0x0800 if packet[0] >> 4 == 4 else 0x86dd, vlans=vlans, src=CUSTOMER_A,
               dst=CUSTOMER_B)


@tunnel_case
def tunnel_ip(b):
    b.tunnel(eth(over4(THERE, 4)), THERE, "4in4", out("ipip"))
    b.tunnel(eth(over4(BACK, 4, T2, T1)), BACK, "4in4")
    b.tunnel(eth(over4(tcp6(), 41), vlans=[7]), tcp6(), "6in4", out("6in4"))
    b.tunnel(eth(over6(THERE, 4), 0x86dd), THERE, "4in6", out("4in6", None, T1_6, T2_6))
    b.tunnel(eth(over6(tcp6(), 41), 0x86dd), tcp6(), "6in6", out("6in6", None, T1_6, T2_6))
    b.flow(eth(THERE))                                  # the same ends outside of any tunnel
    b.flow(eth(over4(tcp6(), 4)))                       # not what the protocol says
    b.flow(eth(over4(THERE[:19], 4)))                   # cut off
    b.flow(eth(over4(b"\x44" + THERE[1:], 4)))          # a header of 16 bytes
    b.flow(eth(over4(tcp6()[:39], 41)))


@tunnel_case
def tunnel_gre(b):
    b.tunnel(eth(over4(gre(THERE, 0x0800), 47)), THERE, "bare", out("gre"))
    b.tunnel(eth(over4(gre(BACK, 0x0800, checksum=0x1234), 47, T2, T1)), BACK, "bare")
    b.tunnel(eth(over4(gre(THERE, 0x0800, key=5), 47)), THERE, "5", out("gre", 5))
    b.tunnel(eth(over4(gre(BACK, 0x0800, key=5, sequence=1), 47, T2, T1)), BACK, "5")
    b.tunnel(eth(over4(gre(THERE, 0x0800, key=2**32 - 1), 47)), THERE, "-1", out("gre", 2**32 - 1))
    b.tunnel(eth(over6(gre(tcp6(), 0x86dd), 47), 0x86dd), tcp6(), "6", out("gre", None, T1_6, T2_6))
    b.tunnel(eth(over4(gre(frame(THERE, [9]), 0x6558), 47)), THERE, "frames", out("gre"), [9])
    b.tunnel(eth(over4(gre(labels(tcp4(), 16), 0x8847), 47)), tcp4(), "frames")
    b.tunnel(eth(over4(gre(THERE, 0x0800, checksum=1, key=6, sequence=2, routes=[
        (0x0800, 4, bytes(8))]), 47)), THERE, "6 routed", out("gre", 6))
    b.flow(eth(over4(gre(b"", 0), 47)))                 # a keepalive
    b.flow(eth(over4(gre(frame(arp())[:12] + b"\x08\x06" + arp(), 0x6558), 47)))
    b.flow(eth(over4(b"\0\2\x08\0" + THERE, 47)))       # version 2
    b.flow(eth(over4(gre(THERE, 0x0800)[:23], 47)))     # cut off


@tunnel_case
def tunnel_nvgre(b):
    """The low 8 bits of the key spread load and are no network."""
    b.tunnel(eth(over4(gre(frame(THERE), 0x6558, key=0x00123401), 47)), THERE, "1234",
             out("nvgre", 0x1234))
    b.tunnel(eth(over4(gre(frame(BACK), 0x6558, key=0x001234fe), 47, T2, T1)), BACK, "1234")
    b.tunnel(eth(over4(gre(frame(THERE), 0x6558, key=0x00123501), 47)), THERE, "1235",
             out("nvgre", 0x1235))
    b.tunnel(eth(over4(gre(frame(THERE), 0x6558, key=1), 47)), THERE, "1", out("gre", 1))
    b.tunnel(eth(over4(gre(frame(THERE), 0x6558, key=2), 47)), THERE, "2", out("gre", 2))


@tunnel_case
def tunnel_pptp(b):
    """Each direction has a call id of its own."""
    b.tunnel(eth(over4(pptp(ppp(THERE), 0xaaaa), 47)), THERE, "call", out("pptp", 0xaaaa))
    b.tunnel(eth(over4(pptp(ppp(BACK, framed=False), 0xbbbb, 2, ack=1), 47, T2, T1)), BACK, "call")
    b.tunnel(eth(over4(pptp(ppp(tcp6(), 0x57), 0xaaaa, 3), 47)), tcp6(), "call")
    b.flow(eth(over4(pptp(ppp(b"\x09\1\0\x08" + bytes(4), 0xc021), 0xaaaa, 4), 47)))
    b.flow(eth(over4(pptp(ppp(b"\x90\1" + bytes(40), 0xfd), 0xaaaa, 5), 47)))
    b.flow(eth(over4(b"\x20\x81\x88\x0b\0\0\xaa\xaa\0\0\0\2", 47)))


@tunnel_case
def tunnel_erspan(b):
    b.tunnel(eth(over4(gre(frame(THERE), 0x88be), 47)), THERE, "I", out("erspan1"))
    b.tunnel(eth(over4(erspan2(frame(THERE), 7), 47)), THERE, "7", out("erspan2", 7))
    b.tunnel(eth(over4(erspan2(frame(BACK), 7, sequence=2), 47)), BACK, "7")
    b.tunnel(eth(over4(erspan2(frame(THERE, [3]), 1023), 47)), THERE, "1023",
             out("erspan2", 1023), [3])
    b.tunnel(eth(over4(erspan3(frame(THERE), 7), 47)), THERE, "III", out("erspan3", 7))
    b.tunnel(eth(over4(erspan3(frame(BACK), 7, subheader=True), 47)), BACK, "III")
    b.flow(eth(over4(erspan2(eth(arp(), 0x0806), 7), 47)))


@tunnel_case
def tunnel_vxlan(b):
    b.tunnel(eth(over_udp(vxlan(frame(THERE), 5001), 4789)), THERE, "5001", out("vxlan", 5001))
    b.tunnel(eth(over_udp(vxlan(frame(BACK), 5001), 4789, T2, T1, 61111)), BACK, "5001")
    # The same addresses in another network
    b.tunnel(eth(over_udp(vxlan(frame(THERE), 5002), 4789)), THERE, "5002", out("vxlan", 5002))
    b.tunnel(eth(over_udp(vxlan(frame(tcp6(), [11, 12]), 2**24 - 1), 4789), vlans=[99]), tcp6(),
             "last", out("vxlan", 2**24 - 1), [11, 12])
    b.tunnel(eth(over_udp(vxlan(frame(THERE), 0, 0x88), 4789)), THERE, "0", out("vxlan", 0))
    b.flow(eth(over_udp(vxlan(frame(THERE, [1, 2, 3]), 5001), 4789)))   # more tags than have room
    b.flow(eth(over_udp(vxlan(eth(arp(), 0x0806), 5001), 4789)))
    b.flow(eth(over_udp(vxlan(frame(THERE), 5001, 0), 4789)))
    b.flow(eth(over_udp(vxlan(frame(THERE), 5001), 4789)[:60]))


@tunnel_case
def tunnel_vxlan_8472(b):
    b.tunnel(eth(over_udp(vxlan(frame(THERE), 1), 8472)), THERE, "1", out("vxlan", 1))


@tunnel_case
def tunnel_vxlan_gpe(b):
    for following, payload in ((1, THERE), (3, frame(THERE)), (5, labels(THERE, 16))):
        b.tunnel(eth(over_udp(vxlan(payload, 7, 0x0c, following), 4790)), THERE, "7",
                 out("vxlan-gpe", 7))
    b.tunnel(eth(over_udp(vxlan(tcp6(), 8, 0x0c, 2), 4790)), tcp6(), "8", out("vxlan-gpe", 8))
    b.flow(eth(over_udp(vxlan(b"\0\2\6\1" + bytes(20), 7, 0x0c, 4), 4790)))      # NSH


@tunnel_case
def tunnel_geneve(b):
    option = b"\x01\x02\x80\x01abcd"
    b.tunnel(eth(over_udp(geneve(frame(THERE), 9), 6081)), THERE, "9", out("geneve", 9))
    b.tunnel(eth(over_udp(geneve(frame(BACK, ()), 9, options=option * 3), 6081, T2, T1)), BACK, "9")
    b.tunnel(eth(over_udp(geneve(THERE, 10, 0x0800), 6081)), THERE, "10", out("geneve", 10))
    b.tunnel(eth(over_udp(geneve(tcp6(), 10, 0x86dd, option), 6081)), tcp6(), "10")
    b.flow(eth(over_udp(geneve(frame(THERE), 9, flags=0x80), 6081)))     # control
    b.flow(eth(over_udp(geneve(b"", 9, options=option)[:12], 6081)))


@tunnel_case
def tunnel_gtpu(b):
    """Each end chooses the TEID that it wants to receive."""
    session = [(0x85, b"\x01\x10"), (0x40, b"\x12\x34")]
    b.tunnel(eth(over_udp(gtpu(THERE, 0xaaaa), 2152, sport=2152)), THERE, "pdu",
             out("gtp-u", 0xaaaa))
    b.tunnel(eth(over_udp(gtpu(BACK, 0xbbbb, sequence=7), 2152, T2, T1, 2152)), BACK, "pdu")
    b.tunnel(eth(over_udp(gtpu(tcp4(), 0xaaaa, extensions=session), 2152, sport=2152)), tcp4(),
             "pdu")
    b.tunnel(eth(over_udp(gtpu(tcp6(), 0xaaaa, sequence=1, extensions=session[:1]), 2152,
                          sport=2152)), tcp6(), "pdu")
    b.flow(eth(over_udp(gtpu(b"", 0, message=1, sequence=1), 2152, sport=2152)))
    b.flow(eth(over_udp(gtpu(THERE, 0xaaaa, message=254), 2152, sport=2152)))
    b.flow(eth(over_udp(b"\x34" + gtpu(THERE, 0xaaaa)[1:], 2152, sport=2152)))


@tunnel_case
def tunnel_l2tp(b):
    b.tunnel(eth(over_udp(l2tp2(ppp(THERE), 17, 34), 1701, sport=1701)), THERE, "2",
             out("l2tpv2", 17 << 16 | 34))
    b.tunnel(eth(over_udp(l2tp2(ppp(BACK, framed=False), 18, 35, length=True, sequence=1), 40001,
                          T2, T1, 1701)), BACK, "2")
    b.tunnel(eth(over_udp(l2tp2(ppp(tcp6(), 0x57), 17, 34, length=True, pad=b"pad"), 1701,
                          sport=1701)), tcp6(), "2")
    b.flow(eth(over_udp(l2tp2(ppp(b"\x09\1\0\x08" + bytes(4), 0xc021), 17, 34), 1701, sport=1701)))
    b.flow(eth(over_udp(b"\xc8\x02\0\x0c" + bytes(8), 1701, sport=1701)))    # control
    b.tunnel(eth(over4(l2tp3(frame(THERE), 99), 115)), THERE, "3", out("l2tpv3", 99))
    b.tunnel(eth(over4(l2tp3(frame(BACK), 98, b"cook", b"\x40\0\0\1"), 115, T2, T1)), BACK, "3")
    b.tunnel(eth(over4(l2tp3(frame(THERE, [5]), 99, b"longcook"), 115)), THERE, "3", vlans=[5])
    b.flow(eth(over4(l2tp3(THERE, 99), 115)))            # IP: cannot be told
    b.flow(eth(over4(l2tp3(b"\xc8\3\0\x0c" + bytes(8), 0), 115)))


@tunnel_case
def tunnel_in_tunnel(b):
    """The innermost tunnel is described, and networks are told apart by the innermost number."""
    def nested(vni, packet):
        return eth(over_udp(vxlan(frame(over4(packet, 4, "10.9.0.1", "10.9.0.2")), vni), 4789))
    for vni in (1, 2):
        b.tunnel(nested(vni, THERE), THERE, vni, out("ipip", None, "10.9.0.1", "10.9.0.2", 2))
    four = THERE
    for _ in range(4):
        four = over4(four, 4)
    b.tunnel(eth(four), THERE, "four", out("ipip", depth=4))
    five = over4(THERE, 4, "10.9.0.1", "10.9.0.2")      # the flow is the fifth tunnel itself
    deep = five
    for _ in range(4):
        deep = over4(deep, 4)
    b.tunnel(eth(deep), five, "five", out("ipip", depth=4))


@tunnel_case
def tunnel_fragments(b):
    """The first fragment of a tunnel's packet has the inner header, the others have none."""
    inner = udp4(payload=b"d" * 3000)
    b.tunnel(eth(over4(inner[:1480], 4, more=True)), inner[:1480], "first", out("ipip"))
    b.flow(eth(over4(inner[1480:2960], 4, offset=185, more=True)))
    b.flow(eth(over4(inner[2960:], 4, offset=370)))


@case(options=["--flow-idle-timeout", "0", "--flow-active-timeout", "0", "--flow-tcp-end", "off",
               "--flow-tunnels", "decapsulate"])
def tunnel_cut(b):
    """Cut to any length a packet is the tunnel's or the inner one, and never lost."""
    full = eth(over_udp(vxlan(frame(THERE), 5), 4789))
    for n in range(34, len(full) + 1):
        # Ethernet and IP 34, UDP 8, VXLAN 8, Ethernet 14, IP 20, UDP 8
        if n < 34 + 8 + 8 + 14 + 20:
            b.flow(full[:n], wire=len(full))
        else:
            b.tunnel(full[:n], THERE[:n - 64], "5", out("vxlan", 5), wire=len(full))
