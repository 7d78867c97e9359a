"""The ground of tests of `kiln publish` against a rig: a kiln, two versions of an image, and looks at Glance."""
import os
import pathlib
import pwd
import subprocess
import sys
import unittest

import publishing
import rig as openstack
from fault_proxy import FaultProxy
from publishing import Data, Images, Operator, holder, shown

SHORT = 8  # seconds that a token of the second Keystone lives


def plain_user(program):
    """The user of the tests, when root may become it and it may run the program."""
    user = os.environ.get("KILN_TEST_USER", "kiln-test")
    try:
        pwd.getpwnam(user)
    except KeyError:
        return None
    may_run = os.geteuid() == 0 and subprocess.run(["runuser", "-u", user, "--", "test", "-x", program], check=False)
    return user if may_run and may_run.returncode == 0 else None


class Bench:
    """What all tests share."""

    def __init__(self, program, rig, folder):
        self.program, self.rig, self.folder = program, rig, folder
        self.kilns = [publishing.Kiln(program, folder)]
        self.kiln = self.kilns[0]
        self.operator = Operator(self.kiln, rig)
        self.one, self.two, self.three = (Data.make(folder / f"{word}.raw", size, word)
                              for word, size in (("one", 1_000_000), ("two", 2_000_000), ("three", 1_500_000)))
        self.images = {region: Images(rig, "publisher", region) for region in rig.state["regions"]}

    def proxy(self, *rules, keystone=None):
        """A proxy in front of Glance, or of a Keystone."""
        state = self.rig.state
        proxy = FaultProxy(state["ports"][keystone] if keystone else state["regions"]["RegionOne"]["port"]).start()
        proxy.set_rules(rules)
        return proxy

    def operators(self):
        """The caller, and a plain user when root may become one."""
        yield self.operator
        if user := plain_user(self.program):
            self.kilns.append(publishing.Kiln(self.program, self.folder, user))
            yield Operator(self.kilns[-1], self.rig)

    def operator_of(self, **clouds):
        """With clouds of its own beside those of the rig."""
        return Operator(self.kiln, self.rig, **clouds)


class CloudTest(unittest.TestCase):
    """Each test has a name of images of its own."""
    bench = None  # set by main

    def setUp(self):
        self.name = self.id().split(".")[-1]

    def family(self, region="RegionOne"):
        return self.bench.images[region].family(self.name)

    def holder(self, region="RegionOne"):
        return holder(self.family(region), self.name)

    def done(self, run, code=0):
        if run.code != code:
            self.fail(f"exit code {run.code} instead of {code}\n{run}\n{shown(self.family())}")
        return run


def run(bench, names):
    """The exit code of the tests of the program, and of a look for secrets in all that kiln said."""
    CloudTest.bench = bench
    program = unittest.main(module="__main__", argv=[sys.argv[0], *names], exit=False, verbosity=2)
    passed = program.result.wasSuccessful()
    told = [run for kiln in bench.kilns for run in kiln.secrets_told(bench.rig.state["passwords"].values())]
    for story in told:
        print(f"FAILED: a secret was told\n{story}")
    return 0 if passed and not told else 1


def main(arguments, **options):
    """For a program of tests: KILN [TEST...]; options are those of the rig."""
    if missing := openstack.missing_packages():
        print(f"SKIP: needs the Debian packages {' '.join(missing)}")
        return 77
    with publishing.scratch_folder() as name:
        rig = openstack.Rig(pathlib.Path(name) / "rig")
        rig.up(owner=os.getpid(), **options)
        try:
            return run(Bench(arguments[0], rig, pathlib.Path(name)), arguments[1:])
        finally:
            rig.down()
