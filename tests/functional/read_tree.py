"""read_tree.py PATH [PREFIX]: JSON {path: description} of a tar (with Python's own reader) or of a folder, below PREFIX.

A description is what tests/functional/image_tree.hpp says of a file of an ext4 image."""
import collections
import hashlib
import json
import os
import stat
import sys
import tarfile

TYPES = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK, tarfile.FIFOTYPE: stat.S_IFIFO}


def line(mode, owner, links, rest):
    """Directories count their folders as links, archives do not."""
    count = "" if stat.S_ISDIR(mode) else f" links={links}"
    return f"{mode:06o} {owner}{count}{rest}"


def content(data):
    return f" size={len(data)} md5={hashlib.md5(data).hexdigest()}"


def attributes(pairs):
    return "".join(f" {name}={value.hex()}" for name, value in sorted(pairs))


def tar_attributes(headers):
    for key, value in headers.items():
        if key.startswith("SCHILY.xattr."):
            yield key.removeprefix("SCHILY.xattr."), value.encode("utf-8", "surrogateescape")
        elif key.startswith("SCHILY.acl."):
            yield key.removeprefix("SCHILY."), value.encode()


def read_tar(path, prefix):
    with tarfile.open(path, errors="surrogateescape") as archive:
        members = [member for member in archive if (member.name + "/").startswith(prefix)]
        names = collections.Counter(member.linkname if member.islnk() else member.name for member in members)
        by_name = {member.name: member for member in members}
        for member in members:
            name = "/" + (member.name + "/")[len(prefix):].removeprefix("./").strip("/")
            first = by_name[member.linkname] if member.islnk() else member
            mode = first.mode | TYPES.get(first.type, stat.S_IFREG)
            rest = f" -> {first.linkname}" if first.issym() else ""
            rest += content(archive.extractfile(first).read()) if first.isfile() else ""
            rest += " device=0,0" if first.isfifo() else ""
            rest += attributes(tar_attributes(first.pax_headers))
            yield name, line(mode, f"{first.uid}:{first.gid}", names[first.name], rest)


def read_folder(top):
    for folder, folders, files in os.walk(top):
        for path in [folder] * (folder == top) + [os.path.join(folder, name) for name in folders + files]:
            status = os.lstat(path)
            rest = f" -> {os.readlink(path)}" if stat.S_ISLNK(status.st_mode) else ""
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    rest += content(file.read())
            rest += " device=0,0" if stat.S_ISFIFO(status.st_mode) else ""
            rest += attributes((name, os.getxattr(path, name, follow_symlinks=False))
                               for name in os.listxattr(path, follow_symlinks=False))
            yield "/" + os.path.relpath(path, top).removeprefix("."), line(
                status.st_mode, f"{status.st_uid}:{status.st_gid}", status.st_nlink, rest)


def main(path, prefix=""):
    found = read_folder(path) if os.path.isdir(path) else read_tar(path, prefix)
    sys.stdout.write(json.dumps(dict(found), ensure_ascii=True))


main(*sys.argv[1:])
