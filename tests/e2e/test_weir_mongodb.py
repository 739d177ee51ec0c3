#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The whole program into a real MongoDB-compatible server: a demo whose server crashes and comes
back leaves one document per query and slide, equal field by field to --results. (Debian's Python,
for Debian's pymongo.)"""
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import mongodb_server  # noqa: E402
import weirtest  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1)


def weir_run(folder, server_uri, seconds, results):
    command = [weirtest.weir(), "--demo", "--no-listen", "--duration", str(seconds),
               "--store", f"sqlite:{folder}/weir.db", "--push", server_uri,
               "--results", results, "--report", f"{folder}/report.json"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


def ended(process, seconds):
    try:
        err = process.communicate(timeout=seconds)[1]
    except subprocess.TimeoutExpired as late:
        process.send_signal(signal.SIGKILL)
        process.wait()
        raise weirtest.Failed(f"weir still runs after {seconds} s") from late
    if process.returncode != 0:
        raise weirtest.Failed(f"weir ended with {process.returncode}: {err[-500:]}")


def documents(uri, expected, seconds):
    """All documents of `results`, once there are as many as expected (or time is up)."""
    import pymongo
    client = pymongo.MongoClient(uri, serverSelectionTimeoutMS=5000)
    collection = client.get_default_database()["results"]
    end = time.monotonic() + seconds
    while collection.count_documents({}) < expected and time.monotonic() < end:
        time.sleep(0.5)
    found = list(collection.find({}))
    client.close()
    return found


def compare(lines, found):
    by_id = {d["_id"]: d for d in found}
    if len(by_id) != len(found):
        raise weirtest.Failed("documents with the same _id")
    for line in lines:
        end_us, start_us = line["window"]["end_us"], line["window"]["start_us"]
        matches = [d for i, d in by_id.items() if i.endswith(f"/{line['query']}/{end_us}")]
        if len(matches) != 1:
            raise weirtest.Failed(f"{len(matches)} documents for {line['query']} at {end_us}")
        document = dict(matches[0])
        appliance = document.pop("appliance")
        if document.pop("_id") != f"{appliance}/{line['query']}/{end_us}":
            raise weirtest.Failed(f"_id is {matches[0]['_id']}")
        for name, us in (("start", start_us), ("end", end_us)):
            moment = document.pop(name)
            if moment != EPOCH + datetime.timedelta(milliseconds=us // 1000):
                raise weirtest.Failed(f"{name} is {moment}, expected {us} us")
        if document != line:
            raise weirtest.Failed(f"differs:\n  {document}\n  {line}")


def test(server, folder):
    results = [f"{folder}/results-{i}.jsonl" for i in (1, 2)]
    server.start()
    process = weir_run(folder, server.uri, 14, results[0])
    time.sleep(5)
    server.crash()
    time.sleep(4)
    server.start()
    ended(process, 60)
    # What the first run could not deliver before its end waits in the store for the next one.
    ended(weir_run(folder, server.uri, 4, results[1]), 60)
    lines = [json.loads(l) for name in results for l in open(name, encoding="utf-8")]
    if len(lines) < 6 * 14:
        raise weirtest.Failed(f"only {len(lines)} results in --results")
    left = weir_run(folder, server.uri, 3, os.devnull)
    try:
        found = documents(server.uri, len(lines), 20)
    finally:
        ended(left, 60)
    compare(lines, found)
    print(f"{len(lines)} results, each on the server once and equal")


def main():
    try:
        import pymongo  # noqa: F401
    except ImportError:
        weirtest.skip("no pymongo (Debian package python3-pymongo)")
    try:
        server = mongodb_server.find_server()
    except mongodb_server.Unavailable as reason:
        weirtest.skip(f"no MongoDB-compatible server: {reason}")
    with tempfile.TemporaryDirectory(prefix="weir-mongodb-") as folder:
        try:
            test(server, folder)
        except weirtest.Failed as why:
            print(f"FAIL {weirtest.NAME}: {why}")
            return 1
        finally:
            server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
