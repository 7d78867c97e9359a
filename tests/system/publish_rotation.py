#!/usr/bin/python3
"""publish_rotation.py KILN [TEST...]: who has the name of an image, and what becomes of older ones, in a real cloud."""
import pathlib
import sys

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
from bench import CloudTest, main  # noqa: E402
from publishing import Requests, holder, openstack_show  # noqa: E402


class Rotation(CloudTest):
    def publish(self, data, version, *options, cloud="publisher", code=0):
        return self.done(self.bench.operator.publish(data, self.name, version, *options, cloud=cloud), code)

    def images(self, verb, *options, code=0):
        return self.done(self.bench.operator.run("images", verb, self.name, *options), code)

    def versions(self):
        """The images by version."""
        return {image.get("internal_version", "none"): image for image in self.family()}

    def assert_holder(self, version):
        self.assertEqual(self.holder().get("internal_version"), version)
        self.assertFalse(self.holder()["os_hidden"])

    def test_a_candidate_waits_for_its_promotion(self):
        self.publish(self.bench.one, "1")
        self.publish(self.bench.two, "2", "--promote", "manual")
        self.assert_holder("1")
        self.assertEqual(self.versions()["2"]["visibility"], "private")
        self.images("promote")
        self.assert_holder("2")
        self.assertTrue(self.versions()["1"]["os_hidden"])

    def test_what_was_rolled_back_stays_so(self):
        self.publish(self.bench.one, "1")
        self.publish(self.bench.two, "2")
        self.images("rollback")
        self.assert_holder("1")
        self.assertEqual(openstack_show(self.bench.operator.clouds_file, "publisher", self.name),
                         self.versions()["1"]["id"])
        requests = Requests(self.bench.rig)
        run = self.publish(self.bench.two, "2")
        self.assertIn("was rolled back and stays so", run.err)
        self.assertEqual(requests.changes(), [])
        self.assert_holder("1")
        self.images("promote", "--image", self.versions()["2"]["id"])
        self.assert_holder("2")
        self.assertEqual(len(self.family()), 2)

    def test_only_what_is_to_be_kept_stays(self):
        self.publish(self.bench.one, "1")
        self.publish(self.bench.two, "2")
        self.assertIn("would be deleted with --delete", self.publish(self.bench.three, "3", "--keep", "2").out)
        self.assertEqual(sorted(self.versions()), ["1", "2", "3"])
        self.publish(self.bench.three, "3", "--keep", "2", "--delete")
        self.assertEqual(sorted(self.versions()), ["2", "3"])
        self.assert_holder("3")

    def test_a_protected_image_is_not_deleted(self):
        self.publish(self.bench.one, "1", "--protected")
        run = self.publish(self.bench.two, "2", "--keep", "1", "--delete")
        self.assertIn("is protected and stays", run.out)
        self.assert_holder("2")
        self.assertEqual(self.versions()["1"]["status"], "active")
        self.bench.images["RegionOne"].patch(self.versions()["1"]["id"], protected=False)

    def test_older_images_become_community_images(self):
        self.publish(self.bench.one, "1", "--visibility", "public", cloud="admin")
        self.publish(self.bench.two, "2", "--older", "community", cloud="admin")
        self.assert_holder("2")
        older = self.versions()["1"]
        self.assertEqual((older["visibility"], older["os_hidden"], older["status"]), ("community", False, "active"))
        self.assertEqual(self.holder()["visibility"], "public")

    def test_older_images_are_deactivated(self):
        self.publish(self.bench.one, "1", cloud="admin")
        self.publish(self.bench.two, "2", "--older", "deactivate", cloud="admin")
        self.assert_holder("2")
        self.assertEqual((self.versions()["1"]["status"], self.versions()["1"]["os_hidden"]), ("deactivated", True))

    def test_older_images_stay_in_sight(self):
        self.publish(self.bench.one, "1")
        self.publish(self.bench.two, "2", "--older", "show")
        self.assert_holder("2")
        older = self.versions()["1"]
        self.assertFalse(older["os_hidden"])
        self.assertRegex(older["name"], f"^{self.name} 20[0-9]{{6}}$")

    def order_of_swap(self, *options):
        """Whose images the first and the last version were in the changes of a publication, in order."""
        self.publish(self.bench.one, "1")
        requests = Requests(self.bench.rig)
        self.publish(self.bench.two, "2", *options)
        self.assert_holder("2")
        version = {image["id"]: version for version, image in self.versions().items()}
        return [version[path.rpartition("/")[2]] for method, path in requests.since() if method == "PATCH"]

    def test_the_old_image_is_hidden_first(self):
        self.assertEqual(self.order_of_swap(), ["1", "2", "1"])

    def test_lists_have_the_name_always(self):
        self.assertEqual(self.order_of_swap("--swap", "overlap"), ["2", "1"])

    def test_images_of_others_are_adopted_when_told(self):
        images = self.bench.images["RegionOne"]
        other = images.create(name=self.name, disk_format="raw", container_format="bare")
        images.put(other, self.bench.one.path.read_bytes())
        self.assertIn("--adopt", self.publish(self.bench.two, "2", code=1).err.split(" hint: ")[-1])
        self.assertEqual([image["id"] for image in self.family()], [other])
        self.publish(self.bench.two, "2", "--adopt")
        self.assert_holder("2")
        adopted = images.get(other)
        self.assertTrue(adopted["os_hidden"])
        self.assertIn("managed_by_kiln", adopted["tags"])
        self.assertNotEqual(adopted["name"], self.name)

    def test_a_swap_in_pieces_is_healed(self):
        self.publish(self.bench.one, "1")
        broken = self.bench.proxy({"method": "PATCH", "skip": 1, "count": -1, "action": "status", "status": 500})
        operator = self.bench.operator_of(broken=publishing.through(self.bench.rig, "publisher", broken))
        self.done(operator.publish(self.bench.two, self.name, "2", cloud="broken"), 5)
        self.assertEqual(holder(self.family(), self.name)["internal_version"], "1")
        self.assertTrue(self.holder()["os_hidden"])
        self.images("apply")
        self.assert_holder("1")
        self.publish(self.bench.two, "2")
        self.assert_holder("2")
        self.assertEqual(len(self.family()), 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], regions=1))
