"""docs.py TOP: links and paths that the documents name exist."""
import pathlib
import re
import sys

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"`((?:src|docs|scripts|tests|elements|cmake|sudoers\.d|\.ci|bench)/[\w./+-]*)`")


def problems_of(document, top):
    text = document.read_text()
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists():
            yield f"{document}: the link '{target}' leads nowhere"
    for path in PATH.findall(text):
        if "NAME" not in path and not (top / path).exists() and not (document.parent / path).exists():
            yield f"{document}: there is no '{path}'"


def main(folder):
    top = pathlib.Path(folder)
    documents = [path for pattern in ("*.md", "docs/**/*.md", "elements/*/*.md", "sudoers.d/*.md")
                 for path in sorted(top.glob(pattern))]
    found = [text for document in documents for text in problems_of(document, top)]
    print("\n".join(found))
    return 1 if found or not documents else 0


sys.exit(main(sys.argv[1]))
