#!/usr/bin/python3
"""run_cloud.py KILN [CLASS...]: `kiln run` publishes two images of one file to two regions of a real cloud.

Small: images of a few megabytes, which a command looks at. Debian: images that are built and booted.
"""
import pathlib
import sys

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.dont_write_bytecode = True
sys.path[:0] = [str(SUPPORT), str(SUPPORT / "openstack")]

import publishing  # noqa: E402
from bench import CloudTest, main  # noqa: E402
from chain_ground import Ground, by_name  # noqa: E402
from publishing import Requests, holder, openstack_show, shown  # noqa: E402

REGIONS = ("RegionOne", "RegionTwo")
STORES = "  cloud: {cloud: publisher, regions: [RegionOne, RegionTwo]}"
DEBIAN = """version: 1
stores:
  cloud: {cloud: publisher, regions: [RegionOne, RegionTwo]}
defaults:
  elements_path: [elements]
  elements: [debian-minimal, vm]
  environment: {DIB_RELEASE: bookworm}
  tests: [{boot: {firmware: bios, timeout: 600}}]
  outputs: [{template: stack.yaml.j2}]
  publish: {properties: {purpose: chain-test}}
images:
  one: {elements: [one], publish: {name: debian-one}}
  two: {elements: [two], publish: {name: debian-two}}
"""


class Chains(CloudTest):
    """What must hold; each class has images of its own."""
    prefix = ""

    def setUp(self):
        super().setUp()
        self.ground = Ground(self.bench.folder / f"ground-{self.name}", self.bench.kiln, STORES, self.prefix)
        self.clouds_file = self.bench.operator.clouds_file

    def start(self, *more):
        return self.bench.kiln.start(*self.ground.arguments(*more), clouds_file=self.clouds_file)

    def run_chain(self, *more, code=0, seconds=240):
        run = self.bench.kiln.finish(self.start(*more), seconds)
        self.assertEqual(run.code, code, run)
        return by_name(run.out)

    def images_of(self, name, region):
        return self.bench.images[region].family(self.prefix + name)

    def assert_current(self, name, count):
        """In each region the name is the file's, and there are so many images of it."""
        found = []
        for region in REGIONS:
            images = self.images_of(name, region)
            current = holder(images, self.prefix + name)
            self.assertEqual(current["kiln_digest"], self.ground.image_digest(name), shown(images))
            self.assertEqual((current["os_hidden"], len(images)), (False, count), shown(images))
            found.append(current["id"])
        return found

    def check_chain(self, seconds=240):
        """Built, tested and published; rotated when a hook changed; rolled back."""
        first = self.run_chain(seconds=seconds)
        self.assertEqual([first[name]["result"] for name in ("one", "two")], ["done", "done"])
        one, two = self.assert_current("one", 1), self.assert_current("two", 1)
        self.assertEqual([image["id"] for image in first["one"]["published"]], one)
        self.assertIn(f"image: {one[0]}\n", self.ground.output("one"))

        self.ground.set_version("two", "2")
        requests = [Requests(self.bench.rig, region) for region in REGIONS]
        second = self.run_chain(seconds=seconds)
        self.assertEqual([second[name]["result"] for name in ("one", "two")], ["unchanged", "done"])
        self.assertEqual([one, [request.changes().count("PUT") for request in requests]],
                         [self.assert_current("one", 1), [1, 1]])
        self.assertNotEqual(self.assert_current("two", 2), two)

        run = self.bench.kiln.run("images", "rollback", self.prefix + "two", "--cloud", "publisher", "--region", REGIONS[0],
                                  "--region", REGIONS[1],
                                  clouds_file=self.clouds_file)
        self.assertEqual(run.code, 0, run)
        self.assertEqual(openstack_show(self.clouds_file, "publisher", self.prefix + "two"), two[0])
        # What was taken back does not come again by itself.
        self.run_chain(seconds=seconds)
        self.assertEqual(openstack_show(self.clouds_file, "publisher", self.prefix + "two"), two[0])

    def check_cut(self, seconds=240):
        """The network is cut while both upload to the first region; a rerun brings the rest."""
        proxy = self.bench.proxy({"method": "PUT", "action": "drop_body_after", "bytes": 100_000, "count": -1})
        self.addCleanup(proxy.stop)
        cloud = publishing.through(self.bench.rig, "publisher", proxy)
        operator = self.bench.operator_of(proxied=cloud)
        text = self.ground.file.read_text()
        self.ground.file.write_text(text.replace("cloud: publisher, regions: [RegionOne, RegionTwo]", "cloud: proxied"))
        self.clouds_file = operator.clouds_file
        for name in ("one", "two"):
            self.ground.set_version(name, "after the cut")
            (self.ground.folder / "out" / name / "stack.yaml").unlink(missing_ok=True)
        broken = self.run_chain(code=5, seconds=seconds)
        for name in ("one", "two"):
            self.assertEqual(broken[name]["failed_stage"], "publish")
            self.assertFalse((self.ground.folder / "out" / name / "stack.yaml").exists())
        proxy.set_rules([])
        self.ground.tests_run()
        self.run_chain(seconds=seconds)
        self.assertEqual(self.ground.tests_run(), [])  # nor is anything built again
        for name in ("one", "two"):
            images = self.images_of(name, "RegionOne")
            current = holder(images, self.prefix + name)
            self.assertEqual(current["kiln_digest"], self.ground.image_digest(name), shown(images))
            self.assertFalse([image for image in images if image["status"] != "active"], shown(images))


class Small(Chains):
    def setUp(self):
        self.prefix = self.id().split(".")[-1] + "-"
        super().setUp()

    def test_chain(self):
        self.check_chain()

    def test_cut(self):
        self.check_cut()


class Debian(Chains):
    prefix = "debian-"

    def test_chain_and_cut(self):
        self.ground.file.write_text(DEBIAN)
        self.check_chain(3000)
        self.check_cut(3000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], regions=2))
