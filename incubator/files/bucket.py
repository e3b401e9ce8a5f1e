"""Bytes in a bucket of any store that speaks S3, found by their SHA-256 as on disk: <prefix>/ab/cd/<hash>."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from incubator.config import Store

PIECE = 256 * 1024
PART = 16 * 1024 * 1024
GONE = {"404", "NoSuchKey", "NotFound"}


class Bucket:
    """What is kept in one. The SDK is loaded with the first call."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def _s3(self) -> Any:
        return self._store.client

    def _key(self, sha256: bytes) -> str:
        name = sha256.hex()
        return "/".join(part for part in (self._store.prefix, name[:2], name[2:4], name) if part)

    def _at(self, sha256: bytes) -> dict[str, str]:
        return {"Bucket": self._store.bucket, "Key": self._key(sha256)}

    def has(self, sha256: bytes, size: int) -> bool:
        """Whether it is there, whole."""
        from botocore.exceptions import ClientError

        try:
            found = self._s3.head_object(**self._at(sha256))
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return False
            raise
        return bool(found["ContentLength"] == size)

    def write(self, sha256: bytes, data: bytes) -> None:
        """Keep bytes; what is there is left alone."""
        if not self.has(sha256, len(data)):
            self._s3.put_object(**self._at(sha256), Body=data)

    def take(self, sha256: bytes, path: Path) -> None:
        """Keep a file of this machine, however large, part by part. Raises OSError when not all of it arrived."""
        from boto3.s3.transfer import TransferConfig

        size = path.stat().st_size
        if self.has(sha256, size):
            return
        config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        self._s3.upload_file(str(path), **self._at(sha256), Config=config)
        if not self.has(sha256, size):
            raise OSError(f"{sha256.hex()} did not arrive whole")

    def read(self, sha256: bytes) -> bytes:
        """All of it. Raises FileNotFoundError."""
        return b"".join(self.stream(sha256))

    def stream(self, sha256: bytes) -> Iterator[bytes]:
        """Piece by piece; asked for before the first piece is wanted. Raises FileNotFoundError."""
        from botocore.exceptions import ClientError

        try:
            body = self._s3.get_object(**self._at(sha256))["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                raise FileNotFoundError(sha256.hex()) from error
            raise
        pieces: Iterator[bytes] = body.iter_chunks(PIECE)
        return pieces

    def untouched_since(self, before: dt.datetime) -> Iterator[tuple[bytes, Callable[[], None]]]:
        """What has lain there since before a moment, each with what removes it."""
        start = f"{self._store.prefix}/" if self._store.prefix else ""
        found = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._store.bucket, Prefix=start)
        for page in found:
            for one in page.get("Contents", []):
                name = one["Key"].rsplit("/", 1)[-1]
                if one["LastModified"] < before and _is_ours(name, one["Key"].removeprefix(start)):
                    yield bytes.fromhex(name), partial(self._remove, one["Key"])

    def _remove(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._store.bucket, Key=key)


def _is_ours(name: str, path: str) -> bool:
    """Whether it lies where we put what has this name: a bucket may hold other things."""
    is_hash = len(name) == 64 and not name.strip("0123456789abcdef")
    return is_hash and path == f"{name[:2]}/{name[2:4]}/{name}"
