#!/usr/bin/env python3
"""Drives the HTTP clients of Triton and KServe, and curl: records what they send, or holds a server's answers against them.

usage: wire_forms.py record --triton DIR --kserve DIR --out DIR
       wire_forms.py check --triton DIR --kserve DIR --server HOST:PORT

record writes one file for each request to DIR, byte by byte as the client sends it to a socket on loopback; only the
port in Host is made that of the example. check sends the same requests to a running `millrace serve` whose model
'safety' is a classifier, lets the clients read the answers, and says what they understand.

--triton is a checkout of triton-inference-server/client, --kserve one of kserve/kserve: their clients run as they are,
beside numpy, gevent, geventhttpclient, python-rapidjson, orjson, httpx and protobuf (Debian's packages do). What
KServe's client imports for gRPC, tables and events is replaced by stand-ins, since REST uses none of it.
"""
import argparse
import asyncio
import base64
import importlib.machinery
import json
import pathlib
import socket
import subprocess
import sys
import threading
import types
import unittest.mock

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[3]
PHOTOS = ROOT / "src/main/resources/dev/millrace/verify/photos"
ONE = (PHOTOS / "leaderboard-728x90-street.jpg").read_bytes()
TWO = (PHOTOS / "mpu-300x250-city-night.jpg").read_bytes()
URL = b"http://127.0.0.1:10001/bodies/street.jpg"  # The port is one of five digits, so that a test may put in its own.


def import_clients(triton, kserve):
    sys.path[:0] = [str(pathlib.Path(triton) / "src/python/library"), str(pathlib.Path(kserve) / "python/kserve")]
    package = types.ModuleType("kserve")  # Its own __init__ imports the whole server.
    package.__path__ = [str(pathlib.Path(kserve) / "python/kserve/kserve")]
    sys.modules["kserve"] = package
    for name in (
        "grpc", "pandas", "psutil", "cloudevents", "cloudevents.conversion", "cloudevents.http",
        "fastapi", "fastapi.responses",
        "kserve.protocol.grpc", "kserve.protocol.grpc.grpc_predict_v2_pb2",
        "kserve.protocol.grpc.grpc_predict_v2_pb2_grpc",
    ):
        stand_in = unittest.mock.MagicMock()
        stand_in.__spec__ = importlib.machinery.ModuleSpec(name, None)
        stand_in.__path__ = []
        stand_in.InferParameter = type("InferParameter", (), {})
        sys.modules[name] = stand_in
    import tritonclient.http
    import kserve.inference_client
    import kserve.protocol.infer_type
    return tritonclient.http, kserve.inference_client, kserve.protocol.infer_type


class Calls:
    """Each method is one call; its name says client and form."""

    def __init__(self, address, triton, kserve, types_):
        self.address, self.triton, self.kserve, self.types = address, triton, kserve, types_

    # Triton

    def _triton(self, images, *, shape=None, outputs=None, binary=True, content=None, **more):
        elements = numpy.array(images, dtype=numpy.object_).reshape(shape or [len(images)])
        tensor = self.triton.InferInput("image", list(elements.shape), "BYTES")
        tensor.set_data_from_numpy(elements, binary_data=binary)
        if content:
            tensor._parameters["content"] = content
        client = self.triton.InferenceServerClient(self.address)
        try:
            return client.infer("safety", [tensor], outputs=outputs, **more)
        finally:
            client.close()

    def _wanted(self, *outputs):
        return [self.triton.InferRequestedOutput(name, binary_data=binary) for name, binary in outputs]

    def triton_binary(self):
        return self._triton([ONE], request_id="a1")

    def triton_binary_two(self):
        return self._triton([ONE, TWO], shape=[2, 1], request_id="a2", timeout=30_000_000, priority=1)

    def triton_binary_json_out(self):
        return self._triton([ONE], outputs=self._wanted(("label", False), ("scores", False)))

    def triton_binary_mixed_out(self):
        return self._triton([ONE], outputs=self._wanted(("scores", True), ("verdict", False)), model_version="")

    def triton_base64(self):
        return self._triton(
            [base64.b64encode(ONE)], binary=False, outputs=self._wanted(("verdict", True)), request_id="a3")

    def triton_base64_two(self):
        return self._triton(
            [base64.b64encode(ONE), base64.b64encode(TWO)], binary=False, outputs=self._wanted(("label", False)))

    def triton_url(self):
        return self._triton([URL], content="url", outputs=self._wanted(("verdict", False)))

    def triton_raw(self):
        client = self.triton.InferenceServerClient(self.address)
        try:
            response = client._post(
                "v2/models/safety/infer", ONE,
                {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": 0}, None)
            return self.triton.InferResult(response, False)
        finally:
            client.close()

    def _triton_get(self, call):
        client = self.triton.InferenceServerClient(self.address)
        try:
            return call(client)
        finally:
            client.close()

    def triton_server_live(self):
        return self._triton_get(lambda client: client.is_server_live())

    def triton_server_ready(self):
        return self._triton_get(lambda client: client.is_server_ready())

    def triton_model_ready(self):
        return self._triton_get(lambda client: client.is_model_ready("safety"))

    def triton_server_metadata(self):
        return self._triton_get(lambda client: client.get_server_metadata())

    def triton_model_metadata(self):
        return self._triton_get(lambda client: client.get_model_metadata("safety"))

    # curl

    def _curl(self, *options):
        url = "http://%s/v2/models/safety/infer" % self.address
        command = ["curl", "--silent", "--show-error", "--max-time", "20", *options, url]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def curl_bare(self):
        return self._curl("--data-binary", "@" + str(PHOTOS / "leaderboard-728x90-street.jpg"))

    def curl_image(self):
        return self._curl("--header", "Content-Type: image/jpeg", "--upload-file",
                          str(PHOTOS / "leaderboard-728x90-street.jpg"), "--request", "POST")

    # KServe

    def _kserve(self, call):
        async def session():
            config = self.kserve.RESTConfig(protocol="v2", timeout=30)
            async with self.kserve.InferenceRESTClient(config) as client:
                return await call(client, "http://" + self.address)
        return asyncio.run(session())

    def _kserve_infer(self, shape, *, data=None, binary=None, outputs=None, **more):
        tensor = self.types.InferInput("image", shape, "BYTES", data=data, parameters=more.pop("of_input", None))
        if binary:
            tensor.set_data_from_numpy(numpy.array(binary, dtype=numpy.object_).reshape(shape), binary_data=True)
        wanted = [self.types.RequestedOutput(name, {"binary_data": form}) for name, form in outputs or []]
        request = self.types.InferRequest(
            model_name="safety", infer_inputs=[tensor], request_outputs=wanted, **more)
        return self._kserve(lambda client, url: client.infer(url, request, model_name="safety"))

    def kserve_base64(self):
        return self._kserve_infer([1], data=[base64.b64encode(ONE).decode()], request_id="k1")

    def kserve_base64_two(self):
        return self._kserve_infer(
            [2, 1], data=[[base64.b64encode(image).decode()] for image in (ONE, TWO)], request_id="k2",
            outputs=[("label", False)])

    def kserve_binary(self):
        return self._kserve_infer(
            [1], binary=[ONE], request_id="k3", outputs=[("label", True), ("scores", True), ("verdict", True)])

    def kserve_binary_all(self):
        return self._kserve_infer([1], binary=[ONE], request_id="k4", parameters={"binary_data_output": True})

    def kserve_url(self):
        return self._kserve_infer([1], data=[URL.decode()], request_id="k5", of_input={"content": "url"})

    def kserve_server_live(self):
        return self._kserve(lambda client, url: client.is_server_live(url))

    def kserve_server_ready(self):
        return self._kserve(lambda client, url: client.is_server_ready(url))

    def kserve_model_ready(self):
        return self._kserve(lambda client, url: client.is_model_ready(url, "safety"))


def calls(of):
    return {name.replace("_", "-"): getattr(of, name) for name in dir(of) if name.startswith(("triton_", "kserve_", "curl_"))}


def one_request(listener, into):
    """Takes one request from a socket and answers it with nothing that a client likes."""
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(10)
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(65536)
        head, body = request.split(b"\r\n\r\n", 1)
        lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(lines.get(b"content-length", 0)):
            body += connection.recv(65536)
        into.append(head + b"\r\n\r\n" + body)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 15\r\nContent-Type: application/json\r\n"
                           b"Connection: close\r\n\r\n{\"error\":\"no\"} ")


def record(out, clients):
    out.mkdir(parents=True, exist_ok=True)
    for name in calls(Calls("", *clients)):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(20)
            port = listener.getsockname()[1]
            taken = []
            thread = threading.Thread(target=one_request, args=(listener, taken), daemon=True)
            thread.start()
            try:
                calls(Calls("127.0.0.1:%d" % port, *clients))[name]()
            except Exception as answered:  # The answer is none that it can use.
                print("%-28s %s" % (name, " ".join(str(answered).split())[:80]), flush=True)
            thread.join(20)
        (out / (name + ".http")).write_bytes(taken[0].replace(b"127.0.0.1:%d" % port, b"127.0.0.1:8000"))


def understood(answer):
    """What a client makes of an answer, in words that can be compared."""
    if hasattr(answer, "as_numpy"):
        response = answer.get_response()
        named = {one["name"]: answer.as_numpy(one["name"]).tolist() for one in response["outputs"]}
        return {"id": response.get("id"), "model": response["model_name"], **named}
    if hasattr(answer, "outputs"):
        named = {one.name: one.as_numpy().tolist() for one in answer.outputs}
        return {"id": answer.id, "model": answer.model_name, **named}
    return answer


def check(address, clients):
    failed = 0
    for name, call in calls(Calls(address, *clients)).items():
        try:
            print("%-28s %s" % (name, json.dumps(understood(call()), default=lambda b: b.decode())))
        except Exception as refused:
            failed += not name.endswith("url")  # The worker need not reach this machine's own addresses.
            print("%-28s REFUSED %s: %s" % (name, type(refused).__name__, refused))
    return failed


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ", 1)[1].split("\n\n")[0])
    parser.add_argument("action", choices=["record", "check"])
    parser.add_argument("--triton", required=True)
    parser.add_argument("--kserve", required=True)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--server")
    options = parser.parse_args()
    clients = import_clients(options.triton, options.kserve)
    if options.action == "record":
        record(options.out, clients)
    else:
        sys.exit(1 if check(options.server, clients) else 0)


if __name__ == "__main__":
    main()
