"""Settings from the environment: typed, checked at the start, each documented.

    settings = config.load(os.environ)     # ConfigError: one line, the caller prints it and ends with 2
    config.check_reachable(settings)

A setting is one field of `Settings`; its variable, default and words stand beside it, and `reference()`
lists them for the README. Nothing else in the product reads the environment.
"""

import difflib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from incubator.config import parsing
from incubator.config.parsing import SMTP_PORTS
from incubator.config.reaching import ConfigError, Store, check_database, check_redis, check_store

CHECKOUT = Path(__file__).resolve().parents[2]
SYSTEM_DATA = Path("/var/lib/incubator")

_KINDS = {bool: "0 or 1", int: "number", Path: "folder"}


class Row(NamedTuple):
    """One line of the reference: variable, type, default as text, what it does."""

    name: str
    kind: str
    default: str
    doc: str


def default_home() -> Path:
    """The data folder when INCUBATOR_HOME is not set.

    For root below /var/lib, one folder a checkout: the databases run as another user there, who may be
    unable to enter the checkout. Otherwise `var` in the checkout.
    """
    if os.geteuid() != 0:
        return CHECKOUT / "var"
    return SYSTEM_DATA / hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]


class Variable(NamedTuple):
    """Where a setting comes from. A default may name earlier fields: "{home}/files". None: the setting is
    required; an empty default: it may be left out and is then None."""

    name: str
    parse: parsing.Parse
    doc: str
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an installation may choose. What `repr` would give away is kept out of it."""

    database_url: Annotated[
        str, Variable("DATABASE_URL", parsing.postgresql, "PostgreSQL 16 or newer with pgvector.")
    ] = field(repr=False)
    redis_url: Annotated[
        str, Variable("REDIS_URL", parsing.redis, "Redis or Valkey: wakes the workers and counts tries.")
    ] = field(repr=False)
    secret_key: Annotated[
        str, Variable("INCUBATOR_SECRET_KEY", parsing.secret, "Signs what browsers keep; at least 32 random bytes.")
    ] = field(repr=False)
    encryption_key: Annotated[
        str,
        Variable(
            "INCUBATOR_ENCRYPTION_KEY", parsing.fernet, "Fernet key for secrets at rest (of sandboxes, of sign-in)."
        ),
    ] = field(repr=False)
    demo: Annotated[
        bool,
        Variable("INCUBATOR_DEMO", parsing.flag, "1: demonstration, on a database marked so. Set by `make run`.", "0"),
    ]
    bind: Annotated[
        str, Variable("INCUBATOR_BIND", parsing.bind, "Host and port the web process listens on.", "127.0.0.1:8000")
    ]
    public_url: Annotated[
        str,
        Variable(
            "INCUBATOR_PUBLIC_URL", parsing.address, "Address people open; links in letters and mails.", "http://{bind}"
        ),
    ]
    trusted_proxies: Annotated[
        int,
        Variable("INCUBATOR_TRUSTED_PROXIES", parsing.between(0, 9), "Reverse proxies before the web process.", "0"),
    ]
    time_zone: Annotated[
        str, Variable("INCUBATOR_TIME_ZONE", parsing.zone, "Zone of days where a company names none.", "Asia/Shanghai")
    ]
    session_idle_minutes: Annotated[
        int,
        Variable(
            "INCUBATOR_SESSION_IDLE_MINUTES", parsing.between(1, 1440), "Minutes unused that end a session.", "30"
        ),
    ]
    session_hours: Annotated[
        int,
        Variable("INCUBATOR_SESSION_HOURS", parsing.between(1, 168), "Hours after which a session ends anyway.", "12"),
    ]
    web_workers: Annotated[int, Variable("INCUBATOR_WEB_WORKERS", parsing.between(1, 64), "Web processes.", "2")]
    web_threads: Annotated[
        int, Variable("INCUBATOR_WEB_THREADS", parsing.between(1, 64), "Threads of a web process.", "4")
    ]
    worker_calls: Annotated[
        int,
        Variable(
            "INCUBATOR_WORKER_CALLS",
            parsing.between(1, 64),
            "Provider calls at a time of a worker process; at most half of those that are free at one provider.",
            "8",
        ),
    ]
    log_level: Annotated[str, Variable("INCUBATOR_LOG_LEVEL", parsing.level, "DEBUG, INFO, WARNING or ERROR.", "INFO")]
    home: Annotated[Path, Variable("INCUBATOR_HOME", parsing.folder, "Data folder of this machine.", "{default_home}")]
    files: Annotated[
        Path,
        Variable(
            "INCUBATOR_FILES", parsing.folder, "Uploads and letters; one folder for all machines.", "{home}/files"
        ),
    ]
    files_url: Annotated[
        str | None,
        Variable(
            "INCUBATOR_FILES_URL",
            parsing.store,
            "Keeps uploads, letters and copies in a bucket instead, s3://bucket/prefix, of any store that speaks S3 "
            "(install incubator[s3]); in INCUBATOR_FILES lies only what is being written.",
            "",
        ),
    ]
    files_endpoint: Annotated[
        str | None,
        Variable("INCUBATOR_FILES_ENDPOINT", parsing.address, "Address of that store; without it Amazon's own.", ""),
    ]
    files_region: Annotated[str, Variable("INCUBATOR_FILES_REGION", parsing.word, "Region of the bucket.", "us-east-1")]
    files_key: Annotated[
        str | None,
        Variable(
            "INCUBATOR_FILES_KEY",
            parsing.word,
            "Access key of that store; without it what Amazon's tools find on this machine.",
            "",
        ),
    ]
    files_secret: Annotated[
        str | None, Variable("INCUBATOR_FILES_SECRET", parsing.word, "Secret of that access key.", "")
    ] = field(repr=False)
    clamav: Annotated[
        str | None,
        Variable(
            "INCUBATOR_CLAMAV",
            parsing.bind,
            "Host and port of a clamd that scans what people hand in; when it is away nothing is taken. Without it "
            "nothing is scanned.",
            "",
        ),
    ]
    smtp_url: Annotated[
        str | None,
        Variable(
            "INCUBATOR_SMTP_URL",
            parsing.smtp,
            "Mail server: smtp://, smtps:// or smtp+starttls://, with user and password if it asks for them. "
            "Without it no mail is sent.",
            "",
        ),
    ] = field(repr=False)
    mail_from: Annotated[
        str | None, Variable("INCUBATOR_MAIL_FROM", parsing.mail_address, "Sender of mails; needed to send any.", "")
    ]
    sandbox_database_url: Annotated[
        str | None,
        Variable(
            "INCUBATOR_SANDBOX_DATABASE_URL",
            parsing.postgresql,
            "Superuser of a second PostgreSQL cluster, never the product's, where the local provider makes "
            "sandboxes. Without it that provider is not offered.",
            "",
        ),
    ] = field(repr=False)

    @property
    def store(self) -> Store | None:
        """The bucket of files; None: they lie on disk."""
        if self.files_url is None:
            return None
        parts = urlsplit(self.files_url)
        return Store(
            bucket=parts.netloc, prefix=parts.path.strip("/"), endpoint=self.files_endpoint, region=self.files_region,
            key=self.files_key, secret=self.files_secret,
        )  # fmt: skip

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
    if bool(settings.files_key) != bool(settings.files_secret):
        missing = "SECRET" if settings.files_key else "KEY"
        raise ConfigError(f"INCUBATOR_FILES_{missing} is not set: a key and its secret belong together.")
    if not settings.files_url and (settings.files_key or settings.files_endpoint):
        raise ConfigError("INCUBATOR_FILES_URL is not set, but the store of a bucket is: name it, s3://bucket/prefix.")
    if settings.secret_key == settings.encryption_key:
        raise ConfigError("INCUBATOR_ENCRYPTION_KEY must not be the same as INCUBATOR_SECRET_KEY.")
    if settings.sandbox_database_url and _server(settings.sandbox_database_url) == _server(settings.database_url):
        raise ConfigError("INCUBATOR_SANDBOX_DATABASE_URL names the product's own cluster: sandboxes need another.")


def _server(url: str) -> tuple[Any, ...]:
    parts = conninfo_to_dict(url)
    return parts.get("host", "localhost"), str(parts.get("port", "5432"))


def check_reachable(settings: Settings) -> None:
    """Ask PostgreSQL, Redis and, where files lie in one, the bucket; raises ConfigError when one does not answer within
    3 seconds, or is too old. The sandboxes' cluster is not asked: without it everything else still works."""
    check_database(settings.database_url)
    check_redis(settings.redis_url)
    if settings.store is not None:
        check_store(settings.store)


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


__all__ = [
    "CHECKOUT",
    "SMTP_PORTS",
    "SYSTEM_DATA",
    "ConfigError",
    "Row",
    "Settings",
    "Store",
    "check_database",
    "check_reachable",
    "default_home",
    "load",
    "reference",
]
