#!/usr/bin/python3
"""publish_races.py KILN [CLASS...]: several publications of one name at once, in Glance and in a folder; some are killed.

Afterwards one image alone has the name; a rerun of one of them, or of all that were killed, leaves nothing half done.
"""
import pathlib
import random
import signal
import sys
import time
import unittest

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
from bench import CloudTest, main  # noqa: E402
from publishing import Data, FolderImages, check_published, holder, shown  # noqa: E402

# Both have seen that nobody uploads when either begins.
BOTH_UPLOAD = {"method": "POST", "action": "delay", "seconds": 1.5, "count": 2}
# Both have seen who has the name when either changes that.
BOTH_ROTATE = {"method": "PATCH", "action": "delay", "seconds": 1.5, "count": 2}


class Race(CloudTest):
    """Two publications through one proxy."""

    def setUp(self):
        super().setUp()
        self.proxy = self.bench.proxy()
        self.addCleanup(self.proxy.stop)
        self.operator = self.bench.operator_of(proxied=publishing.through(self.bench.rig, "publisher", self.proxy))
        self.done(self.publish(self.bench.one, "1"))

    def arguments(self, data, version):
        return ("publish", data.path, "--name", self.name, "--disk-format", "raw", "--image-version", version,
                "--cloud", "proxied")

    def start(self, data, version):
        return self.bench.kiln.start(*self.arguments(data, version), clouds_file=self.operator.clouds_file)

    def publish(self, data, version):
        return self.bench.kiln.finish(self.start(data, version))

    def race(self, rules, *publications):
        """How each ended; at least one went well, and the others tell why they did not."""
        self.proxy.set_rules(rules)
        children = [self.start(data, version) for data, version in publications]
        runs = [self.bench.kiln.finish(child) for child in children]
        self.proxy.set_rules([])
        story = "\n".join(map(str, runs)) + "\n" + shown(self.family())
        self.assertIn(0, [run.code for run in runs], story)
        for run in runs:
            self.assertIn(run.code, (0, 5), story)
            self.assertTrue(run.code == 0 or ("error: " in run.err and " hint: " in run.err), story)
        return story

    def assert_named_once(self, story):
        named = [image for image in self.family() if image["name"] == self.name and not image["os_hidden"]]
        self.assertEqual(len(named), 1, story)

    def check_same_file(self, *rules):
        two = (self.bench.two, "2")
        story = self.race(rules, two, two)
        self.assert_named_once(story)
        self.done(self.publish(*two))
        # What had the name for a moment is an older image, if its run had ended when the other one saw it.
        check_published(self.family(), self.name, self.bench.two, twice=BOTH_ROTATE in rules)
        self.assertIn(len(self.family()), (2, 3) if BOTH_ROTATE in rules else (2,))

    def check_two_files(self, *rules):
        self.assert_named_once(self.race(rules, (self.bench.two, "2"), (self.bench.three, "3")))
        self.done(self.publish(self.bench.three, "3"))
        check_published(self.family(), self.name, self.bench.three, older=2)

    def test_one_file_at_once(self):
        self.check_same_file()

    def test_one_file_uploaded_by_both(self):
        self.check_same_file(BOTH_UPLOAD)

    def test_one_file_named_by_both(self):
        self.check_same_file(BOTH_UPLOAD, BOTH_ROTATE)

    def test_two_files_at_once(self):
        self.check_two_files()

    def test_two_files_named_by_both(self):
        self.check_two_files(BOTH_UPLOAD, BOTH_ROTATE)


class FolderRace(unittest.TestCase):
    """Publications into one folder."""
    rounds = 4
    name = "raced"

    def setUp(self):
        self.bench = CloudTest.bench
        self.store = self.bench.folder / f"store-{self.id().split('.')[-1]}"
        self.images = FolderImages(self.store)
        self.data = [Data.make(self.bench.folder / f"folder-{number}.raw", 12_000_000 + number, f"folder {number}")
                     for number in range(4)]
        self.mend(0)

    def start(self, number):
        return self.bench.kiln.start("publish", self.data[number].path, "--name", self.name, "--disk-format", "raw",
                                     "--image-version", str(number), "--store", self.store)

    def finish(self, child, codes=(0,)):
        run = self.bench.kiln.finish(child)
        self.assertIn(run.code, codes, f"{run}\n{shown(self.images.every())}")
        return run

    def mend(self, number, **more):
        """What a rerun has to bring."""
        self.finish(self.start(number))
        self.images.check_index()
        self.images.check_files()
        return check_published(self.images.family(self.name), self.name, self.data[number], **more)

    def empty(self):
        """Only version 0 stays."""
        self.finish(self.bench.kiln.start("publish", self.data[0].path, "--name", self.name, "--disk-format", "raw",
                                          "--keep", "1", "--delete", "--store", self.store))

    def test_one_file_at_once(self):
        for _ in range(self.rounds):
            runs = [self.finish(child, (0, 1, 5)) for child in [self.start(1) for _ in range(3)]]
            self.assertIn(0, [run.code for run in runs])
            holder(self.images.family(self.name), self.name)
            self.mend(1, twice=True)
            self.empty()

    def test_files_at_once(self):
        for _ in range(self.rounds):
            runs = [self.finish(child, (0, 1, 5)) for child in [self.start(number) for number in (1, 2, 3)]]
            self.assertEqual([run.code for run in runs], [0, 0, 0], "\n".join(map(str, runs)))
            self.mend(3, older=3)
            self.empty()

    def test_all_are_killed(self):
        begin = time.monotonic()
        self.mend(1)
        took = 2 * (time.monotonic() - begin)  # three together take longer
        for _ in range(self.rounds):
            self.empty()
            children = [self.start(number) for number in (1, 2, 3)]
            time.sleep(random.random() * took)
            for child in children:
                child.send_signal(signal.SIGKILL)
            for child in children:
                self.finish(child, (0, -signal.SIGKILL))
            self.images.check_index()
            self.assertTrue(any(image["name"] == self.name and image["status"] == "active"
                                for image in self.images.every()), shown(self.images.every()))
            for number in (1, 2):
                self.finish(self.start(number))
            self.mend(3, older=3)


class FolderRaceOften(FolderRace):
    rounds = 40


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], regions=1))
