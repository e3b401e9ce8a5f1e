"""Bytes on disk, found by their SHA-256: the same content lies there once, and nothing there is ever changed."""

import datetime as dt
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from incubator.core import clock, settings

PIECE = 256 * 1024


class DamagedError(RuntimeError):
    """What lies on disk is not what was kept."""


def write(data: bytes) -> bytes:
    """Keep bytes safely on disk; answers their SHA-256. What is there already is only touched."""
    sha256 = hashlib.sha256(data).digest()
    path = path_of(sha256)
    if path.exists():
        os.utime(path)
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o440)
    Path(name).replace(path)
    return sha256


def scratch() -> Path:
    """A new file to write into that is then taken; one that never is goes with the sweep."""
    folder = settings.current().files / "00" / "00"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    os.close(handle)
    return Path(name)


def take(path: Path) -> bytes:
    """Keep a scratch file, however large; answers its SHA-256. The scratch file is gone."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
        os.fsync(file.fileno())
    target = path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(0o440)
    path.replace(target)
    return sha256


def stream(sha256: bytes) -> Iterator[bytes]:
    """The bytes piece by piece, for what is too large to be held; not compared with their hash."""
    with path_of(sha256).open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def read(sha256: bytes) -> bytes:
    """The bytes. Raises FileNotFoundError, or DamagedError when they are no longer the same."""
    data = path_of(sha256).read_bytes()
    if hashlib.sha256(data).digest() != sha256:
        raise DamagedError(sha256.hex())
    return data


def path_of(sha256: bytes) -> Path:
    """Where bytes lie: two folders of 256 spread them."""
    name = sha256.hex()
    return settings.current().files / name[:2] / name[2:4] / name


def untouched_since(age: dt.timedelta) -> Iterator[tuple[bytes, Path]]:
    """What has lain on disk for longer than an age, with left-overs of broken writes (under an empty hash)."""
    before = (clock.now() - age).timestamp()
    for path in settings.current().files.glob("??/??/*"):
        if path.stat().st_mtime < before:
            yield (bytes.fromhex(path.name) if len(path.name) == 64 else b""), path
