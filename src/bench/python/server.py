"""A Python server for `safety`, as its users would write and tune it: what Millrace is compared with.

    python3 server.py --model ../../../engines/safety/model.onnx --port 8000 --processes 2 --threads 1
    python3 server.py --simulate 2,0.25 --port 8000 --threads 2 --batch 32

The body of `POST /v2/models/safety/infer` is the image. docs/bench.md has what was measured.
"""

import argparse
import json
import os
import signal
import socket
import sys

import engine
import vision

PATH = "/v2/models/safety/infer"
MAX_BODY = 32 << 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="model.onnx of engines/safety; not with --simulate")
    parser.add_argument("--simulate", metavar="A,B", help="one device for all processes: A + B n ms for a batch of n")
    parser.add_argument("--framework", choices=["aiohttp", "fastapi"], default="aiohttp")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1, help="that accept from the same port")
    parser.add_argument("--threads", type=int, default=2, help="that decode, in each process")
    parser.add_argument("--per-run", type=int, default=1, help="threads of ONNX Runtime for a run")
    parser.add_argument("--batch", type=int, default=1, help="images in a batch at most")
    options = parser.parse_args()
    if (options.model is None) == (options.simulate is None):
        parser.error("name --model or --simulate, and one of them")
    return options


def made(options, device):
    """Made in each process: threads do not outlive a fork."""
    if device is not None:
        return engine.Batched(device, options.threads, options.batch)
    if options.batch == 1:
        return engine.Unbatched(options.model, options.threads, options.per_run)
    return engine.Batched(engine.Model(options.model, options.per_run), options.threads, options.batch)


def aiohttp(options, device, listener):
    import uvloop
    from aiohttp import web

    scores = made(options, device).scores

    async def infer(request):
        try:
            answer, status = vision.verdict(await scores(await request.read())), 200
        except ValueError as e:
            answer, status = {"error": str(e)}, 422
        return web.Response(body=json.dumps(answer).encode(), status=status, content_type="application/json")

    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post(PATH, infer)
    uvloop.install()
    web.run_app(app, sock=listener, access_log=None, print=None, handle_signals=False)


def fastapi(options, device, listener):
    import uvicorn
    from fastapi import FastAPI, Request, Response

    scores = made(options, device).scores
    app = FastAPI()

    @app.post(PATH)
    async def infer(request: Request):
        try:
            answer, status = vision.verdict(await scores(await request.body())), 200
        except ValueError as e:
            answer, status = {"error": str(e)}, 422
        return Response(json.dumps(answer), status_code=status, media_type="application/json")

    config = uvicorn.Config(app, log_level="error", access_log=False, loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[listener])


def main():
    options = arguments()
    device = engine.SimulatedDevice(*map(float, options.simulate.split(","))) if options.simulate else None
    serve = {"aiohttp": aiohttp, "fastapi": fastapi}[options.framework]
    children = []
    for _ in range(options.processes):
        # A listener each: the kernel spreads the connections over them.
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", options.port))
        listener.listen(512)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            serve(options, device, listener)
            os._exit(0)
        listener.close()
        children.append(child)

    def stop(*_):
        for child in children:
            os.kill(child, signal.SIGTERM)
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"serving at http://127.0.0.1:{options.port}{PATH}", flush=True)
    os.wait()
    print("a process of the server ended", file=sys.stderr)
    for child in children:
        try:
            os.kill(child, signal.SIGTERM)
        except ProcessLookupError:
            pass
    sys.exit(1)


if __name__ == "__main__":
    main()
