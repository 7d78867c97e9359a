"""What a Glance has, and how it decides, looked at without the programs under test."""
import concurrent.futures
import json
import os
import subprocess
import urllib.parse

from accounts import call
from processes import RigError, clean_environment
from settings import write_file

PATCH = "application/openstack-images-v2.1-json-patch"
# Each rule of Glance as it is in force: while the old defaults count, either of the two lets a request pass.
DEFAULT_RULES = """
import json, sys
from glance import policies
def text(rule):
    old = rule.deprecated_rule
    return f"({rule.check_str}) or ({old.check_str})" if old and sys.argv[1] == "old" else rule.check_str
print(json.dumps({rule.name: text(rule) for rule in policies.list_rules()}))
"""


def pages(url, token, filters):
    """Every image of one listing; the marker is set anew each time, as Glance's own 'next' loses repeated filters."""
    marker = {}
    while True:
        query = urllib.parse.urlencode({**filters, **marker, "limit": 200, "sort": "created_at:asc,id:asc"})
        found = call("GET", f"{url}/v2/images?{query}", token)[1]["images"]
        yield from found
        if len(found) < 200:
            return
        marker = {"marker": found[-1]["id"]}


def images(url, token, filters=None):
    """All images of all visibilities, hidden ones too; the oldest first."""
    found = {image["id"]: image for hidden in ("false", "true")
             for image in pages(url, token, {"visibility": "all", **(filters or {}), "os_hidden": hidden})}
    return sorted(found.values(), key=lambda image: (image["created_at"], image["id"]))


def delete_images(url, token):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda image: delete_image(url, token, image), images(url, token)))


def delete_image(url, token, image):
    address = f"{url}/v2/images/{image['id']}"
    if image["protected"]:
        change = json.dumps([{"op": "replace", "path": "/protected", "value": False}]).encode()
        call("PATCH", address, token, change, PATCH)
    call("DELETE", address, token)


def default_rules(rbac):
    answer = subprocess.run(["/usr/bin/python3", "-c", DEFAULT_RULES, "new" if rbac else "old"], check=False,
                            capture_output=True, text=True, env=clean_environment())
    if answer.returncode != 0:
        raise RigError(f"Glance's rules cannot be listed: {answer.stderr}")
    return json.loads(answer.stdout.splitlines()[-1])


def write_policy(path, rules, rbac):
    """A rule that is missing from the file stays as it was, so all are written; Glance looks at the file's time."""
    earlier = os.stat(path).st_mtime_ns
    kept = path.with_name("policy-defaults.json")
    if not kept.exists():
        write_file(kept, json.dumps(default_rules(rbac)))
    known = json.loads(kept.read_text())
    unknown = set(rules) - set(known)
    if unknown:
        raise RigError(f"Glance has no rule {sorted(unknown)}")
    write_file(path, json.dumps({**known, **rules}, indent=1))
    written = max(os.stat(path).st_mtime_ns, earlier + 10_000_000)
    os.utime(path, ns=(written, written))
