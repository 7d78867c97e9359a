"""Projects, users and the catalog of a fresh Keystone, and tokens, by its REST interface."""
import json
import urllib.error
import urllib.request

from processes import DIRECT, RigError

# Who may do what: user, project, role.
GRANTS = (("admin", "images", "admin"), ("admin", "second", "admin"), ("publisher", "images", "member"),
          ("member", "second", "member"), ("glance", "service", "admin"))
CREDENTIALS = {"appcred": ("publisher", "member"), "appcred-admin": ("admin", "admin")}


def call(method, url, token=None, body=None, content_type="application/json"):
    """(headers, what the JSON says) of one request; an error when its status is none of 2xx."""
    headers = {"Content-Type": content_type, **({"X-Auth-Token": token} if token else {})}
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, method=method, data=data, headers=headers)
    try:
        with DIRECT.open(request, timeout=60) as answer:
            text = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.headers, json.loads(text) if text and is_json else text
    except urllib.error.HTTPError as error:
        raise RigError(f"{method} {url}: {error.code} {error.read().decode(errors='replace')}") from error


def identity_of(auth):
    """The body of POST /v3/auth/tokens for the section 'auth' of a cloud."""
    if "application_credential_id" in auth:
        credential = {"id": auth["application_credential_id"], "secret": auth["application_credential_secret"]}
        return {"auth": {"identity": {"methods": ["application_credential"], "application_credential": credential}}}
    user = {"name": auth["username"], "domain": {"name": "Default"}, "password": auth["password"]}
    project = {"name": auth["project_name"], "domain": {"name": "Default"}}
    return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}},
                     "scope": {"project": project}}}


def log_in(auth):
    """(token, what it says) for the section 'auth' of a cloud."""
    headers, answer = call("POST", f"{auth['auth_url']}/auth/tokens", body=identity_of(auth))
    return headers["X-Subject-Token"], answer["token"]


class Provision:
    """Fills a Keystone that was just bootstrapped with user admin of project images."""

    def __init__(self, url, passwords):
        self.url = url
        self.passwords = passwords
        self.token, self.admin = log_in(self.auth("admin"))

    def auth(self, user):
        return {"auth_url": self.url, "username": user, "password": self.passwords[user], "project_name": "images"}

    def make(self, kind, **values):
        return self.call("POST", f"{kind}s", {kind: values})[kind]["id"]

    def call(self, method, path, body=None):
        return call(method, f"{self.url}/{path}", self.token, body)[1]

    def add_accounts(self):
        roles = {role["name"]: role["id"] for role in self.call("GET", "roles")["roles"]}
        projects = {"images": self.admin["project"]["id"]}
        for name in ("second", "service"):
            projects[name] = self.make("project", name=name, domain_id="default")
        users = {"admin": self.admin["user"]["id"]}
        for name in ("publisher", "member", "glance"):
            users[name] = self.make("user", name=name, domain_id="default", password=self.passwords[name])
        for user, project, role in GRANTS[1:]:  # bootstrap did the first
            self.call("PUT", f"projects/{projects[project]}/users/{users[user]}/roles/{roles[role]}")

    def add_catalog(self, regions):
        """regions maps names to the URLs of their Glance; each has the one Keystone too, else a client finds none."""
        service = self.make("service", name="glance", type="image")
        identity = self.call("GET", "services?type=identity")["services"][0]["id"]
        for region, url in regions.items():
            if region != "RegionOne":  # made by bootstrap, with the endpoints of Keystone
                self.call("PUT", f"regions/{region}", {"region": {}})
                self.add_endpoint(identity, region, "public", self.url)
            self.add_endpoint(service, region, "public", url)
            self.add_endpoint(service, region, "internal", url)

    def add_endpoint(self, service, region, interface, url):
        self.make("endpoint", service_id=service, region_id=region, interface=interface, url=url)

    def add_credential(self, user, role, name, secret):
        """An application credential is made by its own user, with a token of the project that it shall act in."""
        token, said = log_in(self.auth(user))
        body = {"application_credential": {"name": name, "secret": secret, "roles": [{"name": role}]}}
        answer = call("POST", f"{self.url}/users/{said['user']['id']}/application_credentials", token, body)[1]
        return {"id": answer["application_credential"]["id"], "secret": secret}
