"""A folder with a definition of two small images for `kiln run`, and looks at what became of them."""
import json
import pathlib

FAKE_ELEMENTS = pathlib.Path(__file__).resolve().parent.parent / "elements"

DEFINITION = """version: 1
stores:
{stores}
defaults:
  elements_path: [{fake}, elements]
  base_element: false
  elements: [fake-os]
  packages: []
  environment: {{FAKE_OS_MEGABYTES: 4}}
  tests: [{{command: ./check.sh}}]
  publish: {{keep: 5, properties: {{purpose: chain-test}}}}
  outputs: [{{template: stack.yaml.j2}}]
images:
  one: {{elements: [one], publish: {{name: {prefix}one}}}}
  two: {{elements: [two], publish: {{name: {prefix}two}}}}
"""

CHECK = """#!/bin/sh
# Fails for an image of a version that is called broken.
echo "$KILN_IMAGE_NAME" >>tests-run
! grep -q broken "elements/$KILN_IMAGE_NAME/install.d/50-version" || { echo "it is broken"; exit 1; }
qemu-img check -q "$KILN_IMAGE"
"""

STACK = "image: {{ result_img_id }}\nname: {{ name }}\ndate: {{ date }}\npurpose: {{ properties.purpose }} {{ purpose }}\n"


class Ground:
    """Where one definition lies; run() starts kiln there."""

    def __init__(self, folder, kiln, stores, prefix=""):
        self.folder, self.kiln = pathlib.Path(folder), kiln
        self.file = self.folder / "images.yaml"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(DEFINITION.format(stores=stores, fake=FAKE_ELEMENTS, prefix=prefix))
        (self.folder / "stack.yaml.j2").write_text(STACK)
        self.program("check.sh", CHECK)
        for name in ("one", "two"):
            self.set_version(name, "1")

    def program(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def set_version(self, name, version):
        self.program(f"elements/{name}/install.d/50-version", f"#!/bin/bash\necho '{name} {version}' >/etc/version\n")

    def arguments(self, *more):
        return ("run", self.file, "--json", *more)

    def tests_run(self):
        """Which images the command test has looked at since the last call."""
        path = self.folder / "tests-run"
        names = sorted(path.read_text().split()) if path.exists() else []
        path.unlink(missing_ok=True)
        return names

    def output(self, name):
        return (self.folder / "out" / name / "stack.yaml").read_text()

    def image_digest(self, name):
        record = self.folder / "out" / name / f"{name}.qcow2.kiln.json"
        return "sha256:" + json.loads(record.read_text())["sha256"]


def by_name(text):
    """The images of a result by their names."""
    return {image["name"]: image for image in json.loads(text)["images"]}
