"""Whether what the settings name is there, and the client of a bucket."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psycopg
import redis

from incubator.config.parsing import first_line

OLDEST_POSTGRESQL = 160000  # as libpq numbers versions
PATIENCE = 3
"""Seconds for a server to answer at the start."""
READ = 30


class ConfigError(Exception):
    """A setting is missing or wrong, or a server cannot be reached: one line for the person who starts us."""


@dataclass(frozen=True)
class Store:
    """A bucket of any store that speaks S3. endpoint: None for Amazon's own; key: None for what is found."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str
    key: str | None
    secret: str | None = field(repr=False)

    @property
    def client(self) -> Any:
        """The SDK's client, made once a process; it may be used by many threads. Raises ImportError without it."""
        return _client(self)


@cache
def _client(store: Store) -> Any:
    """What is sent is signed whole, so the store refuses what was changed on the way; newer checksums, which not
    every store knows, are left out."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=PATIENCE, read_timeout=READ, retries={"total_max_attempts": 3, "mode": "standard"},
        s3={"addressing_style": "path" if store.endpoint else "auto", "payload_signing_enabled": True},
        request_checksum_calculation="when_required", response_checksum_validation="when_required",
    )  # fmt: skip
    return boto3.Session().client(
        "s3", region_name=store.region, endpoint_url=store.endpoint, config=config,
        aws_access_key_id=store.key, aws_secret_access_key=store.secret,
    )  # fmt: skip


def check_database(url: str) -> None:
    """Raises ConfigError when PostgreSQL does not answer or is too old."""
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            _check_release(connection)
    except psycopg.OperationalError as error:
        raise ConfigError(f"DATABASE_URL: PostgreSQL cannot be reached: {first_line(error)}") from error


def check_redis(url: str) -> None:
    """Raises ConfigError when Redis does not answer."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as client:
            client.ping()
    except redis.RedisError as error:
        raise ConfigError(f"REDIS_URL: Redis cannot be reached: {first_line(error)}") from error


def check_store(store: Store) -> None:
    """Raises ConfigError when the bucket is not there or not ours to use; asks for one name in it, changes nothing."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise ConfigError(
            "INCUBATOR_FILES_URL names a bucket, and boto3 is not installed: install incubator[s3]."
        ) from error
    try:
        store.client.list_objects_v2(Bucket=store.bucket, Prefix=store.prefix, MaxKeys=1)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        words = STORE_WORDS.get(code, f"the store refuses it: {first_line(error)}")
        raise ConfigError(f"INCUBATOR_FILES_URL: {words.format(store=store)}") from error
    except BotoCoreError as error:
        raise ConfigError(f"INCUBATOR_FILES_URL: the store cannot be reached: {first_line(error)}") from error


STORE_WORDS = {
    "NoSuchBucket": "there is no bucket {store.bucket}: make it first.",
    "AccessDenied": "the access key may not list the bucket {store.bucket}.",
    "InvalidAccessKeyId": "the store does not know the access key in INCUBATOR_FILES_KEY.",
    "SignatureDoesNotMatch": "the store does not accept the secret in INCUBATOR_FILES_SECRET.",
}


def _check_release(connection: psycopg.Connection[Any]) -> None:
    version = connection.info.server_version
    if version < OLDEST_POSTGRESQL:
        raise ConfigError(f"DATABASE_URL: PostgreSQL 16 or newer is needed, this is {version // 10000}.")
    found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone()
    if found is None:
        raise ConfigError("DATABASE_URL: this PostgreSQL lacks the extension pgvector.")
