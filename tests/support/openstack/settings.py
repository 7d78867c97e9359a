"""The configuration files of Keystone, Glance and their clients."""
import base64
import configparser
import io
import json
import os

# Debian ships this file in glance-common, which the library alone does not bring.
PASTE = {
    "pipeline:glance-api-keystone": {
        "pipeline": "healthcheck http_proxy_to_wsgi versionnegotiation authtoken context rootapp"},
    "composite:rootapp": {"paste.composite_factory": "glance.api:root_app_factory",
                          "/": "apiversions", "/v2": "apiv2app"},
    "app:apiversions": {"paste.app_factory": "glance.api.versions:create_resource"},
    "app:apiv2app": {"paste.app_factory": "glance.api.v2.router:API.factory"},
    "filter:healthcheck": {"paste.filter_factory": "oslo_middleware:Healthcheck.factory", "path": "/healthcheck"},
    "filter:versionnegotiation": {
        "paste.filter_factory": "glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory"},
    "filter:context": {"paste.filter_factory": "glance.api.middleware.context:ContextMiddleware.factory"},
    "filter:authtoken": {"paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
                         "delay_auth_decision": "true"},
    "filter:http_proxy_to_wsgi": {"paste.filter_factory": "oslo_middleware:HTTPProxyToWSGI.factory"},
}


def write_file(path, text):
    """All or nothing, readable by the owner alone: most of these files hold a password."""
    draft = f"{path}.new"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)


def write_ini(path, sections):
    """oslo.config has a section DEFAULT of its own, hence default_section."""
    parser = configparser.RawConfigParser(default_section="no such section")
    parser.optionxform = str
    parser.read_dict(sections)
    text = io.StringIO()
    parser.write(text)
    write_file(path, text.getvalue())


def write_keys(folder):
    """A key repository of Fernet keys as keystone-manage makes it: 0 is the next key, 1 the one in use."""
    folder.mkdir(mode=0o700)
    for name in ("0", "1"):
        write_file(folder / name, base64.urlsafe_b64encode(os.urandom(32)).decode())


def keystone(folder, data, port, expiration):
    """The configuration of one Keystone; several may share the data and differ in how long tokens live (seconds)."""
    return {
        "DEFAULT": {"log_file": folder / "keystone.log", "use_stderr": "false",
                    "public_endpoint": f"http://127.0.0.1:{port}"},
        "database": {"connection": f"sqlite:///{data / 'keystone.db'}"},
        "token": {"provider": "fernet", "expiration": expiration},
        "fernet_tokens": {"key_repository": data / "token-keys"},
        "fernet_receipts": {"key_repository": data / "receipt-keys"},  # by default in /etc
        "credential": {"key_repository": data / "credential-keys"},
        "identity": {"password_hash_rounds": 4},  # the fewest: tests log in often
        "oslo_policy": {"policy_file": folder / "policy.yaml"},
    }


def glance(folder, region, keystone_url, password, options):
    """The configuration of the Glance of one region, which is a dictionary of port, quota (bytes) and convert."""
    rbac = "true" if options["rbac"] else "false"
    plugins = "image_decompression,image_conversion" if region["convert"] else ""
    own = f"http://127.0.0.1:{region['port']}"
    return {
        "DEFAULT": {
            "bind_host": "127.0.0.1", "bind_port": region["port"], "workers": 0,
            "log_file": folder / "glance.log", "use_stderr": "false",
            "public_endpoint": own, "worker_self_reference_url": own,
            "enabled_backends": "first:file, second:file",
            "enabled_import_methods": "[glance-direct,web-download,copy-image]",
            "user_storage_quota": region["quota"], "enforce_secure_rbac": rbac},
        "database": {"connection": f"sqlite:///{folder / 'glance.db'}"},
        "glance_store": {"default_backend": "first"},
        "first": {"filesystem_store_datadir": folder / "first"},
        "second": {"filesystem_store_datadir": folder / "second"},
        "os_glance_staging_store": {"filesystem_store_datadir": folder / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": folder / "tasks"},
        "keystone_authtoken": {
            "www_authenticate_uri": keystone_url, "auth_url": keystone_url, "auth_type": "password",
            "username": "glance", "password": password, "project_name": "service",
            "user_domain_name": "Default", "project_domain_name": "Default",
            "token_cache_time": 60},  # each look-up of a token costs Keystone a tenth of a second
        "paste_deploy": {"flavor": "keystone", "config_file": folder / "paste.ini"},
        "oslo_policy": {"policy_file": folder / "policy.yaml",
                        "enforce_new_defaults": rbac, "enforce_scope": rbac},
        "oslo_concurrency": {"lock_path": folder / "work"},
        "task": {"work_dir": folder / "work"},
        # web-download from servers of the tests: any port, and 127.0.0.1, which is refused by default.
        "import_filtering_opts": {"allowed_schemes": "[http,https]", "allowed_ports": "[]",
                                  "allowed_hosts": "[127.0.0.1,localhost]"},
        "image_import_opts": {"image_import_plugins": f"[{plugins}]"},
        "image_conversion": {"output_format": "raw"},
    }


def password_cloud(auth_url, account, region):
    return {"auth": {"auth_url": auth_url, "username": account["user"], "password": account["password"],
                     "project_name": account["project"],
                     "user_domain_name": "Default", "project_domain_name": "Default"},
            "region_name": region}


def credential_cloud(auth_url, credential, region):
    return {"auth_type": "v3applicationcredential",
            "auth": {"auth_url": auth_url, "application_credential_id": credential["id"],
                     "application_credential_secret": credential["secret"]},
            "region_name": region}


def clouds(accounts, credentials, urls, regions):
    """clouds.yaml as a dictionary; urls has keystone and, if there is one, keystone-fault and keystone-short."""
    url = urls["keystone"]
    found = {name: password_cloud(url, account, "RegionOne") for name, account in accounts.items()}
    found |= {name: credential_cloud(url, credential, "RegionOne") for name, credential in credentials.items()}
    for name in ("admin", "publisher"):
        for region, ending in (("RegionTwo", "two"), ("RegionFault", "fault")):
            if region in regions:
                found[f"{name}-{ending}"] = password_cloud(url, accounts[name], region)
        if "RegionTwo" in regions:
            both = password_cloud(url, accounts[name], None)
            del both["region_name"]
            found[f"{name}-both"] = {**both, "regions": ["RegionOne", "RegionTwo"]}
    for kind in ("keystone-fault", "short"):
        other = urls.get("keystone-short" if kind == "short" else kind)
        if other:
            found[f"publisher-{kind}"] = password_cloud(other, accounts["publisher"], "RegionOne")
    return {name: {**cloud, "identity_api_version": 3} for name, cloud in found.items()}


def yaml(value, indent=""):
    """A dictionary of dictionaries, lists and scalars as YAML in block style; scalars as JSON, which YAML contains."""
    lines = []
    for name, part in value.items():
        if isinstance(part, dict):
            lines += [f"{indent}{name}:", yaml(part, indent + "  ")]
        elif isinstance(part, list):
            lines += [f"{indent}{name}:", *(f"{indent}  - {json.dumps(item)}" for item in part)]
        else:
            lines.append(f"{indent}{name}: {json.dumps(part)}")
    return "\n".join(lines)
