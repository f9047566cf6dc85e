"""CPU time of what no server can do without: decode, resize, and the model, one photo after the other on one thread.

    python3 floor.py --model ../../../engines/safety/model.onnx --photos DIR

`millrace bench --serve --keep-photos DIR` writes the photos.
"""

import argparse
import json
import pathlib
import statistics
import time

import vision


def cpu_ms(work, items):
    """Of each item, on the thread that calls."""
    begin = time.thread_time()
    for item in items:
        work(item)
    return 1e3 * (time.thread_time() - begin) / len(items)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--photos", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    session = vision.session(options.model, 1)
    photos = [path.read_bytes() for path in sorted(options.photos.iterdir())]
    tensors = [vision.pixels(photo) for photo in photos[:20]]
    rounds = {"decode_resize_ms": [], "model_ms": []}
    for _ in range(options.rounds):
        rounds["decode_resize_ms"].append(cpu_ms(vision.pixels, photos))
        rounds["model_ms"].append(cpu_ms(lambda pixels: session.run(None, {"input": pixels}), tensors))
    print(
        json.dumps(
            {
                name: {"median": round(statistics.median(all), 3), "least": round(min(all), 3), "most": round(max(all), 3)}
                for name, all in rounds.items()
            }
        )
    )


if __name__ == "__main__":
    main()
