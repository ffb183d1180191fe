#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Answer every request with "N PID"; N counts the requests, in memory."""
import argparse
import http.server
import os

from ready import ready

p = argparse.ArgumentParser()
p.add_argument("label")
p.add_argument("--port", type=int, default=8080)
a = p.parse_args()
count = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global count
        count += 1
        body = b"%d %d\n" % (count, os.getpid())
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("0.0.0.0", a.port), Handler)
ready()
server.serve_forever()
