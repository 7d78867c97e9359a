"""packages.py TOP: scripts/packages lists the package of every header, program and module in use."""
import pathlib
import re
import subprocess
import sys

HEADERS = {
    "CLI/": "libcli11-dev", "spdlog/": "libspdlog-dev", "yaml-cpp/": "libyaml-cpp-dev",
    "openssl/": "libssl-dev", "nlohmann/": "nlohmann-json3-dev", "ext2fs/": "libext2fs-dev",
    "et/": "libext2fs-dev", "archive.h": "libarchive-dev", "archive_entry.h": "libarchive-dev",
    "curl/": "libcurl4-openssl-dev", "guestfs.h": "libguestfs-dev", "zstd.h": "libzstd-dev", "zlib.h": "zlib1g-dev", "libnbd.h": "libnbd-dev",
    "sqlite3.h": "libsqlite3-dev", "expat.h": "libexpat1-dev", "kainjow/": "libkainjow-mustache-dev", "gtest/": "libgtest-dev", "gmock/": "libgmock-dev",
}
MODULES = {
    "OpenSSL": "libssl-dev", "nlohmann_json": "nlohmann-json3-dev", "spdlog": "libspdlog-dev",
    "CLI11": "libcli11-dev", "yaml-cpp": "libyaml-cpp-dev", "ext2fs": "libext2fs-dev",
    "com_err": "libext2fs-dev", "libarchive": "libarchive-dev", "LibArchive": "libarchive-dev",
    "libcurl": "libcurl4-openssl-dev", "CURL": "libcurl4-openssl-dev", "GTest": "libgtest-dev",
    "PkgConfig": "pkg-config", "Threads": None, "SQLite3": "libsqlite3-dev",
    "libzstd": "libzstd-dev", "zlib": "zlib1g-dev", "sqlite3": "libsqlite3-dev",
    "libguestfs": "libguestfs-dev", "libnbd": "libnbd-dev", "expat": "libexpat1-dev",
}
PROGRAMS = {
    "mmdebstrap": "mmdebstrap", "gpgv": "gpgv", "qemu-img": "qemu-utils", "qemu-nbd": "qemu-utils",
    "mke2fs": "e2fsprogs", "mkfs.ext4": "e2fsprogs", "debugfs": "e2fsprogs", "e2fsck": "e2fsprogs",
    "dumpe2fs": "e2fsprogs", "tune2fs": "e2fsprogs", "mkfs.vfat": "dosfstools", "fsck.vfat": "dosfstools",
    "mcopy": "mtools", "mmd": "mtools", "mformat": "mtools", "mdir": "mtools", "newuidmap": "uidmap",
    "newgidmap": "uidmap", "qemu-system-x86_64": "qemu-system-x86", "sgdisk": "gdisk", "sfdisk": "fdisk",
    "getfattr": "attr", "setfattr": "attr", "getfacl": "acl", "setfacl": "acl", "getcap": "libcap2-bin",
    "setcap": "libcap2-bin", "busybox": "busybox-static", "shellcheck": "shellcheck", "lowdown": "lowdown",
    "clang-format": "clang-format", "clang-tidy": "clang-tidy", "visudo": "sudo", "pgrep": "procps",
    "mkfs.btrfs": "btrfs-progs", "mkfs.xfs": "xfsprogs", "sqfs2tar": "squashfs-tools-ng",
    "supermin": "supermin",
    "mksquashfs": "squashfs-tools", "guestfish": "libguestfs-tools",
    "xorriso": "xorriso", "debootstrap": "debootstrap", "rsync": "rsync", "curl": "curl", "wget": "wget",
    "git": "git", "jq": "jq", "fakeroot": "fakeroot",
}
# Hooks of these phases run on the host.
HOST_PHASES = ("root", "extra-data", "post-root", "block-device-size", "block-device", "pre-finalise", "cleanup")
# git is how one comes by the sources; hooks look for git and rsync themselves.
INCLUDE = re.compile(r"^\s*#\s*include\s*<([^>]+)>", re.M)
SYSTEM = re.compile(r"[a-z_0-9]+|(sys|linux|arpa|net|netinet)/\w+\.h|[a-z_0-9]+\.h")


def header_packages(top):
    for path in [*top.glob("src/**/*.[ch]pp"), *top.glob("tests/**/*.[ch]pp")]:
        for header in INCLUDE.findall(path.read_text()):
            home = next((package for prefix, package in HEADERS.items() if header.startswith(prefix)), None)
            if home or not SYSTEM.fullmatch(header):
                yield path, f"<{header}>", home


def module_packages(top):
    for path in [*top.glob("cmake/*.cmake"), top / "CMakeLists.txt", top / "tests/CMakeLists.txt"]:
        text = path.read_text() if path.is_file() else ""
        for name in re.findall(r"find_package\((\w+)", text):
            yield path, name, MODULES.get(name, "?") if name in MODULES else None
        for names in re.findall(r"pkg_check_modules\(\w+ REQUIRED (?:IMPORTED_TARGET )?([^)]*)", text):
            for name in names.split():
                yield path, name, MODULES.get(name)


def script_files(top):
    yield from top.glob("scripts/**/*")
    yield from top.glob(".ci/*")
    yield from (path for path in top.glob("tests/**/*.sh"))
    yield from (path for path in top.glob("tests/**/*.bash"))
    for phase in HOST_PHASES:
        yield from top.glob(f"elements/*/{phase}.d/*")


def program_packages(top):
    command = re.compile(r"(?:^|[|;&(]|\bthen |\bdo |\bxargs (?:-\S+ )*)\s*(" + "|".join(
        re.escape(name) for name in sorted(PROGRAMS, key=len, reverse=True)) + r")(?=\s)", re.M)
    literal = re.compile(r'(?:argv = |= )\{"([\w.-]+)"|\.name = "([\w.-]+)"')
    for path in script_files(top):
        if path.is_file() and path.name != "packages":
            text = re.sub(r"^\s*#.*", "", path.read_text(errors="replace"), flags=re.M)
            for name in command.findall(text):
                yield path, name, PROGRAMS[name]
    for path in top.glob("src/**/*.cpp"):
        for names in literal.findall(path.read_text()):
            name = names[0] or names[1]
            if name in PROGRAMS:
                yield path, name, PROGRAMS[name]


def required_packages(top):
    for path in top.glob("src/**/*.cpp"):
        for name in re.findall(r'\.package = "([^"]+)"', path.read_text()):
            yield path, name, name


def main(folder):
    top = pathlib.Path(folder)
    listed = set(subprocess.run([top / "scripts/packages", "build", "run", "test"],
                                check=True, capture_output=True, text=True).stdout.split())
    uses = [*header_packages(top), *module_packages(top), *program_packages(top), *required_packages(top)]
    found = set()
    for path, name, package in uses:
        if package is None and name != "Threads":
            found.add(f"{path}: no package is known for '{name}'; add it to {__file__}")
        elif package and package not in listed:
            found.add(f"{path}: '{name}' needs '{package}', which scripts/packages does not list")
    print("\n".join(sorted(found)))
    return 1 if found or not uses else 0


sys.exit(main(sys.argv[1]))
