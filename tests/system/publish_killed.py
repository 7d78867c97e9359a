#!/usr/bin/python3
"""publish_killed.py KILN glance|folder POINTS: kiln is killed at random points of publications; a rerun brings the rest.

After each kill a complete active image has the name (hidden ones included), and `openstack image show NAME` finds it:
the real client is asked at every fifth point. After the rerun exactly one visible image has the name, with the new data,
and nothing is left half done.
"""
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
import rig as openstack  # noqa: E402
from publishing import Data, holder, shown  # noqa: E402

NAME = "killed"
KEEP = ("--keep", "2", "--delete")
SIZES = {"glance": 3_000_000, "folder": 60_000_000}


class GlanceGround:
    def __init__(self, program, folder, rig):
        self.rig, self.kiln = rig, publishing.Kiln(program, folder)
        self.clouds_file = self.kiln.write_clouds(rig.state["clouds"])
        self.images = publishing.Images(rig, "publisher")
        self.place = ("--cloud", "publisher")

    def start(self, *arguments):
        return self.kiln.start(*arguments, *self.place, clouds_file=self.clouds_file)

    def family(self):
        return self.images.family(NAME)

    def look_closely(self, point):
        if point % 5 == 0:
            found = publishing.openstack_show(self.clouds_file, "publisher", NAME)
            assert found == holder(self.family(), NAME)["id"], f"the client finds {found}"

    def check_ground(self):
        pass


class FolderGround:
    def __init__(self, program, folder):
        self.kiln = publishing.Kiln(program, folder)
        self.store = folder / "store"
        self.place = ("--store", self.store)

    def start(self, *arguments):
        return self.kiln.start(*arguments, *self.place)

    def family(self):
        """As Glance would list them; read by SQLite, not by kiln."""
        with sqlite3.connect(self.store / "index.sqlite") as index:
            index.row_factory = sqlite3.Row
            rows = [dict(row) for row in index.execute("SELECT * FROM images")]
            for row in rows:
                row.update(dict(index.execute("SELECT name, value FROM properties WHERE image_id = ?", (row["id"],))))
        return [{"os_hidden": bool(row["hidden"]), "os_hash_value": row["hash_value"], "protected": False, **row}
                for row in rows]

    def look_closely(self, _point):
        with sqlite3.connect(self.store / "index.sqlite") as index:
            assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def check_ground(self):
        """The files are those of the images, and the name leads to the current one."""
        files = sorted(path.name for path in (self.store / "files").iterdir())
        assert files == sorted(f"{image['id']}.raw" for image in self.family()), files
        link = (self.store / "names" / f"{NAME}.raw").resolve()
        assert link.name == holder(self.family(), NAME)["id"] + ".raw", link


class Killer:
    def __init__(self, ground, folder, size):
        self.ground, self.folder, self.size = ground, folder, size
        self.took = 0.0

    def data(self, number):
        path = self.folder / f"data-{number % 2}.raw"
        return Data.make(path, self.size + number * 512, f"version {number}")

    def start(self, data, number):
        return self.ground.start("publish", data.path, "--name", NAME, "--disk-format", "raw", "--image-version",
                                 str(number), *KEEP)

    def finish(self, data, number):
        begun = time.monotonic()
        run = self.ground.kiln.finish(self.start(data, number))
        self.took = time.monotonic() - begun
        assert run.code == 0, f"{run}\n{shown(self.ground.family())}"

    def kill(self, data, number, moment):
        child = self.start(data, number)
        try:
            child.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        self.ground.kiln.finish(child)

    def check_name(self, data=None):
        images = self.ground.family()
        found = holder(images, NAME)
        if data is None:
            return
        named = [image for image in images if image["name"] == NAME]
        assert len(named) == 1 and not found["os_hidden"] and data.is_in(found), shown(images)
        others = [image for image in images if image["id"] != found["id"]]
        assert len(others) <= 1 and all(image["status"] == "active" and image["os_hidden"] for image in others), \
            shown(images)
        self.ground.check_ground()

    def run(self, points):
        self.finish(self.data(1), 1)
        self.finish(data := self.data(2), 2)
        self.check_name(data)
        for point in range(points):
            number = point + 3
            data = self.data(number)
            moment = (point + random.random()) / points * self.took * 1.05
            try:
                self.kill(data, number, moment)
                self.check_name()
                self.ground.look_closely(point)
                self.finish(data, number)
                self.check_name(data)
            except AssertionError as error:
                print(f"FAILED at point {point}, killed after {moment:.3f} s of {self.took:.3f} s: {error}\n"
                      f"{json.dumps(self.ground.family(), indent=1, default=str)}")
                return 1
        print(f"{points} kills within {self.took:.2f} s of a publication, all mended")
        return 0


def main(program, kind, points):
    if kind == "glance" and (missing := openstack.missing_packages()):
        print(f"SKIP: needs the Debian packages {' '.join(missing)}")
        return 77
    with publishing.scratch_folder() as name:
        folder = pathlib.Path(name)
        if kind == "folder":
            return Killer(FolderGround(program, folder), folder, SIZES[kind]).run(points)
        rig = openstack.Rig(folder / "rig")
        rig.up(owner=os.getpid(), regions=1)
        try:
            return Killer(GlanceGround(program, folder, rig), folder, SIZES[kind]).run(points)
        finally:
            rig.down()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
