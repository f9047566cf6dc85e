"""What serving adds to an image: the time that a caller waits, less decoding and the device, by the timings of each answer.

    python3 overhead.py --url http://127.0.0.1:8000/v2/models/safety/infer --photos DIR

One connection that is kept, one request at a time. What this client takes itself is in the figure.
"""

import argparse
import http.client
import json
import pathlib
import statistics
import time
import urllib.parse


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--photos", required=True, type=pathlib.Path)
    parser.add_argument("--warm-up", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=600)
    options = parser.parse_args()
    url = urllib.parse.urlsplit(options.url)
    photos = [path.read_bytes() for path in sorted(options.photos.iterdir())]
    connection = http.client.HTTPConnection(url.hostname, url.port)
    whole, work, beyond = [], [], []
    for i in range(options.warm_up + options.requests):
        begin = time.perf_counter()
        connection.request("POST", url.path + "?format=verdict", photos[i % len(photos)])
        body = connection.getresponse().read()
        took = 1e3 * (time.perf_counter() - begin)
        if i >= options.warm_up:
            timings = json.loads(body)["timings_ms"]
            whole.append(took)
            work.append(timings["decode"] + timings["infer"])
            beyond.append(took - timings["decode"] - timings["infer"])
    for name, all_ms in (("caller", whole), ("decode and device", work), ("beyond these", beyond)):
        cuts = statistics.quantiles(all_ms, n=100)
        print(f"{name}: median {statistics.median(all_ms):.2f} ms, p90 {cuts[89]:.2f}, p99 {cuts[98]:.2f}")


if __name__ == "__main__":
    main()
