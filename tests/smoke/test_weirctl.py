#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""weirctl against a running Weir with users: commands, `| json`, exit statuses, tokens, TLS, watch, lost
connections. TLS and losses come from a proxy here, which says what the network did."""
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import ask  # noqa: E402
import weirtest  # noqa: E402

DONE, FAILED, MISUSED, NO_CONNECTION, NOT_ALLOWED = range(5)
START_S = 60
COMPLETION = Path(__file__).resolve().parents[2] / "config/weirctl.bash"
CALL_S = 30


class Proxy(threading.Thread):
    """Passes connections on to Weir. `tls`: a certificate and key to begin with. `drop`: "idle" ends a
    connection after each answer, "request" when a request has come, which is not passed on."""

    def __init__(self, port, tls=None, drop=None):
        super().__init__(daemon=True)
        self.target, self.drop = ("127.0.0.1", port), drop
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.ended = threading.Semaphore(0)  # connections that are over
        self.start()

    def run(self):
        while True:
            theirs, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(theirs,), daemon=True).start()

    def serve(self, theirs):
        try:
            if self.context:
                theirs = self.context.wrap_socket(theirs, server_side=True)
            with theirs, socket.create_connection(self.target) as ours:
                theirs.sendall(self.exchange(theirs, ours))  # the upgrade
                while True:
                    request = theirs.recv(65536)
                    if not request or self.drop == "request":
                        return
                    ours.sendall(request)
                    theirs.sendall(ours.recv(1 << 20))
                    if self.drop == "idle":
                        return
        except OSError:
            pass  # a certificate was refused, or weirctl left
        finally:
            theirs.close()
            self.ended.release()

    @staticmethod
    def exchange(theirs, ours):
        ours.sendall(theirs.recv(65536))
        return ours.recv(65536)


class Wire(threading.Thread):
    """Passes on both ways, until cut() ends the connections there are."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.target, self.ends, self.lock = ("127.0.0.1", port), [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            ends = self.listener.accept()[0], socket.create_connection(self.target)
            with self.lock:
                self.ends += ends
            for one, other in (ends, ends[::-1]):
                threading.Thread(target=self.pump, args=(one, other), daemon=True).start()

    @staticmethod
    def pump(one, other):
        try:
            while part := one.recv(65536):
                other.sendall(part)
        except OSError:
            pass  # cut

    def cut(self):
        with self.lock:
            for end in self.ends:
                end.shutdown(socket.SHUT_RDWR)
            self.ends = []


class Ctl:
    def __init__(self, url, token=None):
        self.path = str(Path(weirtest.weir()).parent / "weirctl" / "weirctl")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("WEIR_")}
        self.env["WEIR_SERVER"] = url
        if token:
            self.env["WEIR_TOKEN"] = token

    def start(self, *words, stdin=subprocess.DEVNULL):
        return subprocess.Popen([self.path, *words], env=self.env, stdin=stdin, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __call__(self, *words, lines=None):
        run = self.start(*words, stdin=subprocess.PIPE if lines is not None else subprocess.DEVNULL)
        out, err = run.communicate(lines, timeout=CALL_S)
        return run.returncode, out, err


class Checks:
    def __init__(self, folder, port, tokens):
        self.folder, self.port, self.tokens, self.result = folder, port, tokens, weirtest.Check()
        self.url = f"ws://127.0.0.1:{port}"

    def check(self, good, *what):
        self.result.that(good, " ".join(str(w) for w in what))

    def is_(self, run, status, out="", err=""):
        """Exit status, and what is in the output and in the errors (nothing unless it is said)."""
        self.check(run[0] == status, "exit", run[0], "expected", status, run[1:])
        self.check(out in run[1], f"'{out}' is not in:", run[1][:600])
        self.check(err in run[2] if err else not run[2], f"'{err}' is not the error:", run[2][:600])

    def statuses(self):
        ctl = Ctl(self.url, self.tokens["admin"])
        self.is_(ctl("show", "processor"), DONE, "processor is running")
        self.is_(ctl("set", "processor", "k", "0"), FAILED, err="error: k: found 0, allowed: an integer")
        self.is_(ctl("call", "no.such"), FAILED, err="no.such")
        self.is_(ctl("call", "processor.set", '{"k":1},"id":9'), FAILED, err="not JSON")
        self.is_(ctl("fly"), MISUSED, err="error: no such command: fly")
        self.is_(ctl("show", "fly"), MISUSED, err="error: bad arguments: show fly")
        self.is_(ctl("--fly"), MISUSED, err="--fly")
        self.is_(ctl("-s", "http://127.0.0.1", "show", "ledger"), MISUSED, err="--server: found 'http://127.0.0.1'")
        self.is_(ctl("-s", "wss://127.0.0.1", "--ca", "/none", "show", "ledger"), MISUSED,
                 err="--ca: cannot read '/none': No such file")
        self.is_(ctl("-s", "wss://127.0.0.1", "--ca", __file__, "show", "ledger"), MISUSED, err="no certificate")
        self.is_(ctl("-s", f"wss://127.0.0.1:{self.port}", "show", "ledger"), NO_CONNECTION,
                 err="does not speak TLS")
        with socket.create_server(("127.0.0.1", 0)) as unused:
            nobody = unused.getsockname()[1]
        self.is_(ctl("-s", f"ws://127.0.0.1:{nobody}", "show", "ledger"), NO_CONNECTION,
                 err=f"127.0.0.1:{nobody}")
        self.is_(ctl("-s", "wss://no-such-host.invalid:8080", "show", "ledger"), NO_CONNECTION,
                 err="no-such-host.invalid:8080: the name cannot be resolved: ")
        self.is_(ctl("-s", f"ws://127.0.0.1:{self.port}/elsewhere", "show", "ledger"), NO_CONNECTION,
                 err="HTTP status 400")
        self.is_(ctl("--help"), DONE, "usage: weirctl")
        self.is_(ctl("--version"), DONE, "weirctl ")
        self.is_(ctl(lines="show processor\nfly\nset processor k 4\nquit\nset processor k 5\n"), MISUSED,
                 "k              4", "no such command: fly")
        self.check(json.loads(ctl("-j", "show processor")[1])["k"] == 4, "commands after quit")

    def answers(self):
        ctl = Ctl(self.url, self.tokens["admin"])
        status, out, err = ctl("show queries | json")
        self.check((status, err) == (DONE, ""), "| json", status, err)
        self.check(json.loads(out) == json.loads(ctl("-j", "call", "query.list")[1]) and out.count("\n") == 1,
                   "show queries | json is not query.list:", out)
        status, out, err = ctl("-j", "set", "processor", "T", "never")
        error = json.loads(out)["error"]
        self.check((status, err, error["code"], error["data"]["field"]) == (FAILED, "", -32602, "T"),
                   "an error as JSON:", status, out, err)
        saved = self.folder / "saved.json"
        self.is_(ctl("save", "config", str(saved)), DONE, f"saved to {saved}")
        config = json.loads(saved.read_text())
        config["parameters"]["k"], config["flow"]["capacity"] = 3, 15
        saved.write_text(json.dumps(config, indent=1))
        self.is_(ctl("load", "config", str(saved)), FAILED, err=f"{saved}:")
        config["flow"]["capacity"] = 65536
        saved.write_text(json.dumps(config))
        self.is_(ctl("load", "config", str(saved)), DONE, "parameters.k")
        self.is_(ctl("set", "config", "parameters.k", "7"), DONE, "at once")
        self.check(json.loads(ctl("-j", "show", "processor")[1])["k"] == 7, "set config")

    def roles(self):
        self.is_(Ctl(self.url)("show", "processor"), NOT_ALLOWED, err="WEIR_TOKEN")
        self.is_(Ctl(self.url, "wrong")("show", "processor"), NOT_ALLOWED, err="WEIR_TOKEN")
        viewer = Ctl(self.url, self.tokens["viewer"])
        self.is_(viewer("show", "processor"), DONE, "processor is running")
        self.is_(viewer("set", "processor", "k", "9"), NOT_ALLOWED, err="operator")
        self.is_(viewer("--token", self.tokens["admin"], "set", "processor", "k", "9"), DONE, "k              9")

    def watching(self):
        watch = Ctl(self.url, self.tokens["viewer"]).start("watch", "show", "processor", "1")
        seen = [watch.stdout.readline() for _ in range(12)]  # six lines each time
        watch.send_signal(signal.SIGINT)
        rest, err = watch.communicate(timeout=CALL_S)
        self.check(watch.returncode == DONE and seen.count("processor is running\n") == 2 and not err,
                   "watch:", watch.returncode, seen, rest, err)
        self.is_(Ctl(self.url, self.tokens["admin"])("watch", "stop"), MISUSED, err="watch: found 'stop'")
        self.is_(Ctl(self.url, self.tokens["viewer"])("watch", "show", "result", "none", "1"), FAILED,
                 err="no query 'none'")

    def following(self):
        wire = Wire(self.port)
        follow = Ctl(f"ws://127.0.0.1:{wire.port}", self.tokens["viewer"]).start("follow", "result", "ip-topk")
        for cut in (False, True):
            if cut:
                wire.cut()
            line = json.loads(follow.stdout.readline())
            self.check((line["type"], line["query"]) == ("result", "ip-topk"), "follow result:", line)
        follow.send_signal(signal.SIGINT)
        _, err = follow.communicate(timeout=CALL_S)
        self.check((follow.returncode, err) == (DONE, "weirctl: the connection ended; trying again\n"
                                                "weirctl: connected again\n"), "follow:", follow.returncode, err)
        admin = Ctl(self.url, self.tokens["admin"])
        alerts = admin.start("--count", "1", "follow", "alerts")
        for n in range(1000):  # it may not have subscribed yet
            admin("set", "limit", json.dumps({"limit_name": f"f{n}", "source": "0.0.0.0/0", "max_bytes": 1, "window_s": 1}))
            if alerts.poll() is not None:
                break
        out, err = alerts.communicate(timeout=CALL_S)
        self.check(alerts.returncode == DONE and json.loads(out)["type"] == "alert" and not err, "follow alerts:", out, err)
        status, out, err = admin("-n", "2", "follow", "stats")
        self.check((status, len(out.splitlines()), err) == (DONE, 2, "") and
                   all("ledger" in json.loads(line) for line in out.splitlines()), "follow stats:", status, out[:300], err)
        self.is_(admin("follow", "result", "none"), FAILED, err="weirctl: queries: ")
        self.is_(admin("follow"), MISUSED, err="follow: found '', allowed: result")
        self.is_(admin("follow", "news"), MISUSED, err="follow: found 'news'")
        self.is_(admin("follow", "stats", "ip-topk"), MISUSED, err="found 'ip-topk'")
        self.is_(admin("-n", "0", "follow", "stats"), MISUSED, err="--count: found '0'")
        self.is_(admin("-n", "1", "show", "ledger"), MISUSED, err="--count: allowed: with follow")
        self.is_(Ctl(self.url)("follow", "stats"), NOT_ALLOWED, err="WEIR_TOKEN")
        with socket.create_server(("127.0.0.1", 0)) as unused:
            nobody = unused.getsockname()[1]
        self.is_(Ctl(f"ws://127.0.0.1:{nobody}")("follow", "stats"), NO_CONNECTION, err=f"127.0.0.1:{nobody}")
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.check(subprocess.run([admin.path, "follow", "stats"], env=admin.env, stdout=full, timeout=CALL_S,
                                      check=False).returncode == FAILED, "follow where nothing can be written")

    def complete(self, ctl, line):
        """What bash offers at the end of the line."""
        run = subprocess.run(["bash", "-c", f'. "{COMPLETION}"; COMP_LINE="$1"; COMP_POINT=${{#1}}; _weirctl; '
                              'printf "%s\n" "${COMPREPLY[@]}"', "bash", line.replace("weirctl", ctl.path, 1)],
                             env=ctl.env, capture_output=True, text=True, timeout=CALL_S, check=True)
        self.check(not run.stderr, line, run.stderr)
        return run.stdout.split()

    def completing(self):
        ctl = Ctl(self.url, self.tokens["viewer"])
        nobody = Ctl("ws://127.0.0.1:1")
        helped = {line.split()[0] for line in ctl("help")[1].splitlines() if line.strip()}
        for c in (ctl, nobody):
            first = set(self.complete(c, "weirctl "))
            self.check(first - {"follow"} and first - {"follow"} <= helped and "follow" in first, "first words:", first, helped)
            self.check({"show", "set", "query", "watch"} & first >= {"show", "set", "watch"}, "first words:", first)
            for line, expected in (("weirctl sho", {"show"}), ("weirctl set processor ", {"H", "T", "k", "X"}),
                                   ("weirctl fol", {"follow"}), ("weirctl follow s", {"stats"}),
                                   ("weirctl --ser", {"--server"}), ("weirctl -n ", set()),
                                   ("weirctl follow stats ", set()), ("weirctl watch show gen", {"generator"})):
                found = set(self.complete(c, line))
                self.check(found == expected, f"'{line}' is completed with", found, "expected", expected)
        for line in ("weirctl show result ip-", "weirctl follow alerts protocol-share ip-",
                     f"weirctl -s ws://127.0.0.1:{self.port} -j watch show result ip-"):
            found = set(self.complete(ctl, line))
            self.check(found == {"ip-topk", "ip-share", "ip-outlier"}, f"'{line}' is completed with", found)
        admin = Ctl(self.url, self.tokens["admin"])
        admin("call", "names.set", '{"names": {"2001:db8::1": "six"}}')
        self.check(self.complete(ctl, "weirctl del name 2001:db8:") == [":1"], "behind a colon",
                   self.complete(ctl, "weirctl del name 2001:db8:"))

    def losses(self):
        idle = Proxy(self.port, drop="idle")
        ctl = Ctl(f"127.0.0.1:{idle.port}", self.tokens["admin"])
        again = ctl.start("-j", stdin=subprocess.PIPE)
        for _ in range(3):
            again.stdin.write("show processor\n")
            again.stdin.flush()
            line = again.stdout.readline()
            self.check('"running":true' in line, "connects again:", line)
            self.check(idle.ended.acquire(timeout=CALL_S), "the connection stays")
        out, err = again.communicate(timeout=CALL_S)
        self.check((again.returncode, out, err) == (DONE, "", ""), "connects again:", again.returncode, out, err)
        lost = Ctl(f"ws://127.0.0.1:{Proxy(self.port, drop='request').port}", self.tokens["admin"])
        self.is_(lost("set", "processor", "k", "5"), NO_CONNECTION, err="whether it was done is not known")

    def tls(self):
        key, cert = self.folder / "key.pem", self.folder / "cert.pem"
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                               "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                               "-keyout", key, "-out", cert], capture_output=True, check=False)
        self.check(made.returncode == 0, "openssl:", made.stderr)
        proxy = Proxy(self.port, tls=(cert, key))
        ctl = Ctl(f"wss://localhost:{proxy.port}", self.tokens["viewer"])
        self.is_(ctl("show", "processor"), NO_CONNECTION, err="--insecure")
        self.is_(ctl("--ca", str(cert), "show", "processor"), DONE, "processor is running")
        self.is_(ctl("--insecure", "show", "processor"), DONE, "processor is running")
        by_address = Ctl(f"wss://127.0.0.1:{proxy.port}", self.tokens["viewer"])
        self.is_(by_address("--ca", str(cert), "show", "processor"), NO_CONNECTION, err="cert")


def token(folder, role):
    made = subprocess.run([weirtest.weir(), "passwd", "--users", folder / "users.json", "--token", role,
                           "--role", role], capture_output=True, text=True, check=True)
    return made.stdout.split()[-1]


def run(folder):
    tokens = {role: token(folder, role) for role in ("viewer", "admin")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with open(folder / "stderr", "w", encoding="utf-8") as stderr:
        weir = subprocess.Popen([weirtest.weir(), "--demo", "--store", "none", "--report", "report.json",
                                 "--users", folder / "users.json", "--listen", f"127.0.0.1:{port}"],
                                cwd=folder, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)
    try:
        if not ask.wait(port, START_S):
            raise weirtest.Failed((folder / "stderr").read_text())
        checks = Checks(folder, port, tokens)
        for part in (checks.statuses, checks.answers, checks.roles, checks.watching, checks.following,
                     checks.completing, checks.losses, checks.tls):
            part()
        weir.send_signal(signal.SIGINT)
        checks.check(weir.wait(CALL_S) == 0, "weir ended with", weir.returncode)
        return checks.result
    finally:
        weir.kill()
        weir.wait()


def test():
    with tempfile.TemporaryDirectory(prefix="weir-ctl-") as folder:
        return run(Path(folder))


if __name__ == "__main__":
    weirtest.main(test)
