"""openstack_rig.py: the servers of the tests do what tests rely on, looked at from outside."""
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support/openstack"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUPPORT))

import processes  # noqa: E402
import rig as openstack  # noqa: E402
from processes import RigError  # noqa: E402

RIG = None  # set by main
DATA = bytes(range(256)) * 4096  # 1 MiB


def request(port, method, path, body=None, **fields):
    """(status, fields, body) of one request with a token of the publisher; the connection's error otherwise."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    names = {name.replace("_", "-"): value for name, value in fields.items()}
    try:
        connection.request(method, path, body, {"X-Auth-Token": RIG.publisher, **names})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def create(port, name):
    body = json.dumps({"name": name, "disk_format": "raw", "container_format": "bare"})
    return json.loads(request(port, "POST", "/v2/images", body, Content_Type="application/json")[2])["id"]


def upload(port, image, data=DATA):
    return request(port, "PUT", f"/v2/images/{image}/file", data, Content_Type="application/octet-stream")[0]


def look_at(image, region="RegionOne"):
    return json.loads(request(RIG.ports[region], "GET", f"/v2/images/{image}")[2])


def wait_for_status(image, status):
    end = time.monotonic() + 20
    while look_at(image)["status"] != status:
        if time.monotonic() > end:
            raise AssertionError(f"image is {look_at(image)['status']}, not {status}")
        time.sleep(0.1)


class Servers(unittest.TestCase):
    def test_each_region_has_images_of_its_own(self):
        for region in ("RegionOne", "RegionTwo"):
            image = create(RIG.ports[region], f"in {region}")
            self.assertEqual(upload(RIG.ports[region], image), 204)
            found = look_at(image, region)
            self.assertEqual((found["status"], found["os_hash_value"]), ("active", hashlib.sha512(DATA).hexdigest()))
            self.assertEqual(request(RIG.ports[region], "GET", f"/v2/images/{image}/file")[2], DATA)
            self.assertIn(image, [image["id"] for image in RIG.images(region)])
        self.assertIn("in RegionTwo", [image["name"] for image in RIG.images("publisher-two")])
        self.assertNotIn("in RegionTwo", [image["name"] for image in RIG.images("publisher")])

    def test_every_cloud_gets_a_token(self):
        for cloud in RIG.state["clouds"]:
            self.assertGreater(len(RIG.token(cloud)), 100, cloud)

    def test_the_openstack_client_reads_the_clouds(self):
        environment = {**processes.clean_environment(), **RIG.environment()}
        found = subprocess.run(["/usr/bin/openstack", "--os-cloud", "publisher-both", "--os-region-name", "RegionTwo",
                                "token", "issue", "-f", "value", "-c", "project_id"], env=environment,
                               capture_output=True, text=True, check=False)
        self.assertEqual((found.returncode, len(found.stdout.strip())), (0, 32), found.stderr)

    def test_listings_have_hidden_images_and_deletion_takes_protected_ones(self):
        image = create(RIG.ports["RegionOne"], "hidden")
        change = [{"op": "replace", "path": f"/{name}", "value": True} for name in ("os_hidden", "protected")]
        status, _, _ = request(RIG.ports["RegionOne"], "PATCH", f"/v2/images/{image}", json.dumps(change),
                               Content_Type="application/openstack-images-v2.1-json-patch")
        self.assertEqual(status, 200)
        self.assertIn(image, [image["id"] for image in RIG.images("publisher")])
        RIG.delete_all()
        self.assertEqual(RIG.images("RegionOne") + RIG.images("RegionTwo"), [])

    def test_the_log_of_glance_counts_requests(self):
        count = lambda: RIG.glance_log().read_text().count('"GET /v2/info/stores HTTP/1.1" 200')
        before, end = count(), time.monotonic() + 10
        request(RIG.ports["RegionOne"], "GET", "/v2/info/stores")
        while count() == before and time.monotonic() < end:
            time.sleep(0.05)  # Glance writes the line after the answer
        self.assertEqual(count(), before + 1)

    def test_a_short_token_ends(self):
        token, end = RIG.token("publisher-short"), time.monotonic() + 20
        ask = lambda: request(RIG.ports["RegionOne"], "GET", "/v2/images?limit=1", X_Auth_Token=token)[0]
        self.assertEqual(ask(), 200)
        while ask() != 401:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.5)

    def test_policies_change_and_come_back(self):
        image = create(RIG.ports["RegionOne"], "kept")
        RIG.set_policy("RegionOne", {"delete_image": "role:nobody"})
        self.assertEqual(request(RIG.ports["RegionOne"], "DELETE", f"/v2/images/{image}")[0], 403)
        RIG.set_policy("RegionOne", {})
        self.assertEqual(request(RIG.ports["RegionOne"], "DELETE", f"/v2/images/{image}")[0], 204)
        with self.assertRaises(RigError):
            RIG.set_policy("RegionOne", {"delete_images": "role:nobody"})

    def test_an_upload_over_the_quota_is_refused(self):
        RIG.set_quota("RegionTwo", 3 * len(DATA))
        self.assertEqual(upload(RIG.ports["RegionTwo"], create(RIG.ports["RegionTwo"], "large"), 4 * DATA), 413)

    def test_a_killed_glance_starts_again_with_its_images(self):
        image = create(RIG.ports["RegionOne"], "half")
        RIG.faults().set({"path": "/file$", "action": "hold_body_after", "bytes": 1000})
        gone = []
        sender = threading.Thread(target=lambda: gone.append(self.failure(lambda: upload(RIG.proxy, image))))
        sender.start()
        wait_for_status(image, "saving")
        RIG.kill_glance("RegionOne", signal.SIGKILL)
        sender.join(20)
        self.assertEqual((sender.is_alive(), len(gone)), (False, 1))
        self.assertRaises(ConnectionRefusedError, request, RIG.ports["RegionOne"], "GET", "/")
        RIG.start_glance("RegionOne")
        self.assertEqual(look_at(image)["status"], "saving")

    @staticmethod
    def failure(call):
        try:
            return call()
        except (OSError, http.client.HTTPException) as error:
            return error


class Faults(unittest.TestCase):
    """Each action does what fault_proxy.py says, and to one request alone."""

    def setUp(self):
        self.image = create(RIG.ports["RegionOne"], self.id())
        self.faults = RIG.faults()

    def tearDown(self):
        self.faults.set()

    def upload_with(self, **rule):
        self.faults.set({"method": "PUT", "path": "/file$", **rule})
        return upload(RIG.proxy, self.image)

    def status(self):
        return look_at(self.image)["status"]

    def last(self):
        return self.faults.log()[-1]

    def test_no_rule_passes_all(self):
        self.faults.set()
        self.assertEqual(upload(RIG.proxy, self.image), 204)
        self.assertEqual(request(RIG.proxy, "GET", f"/v2/images/{self.image}/file")[2], DATA)
        self.assertEqual([(entry["method"], entry["status"]) for entry in self.faults.log()], [("PUT", 204), ("GET", 200)])

    def test_status_after_skipped_requests(self):
        self.faults.set({"path": "v2/images", "action": "status", "status": 503, "retry_after": 1, "skip": 1, "count": 2})
        found = [request(RIG.proxy, "GET", f"/v2/images/{self.image}") for _ in range(4)]
        self.assertEqual([status for status, _, _ in found], [200, 503, 503, 200])
        self.assertEqual(found[1][1]["Retry-After"], "1")

    def test_connections_are_kept(self):
        self.faults.set({"path": "/second", "action": "status", "status": 500})
        connection = http.client.HTTPConnection("127.0.0.1", RIG.proxy, timeout=30)
        self.addCleanup(connection.close)
        sockets = set()
        for path, status in (("/versions", 200), ("/second", 500), ("/versions", 200)):
            connection.request("GET", path)
            sockets.add(connection.sock)
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, status)
        self.assertEqual(len(sockets), 1)

    def test_chunks_pass(self):
        self.faults.set()
        self.assertEqual(upload(RIG.proxy, self.image, iter([DATA[:7], DATA[7:100000], DATA[100000:]])), 204)
        self.assertEqual(look_at(self.image)["os_hash_value"], hashlib.sha512(DATA).hexdigest())

    def test_an_expected_continue_comes_from_the_server(self):
        self.faults.set()
        head = f"PUT /v2/images/{self.image}/file HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {RIG.publisher}\r\n" \
               "Content-Type: application/octet-stream\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        self.assertTrue(self.talk(head, b"hello").startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204"))
        self.assertTrue(self.talk(head, b"hello").startswith("HTTP/1.1 409"))

    @staticmethod
    def talk(head, body):
        """What comes for a head; the body follows once the server wants it."""
        with openstack.processes.socket.create_connection(("127.0.0.1", RIG.proxy), timeout=30) as client:
            client.sendall(head.encode())
            found = client.recv(4096)
            if b" 100 " in found:
                client.sendall(body)
                found += client.recv(4096)
            return found.decode()

    def test_delay(self):
        begin = time.monotonic()
        self.assertEqual(self.upload_with(action="delay", seconds=0.7), 204)
        self.assertGreater(time.monotonic() - begin, 0.7)

    def test_drop_reset_and_hang(self):
        for action, error in (("drop", http.client.RemoteDisconnected), ("reset", (ConnectionError, BrokenPipeError)),
                              ("hang", http.client.RemoteDisconnected)):
            more = {"seconds": 0.3} if action == "hang" else {}
            self.faults.set({"action": action, **more})
            with self.assertRaises(error, msg=action):
                request(RIG.proxy, "GET", f"/v2/images/{self.image}")
            self.assertIsNone(self.last()["upstream"])

    def test_lost(self):
        with self.assertRaises(http.client.RemoteDisconnected):
            self.upload_with(action="lost")
        self.assertEqual((self.status(), self.last()["upstream"], self.last()["status"]), ("active", 204, None))

    def test_rewrite(self):
        self.assertEqual(self.upload_with(action="rewrite", status=502), 502)
        self.assertEqual((self.status(), self.last()["upstream"]), ("active", 204))

    def test_drop_body_after(self):
        with self.assertRaises(ConnectionError):
            self.upload_with(action="drop_body_after", bytes=500000)
        wait_for_status(self.image, "queued")

    def test_hold_body_after(self):
        threading.Timer(0.7, self.faults.set).start()
        begin = time.monotonic()
        self.assertEqual(self.upload_with(action="hold_body_after", bytes=1000), 204)
        self.assertGreater(time.monotonic() - begin, 0.6)
        self.assertEqual(look_at(self.image)["os_hash_value"], hashlib.sha512(DATA).hexdigest())

    def test_hold_reply(self):
        held = threading.Thread(target=self.upload_with, kwargs={"action": "hold_reply"})
        held.start()
        wait_for_status(self.image, "active")
        self.assertTrue(held.is_alive())
        self.faults.set()
        held.join(20)
        self.assertFalse(held.is_alive())

    def test_throttle_both_ways(self):
        begin = time.monotonic()
        self.assertEqual(self.upload_with(action="throttle", rate=2 * len(DATA)), 204)
        self.assertGreater(time.monotonic() - begin, 0.45)
        self.faults.set({"action": "throttle_reply", "rate": 2 * len(DATA)})
        begin = time.monotonic()
        self.assertEqual(request(RIG.proxy, "GET", f"/v2/images/{self.image}/file")[2], DATA)
        self.assertGreater(time.monotonic() - begin, 0.45)

    def test_corrupt_body_and_reply(self):
        self.assertEqual(self.upload_with(action="corrupt_body", offset=700000), 204)
        wrong = bytearray(DATA)
        wrong[700000] ^= 0xff
        self.assertEqual(look_at(self.image)["os_hash_value"], hashlib.sha512(wrong).hexdigest())
        self.faults.set({"action": "corrupt_reply", "offset": 700000})
        self.assertEqual(request(RIG.proxy, "GET", f"/v2/images/{self.image}/file")[2], DATA)

    def test_cut_reply_after(self):
        upload(RIG.ports["RegionOne"], self.image)
        self.faults.set({"action": "cut_reply_after", "bytes": 300000})
        with self.assertRaises(http.client.IncompleteRead) as cut:
            request(RIG.proxy, "GET", f"/v2/images/{self.image}/file")
        self.assertEqual(cut.exception.partial, DATA[:300000])

    def test_faults_of_keystone(self):
        RIG.faults("keystone").set({"path": "/auth/tokens", "action": "status", "status": 503})
        self.assertRaisesRegex(RigError, "503", RIG.token, "publisher-keystone-fault")
        self.assertGreater(len(RIG.token("publisher-keystone-fault")), 100)

    def test_a_rule_that_is_wrong_is_refused(self):
        for rule in ({"action": "explode"}, {"action": "status"}, {"action": "drop", "cuont": 2}):
            self.assertRaises(ValueError, self.faults.set, rule)


# Says which processes there are, and would go on for an hour.
ENDLESS = 'cat "$KILN_RIG/rig.json" >"$KILN_RIG/seen.new" && mv "$KILN_RIG/seen.new" "$KILN_RIG/seen" && exec sleep 3600'
# Has its own way with the signal that `rig.py run` gets and passes on.
SIGNALLED = 'trap "exit 5" TERM; kill -TERM $PPID; while :; do sleep 0.1; done'


class Ends(unittest.TestCase):
    """No server outlives `rig.py run`; as a plain user, where root can become one."""

    def setUp(self):
        user = os.environ.get("KILN_TEST_USER", "kiln-test")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kiln-rig-", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.become = []
        if os.getuid() == 0:
            become = ["runuser", "-u", user, "--"]
            if subprocess.run([*become, "test", "-r", SUPPORT / "rig.py"], capture_output=True, check=False).returncode:
                print(f"as root only: there is no user '{user}' who can read the sources", file=sys.stderr)
            else:
                self.become = become
                shutil.chown(self.folder, user)

    def test_the_servers_end_with_a_killed_owner_and_with_a_signal(self):
        run = [*self.become, "/usr/bin/python3", SUPPORT / "rig.py", "run", self.folder / "rig", "--"]
        with open(self.folder / "out", "wb") as out:
            owner = subprocess.Popen([*run, "sh", "-c", ENDLESS], stdout=out, stderr=out)
            seen = self.folder / "rig/seen"
            while not seen.exists():
                self.assertIsNone(owner.poll(), (self.folder / "out").read_text())
                time.sleep(0.1)
        servers = json.loads(seen.read_text())["processes"]
        self.assertTrue(all(map(processes.is_running, servers.values())), servers)
        os.kill(self.runner(owner.pid), signal.SIGKILL)
        owner.wait()
        for name, server in servers.items():
            self.assertTrue(processes.wait_until_gone(server, 20), name)
        again = subprocess.run([*run, "sh", "-c", SIGNALLED], check=False)
        left = json.loads((self.folder / "rig/rig.json").read_text())["processes"]
        self.assertEqual((again.returncode, left), (5, {}))

    def runner(self, pid):
        """runuser waits for the program that it starts."""
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if self.become else pid


def main():
    global RIG
    if missing := openstack.missing_packages():
        print(f"SKIP: needs the Debian packages {' '.join(missing)}")
        return 77
    with tempfile.TemporaryDirectory(prefix="kiln-rig-", dir="/var/tmp") as folder:
        RIG = openstack.Rig(folder)
        RIG.up(owner=os.getpid(), regions=2, fault=True, short=4)
        try:
            RIG.ports, RIG.publisher = RIG.state["ports"], RIG.token("publisher")
            RIG.proxy = RIG.ports["glance-fault"]
            return 0 if unittest.main(argv=sys.argv, exit=False, verbosity=2).result.wasSuccessful() else 1
        finally:
            RIG.down()


if __name__ == "__main__":
    sys.exit(main())
