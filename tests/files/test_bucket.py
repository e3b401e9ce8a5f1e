"""The same files in a bucket: PyPI moto's server on the loopback plays the store."""

import datetime as dt
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from incubator import config
from incubator.config import ConfigError, Store
from incubator.config.reaching import check_store
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.files import bucket, jobs, services, storage
from incubator.files.models import File
from incubator.files.sending import SANDBOX, send, send_large
from tests.cloud.contract import amazon
from tests.files.samples import PNG, office
from tests.make import Make

MB = 1024 * 1024


@pytest.fixture(scope="module")
def played() -> Iterator[amazon.Amazon]:
    with amazon.running() as played:
        yield played


@pytest.fixture
def store(played: amazon.Amazon, app: Flask, tmp_path: Any) -> Iterator[Store]:
    """A bucket of the test's own."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(
        before, files=tmp_path, files_url=f"s3://{tmp_path.name.replace('_', '-')}/kept/here",
        files_endpoint=played.address, files_key=amazon.NUMBER, files_secret=amazon.SECRET,
    )  # fmt: skip
    store = app.extensions["settings"].store
    store.client.create_bucket(Bucket=store.bucket)
    played.calls.clear()
    yield store
    app.extensions["settings"] = before


def names(store: Store) -> list[str]:
    return [one["Key"] for one in store.client.list_objects_v2(Bucket=store.bucket).get("Contents", [])]


def keep(make: Make, data: bytes, name: str = "a.png") -> File:
    person = make.person()
    with transaction():
        return services.keep(person, data, name)


def key_of(sha256: bytes) -> str:
    name = sha256.hex()
    return f"kept/here/{name[:2]}/{name[2:4]}/{name}"


def test_a_file_lies_in_the_bucket_once_and_comes_back_as_a_download(
    app: Flask, make: Make, store: Store, tmp_path: Any
) -> None:
    file, again = keep(make, PNG), keep(make, PNG, "b.png")
    assert file.sha256 == again.sha256 == hashlib.sha256(PNG).digest()
    assert names(store) == [key_of(file.sha256)]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with app.test_request_context():
        whole, pieces = send(file), send_large(file)
        assert whole.get_data() == b"".join(pieces.response) == PNG  # type: ignore[arg-type]
        assert whole.headers["Content-Security-Policy"] == pieces.headers["Content-Security-Policy"] == SANDBOX
        assert pieces.content_length == len(PNG)


def test_what_is_refused_is_not_kept(make: Make, store: Store) -> None:
    with pytest.raises(Invalid, match="macros"):
        keep(make, office(word__vbaProject_bin=b"x"), "a.docx")
    assert names(store) == []


def test_what_was_changed_or_lost_there_is_not_sent(app: Flask, make: Make, store: Store) -> None:
    file = keep(make, PNG)
    store.client.put_object(Bucket=store.bucket, Key=key_of(file.sha256), Body=b"other")
    with app.test_request_context(), pytest.raises(storage.DamagedError):
        send(file)
    assert keep(make, PNG).sha256 == file.sha256
    assert storage.read(file.sha256) == PNG
    store.client.delete_object(Bucket=store.bucket, Key=key_of(file.sha256))
    with app.test_request_context(), pytest.raises(FileNotFoundError):
        send_large(file)


def test_what_is_large_goes_there_and_back_part_by_part(played: amazon.Amazon, store: Store) -> None:
    path, size = storage.scratch(), 40 * MB
    with path.open("wb") as file:
        for number in range(40):
            file.write(bytes([number]) * MB)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    played.largest = 0
    with transaction():
        kept = services.keep_scratch(path, "copy.zip", "application/zip")
    assert (kept.sha256, kept.size, path.exists()) == (sha256, size, False)
    came, largest = hashlib.sha256(), 0
    for piece in storage.stream(sha256):
        came.update(piece)
        largest = max(largest, len(piece))
    assert came.digest() == sha256
    assert (played.largest, largest) == (bucket.PART, bucket.PIECE)


def test_what_nobody_names_goes_after_a_day_and_what_is_not_ours_stays(
    make: Make, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(make, PNG)
    forgotten = keep(make, b"a,b\n1,2", "c.csv")
    with transaction():
        services.forget(forgotten)
    other = [f"kept/here/{'a' * 64}", "kept/here/ab/cd/notes.txt", f"kept/hereafter/aa/aa/{'a' * 64}"]
    for key in other:
        store.client.put_object(Bucket=store.bucket, Key=key, Body=b"theirs")
    assert jobs.sweep() == 0
    later = clock.now() + dt.timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert jobs.sweep() == 1
    assert sorted(names(store)) == sorted([key_of(kept.sha256), *other])
    assert db.session.scalar(select(func.count()).select_from(File)) == 1


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"bucket": "nowhere"}, "INCUBATOR_FILES_URL: there is no bucket nowhere: make it first."),
        ({"endpoint": "http://127.0.0.1:9"}, "INCUBATOR_FILES_URL: the store cannot be reached: Could not connect"),
    ],
)
def test_a_bucket_that_is_not_there_is_one_line_at_the_start(store: Store, change: dict[str, str], line: str) -> None:
    check_store(store)
    with pytest.raises(ConfigError) as caught:
        check_store(replace(store, **change))
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_keys_that_are_refused_and_a_missing_library_are_one_line(
    played: amazon.Amazon, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.refuses = "InvalidAccessKeyId"
    with pytest.raises(ConfigError, match="the store does not know the access key in INCUBATOR_FILES_KEY"):
        check_store(store)
    played.refuses = None
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(ConfigError, match=r"boto3 is not installed: install incubator\[s3\]\."):
        check_store(store)


def test_the_bucket_is_asked_at_the_start_where_one_is_named(servers: dict[str, str], store: Store, app: Flask) -> None:
    found = replace(app.extensions["settings"], database_url=servers["database"], redis_url=servers["redis"])
    config.check_reachable(found)
    with pytest.raises(ConfigError, match="there is no bucket"):
        config.check_reachable(replace(found, files_url="s3://nowhere-at-all"))
