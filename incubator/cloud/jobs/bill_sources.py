"""Where bills lie that nobody hands in: a folder of this installation, and an S3-compatible bucket. For jobs alone.

A file may have its word beside it: the same name with '.json' after it, {"rows": 1200, "total": "3410.55"}.
"""

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from incubator.cloud import vault
from incubator.cloud.bill_states import BillSource
from incubator.cloud.jobs.each import one_by_one
from incubator.cloud.models import Provider
from incubator.cloud.services import bills
from incubator.core import audit, settings
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.files import storage
from incubator.people.predicates import SYSTEM

log = logging.getLogger(__name__)
FOLDER = "bills"
QUIET_SECONDS = 30
"""A file that was written to within them may not be whole yet."""
MOST_FILES = 500
WORD = ".json"
LARGEST_WORD = 10_000
SECONDS = 20


def folder_of(code: str) -> Path:
    """Where bills of a provider are put for us: <data folder>/bills/<code of the provider>."""
    return settings.current().home / FOLDER / code


def look(provider_id: int) -> int:
    """Take over what is new of a provider; how many files. A bucket that does not answer is looked at again later."""
    with transaction():
        provider = db.session.get_one(Provider, provider_id)
        code, source = provider.code, dict(provider.bill_source)
        secret = vault.decrypt(provider.bill_secret) if provider.bill_secret else ""
    taken = _taken(provider_id, BillSource.FOLDER, _in_folder(provider_id, folder_of(code)))
    if source.get("bucket"):
        taken += _taken(provider_id, BillSource.BUCKET, _in_bucket(provider_id, source, secret))
    return taken


class _Found(NamedTuple):
    """A file that was not taken over yet. at: when it was last written to; the oldest is taken first, since of two
    bills of a period the one that was taken later stands."""

    at: float
    origin: str
    fetch: Callable[[], tuple[Path, dict[str, Any]]]


def _taken(provider_id: int, source: BillSource, new: Iterable[_Found]) -> int:
    """Take over the oldest of what is new, so many at a time; how many. What breaks at one leaves it for another time
    and keeps no other one waiting."""
    taken = 0
    for found in sorted(new, key=lambda one: (one.at, one.origin)):
        taken += one_by_one(_fetched_and_kept, provider_id, source, found) or 0
        if taken == MOST_FILES:
            break
    return taken


def _fetched_and_kept(provider_id: int, source: BillSource, found: _Found) -> bool:
    path, word = found.fetch()
    return _keep(provider_id, source, found.origin, path, word)


def _known(provider_id: int, source: BillSource) -> set[str]:
    with transaction():
        return bills.origins(db.session.get_one(Provider, provider_id), source)


def _keep(provider_id: int, source: BillSource, origin: str, path: Path, word: dict[str, Any]) -> bool:
    with path.open("rb") as file:
        kind = bills.kind_of(file.read(4096))
    if kind is None:
        path.unlink()
        log.warning("a file among the bills is none", extra={"provider": provider_id, "file": origin[:80]})
        return False
    with transaction():
        provider = db.session.get_one(Provider, provider_id)
        with audit.because(SYSTEM, "bill_delivery.find"):
            return bills.found(provider, source, origin=origin, path=path, kind=kind, **word) is not None


def _word(data: bytes) -> dict[str, Any]:
    """What a sender says of a file; nothing where it says nothing that can be read."""
    try:
        told = json.loads(data[:LARGEST_WORD])
        rows, total = told.get("rows"), told.get("total")
        found: dict[str, Any] = {"declared_rows": rows} if isinstance(rows, int) and 0 <= rows < 10**12 else {}
        number = Decimal(str(total)) if total is not None else None
        if number is not None and number.is_finite() and number.adjusted() < 18:
            found["declared_total"] = number
    except (ValueError, AttributeError, InvalidOperation, RecursionError):
        return {}
    return found


# ---- a folder -------------------------------------------------------------------------------------------------------


def _in_folder(provider_id: int, folder: Path) -> Iterator[_Found]:
    """What is new there; no links are followed, and nothing of ours is removed."""
    if not folder.is_dir() or folder.is_symlink():
        return
    known = _known(provider_id, BillSource.FOLDER)
    for path in folder.iterdir():
        found = one_by_one(_of_file, path)
        if found is not None and found.origin not in known:
            yield found


def _of_file(path: Path) -> _Found | None:
    """A file that may be a bill and is whole; a name in other signs than UTF-8 is shown with their numbers."""
    if path.is_symlink() or not path.is_file() or path.name.endswith(WORD) or path.name.startswith("."):
        return None
    state = path.stat()
    if not 0 < state.st_size <= bills.LARGEST_FOUND or time.time() - state.st_mtime <= QUIET_SECONDS:
        return None
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _Found(state.st_mtime, f"{name}\n{state.st_mtime_ns}-{state.st_size}", lambda: _copied(path))


def _copied(path: Path) -> tuple[Path, dict[str, Any]]:
    scratch = storage.scratch()
    try:
        shutil.copyfile(path, scratch)
        beside = path.with_name(path.name + WORD)
        is_told = beside.is_file() and not beside.is_symlink()
        return scratch, _word(beside.read_bytes()) if is_told else {}
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


# ---- a bucket -------------------------------------------------------------------------------------------------------


def _client(source: dict[str, str], secret: str) -> Any:
    """What speaks to a bucket, with a limit of time on every call."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 2},
                    s3={"addressing_style": "path"})  # fmt: skip
    return boto3.client(
        "s3", endpoint_url=source["address"], region_name=source.get("region") or "us-east-1",
        aws_access_key_id=source.get("key_id"), aws_secret_access_key=secret, config=config,
    )  # fmt: skip


def _in_bucket(provider_id: int, source: dict[str, str], secret: str) -> Iterator[_Found]:
    """What is new there, of all that it holds."""
    from botocore.exceptions import BotoCoreError, ClientError

    known = _known(provider_id, BillSource.BUCKET)
    try:
        client = _client(source, secret)
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=source["bucket"], Prefix=source.get("prefix", "")
        )
        listed = [one for page in pages for one in page.get("Contents", [])]
    except (BotoCoreError, ClientError, ValueError) as error:
        log.warning("a bucket of bills does not answer", extra={"provider": provider_id, "error": type(error).__name__})
        return
    words = {one["Key"] for one in listed if one["Key"].endswith(WORD)}
    for one in listed:
        key, size = one["Key"], one["Size"]
        origin = f"{key}\n{one['ETag'].strip(chr(34))}-{size}"
        if key not in words and 0 < size <= bills.LARGEST_FOUND and origin not in known:
            fetch = partial(_fetched, client, source["bucket"], key, is_told=key + WORD in words)
            yield _Found(one["LastModified"].timestamp(), origin, fetch)


def _fetched(client: Any, bucket: str, key: str, *, is_told: bool) -> tuple[Path, dict[str, Any]]:
    scratch = storage.scratch()
    try:
        with scratch.open("wb") as file:
            client.download_fileobj(bucket, key, file)
        return scratch, _word_of(client, bucket, key) if is_told else {}
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _word_of(client: Any, bucket: str, key: str) -> dict[str, Any]:
    return _word(client.get_object(Bucket=bucket, Key=key + WORD)["Body"].read(LARGEST_WORD))
