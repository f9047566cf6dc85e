#!/usr/bin/env python3
"""Asks a worker for the verdicts on photos, all over one connection, with Python's standard library.

usage: ask.py MODEL PHOTO...     MILLRACE is the worker's address, MILLRACE_TOKEN its token where it has one
"""

import http.client
import json
import os
import sys
import time
import urllib.parse

BUSY = (429, 503)
TRIES = 4


def connect(address):
    url = urllib.parse.urlsplit(address)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(url.hostname, url.port, timeout=30)


def ask(connection, model, image):
    """The result of one image; raises where there is none."""
    path = f"/v2/models/{urllib.parse.quote(model, safe='')}/infer?format=verdict"
    headers = {"Content-Type": "application/octet-stream", "Millrace-Deadline-Ms": "5000"}
    if "MILLRACE_TOKEN" in os.environ:
        headers["Authorization"] = "Bearer " + os.environ["MILLRACE_TOKEN"]
    for attempt in range(TRIES):
        connection.request("POST", path, image, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status not in BUSY or attempt == TRIES - 1:
            break
        time.sleep(float(answer.headers.get("Retry-After", "1")))
    if answer.status != 200:
        kind = answer.headers.get("Millrace-Error-Kind", answer.reason)
        try:
            line = json.loads(body)["error"]
        except ValueError:
            line = body[:200].decode(errors="replace")
        raise RuntimeError(f"{answer.status} {kind}: {line}")
    return json.loads(body)


def main(model, photos):
    connection = connect(os.environ.get("MILLRACE", "http://127.0.0.1:8000"))
    failed = 0
    for photo in photos:
        with open(photo, "rb") as file:
            image = file.read()
        try:
            result = ask(connection, model, image)
        except RuntimeError as error:
            failed += 1
            print(f"{photo}: {error}", file=sys.stderr)
            continue
        verdict = result["results"][model]
        print(f"{photo}: {verdict.get('label', 'no label')} ({result['timings_ms']['total']:.0f} ms)")
        for thing in verdict.get("detections", []):
            print(f"  {thing['label']} {thing['score']:.2f} at {thing['box']}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
