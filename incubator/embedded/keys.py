"""Passwords, secrets and ports of one data folder: generated once, kept beside the data."""

import base64
import errno
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incubator.embedded.errors import EmbeddedError, plain_errors

_FIRST_PORT, _LAST_PORT = 15000, 31999  # below the range from which Linux takes ports of outgoing connections


@dataclass(frozen=True)
class Keys:
    """Secrets of one data folder (`keys.json`, readable by its owner alone)."""

    superuser: str
    database: str
    sandbox: str
    valkey: str
    secret_key: str
    encryption_key: str


@dataclass(frozen=True)
class Ports:
    """Loopback ports of one data folder (`ports.json`); kept, because teams write sandbox addresses down."""

    database: int
    sandbox: int
    valkey: int


def load_keys(folder: Path) -> Keys:
    """The folder's secrets, made at the first call."""
    made = {name: secrets.token_urlsafe(32) for name in Keys.__dataclass_fields__}
    made["encryption_key"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    path = folder / "keys.json"
    try:
        return Keys(**_kept(path, made))
    except (ValueError, TypeError) as error:
        raise EmbeddedError(f"{path} is damaged: put it back from a backup of the data folder.") from error


def load_ports(folder: Path) -> Ports:
    """The folder's ports, chosen among free ones at the first call."""
    path = folder / "ports.json"
    try:
        return Ports(**_kept(path, _choose()))
    except (ValueError, TypeError) as error:
        raise EmbeddedError(f"{path} is damaged: delete it, and new ports are chosen.") from error


def why_taken(port: int, host: str = "127.0.0.1") -> str | None:
    """Why nobody could listen there now, or None."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            return "is taken by another program" if taken else f"cannot be used: {error.strerror}"
    return None


def _choose() -> dict[str, int]:
    free: set[int] = set()
    while len(free) < len(Ports.__dataclass_fields__):
        port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT + 1)
        if why_taken(port) is None:
            free.add(port)
    return dict(zip(Ports.__dataclass_fields__, free, strict=True))


def _kept(path: Path, made: dict[str, Any]) -> dict[str, Any]:
    """The JSON object in `path`; `made` is written there first when it is absent, all or nothing."""
    with plain_errors(path.parent):
        if not path.exists():
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
                json.dump(made, handle, indent=1)
                handle.flush()
                os.fsync(handle.fileno())
            new.rename(path)
        return dict(json.loads(path.read_text()))
