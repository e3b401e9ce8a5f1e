"""Keeping files. Who may, and what for, is the business of the package that owns them."""

import datetime as dt
import re
import unicodedata
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import IO

from sqlalchemy import delete, func, select

from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.files import scanning, storage
from incubator.files.engines.checking import DOCUMENTS, check
from incubator.files.engines.faults import FaultError
from incubator.files.engines.kinds import EXTENSIONS, MEDIA_TYPES, Kind
from incubator.files.models import File
from incubator.files.words import WORDS

LARGEST = 25 * 1024 * 1024
LONGEST_NAME = 120
LOCK = 4_926_117_003
"""An advisory lock: shared by who keeps, whole for who sweeps."""
SWEEP_AFTER = dt.timedelta(days=1)
NOT_IN_A_NAME = re.compile(r'[<>:"|?*\\/]')


def keep(actor: Actor, data: bytes | IO[bytes], name: str, *, accept: Collection[Kind] = DOCUMENTS) -> File:
    """Keep a file that somebody hands in; the caller ties it to what it belongs to.

    Raises Invalid on field 'file' for what is too large, of a kind not accepted, damaged, packed to do harm, or able
    to act by itself (macros, scripts, programs).
    """
    content = data if isinstance(data, bytes) else data.read(LARGEST + 1)
    try:
        kind = check(content, accept, LARGEST)
        scanning.scan(content)
    except FaultError as error:
        raise Invalid(WORDS[error.fault], field="file", code=f"file_{error.fault.value}") from error
    return _add(content, _named(name, kind), MEDIA_TYPES[kind], actor.actor_id)


def keep_own(data: bytes, name: str, media_type: str) -> File:
    """Keep a file that the product itself wrote, such as a letter."""
    return _add(data, name, media_type, None)


def keep_scratch(path: Path, name: str, media_type: str) -> File:
    """Keep what the product wrote into a scratch file (storage.scratch), however large."""
    size = path.stat().st_size
    db.session.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))
    return _row(storage.take(path), size, name, media_type, None)


def _add(data: bytes, name: str, media_type: str, uploader_id: int | None) -> File:
    db.session.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))
    return _row(storage.write(data), len(data), name, media_type, uploader_id)


def _row(sha256: bytes, size: int, name: str, media_type: str, uploader_id: int | None) -> File:
    file = File(sha256=sha256, size=size, media_type=media_type, name=name, uploader_id=uploader_id)
    db.session.add(file)
    db.session.flush()
    return file


def _named(name: str, kind: Kind) -> str:
    """A name that no system trips over and that ends as its kind does (no direction marks, no folders)."""
    plain = "".join(sign for sign in name.replace("\\", "/") if unicodedata.category(sign)[0] != "C")
    path = PurePosixPath(NOT_IN_A_NAME.sub("_", plain.rsplit("/", 1)[-1]).strip(". ") or "file")
    if path.suffix.lower() not in EXTENSIONS[kind]:
        path = PurePosixPath(f"{path.name[:LONGEST_NAME]}{EXTENSIONS[kind][0]}")
    return f"{path.stem[:LONGEST_NAME]}{path.suffix.lower()}"


def duplicate(actor: Actor, file: File) -> File:
    """The same bytes as a file of their own, for another thing that has them; they were checked when they came."""
    return _add(storage.read(file.sha256), file.name, file.media_type, actor.actor_id)


def forget(file: File) -> None:
    """Delete a file that nothing refers to any more; its bytes go with the next sweep."""
    db.session.execute(delete(File).where(File.id == file.id))


def sweep() -> int:
    """Remove bytes that no file names any more (of uploads that were refused or forgotten); answers how many."""
    db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    removed = 0
    for sha256, remove in storage.untouched_since(SWEEP_AFTER):
        if db.session.scalar(select(File.id).where(File.sha256 == sha256).limit(1)) is None:
            remove()
            removed += 1
    return removed
