"""kiln's publications in the clouds of a rig: run as an operator does, and looked at from outside."""
import contextlib
import dataclasses
import hashlib
import itertools
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time

import look
import processes
import settings
from accounts import call

# What Glance says of every image; the rest are properties of its maker.
GLANCE_FIELDS = {"name", "disk_format", "container_format", "visibility", "size", "virtual_size", "status", "checksum",
                 "protected", "min_ram", "min_disk", "owner", "os_hidden", "os_hash_algo", "os_hash_value", "id",
                 "created_at", "updated_at", "tags", "self", "file", "schema", "stores", "direct_url", "locations"}
REQUEST = re.compile(r'"([A-Z]+) (/v2/\S*) HTTP/1')
TOKEN = re.compile(r"gAAAA[\w-]{20,}")  # Fernet


@dataclasses.dataclass(frozen=True)
class Data:
    """An image file, and what Glance will say of it."""
    path: pathlib.Path
    size: int
    sha512: str

    @staticmethod
    def make(path, size, word):
        content = (hashlib.sha256(word.encode()).digest() * (size // 32 + 1))[:size]
        path.write_bytes(content)
        path.chmod(0o644)
        return Data(path, size, hashlib.sha512(content).hexdigest())

    def is_in(self, image):
        return (image["status"], image["size"], image["os_hash_value"]) == ("active", self.size, self.sha512)


@dataclasses.dataclass(frozen=True)
class Run:
    """How a run of kiln ended."""
    command: str
    code: int
    out: str
    err: str

    def __str__(self):
        return f"$ {self.command}\n{self.out}{self.err}(exit code {self.code})"


class Kiln:
    """Runs kiln in a home of its own, as the caller or as another user; keeps what was said, to look for secrets."""

    def __init__(self, program, folder, user=None):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.become = ["runuser", "-u", user, "--"] if user else []
        self.runs = []
        self.home = self.folder / f"home-{user or 'own'}"
        self.home.mkdir()
        self.give(self.home, user)
        self.user = user

    @staticmethod
    def give(path, user):
        if user:
            shutil.chown(path, user)

    def write_clouds(self, clouds, name="clouds.yaml"):
        """A clouds.yaml that this kiln may read."""
        path = self.home / name
        settings.write_file(path, settings.yaml({"clouds": clouds}) + "\n")
        self.give(path, self.user)
        return path

    def command(self, arguments):
        return [*self.become, str(self.program), *map(str, arguments)]

    def environment(self, clouds_file, extra):
        kept = {name: value for name, value in processes.clean_environment().items() if not name.startswith("KILN_")}
        kept = {**kept, "HOME": str(self.home), **(extra or {})}
        if clouds_file:
            kept["OS_CLIENT_CONFIG_FILE"] = str(clouds_file)
        for name in [name for name in kept if name.startswith("XDG_")]:
            del kept[name]
        return kept

    def start(self, *arguments, clouds_file=None, env=None):
        return subprocess.Popen(self.command(arguments), env=self.environment(clouds_file, env), cwd="/", text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, child, seconds=240):
        try:
            out, err = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            err += f"\n(kiln did not end within {seconds} s)\n"
        run = Run(" ".join(child.args), child.returncode, out, err)
        self.runs.append(run)
        return run

    def run(self, *arguments, clouds_file=None, env=None):
        return self.finish(self.start(*arguments, clouds_file=clouds_file, env=env))

    def secrets_told(self, secrets):
        """The runs whose output has one of the secrets, or any token."""
        return [run for run in self.runs if TOKEN.search(run.out + run.err)
                or any(secret in run.out + run.err for secret in secrets)]


class Images:
    """The images of one region, as a user of one project sees them."""

    def __init__(self, rig, cloud, region="RegionOne"):
        self.url = rig.glance_url(region)
        self.token = rig.token(cloud)

    def family(self, name):
        """All that kiln made for a name, and all else that has the name."""
        made = look.images(self.url, self.token, {"image_name": name})
        known = {image["id"] for image in made}
        return made + [image for image in look.images(self.url, self.token, {"name": name}) if image["id"] not in known]

    def get(self, image):
        return call("GET", f"{self.url}/v2/images/{image}", self.token)[1]

    def create(self, **values):
        return call("POST", f"{self.url}/v2/images", self.token, values)[1]["id"]

    def put(self, image, content):
        call("PUT", f"{self.url}/v2/images/{image}/file", self.token, content, "application/octet-stream")

    def patch(self, image, **values):
        changes = [{"op": "add", "path": f"/{name}", "value": value} for name, value in values.items()]
        call("PATCH", f"{self.url}/v2/images/{image}", self.token, json.dumps(changes).encode(), look.PATCH)


class FolderImages:
    """The images of a store that is a folder, read by SQLite and not by kiln, as Glance would list them."""

    def __init__(self, store):
        self.store = pathlib.Path(store)

    def family(self, name):
        return [image for image in self.every() if name in (image["name"], image.get("image_name"))]

    def every(self):
        with contextlib.closing(sqlite3.connect(self.store / "index.sqlite")) as index:
            index.row_factory = sqlite3.Row
            images = [dict(row) for row in index.execute("SELECT * FROM images ORDER BY created_at, sequence")]
            for image in images:
                image.update(dict(index.execute("SELECT name, value FROM properties WHERE image_id = ?",
                                                (image["id"],))))
        return [{"os_hidden": bool(image["hidden"]), "os_hash_value": image["hash_value"], **image,
                 "protected": bool(image["protected"])} for image in images]

    def check_index(self):
        """What must hold at each moment."""
        with contextlib.closing(sqlite3.connect(self.store / "index.sqlite")) as index:
            found = index.execute("PRAGMA integrity_check").fetchall() + index.execute("PRAGMA foreign_key_check").fetchall()
        if found != [("ok",)]:
            raise AssertionError(f"the index is broken: {found}")
        for image in self.every():
            data = self.store / "files" / f"{image['id']}.{image['disk_format']}"
            if image["status"] == "active" and data.stat().st_size != image["size"]:
                raise AssertionError(f"'{data}' has not the size of its image")

    def check_files(self):
        """What must hold when nobody is at work: each file is an image's, and each name leads to its newest image."""
        images = self.every()
        wanted = sorted(f"{image['id']}.{image['disk_format']}" for image in images)
        files = sorted(path.name for path in (self.store / "files").iterdir())
        shown_images = [image for image in images if not image["os_hidden"]]
        links = {f"{image['name']}.{image['disk_format']}": f"../files/{image['id']}.{image['disk_format']}"
                 for image in shown_images}
        found = {path.name: os.readlink(path) for path in (self.store / "names").iterdir()}
        if (files, found) != (wanted, links):
            raise AssertionError(f"files are {files}, not {wanted}; names are {found}, not {links}")


class Requests:
    """What Glance's own log says that it was asked since the last look."""

    def __init__(self, rig, region="RegionOne"):
        self.images = Images(rig, "publisher", region)
        self.log = rig.glance_log(region)
        self.looks = itertools.count()
        self.seen = 0
        self.since()

    def since(self):
        """(method, path) of each request in order."""
        mark = f"/v2/info/stores?look={id(self)}-{next(self.looks)}"
        call("GET", self.images.url + mark, self.images.token)
        end = time.monotonic() + 20
        while mark not in (text := self.log.read_text()[self.seen:]):  # Glance writes a line after its answer
            if time.monotonic() > end:
                raise AssertionError("a request does not come into Glance's log")
            time.sleep(0.05)
        self.seen += len(text)
        return [found for found in REQUEST.findall(text) if "/v2/info/" not in found[1]]

    def changes(self):
        """The methods since the last look that are no GET."""
        return [method for method, _ in self.since() if method != "GET"]


class Operator:
    """Publishes from one clouds.yaml."""

    def __init__(self, kiln, rig, **more):
        self.kiln, self.rig = kiln, rig
        self.clouds_file = kiln.write_clouds({**rig.state["clouds"], **more})

    def publish(self, data, name, version, *options, cloud="publisher"):
        return self.run("publish", data.path, "--name", name, "--disk-format", "raw", "--image-version", version,
                        *options, cloud=cloud)

    def run(self, *arguments, cloud="publisher"):
        return self.kiln.run(*arguments, "--cloud", cloud, "--debug", clouds_file=self.clouds_file)


def through(rig, cloud, glance, keystone=None):
    """The section of a cloud, with its services behind proxies."""
    section = dict(rig.state["clouds"][cloud], image_endpoint_override=f"http://127.0.0.1:{glance.port}")
    if keystone:
        section["auth"] = {**section["auth"], "auth_url": f"http://127.0.0.1:{keystone.port}/v3"}
    return section


def properties_of(image):
    return {name: value for name, value in image.items() if name not in GLANCE_FIELDS}


def shown(images):
    """A listing for a person."""
    lines = [f"  {image['id']} '{image['name']}' {image['status']} {image['visibility']}"
             f"{' hidden' if image['os_hidden'] else ''}{' protected' if image['protected'] else ''} {image['size']} "
             f"{properties_of(image)}" for image in images]
    return "\n".join(lines) or "  (no images)"


def holder(images, name):
    """What `openstack image show NAME` gives: the only visible image of the name, or else the only hidden one."""
    named = [image for image in images if image["name"] == name]
    visible = [image for image in named if not image["os_hidden"]]
    found = visible or named
    if len(found) != 1:
        raise AssertionError(f"{len(visible)} visible and {len(named)} images in all are named '{name}'")
    if found[0]["status"] != "active":
        raise AssertionError(f"what is named '{name}' is {found[0]['status']}")
    return found[0]


def check_published(images, name, data, older=None, twice=False):
    """The state after a publication that went well: the name is one image's alone, with the data, and all others are
    complete, hidden, and older; as many as said, if that was. An image may be there twice if said. Returns that image."""
    current = holder(images, name)
    others = [image for image in images if image["id"] != current["id"]]
    problems = [
        (current["os_hidden"] or not data.is_in(current), "what has the name is hidden, or has other data"),
        (any(image["status"] != "active" or not image["os_hidden"] for image in others), "others are not older ones"),
        (any(not re.fullmatch(rf"{re.escape(name)} 20\d{{6}}( .*)?", image["name"]) for image in others),
         "others have no dated names"),
        (len({image["name"] for image in images}) != len(images), "several have one name"),
        (not twice and len({image["kiln_digest"] for image in images}) != len(images), "several have the same data"),
        (older is not None and len(others) != older, f"there are {len(others)} older ones, not {older}")]
    for is_so, text in problems:
        if is_so:
            raise AssertionError(f"{text}\n{shown(images)}")
    return current


def openstack_show(clouds_file, cloud, name):
    """The id that the real client finds by a name."""
    environment = {**processes.clean_environment(), "OS_CLIENT_CONFIG_FILE": str(clouds_file)}
    command = ["/usr/bin/openstack", "--os-cloud", cloud, "image", "show", name, "-f", "value", "-c", "id"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise AssertionError(f"openstack image show '{name}': {answer.stderr}")
    return answer.stdout.strip()


def scratch_folder():
    """A folder that other users may enter; on a disk, as Glance keeps its images there."""
    folder = tempfile.TemporaryDirectory(prefix="kiln-publish-", dir="/var/tmp")
    os.chmod(folder.name, 0o755)
    return folder
