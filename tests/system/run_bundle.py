#!/usr/bin/python3
"""run_bundle.py KILN [TEST...]: `kiln run` of bundles and of images that start from an image of a cloud.

KILN_TEST_BASE is a Debian image; a real Glance serves it.
"""
import hashlib
import json
import os
import pathlib
import sys

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.dont_write_bytecode = True
sys.path[:0] = [str(SUPPORT), str(SUPPORT / "openstack")]

from bench import CloudTest, main  # noqa: E402
from chain_ground import by_name  # noqa: E402
from publishing import Requests, properties_of, shown  # noqa: E402

BASE = pathlib.Path(os.environ["KILN_TEST_BASE"]).absolute()
PROPERTIES = {"img_os": "Debian", "cw_bundle": "MOTD", "cw_origin": "Example", "hw_rng_model": "virtio"}
# What the rotation keeps in the store.
OWN = {"image_name", "internal_version", "kiln_build", "kiln_digest", "kiln_promoted", "kiln_visibility"}
BUILD_VARS = """bundle:
  name: {name}
  img_base: {base}
  properties:
    img_os: {img_os}
    cw_bundle: MOTD
    cw_origin: Example
    hw_rng_model: virtio
"""
BOOTSTRAP = """- hosts: all
  become: yes
  tasks:
    - name: motd
      copy: {dest: /etc/motd, content: "made by a bundle\\n", mode: "0644"}
    - name: a unit
      copy:
        dest: /etc/systemd/system/bundle.service
        content: |
          [Service]
          Type=oneshot
          ExecStart=/bin/true
          [Install]
          WantedBy=multi-user.target
    - systemd: {name: bundle, enabled: yes}
"""
STACK = "image: {{ result_img_id }}\nname: {{ bundle.name }} {{ cw_bundle }}\nsha256: {{ sha256 }}\n"


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class Bundle(CloudTest):
    def setUp(self):
        super().setUp()
        self.folder = self.bench.folder / self.name
        self.clouds_file = self.bench.operator.clouds_file
        run = self.kiln("publish", BASE, "--cloud", "publisher", "--name", f"base of {self.name}", "--json")
        self.base = json.loads(run.out)[0]["id"]

    def kiln(self, *arguments, code=0, seconds=900):
        run = self.bench.kiln.finish(self.bench.kiln.start(*arguments, clouds_file=self.clouds_file), seconds)
        self.assertEqual(run.code, code, run)
        return run

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def write_bundle(self, img_os="Debian"):
        self.write("bundle/build-vars.yml", BUILD_VARS.format(name=self.name, base=self.base, img_os=img_os))
        self.write("bundle/ansible/bootstrap.yml", BOOTSTRAP)
        self.write("bundle/output/heat/stack.yml.j2", STACK)
        return self.folder / "bundle"

    def check_published(self, image, img_os="Debian"):
        """The current image has the bundle's properties and no others; the output tells of it."""
        current = self.holder()
        properties = {key: value for key, value in properties_of(current).items() if key not in OWN}
        self.assertEqual(properties, PROPERTIES | {"img_os": img_os}, shown([current]))
        sha256 = digest(image["files"][0]["path"])
        self.assertEqual(current["kiln_digest"], "sha256:" + sha256)
        self.assertEqual(pathlib.Path(image["outputs"][0]).read_text(),
                         f"image: {current['id']}\nname: {self.name} MOTD\nsha256: {sha256}\n")
        return current["id"]

    def check_content(self, image):
        """What the playbook made is in the image, and nothing of Ansible or of the build."""
        told = self.kiln("diff", "--limit", "0", BASE, image["files"][0]["path"], code=1).out
        told = told[told.index("\nfiles: "):]
        self.assertIn("/etc/systemd/system/bundle.service", told)
        self.assertIn("/etc/systemd/system/multi-user.target.wants/bundle.service", told)
        self.assertIn("/etc/motd: content", told)
        self.assertNotIn("ansible", told)
        self.assertNotIn("/tmp/", told)

    def run_chain(self, *arguments, code=0):
        return by_name(self.kiln("run", *arguments, "--json", code=code).out)

    def test_a_bundle_by_itself(self):
        """Built upon the cloud's image, booted, published with its properties alone; then only a property changes."""
        bundle = self.write_bundle()
        first = self.run_chain(bundle, "--cloud", "publisher")[self.name]
        self.assertEqual((first["result"], first["tests"][0]["passed"]), ("done", True))
        self.assertEqual(first["outputs"], [str(bundle / "out" / self.name / "output/heat/stack.yml")])
        image = self.check_published(first)
        self.check_content(first)
        self.assertEqual(self.run_chain(bundle, "--cloud", "publisher")[self.name]["result"], "unchanged")

        self.write_bundle(img_os="Debian 12")
        requests = Requests(self.bench.rig, "RegionOne")
        second = self.run_chain(bundle, "--cloud", "publisher")[self.name]
        self.assertEqual((second["result"], second["build_changed"]), ("done", False))
        self.assertEqual(self.check_published(second, "Debian 12"), image)
        self.assertEqual(requests.changes().count("PUT"), 0)

    def test_a_malformed_line(self):
        bundle = self.write_bundle()
        text = (bundle / "build-vars.yml").read_text().replace("hw_rng_model: virtio", "hw_rng_model :virtio")
        (bundle / "build-vars.yml").write_text(text)
        run = self.kiln("run", bundle, "--cloud", "publisher", code=2)
        self.assertIn(f"{bundle}/build-vars.yml:8:18: ", run.err)
        self.assertIn("did you mean 'hw_rng_model: virtio'?", run.err)
        self.assertFalse((bundle / "out").exists())

    def test_a_bundle_in_a_file_and_images_as_they_are(self):
        """One file: a bundle, an image of a cloud by name, a file, a URL; the wrong image of a cloud fails alone."""
        self.write_bundle()
        copy = self.folder / "copy.qcow2"
        copy.symlink_to(BASE)
        file = self.write("images.yaml", f"""version: 1
stores:
  cloud: {{cloud: publisher}}
  here: {{folder: store}}
defaults:
  tests: []
  publish: {{stores: [here]}}
images:
  bundle:
    bundle: bundle
    environment: {{BESIDE_THE_BUNDLE: "1"}}
    publish: {{stores: [cloud]}}
  by-name:
    from: {{cloud: publisher, image: base of {self.name}}}
  by-file:
    from: {{file: copy.qcow2}}
  by-url:
    from: {{url: "file://{copy}", checksum: "sha256:{digest(BASE)}"}}
  absent:
    from: {{cloud: publisher, image: no such image}}
""")
        images = self.run_chain(file, code=7)
        self.assertEqual((images["absent"]["result"], images["absent"]["failed_stage"]), ("failed", "base"))
        self.assertIn("no such image", images["absent"]["error"]["what"])
        self.check_published(images["bundle"])
        self.check_content(images["bundle"])
        for name in ("by-name", "by-file", "by-url"):
            self.assertEqual(images[name]["result"], "done", images[name])
            self.assertEqual(digest(self.folder / "store/names" / f"{name}.qcow2"), digest(BASE))
        again = self.run_chain(file, "bundle", "by-name", "by-file", "by-url")
        self.assertEqual({image["result"] for image in again.values()}, {"unchanged"}, again)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
