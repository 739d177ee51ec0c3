# SPDX-License-Identifier: BSD-3-Clause
"""IPFIX read by programs that are not Weir's: tshark and nfcapd. Each gives records as plain dicts,
one shape for both, so that a test compares them with what it expects."""
import calendar
import json
import re
import socket
import subprocess
import threading
import time
from pathlib import Path

from weirtest import Failed

MONTHS = {name: i for i, name in enumerate(
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


def udp_queue(port):
    """Bytes that wait in the socket bound to this port of loopback; None if there is none."""
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port:
            return int(fields[4].split(":")[1], 16)
    return None


def wait_for(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


class Nfcapd:
    """nfcapd on a UDP port of loopback, with a folder of its own."""

    def __init__(self, folder, port):
        self.folder, self.port = Path(folder), port
        self.folder.mkdir()
        self.log = open(self.folder.parent / f"nfcapd-{port}.log", "w+b")
        self.process = subprocess.Popen(
            ["nfcapd", "-b", "127.0.0.1", "-p", str(port), "-w", str(self.folder), "-t", "3600"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for("nfcapd's start", lambda: udp_queue(port) is not None)

    def stop(self):
        """End it when it has read everything. Gives its records and its sequence errors."""
        wait_for("nfcapd reading its socket", lambda: udp_queue(self.port) == 0)
        time.sleep(0.1)
        self.process.terminate()
        self.process.wait(20)
        self.log.seek(0)
        said = self.log.read().decode("utf-8", "replace")
        self.log.close()
        errors = re.search(r"Sequence Errors: (\d+), Bad Packets: (\d+)", said)
        if not errors:
            raise Failed(f"nfcapd said nothing of sequence errors: {said[-300:]}")
        return self._records(), (int(errors[1]), int(errors[2]))

    def _records(self):
        files = [f for f in self.folder.rglob("nfcapd.*") if f.is_file()]
        if not files:
            raise Failed("nfcapd has written no file")
        text = subprocess.run(["nfdump", "-r", str(files[0]), "-o", "json", "-q"], check=True,
                              capture_output=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
                              timeout=120).stdout.decode()
        text = text.strip()
        if not text.startswith("["):
            text = "[" + text.rstrip(",") + "]"
        return [nfdump_record(r) for r in json.loads(text)]


def nfdump_ms(text):
    whole, ms = text.split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 1000 + int(ms)


def nfdump_flags(text):
    return sum(bit for letter, bit in zip("CEUAPRSF", (128, 64, 32, 16, 8, 4, 2, 1))
               if letter in text)


def nfdump_record(r):
    family = "src6_addr" if "src6_addr" in r else "src4_addr"
    return {"src": r[family], "dst": r[family.replace("src", "dst")], "sport": r.get("src_port", 0),
            "dport": r.get("dst_port", 0), "proto": r["proto"], "start_ms": nfdump_ms(r["first"]),
            "end_ms": nfdump_ms(r["last"]), "flags": nfdump_flags(r["tcp_flags"]),
            "packets": (r["in_packets"], r.get("out_packets", 0)),
            "octets": (r["in_bytes"], r.get("out_bytes", 0)), "vlan": r.get("src_vlan", 0)}


class Relay(threading.Thread):
    """A TCP collector that hands each message on as a datagram: to what reads UDP only."""

    def __init__(self, port, to_port):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("::1", port), family=socket.AF_INET6)
        self.to_port, self.sessions, self.fault = to_port, 0, None
        self.start()

    def run(self):
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            stream, _ = self.listener.accept()
            self.sessions += 1
            with stream, stream.makefile("rb") as f:
                while header := f.read(16):
                    length = int.from_bytes(header[2:4], "big")
                    rest = f.read(length - 16)
                    if len(rest) != length - 16:
                        raise Failed(f"the stream ends within a message of {length} bytes")
                    out.sendto(header + rest, ("127.0.0.1", self.to_port))
        except (OSError, Failed) as e:
            self.fault = str(e)

    def finish(self):
        self.join(20)
        self.listener.close()
        if self.is_alive() or self.fault:
            raise Failed(f"TCP collector: {self.fault or 'the stream does not end'}")


class Tshark:
    """A capture of loopback while programs run, decoded afterwards."""

    END = b"this is the end of the capture"

    def __init__(self, path):
        self.path = Path(path)
        self.process = subprocess.Popen(
            ["tshark", "-i", "lo", "-w", str(path), "-q"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait_for(b"this is the beginning of the capture")

    def _wait_for(self, text):
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        def seen():
            out.sendto(text, ("127.0.0.1", 9))
            return self.path.exists() and text in self.path.read_bytes()[-(1 << 16):]
        try:
            wait_for("tshark's capturing", seen, 60)
        except ConnectionRefusedError:
            pass

    def stop(self):
        self._wait_for(self.END)
        self.process.terminate()
        self.process.wait(20)

    def decode(self, udp_ports, tcp_ports):
        """{port: [message, ...]}; a message is the pairs of its cflow layer, nested, in order."""
        command = ["tshark", "-r", str(self.path), "-n", "-Y", "cflow", "-T", "json", "-J",
                   "udp tcp cflow"]
        for kind, ports in (("udp", udp_ports), ("tcp", tcp_ports)):
            for port in ports:
                command += ["-d", f"{kind}.port=={port},cflow"]
        done = subprocess.run(command, capture_output=True, timeout=300, check=True)
        messages = {}
        for packet in json.loads(done.stdout, object_pairs_hook=Pairs):
            layers = packet.get("_source").get("layers")
            head = layers.get("udp") or layers.get("tcp")
            port = int(head.get("udp.dstport") or head.get("tcp.dstport"))
            messages.setdefault(port, []).extend(layers.all("cflow"))
        return messages


class Pairs(list):
    """A JSON object whose members may have the same name."""

    def all(self, name):
        return [v for k, v in self if k == name]

    def get(self, name):
        found = self.all(name)
        return found[0] if found else None

    def walk(self):
        for name, value in self:
            yield name, value
            for inner in value if isinstance(value, list) else []:
                if isinstance(inner, Pairs):
                    yield from inner.walk()
            if isinstance(value, Pairs):
                yield from value.walk()


def time_us(text):
    """'Aug  2, 2016 02:19:41.968167304 UTC', cut to microseconds. What tshark computes from NTP
    fractions may be a nanosecond short (0x80000000 is .499999999 s for it)."""
    month, day, year, clock, _ = text.replace(",", "").split()
    h, m, rest = clock.split(":")
    s, fraction = rest.split(".")
    whole = calendar.timegm((int(year), MONTHS[month], int(day), int(h), int(m), int(s)))
    return (whole * 10**9 + int(fraction[:9]) + 1) // 1000


def message_records(message):
    """Flow records and option records of one message of Tshark.decode()."""
    flows, options = [], []
    for name, value in message:
        if not re.match(r"Set \d+ \[id=\d+\] \(\d+ flows\)", name):
            continue
        for inner, record in value:
            if re.match(r"Flow \d+$", inner):
                (options if record.get("cflow.notsent_flows") else flows).append(record)
    return flows, options


NUMBERS = {"packets": "cflow.packets", "octets": "cflow.octets",
           "frames": "cflow.layer2_octet_delta_count",
           "size_min": "cflow.minimum_layer2_total_length",
           "size_max": "cflow.maximum_layer2_total_length", "flags": "cflow.tcpflags",
           "ttl_min": "cflow.ttl_min", "ttl_max": "cflow.ttl_max"}


def tshark_record(r):
    v6 = r.get("cflow.srcaddrv6")
    parts = []
    both = r.all("cflow.timedelta_tree")
    for i in range(len(r.all("cflow.packets"))):
        part = {name: int(r.all(field)[i], 0) for name, field in NUMBERS.items()}
        ms, us = both[2 * i], both[2 * i + 1]
        part["start_ms"], part["end_ms"] = (time_us(ms.get(f"cflow.abstime{e}")) // 1000
                                            for e in ("start", "end"))
        part["start_us"], part["end_us"] = (time_us(us.get(f"cflow.abstime{e}"))
                                            for e in ("start", "end"))
        parts.insert(0, part)  # Weir's templates have the reverse elements before the forward ones
    vlan = [int(v, 0) for name in ("cflow.dot1q_vlan_id", "cflow.dot1q_customer_vlan_id")
            for v in r.all(name)]
    return {"src": v6 or r.get("cflow.srcaddr"),
            "dst": r.get("cflow.dstaddrv6") or r.get("cflow.dstaddr"),
            "sport": int(r.get("cflow.srcport")), "dport": int(r.get("cflow.dstport")),
            "proto": int(r.get("cflow.protocol")), "version": int(r.get("cflow.ip_version")),
            "end_reason": int(r.get("cflow.flow_end_reason")), "vlan": vlan,
            "macs": (r.get("cflow.srcmac"), r.get("cflow.dstmac")), "parts": parts,
            "direction": r.get("cflow.biflow_direction")}
