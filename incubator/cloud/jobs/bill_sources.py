"""Where bills lie that nobody hands in: a folder of this installation, and an S3-compatible bucket. For jobs alone.

A file may have its word beside it: the same name with '.json' after it, {"rows": 1200, "total": "3410.55"}.
"""

import json
import logging
import shutil
import time
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from incubator.cloud import vault
from incubator.cloud.bill_states import BillSource
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
    taken = sum(_keep(provider_id, BillSource.FOLDER, *found) for found in _in_folder(provider_id, folder_of(code)))
    if source.get("bucket"):
        taken += sum(_keep(provider_id, BillSource.BUCKET, *found) for found in _in_bucket(provider_id, source, secret))
    return taken


def _is_new(provider_id: int, source: BillSource, origin: str) -> bool:
    with transaction():
        return not bills.is_known(db.session.get_one(Provider, provider_id), source, origin)


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
    except (ValueError, AttributeError, InvalidOperation):
        return {}
    return found


# ---- a folder -------------------------------------------------------------------------------------------------------


def _in_folder(provider_id: int, folder: Path) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """(origin, scratch file, word) of new files; no links are followed, and none of ours is removed."""
    if not folder.is_dir() or folder.is_symlink():
        return
    for path in sorted(folder.iterdir())[:MOST_FILES]:
        if path.is_symlink() or not path.is_file() or path.name.endswith(WORD) or path.name.startswith("."):
            continue
        state = path.stat()
        origin = f"{path.name}\n{state.st_mtime_ns}-{state.st_size}"
        is_right = 0 < state.st_size <= bills.LARGEST_FOUND and time.time() - state.st_mtime > QUIET_SECONDS
        if is_right and _is_new(provider_id, BillSource.FOLDER, origin):
            scratch = storage.scratch()
            shutil.copyfile(path, scratch)
            beside = path.with_name(path.name + WORD)
            is_told = beside.is_file() and not beside.is_symlink()
            yield origin, scratch, _word(beside.read_bytes()) if is_told else {}


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


def _in_bucket(provider_id: int, source: dict[str, str], secret: str) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client = _client(source, secret)
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=source["bucket"], Prefix=source.get("prefix", ""), PaginationConfig={"MaxItems": MOST_FILES * 2}
        )
        listed = {one["Key"]: one for page in pages for one in page.get("Contents", [])}
        for key, one in sorted(listed.items()):
            origin = f"{key}\n{one['ETag'].strip(chr(34))}-{one['Size']}"
            if key.endswith(WORD) or not 0 < one["Size"] <= bills.LARGEST_FOUND:
                continue
            if _is_new(provider_id, BillSource.BUCKET, origin):
                yield origin, _fetched(client, source["bucket"], key), _word_of(client, source["bucket"], key, listed)
    except (BotoCoreError, ClientError, ValueError) as error:
        log.warning("a bucket of bills does not answer", extra={"provider": provider_id, "error": type(error).__name__})


def _fetched(client: Any, bucket: str, key: str) -> Path:
    scratch = storage.scratch()
    with scratch.open("wb") as file:
        client.download_fileobj(bucket, key, file)
    return scratch


def _word_of(client: Any, bucket: str, key: str, listed: dict[str, Any]) -> dict[str, Any]:
    if key + WORD not in listed:
        return {}
    return _word(client.get_object(Bucket=bucket, Key=key + WORD)["Body"].read(LARGEST_WORD))
