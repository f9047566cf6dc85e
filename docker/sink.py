"""Serves the photos of a folder, and prints each result that is posted to it on a line of its own: sink.py PORT FOLDER."""
import functools
import http.server
import signal
import sys


class Sink(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        result = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
        # In one write, so that results that come at the same time stay apart.
        sys.stdout.write(" ".join(result.split("\n")) + "\n")
        sys.stdout.flush()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def stop(*_):
    sys.exit(0)


# The first process of a container gets no signal that it does not ask for.
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
handler = functools.partial(Sink, directory=sys.argv[2])
server = http.server.ThreadingHTTPServer(("", int(sys.argv[1])), handler)
server.daemon_threads = True
server.serve_forever()
