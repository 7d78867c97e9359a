"""sizes.py TOP: no file above 500 lines, no function (of C++, at namespace level) above 80."""
import pathlib
import re
import sys

FOLDERS = ("src", "tests", "scripts", "elements", "cmake", ".ci")
OPENING = re.compile(r"^[^\s#/}].*\)[^;]*\{$|^[^\s#/}].*\{$")
NO_FUNCTION = re.compile(r"^(inline )?(namespace|class|struct|enum|union|extern|constexpr|const|static const)\b")


def functions(lines):
    """(first line, length) of each block that opens in the first column and is no type or table."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and OPENING.match(line) and not NO_FUNCTION.match(line):
            start = number
        elif start is not None and line.startswith("}"):
            yield start, number - start + 1
            start = None


def problems_of(path):
    lines = path.read_text(errors="replace").splitlines()
    if len(lines) > 500:
        yield f"{path}: {len(lines)} lines; the limit is 500"
    if path.suffix in (".cpp", ".hpp"):
        for start, length in functions(lines):
            if length > 80:
                yield f"{path}:{start}: a function of {length} lines; the limit is 80"


def main(top):
    paths = [path for folder in FOLDERS for path in sorted((pathlib.Path(top) / folder).rglob("*"))
             if path.is_file() and "__pycache__" not in path.parts]
    found = [text for path in paths for text in problems_of(path)]
    print("\n".join(found))
    return 1 if found or not paths else 0


sys.exit(main(sys.argv[1]))
