#!/usr/bin/env python3
"""apt_repository.py FOLDER COMMAND...: a signed apt repository for tests, with packages made on the spot.

FOLDER/srv is to be served (image_server.py FOLDER/srv STATE) or used as file:FOLDER/srv; FOLDER/key.gpg
and FOLDER/key.asc are the keys that sign it. Nothing outside FOLDER is used or changed.

  init [--all-index]            makes the key and the folders; --all-index: packages of architecture "all"
                                get an index of their own
  add SUITE COMPONENT NAME VERSION [--arch ARCH] [--depends TEXT] [--file PATH=TEXT]...
                                puts a package into a component, in place of its older version; seen only
                                after publish
  publish SUITE [--age SECONDS] [--valid SECONDS] [--key other] [--form inline|detached|both]
                                writes the indexes, Release and its signatures; --age: its Date lies so far
                                in the past (and the files' times); --valid: it says Valid-Until, so long
                                after now (negative: has expired); --key other: a key that nobody knows
  update SUITE COMPONENT NAME VERSION [...]
                                add and publish
  sign SUITE [...]              signs again (new Date) without any change of the packages
  expire SUITE                  publish --valid -60
  sources SUITE URL COMPONENT...
                                prints a line for sources.list, with signed-by=FOLDER/key.gpg
"""
import argparse
import email.utils
import gzip
import hashlib
import json
import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

PLAIN = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/nonexistent"}
ARCHITECTURE = "amd64"


def run(*argv, **options):
    return subprocess.run([str(word) for word in argv], check=True, env=PLAIN, **options)


class Repository:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).absolute()
        self.srv = self.folder / "srv"
        self.record = self.folder / "state.json"

    # The record: {"all_index": bool, "suites": {suite: {component: {package: {"file", "arch"}}}}}

    def load(self):
        return json.loads(self.record.read_text())

    def save(self, record):
        self.record.write_text(json.dumps(record, indent=1))

    def init(self, all_index):
        self.srv.mkdir(parents=True, exist_ok=True)
        for name in ("signer", "other"):
            home = self.home(name)
            home.mkdir(parents=True, mode=0o700)
            self.gpg(name, "--passphrase", "", "--quick-generate-key", f"kiln-{name}@test.invalid",
                     "ed25519", "sign", "never")
        for suffix, armour in (("gpg", []), ("asc", ["--armor"])):
            self.gpg("signer", *armour, "--output", self.folder / f"key.{suffix}", "--export")
        self.save({"all_index": all_index, "suites": {}})

    def home(self, name):
        return self.folder / "keys" / name

    def gpg(self, name, *argv):
        try:
            run("gpg", "--homedir", self.home(name), "--batch", "--yes", "--quiet", "--no-tty", *argv)
        finally:
            run("gpgconf", "--homedir", self.home(name), "--kill", "all")

    def add(self, options):
        record = self.load()
        deb = self.build(options)
        suite = record["suites"].setdefault(options.suite, {})
        suite.setdefault(options.component, {})[options.name] = {"file": str(deb.relative_to(self.srv)),
                                                                 "arch": options.arch}
        self.save(record)

    def build(self, options):
        target = self.srv / "pool" / f"{options.name}_{options.version}_{options.arch}.deb"
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder) as top:
            tree = pathlib.Path(top) / "tree"
            (tree / "DEBIAN").mkdir(parents=True, mode=0o755)
            tree.chmod(0o755)
            depends = f"Depends: {options.depends}\n" if options.depends else ""
            (tree / "DEBIAN" / "control").write_text(
                f"Package: {options.name}\nVersion: {options.version}\nArchitecture: {options.arch}\n"
                f"Maintainer: Test <test@test.invalid>\n{depends}Description: {options.name} for tests\n")
            files = options.file or [f"/usr/share/{options.name}/version={options.version}"]
            for path, text in (entry.split("=", 1) for entry in files):
                file = tree / path.lstrip("/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text + "\n")
            run("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", tree, target,
                stdout=subprocess.DEVNULL)
        return target

    def publish(self, options):
        record = self.load()
        folder = self.folder / "draft"
        shutil.rmtree(folder, ignore_errors=True)
        now = int(time.time()) - options.age
        components = record["suites"].get(options.suite, {})
        for component, packages in components.items():
            self.write_indexes(folder / component, packages, record["all_index"])
        self.write_release(folder, options, sorted(components), record["all_index"])
        self.sign(folder, options)
        for path in folder.rglob("*"):
            if options.age and path.is_file():
                os.utime(path, (now, now))
        self.put_in_place(folder, self.srv / "dists" / options.suite)

    def put_in_place(self, draft, target):
        """Two renames: who reads meanwhile sees the old, nothing, or the new, never a mixture."""
        target.parent.mkdir(parents=True, exist_ok=True)
        old = self.folder / "old"
        if target.exists():
            target.rename(old)
        draft.rename(target)
        shutil.rmtree(old, ignore_errors=True)

    def write_indexes(self, folder, packages, all_index):
        for arch in [ARCHITECTURE] + (["all"] if all_index else []):
            shown = [p for p in packages.values()
                     if p["arch"] == arch or (p["arch"] == "all" and not all_index)]
            text = "\n".join(self.entry(p["file"]) for p in shown).encode()
            binary = folder / f"binary-{arch}"
            binary.mkdir(parents=True)
            (binary / "Packages").write_bytes(text)
            (binary / "Packages.gz").write_bytes(gzip.compress(text, mtime=0))
            (binary / "Packages.xz").write_bytes(lzma.compress(text))

    def entry(self, name):
        deb = self.srv / name
        control = run("dpkg-deb", "-f", deb, capture_output=True, text=True).stdout
        data = deb.read_bytes()
        return (f"{control}Filename: {name}\nSize: {len(data)}\n"
                f"SHA256: {hashlib.sha256(data).hexdigest()}\n")

    @staticmethod
    def write_release(folder, options, components, all_index):
        folder.mkdir(parents=True, exist_ok=True)
        stamp = lambda age: email.utils.formatdate(time.time() + age, usegmt=True).replace("GMT", "UTC")
        lines = ["Origin: Test", "Label: Test", f"Suite: {options.suite}", f"Codename: {options.suite}",
                 f"Date: {stamp(-options.age)}"]
        if options.valid is not None:
            lines.append(f"Valid-Until: {stamp(options.valid)}")
        lines += [f"Architectures: {'all ' if all_index else ''}{ARCHITECTURE}",
                  f"Components: {' '.join(components)}", "Description: for tests", "SHA256:"]
        for path in sorted(folder.rglob("Packages*")):
            data = path.read_bytes()
            lines.append(f" {hashlib.sha256(data).hexdigest()} {len(data):9} {path.relative_to(folder)}")
        (folder / "Release").write_text("\n".join(lines) + "\n")

    def sign(self, folder, options):
        key = "other" if options.key == "other" else "signer"
        release = folder / "Release"
        if options.form in ("inline", "both"):
            self.gpg(key, "--clear-sign", "--output", folder / "InRelease", release)
        if options.form in ("detached", "both"):
            self.gpg(key, "--armor", "--detach-sign", "--output", folder / "Release.gpg", release)
        else:
            release.unlink()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("--all-index", action="store_true")
    sources = commands.add_parser("sources")
    sources.add_argument("suite")
    sources.add_argument("url")
    sources.add_argument("components", nargs="+", metavar="component")
    for name in ("add", "publish", "update", "sign", "expire"):
        command = commands.add_parser(name)
        command.add_argument("suite")
        if name in ("add", "update"):
            for word in ("component", "name", "version"):
                command.add_argument(word)
            command.add_argument("--arch", default=ARCHITECTURE)
            command.add_argument("--depends", default="")
            command.add_argument("--file", action="append")
        if name != "add":
            command.add_argument("--age", type=int, default=0)
            command.add_argument("--valid", type=int)
            command.add_argument("--key", choices=("signer", "other"), default="signer")
            command.add_argument("--form", choices=("inline", "detached", "both"), default="inline")
    return parser.parse_args()


def main():
    options = arguments()
    repository = Repository(options.folder)
    if options.command == "init":
        repository.init(options.all_index)
    elif options.command == "sources":
        print(f"deb [signed-by={repository.folder}/key.gpg] {options.url} {options.suite} "
              f"{' '.join(options.components)}")
    else:
        if options.command in ("add", "update"):
            repository.add(options)
        if options.command == "expire":
            options.valid = -60
        if options.command != "add":
            repository.publish(options)
    return 0


sys.exit(main())
