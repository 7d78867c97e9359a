#!/usr/bin/python3
"""publish_killed.py KILN glance|folder POINTS: kiln is killed POINTS times in publications, at random; a rerun brings the rest.

Every second point is at some time of a whole run, the others are soon after one of the steps that kiln tells, as most of
them take little time. After each kill a complete active image has the name (hidden ones included), and `openstack image
show NAME` finds it: the real client is asked at every fifth point. After the rerun exactly one image has the name, visible
and with the new data, and nothing is left half done.
"""
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import time

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
import rig as openstack  # noqa: E402
from publishing import Data, FolderImages, check_published, holder, shown  # noqa: E402

NAME = "killed"
KEEP = ("--keep", "2", "--delete")
SIZES = {"glance": 10_000_000, "folder": 20_000_000}
STEPS = 7  # lines that kiln tells of a publication that replaces an image and deletes another
SOON = 0.05  # seconds
MOST_ATTEMPTS = 8  # for each point


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
        self.images = FolderImages(folder / "store")
        self.place = ("--store", self.images.store)

    def start(self, *arguments):
        return self.kiln.start(*arguments, *self.place)

    def family(self):
        return self.images.family(NAME)

    def look_closely(self, _point):
        self.images.check_index()

    def check_ground(self):
        self.images.check_index()
        self.images.check_files()


class Killer:
    def __init__(self, ground, folder, size):
        self.ground, self.folder, self.size = ground, folder, size
        self.took = 0.0  # seconds of a run that nothing disturbs

    def data(self, number):
        path = self.folder / f"data-{number % 2}.raw"
        return Data.make(path, self.size + number * 512, f"version {number}")

    def start(self, data, number):
        return self.ground.start("publish", data.path, "--name", NAME, "--disk-format", "raw", "--image-version",
                                 str(number), *KEEP)

    def finish(self, data, number):
        """Runs it to its end; the seconds that took."""
        begun = time.monotonic()
        run = self.ground.kiln.finish(self.start(data, number))
        took = time.monotonic() - begun
        assert run.code == 0, f"{run}\n{shown(self.ground.family())}"
        check_published(self.ground.family(), NAME, data, older=min(number - 1, 1))
        self.ground.check_ground()
        return took

    def kill(self, data, number, point, points):
        """What was done, in words."""
        child = self.start(data, number)
        if point % 2:
            step, moment = STEPS - point // 2 % STEPS, random.random() * min(SOON, self.took / STEPS)
            for _ in range(step):
                child.stderr.readline()
        else:
            step, moment = 0, (point % points + random.random()) / points * self.took
        try:
            child.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        run = self.ground.kiln.finish(child)
        return f"{moment:.3f} s after " + (f"line {step} of it" if step else f"the start of {self.took:.3f} s"), run.code

    def run(self, points):
        self.took = statistics.median([self.finish(self.data(number), number) for number in range(1, 5)][1:])
        ends = []
        # On a fast machine many a run ends before its moment; such a run is no point.
        for attempt in range(points * MOST_ATTEMPTS):
            number = attempt + 5
            data, what = self.data(number), "before it was"
            try:
                what, code = self.kill(data, number, attempt, points)
                ends.append(code)
                holder(self.ground.family(), NAME)
                self.ground.look_closely(attempt)
                self.finish(data, number)
            except AssertionError as error:
                print(f"FAILED at attempt {attempt}, killed {what}: {error}\n"
                      f"{json.dumps(self.ground.family(), indent=1, default=str)}")
                return 1
            if ends.count(-signal.SIGKILL) == points:
                break
        killed = ends.count(-signal.SIGKILL)
        print(f"{killed} of {len(ends)} publications of {self.took:.2f} s were killed, all mended")
        return 0 if killed == points and set(ends) <= {0, -signal.SIGKILL} else 1


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
