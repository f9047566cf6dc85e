#!/usr/bin/env python3
"""Writes bicubic.json beside this file: images resized by Pillow, which ResizerTest holds ours against.

Debian's python3-pil is enough: python3 src/test/resources/pillow/reference.py

The images are made of numbers that the test makes as well: noise, black and white in single pixels and
in blocks with hard edges, where the cubic filter overshoots most, and a ramp.
"""

import base64
import json
import pathlib

import PIL
from PIL import Image

# Pattern, source, target: down, up, one way each, odd sides, and down to one pixel.
CASES = [
    ("noise", (97, 61), (33, 27)),
    ("noise", (40, 30), (40, 30)),
    ("noise", (31, 23), (67, 49)),
    ("noise", (90, 17), (21, 45)),
    ("noise", (17, 90), (45, 21)),
    ("noise", (301, 203), (24, 16)),
    ("noise", (640, 480), (28, 21)),
    ("noise", (64, 48), (1, 1)),
    ("noise", (64, 48), (1, 20)),
    ("noise", (64, 48), (20, 1)),
    ("noise", (1, 1), (9, 7)),
    ("noise", (1, 50), (7, 13)),
    ("noise", (50, 1), (13, 7)),
    ("noise", (2, 2), (41, 43)),
    ("extremes", (97, 61), (33, 27)),
    ("extremes", (31, 23), (67, 49)),
    ("extremes", (90, 17), (21, 45)),
    ("extremes", (2, 3), (50, 50)),
    ("extremes", (640, 480), (28, 21)),
    ("blocks", (96, 64), (41, 29)),
    ("blocks", (33, 25), (77, 57)),
    ("blocks", (64, 64), (61, 59)),
    ("ramp", (100, 80), (37, 43)),
    ("ramp", (20, 16), (55, 41)),
]


def pixels(pattern, width, height):
    state = 1
    made = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                noise = state >> 16 & 0xFF
                made.append(
                    {
                        "noise": noise,
                        "extremes": 255 if noise & 0x80 else 0,
                        "blocks": 255 if (x // 5 + y // (4 + c)) % 2 else 0,
                        "ramp": (2 * x + 3 * y + 40 * c) & 0xFF,
                    }[pattern]
                )
    return bytes(made)


def main():
    cases = []
    for pattern, source, target in CASES:
        image = Image.frombytes("RGB", source, pixels(pattern, *source))
        resized = image.resize(target, Image.Resampling.BICUBIC)
        cases.append(
            {
                "pattern": pattern,
                "source": source,
                "target": target,
                "pixels": base64.b64encode(resized.tobytes()).decode(),
            }
        )
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = '{"pillow": "%s", "cases": [\n%s\n]}\n' % (PIL.__version__, lines)
    pathlib.Path(__file__).with_name("bicubic.json").write_text(text)


if __name__ == "__main__":
    main()
