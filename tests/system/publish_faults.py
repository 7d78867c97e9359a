#!/usr/bin/python3
"""publish_faults.py KILN [--long] [WORD...]: one call of `kiln publish` fails, and a rerun brings the rest.

Each case has a version 1 in Glance, publishes version 2 while a fault proxy breaks one call, and looks at Glance from
outside: the name must have a complete image. It then runs the same command without a fault, and looks again: version
2 has the name, version 1 is an older image, and nothing else is left. Without --long some of the cases run; with words,
those whose description has all of them.
"""
import concurrent.futures
import dataclasses
import os
import pathlib
import sys
import traceback

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
import rig as openstack  # noqa: E402
from fault_proxy import FaultProxy  # noqa: E402
from publishing import Data, holder, properties_of, shown  # noqa: E402

AT_A_TIME = 6
SIZE = 2_000_000
IMAGE = "/v2/images/[0-9a-f-]{36}$"

# What publishing a new version calls, in this order. "body" is about as many bytes as are sent.
CALLS = {
    "token": {"method": "POST", "path": "/v3/auth/tokens", "body": 300},
    "list visible": {"method": "GET", "path": r"\?limit=1000&tag="},
    "list hidden": {"method": "GET", "path": "os_hidden=true"},
    "list name": {"method": "GET", "path": r"\?limit=1000&name="},
    "delete leftover": {"method": "DELETE", "path": IMAGE},
    "create": {"method": "POST", "path": "/v2/images$", "body": 500},
    "put": {"method": "PUT", "path": "/file$", "body": SIZE},
    "look": {"method": "GET", "path": IMAGE},
    "list visible again": {"method": "GET", "path": r"\?limit=1000&tag=", "skip": 1},
    "list hidden again": {"method": "GET", "path": "os_hidden=true", "skip": 1},
    "publicise new": {"method": "PATCH", "path": IMAGE, "body": 100},
    "hide old": {"method": "PATCH", "path": IMAGE, "skip": 1, "body": 60},
    "name new": {"method": "PATCH", "path": IMAGE, "skip": 2, "body": 150},
    "rename old": {"method": "PATCH", "path": IMAGE, "skip": 3, "body": 60},
}

FAULTS = {
    "500": {"action": "status", "status": 500},
    "503": {"action": "status", "status": 503},
    "503 for ever": {"action": "status", "status": 503, "count": -1},
    "502": {"action": "status", "status": 502},
    "429": {"action": "status", "status": 429, "retry_after": 1},
    "401": {"action": "status", "status": 401},
    "403": {"action": "status", "status": 403},
    "409": {"action": "status", "status": 409},
    "413": {"action": "status", "status": 413},
    "refused early": {"action": "status", "status": 503, "early": True},
    "drop": {"action": "drop"},
    "reset": {"action": "reset"},
    "lost": {"action": "lost"},
    "502 after the act": {"action": "rewrite", "status": 502},
    "slow": {"action": "delay", "seconds": 3},
    "cut before body": {"action": "drop_body_after", "bytes": 0},
    "cut in body": {"action": "drop_body_after"},
    "cut after body": {"action": "drop_body_after", "bytes": SIZE},
    "throttle": {"action": "throttle", "rate": SIZE // 2},
    "wrong data": {"action": "corrupt_body", "offset": 1000},
    "cut reply": {"action": "cut_reply_after", "bytes": 20},
}
# What kiln tells instead of trying again.
FATAL = {"500", "503 for ever", "403", "409", "413", "wrong data"}

FAST = {("token", "503"), ("token", "401"), ("list visible", "cut reply"), ("list name", "503 for ever"),
        ("delete leftover", "lost"), ("create", "500"), ("create", "lost"), ("put", "500"), ("put", "503"),
        ("put", "401"), ("put", "lost"), ("put", "cut in body"), ("put", "wrong data"), ("put", "413"),
        ("look", "reset"), ("publicise new", "403"), ("publicise new", "lost"), ("hide old", "500"),
        ("hide old", "lost"), ("name new", "500"), ("name new", "drop"), ("rename old", "503 for ever"),
        ("rename old", "lost")}


@dataclasses.dataclass(frozen=True)
class Case:
    call: str
    fault: str

    @property
    def rule(self):
        call, fault = CALLS[self.call], FAULTS[self.fault]
        rule = {"skip": 0, **{key: value for key, value in call.items() if key != "body"}, **fault}
        if self.fault == "cut in body":
            rule["bytes"] = call["body"] // 2
        return rule

    @property
    def makes_sense(self):
        if self.fault in ("cut after body", "throttle", "wrong data", "refused early"):
            return self.call == "put"
        if self.fault.startswith("cut ") and self.fault.endswith("body"):
            return "body" in CALLS[self.call]
        return self.fault != "cut reply" or self.call not in ("put", "delete leftover")

    @property
    def must_succeed(self):
        """Whether kiln has to come through at once."""
        return self.fault not in FATAL and (self.call, self.fault) != ("token", "401")


class Table:
    """The cases' common ground: a rig, two versions, and an image as kiln leaves one that has the name."""

    def __init__(self, kiln, rig, folder):
        self.kiln, self.rig = kiln, rig
        self.images = publishing.Images(rig, "publisher")
        self.old = Data.make(folder / "old.raw", SIZE // 2, "old")
        self.new = Data.make(folder / "new.raw", SIZE, "new")
        self.make_patterns()

    def make_patterns(self):
        clouds = self.kiln.write_clouds(self.rig.state["clouds"])
        published = self.kiln.run(*self.publish(self.old, "pattern", "one"), "--cloud", "publisher",
                                  "--promote", "manual", clouds_file=clouds)
        (candidate,) = self.images.family("pattern")
        promoted = self.kiln.run("images", "promote", "pattern", "--visibility", "community", "--cloud", "publisher",
                                 clouds_file=clouds)
        if (published.code, promoted.code) != (0, 0):
            raise AssertionError(f"the first version cannot be published\n{published}\n{promoted}")
        self.pattern = self.images.get(candidate["id"])
        self.uploader = candidate["kiln_uploader"]

    @staticmethod
    def publish(data, name, version):
        return ("publish", data.path, "--name", name, "--disk-format", "raw", "--image-version", version,
                "--visibility", "community", "--debug")

    def have_version_one(self, name):
        """As if kiln had published it."""
        image = self.images.create(
            name=name, tags=self.pattern["tags"], visibility="community", disk_format="raw", container_format="bare",
            min_disk=self.pattern["min_disk"], min_ram=self.pattern["min_ram"],
            **{**properties_of(self.pattern), "image_name": name, "image_description": name})
        self.images.put(image, self.old.path.read_bytes())
        return image

    def have_leftover(self, name):
        """As a kiln that was killed leaves it when it had created its image."""
        self.images.create(name=f"{name} candidate zero", tags=self.pattern["tags"], disk_format="raw",
                           container_format="bare", image_name=name, internal_version="zero",
                           kiln_digest=f"sha256:{64 * '0'}", kiln_uploader=self.uploader)


class Trial:
    """One case with a name, proxies and a clouds.yaml of its own."""

    def __init__(self, table, number, case):
        self.table, self.case = table, case
        self.name = f"case-{number:03}"
        self.runs = []
        state = table.rig.state
        self.glance = FaultProxy(state["regions"]["RegionOne"]["port"]).start()
        self.keystone = FaultProxy(state["ports"]["keystone"]).start()
        cloud = publishing.through(table.rig, "publisher", self.glance, self.keystone)
        self.clouds_file = table.kiln.write_clouds({"fault": cloud}, f"{self.name}.yaml")

    def run(self):
        try:
            self.pass_or_raise()
            return None
        except Exception:  # pylint: disable=broad-except
            return self.story(traceback.format_exc(limit=-2))
        finally:
            self.glance.stop()
            self.keystone.stop()

    def story(self, problem):
        runs = "\n".join(map(str, self.runs))
        return (f"FAILED: {self.case.call}: {self.case.fault}\n{problem}\n{runs}\n"
                f"images:\n{shown(self.table.images.family(self.name))}\nrule: {self.case.rule}\n")

    def pass_or_raise(self):
        self.first = self.table.have_version_one(self.name)
        if self.case.call == "delete leftover":
            self.table.have_leftover(self.name)
        self.proxy.set_rules([self.case.rule])
        self.check_broken(self.publish())
        self.proxy.set_rules([])
        again = self.publish()
        require(again.code == 0, "the rerun failed")
        self.check_done()

    @property
    def proxy(self):
        return self.keystone if self.case.call == "token" else self.glance

    def publish(self):
        self.runs.append(self.table.kiln.run(*self.table.publish(self.table.new, self.name, "two"), "--cloud", "fault",
                                             clouds_file=self.clouds_file))
        return self.runs[-1]

    def check_broken(self, run):
        hit = any(entry["action"] for entry in self.proxy.log)
        require(hit, "the call that was to fail was not made")
        current = holder(self.family(), self.name)
        require(current["id"] == self.first or self.table.new.is_in(current), "the name has neither version")
        require(run.code in (0, 5), f"the exit code was {run.code}")
        require(run.code == 0 or "error: " in run.err, "no error was told")
        require(run.code == 0 or not self.case.must_succeed, "kiln gave up")
        if run.code == 0 and self.case != Case("delete leftover", "409"):
            self.check_done()

    def family(self):
        return self.table.images.family(self.name)

    def check_done(self):
        images = self.family()
        current = holder(images, self.name)
        require(not current["os_hidden"] and self.table.new.is_in(current), "version 2 has not the name")
        require(current["visibility"] == "community", "version 2 is not visible to others")
        others = [image for image in images if image["id"] != current["id"]]
        require([image["id"] for image in others] == [self.first], "the others are not just version 1")
        older = others[0]
        require(older["os_hidden"] and self.table.old.is_in(older), "version 1 is not whole and hidden")
        require(older["name"].startswith(f"{self.name} 20"), "version 1 has no dated name")


def require(condition, text):
    if not condition:
        raise AssertionError(text)


def cases_of(words, is_long):
    every = [case for call in CALLS for fault in FAULTS if (case := Case(call, fault)).makes_sense]
    if words:
        return [case for case in every if all(word in f"{case.call}: {case.fault}" for word in words)]
    return [case for case in every if is_long or (case.call, case.fault) in FAST]


def check_all(table, cases):
    """The number of failures; the longest cases first."""
    trials = [Trial(table, number, case) for number, case in enumerate(cases)]
    trials.sort(key=lambda trial: trial.case.fault != "503 for ever")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for trial, story in zip(trials, pool.map(Trial.run, trials)):
            print(story or f"ok: {trial.case.call}: {trial.case.fault}", flush=True)
            failed += story is not None
    for run in table.kiln.secrets_told(table.rig.state["passwords"].values()):
        print(f"FAILED: a secret was told\n{run}")
        failed += 1
    return failed


def main(arguments):
    if missing := openstack.missing_packages():
        print(f"SKIP: needs the Debian packages {' '.join(missing)}")
        return 77
    words = [word for word in arguments[1:] if word != "--long"]
    cases = cases_of(words, "--long" in arguments)
    with publishing.scratch_folder() as name:
        folder = pathlib.Path(name)
        rig = openstack.Rig(folder / "rig")
        rig.up(owner=os.getpid())
        try:
            failed = check_all(Table(publishing.Kiln(arguments[0], folder), rig, folder), cases)
        finally:
            rig.down()
    print(f"{len(cases) - failed} of {len(cases)} cases passed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
