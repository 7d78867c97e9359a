#!/usr/bin/python3
"""publish_breaks.py KILN [TEST...]: Glance or kiln dies in a publication, or a quota is full; a rerun mends it."""
import pathlib
import sys
import time

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
from bench import CloudTest, main  # noqa: E402
from publishing import holder, shown  # noqa: E402


class Ground(CloudTest):
    def setUp(self):
        super().setUp()
        self.proxy = self.bench.proxy()
        self.operator = self.bench.operator_of(broken=publishing.through(self.bench.rig, "publisher", self.proxy))
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1"))
        self.first = self.holder()["id"]

    def start(self, *options):
        """A publication of version 2 that goes on meanwhile."""
        return self.bench.kiln.start("publish", self.bench.two.path, "--name", self.name, "--disk-format", "raw",
                                     "--image-version", "2", "--cloud", "broken", "--debug", *options,
                                     clouds_file=self.operator.clouds_file)

    def wait_for_status(self, *states):
        end = time.monotonic() + 60
        while not (found := [image for image in self.family() if image["status"] in states]):
            self.assertLess(time.monotonic(), end, f"no image became {states}\n{shown(self.family())}")
            time.sleep(0.1)
        return found[0]

    def break_glance(self, child):
        """Glance is gone until kiln gives up."""
        self.bench.rig.kill_glance()
        run = self.bench.kiln.finish(child)
        self.proxy.set_rules([])
        self.bench.rig.start_glance()
        self.assertEqual(holder(self.family(), self.name)["id"], self.first)
        self.done(run, 5)

    def rerun(self, *options):
        self.done(self.operator.publish(self.bench.two, self.name, "2", *options, cloud="broken"))
        images = self.family()
        current = holder(images, self.name)
        self.assertTrue(self.bench.two.is_in(current), shown(images))
        self.assertFalse(current["os_hidden"])
        (older,) = [image for image in images if image["id"] != current["id"]]
        self.assertEqual((older["id"], older["status"], older["os_hidden"]), (self.first, "active", True))


class Breaks(Ground):
    def test_glance_dies_in_an_upload(self):
        self.proxy.set_rules([{"path": "/file$", "action": "hold_body_after", "bytes": 500_000}])
        child = self.start()
        self.wait_for_status("saving")
        self.break_glance(child)
        self.assertEqual(self.wait_for_status("saving")["internal_version"], "2")
        self.rerun()

    def test_kiln_dies_in_an_upload(self):
        self.proxy.set_rules([{"path": "/file$", "action": "hold_body_after", "bytes": 500_000}])
        child = self.start()
        self.wait_for_status("saving")
        child.kill()
        self.bench.kiln.finish(child)
        self.assertEqual(self.holder()["id"], self.first)
        self.proxy.set_rules([])
        self.rerun()

    def test_a_quota_that_is_full(self):
        rig = self.bench.rig
        rig.set_quota("RegionOne", sum(image["size"] or 0 for image in rig.images("publisher")) + 1)
        try:
            run = self.done(self.operator.publish(self.bench.two, self.name, "2", cloud="broken"), 5)
            self.assertIn("413", run.err)
            self.assertIn(" hint: ", run.err)
            self.assertEqual([image["id"] for image in self.family()], [self.first])
        finally:
            rig.set_quota("RegionOne", 0)
        self.rerun()


class ImportBreaks(Ground):
    def test_glance_dies_in_staging(self):
        self.proxy.set_rules([{"path": "/stage$", "action": "hold_body_after", "bytes": 500_000}])
        child = self.start("--method", "import")
        self.wait_for_status("uploading")
        self.break_glance(child)
        self.rerun("--method", "import")

    def test_glance_dies_in_an_import(self):
        child = self.start("--method", "import")
        self.wait_for_import()
        self.break_glance(child)
        self.rerun("--method", "import")

    def wait_for_import(self):
        """Until its request is on its way: what follows takes Glance some tenths of a second."""
        end = time.monotonic() + 60
        while not any(entry["path"].endswith("/import") and entry["upstream"] for entry in self.proxy.log):
            self.assertLess(time.monotonic(), end, self.proxy.log)
            time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], regions=1))
