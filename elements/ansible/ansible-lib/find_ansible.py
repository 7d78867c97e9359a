"""find_ansible.py FOLDER: prints where this Python has what ansible-playbook needs, 'PLACE<tab>NAME' a line: packages,
and the collections that files of the folder name."""
import importlib.metadata
import importlib.util
import json
import pathlib
import re
import sys

NEEDED = ("ansible", "jinja2", "markupsafe", "yaml", "packaging")
USED_BY_FILTERS = ("jmespath", "netaddr", "passlib", "resolvelib")
# Where the distribution has another name than its package.
DISTRIBUTIONS = {"ansible": "ansible-core", "yaml": "PyYAML"}
TEXTS = (".cfg", ".ini", ".j2", ".json", ".yaml", ".yml")
NAME = re.compile(r"(?<![\w.])([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)(?=\.[a-z])")


def place_of(package):
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else ()
    return pathlib.Path(places[0]) if places else None


def versions_of(package):
    """The *.dist-info or *.egg-info, where programs look for the version."""
    for found in importlib.metadata.distributions(name=DISTRIBUTIONS.get(package, package)):
        # Only found._path tells, and that is no promise.
        yield from ((path.parent, path.name) for path in [getattr(found, "_path", None)] if path)
        return


def packages():
    for name in NEEDED + USED_BY_FILTERS:
        place = place_of(name)
        if place:
            yield place.parent, name
            yield from versions_of(name)
        elif name in NEEDED:
            sys.exit(f"error: {sys.executable} has ansible, but not '{name}', which ansible needs\n"
                     "hint: install ansible-core anew: sudo apt-get install --reinstall ansible-core")


def named_in(folder):
    for path in folder.rglob("*"):
        if path.suffix in TEXTS and path.is_file():
            for names in NAME.findall(path.read_text(errors="replace")):
                yield "/".join(names)


def dependencies_of(collection):
    manifest = collection / "MANIFEST.json"
    info = json.loads(manifest.read_text())["collection_info"] if manifest.is_file() else {}
    return [name.replace(".", "/") for name in info.get("dependencies") or ()]


def collections(folder):
    place = place_of("ansible_collections")
    waiting, found = set(named_in(folder)) if place else set(), set()
    while waiting:
        name = waiting.pop()
        if name not in found and (place / name).is_dir():
            found.add(name)
            waiting.update(dependencies_of(place / name))
    for name in sorted(found):
        yield place.parent, f"ansible_collections/{name}"


for place, name in [*packages(), *collections(pathlib.Path(sys.argv[1]))]:
    print(place, name, sep="\t")
