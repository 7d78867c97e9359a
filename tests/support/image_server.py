#!/usr/bin/env python3
"""image_server.py FOLDER STATE: serves FOLDER on a free port of 127.0.0.1, well or badly.

STATE/port gets the port. STATE/log gets a line a request, when its answer is done:
"PATH STATUS bytes=SENT range=RANGE conditional=yes|no". STATE/faults is read at each request; its
lines "PATH FAULT ARGUMENT" say what goes wrong:
  busy N       the first N requests are answered 503
  cut N        the connection ends after N bytes of each body
  cut-once N   the same, for the first request only
  stall N      nothing more comes after N bytes
  slow N       N bytes a second
  length N     Content-Length says N
  redirect URL
  no-validators   neither ETag nor Last-Modified, and no ranges
  no-etag         Last-Modified only
  no-ranges       the whole file, whatever is asked for
  splice          ranges are answered although the file has changed
"""
import email.utils
import http.server
import os
import pathlib
import re
import sys
import threading
import time

FOLDER = pathlib.Path(sys.argv[1])
STATE = pathlib.Path(sys.argv[2])
LOCK = threading.Lock()
COUNTS = {}


def faults_of(path):
    found = {}
    try:
        lines = (STATE / "faults").read_text().splitlines()
    except FileNotFoundError:
        return found
    for words in (line.split() for line in lines):
        if words and words[0] == path:
            found[words[1]] = words[2] if len(words) > 2 else ""
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.status, self.sent = 0, 0
        self.faults = faults_of(self.path)
        with LOCK:
            COUNTS[self.path] = COUNTS.get(self.path, 0) + 1
            self.count = COUNTS[self.path]
            with open(STATE / "begun", "a") as begun:
                begun.write(f"{self.path}\n")
        try:
            self.answer()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        with LOCK, open(STATE / "log", "a") as log:
            log.write(f"{self.path} {self.status} bytes={self.sent} range={self.headers.get('Range', '-')} "
                      f"conditional={'yes' if conditional else 'no'}\n")

    def answer(self):
        if "busy" in self.faults and self.count <= int(self.faults["busy"]):
            return self.head(503, 0)
        if "redirect" in self.faults:
            return self.head(302, 0, {"Location": self.faults["redirect"]})
        file = FOLDER / self.path.lstrip("/")
        if not file.is_file():
            return self.head(404, 0)
        info = file.stat()
        self.etag = f'"{info.st_mtime_ns:x}-{info.st_size:x}"'
        self.modified = email.utils.formatdate(info.st_mtime, usegmt=True)
        if self.is_current():
            return self.head(304, None, self.validators())
        return self.body(file.read_bytes())

    def is_current(self):
        if "If-None-Match" in self.headers:
            return self.headers["If-None-Match"] == self.etag
        return self.headers.get("If-Modified-Since") == self.modified

    def validators(self):
        if "no-etag" in self.faults:
            return {"Last-Modified": self.modified}
        return {} if "no-validators" in self.faults else {"ETag": self.etag, "Last-Modified": self.modified}

    def body(self, data):
        start = self.range_start(len(data))
        if start is not None and start >= len(data):
            return self.head(416, 0, {"Content-Range": f"bytes */{len(data)}"})
        headers = self.validators()
        if start is not None:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        rest = data[start or 0:]
        self.head(200 if start is None else 206, int(self.faults.get("length", len(rest))), headers)
        return self.send(rest)

    def range_start(self, _size):
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not wanted or "no-validators" in self.faults or "no-ranges" in self.faults:
            return None
        condition = self.headers.get("If-Range", self.etag)
        fits = condition in (self.etag, self.modified) or "splice" in self.faults
        return int(wanted.group(1)) if fits else None

    def send(self, data):
        end = len(data)
        once = "cut-once" in self.faults and self.count == 1
        for fault in ("cut", "stall", "cut-once") if once else ("cut", "stall"):
            end = min(end, int(self.faults.get(fault, end)))
        step = int(self.faults["slow"]) if "slow" in self.faults else 65536
        while self.sent < end:
            part = data[self.sent:min(end, self.sent + step)]
            self.wfile.write(part)
            self.wfile.flush()
            self.sent += len(part)
            if "slow" in self.faults:
                time.sleep(1)
        if "stall" in self.faults:
            time.sleep(60)
        if end < len(data) or "length" in self.faults:
            self.close_connection = True

    def head(self, status, length, headers=None):
        self.status = status
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is what some tests are about."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    draft = STATE / "port.new"
    draft.write_text(f"{server.server_address[1]}\n")
    os.rename(draft, STATE / "port")
    server.serve_forever()


main()
