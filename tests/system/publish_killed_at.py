#!/usr/bin/python3
"""publish_killed_at.py KILN [CLASS...]: kiln is killed at each of its requests to Glance; a rerun brings the rest.

A proxy holds a request, or its answer, so that it is certain what Glance has done when kiln is killed. After each kill
a complete active image has the name (hidden ones included), and the real client finds it where a class asks it.
"""
import pathlib
import signal
import sys
import time

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import publishing  # noqa: E402
from bench import CloudTest, main  # noqa: E402
from publishing import Data, check_published, openstack_show, shown  # noqa: E402

KEEP = ("--keep", "2", "--delete")
SIZE = 1_200_000


class Killing(CloudTest):
    """Starts kiln through a proxy, and ends it at a request."""
    cloud, options = "publisher", ()

    def setUp(self):
        super().setUp()
        self.name = f"{type(self).__name__} {self.name}"
        self.proxy = self.bench.proxy()
        self.addCleanup(self.proxy.stop)
        through = publishing.through(self.bench.rig, self.cloud, self.proxy)
        self.operator = self.bench.operator_of(proxied=through)
        self.number = 0

    def start(self, *arguments):
        self.proxy.clear_log()
        return self.bench.kiln.start(*arguments, *self.options, "--cloud", "proxied",
                                     clouds_file=self.operator.clouds_file)

    def run_kiln(self, *arguments):
        """To its good end; the requests that it made."""
        self.proxy.set_rules([])
        self.done(self.bench.kiln.finish(self.start(*arguments)))
        return list(self.proxy.log)

    def publish(self, data, *options):
        return ("publish", data.path, "--name", self.name, "--disk-format", "raw", "--image-version", str(self.number),
                *options)

    def next_data(self):
        self.number += 1
        return Data.make(self.bench.folder / f"next-{self.number % 3}.raw", SIZE, f"{self.name} {self.number}")

    def end_at(self, command, rule, number=signal.SIGKILL):
        """Ends kiln by a signal when the request that the rule is for is held; seconds until it was gone."""
        self.proxy.set_rules([rule])
        child = self.start(*command)
        end = time.monotonic() + 60
        while not (entry := next((one for one in list(self.proxy.log) if one["action"]), None)) or (
                rule["action"] == "hold_reply" and entry["upstream"] is None):
            if child.poll() is not None or time.monotonic() > end:
                self.fail(f"kiln does not come to {rule}\n{self.bench.kiln.finish(child, 1)}\n{self.proxy.log}")
            time.sleep(0.01)
        if rule["action"] == "hold_body_after":
            self.wait_for_saving()
        begin = time.monotonic()
        child.send_signal(number)
        run = self.bench.kiln.finish(child)
        took = time.monotonic() - begin
        self.done(run, -number)
        self.proxy.set_rules([])
        return took

    def wait_for_saving(self):
        end = time.monotonic() + 30
        while not any(image["status"] == "saving" for image in self.family()):
            self.assertLess(time.monotonic(), end, "no upload begins")
            time.sleep(0.02)


def after_changes(log):
    """Rules that hold the answer to each request of a run that changed something: these make all states of Glance."""
    methods = [entry["method"] for entry in log if entry["method"] != "GET"]
    return [{"method": "(?!GET).*", "action": "hold_reply", "skip": skip} for skip in range(len(methods))]


def around_all(log):
    """Rules that hold each request of a run before Glance gets it, and its answer."""
    return [{"action": action, "skip": skip} for skip in range(len(log)) for action in ("hang", "hold_reply")]


IN_BODY = {"method": "PUT", "path": "/file$", "skip": 0, "action": "hold_body_after", "bytes": SIZE // 2}


class Points(Killing):
    """Public images: those take the most requests."""
    cloud, options = "admin", ("--visibility", "public")
    rules_of = staticmethod(after_changes)
    client_asked = 4  # at each so manieth point

    def at_each(self, rules, try_one):
        for point, rule in enumerate(rules):
            try:
                try_one(rule)
            except AssertionError as error:
                self.fail(f"point {point}, {rule}: {error}\n{shown(self.family())}")

    def kill(self, command, rule):
        self.end_at(command, rule)
        self.check_name(rule)

    def check_name(self, rule):
        found = self.holder()
        if rule["skip"] % self.client_asked == 0:
            self.assertEqual(openstack_show(self.operator.clouds_file, "publisher", self.name), found["id"])

    def test_publish(self):
        logs = [self.run_kiln(*self.publish(self.next_data(), *KEEP)) for _ in range(3)]

        def try_one(rule):
            data = self.next_data()
            command = self.publish(data, *KEEP)
            self.kill(command, rule)
            self.run_kiln(*command)
            check_published(self.family(), self.name, data, older=1)
        self.at_each([*self.rules_of(logs[-1]), IN_BODY], try_one)

    def test_promote(self):
        command = ("images", "promote", self.name)

        def next_candidate():
            data = self.next_data()
            self.run_kiln(*self.publish(data, "--promote", "manual", *KEEP))
            return data
        self.run_kiln(*self.publish(self.next_data()))
        next_candidate()
        log = self.run_kiln(*command)

        def try_one(rule):
            data = next_candidate()
            self.kill(command, rule)
            if rule != rules[-1]:
                self.run_kiln(*command)
            check_published(self.family(), self.name, data)
        rules = self.rules_of(log)
        self.at_each(rules, try_one)

    def test_rollback(self):
        command = ("images", "rollback", self.name)
        _, older, _ = [self.publish_next() for _ in range(3)]
        log = self.run_kiln(*command)

        def try_one(rule):
            self.run_kiln("images", "promote", self.name, "--image", "3")
            self.kill(command, rule)
            if rule != rules[-1]:  # else it is complete, and another one would go further
                self.run_kiln(*command)
            check_published(self.family(), self.name, older, older=2)
        rules = self.rules_of(log)
        self.at_each(rules, try_one)

    def publish_next(self):
        data = self.next_data()
        self.run_kiln(*self.publish(data))
        return data


class PublicEach(Points):
    rules_of = staticmethod(around_all)


class PrivateEach(Points):
    cloud, options = "publisher", ()
    rules_of = staticmethod(around_all)


class OverlapEach(Points):
    """The name is two visible images' for a moment, and then no client finds it."""
    options = ("--visibility", "public", "--swap", "overlap")

    def check_name(self, rule):
        complete = [image for image in self.family() if (image["name"], image["status"]) == (self.name, "active")]
        self.assertIn(len(complete), (1, 2))
        self.assertTrue(any(not image["os_hidden"] for image in complete))


class Signals(Killing):
    """A signal ends kiln at once, by that signal."""

    def test_in_an_upload(self):
        self.run_kiln(*self.publish(self.next_data(), *KEEP))
        for number in (signal.SIGTERM, signal.SIGINT):
            self.check_end(IN_BODY, number)

    def test_while_glance_does_not_answer(self):
        self.run_kiln(*self.publish(self.next_data(), *KEEP))
        for method in ("GET", "POST", "PATCH"):
            self.check_end({"method": method, "action": "hold_reply"}, signal.SIGTERM)

    def check_end(self, rule, number):
        data = self.next_data()
        command = self.publish(data, *KEEP)
        self.assertLess(self.end_at(command, rule, number), 1)
        self.holder()
        self.run_kiln(*command)
        check_published(self.family(), self.name, data, older=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], regions=1))
