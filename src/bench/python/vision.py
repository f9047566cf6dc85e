"""What a Python user writes around ONNX Runtime: a JPEG to the scores of `safety`.

OpenCV decodes at a reduced scale, as libjpeg can, and resizes; ONNX Runtime runs the model as it was exported.
"""

import struct

import cv2
import numpy as np
import onnxruntime

SIDE = 224
LABELS = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"]
REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def jpeg_size(body):
    """Width and height of a JPEG by its header, or None."""
    if body[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 < len(body):
        if body[at] != 0xFF:
            return None
        marker = body[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", body, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", body, at + 2)[0]
    return None


def reduction(body):
    """The largest part into which a JPEG can be decoded and still has the sides of the model's input."""
    size = jpeg_size(body)
    if size is None:
        return 1
    chosen = 1
    while chosen < 8 and min(size) >= 2 * chosen * SIDE:
        chosen *= 2
    return chosen


def pixels(body):
    """The encoded image as `float32 [1, 3, 224, 224]`; ValueError where it is none."""
    image = cv2.imdecode(np.frombuffer(body, np.uint8), REDUCED[reduction(body)])
    if image is None:
        raise ValueError("the body is no image that can be decoded")
    small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return cv2.dnn.blobFromImage(small, 1 / 255.0, swapRB=True)


def session(model, threads):
    """The model, computed by so many threads a run."""
    cv2.setNumThreads(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads of an idle session must not burn the cores that decode.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def verdict(scores):
    """An answer of the Open Inference Protocol."""
    label = LABELS[int(scores.argmax())]
    return {
        "model_name": "safety",
        "model_version": "1",
        "outputs": [
            {"name": "scores", "datatype": "FP32", "shape": [1, len(LABELS)], "data": scores.tolist()},
            {"name": "label", "datatype": "BYTES", "shape": [1], "data": [label]},
        ],
    }
