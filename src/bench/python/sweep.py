"""Tunes the server: measures it over frameworks, processes, threads and batches, with the floor in turns, as a table.

    python3 sweep.py --bench "scripts/millrace bench" --model engines/safety/model.onnx --photos DIR

`millrace bench --serve --keep-photos DIR` writes the photos. CPU is compared with that of decode, resize and model alone, which is
measured before and after; images a second depend on what else the machine does.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
PORT = 18941
URL = f"http://127.0.0.1:{PORT}/v2/models/safety/infer"

# framework, processes, threads of each, threads of a run, batch
MODEL = [
    ("aiohttp", 1, 1, 1, 1),
    ("aiohttp", 1, 2, 1, 1),
    ("aiohttp", 1, 3, 1, 1),
    ("aiohttp", 1, 1, 2, 1),
    ("aiohttp", 1, 2, 1, 8),
    ("aiohttp", 1, 2, 2, 8),
    ("aiohttp", 2, 1, 1, 1),
    ("aiohttp", 2, 2, 1, 1),
    ("aiohttp", 2, 1, 1, 4),
    ("fastapi", 1, 2, 1, 1),
    ("fastapi", 2, 1, 1, 1),
]
SIMULATED = [
    ("aiohttp", 1, 1, 1, 32),
    ("aiohttp", 1, 2, 1, 1),
    ("aiohttp", 1, 2, 1, 8),
    ("aiohttp", 1, 2, 1, 32),
    ("aiohttp", 1, 4, 1, 32),
    ("aiohttp", 2, 1, 1, 32),
    ("aiohttp", 2, 2, 1, 32),
    ("fastapi", 1, 2, 1, 32),
    ("fastapi", 2, 1, 1, 32),
]


def floor(options):
    command = [sys.executable, HERE / "floor.py", "--model", options.model, "--photos", options.photos, "--rounds", "1"]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return {name: figure["median"] for name, figure in json.loads(out).items()}


def measured(options, device, setting):
    """The figures of one setting, by connections."""
    framework, processes, threads, per_run, batch = setting
    command = [sys.executable, HERE / "server.py", "--port", PORT, "--framework", framework, "--processes", processes]
    command += ["--threads", threads, "--per-run", per_run, "--batch", batch, *device]
    server = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_server(options)
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            bench = shlex.split(options.bench) + ["--serve", "--url", URL, "--photos", options.photos, "--rate", "0"]
            bench += ["--connections", options.connections, "--warm-up", "1s", "--measure", options.measure]
            bench += ["--json", report.name]
            subprocess.run(bench, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return json.load(report)["points"]
    finally:
        server.terminate()
        server.wait()


def await_server(options):
    photo = next(iter(sorted(pathlib.Path(options.photos).iterdir()))).read_bytes()
    for _ in range(300):
        try:
            urllib.request.urlopen(urllib.request.Request(URL, photo), timeout=10).read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server does not answer")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--photos", required=True)
    parser.add_argument("--connections", default="2,8")
    parser.add_argument("--measure", default="3s")
    options = parser.parse_args()
    for name, device, settings in (
        ("`safety`", ["--model", options.model], MODEL),
        ("simulated, 2,0.25", ["--simulate", "2,0.25"], SIMULATED),
    ):
        print(f"\n| device: {name} | processes | threads | threads of a run | batch | connections | images/s | p99, ms | CPU-ms per image | of the floor |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        before = floor(options)
        for setting in settings:
            points = measured(options, device, setting)
            after = floor(options)
            work = {key: (before[key] + after[key]) / 2 for key in before}
            alone = work["decode_resize_ms"] + (work["model_ms"] if device[0] == "--model" else 0)
            before = after
            for point in points:
                cpu = point["server_cpu_ms_per_image"]
                cells = [*setting, point["connections"], f"{point['images_per_s']:.0f}", f"{point['latency_ms']['p99']:.0f}"]
                print("| " + " | ".join(map(str, cells)) + f" | {cpu:.2f} | {cpu / alone:.2f} |", flush=True)


if __name__ == "__main__":
    main()
