"""From the bodies of requests to scores, on threads: decoding, micro-batches, and the device."""

import asyncio
import collections
import concurrent.futures
import multiprocessing
import threading
import time

import numpy as np

import vision


class Unbatched:
    """Each request on one thread of a pool, from its body to its scores: on a CPU batches gain nothing."""

    def __init__(self, model, threads, per_run):
        self.session = vision.session(model, per_run)
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)

    def work(self, body):
        return self.session.run(None, {"input": vision.pixels(body)})[0][0]

    async def scores(self, body):
        return await asyncio.get_running_loop().run_in_executor(self.pool, self.work, body)


class Batched:
    """A pool decodes; one thread takes what waits, up to a batch, and computes it."""

    def __init__(self, compute, threads, batch):
        self.compute = compute
        self.batch = batch
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)
        self.waiting = collections.deque()
        self.filled = threading.Semaphore(0)
        threading.Thread(target=self.run, daemon=True).start()

    def decode(self, body, loop, future):
        try:
            item = (vision.pixels(body), loop, future, time.monotonic())
        except ValueError as e:
            loop.call_soon_threadsafe(fail, future, e)
            return
        self.waiting.append(item)
        self.filled.release()

    def run(self):
        while True:
            self.filled.acquire()
            self.compute(self.take)

    def take(self):
        """What waits, once the device is free."""
        items = [self.waiting.popleft()]
        while len(items) < self.batch and self.filled.acquire(blocking=False):
            items.append(self.waiting.popleft())
        return items

    async def scores(self, body):
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self.pool.submit(self.decode, body, loop, future)
        return await future


def fail(future, error):
    if not future.done():
        future.set_exception(error)


def settle(futures, scores):
    for future, row in zip(futures, scores):
        if not future.done():
            future.set_result(row)


def answer(items, scores):
    """One call into the event loop for the whole batch."""
    items[0][1].call_soon_threadsafe(settle, [item[2] for item in items], scores)


class Model:
    """ONNX Runtime computes a batch."""

    def __init__(self, model, per_run):
        self.session = vision.session(model, per_run)

    def __call__(self, take):
        items = take()
        answer(items, self.session.run(None, {"input": np.concatenate([item[0] for item in items])})[0])


class SimulatedDevice:
    """One device for all processes: a batch of n takes `fixed + n * each` ms and computes nothing.

    A process cuts its batch when it has the device, so that all that waits by then is in it. Time is kept by what was due
    and not by when a sleeper woke.
    """

    def __init__(self, fixed, each):
        self.fixed = fixed
        self.each = each
        self.lock = multiprocessing.Lock()
        self.free_at = multiprocessing.Value("d", 0.0, lock=False)
        self.scores = np.array([0.0, 0.0, 1.0, 0.0, 0.0], np.float32)

    def __call__(self, take):
        with self.lock:
            items = take()
            ready = max(item[3] for item in items)
            due = max(self.free_at.value, ready) + (self.fixed + self.each * len(items)) / 1e3
            self.free_at.value = due
            left = due - time.monotonic()
            if left > 0:
                time.sleep(left)
        answer(items, [self.scores] * len(items))
