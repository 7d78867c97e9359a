"""layers.py TOP: a module includes only modules of lower ranks, and third-party headers stay home."""
import pathlib
import re
import sys

RANKS = {
    "util": 0, "report": 0.5,  # report may use util
    "process": 1, "archive": 1, "net": 1, "render": 1, "config": 1,
    "element": 2, "disk": 2, "store": 2,
    "sandbox": 3, "cache": 3, "base": 3,
    "ramdisk": 4, "check": 4, "catalog": 4, "inspect": 4,
    "build": 5, "chain": 5, "cli": 6,
}
HOMES = {
    "CLI/": {"cli"}, "spdlog/": {"report"}, "fmt/": {"report"}, "yaml-cpp/": {"config"},
    "openssl/": {"util"}, "ext2fs/": {"disk"}, "et/": {"disk"}, "guestfs.h": {"disk"},
    "zstd.h": {"disk"}, "zlib.h": {"disk"},
    "libnbd.h": {"disk"}, "archive.h": {"archive"}, "archive_entry.h": {"archive"},
    "curl/": {"net"}, "sqlite3.h": {"store"}, "expat.h": {"cache"}, "kainjow/": {"render"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def problems_of(source, src):
    module = source.relative_to(src).parts[0]
    if module not in RANKS:
        yield f"module '{module}' has no rank; add it to STYLE and to {__file__}"
        return
    for kind, header in INCLUDE.findall(source.read_text()):
        if kind == '"':
            other = header.split("/")[0]
            if not (src / header).is_file():
                yield f'"{header}" is no path below src'
            elif other != module and RANKS.get(other, 99) >= RANKS[module]:
                yield f'"{header}": {module} may not use {other}'
        elif header.startswith("nlohmann/") and source.suffix == ".hpp":
            yield f"<{header}> in a header"
        else:
            for prefix, homes in HOMES.items():
                if header.startswith(prefix) and module not in homes:
                    yield f"<{header}> belongs in {', '.join(sorted(homes))}"


def main(top):
    src = pathlib.Path(top) / "src"
    sources = [path for path in sorted(src.rglob("*.[ch]pp")) if path.parent != src]
    found = [f"{path.relative_to(top)}: {text}" for path in sources for text in problems_of(path, src)]
    print("\n".join(found))
    return 1 if found or not sources else 0


sys.exit(main(sys.argv[1]))
