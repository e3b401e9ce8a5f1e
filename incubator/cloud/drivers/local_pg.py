"""The embedded provider: a database and a role of its own per sandbox, on a second PostgreSQL cluster.

What holds without us: the role's connection limit, its temp_file_limit (a superuser's setting), and that a frozen role
cannot sign in. The disk has no quota: it is polled. The database belongs to the cluster's superuser, so its user can
do anything within it but cannot change its settings. Passwords are hashed here (SCRAM) and never sent in plain.

A member of the team has a role of their own that acts as the sandbox's role from its first statement on, so what they
make belongs to the team and stays when they go.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, LiteralString

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from incubator.cloud.drivers.base import (
    Ambiguous,
    AuthFailed,
    Capabilities,
    Check,
    Conflict,
    DriverError,
    Health,
    Limits,
    NotFound,
    Place,
    QuotaExhausted,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Throttled,
    Unavailable,
    Usage,
)
from incubator.cloud.drivers.dumping import dump
from incubator.cloud.drivers.examining import all_looked

PREFIX = "sb_"
MEMBER_PREFIX = "sbm_"
NAMES = (PREFIX, MEMBER_PREFIX)
CONNECT_SECONDS = 5
OPTIONS = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s"
TERMINATE_MS = 5000
BUSY_SECONDS = 5

Connection = psycopg.Connection[tuple[Any, ...]]

STATE = """
SELECT r.rolname, d.oid IS NOT NULL, r.rolconnlimit
FROM pg_roles r LEFT JOIN pg_database d ON d.datname = r.rolname
WHERE starts_with(r.rolname, 'sb_') AND (%(name)s::text IS NULL OR r.rolname = %(name)s) ORDER BY r.rolname
"""
SIZES = """
SELECT d.datname, pg_database_size(d.oid), (
    SELECT count(*) FROM pg_stat_activity a WHERE a.datname = d.datname AND a.backend_type = 'client backend'
)
FROM pg_database d WHERE d.datname = ANY(%(names)s)
"""
LIMITS_OF = """
SELECT r.rolconnlimit, (
    SELECT split_part(setting, '=', 2) FROM unnest(r.rolconfig) AS setting WHERE setting LIKE 'temp_file_limit=%%'
)
FROM pg_roles r WHERE r.rolname = %s
"""
MEMBERS = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s) ORDER BY rolname"
LEFT = """
SELECT format('%%s objects in the database %%s', count(*), coalesce(d.datname, 'of the whole cluster'))
FROM pg_shdepend s JOIN pg_roles r ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
LEFT JOIN pg_database d ON d.oid = s.dbid WHERE r.rolname = ANY(%(names)s) GROUP BY d.datname ORDER BY 1
"""
RIGHTS = "SELECT 1 / (rolsuper OR rolcreatedb AND rolcreaterole)::int FROM pg_roles WHERE rolname = current_user"
HASHED = "SELECT 1 / (current_setting('password_encryption') = 'scram-sha-256')::int"
FREE = """
SELECT 1 / (count(*) + 20 <= current_setting('max_connections')::int)::int
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""
"""A condition that does not hold is a division by zero: Rejected."""

MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[DriverError]], ...] = (
    ((errors.DuplicateDatabase, errors.DuplicateObject, errors.UniqueViolation), Conflict),
    ((errors.DiskFull, errors.OutOfMemory), QuotaExhausted),
    ((errors.InsufficientPrivilege,), AuthFailed),
    ((errors.UndefinedObject, errors.InvalidCatalogName), NotFound),
    ((errors.ObjectInUse, errors.LockNotAvailable), Unavailable),
    ((psycopg.OperationalError,), Ambiguous),
    ((psycopg.Error,), Rejected),
)
"""What a failed statement means, the first that fits."""


class LocalPostgres:
    """Sandboxes on a PostgreSQL cluster, as its superuser."""

    capabilities = Capabilities(
        hard_cap="quota", freeze="instant", usage_lag=0, async_create=False, portable_export=True, members=True
    )

    def __init__(self, address: str) -> None:
        self._address = address

    @classmethod
    def open(cls, place: Place) -> "LocalPostgres":
        """The driver of a provider."""
        return cls(place.needed())

    def check(self) -> Health:
        """Ask for the server's version."""
        try:
            with self._connect() as connection:
                return Health(True, str(connection.info.server_version))
        except (Unavailable, AuthFailed, Throttled) as error:
            return Health(False, str(error))

    def examine(self) -> list[Check]:
        """Sign-in, rights, free connections, and whether what is made here can be exported."""
        return all_looked(
            ("The cluster answers and accepts our sign-in.", lambda: self._ask("SELECT 1")),
            ("We may create databases and roles.", lambda: self._ask(RIGHTS)),
            ("Its passwords are hashed with SCRAM.", lambda: self._ask(HASHED)),
            ("At least 20 connections are free.", lambda: self._ask(FREE)),
        )

    def _ask(self, statement: LiteralString) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def find(self, key: str) -> RemoteRef | None:
        """The role (and database) named after the key."""
        with self._connect() as connection:
            return _find(connection, key)

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """The role first, without sign-in; then its database, closed to everybody else."""
        name = _name(key)
        with self._connect() as connection:
            if _find(connection, key) is None:
                _run(connection, "CREATE ROLE {} NOLOGIN CONNECTION LIMIT {}", name, limits.connections)
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                _run(connection, "CREATE DATABASE {}", name)
            _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
            _run(connection, "GRANT ALL ON DATABASE {} TO {}", name, name)
        with self._connect(name) as connection:
            _run(connection, "ALTER SCHEMA public OWNER TO {}", name)
        return self._require(key)

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """Connections at once, of the team in all, and temporary files of one session."""
        with self._connect() as connection:
            _run(connection, "ALTER DATABASE {} CONNECTION LIMIT {}", ref.name, limits.connections)
            for name in _roles(connection, ref):
                _run(connection, "ALTER ROLE {} CONNECTION LIMIT {}", name, limits.connections)
                _run(connection, "ALTER ROLE {} SET temp_file_limit = {}", name, f"{limits.disk_mb}MB")

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """Set a new password and sign in with it."""
        password = secrets.token_urlsafe(24)
        with self._connect() as connection:
            hashed = _hashed(connection, ref.name, password)
            _run(connection, "ALTER ROLE {} LOGIN PASSWORD {}", ref.name, hashed)
        return self._tried(ref.name, ref.name, password)

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """A role of their own under the same limits."""
        name, password = f"{_members_of(ref)}{member}", secrets.token_urlsafe(24)
        with self._connect() as connection:
            found = connection.execute(LIMITS_OF, (ref.name,)).fetchone()
            if found is None:
                raise NotFound(ref.key)
            connections, files = found
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
                _run(connection, "CREATE ROLE {} NOLOGIN IN ROLE {}", name, ref.name)
            _run(connection, "ALTER ROLE {} IN DATABASE {} SET role TO {}", name, ref.name, ref.name)
            if files is not None:
                _run(connection, "ALTER ROLE {} SET temp_file_limit = {}", name, files)
            hashed = _hashed(connection, name, password)
            _run(connection, "ALTER ROLE {} LOGIN CONNECTION LIMIT {} PASSWORD {}", name, connections, hashed)
        return self._tried(ref.name, name, password)

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """End their sessions, give what they own to the team, drop their role."""
        with self._connect() as connection:
            self._remove(connection, ref, f"{_members_of(ref)}{member}")

    def _remove(self, connection: Connection, ref: RemoteRef, name: str) -> None:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
            return
        _run(connection, "ALTER ROLE {} NOLOGIN", name)
        _end_sessions(connection, [name])
        with self._connect(ref.name) as inside:
            _run(inside, "REASSIGN OWNED BY {} TO {}", name, ref.name)
            _run(inside, "DROP OWNED BY {}", name)
        _run(connection, "DROP ROLE IF EXISTS {}", name)

    def _tried(self, database: str, user: str, password: str) -> Secret:
        parts = conninfo_to_dict(self._address)
        host, port = str(parts.get("host", "localhost")), int(str(parts.get("port", 5432)))
        with self._connect(database, user=user, password=password) as connection:
            connection.execute("SELECT 1")
        return Secret(host=host, port=port, database=database, user=user, password=password)

    def freeze(self, ref: RemoteRef, level: int) -> None:  # noqa: ARG002 - the interface of all drivers
        """No sign-in, read only, and every session ended; the same for all levels."""
        with self._connect() as connection:
            names = _roles(connection, ref)
            for name in names:
                _run(connection, "ALTER ROLE {} NOLOGIN CONNECTION LIMIT 0", name)
                _run(connection, "ALTER ROLE {} SET default_transaction_read_only = on", name)
            _end_sessions(connection, names)

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """Sign-in and writing again."""
        with self._connect() as connection:
            for name in _roles(connection, ref):
                _run(connection, "ALTER ROLE {} RESET default_transaction_read_only", name)
                _run(connection, "ALTER ROLE {} LOGIN CONNECTION LIMIT {}", name, limits.connections)

    def list_all(self) -> list[RemoteRef]:
        """Every role with our prefix."""
        with self._connect() as connection:
            return [_ref(row) for row in connection.execute(STATE, {"name": None})]

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """Size of each database and its connections now (vacuum and parallel workers are nobody's connection)."""
        with self._connect() as connection:
            rows = connection.execute(SIZES, {"names": [_name(key) for key in keys]})
            return {name.removeprefix(PREFIX): Usage(size, connections) for name, size, connections in rows}

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:
        """What pg_dump writes, readable by any PostgreSQL."""
        if self.find(ref.key) is None:
            raise NotFound(ref.key)
        dump(make_conninfo(self._address, dbname=ref.name), ref.name, target)

    def wipe(self, ref: RemoteRef) -> list[str]:
        """Drop the database, ending its sessions; what its roles own elsewhere is left for a person."""
        with self._connect() as connection:
            _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", ref.name)
            names = [ref.name, *_members(connection, ref)]
            return [row[0] for row in connection.execute(LEFT, {"names": names})]

    def delete(self, ref: RemoteRef) -> None:
        """Drop the database, ending its sessions, then the roles."""
        with self._connect() as connection:
            _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", ref.name)
            for name in (*_members(connection, ref), ref.name):
                _run(connection, "DROP ROLE IF EXISTS {}", name)

    def _require(self, key: str) -> RemoteRef:
        ref = self.find(key)
        if ref is None:
            raise NotFound(key)
        return ref

    @contextmanager
    def _connect(self, database: str | None = None, **who: str) -> Iterator[Connection]:
        """One connection in autocommit; what PostgreSQL answers becomes a driver's error."""
        other = {"dbname": database} if database else {}
        address = make_conninfo(self._address, options=OPTIONS, **other, **who)
        try:
            connection = psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_SECONDS)
        except psycopg.OperationalError as error:
            raise _refused(error) from error
        with connection:
            try:
                yield connection
            except psycopg.Error as error:
                raise _failed(error) from error


def _name(key: str) -> str:
    return PREFIX + key


def _members_of(ref: RemoteRef) -> str:
    return f"{MEMBER_PREFIX}{ref.key}_"


def _members(connection: Connection, ref: RemoteRef) -> list[str]:
    return [row[0] for row in connection.execute(MEMBERS, (_members_of(ref),))]


def _roles(connection: Connection, ref: RemoteRef) -> list[str]:
    """The team's own role first, so that one that is not there says so."""
    return [ref.name, *_members(connection, ref)]


def _end_sessions(connection: Connection, names: Sequence[str]) -> None:
    ended = connection.execute(
        "SELECT bool_and(pg_terminate_backend(pid, %s)) FROM pg_stat_activity WHERE usename = ANY(%s)",
        (TERMINATE_MS, list(names)),
    ).fetchone()
    if ended is not None and ended[0] is False:
        raise Unavailable("a session has not ended yet")


def _hashed(connection: Connection, name: str, password: str) -> str:
    return connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()


def _find(connection: Connection, key: str) -> RemoteRef | None:
    row = connection.execute(STATE, {"name": _name(key)}).fetchone()
    return _ref(row) if row else None


def _ref(row: tuple[Any, ...]) -> RemoteRef:
    name, is_complete, limit = row
    complete = RemoteState.FROZEN if limit == 0 else RemoteState.ACTIVE
    return RemoteRef(name.removeprefix(PREFIX), name, complete if is_complete else RemoteState.CREATING)


def _run(connection: Connection, statement: LiteralString, *values: str | int) -> None:
    """Run a statement that takes no parameters: first value and later roles as names, numbers and texts as literals."""
    parts = [
        sql.Identifier(value) if isinstance(value, str) and value.startswith(NAMES) else sql.Literal(value)
        for value in values
    ]
    connection.execute(sql.SQL(statement).format(*parts))


def _refused(error: psycopg.OperationalError) -> Exception:
    """What a failed sign-in means; libpq gives no SQLSTATE for it."""
    text = str(error)
    if "authentication failed" in text or "does not exist" in text or "not permitted to log in" in text:
        return AuthFailed("the cluster refuses our sign-in")
    if "too many" in text or "remaining connection slots" in text:
        return Throttled("no free connection", BUSY_SECONDS)
    return Unavailable("the cluster cannot be reached")


def _failed(error: psycopg.Error) -> Exception:
    """What a failed statement means; a connection that broke leaves it open whether the statement took effect."""
    words = f"{type(error).__name__} ({error.sqlstate})"
    return next(meaning for kinds, meaning in MEANINGS if isinstance(error, kinds))(words)
