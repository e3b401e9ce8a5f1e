"""A real provider of each kind on the loopback, into which faults can be put."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import delete, select

from incubator.cloud import services
from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    Driver,
    DriverError,
    Pending,
    Place,
    Secret,
    Throttled,
    Unavailable,
    open_driver,
)
from incubator.cloud.models import ManualAccount, ManualTask
from incubator.cloud.states import TaskState
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from tests.cloud import provider
from tests.cloud.contract import api_server, aws_rig, openstack_rig, osb_broker, postgres_proxy, serving, vendor_rigs
from tests.cloud.contract.faults import Fault
from tests.make import Make

Expected = dict[Fault, set[type[DriverError]]]
NETWORK: Expected = {
    Fault.DOWN: {Unavailable},
    Fault.FAILS: {Unavailable, Ambiguous},
    Fault.LOST: {Ambiguous},
    Fault.GARBLED: {Ambiguous, Unavailable},
    Fault.THROTTLED: {Throttled},
    Fault.REFUSED: {AuthFailed},
}


@dataclass
class Rig:
    """One kind of provider.

    inject: puts a fault before the next call that makes (or, `ending`, deletes) the account with this key.
    accounts: the keys of what is really there, each as often as it is. raises: which errors a fault may show as;
    an empty set: none. rename, mend: what somebody does
    there by hand. A fault that is not named cannot happen there; `why_not` says why.
    """

    name: str
    driver: Driver
    inject: Callable[[Fault, str, bool], None]
    accounts: Callable[[], list[str]]
    raises: Expected
    why_not: dict[Fault, str] = field(default_factory=dict)
    rename: Callable[[str], None] = lambda key: None
    mend: Callable[[str], None] = lambda key: None
    between: Callable[[], None] = lambda: None


@dataclass
class Setting:
    """What a rig may be built from: the servers of the run, and rows of the product."""

    servers: dict[str, str]
    make: Make


LOCAL_PG: Expected = {
    **NETWORK,
    Fault.GARBLED: {Unavailable},
    Fault.FAILS: {Unavailable},
    Fault.RENAMED: set(),
    Fault.STUCK: set(),
}
LOCAL_PG_NOT = {
    Fault.SLOW: "a database is made at once",
    Fault.TAKEN: "the cluster is the product's alone",
}


@contextlib.contextmanager
def local_pg(setting: Setting) -> Iterator[Rig]:
    """The cluster of the sandboxes behind a proxy that cuts connections."""
    servers = setting.servers
    with postgres_proxy.running(servers["sandbox"]) as proxy:

        def inject(fault: Fault, key: str, ending: bool) -> None:
            proxy.fault = fault
            proxy.statement = b"DROP DATABASE" if ending else b"CREATE DATABASE"
            if fault is Fault.STUCK:
                _own_elsewhere(servers["sandbox"], key)

        def accounts() -> list[str]:
            with psycopg.connect(servers["sandbox"], autocommit=True) as connection:
                rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'sb_')")
                return [row[0].removeprefix("sb_") for row in rows]

        def rename(key: str) -> None:
            with psycopg.connect(servers["sandbox"], autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(f"sb_{key}")))
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(f"sb_{key}")))

        def mend(_key: str) -> None:
            with psycopg.connect(servers["sandbox"], autocommit=True) as connection:
                connection.execute("DROP SCHEMA IF EXISTS stuck")

        driver = open_driver("local_pg", Place(proxy.address))
        yield Rig("local_pg", driver, inject, accounts, LOCAL_PG, LOCAL_PG_NOT, rename, mend)


def _own_elsewhere(address: str, key: str) -> None:
    """Something outside its database that belongs to the account's role."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA stuck AUTHORIZATION {}").format(sql.Identifier(f"sb_{key}")))


HTTP: Expected = {
    **NETWORK,
    Fault.SLOW: set(),
    Fault.TAKEN: {Conflict},
    Fault.RENAMED: set(),
    Fault.STUCK: set(),
}
STATUS: dict[Fault, Any] = {
    Fault.FAILS: 500, Fault.LOST: "lost", Fault.GARBLED: "garbled", Fault.THROTTLED: 429, Fault.REFUSED: 401,
    Fault.SLOW: "late", Fault.TAKEN: 409, Fault.DOWN: "down",
}  # fmt: skip


@contextlib.contextmanager
def http(_setting: Setting) -> Iterator[Rig]:
    """The loopback that speaks the partner protocol."""
    with provider.running() as loopback:

        def inject(fault: Fault, key: str, ending: bool) -> None:
            if fault is Fault.STUCK:
                loopback.accounts[key]["stuck"] = ["disk-7"]
            else:
                first = "GET" if fault is Fault.DOWN else None
                loopback.faults = [(first or ("DELETE" if ending else "PUT"), f"/accounts/{key}", STATUS[fault])]

        def rename(key: str) -> None:
            del loopback.accounts[key]

        def mend(key: str) -> None:
            loopback.accounts[key]["stuck"] = []

        driver = open_driver("http", Place(loopback.address, provider.TOKEN))
        yield Rig("http", driver, inject, lambda: list(loopback.accounts), HTTP, {}, rename, mend)


OSB: Expected = {name: errors for name, errors in HTTP.items() if name is not Fault.STUCK}
OSB_NOT = {Fault.STUCK: "a broker deletes an instance with everything in it, or says for hours that it is at it"}


@contextlib.contextmanager
def osb(_setting: Setting) -> Iterator[Rig]:
    """A broker of openbrokerapi."""
    broker = osb_broker.Broker()
    with serving.running(osb_broker.do_of(broker)) as served:

        def inject(fault: Fault, key: str, ending: bool) -> None:
            if fault is Fault.SLOW:
                broker.slow = True
            elif fault is Fault.DOWN:
                served.faults = [("GET", key, "down")]
            else:
                served.faults = [("DELETE" if ending else "PUT", f"{key}?", STATUS[fault])]

        def rename(key: str) -> None:
            del broker.instances[key]

        options = {"service_id": osb_broker.SERVICE, "plan_id": osb_broker.PLAN}
        place = Place(served.address, f"{osb_broker.USER}:{osb_broker.PASSWORD}", options)
        driver = open_driver("osb", place)
        yield Rig("osb", driver, inject, lambda: list(broker.instances), OSB, OSB_NOT, rename)


MANUAL: Expected = {Fault.SLOW: set(), Fault.RENAMED: set(), Fault.STUCK: set()}
OWN = "its accounts stand in our own database"
MANUAL_NOT = {
    **dict.fromkeys(NETWORK, OWN),
    Fault.TAKEN: "who makes the account sees whose it is; another's reference is refused at its field",
}


@contextlib.contextmanager
def manual(setting: Setting) -> Iterator[Rig]:
    """A person who does every task when they are looked after next."""
    make = setting.make
    company = make.company()
    operator = make.person(company, Role.CLOUD_OPERATOR)
    with make.acting():
        row = services.add_provider(operator, company, code="hand", name={"en": "H", "zh": "手"}, driver="manual")
    left: list[str] = []
    numbers = itertools.count(1)

    def between() -> None:
        with transaction():
            for task in db.session.scalars(select(ManualTask).where(ManualTask.state == TaskState.OPEN)).all():
                number = next(numbers)
                secret = Secret("app.example.com", 0, "", "team", f"word-{number}", kind="service")
                services.complete_task(operator, task, reference=f"acct-{number}", secret=secret, left=list(left))

    def accounts() -> list[str]:
        return [ref.key for ref in driver.list_all()]

    def rename(key: str) -> None:
        with transaction():
            account = db.session.scalars(select(ManualAccount).where(ManualAccount.key == key)).one()
            db.session.execute(delete(ManualTask).where(ManualTask.account_id == account.id))
            db.session.delete(account)

    def inject(fault: Fault, _key: str, _ending: bool) -> None:
        left[:] = ["disk-7"] if fault is Fault.STUCK else []

    driver = open_driver("manual", Place(None, provider_id=row.id))
    mend: Callable[[str], None] = lambda _key: left.clear()  # noqa: E731
    yield Rig("manual", driver, inject, accounts, MANUAL, MANUAL_NOT, rename, mend, between)


KUBERNETES: Expected = {name: errors for name, errors in HTTP.items() if name is not Fault.SLOW}
KUBERNETES_NOT = {Fault.SLOW: "a namespace is made at once; that deleting takes its time is in every case here"}


@contextlib.contextmanager
def kubernetes(_setting: Setting) -> Iterator[Rig]:
    """A double of an API server."""
    cluster = api_server.ApiServer()
    with serving.running(cluster.do) as served:

        def inject(fault: Fault, key: str, ending: bool) -> None:
            if fault is Fault.STUCK:
                cluster.stuck.add(f"sb-{key}")
            elif fault is Fault.TAKEN:
                path = f"/api/v1/namespaces/sb-{key}"
                cluster.objects[path] = {"metadata": {"name": f"sb-{key}", "labels": {}}}
            elif fault is Fault.DOWN:
                served.faults = [("GET", f"sb-{key}", "down")]
            else:
                served.faults = [("DELETE", f"sb-{key}", STATUS[fault]) if ending else
                                 ("POST", "/api/v1/namespaces", STATUS[fault])]  # fmt: skip

        def rename(key: str) -> None:
            del cluster.objects[f"/api/v1/namespaces/sb-{key}"]

        def mend(key: str) -> None:
            cluster.stuck.clear()

        driver = open_driver("kubernetes", Place(served.address, api_server.TOKEN, {"ca": ""}))
        yield Rig("kubernetes", driver, inject, cluster.namespaces, KUBERNETES, KUBERNETES_NOT, rename, mend)


RIGS = {
    "local_pg": local_pg,
    "http": http,
    "manual": manual,
    "osb": osb,
    "kubernetes": kubernetes,
    "aws": aws_rig.aws,
    **vendor_rigs.RIGS,
    "openstack": openstack_rig.openstack,
}
DECLARED: dict[str, tuple[Expected, dict[Fault, str]]] = {
    "local_pg": (LOCAL_PG, LOCAL_PG_NOT),
    "http": (HTTP, {}),
    "manual": (MANUAL, MANUAL_NOT),
    "osb": (OSB, OSB_NOT),
    "kubernetes": (KUBERNETES, KUBERNETES_NOT),
    "aws": (aws_rig.AWS, {}),
    **vendor_rigs.DECLARED,
    "openstack": (openstack_rig.OPENSTACK, openstack_rig.OPENSTACK_NOT),
}
"""For each kind: the faults it is tried with, and why it is not tried with the others."""
RETRIED = (Unavailable, Ambiguous, Throttled, Pending, AuthFailed)


def persist(act: Callable[[], Any], between: Callable[[], None], tries: int = 8) -> tuple[Any, set[type[DriverError]]]:
    """Ask again after what can be asked again, as operations do; the answer, and the errors on the way."""
    seen: set[type[DriverError]] = set()
    for _ in range(tries):
        try:
            return act(), seen
        except RETRIED as error:
            seen.add(type(error))
            between()
    raise AssertionError(f"still {seen} after {tries} tries")
