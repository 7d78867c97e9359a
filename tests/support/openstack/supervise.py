"""Servers that live no longer than the program that wants them."""
import ctypes
import os
import select
import signal
import subprocess
import sys

import processes

PR_SET_PDEATHSIG = 1
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Interrupted(Exception):
    """A signal asked for the end."""


def keep(rig, owner, stop_all):
    """Waits for the end of a process, and stops the servers that the rig has then."""
    if os.fork():
        os._exit(0)  # a child of nobody, so that nobody who kills a whole tree of processes finds it
    os.setsid()
    with rig.changed_state() as state:
        state["processes"]["keeper"] = processes.identify(os.getpid())
    records = {}
    try:
        descriptor = os.pidfd_open(owner)
    except ProcessLookupError:
        descriptor = None
    while descriptor is not None and not select.select([descriptor], [], [], 1)[0]:
        records = current_records(rig, records)
    try:
        rig.down()
    except (OSError, processes.RigError):
        stop_all(current_records(rig, records))  # the folder was removed before its servers ended


def current_records(rig, earlier):
    try:
        return rig.state["processes"]
    except (OSError, ValueError, processes.RigError):
        return earlier


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)


def interrupt(number, _frame):
    raise Interrupted(number)


def run(rig, options, command):
    """Starts the rig, runs the command, stops the rig; the command's exit code, or 128 and the signal's number."""
    for number in ENDINGS:
        signal.signal(number, interrupt)
    try:
        rig.up(owner=os.getpid(), **options)
        return run_command(command, {**plain_environment(), **rig.environment()})
    except Interrupted as reason:
        return 128 + int(str(reason))
    finally:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        rig.down()


def plain_environment():
    """The caller's, but for settings of other clouds."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OS_")}


def run_command(command, environment):
    """A signal is passed on; the command has ten seconds to end of it. None is taken before there is whom to tell."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        child = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)
    except OSError as error:
        print(f"error: cannot run '{command[0]}': {error.strerror}", file=sys.stderr)
        return 127
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        status = child.wait()
    except Interrupted as reason:
        child.send_signal(int(str(reason)))
        try:
            status = child.wait(10)
        except (subprocess.TimeoutExpired, Interrupted):
            child.kill()
            status = child.wait()
    return status if status >= 0 else 128 - status
