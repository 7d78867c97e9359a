"""Messages of HTTP/1.1 on sockets (RFC 9112): heads as values, bodies as streams of their data."""
import re
import select
import socket
import struct
import time

CHUNK = 1 << 20
HOP_BY_HOP = ("connection", "keep-alive", "proxy-connection", "te", "trailer")


class Closed(Exception):
    """The other side ended the connection in the middle of a message."""


class Cut(Exception):
    """A fault ended a body."""


class Head:
    """A start line and fields, whose order and spelling stay."""

    def __init__(self, line, fields):
        self.line = line
        self.fields = fields

    @staticmethod
    def parse(raw):
        line, *rest = raw.decode("latin-1").split("\r\n")
        return Head(line, [(name.strip(), value.strip()) for name, _, value in (text.partition(":") for text in rest)])

    def get(self, name, default=""):
        return next((value for key, value in self.fields if key.lower() == name), default)

    def is_chunked(self):
        return "chunked" in self.get("transfer-encoding").lower()

    def length(self):
        """The bytes of the body that follows, by Content-Length; None when it does not say."""
        text = self.get("content-length")
        return int(text) if text else None

    def wants_close(self):
        connection = self.get("connection").lower()
        return "close" in connection or ("HTTP/1.0" in self.line and "keep-alive" not in connection)

    def without(self, *names):
        return Head(self.line, [(key, value) for key, value in self.fields if key.lower() not in names])

    def encode(self, *more):
        lines = [self.line, *(f"{name}: {value}" for name, value in [*self.fields, *more])]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Stream:
    """A connected socket, and what was read from it beyond what was asked for."""

    def __init__(self, sock):
        self.sock = sock
        self.rest = memoryview(b"")
        self.buffer = None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def until(self, mark):
        """The bytes up to the mark, which is taken away."""
        found = bytes(self.rest)
        while (end := found.find(mark)) < 0:
            more = self.sock.recv(65536)
            if not more:
                raise Closed
            found += more
        self.rest = memoryview(found)[end + len(mark):]
        return found[:end]

    def head(self):
        return Head.parse(self.until(b"\r\n\r\n"))

    def some(self, limit):
        """At least one and at most limit bytes, valid until the next call; none at the end of the stream."""
        if self.rest:
            part, self.rest = self.rest[:limit], self.rest[limit:]
            return part
        if self.buffer is None:
            self.buffer = memoryview(bytearray(CHUNK))
        return self.buffer[:self.sock.recv_into(self.buffer, min(limit, CHUNK))]

    def exactly(self, size, piece):
        while size:
            part = self.some(min(size, piece))
            if not part:
                raise Closed
            size -= len(part)
            yield part

    def has_data(self):
        return bool(self.rest) or bool(select.select([self.sock], [], [], 0)[0])

    def has_left(self):
        """Whether the other side ended or reset the connection, even with data of it unread."""
        poll = select.poll()
        poll.register(self.sock, select.POLLRDHUP)
        return bool(poll.poll(0))

    def reset(self):
        """Ends the connection by RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close_gently(self, seconds=2):
        """Ends the connection so that what was sent arrives although the other side is still sending."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(seconds)
            end = time.monotonic() + seconds
            while time.monotonic() < end and self.some(CHUNK):
                pass
        except OSError:
            pass


def body_of(stream, head, piece=CHUNK, until_close=False):
    """The data of the body that follows a head, in parts that are valid until the next one."""
    if head.is_chunked():
        while size := int(stream.until(b"\r\n").split(b";")[0], 16):
            yield from stream.exactly(size, piece)
            stream.until(b"\r\n")
        while stream.until(b"\r\n"):
            pass  # trailers are not passed on
    elif head.length() is not None:
        yield from stream.exactly(head.length(), piece)
    elif until_close:
        while part := stream.some(piece):
            yield part


def reply_has_body(method, head):
    return method != "HEAD" and not re.match(r"HTTP/1\.\d (1\d\d|204|304)\b", head.line)


def send_part(sock, part, chunked):
    if chunked:
        sock.sendall(b"%x\r\n" % len(part))
    sock.sendall(part)
    if chunked:
        sock.sendall(b"\r\n")


def drain(parts):
    for _ in parts:
        pass


# Faults: each takes the parts of a body and yields others.

def cut_after(parts, limit):
    for part in parts:
        if len(part) >= limit:
            yield part[:limit]
            raise Cut
        limit -= len(part)
        yield part


def slowed(parts, rate):
    """At most rate bytes a second."""
    begin, sent = time.monotonic(), 0
    for part in parts:
        yield part
        sent += len(part)
        time.sleep(max(0, begin + sent / rate - time.monotonic()))


def flipped(parts, offset):
    """The bits of the byte at offset turned round."""
    for part in parts:
        if 0 <= offset < len(part):
            part = bytearray(part)
            part[offset] ^= 0xff
            offset = -1
        elif offset >= 0:
            offset -= len(part)
        yield part


def held_after(parts, limit, wait):
    """Calls wait once, after limit bytes."""
    for part in parts:
        if wait and len(part) >= limit:
            yield part[:limit]
            wait()
            wait, part = None, part[limit:]
        else:
            limit -= len(part)
        if part:
            yield part
