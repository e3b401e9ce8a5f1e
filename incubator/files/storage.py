"""Bytes found by their SHA-256: the same content lies there once, and nothing there is ever changed.

They lie on disk, or in a bucket where the settings name one; then on disk lies only what is being written.
"""

import datetime as dt
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from incubator.core import clock, settings
from incubator.files.bucket import Bucket

PIECE = 256 * 1024


class DamagedError(RuntimeError):
    """What lies there is not what was kept."""


def _bucket() -> Bucket | None:
    store = settings.current().store
    return None if store is None else Bucket(store)


def write(data: bytes) -> bytes:
    """Keep bytes safely; answers their SHA-256. What is there already is only touched."""
    sha256 = hashlib.sha256(data).digest()
    if bucket := _bucket():
        bucket.write(sha256, data)
        return sha256
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
    if bucket := _bucket():
        bucket.take(sha256, path)
        path.unlink()
        return sha256
    target = path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(0o440)
    path.replace(target)
    return sha256


def stream(sha256: bytes) -> Iterator[bytes]:
    """The bytes piece by piece, for what is too large to be held; not compared with their hash."""
    bucket = _bucket()
    return _from_disk(sha256) if bucket is None else bucket.stream(sha256)


def _from_disk(sha256: bytes) -> Iterator[bytes]:
    with path_of(sha256).open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def read(sha256: bytes) -> bytes:
    """The bytes. Raises FileNotFoundError, or DamagedError when they are no longer the same."""
    bucket = _bucket()
    data = path_of(sha256).read_bytes() if bucket is None else bucket.read(sha256)
    if hashlib.sha256(data).digest() != sha256:
        raise DamagedError(sha256.hex())
    return data


def path_of(sha256: bytes) -> Path:
    """Where bytes lie on disk: two folders of 256 spread them."""
    name = sha256.hex()
    return settings.current().files / name[:2] / name[2:4] / name


def untouched_since(age: dt.timedelta) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """What has lain there for longer than an age, with left-overs of broken writes (under an empty hash), each with
    what removes it."""
    before, bucket = clock.now() - age, _bucket()
    for path in settings.current().files.glob("??/??/*"):
        is_broken = len(path.name) != 64
        if path.stat().st_mtime < before.timestamp() and (is_broken or bucket is None):
            yield (b"" if is_broken else bytes.fromhex(path.name)), partial(path.unlink, missing_ok=True)
    if bucket is not None:
        yield from bucket.untouched_since(before)
