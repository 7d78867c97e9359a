#!/usr/bin/env python3
"""http_echo_server.py [CERTIFICATE KEY]: a web service on a free port of 127.0.0.1, well or badly.

Prints its port. With a certificate it speaks https. The path says what a request gets:
  /echo/...         200 and a JSON object: method, path, headers, size and sha256 of the body,
                    connection (the how many-th of this server)
  /seen/PATH        how many requests for /PATH began
  /sink             the body is read and forgotten; 200 and its size
  /status/N         that status, and its number as the body
  /large/N          200 and N bytes
  /redirect         302 to /echo
  /refuse/N         status N at once; the body is not read, the connection reset
  /refuse/N/COUNT   the same a little after COUNT bytes of the body
  /refuse-short/N/COUNT   and the answer is not whole
  /deaf/...         as /echo, but never says "100 Continue"
  /cut-upload/N     N bytes of the body are read, then the connection is reset
  /lost/...         the body is read, then the connection ends without an answer
  /stall            nothing is ever answered
  /cut/N            100 bytes are announced, N come
  /cut-head         201, and the connection ends within the headers
  /reset-next       as /echo; the next request on the connection resets it, unread
  /reset-next/T     the same T seconds after that request
"""
import hashlib
import http.server
import json
import socket
import ssl
import struct
import sys
import threading
import time

LOCK = threading.Lock()
SEEN = {}
CONNECTIONS = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a reset drops what waits to be sent

    def setup(self):
        global CONNECTIONS
        super().setup()
        with LOCK:
            CONNECTIONS += 1
            self.connection_number = CONNECTIONS

    def handle_expect_100(self):
        if self.path.split("/")[1] in ("refuse", "refuse-short", "deaf"):
            return True
        return super().handle_expect_100()

    def run(self):
        with LOCK:
            SEEN[self.path] = SEEN.get(self.path, 0) + 1
        words = self.path.split("?")[0].split("/") + [""]
        getattr(self, "on_" + words[1].replace("-", "_"))(words[2])

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = run

    def parts(self, limit=None):
        left = int(self.headers.get("Content-Length", 0))
        left = left if limit is None else min(left, limit)
        while left > 0:
            part = self.rfile.read1(min(left, 1 << 20))
            if not part:
                return
            left -= len(part)
            yield part

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        self.send_header("X-OpenStack-Request-Id", "req-4711")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end(self):
        self.close_connection = True

    def reset(self):
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.end()

    def on_echo(self, _word):
        digest, size = hashlib.sha256(), 0
        for part in self.parts():
            digest.update(part)
            size += len(part)
        echo = {"method": self.command, "path": self.path, "size": size, "sha256": digest.hexdigest(),
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "connection": self.connection_number}
        self.answer(200, json.dumps(echo).encode())

    on_deaf = on_echo

    def on_seen(self, _word):
        with LOCK:
            self.answer(200, str(SEEN.get(self.path[len("/seen"):], 0)).encode())

    def on_sink(self, _word):
        self.answer(200, str(sum(len(part) for part in self.parts())).encode())

    def on_status(self, word):
        for _part in self.parts():
            pass
        self.answer(int(word), b"" if word in ("204", "304") else word.encode())

    def on_large(self, word):
        self.answer(200, b"x" * int(word))

    def on_redirect(self, _word):
        self.answer(302, b"", {"Location": "/echo"})

    def on_refuse(self, word, missing=0):
        count = self.path.split("/")[3:]
        if count:
            for _part in self.parts(int(count[0])):
                pass
            time.sleep(0.2)
        self.send_response(int(word))
        self.send_header("Content-Length", str(2 + missing))
        self.end_headers()
        self.wfile.write(b"no")
        self.end()

    def on_refuse_short(self, word):
        self.on_refuse(word, missing=50)

    def on_cut_upload(self, word):
        for _part in self.parts(int(word)):
            pass
        self.reset()

    def on_lost(self, _word):
        for _part in self.parts():
            pass
        self.end()

    def on_stall(self, _word):
        time.sleep(60)
        self.end()

    def on_cut(self, word):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"y" * int(word))
        self.end()

    def on_cut_head(self, _word):
        self.wfile.write(b"HTTP/1.1 201 Created\r\nX-One: 1\r\nContent-Le")
        self.end()

    def on_reset_next(self, word):
        self.on_echo(word)
        self.wfile.flush()
        self.connection.recv(1, socket.MSG_PEEK)
        time.sleep(float(word or 0))
        self.reset()

    def log_message(self, *_arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    context = None

    def finish_request(self, request, client_address):
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def shutdown_request(self, request):
        request.close()  # without the polite shutdown: unread bytes reset the connection

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is what some tests are about."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 2:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(sys.argv[1], sys.argv[2])
    print(server.server_address[1], flush=True)
    server.serve_forever()


main()
