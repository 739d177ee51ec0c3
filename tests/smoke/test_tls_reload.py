#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""A certificate that is renewed while Weir runs: SIGHUP reads it; a bad one is refused, the old one stays."""

import hashlib
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib"), str(HERE.parent / "unit/control")]

import weirtest
from test_security import Weir
from ws_client import Http

WAIT_S = 20
KEYS = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["-newkey", "rsa:2048"]}


def certificate_make(folder, name, kind):
    """NAME.pem and NAME.key; gives the certificate's fingerprint."""
    subprocess.run(["openssl", "req", "-x509", *KEYS[kind], "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{name}.key", "-out", f"{name}.pem"],
                   cwd=folder, capture_output=True, check=True)
    os.chmod(folder / f"{name}.key", 0o600)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert((folder / f"{name}.pem").read_text())).hexdigest()


def shown(weir):
    """Fingerprint of the certificate that a new connection is shown."""
    connection = Http(weir.address, timeout=WAIT_S)
    with weir.context.wrap_socket(connection.sock, server_hostname="localhost") as s:
        return hashlib.sha256(s.getpeercert(binary_form=True)).hexdigest()


def install(folder, certificate, key):
    shutil.copy(folder / certificate, folder / "cert.pem")
    shutil.copy(folder / key, folder / "key.pem")


def reload(c, weir, word, what):
    """SIGHUP; waits until the log has one line more that holds word."""
    log = weir.folder / "stderr"
    before, end = log.read_text().count(word), time.monotonic() + WAIT_S
    weir.process.send_signal(signal.SIGHUP)
    while log.read_text().count(word) == before and time.monotonic() < end:
        time.sleep(0.02)
    c.that(log.read_text().count(word) > before, f"{what}: '{word}' in {log.read_text()[-300:]}")


def check():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-tls-") as folder:
        folder = Path(folder)
        (folder / "captures").mkdir()
        first, second, third = (certificate_make(folder, *of) for of in (("a", "ec"), ("b", "ec"), ("r", "rsa")))
        install(folder, "a.pem", "a.key")
        context = ssl.create_default_context()
        context.load_verify_locations(cadata="".join((folder / f"{n}.pem").read_text() for n in "abr"))
        weir = Weir(folder, "--tls-cert", "cert.pem", "--tls-key", "key.pem", context=context)
        try:
            c.equal(shown(weir), first, "the first certificate")
            old = Http(weir.address, timeout=WAIT_S)
            old.sock = context.wrap_socket(old.sock, server_hostname="localhost")
            c.equal(old.request("GET", "/healthz")[0] in (200, 503), True, "a connection before the renewal")
            install(folder, "b.pem", "b.key")
            c.equal(shown(weir), first, "before SIGHUP nothing changes")
            reload(c, weir, "cert.pem reloaded: valid until 20", "the renewed certificate")
            c.equal(shown(weir), second, "the renewed certificate is shown")
            c.equal(old.request("GET", "/healthz")[0] in (200, 503), True, "the connection from before goes on")
            for word, what, pair in (("not reloaded, the old one stays: --tls-key", "another's key", ("b.pem", "a.key")),
                                     ("not reloaded, the old one stays: --tls-cert", "no certificate", ("a.key", "a.key"))):
                install(folder, *pair)
                reload(c, weir, word, what)
                c.equal(shown(weir), second, f"{what}: the certificate from before stays")
            (folder / "key.pem").unlink()
            reload(c, weir, "not reloaded, the old one stays", "a key that is gone")
            c.equal(shown(weir), second, "a key that is gone: the certificate from before stays")
            install(folder, "r.pem", "r.key")
            reload(c, weir, "cert.pem reloaded: valid until 20", "a key of another kind")
            c.equal(shown(weir), third, "a key of another kind takes the place of the old one")
            records = weir.call("audit.list", {"limit": 1000}, {})[0]["result"]["records"]
            c.equal([(r["via"], r["params"], r["ok"]) for r in records if r["method"] == "tls.reload"],
                    [("signal", {"file": "cert.pem"}, ok) for ok in (True, False, False, False, True)],
                    "the audit log has each of them")
        finally:
            c.equal(weir.end(), 0, "status")
    return c


if __name__ == "__main__":
    weirtest.main(check)
