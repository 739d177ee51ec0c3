# SPDX-License-Identifier: BSD-3-Clause
"""The reference takes the length field of IPv6 as it is. A jumbogram has 0 there and its length in
a hop-by-hop option (RFC 2675), which Weir decodes; this puts the reference right."""
import struct


def jumbo_length(data, at):
    """Of the IPv6 packet at data[at:]; None unless it is a jumbogram."""
    if data[at + 4:at + 7] != b"\0\0\0":       # length 0, hop by hop next
        return None
    options = data[at + 42:at + 40 + (data[at + 41] + 1) * 8]
    while len(options) >= 2:
        if options[0] == 0:
            options = options[1:]
            continue
        content = options[2:2 + options[1]]
        if options[0] == 0xc2 and len(content) == 4:
            length = struct.unpack(">I", content)[0]
            return length if length > 65535 else None
        options = options[2 + options[1]:]
    return None


def corrected(l3):
    """pcapref.l3() with the true length of jumbograms."""
    def decode(ether_type, at, data):
        ip = l3(ether_type, at, data)
        if ip and ip["ver"] == 6 and len(data) >= at + 48:
            length = jumbo_length(data, at)
            if length is not None:
                ip["iplen"] = 40 + length
        return ip
    decode.corrected = True
    return decode
