"""The rig of the driver `openstack`: over a double for every day, over the real ones for `make openstack`.

Both stand behind the same server, so that the same faults can be put before either.
"""

import contextlib
import http.client
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from incubator.cloud.drivers import Ambiguous, AuthFailed, Conflict, Driver, Place, Throttled, Unavailable, open_driver
from tests.cloud.contract import openstack_double, openstack_services, serving
from tests.cloud.contract.faults import Fault
from tests.cloud.contract.openstack_services import Services

if TYPE_CHECKING:
    from tests.cloud.contract import rigs

OPENSTACK: "rigs.Expected" = {
    Fault.DOWN: {Unavailable},
    Fault.FAILS: {Unavailable, Ambiguous},
    Fault.LOST: {Ambiguous},
    Fault.GARBLED: {Ambiguous, Unavailable},
    Fault.THROTTLED: {Throttled},
    Fault.REFUSED: {AuthFailed},
    Fault.TAKEN: {Conflict},
    Fault.RENAMED: set(),
    Fault.STUCK: set(),
}
OPENSTACK_NOT = {Fault.SLOW: "Keystone makes a project at once"}
OPTIONS = {"project": "admin", "domain": "subsidiary"}
KEPT = "kept/report.txt"


@contextlib.contextmanager
def openstack(_setting: "rigs.Setting") -> Iterator["rigs.Rig"]:
    """The double."""
    double = openstack_double.Double()
    with serving.running(double.do) as served:
        double.address = served.address
        place = Place(f"{served.address}/v3", f"{openstack_double.USER}:{openstack_double.PASSWORD}", OPTIONS)
        yield _rig(served, open_driver("openstack", place), double.keys)


@contextlib.contextmanager
def real(services: Services) -> Iterator["rigs.Rig"]:
    """The real ones."""
    behind = Behind(services)
    with serving.running(behind.do) as served:
        behind.front = served.address
        place = Place(f"{served.address}/v3", f"admin:{openstack_services.PASSWORD}", OPTIONS)
        direct = open_driver("openstack", Place(services.keystone, place.token, OPTIONS))
        yield _rig(served, open_driver("openstack", place), lambda: [ref.key for ref in direct.list_all()])


class Behind:
    """Passes each call on to Keystone or Swift, and puts its own address where they name theirs."""

    def __init__(self, services: Services) -> None:
        self.front = ""
        self._keystone, self._swift = services.keystone.removesuffix("/v3"), services.swift

    def do(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes, dict[str, str]]:
        place = urlsplit(self._keystone if target.startswith("/v3") else self._swift)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        kept = {name: value for name, value in headers.items() if name not in {"host", "connection", "accept-encoding"}}
        try:
            connection.request(method, target, body, kept)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        said = {name: value for name, value in answer.getheaders() if name.lower().startswith(("x-", "content-type"))}
        for address in (self._keystone, self._swift):
            content = content.replace(address.encode(), self.front.encode())
        return answer.status, content, said


def _rig(served: serving.Served, driver: Driver, keys: Callable[[], list[str]]) -> "rigs.Rig":
    from tests.cloud.contract import rigs  # it lists this one

    cloud: Any = driver
    stuck: list[str] = []
    do = served.do

    def with_stuck(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[Any, ...]:
        is_kept = method == "DELETE" and any(one in target for one in stuck)
        return (409, {}) if is_kept else do(method, target, headers, body)

    served.do = with_stuck

    def inject(fault: Fault, key: str, ending: bool) -> None:
        if fault is Fault.STUCK:
            upload(cloud, key, KEPT)
            stuck.append("/" + KEPT.split("/", maxsplit=1)[0] + "/")
        elif fault is Fault.TAKEN:
            cloud._cloud.identity.create_project(name=f"sb-{key}", domain_id=cloud._domain)
        elif fault is Fault.DOWN:
            served.faults = [("GET", f"incubator-key-{key}", "down")]
        elif fault is Fault.REFUSED:  # the SDK signs in once more before it believes it
            served.faults = [("DELETE" if ending else "POST", "/v3/projects", 401), ("POST", "/v3/auth/tokens", 401)]
        else:
            served.faults = [("DELETE" if ending else "POST", "/v3/projects", rigs.STATUS[fault])]

    def rename(key: str) -> None:
        cloud._cloud.identity.delete_project(cloud._project(key).id)

    return rigs.Rig("openstack", driver, inject, keys, OPENSTACK, OPENSTACK_NOT, rename, lambda _key: stuck.clear())


def upload(cloud: Any, key: str, name: str, content: bytes = b"kept") -> None:
    """Something of the team's in an account, put there by us."""
    account = cloud._store._account(cloud._project(key).id)
    container, _, inside = name.partition("/")
    cloud._cloud.ask("PUT", f"{account}/{container}")
    cloud._cloud.session.put(f"{account}/{container}/{quote(inside, safe='')}", data=content)
