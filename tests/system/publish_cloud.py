#!/usr/bin/python3
"""publish_cloud.py KILN [TEST...]: `kiln publish` in real clouds: uploads, accounts, imports, downloads, requests."""
import pathlib
import subprocess
import sys
import time

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
from bench import SHORT, CloudTest, main  # noqa: E402
from publishing import Images, Requests, holder, openstack_show  # noqa: E402


class Uploads(CloudTest):
    def test_one_name_in_two_regions(self):
        for number, operator in enumerate(self.bench.operators()):
            self.name = f"two regions {number}"
            with self.subTest(operator=operator.kiln.user):
                self.check_uploads(operator)

    def check_uploads(self, operator):
        both = ("--all-regions",)
        requests = [Requests(self.bench.rig, region) for region in self.bench.images]
        publish = lambda data, version, *options: self.done(
            operator.publish(data, self.name, version, *both, *options, cloud="publisher-both"))
        publish(self.bench.one, "1")
        self.assertEqual([look.changes() for look in requests], 2 * [["POST", "PUT", "PATCH"]])
        first = [self.holder(region) for region in self.bench.images]
        for image in first:
            self.assertTrue(self.bench.one.is_in(image), image)
            self.assertEqual(image["visibility"], "private")
        self.assertEqual(publish(self.bench.one, "1").out.count(": unchanged "), 2)
        self.assertEqual([look.changes() for look in requests], [[], []])
        publish(self.bench.one, "1", "--property", "os_distro=debian")
        self.assertEqual([look.changes() for look in requests], [["PATCH"], ["PATCH"]])
        self.assertEqual([self.holder(region)["os_distro"] for region in self.bench.images], ["debian", "debian"])
        publish(self.bench.two, "2")
        for region, old in zip(self.bench.images, first):
            new, family = self.holder(region), self.family(region)
            self.assertTrue(self.bench.two.is_in(new), new)
            (older,) = [image for image in family if image["id"] != new["id"]]
            self.assertEqual((older["id"], older["os_hidden"], older["status"]), (old["id"], True, "active"))
            self.assertRegex(older["name"], f"^{self.name} 20[0-9]{{6}}$")
        self.assertEqual(openstack_show(self.bench.operator.clouds_file, "publisher", self.name), self.holder()["id"])

    def test_public_stays_public(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1", "--visibility", "public", cloud="admin"))
        self.assertEqual(self.holder()["visibility"], "public")
        self.done(self.bench.operator.publish(self.bench.two, self.name, "2", cloud="admin"))
        self.assertTrue(self.bench.two.is_in(self.holder()))
        self.assertEqual({image["visibility"] for image in self.family()}, {"public"})
        member = Images(self.bench.rig, "member")
        self.assertEqual(holder(member.family(self.name), self.name)["id"], self.holder()["id"])

    def test_exact_properties(self):
        kept = {"image_name", "internal_version", "kiln_digest", "kiln_promoted", "kiln_visibility"}
        publish = lambda *options: self.done(self.bench.operator.publish(self.bench.one, self.name, "1", *options))
        publish("--exact-properties", "--property", "color=red")
        self.assertEqual(set(publishing.properties_of(self.holder())), kept | {"color"})
        publish()
        self.assertIn("replace_frequency", self.holder())
        publish("--property", "replace_frequency=")
        self.assertNotIn("replace_frequency", self.holder())
        requests = Requests(self.bench.rig)
        publish("--exact-properties", "--property", "color=blue")
        self.assertEqual(requests.changes(), ["PATCH"])
        self.assertEqual(set(publishing.properties_of(self.holder())), kept | {"color"})
        self.assertEqual(self.holder()["color"], "blue")

    def test_a_cloud_that_fails_does_not_stop_the_other(self):
        broken = self.bench.proxy({"action": "status", "status": 500, "count": -1})
        operator = self.bench.operator_of(broken=publishing.through(self.bench.rig, "publisher", broken))
        run = self.done(operator.publish(self.bench.one, self.name, "1", "--cloud", "broken"), 7)
        self.assertIn("'broken'", run.err)
        self.assertTrue(self.bench.one.is_in(self.holder()))
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1"))

    def test_a_plan_changes_nothing(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1"))
        before, requests = self.family(), Requests(self.bench.rig)
        run = self.done(self.bench.operator.publish(self.bench.two, self.name, "2", "--plan"))
        self.assertIn("would upload", run.out)
        self.assertIn(f"hide '{self.name}'", run.out)
        self.assertEqual((requests.changes(), self.family()), ([], before))


class Accounts(CloudTest):
    def test_an_application_credential(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1", cloud="appcred"))
        self.assertTrue(self.bench.one.is_in(self.holder()))

    def test_a_token_from_the_environment(self):
        env = {"OS_AUTH_TYPE": "v3token", "OS_TOKEN": self.bench.rig.token("publisher"), "OS_REGION_NAME": "RegionOne",
               "OS_AUTH_URL": self.bench.rig.keystone_url(), "OS_PROJECT_NAME": "images",
               "OS_PROJECT_DOMAIN_NAME": "Default"}
        self.done(self.bench.kiln.run("publish", self.bench.one.path, "--name", self.name, "--disk-format", "raw",
                                      "--debug", env=env))
        self.assertTrue(self.bench.one.is_in(self.holder()))

    def test_a_wrong_password(self):
        cloud = dict(self.bench.rig.state["clouds"]["publisher"])
        cloud["auth"] = {**cloud["auth"], "password": "wrong-password-of-a-test"}
        run = self.done(self.bench.operator_of(wrong=cloud).publish(self.bench.one, self.name, "1", cloud="wrong"), 5)
        self.assertIn("401", run.err)
        self.assertIn(" hint: ", run.err)
        self.assertNotIn("wrong-password", run.out + run.err)

    def test_no_project(self):
        cloud = dict(self.bench.rig.state["clouds"]["publisher"])
        cloud["auth"] = {name: value for name, value in cloud["auth"].items() if not name.startswith("project")}
        operator = self.bench.operator_of(unscoped=cloud)
        run = self.done(operator.publish(self.bench.one, self.name, "1", cloud="unscoped"), 5)
        self.assertIn("project", run.err)
        self.assertIn(" hint: ", run.err)

    def refused_candidate(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1"))
        old = self.holder()
        run = self.done(self.bench.operator.publish(self.bench.two, self.name, "2", "--visibility", "public"), 5)
        self.assertIn("--visibility", run.err.split(" hint: ")[-1])
        self.assertEqual(self.holder(), old)
        (candidate,) = [image for image in self.family() if image["id"] != old["id"]]
        self.assertTrue(self.bench.two.is_in(candidate))
        self.assertEqual((candidate["visibility"], candidate["name"]), ("private", f"{self.name} candidate 2"))
        return candidate["id"]

    def test_what_a_publisher_may_not_an_admin_finishes(self):
        candidate, requests = self.refused_candidate(), Requests(self.bench.rig)
        self.done(self.bench.operator.publish(self.bench.two, self.name, "2", "--visibility", "public", cloud="admin"))
        self.assertEqual((self.holder()["id"], self.holder()["visibility"]), (candidate, "public"))
        self.assertNotIn("PUT", requests.changes())

    def test_a_lesser_visibility_takes_the_same_image(self):
        candidate, requests = self.refused_candidate(), Requests(self.bench.rig)
        self.done(self.bench.operator.publish(self.bench.two, self.name, "2", "--visibility", "community"))
        self.assertEqual((self.holder()["id"], self.holder()["visibility"]), (candidate, "community"))
        self.assertNotIn("PUT", requests.changes())

    def test_tokens_end_in_an_upload(self):
        slow = self.bench.proxy({"path": "/file$", "action": "throttle", "rate": self.bench.two.size / (SHORT + 3)})
        operator = self.bench.operator_of(short=publishing.through(self.bench.rig, "publisher-short", slow))
        self.done(operator.publish(self.bench.two, self.name, "1", cloud="short"))
        self.assertTrue(self.bench.two.is_in(self.holder()))


class Imports(CloudTest):
    def test_staged_data(self):
        requests = Requests(self.bench.rig)
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1", "--method", "import"))
        self.assertTrue(self.bench.one.is_in(self.holder()))
        paths = [path for method, path in requests.since() if method in ("PUT", "POST")]
        self.assertEqual([path.rpartition("/")[2] for path in paths], ["images", "stage", "import"])

    def test_an_import_that_converts(self):
        path = self.bench.folder / "one.qcow2"
        convert = ["/usr/bin/qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2"]
        subprocess.run([*convert, self.bench.one.path, path], check=True)
        publish = lambda: self.done(self.bench.operator.run("publish", path, "--name", self.name, "--method", "import",
                                                       "--image-version", "1", cloud="publisher-two"))
        publish()
        image = self.holder("RegionTwo")
        self.assertEqual((image["status"], image["disk_format"]), ("active", "raw"))
        self.assertEqual(image["kiln_stored_digest"], f"sha512:{image['os_hash_value']}")
        requests = Requests(self.bench.rig, "RegionTwo")
        publish()
        self.assertEqual((requests.changes(), self.holder("RegionTwo")["id"]), ([], image["id"]))


class Downloads(CloudTest):
    def download(self, word, cloud="publisher", code=0, operator=None):
        folder = self.bench.folder / self.name
        run = self.done((operator or self.bench.operator).run("images", "download", word, "-d", folder, cloud=cloud), code)
        return run, pathlib.Path(run.out.strip())

    def test_a_name_and_the_same_again(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1"))
        image, requests = self.holder()["id"], Requests(self.bench.rig)
        _, path = self.download(self.name)
        self.assertEqual(path.read_bytes(), self.bench.one.path.read_bytes())
        self.assertEqual(path.name, f"{image}.raw")
        self.assertEqual([path.rpartition("/")[2] for _, path in requests.since()][1:], [image, "file"])
        self.assertEqual(self.download(self.name)[1], path)
        self.assertEqual(self.download(image)[1], path)
        self.assertEqual([method for method, _ in requests.since()], ["GET", "GET"])
        path.write_bytes(b"x" * self.bench.one.size)
        self.download(self.name)
        self.assertEqual(path.read_bytes(), self.bench.one.path.read_bytes())

    def test_a_community_image_of_another_project(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1", "--visibility", "community"))
        self.assertEqual(self.download(self.name, "member")[1].read_bytes(), self.bench.one.path.read_bytes())

    def test_an_unknown_name(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1"))
        run, _ = self.download(self.name[:-1], code=2)
        self.assertIn(f"did you mean '{self.name}'?", run.err)

    def test_what_was_killed_goes_on(self):
        self.done(self.bench.operator.publish(self.bench.two, self.name, "1"))
        slow = self.bench.proxy({"path": "/file$", "action": "throttle_reply", "rate": self.bench.two.size / 10})
        operator = self.bench.operator_of(slow=publishing.through(self.bench.rig, "publisher", slow))
        folder = self.bench.folder / self.name
        child = self.bench.kiln.start("images", "download", self.name, "-d", folder, "--cloud", "slow",
                                      clouds_file=operator.clouds_file)
        part = folder / f"{self.holder()['id']}.raw.part"
        end = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size > self.bench.two.size / 10) and time.monotonic() < end:
            time.sleep(0.05)
        child.kill()
        self.bench.kiln.finish(child)
        begun = part.stat().st_size
        run, path = self.download(self.name, operator=operator, cloud="slow")
        self.assertIn(f"bytes={begun}-", run.err)
        self.assertEqual(path.read_bytes(), self.bench.two.path.read_bytes())
        self.assertFalse(part.exists())


class Plans(CloudTest):
    def test_three_requests_for_all_images(self):
        self.done(self.bench.operator.publish(self.bench.one, self.name, "1"))
        pattern, images = self.holder(), self.bench.images["RegionOne"]
        for number in range(30):
            name = f"{self.name} {number}"
            image = images.create(name=name, image_name=name, disk_format="raw", container_format="bare",
                                  tags=pattern["tags"], internal_version="1", kiln_digest=pattern["kiln_digest"],
                                  kiln_promoted=pattern["kiln_promoted"], kiln_visibility="private",
                                  os_hidden=number == 29)
            images.put(image, b"data")
        glance, keystone, requests = self.bench.proxy(), self.bench.proxy(keystone="keystone"), Requests(self.bench.rig)
        operator = self.bench.operator_of(watched=publishing.through(self.bench.rig, "publisher", glance, keystone))
        run = self.done(operator.run("images", "plan", cloud="watched"))
        self.assertEqual([(entry["method"], entry["status"]) for entry in keystone.log], [("POST", 201)])
        self.assertEqual([method for method, _ in requests.since()], ["GET", "GET"])
        self.assertIn(f"'{self.name} 29'", run.out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], regions=2, convert=True, short=SHORT))
