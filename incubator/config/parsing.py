"""Reading one setting: the value, or ValueError with what it must look like."""

import base64
import itertools
from collections.abc import Callable
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import psycopg
import redis as redis_client
from psycopg.conninfo import conninfo_to_dict

SMTP_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_PLACEHOLDERS = ("secret", "password", "changeme", "change-me", "change_me", "example", "insecure")
_MAKE_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
_MAKE_FERNET = 'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
FERNET_BYTES = 32
Parse = Callable[[str], Any]


def postgresql(value: str) -> str:
    if not value.startswith("postgresql://"):
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    try:
        parts = conninfo_to_dict(value)
    except psycopg.ProgrammingError as error:
        raise ValueError(f"is no PostgreSQL address: {first_line(error)}") from error
    if not parts.get("dbname"):
        raise ValueError("names no database: postgresql://user:password@host:5432/database")
    return value


def redis(value: str) -> str:
    try:
        redis_client.ConnectionPool.from_url(value)
        parts = urlsplit(value)
        if parts.scheme != "unix" and parts.path.strip("/"):
            int(parts.path.strip("/"))
    except ValueError as error:
        raise ValueError("must look like redis://:password@host:6379/0") from error
    return value


def secret(value: str) -> str:
    advice = f"make one with: {_MAKE_KEY}"
    if len(value.encode()) < 32:
        raise ValueError(f"must have at least 32 bytes: {advice}")
    if _is_weak(value):
        raise ValueError(f"can be guessed: {advice}")
    return value


def _is_weak(value: str) -> bool:
    """Whether a text is a placeholder, one piece repeated, a run such as abcdef…, or of few characters."""
    repeats = value in (value + value)[1:-1]
    steps = [abs(ord(b) - ord(a)) for a, b in itertools.pairwise(value)]
    runs = sum(step <= 1 for step in steps) * 2 > len(steps)
    placeholder = any(word in value.lower() for word in _PLACEHOLDERS)
    return repeats or runs or placeholder or len(set(value)) < 8


def fernet(value: str) -> str:
    try:
        key = base64.urlsafe_b64decode(value)
    except ValueError:
        key = b""
    if len(key) != FERNET_BYTES or len(set(key)) < 8:
        raise ValueError(f"must be 32 random bytes in URL-safe base64; make it with: {_MAKE_FERNET}")
    return value


def smtp(value: str) -> str:
    advice = "must look like smtp://user:password@host:25 (smtps:// for TLS, smtp+starttls:// for STARTTLS)"
    try:
        parts = urlsplit(value)
        wrong = parts.scheme not in SMTP_PORTS or not parts.hostname or parts.port == 0 or parts.path.strip("/")
    except ValueError as error:
        raise ValueError(advice) from error
    if wrong:
        raise ValueError(advice)
    return value


def mail_address(value: str) -> str:
    try:
        Address(addr_spec=value)
    except (ValueError, HeaderParseError, IndexError) as error:
        raise ValueError("must look like incubator@example.com") from error
    if "@" not in value or not value.isascii():
        raise ValueError("must look like incubator@example.com")
    return value


def flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return value == "1"


def address(value: str) -> str:
    advice = "must look like https://incubator.example.com"
    try:
        parts = urlsplit(value)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.port == 0
    except ValueError as error:  # of a port that is no number
        raise ValueError(advice) from error
    if wrong:
        raise ValueError(advice)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must have no path: the product has a host name of its own")
    return value.rstrip("/")


def bind(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("must look like 127.0.0.1:8000")
    return value


def zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone such as Asia/Shanghai") from error
    return value


def level(value: str) -> str:
    if value not in _LEVELS:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}")
    return value


def folder(value: str) -> Path:
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:
        raise ValueError("names somebody whose home folder is not known") from error
    if not path.is_absolute():
        raise ValueError("must be an absolute path")
    return path


def between(lowest: int, highest: int) -> Parse:
    def parse(value: str) -> int:
        if not value.isdecimal() or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return parse


def store(value: str) -> str:
    """Of a bucket: s3://bucket or s3://bucket/prefix."""
    parts = urlsplit(value)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must look like s3://bucket/prefix")
    return value.rstrip("/")


def word(value: str) -> str:
    """As it is, in one word."""
    if len(value.split()) != 1:
        raise ValueError("must be one word")
    return value


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
