"""Background processes that one program starts and another may stop: by pid and start time, never by pid alone."""
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no http_proxy between us and 127.0.0.1


class RigError(Exception):
    """What went wrong, for a person."""


def clean_environment():
    """Debian's Python finds its own modules, and no setting of the caller's cloud leaks in."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "OS_", "VIRTUAL_ENV")) and not name.lower().endswith("_proxy")}
    return {**kept, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1,localhost",
            "PYTHONDONTWRITEBYTECODE": "1", "EVENTLET_NO_GREENDNS": "yes"}  # the last: a second less to start Glance


def look_up(pid):
    """(state, start in clock ticks since boot) of a process: fields 3 and 22 of proc(5); None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[19])


def identify(pid):
    """A record of a process that stays true when its pid is used again."""
    found = look_up(pid)
    return {"pid": pid, "start": found[1] if found else None}


def is_running(process):
    """Whether the process (a record of identify) still runs; reaps it if it was our child."""
    found = look_up(process["pid"]) if process else None
    if not found or found[1] != process["start"]:
        return False
    if found[0] not in "ZX":
        return True
    try:
        os.waitpid(process["pid"], os.WNOHANG)
    except ChildProcessError:
        pass
    return False


def start(command, log):
    """Starts a server in a session of its own, so that a Ctrl-C of the terminal does not reach it."""
    with open(log, "ab") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                 env=clean_environment(), cwd="/", start_new_session=True)
    child.returncode = 0  # is_running reaps it; Popen shall not warn when it is forgotten
    return identify(child.pid)


def send(process, number):
    """Sends a signal to the process and its workers, if it still is the one that was started."""
    if is_running(process):
        try:
            os.killpg(process["pid"], number)
        except ProcessLookupError:
            pass


def wait_until_gone(process, seconds):
    end = time.monotonic() + seconds
    while is_running(process):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def stop(process, number=signal.SIGKILL, seconds=10):
    """Sends the signal and waits; SIGKILL follows when the process is still there afterwards."""
    send(process, number)
    if not wait_until_gone(process, seconds):
        send(process, signal.SIGKILL)
        if not wait_until_gone(process, 10):
            raise RigError(f"process {process['pid']} survives SIGKILL")


def run(command, log, environment=None):
    """Runs a step of the set-up to its end; its output goes to the log."""
    with open(log, "ab") as output:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
                                env={**clean_environment(), **(environment or {})}, check=False).returncode
    if status != 0:
        raise RigError(f"'{command[0]}' failed with exit code {status}\n{tail(log)}")


def tail(log, lines=15):
    try:
        with open(log, encoding="utf-8", errors="replace") as text:
            return f"{log}:\n" + "".join(text.readlines()[-lines:])
    except FileNotFoundError:
        return f"{log}: (nothing)"


def is_served(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count):
    """Ports of 127.0.0.1 below those that outgoing connections get: a server that is restarted finds its own free."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as limits:
        first_outgoing = int(limits.read().split()[0])
    candidates = range(10000, first_outgoing) if first_outgoing > 12000 else range(20000, 65000)
    found = []
    for port in random.SystemRandom().sample(candidates, 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RigError(f"there are no {count} free ports on 127.0.0.1")


def http_status(url, seconds=5):
    """The status of a GET; None without an answer."""
    try:
        with DIRECT.open(url, timeout=seconds) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def wait_for(url, process, log, seconds=120):
    """Returns once a GET of the URL succeeds; an error when the process ends first."""
    end = time.monotonic() + seconds
    while http_status(url) not in (200, 300):
        if not is_running(process):
            raise RigError(f"the server of {url} ended\n{tail(log)}")
        if time.monotonic() > end:
            raise RigError(f"the server of {url} does not answer within {seconds} s\n{tail(log)}")
        time.sleep(0.05)
