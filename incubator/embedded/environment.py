"""The environment of the product's processes, with embedded servers or with those that are set."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from incubator.config import ConfigError, default_home
from incubator.embedded.addresses import Addresses
from incubator.embedded.errors import AlreadyRunning
from incubator.embedded.keys import load_keys
from incubator.embedded.places import Home
from incubator.embedded.server import Server
from incubator.embedded.servers import start


class Product:
    """What the product's processes are started with, and the servers that are ours to keep running."""

    def __init__(self, home: Path, environ: Mapping[str, str], servers: list[Server]) -> None:
        self.home = home
        self.environ = dict(environ) | {"INCUBATOR_HOME": str(home)}
        self.servers = servers
        if self.environ.get("INCUBATOR_DEMO") == "1":  # never a generated secret for a real installation
            keys = load_keys(home)
            self.environ.setdefault("INCUBATOR_SECRET_KEY", keys.secret_key)
            self.environ.setdefault("INCUBATOR_ENCRYPTION_KEY", keys.encryption_key)


@contextmanager
def product(environ: Mapping[str, str]) -> Iterator[Product]:
    """Hold the data folder and, unless both servers are set, run embedded ones meanwhile."""
    home = _home(environ)
    if _has_servers(environ):
        held = Home(home, None)
        try:
            yield Product(held.folder, environ, [])
        finally:
            held.release()
    else:
        with start(home) as servers:
            yield Product(servers.home, {**environ, **servers.addresses.environment()}, servers.running)


@contextmanager
def running_product(environ: Mapping[str, str]) -> Iterator[Product]:
    """The product that runs on the data folder already; otherwise as `product`."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(product(environ))
        except AlreadyRunning as busy:
            servers = {} if _has_servers(environ) else Addresses.of(busy.folder).environment()
            found = Product(busy.folder, {**environ, **servers}, [])
        yield found


def _home(environ: Mapping[str, str]) -> Path:
    try:
        return Path(environ.get("INCUBATOR_HOME") or default_home()).expanduser()
    except RuntimeError as error:
        raise ConfigError("INCUBATOR_HOME names somebody whose home folder is not known.") from error


def _has_servers(environ: Mapping[str, str]) -> bool:
    found = [bool(environ.get(name)) for name in ("DATABASE_URL", "REDIS_URL")]
    if any(found) and not all(found):
        raise ConfigError("Set both DATABASE_URL and REDIS_URL, or neither: then embedded servers start.")
    return all(found)
