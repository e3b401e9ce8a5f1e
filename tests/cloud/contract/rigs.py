"""A real provider of each kind on the loopback, into which faults can be put."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    Driver,
    DriverError,
    Pending,
    Place,
    Throttled,
    Unavailable,
    open_driver,
)
from tests.cloud import provider
from tests.cloud.contract import postgres_proxy
from tests.cloud.contract.faults import Fault

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
def local_pg(servers: dict[str, str]) -> Iterator[Rig]:
    """The cluster of the sandboxes behind a proxy that cuts connections."""
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
def http(_servers: dict[str, str]) -> Iterator[Rig]:
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


RIGS = {"local_pg": local_pg, "http": http}
DECLARED: dict[str, tuple[Expected, dict[Fault, str]]] = {"local_pg": (LOCAL_PG, LOCAL_PG_NOT), "http": (HTTP, {})}
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
