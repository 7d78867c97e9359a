#!/usr/bin/python3
"""A proxy of HTTP/1.1 in front of one server of 127.0.0.1, through which requests fail as rules say.

fault_proxy.py PORT UPSTREAM_PORT --control PORT [--log FILE]

The control port: GET / has {"rules", "log"}; PUT /rules replaces the rules; DELETE /log forgets the log. The first rule
that matches a request applies to it. A rule is an object with "action" and, if not everything is to match, "method"
(a regular expression for the whole of it), "path" (one that is searched for in path and query), "count" (how many
requests it applies to: 1; -1 is all), "skip" (how many pass first: 0). The actions and their values:

  status            answers with "status", "body", "retry_after", "headers"; upstream is not asked. The request's body is
                    read first, unless the client awaits 100 Continue or "early" is true
  delay             passes the request on after "seconds"
  hang              answers nothing for "seconds" (600), and then closes
  drop              reads the request and closes
  reset             ends the connection by RST after the request's head
  lost              passes all on, takes the whole answer, and closes
  rewrite           the same, but then answers as status does
  drop_body_after   RST to both sides after "bytes" of the request's body
  hold_body_after   passes on "bytes" of the request's body, and the rest when the rules are replaced or after "seconds" (600)
  throttle          passes on "rate" bytes a second of the request's body
  corrupt_body      flips the bits of the byte at "offset" of the request's body
  cut_reply_after   closes after "bytes" of the answer's body; with "reset" true by RST, which may lose some more
  hold_reply        takes the answer's head, and passes all on when the rules are replaced or after "seconds" (600)
  throttle_reply    "rate" bytes a second of the answer's body
  corrupt_reply     flips the bits of the byte at "offset" of the answer's body

An entry of the log: method, path, action (null without a rule), status (what the client was told), upstream (what the
server said), done. It is there once the request's head is.
"""
import argparse
import http.server
import json
import re
import socket
import threading
import time
import urllib.request

import http_stream
from http_stream import CHUNK, Closed, Cut, Head, Stream, body_of

NEEDED = {"status": ("status",), "delay": ("seconds",), "hang": (), "drop": (), "reset": (), "lost": (),
          "rewrite": ("status",), "drop_body_after": ("bytes",), "hold_body_after": ("bytes",), "throttle": ("rate",),
          "corrupt_body": ("offset",), "cut_reply_after": ("bytes",), "hold_reply": (), "throttle_reply": ("rate",),
          "corrupt_reply": ("offset",)}
OPTIONAL = ("method", "path", "count", "skip", "action", "status", "body", "retry_after", "headers", "early", "seconds",
            "reset")


def check_rule(rule):
    """ValueError for a rule that could not do what its author wants."""
    action = rule.get("action")
    if action not in NEEDED:
        raise ValueError(f"unknown action '{action}'")
    if missing := [name for name in NEEDED[action] if name not in rule]:
        raise ValueError(f"'{action}' needs {missing}")
    if unknown := set(rule) - set(OPTIONAL) - set(NEEDED[action]):
        raise ValueError(f"'{action}' has no {sorted(unknown)}")
    re.compile(rule.get("method", ""))
    re.compile(rule.get("path", ""))
    return {"method": ".*", "path": "", "count": 1, "skip": 0, **rule}


class FaultProxy:
    """The proxy itself; of several threads, any may change its rules."""

    def __init__(self, upstream, port=0, log_file=None):
        self.upstream = upstream
        self.changed = threading.Condition()
        self.rules, self.log = [], []
        self.log_file = open(log_file, "a", buffering=1, encoding="utf-8") if log_file else None
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return  # stopped
            threading.Thread(target=Conversation(self, client).run, daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def set_rules(self, rules):
        checked = [check_rule(rule) for rule in rules]
        with self.changed:
            self.rules = checked
            self.changed.notify_all()

    def clear_log(self):
        with self.changed:
            self.log = []

    def snapshot(self):
        with self.changed:
            return json.dumps({"rules": self.rules, "log": self.log})

    def begin(self, method, path):
        """(the rule for a request or {}, its entry in the log)."""
        with self.changed:
            rule = self.match(method, path)
            entry = {"method": method, "path": path, "action": rule.get("action"), "status": None,
                     "upstream": None, "done": False}
            self.log.append(entry)
        return rule, entry

    def match(self, method, path):
        for rule in self.rules:
            if rule["count"] == 0 or not re.fullmatch(rule["method"], method) or not re.search(rule["path"], path):
                continue
            if rule["skip"] > 0:
                rule["skip"] -= 1
                continue
            rule["count"] -= 1 if rule["count"] > 0 else 0
            return dict(rule)
        return {}

    def finish(self, entry):
        with self.changed:
            entry["done"] = True
        if self.log_file:
            self.log_file.write(json.dumps({"time": round(time.time(), 3), **entry}) + "\n")

    def wait_for_rules(self, seconds, is_over):
        """Until the rules are replaced, or time is up, or is_over()."""
        end = time.monotonic() + seconds
        with self.changed:
            before = self.rules
            while self.rules is before and time.monotonic() < end and not is_over():
                self.changed.wait(0.1)


class Conversation:
    """One client's connection: its requests one after the other, each over a connection of its own to the server."""

    def __init__(self, proxy, sock):
        self.proxy = proxy
        self.client = Stream(sock)
        self.server = None

    def run(self):
        try:
            while self.exchange():
                pass
        except (Closed, OSError, ValueError):
            pass  # one side went away, or speaks no HTTP: so does the other
        finally:
            self.client.sock.close()

    def exchange(self):
        """One request; whether the connection goes on."""
        request = self.client.head()
        self.method, path, _ = request.line.split(" ", 2)
        self.rule, self.entry = self.proxy.begin(self.method, path)
        try:
            early = EARLY.get(self.rule.get("action"))
            goes_on = early(self, request) if early else None
            return self.forward(request) if goes_on is None else goes_on
        except Cut:
            self.client.reset()
            if self.server:
                self.server.reset()
            return False
        finally:
            if self.server:
                self.server.sock.close()
                self.server = None
            self.proxy.finish(self.entry)

    # Faults before the server is asked: False ends the connection, None passes the request on.

    def status(self, request):
        if self.awaits_continue(request) or self.rule.get("early"):
            self.answer(close=True)
            self.client.close_gently()
            return False
        http_stream.drain(body_of(self.client, request))
        self.answer(request.wants_close())
        return not request.wants_close()

    def delay(self, _request):
        time.sleep(self.rule["seconds"])

    def hang(self, _request):
        end = time.monotonic() + self.rule.get("seconds", 600)
        while time.monotonic() < end and not self.client.has_left():
            time.sleep(0.05)
        return False

    def drop(self, request):
        if not self.awaits_continue(request):
            http_stream.drain(body_of(self.client, request))
        return False

    def reset(self, _request):
        self.client.reset()
        return False

    @staticmethod
    def awaits_continue(request):
        return "100-continue" in request.get("expect").lower()

    def answer(self, close):
        """The rule's own status and body."""
        body = str(self.rule.get("body", "injected\n")).encode()
        fields = {"Content-Type": "text/plain", "Content-Length": len(body), **self.rule.get("headers", {})}
        if "retry_after" in self.rule:
            fields["Retry-After"] = self.rule["retry_after"]
        if close:
            fields["Connection"] = "close"
        self.entry["status"] = self.rule["status"]
        head = Head(f"HTTP/1.1 {self.rule['status']} Injected", list(fields.items()))
        self.client.sock.sendall(head.encode() + (b"" if self.method == "HEAD" else body))

    # The way to the server

    def forward(self, request):
        try:
            self.server = Stream(socket.create_connection(("127.0.0.1", self.proxy.upstream)))
        except OSError:
            self.entry["upstream"] = "refused"
            self.client.reset()
            return False
        self.server.sock.sendall(request.without(*http_stream.HOP_BY_HOP).encode(("Connection", "close")))
        whole = self.send_body(request)
        reply = self.reply_head()
        return self.pass_on(request, reply, whole) and whole

    def send_body(self, request):
        """Whether the whole body was passed on: the server may have answered before."""
        if self.awaits_continue(request) and not self.wait_for_continue():
            return False
        try:
            for part in self.faulty_body(request):
                http_stream.send_part(self.server.sock, part, request.is_chunked())
                if self.server.has_data():
                    return self.is_at_end(request)
            if request.is_chunked():
                self.server.sock.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def is_at_end(self, request):
        """The server has answered: with a body of known length this may be after its last byte."""
        return not request.is_chunked() and self.passed == request.length()

    def wait_for_continue(self):
        """Whether the body is to follow: by word of the server, or because the client began without it."""
        while True:
            ready = http_stream.select.select([self.client.sock, self.server.sock], [], [])[0]
            if self.server.sock not in ready:
                return True
            self.early_reply = self.server.head()
            if " 100" not in self.early_reply.line[:12]:
                return False
            self.early_reply = None
            self.client.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            return True

    early_reply = None
    passed = 0

    def counted(self, parts):
        self.passed = 0
        for part in parts:
            self.passed += len(part)
            yield part

    def faulty_body(self, request):
        action, rule = self.rule.get("action"), self.rule
        piece = max(1, min(CHUNK, int(rule["rate"] / 20))) if action == "throttle" else CHUNK
        parts = self.counted(body_of(self.client, request, piece))
        if action == "drop_body_after":
            return http_stream.cut_after(parts, rule["bytes"])
        if action == "hold_body_after":
            return http_stream.held_after(parts, rule["bytes"], lambda: self.proxy.wait_for_rules(
                rule.get("seconds", 600), lambda: self.client.has_left() or self.server.has_left()))
        if action == "throttle":
            return http_stream.slowed(parts, rule["rate"])
        return http_stream.flipped(parts, rule["offset"]) if action == "corrupt_body" else parts

    # The way back

    def reply_head(self):
        reply, self.early_reply = self.early_reply or self.server.head(), None
        while re.match(r"HTTP/1\.\d 1\d\d\b", reply.line):
            reply = self.server.head()
        self.entry["upstream"] = int(reply.line.split(" ")[1])
        return reply

    def pass_on(self, request, reply, whole):
        """Whether the client may send another request."""
        has_body = http_stream.reply_has_body(self.method, reply)
        parts = self.faulty_reply(reply) if has_body else iter(())
        if self.rule.get("action") in ("lost", "rewrite"):
            http_stream.drain(parts)
            if self.rule["action"] == "rewrite":
                self.answer(request.wants_close())
            return self.rule["action"] == "rewrite" and not request.wants_close()
        if self.rule.get("action") == "hold_reply":
            self.proxy.wait_for_rules(self.rule.get("seconds", 600), self.client.has_left)
        ends = has_body and reply.length() is None and not reply.is_chunked()
        close = ends or not whole or request.wants_close()
        self.entry["status"] = self.entry["upstream"]
        head = reply.without(*http_stream.HOP_BY_HOP)
        self.client.sock.sendall(head.encode(*([("Connection", "close")] if close else [])))
        self.send_reply_body(parts, reply.is_chunked() and has_body)
        if not whole:
            self.client.close_gently()
        return not close

    def send_reply_body(self, parts, chunked):
        try:
            for part in parts:
                http_stream.send_part(self.client.sock, part, chunked)
            if chunked:
                self.client.sock.sendall(b"0\r\n\r\n")
        except Cut:
            if self.rule.get("reset"):
                raise
            raise Closed from None

    def faulty_reply(self, reply):
        action, rule = self.rule.get("action"), self.rule
        piece = max(1, min(CHUNK, int(rule["rate"] / 20))) if action == "throttle_reply" else CHUNK
        parts = body_of(self.server, reply, piece, until_close=True)
        if action == "cut_reply_after":
            return http_stream.cut_after(parts, rule["bytes"])
        if action == "throttle_reply":
            return http_stream.slowed(parts, rule["rate"])
        return http_stream.flipped(parts, rule["offset"]) if action == "corrupt_reply" else parts


EARLY = {"status": Conversation.status, "delay": Conversation.delay, "hang": Conversation.hang,
         "drop": Conversation.drop, "reset": Conversation.reset}


class Faults:
    """A proxy of another process, by its control port."""

    def __init__(self, control):
        self.url = f"http://127.0.0.1:{control}"

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(self.url + path, data=data, method=method), timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None

    def set(self, *rules):
        """These rules instead of those there were, and an empty log."""
        self.ask("PUT", "/rules", rules)
        self.ask("DELETE", "/log")

    def rules(self):
        return self.ask("GET", "/")["rules"]

    def log(self):
        return self.ask("GET", "/")["log"]


class Control(http.server.BaseHTTPRequestHandler):
    proxy = None  # set by serve_control

    def reply(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        self.reply(200, self.proxy.snapshot())

    def do_PUT(self):
        try:
            self.proxy.set_rules(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        except (ValueError, TypeError, AttributeError, re.error) as error:
            self.reply(400, f"{error}\n")
        else:
            self.reply(200, self.proxy.snapshot())

    def do_DELETE(self):
        self.proxy.clear_log()
        self.reply(200, self.proxy.snapshot())

    def log_message(self, *_arguments):
        pass


def serve_control(proxy, port):
    handler = type("ControlOfProxy", (Control,), {"proxy": proxy})
    http.server.ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("upstream", type=int)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--log")
    options = parser.parse_args()
    serve_control(FaultProxy(options.upstream, options.port, options.log).start(), options.control)


if __name__ == "__main__":
    main()
