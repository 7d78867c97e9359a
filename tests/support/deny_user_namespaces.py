"""deny_user_namespaces.py PROGRAM ARGUMENT...: runs a program for which the kernel makes no user namespace by clone(2).

That is how kiln makes one, so it finds them closed, as where a sysctl or AppArmor closes them; those cannot be set for
one process tree. unshare(2), which the sudo helper uses as root, still works, as it does for root on such hosts.
"""
import ctypes
import os
import platform
import struct
import sys

CLONE, CLONE3 = 56, 435  # x86_64
NEWUSER = 0x10000000
ARCHITECTURE = 0xC000003E
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
LOAD, EQUAL, BITS, RETURN = 0x20, 0x15, 0x45, 0x06
PR_SET_SECCOMP, FILTER = 22, 2

PROGRAM = [
    (LOAD, 0, 0, 4), (EQUAL, 0, 7, ARCHITECTURE),
    (LOAD, 0, 0, 0), (EQUAL, 4, 0, CLONE3), (EQUAL, 0, 4, CLONE),
    (LOAD, 0, 0, 16), (BITS, 0, 2, NEWUSER), (RETURN, 0, 0, EPERM),
    (RETURN, 0, 0, ENOSYS), (RETURN, 0, 0, ALLOW),
]


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def main(argv):
    if platform.machine() != "x86_64":
        sys.exit("SKIP: the filter is for x86_64")
    code = b"".join(struct.pack("HBBI", *step) for step in PROGRAM)
    library = ctypes.CDLL(None, use_errno=True)
    program = Filter(len(PROGRAM), code)
    if library.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0) != 0:
        sys.exit(f"cannot set a filter: {os.strerror(ctypes.get_errno())}")
    os.execvp(argv[0], argv)


main(sys.argv[1:])
