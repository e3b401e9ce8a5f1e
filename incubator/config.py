"""Settings from the environment: typed, checked at the start, each documented.

    settings = config.load(os.environ)     # ConfigError: one line, the caller prints it and ends with 2
    config.check_reachable(settings)

A setting is one field of `Settings`; its variable, default and words stand beside it, and `reference()`
lists them for the README. Nothing else in the product reads the environment.
"""

import base64
import difflib
import hashlib
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict

CHECKOUT = Path(__file__).resolve().parent.parent
SYSTEM_DATA = Path("/var/lib/incubator")
FERNET_BYTES = 32
OLDEST_POSTGRESQL = 160000  # as libpq numbers versions

SMTP_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_PATIENCE = 3  # seconds for a server to answer at the start
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_KINDS = {bool: "0 or 1", int: "number", Path: "folder"}
_PLACEHOLDERS = ("secret", "password", "changeme", "change-me", "change_me", "example", "insecure")
_MAKE_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
_MAKE_FERNET = 'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


class ConfigError(Exception):
    """A setting is missing or wrong, or a server cannot be reached: one line for the person who starts us."""


class Row(NamedTuple):
    """One line of the reference: variable, type, default as text, what it does."""

    name: str
    kind: str
    default: str
    doc: str


Parse = Callable[[str], Any]


def default_home() -> Path:
    """The data folder when INCUBATOR_HOME is not set.

    For root below /var/lib, one folder a checkout: the databases run as another user there, who may be
    unable to enter the checkout. Otherwise `var` in the checkout.
    """
    if os.geteuid() != 0:
        return CHECKOUT / "var"
    return SYSTEM_DATA / hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]


def _postgresql(value: str) -> str:
    if not value.startswith("postgresql://"):
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    try:
        parts = conninfo_to_dict(value)
    except psycopg.ProgrammingError as error:
        raise ValueError(f"is no PostgreSQL address: {_first_line(error)}") from error
    if not parts.get("dbname"):
        raise ValueError("names no database: postgresql://user:password@host:5432/database")
    return value


def _redis(value: str) -> str:
    try:
        redis.ConnectionPool.from_url(value)
        parts = urlsplit(value)
        if parts.scheme != "unix" and parts.path.strip("/"):
            int(parts.path.strip("/"))
    except ValueError as error:
        raise ValueError("must look like redis://:password@host:6379/0") from error
    return value


def _secret(value: str) -> str:
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


def _fernet(value: str) -> str:
    try:
        size = len(base64.urlsafe_b64decode(value))
    except ValueError:
        size = 0
    if size != FERNET_BYTES:
        raise ValueError(f"must be 32 random bytes in URL-safe base64; make it with: {_MAKE_FERNET}")
    return value


def _smtp(value: str) -> str:
    advice = "must look like smtp://user:password@host:25 (smtps:// for TLS, smtp+starttls:// for STARTTLS)"
    try:
        parts = urlsplit(value)
        wrong = parts.scheme not in SMTP_PORTS or not parts.hostname or parts.port == 0 or parts.path.strip("/")
    except ValueError as error:
        raise ValueError(advice) from error
    if wrong:
        raise ValueError(advice)
    return value


def _mail_address(value: str) -> str:
    try:
        Address(addr_spec=value)
    except (ValueError, HeaderParseError, IndexError) as error:
        raise ValueError("must look like incubator@example.com") from error
    if "@" not in value or not value.isascii():
        raise ValueError("must look like incubator@example.com")
    return value


def _flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return value == "1"


def _address(value: str) -> str:
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


def _bind(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("must look like 127.0.0.1:8000")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone such as Asia/Shanghai") from error
    return value


def _level(value: str) -> str:
    if value not in _LEVELS:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}")
    return value


def _folder(value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_absolute():
        raise ValueError("must be an absolute path")
    return path


def _between(lowest: int, highest: int) -> Parse:
    def parse(value: str) -> int:
        if not value.isdecimal() or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return parse


class Variable(NamedTuple):
    """Where a setting comes from. A default may name earlier fields: "{home}/files". None: the setting is
    required; an empty default: it may be left out and is then None."""

    name: str
    parse: Parse
    doc: str
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an installation may choose. What `repr` would give away is kept out of it."""

    database_url: Annotated[str, Variable("DATABASE_URL", _postgresql, "PostgreSQL 16 or newer with pgvector.")] = (
        field(repr=False)
    )
    redis_url: Annotated[str, Variable("REDIS_URL", _redis, "Redis or Valkey: wakes the workers and counts tries.")] = (
        field(repr=False)
    )
    secret_key: Annotated[
        str, Variable("INCUBATOR_SECRET_KEY", _secret, "Signs what browsers keep; at least 32 random bytes.")
    ] = field(repr=False)
    encryption_key: Annotated[
        str,
        Variable("INCUBATOR_ENCRYPTION_KEY", _fernet, "Fernet key for secrets at rest (of sandboxes, of sign-in)."),
    ] = field(repr=False)
    demo: Annotated[
        bool, Variable("INCUBATOR_DEMO", _flag, "1: demonstration, on a database marked so. Set by `make run`.", "0")
    ]
    bind: Annotated[
        str, Variable("INCUBATOR_BIND", _bind, "Host and port the web process listens on.", "127.0.0.1:8000")
    ]
    public_url: Annotated[
        str,
        Variable("INCUBATOR_PUBLIC_URL", _address, "Address people open; links in letters and mails.", "http://{bind}"),
    ]
    trusted_proxies: Annotated[
        int, Variable("INCUBATOR_TRUSTED_PROXIES", _between(0, 9), "Reverse proxies before the web process.", "0")
    ]
    time_zone: Annotated[
        str, Variable("INCUBATOR_TIME_ZONE", _zone, "Zone of days where a company names none.", "Asia/Shanghai")
    ]
    session_idle_minutes: Annotated[
        int, Variable("INCUBATOR_SESSION_IDLE_MINUTES", _between(1, 1440), "Minutes unused that end a session.", "30")
    ]
    session_hours: Annotated[
        int, Variable("INCUBATOR_SESSION_HOURS", _between(1, 168), "Hours after which a session ends anyway.", "12")
    ]
    web_workers: Annotated[int, Variable("INCUBATOR_WEB_WORKERS", _between(1, 64), "Web processes.", "2")]
    web_threads: Annotated[int, Variable("INCUBATOR_WEB_THREADS", _between(1, 64), "Threads of a web process.", "4")]
    worker_calls: Annotated[
        int, Variable("INCUBATOR_WORKER_CALLS", _between(1, 64), "Provider calls at a time of a worker process.", "6")
    ]
    log_level: Annotated[str, Variable("INCUBATOR_LOG_LEVEL", _level, "DEBUG, INFO, WARNING or ERROR.", "INFO")]
    home: Annotated[Path, Variable("INCUBATOR_HOME", _folder, "Data folder of this machine.", "{default_home}")]
    files: Annotated[
        Path,
        Variable("INCUBATOR_FILES", _folder, "Uploads and letters; one folder for all machines.", "{home}/files"),
    ]
    clamav: Annotated[
        str | None,
        Variable(
            "INCUBATOR_CLAMAV",
            _bind,
            "Host and port of a clamd that scans what people hand in; when it is away nothing is taken. Without it "
            "nothing is scanned.",
            "",
        ),
    ]
    smtp_url: Annotated[
        str | None,
        Variable(
            "INCUBATOR_SMTP_URL",
            _smtp,
            "Mail server: smtp://, smtps:// or smtp+starttls://, with user and password if it asks for them. "
            "Without it no mail is sent.",
            "",
        ),
    ] = field(repr=False)
    mail_from: Annotated[
        str | None, Variable("INCUBATOR_MAIL_FROM", _mail_address, "Sender of mails; needed to send any.", "")
    ]
    sandbox_database_url: Annotated[
        str | None,
        Variable(
            "INCUBATOR_SANDBOX_DATABASE_URL",
            _postgresql,
            "Superuser of a second PostgreSQL cluster, never the product's, where the local provider makes "
            "sandboxes. Without it that provider is not offered.",
            "",
        ),
    ] = field(repr=False)

    @property
    def has_https(self) -> bool:
        """Whether people come by HTTPS: cookies are then marked secure."""
        return self.public_url.startswith("https://")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises ConfigError at the first that is missing or wrong."""
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    known: dict[str, Any] = {}
    for name, variable in _variables():
        known[name] = _read(environ, variable, known)
    settings = Settings(**known)
    _check_together(settings)
    return settings


def _variables() -> Iterator[tuple[str, Variable]]:
    for name, annotation in get_type_hints(Settings, include_extras=True).items():
        yield name, annotation.__metadata__[0]


def _read(environ: Mapping[str, str], variable: Variable, known: Mapping[str, Any]) -> Any:
    value = environ.get(variable.name, "").strip()
    if not value and variable.default is None:
        raise ConfigError(f"{variable.name} is not set. {variable.doc}")
    if not value and not variable.default:
        return None
    try:
        return variable.parse(value or str(variable.default).format(**known, default_home=default_home()))
    except ValueError as error:
        raise ConfigError(f"{variable.name} {error}.") from error


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    names = [variable.name for _, variable in _variables()]
    for name in sorted(environ):
        if name.startswith("INCUBATOR_") and name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            raise ConfigError(f"{name} is no setting{f': did you mean {close[0]}?' if close else '.'}")


def _check_together(settings: Settings) -> None:
    host = urlsplit(settings.public_url).hostname or ""
    is_local = host == "localhost" or host.startswith("127.") or host == "::1"
    if not (settings.has_https or settings.demo or is_local):
        raise ConfigError("INCUBATOR_PUBLIC_URL must begin with https:// (a proxy may end TLS before us).")
    if settings.smtp_url and not settings.mail_from:
        raise ConfigError("INCUBATOR_MAIL_FROM is not set: INCUBATOR_SMTP_URL sends mail, and a mail has a sender.")
    if settings.secret_key == settings.encryption_key:
        raise ConfigError("INCUBATOR_ENCRYPTION_KEY must not be the same as INCUBATOR_SECRET_KEY.")
    if settings.sandbox_database_url and _server(settings.sandbox_database_url) == _server(settings.database_url):
        raise ConfigError("INCUBATOR_SANDBOX_DATABASE_URL names the product's own cluster: sandboxes need another.")


def _server(url: str) -> tuple[Any, ...]:
    parts = conninfo_to_dict(url)
    return parts.get("host", "localhost"), str(parts.get("port", "5432"))


def check_reachable(settings: Settings) -> None:
    """Connect to PostgreSQL and Redis; raises ConfigError when one does not answer within 3 seconds, or is
    too old. The sandboxes' cluster is not asked: without it everything else still works."""
    try:
        with psycopg.connect(settings.database_url, connect_timeout=_PATIENCE) as connection:
            _check_database(connection)
    except psycopg.OperationalError as error:
        raise ConfigError(f"DATABASE_URL: PostgreSQL cannot be reached: {_first_line(error)}") from error
    try:
        with redis.Redis.from_url(
            settings.redis_url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE
        ) as client:
            client.ping()
    except redis.RedisError as error:
        raise ConfigError(f"REDIS_URL: Redis cannot be reached: {_first_line(error)}") from error


def _check_database(connection: psycopg.Connection[Any]) -> None:
    version = connection.info.server_version
    if version < OLDEST_POSTGRESQL:
        raise ConfigError(f"DATABASE_URL: PostgreSQL 16 or newer is needed, this is {version // 10000}.")
    found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone()
    if found is None:
        raise ConfigError("DATABASE_URL: this PostgreSQL lacks the extension pgvector.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def reference() -> list[Row]:
    """Every setting, for the README."""
    kinds = get_type_hints(Settings)
    return [
        Row(variable.name, _KINDS.get(kinds[name], "text"), _default(variable.default), variable.doc)
        for name, variable in _variables()
    ]


def _default(default: str | None) -> str:
    if default is None:
        return "required"
    home = "/var/lib/incubator/… (root) or ./var"
    return default.format(default_home=home, home="$INCUBATOR_HOME", bind="$INCUBATOR_BIND") or "off"
