# SPDX-License-Identifier: BSD-3-Clause
"""Golden cases: when flows end, how time runs, and what results follow."""
from frames import ACK, FIN, RST, SYN, arp, eth, icmp, ip4
from golden_case import A, B, C, case, tcp4, udp4


@case(options=["--flow-idle-timeout", "5", "--flow-active-timeout", "0"])
def end_idle(b):
    b.flow(eth(udp4()), at=0)
    b.flow(eth(udp4(B, A, 53, 40000)), at=4.999999)
    b.flow(eth(udp4(B, A, 53, 40000)), at=9.999999)               # exactly the timeout: a new one
    b.flow(eth(udp4(C, A)), at=30)                                # the end shows without a packet


@case(options=["--flow-idle-timeout", "0", "--flow-active-timeout", "2.5"])
def end_active(b):
    for i in range(11):
        b.flow(eth(udp4()), at=i * 0.5)


@case(options=[])
def end_default_timeouts(b):
    """Three minutes: results are compared in the results_ cases."""
    b.flow(eth(udp4()), at=0)
    b.flow(eth(udp4()), at=59.999999)
    b.flow(eth(udp4(B, A, 53, 40000)), at=119.999999)             # idle for 60 s
    for i in range(5):
        b.flow(eth(tcp4()), at=120 + i * 40)                      # 120 s old at the fourth


@case(options=[])
def end_fin(b):
    b.flow(eth(tcp4(flags=SYN, seq=100)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=SYN | ACK, seq=900, ack=101)))
    b.flow(eth(tcp4(payload=b"bye", flags=FIN | ACK, seq=101, ack=901)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=ACK, seq=901, ack=105)))
    b.flow(eth(tcp4(B, A, 443, 40000, payload=b"ok", flags=FIN | ACK, seq=901, ack=105)))
    b.flow(eth(tcp4(flags=ACK, seq=105, ack=903)))                # short of the FIN by one
    b.flow(eth(tcp4(flags=ACK, seq=105, ack=904)))                # the end
    b.flow(eth(tcp4(flags=SYN, seq=7)))                           # the same ends once more


@case(options=[])
def end_fin_wraps(b):
    """Sequence numbers around 2^32."""
    b.flow(eth(tcp4(flags=FIN | ACK, seq=2**32 - 1, ack=2**32 - 1)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=FIN | ACK, seq=2**32 - 1, ack=0)))
    b.flow(eth(tcp4(flags=ACK, seq=0, ack=0)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=ACK, seq=0, ack=0)))  # a new flow, the other way


@case(options=[])
def end_rst(b):
    b.flow(eth(tcp4(flags=SYN)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=RST | ACK)))
    b.flow(eth(tcp4(B, A, 443, 40000, flags=RST)))                # a flow of one packet
    b.flow(eth(tcp4(flags=SYN)))


@case(options=[])
def end_fin_timeout(b):
    b.flow(eth(tcp4(flags=SYN)), at=0)
    b.flow(eth(tcp4(flags=FIN | ACK)), at=1)
    b.flow(eth(tcp4(B, A, 443, 40000)), at=2.999999)
    b.flow(eth(tcp4(B, A, 443, 40000)), at=3)                     # 2 s after the FIN
    b.flow(eth(udp4()), at=4)


@case()
def end_off(b):
    """With --flow-tcp-end off nothing that TCP says ends a flow."""
    for flags in (SYN, FIN | ACK, RST, SYN, ACK):
        b.flow(eth(tcp4(flags=flags)))


@case()
def time_backwards(b):
    b.flow(eth(udp4()), at=5)
    b.flow(eth(udp4()), at=3.5)                                   # counts in the pane of 5 s
    b.flow(eth(udp4(B, A, 53, 40000)), at=4)
    b.flow(eth(udp4()), at=6.25)


@case()
def results_slides(b):
    """Rows, ties, shares at the limit, empty windows between and a discard as the last packet."""
    b.flow(eth(udp4(payload=b"t" * 100)), at=0.2)
    b.flow(eth(udp4(C, B, payload=b"t" * 100)), at=0.4)           # a tie between A and C
    b.flow(eth(tcp4(payload=b"t" * 1200)), at=0.9)
    b.flow(eth(tcp4(payload=b"t" * 10)), at=3)
    b.flow(eth(ip4(icmp(), 1, A, C)), at=17)
    b.discard("arp", eth(arp(), 0x0806, pad=True), at=20)


@case()
def results_share_limit(b):
    """Exactly 10 percent is not more than 10 percent."""
    b.flow(eth(udp4(payload=b"s" * 58)))                          # 100 bytes
    b.flow(eth(tcp4(payload=b"s" * 846)))                         # 900 bytes


@case()
def results_gap(b):
    """A gap of more than 86400 slides is left out once the window has run empty."""
    b.flow(eth(udp4()), at=0)
    b.flow(eth(udp4()), at=200000)


@case()
def results_starts_with_discard(b):
    b.discard("arp", eth(arp(), 0x0806, pad=True), at=0)
    b.flow(eth(udp4()), at=2)
