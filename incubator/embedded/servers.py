"""The three servers of one machine, started and stopped together."""

from pathlib import Path
from types import TracebackType
from typing import Self

from incubator.embedded import programs
from incubator.embedded.addresses import DATABASE, SUPERUSER, Addresses
from incubator.embedded.keys import Keys
from incubator.embedded.places import Home, account
from incubator.embedded.postgres import Postgres
from incubator.embedded.server import Server
from incubator.embedded.valkey import Valkey

_PRODUCT_SETTINGS = {"max_connections": "200", "shared_buffers": "128MB"}
_SANDBOX_SETTINGS = {"max_connections": "200", "shared_buffers": "32MB"}


class Servers:
    """Running servers; a context manager that stops them."""

    def __init__(self, home: Path, *, sandbox: bool, fast: bool) -> None:
        self._home = Home(home, account())
        self._sandbox = sandbox
        self.running: list[Server] = []
        try:
            self.addresses = Addresses.of(self.home)
            self._start(_servers(self._home, self.addresses, sandbox=sandbox, fast=fast))
        except BaseException:  # Ctrl-C too: nothing may stay behind
            self.close()
            raise

    @property
    def home(self) -> Path:
        """The data folder."""
        return self._home.folder

    @property
    def database_url(self) -> str:
        """The product's database; its role owns it and may make further databases, nothing more."""
        return self.addresses.database_url

    @property
    def redis_url(self) -> str:
        """Valkey, database 0."""
        return self.addresses.redis_url

    @property
    def sandbox_database_url(self) -> str:
        """The second cluster as its superuser, who makes a database and a role a sandbox."""
        if not self._sandbox:
            raise LookupError("started with sandbox=False")
        return self.addresses.sandbox_database_url

    def close(self) -> None:
        """Stop all, then let go of the data folder."""
        for server in reversed(self.running):
            server.stop()
        self._home.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, servers: list[Server]) -> None:
        for server in servers:
            server.create()
            self.running.append(server)
            server.launch()
        for server in servers:
            server.wait()


def start(home: Path, *, sandbox: bool = True, fast: bool = False) -> Servers:
    """Start the servers on the data folder `home` (made when absent) and wait until they answer.

    `sandbox=False` leaves the second cluster out; `fast=True` is for tests: no fsync, no append-only
    file, no checkpoint at the end. Raises EmbeddedError, one line. Call it from the main thread: the
    kernel stops the servers when the thread that started them ends.
    """
    return Servers(home, sandbox=sandbox, fast=fast)


def _servers(home: Home, addresses: Addresses, *, sandbox: bool, fast: bool) -> list[Server]:
    keys, ports, found = addresses.keys, addresses.ports, programs.find(home)
    product = Postgres(
        home=home,
        name="postgres",
        port=ports.database,
        fast=fast,
        programs=found.postgres,
        password=keys.superuser,
        settings=_PRODUCT_SETTINGS,
        statements=_product_statements(keys),
    )
    sandboxes = Postgres(
        home=home,
        name="sandboxes",
        port=ports.sandbox,
        fast=fast,
        programs=found.postgres,
        password=keys.sandbox,
        settings=_SANDBOX_SETTINGS,
        statements={"postgres": _common(keys.sandbox)},
    )
    valkey = Valkey(
        home=home,
        name="valkey",
        port=ports.valkey,
        fast=fast,
        path=found.valkey,
        url=addresses.redis_url,
        password=keys.valkey,
    )
    return [product, sandboxes, valkey] if sandbox else [product, valkey]


def _common(superuser: str) -> tuple[str, ...]:
    return (
        f"ALTER ROLE {SUPERUSER} PASSWORD '{superuser}'",
        "REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC",
    )


def _product_statements(keys: Keys) -> dict[str, tuple[str, ...]]:
    return {
        "template1": ("CREATE EXTENSION vector",),
        "postgres": (
            *_common(keys.superuser),
            f"CREATE ROLE {DATABASE} LOGIN CREATEDB PASSWORD '{keys.database}'",
            f"CREATE DATABASE {DATABASE} OWNER {DATABASE}",
        ),
    }
