#!/usr/bin/python3
"""Real Keystone and Glance of Debian's packages on 127.0.0.1, for tests; as root or a plain user.

rig.py run DIR [OPTIONS] -- COMMAND...   starts the servers, runs the command, stops them; the command's exit code
rig.py up DIR [OPTIONS]                  starts them, or starts them again with the data that DIR has
rig.py down DIR                          stops them; the data stay
rig.py env DIR                           what to export to use them
rig.py token|images DIR CLOUD            a token; what the cloud's region shows, hidden images too, as JSON
rig.py kill DIR REGION [SIGNAL]          sends Glance a signal (KILL) and waits for its end
rig.py start DIR REGION                  starts Glance again
rig.py quota DIR REGION BYTES            restarts Glance with this quota of a project; 0 is none
rig.py policy DIR REGION JSON            rules that replace the defaults from the next request on
rig.py fault DIR glance|keystone [JSON]  replaces the rules of a fault proxy (fault_proxy.py), or prints rules and log
rig.py delete-all DIR                    deletes the images of every region

Options: --regions 2, --convert (region two converts imports to raw), --fault (fault proxies), --short SECONDS (a second
Keystone whose tokens live that long), --quota BYTES, --rbac (roles as newer OpenStack has them), --owner PID (the servers
end when that process does). Regions are RegionOne and RegionTwo. Exit code 77: a package is missing.

DIR/rig.json has ports, processes and passwords, DIR/clouds.yaml the clouds: admin, publisher (project images), member
(project second), appcred, appcred-admin; admin-two, publisher-two, admin-both, publisher-both; admin-fault,
publisher-fault, publisher-keystone-fault; publisher-short. DIR/log has what the servers say.
"""
import argparse
import concurrent.futures
import contextlib
import fcntl
import json
import os
import pathlib
import secrets
import shlex
import signal
import sqlite3
import subprocess
import sys

import accounts
import look
import processes
import settings
import supervise
from fault_proxy import Faults
from processes import RigError

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # a python3 that comes first in PATH may be another without these modules
NEEDS = {"python3-glance": "glance", "python3-keystone": "keystone"}
FILES = {"uwsgi-core": "/usr/bin/uwsgi", "uwsgi-plugin-python3": "/usr/lib/uwsgi/plugins/python3_plugin.so"}
# One process for both: to import Keystone takes longer than what either does.
KEYSTONE_SETUP = """
import sys
from keystone.cmd import cli
cli.main(["keystone-manage", "--config-file", sys.argv[1], "db_sync"])
cli.CONF.reset()
cli.main(["keystone-manage", "--config-file", sys.argv[1], "bootstrap"])
"""
GLANCE_SETUP = "from glance.cmd.manage import main; main()"
GLANCE_SERVER = "import sys; sys.argv[0] = 'glance-api'; from glance.cmd.api import main; main()"
DEFAULTS = {"regions": 1, "convert": False, "fault": False, "short": 0, "quota": 0, "rbac": False}


def missing_packages():
    probe = "import importlib.util, sys; print(*(n for n in sys.argv[1:] if not importlib.util.find_spec(n)))"
    found = subprocess.run([PYTHON, "-c", probe, *NEEDS.values()], capture_output=True, text=True, check=True,
                           env=processes.clean_environment()).stdout.split()
    return [package for package, module in NEEDS.items() if module in found] + \
           [package for package, path in FILES.items() if not os.path.exists(path)]


def new_database(path):
    """A database in WAL mode: with SQLite's own journal one slow reader blocks every writer."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")


def copy_database(source, target):
    """A copy with what the write-ahead log still holds."""
    new_database(target)
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


class Rig:
    """The servers of one folder. Several programs may hold a Rig of the same folder at a time."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.file = self.folder / "rig.json"
        self.log_folder = self.folder / "log"

    # What rig.json holds

    @property
    def state(self):
        try:
            return json.loads(self.file.read_text())
        except FileNotFoundError:
            raise RigError(f"there is no '{self.file}'; make it with: rig.py up {self.folder}") from None

    @contextlib.contextmanager
    def changed_state(self):
        """The state to be changed; written at the end, while others wait."""
        with open(self.folder / "rig.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self.state
            yield state
            settings.write_file(self.file, json.dumps(state, indent=1) + "\n")

    @property
    def clouds_file(self):
        return self.folder / "clouds.yaml"

    def glance_folder(self, region):
        return self.folder / f"glance-{region}"

    def glance_log(self, region="RegionOne"):
        """Glance's log: the lines of eventlet.wsgi.server name each request with its status."""
        return self.glance_folder(region) / "glance.log"

    def glance_url(self, region="RegionOne"):
        return f"http://127.0.0.1:{self.state['regions'][region]['port']}"

    def keystone_url(self, name="keystone"):
        return f"http://127.0.0.1:{self.state['ports'][name]}/v3"

    def environment(self):
        return {"OS_CLIENT_CONFIG_FILE": str(self.clouds_file), "KILN_RIG": str(self.folder)}

    # Up and down

    def up(self, owner=None, **options):
        """Starts all servers. With an owner (pid) they end when it ends, however that comes."""
        if self.file.exists():
            if not self.state["ready"]:
                raise RigError(f"an earlier start in '{self.folder}' was cut short; remove that folder first")
            options = self.state["options"]
        else:
            self.lay_out({**DEFAULTS, **options})
        try:
            if owner:
                self.start_keeper(owner)
            self.start_all()
        except BaseException:
            self.down()
            raise
        return self

    def lay_out(self, options):
        """Decides on ports and passwords and writes every file that needs no server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_folder.mkdir(exist_ok=True)
        names = ["keystone", "RegionOne"] + (["RegionTwo"] if options["regions"] > 1 else [])
        names += ["keystone-short"] if options["short"] else []
        names += ["glance-fault", "glance-control", "keystone-fault", "keystone-control"] if options["fault"] else []
        ports = dict(zip(names, processes.free_ports(len(names))))
        people = ("admin", "publisher", "member", "glance", *accounts.CREDENTIALS)
        state = {
            "ready": False, "options": options, "processes": {}, "ports": ports,
            "passwords": {name: f"{name}-{secrets.token_hex(12)}" for name in people},
            "regions": {name: {"port": ports[name], "quota": options["quota"],
                               "convert": options["convert"] and name == "RegionTwo"}
                        for name in names if name.startswith("Region")}}
        settings.write_file(self.file, json.dumps(state, indent=1) + "\n")
        self.lay_out_keystone(options)
        for region in state["regions"]:
            self.lay_out_glance(region)

    def lay_out_keystone(self, options):
        data = self.folder / "keystone"
        data.mkdir()
        for name in ("token-keys", "receipt-keys", "credential-keys"):
            settings.write_keys(data / name)
        new_database(data / "keystone.db")
        ports = self.state["ports"]
        settings.write_ini(data / "keystone.conf", settings.keystone(data, data, ports["keystone"], 3600))
        if options["short"]:
            short = self.folder / "keystone-short"
            short.mkdir()
            settings.write_ini(short / "keystone.conf",
                               settings.keystone(short, data, ports["keystone-short"], options["short"]))

    def lay_out_glance(self, region):
        folder = self.glance_folder(region)
        for name in ("first", "second", "staging", "tasks", "work"):
            (folder / name).mkdir(parents=True)
        settings.write_ini(folder / "paste.ini", settings.PASTE)
        settings.write_file(folder / "policy.yaml", "{}\n")
        self.write_glance_settings(region)

    def write_glance_settings(self, region):
        state = self.state
        settings.write_ini(self.glance_folder(region) / "glance.conf", settings.glance(
            self.glance_folder(region), state["regions"][region], self.keystone_url().removesuffix("/v3"),
            state["passwords"]["glance"], state["options"]))

    def start_all(self):
        """What does not need one another happens at the same time: Keystone opens its database at the first request."""
        state = self.state
        fresh = not state["ready"]
        started = [self.start_keystone(name) for name in ("keystone", "keystone-short") if name in state["ports"]]
        if state["options"]["fault"]:
            started += [self.start_proxy("glance", state["ports"]["RegionOne"]),
                        self.start_proxy("keystone", state["ports"]["keystone"])]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            glance = pool.submit(self.set_up_glance, list(state["regions"])) if fresh else None
            if fresh:
                self.set_up_keystone()
            if glance:
                glance.result()
        started += [self.launch_glance(region) for region in state["regions"]]
        processes.wait_for(*started[0])
        if fresh:
            self.provision()
        for server in started[1:]:
            processes.wait_for(*server)
        with self.changed_state() as state:
            state["ready"] = True

    def set_up_keystone(self):
        passwords, url = self.state["passwords"], self.keystone_url()
        names = {"USERNAME": "admin", "PASSWORD": passwords["admin"], "PROJECT_NAME": "images", "ROLE_NAME": "admin",
                 "SERVICE_NAME": "keystone", "REGION_ID": "RegionOne",
                 "PUBLIC_URL": url, "INTERNAL_URL": url, "ADMIN_URL": url}
        processes.run([PYTHON, "-c", KEYSTONE_SETUP, str(self.folder / "keystone/keystone.conf")],
                      self.log_folder / "set-up", {f"OS_BOOTSTRAP_{name}": value for name, value in names.items()})

    def set_up_glance(self, regions):
        """One database is made; that of the other region is a copy."""
        first = self.glance_folder(regions[0])
        new_database(first / "glance.db")
        processes.run([PYTHON, "-c", GLANCE_SETUP, "--config-file", str(first / "glance.conf"), "db_sync"],
                      self.log_folder / "set-up-glance")
        for region in regions[1:]:
            copy_database(first / "glance.db", self.glance_folder(region) / "glance.db")

    def provision(self):
        state = self.state
        keystone = accounts.Provision(self.keystone_url(), state["passwords"])
        keystone.add_accounts()
        urls = {region: self.glance_url(region) for region in state["regions"]}
        if state["options"]["fault"]:
            urls["RegionFault"] = f"http://127.0.0.1:{state['ports']['glance-fault']}"
        keystone.add_catalog(urls)
        credentials = {name: keystone.add_credential(user, role, name, state["passwords"][name])
                       for name, (user, role) in accounts.CREDENTIALS.items()}
        people = {user: {"user": user, "project": project, "password": state["passwords"][user]}
                  for user, project, _ in reversed(accounts.GRANTS) if user != "glance"}
        auth_urls = {name: self.keystone_url(name) for name in state["ports"]
                     if name in ("keystone", "keystone-fault", "keystone-short")}
        clouds = settings.clouds(people, credentials, auth_urls, urls)
        with self.changed_state() as state:
            state["clouds"] = clouds
        settings.write_file(self.clouds_file, settings.yaml({"clouds": clouds}) + "\n")

    def down(self):
        """Stops every server; each pid was written down with its start time, so that no other process is hit."""
        if not self.file.exists():
            return
        with self.changed_state() as state:
            stop_all(state["processes"])
            state["processes"] = {}

    # Single servers

    def launch(self, name, command, port, path):
        """Starts a server; returns what processes.wait_for needs."""
        if processes.is_served(port):
            raise RigError(f"port {port} of {name} is in use by another program")
        log = self.log_folder / name
        with self.changed_state() as state:
            if processes.is_running(state["processes"].get(name)):
                raise RigError(f"{name} is running already")
            state["processes"][name] = process = processes.start([str(part) for part in command], log)
        return f"http://127.0.0.1:{port}{path}", process, log

    def start_keystone(self, name):
        """Under uwsgi: processes, as SQLite's handles belong to a thread; it ends each connection and says so."""
        port, conf = self.state["ports"][name], self.folder / name / "keystone.conf"
        return self.launch(name, [
            "/usr/bin/uwsgi", "--plugin", "python3", "--master", "--die-on-term", "--no-orphans", "--need-app",
            "--processes", 1 if name == "keystone-short" else 2, "--buffer-size", 65535,
            "--http-socket", f"127.0.0.1:{port}", "--add-header", "Connection: close",
            "--log-format", "%(method) %(uri) %(status)", "--wsgi-file", "/usr/bin/keystone-wsgi-public",
            "--pyargv", f"--config-file {conf}"], port, "/v3")

    def start_proxy(self, name, upstream):
        ports = self.state["ports"]
        return self.launch(f"{name}-fault", [
            PYTHON, HERE / "fault_proxy.py", ports[f"{name}-fault"], upstream,
            "--control", ports[f"{name}-control"], "--log", self.log_folder / f"{name}-fault-requests"],
            ports[f"{name}-control"], "/")

    def launch_glance(self, region):
        return self.launch(f"glance-{region}", [
            PYTHON, "-c", GLANCE_SERVER, "--config-file", self.glance_folder(region) / "glance.conf"],
            self.state["regions"][region]["port"], "/healthcheck")

    def start_glance(self, region="RegionOne"):
        """Starts Glance again with the data it had, and waits until it answers."""
        processes.wait_for(*self.launch_glance(region))

    def kill_glance(self, region="RegionOne", number=signal.SIGKILL):
        """Sends Glance a signal; waits for its end unless the signal only stops or continues it."""
        process = self.state["processes"].get(f"glance-{region}")
        if number in (signal.SIGSTOP, signal.SIGCONT):
            processes.send(process, number)
        else:
            processes.stop(process, number)

    def start_keeper(self, owner):
        """A process that outlives the owner, and stops the servers; it writes itself down."""
        processes.run([PYTHON, str(HERE / "rig.py"), "keep", str(self.folder), "--owner", str(owner)],
                      self.log_folder / "keeper")

    # What tests change while it runs

    def set_quota(self, region, size):
        """Restarts Glance with a quota of each project in bytes; 0 is none."""
        with self.changed_state() as state:
            state["regions"][region]["quota"] = size
        self.write_glance_settings(region)
        self.kill_glance(region, signal.SIGTERM)
        self.start_glance(region)

    def set_policy(self, region, rules):
        """These rules instead of the defaults, from the next request on; {} is the defaults."""
        look.write_policy(self.glance_folder(region) / "policy.yaml", rules, self.state["options"]["rbac"])

    def faults(self, name="glance"):
        """The fault proxy in front of Glance of RegionOne or of Keystone."""
        return Faults(self.state["ports"][f"{name}-control"])

    # What tests look at from outside

    def token(self, cloud):
        return accounts.log_in(self.state["clouds"][cloud]["auth"])[0]

    def images(self, where, **filters):
        """The images that a cloud or (as its admin) a region shows, hidden ones too."""
        region, token = self.place(where)
        return look.images(self.glance_url(region), token, filters)

    def delete_all(self):
        """Deletes the images of every region and project, protected ones too."""
        for region in self.state["regions"]:
            look.delete_images(self.glance_url(region), self.token("admin"))

    def place(self, where):
        """(region, token) for the name of a cloud or a region."""
        state = self.state
        if where in state["regions"]:
            return where, self.token("admin")
        if where not in state["clouds"]:
            raise RigError(f"there is no cloud or region '{where}'; known are: {' '.join(state['clouds'])}")
        region = state["clouds"][where].get("region_name", "RegionOne")
        return "RegionOne" if region == "RegionFault" else region, self.token(where)


def stop_all(records):
    running = [process for process in records.values() if process["pid"] != os.getpid()]
    for process in running:
        processes.send(process, signal.SIGKILL)
    for process in running:
        processes.stop(process)


def parse(arguments):
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("verb", choices=[*VERBS, "up", "run", "keep"])
    parser.add_argument("folder")
    parser.add_argument("values", nargs="*")
    parser.add_argument("--regions", type=int, choices=(1, 2), default=1)
    for name in ("short", "quota"):
        parser.add_argument(f"--{name}", type=int, default=0)
    for name in ("convert", "fault", "rbac"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--owner", type=int)
    return parser.parse_args(arguments)


def show_fault(rig, name, rules=None):
    proxy = rig.faults(name)
    if rules is not None:
        proxy.set(*json.loads(rules))
    else:
        print(json.dumps(proxy.ask("GET", "/"), indent=1))


def show_environment(rig):
    for name, value in rig.environment().items():
        print(f"export {name}={shlex.quote(value)}")


VERBS = {
    "down": Rig.down,
    "env": show_environment,
    "token": lambda rig, cloud: print(rig.token(cloud)),
    "images": lambda rig, where: print(json.dumps(rig.images(where), indent=1)),
    "kill": lambda rig, region, name="KILL": rig.kill_glance(region, signal.Signals[f"SIG{name.removeprefix('SIG')}"]),
    "start": Rig.start_glance,
    "quota": lambda rig, region, size: rig.set_quota(region, int(size)),
    "policy": lambda rig, region, rules: rig.set_policy(region, json.loads(rules)),
    "fault": show_fault,
    "delete-all": Rig.delete_all,
}


def main(arguments):
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = parse(arguments[:end]), arguments[end + 1:]
    rig = Rig(options.folder)
    if options.verb in VERBS:
        return VERBS[options.verb](rig, *options.values)
    if options.verb == "keep":
        return supervise.keep(rig, options.owner, stop_all)
    if missing := missing_packages():
        print(f"SKIP: needs the Debian packages {' '.join(missing)}")
        return 77
    wanted = {name: getattr(options, name) for name in DEFAULTS}
    if options.verb == "run":
        return supervise.run(rig, wanted, command)
    rig.up(owner=options.owner, **wanted)
    return show_environment(rig)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (RigError, OSError, ValueError, TypeError) as problem:
        sys.exit(f"error: {problem}")
