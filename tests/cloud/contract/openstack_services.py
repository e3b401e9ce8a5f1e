"""A real Keystone and a real Swift on the loopback, from the environment that `make openstack` sets up.

Everything stands in one temporary folder; the processes end with the block. Swift counts what an account holds when
its container-updater has run (`count`): until then a quota does not bite and the usage reads as before.
"""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3] / ".venv"
BIN, STAMP = ROOT / "openstack" / "bin", ROOT / "openstack.stamp"
WHY_NOT = "Keystone and Swift are not set up here: `make openstack` sets them up and runs these cases"
PASSWORD, SWIFT_PASSWORD, REGION = "admin-password", "swift-password", "RegionOne"
LONGEST = 60.0
"""Seconds that one step of the setting-up may take."""
KEYSTONE = """\
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.db
[fernet_tokens]
key_repository = {folder}/fernet
[fernet_receipts]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = dogpile.cache.memory_pickle
"""
KEYSTONE_APP = """\
import sys

sys.argv = sys.argv[:1]  # Keystone reads the command line of whoever loads it: under gunicorn its workers would die
from keystone.wsgi.api import application
"""
SWIFT_RUN = """\
import sys
from importlib import import_module

from swift.common import utils

utils.set_swift_dir(sys.argv.pop(1))
import_module(sys.argv.pop(1)).main()
"""
SWIFT_RINGS = """\
import sys

from swift.common.ring import RingBuilder

folder, *ports = sys.argv[1:]
for kind, port in zip(("account", "container", "object"), ports):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1",
                     "replication_ip": "127.0.0.1", "replication_port": int(port)})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
"""
SWIFT = "[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = gold\ndefault = yes\n"
SERVER = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
devices = {folder}/node
mount_check = false
workers = 0
fallocate_reserve = 0
recon_cache_path = {folder}
log_address = {folder}/no-syslog
"""
PLAIN = "[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\n"
UPDATER = "[container-updater]\naccount_suppression_time = 0\n"
PROXY = """\
[pipeline:main]
pipeline = catch_errors proxy-logging bulk authtoken keystoneauth account-quotas slo dlo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = {keystone}
auth_url = {keystone}
auth_type = password
username = swift
password = {password}
project_name = service
user_domain_id = default
project_domain_id = default
delay_auth_decision = true
token_cache_time = -1
include_service_catalog = false
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
reseller_admin_role = ResellerAdmin
[filter:account-quotas]
use = egg:swift#account_quotas
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""


class Services:
    """Both, running: keystone and swift are where they are; processes are ours alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.ports = dict(zip(("keystone", "proxy", "account", "container", "object"), _free(5), strict=True))
        self.keystone = f"http://127.0.0.1:{self.ports['keystone']}/v3"
        self.swift = f"http://127.0.0.1:{self.ports['proxy']}"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(folder),
            "OS_KEYSTONE_CONFIG_FILES": str(folder / "keystone.conf"),
        }  # fmt: skip

    def run(self, program: str, *arguments: str) -> None:
        """One step to its end. Raises CalledProcessError with what it said."""
        subprocess.run(
            [str(BIN / program), *arguments], cwd=self.folder, env=self.environment, check=True, timeout=LONGEST,
            capture_output=True,
        )  # fmt: skip

    def start(self, name: str, program: str, *arguments: str) -> None:
        """One process, in a group of its own so that its children end with it."""
        with (self.folder / f"{name}.out").open("wb") as said:
            self.processes.append(subprocess.Popen(
                [str(BIN / program), *arguments], cwd=self.folder, env=self.environment, stdout=said, stderr=said,
                start_new_session=True,
            ))  # fmt: skip

    def count(self) -> None:
        """Let Swift count what its accounts hold."""
        self.run("python", "swift_run.py", str(self.folder), "swift.container.updater", "container.conf", "once")

    def end(self) -> None:
        """End every process that was started."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def are_set_up() -> bool:
    """Whether the environment is there."""
    return STAMP.exists()


@contextlib.contextmanager
def running() -> Iterator[Services]:
    """Both services, ready; where their administrator is `admin`, and Swift knows the role ResellerAdmin."""
    folder = Path(tempfile.mkdtemp(prefix="incubator-openstack-"))
    services = Services(folder)
    try:
        _write(services)
        _set_up(services)
        yield services
    finally:
        services.end()
        shutil.rmtree(folder, ignore_errors=True)


def _write(services: Services) -> None:
    folder = services.folder
    values = {**services.ports, "folder": folder, "user": getpass.getuser(), "password": SWIFT_PASSWORD}
    files = {
        "keystone.conf": KEYSTONE.format(folder=folder), "keystone_app.py": KEYSTONE_APP, "swift.conf": SWIFT,
        "swift_run.py": SWIFT_RUN, "swift_rings.py": SWIFT_RINGS,
        "proxy.conf": SERVER.format(port=services.ports["proxy"], **values)
        + PROXY.format(**(values | {"keystone": services.keystone})),
    }  # fmt: skip
    for kind in ("account", "container", "object"):
        files[f"{kind}.conf"] = SERVER.format(port=services.ports[kind], **values) + PLAIN.format(kind=kind)
    files["container.conf"] += UPDATER
    for name, content in files.items():
        (folder / name).write_text(content)
    for name in ("fernet", "credential", "node/d1"):
        (folder / name).mkdir(parents=True, mode=0o700)


def _set_up(services: Services) -> None:
    user = getpass.getuser()
    who = ("--keystone-user", user, "--keystone-group", user)
    services.run("keystone-manage", "fernet_setup", *who)
    services.run("keystone-manage", "credential_setup", *who)
    services.run("keystone-manage", "db_sync")
    services.run(
        "keystone-manage", "bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-region-id", REGION,
        "--bootstrap-public-url", services.keystone, "--bootstrap-internal-url", services.keystone,
        "--bootstrap-admin-url", services.keystone,
    )  # fmt: skip
    ports = [str(services.ports[kind]) for kind in ("account", "container", "object")]
    services.run("python", "swift_rings.py", str(services.folder), *ports)
    bind = f"127.0.0.1:{services.ports['keystone']}"
    options = ("--workers", "1", "--threads", "4", "--bind", bind, "--no-control-socket")
    services.start("keystone", "gunicorn", *options, "keystone_app:application")
    for kind, module in (("account", "account"), ("container", "container"), ("object", "obj"), ("proxy", "proxy")):
        services.start(kind, "python", "swift_run.py", str(services.folder), f"swift.{module}.server", f"{kind}.conf")
    _wait(services, services.keystone)
    _enter(services)
    for kind in ("account", "container", "object", "proxy"):
        _wait(services, f"http://127.0.0.1:{services.ports[kind]}/healthcheck")


def _enter(services: Services) -> None:
    """What an operator of such a cloud enters: Swift's user, its role and endpoint, a limit that may be lowered."""
    from openstack.connection import Connection

    cloud = Connection(
        auth={"auth_url": services.keystone, "username": "admin", "password": PASSWORD, "project_name": "admin",
              "user_domain_id": "default", "project_domain_id": "default"}, region_name=REGION,
    )  # fmt: skip
    identity = cloud.identity
    admin, administration = identity.find_role("admin", False), identity.find_project("admin", False)
    service = identity.create_project(name="service", domain_id="default")
    swift = identity.create_user(name="swift", password=SWIFT_PASSWORD, domain_id="default")
    identity.assign_project_role_to_user(service, swift, admin)
    reseller = identity.create_role(name="ResellerAdmin")
    identity.assign_project_role_to_user(administration, identity.find_user("admin", False), reseller)
    store = identity.create_service(name="swift", type="object-store")
    identity.create_endpoint(
        service_id=store.id, interface="public", region_id=REGION, url=f"{services.swift}/v1/AUTH_%(project_id)s"
    )
    identity.create_registered_limit(
        service_id=store.id, region_id=REGION, resource_name="containers", default_limit=100
    )
    identity.create_domain(name="subsidiary")
    cloud.close()


def _wait(services: Services, address: str) -> None:
    """Until somebody answers there. Raises TimeoutError with what the processes said."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until and all(process.poll() is None for process in services.processes):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = {file.name: file.read_text(errors="replace")[-2000:] for file in services.folder.glob("*.out")}
    raise TimeoutError(f"{address} does not answer: {said}")


def _free(many: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(many)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
