#!/usr/bin/python3
"""run_folder.py KILN [CLASS...]: `kiln run` with a store that is a folder: two small images of one file."""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.dont_write_bytecode = True
sys.path[:0] = [str(SUPPORT), str(SUPPORT / "openstack")]

from chain_ground import Ground, by_name  # noqa: E402
from publishing import FolderImages, Kiln, holder, shown  # noqa: E402


class FolderTest(unittest.TestCase):
    program = None  # set below

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="kiln-run-", dir="/var/tmp")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.kiln = Kiln(self.program, self.folder)
        self.ground = Ground(self.folder / "work", self.kiln, "  here: {folder: store}")
        self.store = FolderImages(self.folder / "work/store")

    def start(self, *more):
        return self.kiln.start(*self.ground.arguments(*more))

    def run_chain(self, *more, code=0):
        run = self.kiln.run(*self.ground.arguments(*more))
        self.assertEqual(run.code, code, run)
        return by_name(run.out)

    def assert_current(self, name, count):
        """The store's image of the name is the file, and there are so many of it."""
        images = self.store.family(name)
        current = holder(images, name)
        self.assertEqual(current["kiln_digest"], self.ground.image_digest(name), shown(images))
        self.assertFalse(current["os_hidden"])
        self.assertEqual(len(images), count, shown(images))
        return current


class Chain(FolderTest):
    def test_all_is_done_once(self):
        first = self.run_chain()
        self.assertEqual([first[name]["result"] for name in ("one", "two")], ["done", "done"])
        self.assertEqual(self.ground.tests_run(), ["one", "two"])
        ids = {name: self.assert_current(name, 1)["id"] for name in ("one", "two")}
        self.assertIn(f"image: {ids['one']}\nname: one\n", self.ground.output("one"))
        self.assertIn("purpose: chain-test chain-test\n", self.ground.output("one"))

        again = self.run_chain()
        self.assertEqual([again[name]["result"] for name in ("one", "two")], ["unchanged", "unchanged"])
        self.assertEqual(self.ground.tests_run(), [])

        self.ground.set_version("two", "2")
        changed = self.run_chain()
        self.assertEqual([changed[name]["result"] for name in ("one", "two")], ["unchanged", "done"])
        self.assertEqual(self.ground.tests_run(), ["two"])
        self.assertEqual(self.assert_current("one", 1)["id"], ids["one"])
        self.assertNotEqual(self.assert_current("two", 2)["id"], ids["two"])
        self.store.check_files()

    def test_an_image_whose_test_fails_is_not_published(self):
        self.run_chain()
        before = self.assert_current("one", 1)["id"]
        self.ground.set_version("one", "broken")
        self.ground.set_version("two", "2")
        result = self.run_chain(code=7)
        self.assertEqual((result["one"]["result"], result["one"]["failed_stage"]), ("failed", "test"))
        self.assertIn("it is broken", result["one"]["error"]["what"])
        self.assertEqual(result["two"]["result"], "done")
        self.assertEqual(holder(self.store.family("one"), "one")["id"], before)
        self.assert_current("two", 2)
        suites = xml.etree.ElementTree.parse(self.folder / "work/out/junit.xml").getroot()
        failed = [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None]
        self.assertEqual(failed, ["test check.sh"])
        self.assertEqual(self.run_chain("one", code=6)["one"]["failed_stage"], "test")

    def test_a_hook_that_fails_is_told_with_its_log(self):
        self.ground.program("elements/one/install.d/60-fails", "#!/bin/bash\necho 'no such thing' >&2\nexit 3\n")
        result = self.run_chain(code=7)
        self.assertEqual((result["one"]["failed_stage"], result["two"]["result"]), ("build", "done"))
        self.assertIn("60-fails", result["one"]["error"]["what"])
        latest = self.folder / "work/out/one/logs/latest.log"
        self.assertTrue(latest.is_symlink())
        self.assertIn("no such thing", latest.read_text())
        self.assertRegex(latest.read_text(), r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")

    def test_plan_does_nothing(self):
        plan = self.kiln.run("run", self.ground.file, "--plan")
        self.assertEqual(plan.code, 0, plan)
        self.assertIn("made from root.d", plan.out)
        self.assertFalse((self.folder / "work/out").exists())
        self.assertFalse((self.folder / "work/store").exists())
        self.run_chain()
        plan = json.loads(self.kiln.run(*self.ground.arguments("--plan")).out)
        texts = [step["text"] for step in plan["images"][0]["steps"]]
        self.assertIn("nothing: all layers and the image are current", texts)

    def test_only_what_is_named_is_made(self):
        self.assertEqual(list(self.run_chain("two")), ["two"])
        self.assertFalse((self.folder / "work/out/one").exists())
        run = self.kiln.run(*self.ground.arguments("tow"))
        self.assertEqual(run.code, 2)
        self.assertIn("did you mean 'two'?", run.err)

    def test_a_secret_reaches_hooks_and_nothing_else(self):
        text = self.ground.file.read_text().replace(
            "  one: {", "  one: {secrets: {CHAIN_WORD: 'env:CALLER_WORD'}, ")
        self.ground.file.write_text(text)
        self.ground.program("elements/one/install.d/60-secret",
                            "#!/bin/bash\necho \"length ${#CHAIN_WORD}, $CHAIN_WORD\"\n")
        word = "correct-horse-battery"
        run = self.kiln.run(*self.ground.arguments("one"), env={"CALLER_WORD": word})
        self.assertEqual(run.code, 0, run)
        log = (self.folder / "work/out/one/logs/latest.log").read_text()
        self.assertIn(f"length {len(word)}", log)
        for path in (self.folder / "work/out").rglob("*"):
            if path.is_file() and path.suffix in (".log", ".json", ".xml", ".yaml"):
                self.assertNotIn(word, path.read_text(), path)
        self.assertNotIn(word, run.out + run.err)

    def test_ctrl_c_ends_it_and_a_rerun_goes_on(self):
        self.ground.program("elements/one/install.d/60-slow", "#!/bin/bash\nsleep 60\n")
        child = self.start()
        while "60-slow" not in child.stderr.readline():
            pass
        child.send_signal(signal.SIGINT)
        run = self.kiln.finish(child, 40)
        self.assertEqual(run.code, -signal.SIGINT, run)
        (self.folder / "work/elements/one/install.d/60-slow").unlink()
        self.assertEqual(self.run_chain()["one"]["result"], "done")


class Killed(FolderTest):
    points = 20

    def kill(self, seconds):
        child = self.start()
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        return self.kiln.finish(child).code

    def test_a_rerun_brings_the_same_end_state(self):
        self.run_chain()
        self.ground.set_version("one", "timed")
        begun = os.times().elapsed
        self.run_chain()
        took = os.times().elapsed - begun
        codes = []
        for point in range(self.points):
            for name in ("one", "two"):
                self.ground.set_version(name, f"version {point}")
            codes.append(self.kill((point + random.random()) / self.points * took))
            for name in ("one", "two"):
                holder(self.store.family(name), name)
            result = self.run_chain()
            for name in ("one", "two"):
                self.assertIn(result[name]["result"], ("done", "unchanged"))
                self.assert_current(name, min(point + (3 if name == "one" else 2), 5 + point))
            self.store.check_files()
        self.assertGreater(codes.count(-signal.SIGKILL), self.points // 2)


if __name__ == "__main__":
    FolderTest.program = os.path.abspath(sys.argv[1])
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
