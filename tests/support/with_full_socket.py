"""with_full_socket.py PROGRAM...: runs it with a socket that takes no more as its standard output, for 10 s at most."""
import socket
import subprocess
import sys

reader, writer = socket.socketpair()
writer.setblocking(False)
try:
    while writer.send(bytes(4096)):
        pass
except BlockingIOError:
    writer.setblocking(True)
sys.exit(subprocess.run(sys.argv[1:], stdout=writer, timeout=10).returncode)
