#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Push to a real MongoDB-compatible server: every document arrives exactly once and well typed,
also when the server crashes in the middle, when Weir's store is closed meanwhile, and when the
same documents are delivered again. usage: test_mongodb.py STORE_DRIVER
"""
import shutil
import subprocess
import sys
import tempfile
import time

import mongodb_server

APPLIANCE = "e2e box"


class Failed(Exception):
    pass


class Driver:
    """A running store_driver."""

    def __init__(self, program, store, uri, log=None):
        self.process = subprocess.Popen([program, "run", store, uri, APPLIANCE], stderr=log,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        print(f"  {command}: {answer}", flush=True)
        if not answer.startswith("ok"):
            raise Failed(f"{command}: {answer}")
        return answer

    def quit(self, wait_ms):
        milliseconds = float(self.say(f"quit {wait_ms}").split()[1])
        if self.process.wait(10) != 0:
            raise Failed("the driver failed at its end")
        return milliseconds

    def abandon(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Test:
    def __init__(self, program, server, folder):
        self.program = program
        self.server = server
        self.folder = folder
        self.store = f"sqlite:{folder}/weir.db"
        self.driver = None

    def open(self, store=None):
        self.driver = Driver(self.program, store or self.store, self.server.uri)
        return self.driver

    def arrived(self, n):
        done = subprocess.run([self.program, "check", self.server.uri, APPLIANCE, str(n)],
                              stdout=subprocess.PIPE, text=True, check=False)
        print(f"  on the server: {done.stdout.strip()}", flush=True)
        if done.returncode != 0:
            raise Failed(f"expected {n} results, each once: {done.stdout.strip()}")

    def run(self):
        for step in (self.delivers, self.server_crashes_in_the_middle, self.closed_meanwhile,
                     self.delivered_again, self.hostile_document,
                     self.refused_document, self.memory_outbox):
            print(f"{step.__name__}:", flush=True)
            step()
        subprocess.run([self.program, "drop", self.server.uri], check=True)

    def delivers(self):
        d = self.open()
        d.say("put 0 500")
        d.say("wait pushed 550 60")
        d.say("wait outbox 0 10")
        self.arrived(500)

    def server_crashes_in_the_middle(self):
        d = self.driver
        d.say("put 500 3000")
        time.sleep(0.7)  # the first batch is on its way
        self.server.crash()
        d.say("put 3000 4000")
        if not self.server.kind.endswith("-uncut"):
            d.say("wait failures 1 30")
        took = float(d.say("list").split()[1])
        if took > 1000:
            raise Failed(f"a list took {took} ms while the server was away")
        self.server.start()
        d.say("wait outbox 0 120")
        self.arrived(4000)

    def closed_meanwhile(self):
        d = self.driver
        self.server.stop()
        d.say("put 4000 4100")
        took = d.quit(60000)
        if took > 20000:
            raise Failed(f"closing took {took} ms with a dead server")
        self.server.start()
        d = self.open()
        d.say("wait outbox 0 60")
        self.arrived(4100)
        d.say("put 4100 4150")
        d.quit(30000)  # a live server gets all before the end
        self.arrived(4150)

    def delivered_again(self):
        d = self.open(f"sqlite:{self.folder}/again.db")
        d.say("put 0 300")
        answer = d.say("wait pushed 330 60")
        if " failures 0 " not in answer:
            raise Failed(f"what is there already was called a failure: {answer}")
        d.quit(5000)
        self.arrived(4150)

    def hostile_document(self):
        d = self.open()
        d.say("hostile")
        d.say("put 4150 4160")
        answer = d.say("wait outbox 0 60")
        if " rejected 0 " not in answer:
            raise Failed(f"the server refused a document: {answer}")
        d.quit(5000)
        self.arrived(4160)

    def refused_document(self):
        """FerretDB refuses arrays in arrays; that must not hold up what comes after."""
        d = self.open()
        d.say("nested")
        d.say("put 4160 4165")
        answer = d.say("wait outbox 0 60")
        if " rejected 0 " not in answer and " rejected 1 " not in answer:
            raise Failed(f"more than one document was refused: {answer}")
        d.quit(5000)
        self.arrived(4165)

    def memory_outbox(self):
        d = self.open("none")
        d.say("put 4165 4170")
        d.quit(30000)
        self.arrived(4170)


def run(name, find_server, make_test):
    """The exit status of a test of the store driver against a server; make_test(driver, server,
    folder) has run() and the driver that it has going."""
    try:
        server = find_server()
    except mongodb_server.Unavailable as reason:
        print(f"SKIP {name}: {reason}")
        return 77
    folder = tempfile.mkdtemp(prefix="weir-e2e-")
    test = make_test(sys.argv[1], server, folder)
    try:
        server.start()
        print(f"server: {server.kind}")
        test.run()
        print("passed")
        return 0
    except Failed as reason:
        print(f"FAILED: {reason}")
        return 1
    finally:
        if test.driver:
            test.driver.abandon()
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(run("mongodb", mongodb_server.find_server, Test))
