# SPDX-License-Identifier: BSD-3-Clause
"""Golden cases: the link layers, and captures of other link types."""
from encap import CUSTOMER_A, CUSTOMER_B, labels, pppoe
from frames import ACK, PSH, SYN, arp, eth, llc
from golden_case import A, B, case, tcp4, tcp6, udp4


# Link layer

@case()
def plain(b):
    b.flow(eth(tcp4(flags=SYN)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=SYN | ACK)))
    b.flow(eth(tcp4(payload=b"x" * 700, flags=PSH | ACK)))
    b.flow(eth(udp4()))
    b.flow(eth(udp4(B, A, 53, 40000, b"answer")))
    b.flow(eth(tcp6(flags=SYN), 0x86dd))


@case()
def vlan(b):
    b.flow(eth(udp4(), vlans=[7]))
    b.flow(eth(udp4(B, A, 53, 40000), vlans=[7]))
    b.flow(eth(udp4(), vlans=[8]))
    b.flow(eth(udp4()))
    # Priority and drop-eligible bits are not part of the id; id 0 (priority tag) is a tag.
    b.flow(eth(udp4(), vlans=[0xf007]))
    b.flow(eth(udp4(), vlans=[0]))


@case()
def qinq(b):
    b.flow(eth(udp4(), vlans=[100, 7], tpids=[0x88a8, 0x8100]))
    b.flow(eth(udp4(B, A, 53, 40000), vlans=[100, 7], tpids=[0x9100, 0x8100]))
    b.flow(eth(udp4(), vlans=[7, 100], tpids=[0x88a8, 0x8100]))
    b.flow(eth(tcp6(), 0x86dd, vlans=[1, 2, 3]))
    b.flow(eth(udp4(), vlans=[1, 2, 3, 4]))


@case()
def vlan_depth(b):
    b.flow(eth(udp4(), vlans=[1, 2, 3, 4]))
    b.discard("vlan_depth", eth(udp4(), vlans=[1, 2, 3, 4, 5]))
    b.discard("vlan_depth", eth(udp4(), vlans=list(range(1, 301))))


@case()
def llc_snap(b):
    snap = b"\xaa\xaa\x03\0\0\0"
    b.flow(llc(snap + b"\x08\0" + udp4()))
    b.flow(llc(snap + b"\x86\xdd" + tcp6()))
    b.discard("llc", llc(b"\x42\x42\x03" + b"\0" * 35))           # spanning tree
    b.discard("llc", llc(b"\xff\xff" + b"\0" * 40))               # raw IPX
    b.discard("llc", llc(snap[:3]))                               # no room for SNAP


@case()
def not_ip(b):
    b.discard("arp", eth(arp(), 0x0806, pad=True))
    b.discard("arp", eth(arp(), 0x8035, pad=True))                # RARP
    b.discard("arp", eth(arp(), 0x0806, vlans=[7]))
    b.discard("non_ip", eth(b"\x02\x07\x04" + b"\0" * 43, 0x88cc))  # LLDP
    b.discard("non_ip", eth(b"", 0xffff))
    b.discard("non_ip", eth(b"\0" * 46, 0x05ff))                  # neither length nor type


@case()
def mpls(b):
    b.carries(eth(labels(udp4(), 16), 0x8847), udp4())
    b.carries(eth(labels(udp4(B, A, 53, 40000), 17, 18, 19), 0x8847), udp4(B, A, 53, 40000))
    b.carries(eth(labels(tcp6(), 20), 0x8848), tcp6())
    b.carries(eth(labels(tcp4(), 21, 22), 0x8847, vlans=[7, 8], tpids=[0x88a8, 0x8100]), tcp4(),
              vlans=[7, 8])
    b.carries(llc(b"\xaa\xaa\x03\0\0\0\x88\x47" + labels(udp4(), 16)), udp4())
    b.discard("mpls_payload", eth(labels(b"\x10\0\0\x21" + bytes(20), 13), 0x8847))  # a channel
    b.discard("mpls_payload", eth(labels(b"\x90" + bytes(60), 16), 0x8847))
    b.discard("l2_truncated", eth(labels(b"", 16, 17)[:7], 0x8847))
    b.discard("l2_truncated", eth(labels(b"", 16), 0x8847))
    b.discard("ip_version", eth(labels(b"", 16) + udp4(), 0x0800))


@case()
def mpls_pseudowire(b):
    word = b"\0\0\0\1"
    frame = eth(udp4(), src=CUSTOMER_A, dst=CUSTOMER_B)
    b.carries(eth(labels(frame, 16, 17), 0x8847), udp4())
    b.carries(eth(labels(word + frame, 16, 17), 0x8847), udp4())
    back = eth(udp4(B, A, 53, 40000), vlans=[5], src=CUSTOMER_B, dst=CUSTOMER_A)
    b.carries(eth(labels(word + back, 18), 0x8847), udp4(B, A, 53, 40000), vlans=[5])
    b.carries(eth(labels(back, 18), 0x8847, vlans=[9]), udp4(B, A, 53, 40000), vlans=[9, 5])
    odd = eth(tcp6(), 0x86dd, src=CUSTOMER_A, dst=b"\x4c\0\0\0\0\1")    # begins like IPv4
    b.carries(eth(labels(odd, 16), 0x8847), tcp6())
    b.discard("mpls_payload", eth(labels(word + llc(b"\x42\x42\x03" + bytes(35)), 16), 0x8847))
    b.discard("mpls_payload", eth(labels(word + eth(arp(), 0x0806, pad=True), 16), 0x8847))


@case()
def pppoe_session(b):
    b.carries(eth(pppoe(udp4()), 0x8864), udp4())
    b.carries(eth(pppoe(udp4(B, A, 53, 40000), session=2), 0x8864, vlans=[7]),
              udp4(B, A, 53, 40000), vlans=[7])
    b.carries(eth(pppoe(tcp6(), 0x0057), 0x8864, vlans=[7, 8]), tcp6(), vlans=[7, 8])
    b.carries(eth(pppoe(b"\x21" + udp4(), None), 0x8864), udp4())     # protocol compressed
    b.carries(eth(pppoe(labels(tcp4(), 16, 17), 0x0281), 0x8864), tcp4())
    b.carries(eth(pppoe(udp4(payload=b"")), 0x8864, pad=True), udp4(payload=b""))
    b.discard("pppoe_discovery", eth(b"\x11\x09\0\0\0\0", 0x8863, pad=True))
    b.discard("pppoe_discovery", eth(b"\x11\xa7\0\1\0\0", 0x8863, vlans=[7], pad=True))
    b.discard("pppoe_payload", eth(pppoe(b"\x09\1\0\x08" + bytes(4), 0xc021), 0x8864, pad=True))
    b.discard("pppoe_payload", eth(pppoe(udp4(), code=7), 0x8864))
    b.discard("l2_truncated", eth(pppoe(b"")[:7], 0x8864))
    b.discard("ip_version", eth(pppoe(tcp6()), 0x8864))


@case()
def llc_in_vlan(b):
    snap = b"\0\x64\xaa\xaa\x03\0\0\0"
    b.carries(eth(snap[2:] + b"\x08\0" + udp4(), 0x64, vlans=[7]), udp4(), vlans=[7])
    b.carries(llc(snap[2:] + b"\x81\0\0\x08\x86\xdd" + tcp6()), tcp6(), vlans=[8])
    b.carries(eth(snap[2:] + b"\x81\0\0\x08\x86\xdd" + tcp6(), 0x64, vlans=[7]), tcp6(),
              vlans=[7, 8])
    b.discard("llc", eth(b"\x42\x42\x03" + b"\0" * 35, 0x26, vlans=[7]))


@case()
def padding(b):
    b.flow(eth(udp4(payload=b""), pad=True))
    b.flow(eth(udp4(payload=b"y"), pad=True))
    b.flow(eth(tcp4(flags=ACK), pad=True))
    b.flow(eth(udp4(payload=b"z") + b"\xee" * 1000))              # a trailer


# Other link types

@case(linktype=101)
def link_raw(b):
    b.flow(udp4())
    b.flow(tcp6())
    b.discard("ip_version", b"\x50" + udp4()[1:])
    b.discard("ipv4_truncated", udp4()[:19])
    b.discard("ipv6_truncated", tcp6()[:39])


@case(linktype=12)
def link_raw_bsd(b):
    b.flow(udp4())


@case(linktype=228)
def link_ipv4(b):
    b.flow(udp4())


@case(linktype=229)
def link_ipv6(b):
    b.flow(tcp6())


@case(linktype=0)
def link_null(b):
    b.flow(b"\2\0\0\0" + udp4())
    b.flow(b"\0\0\0\2" + udp4())                                  # captured big-endian
    for family in (10, 24, 28, 30):
        b.flow(bytes([family]) + b"\0\0\0" + tcp6())
    b.discard("non_ip", b"\7\0\0\0" + udp4())
    b.discard("l2_truncated", b"\2\0\0")
    b.discard("ipv4_truncated", b"\2\0\0\0")


@case(linktype=108)
def link_loop(b):
    b.flow(b"\0\0\0\2" + udp4())
    b.flow(b"\0\0\0\x18" + tcp6())


@case(linktype=113)
def link_sll(b):
    def sll(ethertype, payload):
        return b"\0\0\0\1\0\6" + b"\2\0\0\0\0\1\0\0" + ethertype.to_bytes(2, "big") + payload
    b.flow(sll(0x0800, udp4()))
    b.flow(sll(0x86dd, tcp6()))
    b.discard("arp", sll(0x0806, arp()))
    b.discard("non_ip", sll(0x88cc, b"\0" * 20))
    b.discard("l2_truncated", sll(0x0800, b"")[:15])
    b.discard("ipv4_truncated", sll(0x0800, b""))


@case(linktype=276)
def link_sll2(b):
    def sll2(ethertype, payload):
        return ethertype.to_bytes(2, "big") + b"\0\0\0\0\0\3\0\1\0\6" + b"\2\0\0\0\0\1\0\0" + payload
    b.flow(sll2(0x0800, udp4()))
    b.flow(sll2(0x86dd, tcp6()))
    b.discard("arp", sll2(0x0806, arp()))
    b.discard("l2_truncated", sll2(0x0800, b"")[:19])


@case(linktype=127)
def link_unknown(b):
    b.discard("linktype", b"\0\0\x08\0\0\0\0\0" + udp4())
    b.discard("linktype", b"")
