"""Serves the photos of a folder, and prints each result that is posted to it on a line of its own: sink.py PORT FOLDER."""
import functools
import http.server
import os
import signal
import sys
import threading


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # Of more calls that come at once than wait to be accepted, some are broken off. The default is 5.
    request_queue_size = 1024


class Sink(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    printing = threading.Lock()

    def do_POST(self):
        result = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
        # One at a time, so that results that come together stay apart.
        with self.printing:
            print(" ".join(result.split("\n")), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def stop(*_):
    # Without waiting for calls that are under way.
    os._exit(0)


# The first process of a container gets no signal that it does not ask for.
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
handler = functools.partial(Sink, directory=sys.argv[2])
Server(("", int(sys.argv[1])), handler).serve_forever()
