"""elements.py FOLDER...: each element has a README.md, sound hooks, and dependencies that exist."""
import os
import pathlib
import re
import sys

PHASES = ("root", "extra-data", "pre-install", "install", "post-install", "post-root",
          "block-device-size", "block-device", "pre-finalise", "finalise", "cleanup", "first-boot")
LEGAL = re.compile(r"[0-9A-Za-z_-]+")


def lines_of(path):
    return path.read_text().split() if path.is_file() else []


def hook_problems(hook):
    text = hook.read_text(errors="replace")
    if not LEGAL.fullmatch(hook.name):
        yield "a name that hook runners leave out"
    if not os.access(hook, os.X_OK):
        yield "is not executable"
    if not text.startswith("#!"):
        yield "has no #! line"
    elif "sh" in text.splitlines()[0] and not re.search(r"^set -\w*e", text, re.M):
        yield "does not stop at the first error (set -e)"


def problems_of(element, known):
    if not (element / "README.md").is_file():
        yield f"{element}: no README.md"
    for name in lines_of(element / "element-deps"):
        if name not in known:
            yield f"{element}/element-deps: there is no element '{name}'"
    for phase in PHASES:
        folder = element / f"{phase}.d"
        for hook in sorted(folder.iterdir()) if folder.is_dir() else ():
            if hook.is_file():
                yield from (f"{hook}: {text}" for text in hook_problems(hook))


def main(folders):
    elements = [path for folder in folders for path in sorted(pathlib.Path(folder).iterdir()) if path.is_dir()]
    known = {path.name for path in elements}
    for element in elements:
        known.update(lines_of(element / "element-provides"))
    found = [text for element in elements for text in problems_of(element, known)]
    print("\n".join(found))
    return 1 if found or not elements else 0


sys.exit(main(sys.argv[1:]))
