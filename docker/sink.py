"""Serves the photos of a folder and prints the results that are posted to it: sink.py PORT FOLDER."""
import functools
import http.server
import sys


class Sink(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        print(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


handler = functools.partial(Sink, directory=sys.argv[2])
http.server.ThreadingHTTPServer(("", int(sys.argv[1])), handler).serve_forever()
