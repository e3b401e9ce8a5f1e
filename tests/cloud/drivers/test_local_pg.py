"""What a sandbox on the second PostgreSQL cluster lets its team do, and what not."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    Health,
    Limits,
    LocalPostgres,
    NotFound,
    QuotaExhausted,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Throttled,
    Unavailable,
    local_pg,
)
from incubator.core.keys import public_id

LIMITS = Limits(connections=3, disk_mb=64)


@pytest.fixture
def driver(servers: dict[str, str]) -> LocalPostgres:
    return LocalPostgres(servers["sandbox"])


@pytest.fixture
def ref(driver: LocalPostgres) -> Iterator[RemoteRef]:
    made = driver.create(public_id(), LIMITS)
    driver.ensure_limits(made, LIMITS)
    yield made
    driver.delete(made)


@pytest.fixture
def secret(driver: LocalPostgres, ref: RemoteRef) -> Secret:
    return driver.ensure_access(ref)


def enter(secret: Secret, database: str | None = None) -> psycopg.Connection:
    address = make_conninfo(
        host=secret.host, port=secret.port, dbname=database or secret.database, user=secret.user,
        password=secret.password,
    )  # fmt: skip
    return psycopg.connect(address, autocommit=True, connect_timeout=5)


def test_the_team_can_work_in_its_database(secret: Secret) -> None:
    with enter(secret) as connection:
        connection.execute("CREATE SCHEMA work; CREATE TABLE work.reading (id int, at timestamptz)")
        connection.execute("CREATE TABLE plain (id int); INSERT INTO plain VALUES (1)")
        assert connection.execute("SELECT count(*) FROM plain").fetchone() == (1,)


def test_only_so_many_connections_at_once(secret: Secret) -> None:
    connections = [enter(secret) for _ in range(LIMITS.connections)]
    with pytest.raises(psycopg.OperationalError, match="too many connections"):
        enter(secret)
    for connection in connections:
        connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SET temp_file_limit = -1",
        "ALTER ROLE {me} CONNECTION LIMIT 100",
        "ALTER DATABASE {me} CONNECTION LIMIT 100",
        "CREATE ROLE other",
        "CREATE DATABASE other",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/hostname')",
    ],
)
def test_the_team_cannot_lift_its_limits_or_leave_its_database(secret: Secret, statement: str) -> None:
    with enter(secret) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(sql.SQL(statement).format(me=sql.Identifier(secret.user)))


def test_another_teams_database_and_the_maintenance_database_are_closed(driver: LocalPostgres, secret: Secret) -> None:
    other = driver.create(public_id(), LIMITS)
    for database in (other.name, "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            enter(secret, database)
    driver.delete(other)


def test_the_temporary_files_of_a_session_are_limited(driver: LocalPostgres, ref: RemoteRef) -> None:
    driver.ensure_limits(ref, Limits(connections=3, disk_mb=1))
    with enter(driver.ensure_access(ref)) as connection:
        connection.execute("SET work_mem = '64kB'")
        with pytest.raises(errors.ConfigurationLimitExceeded):
            connection.execute("SELECT count(*) FROM (SELECT g FROM generate_series(1, 400000) g ORDER BY g DESC) s")


def test_freezing_ends_what_runs_and_lets_nobody_in(driver: LocalPostgres, ref: RemoteRef, secret: Secret) -> None:
    connection = enter(secret)
    driver.freeze(ref, 2)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match=r"not permitted to log in|too many connections"):
        enter(secret)
    driver.unfreeze(ref, LIMITS)
    with enter(secret) as again:
        again.execute("CREATE TABLE after_the_freeze (id int)")


def test_an_older_password_is_refused(driver: LocalPostgres, ref: RemoteRef, secret: Secret) -> None:
    driver.ensure_access(ref)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        enter(secret)


def test_deleting_ends_what_runs(driver: LocalPostgres, ref: RemoteRef, secret: Secret) -> None:
    connection = enter(secret)
    driver.delete(ref)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_what_grows_is_seen(driver: LocalPostgres, ref: RemoteRef, secret: Secret) -> None:
    before = driver.usage([ref.key])[ref.key]
    with enter(secret) as connection:
        connection.execute("CREATE TABLE big AS SELECT repeat(md5(g::text), 20) t FROM generate_series(1, 5000) g")
        during = driver.usage([ref.key])[ref.key]
    assert during.size_bytes > before.size_bytes + 2_000_000
    assert (before.connections, during.connections) == (0, 1)


def test_a_server_s_own_workers_are_no_connections(
    driver: LocalPostgres, ref: RemoteRef, secret: Secret, servers: dict[str, str]
) -> None:
    workers = sql.SQL("SELECT count(*) FROM pg_stat_activity WHERE datname = {} AND backend_type = 'parallel worker'")
    with enter(secret) as connection, psycopg.connect(servers["sandbox"], autocommit=True) as admin:
        connection.execute("SET debug_parallel_query = on")
        with ThreadPoolExecutor(1) as threads:
            asking = threads.submit(connection.execute, "SELECT pg_sleep(60)")
            deadline = time.monotonic() + 30
            while admin.execute(workers.format(secret.database)).fetchone() != (1,) and time.monotonic() < deadline:
                time.sleep(0.01)
            during = driver.usage([ref.key])[ref.key]
            connection.cancel()
            with pytest.raises(errors.QueryCanceled):
                asking.result()
    assert during.connections == 1


def test_a_role_without_its_database_is_still_being_created_and_is_finished(
    driver: LocalPostgres, servers: dict[str, str]
) -> None:
    key = public_id()
    with psycopg.connect(servers["sandbox"], autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN CONNECTION LIMIT 3").format(sql.Identifier(f"sb_{key}")))
    assert driver.find(key) == RemoteRef(key, f"sb_{key}", RemoteState.CREATING)
    ref = driver.create(key, LIMITS)
    assert ref.state is RemoteState.ACTIVE
    driver.delete(ref)


def test_wrong_credentials_of_ours_are_told_apart(servers: dict[str, str]) -> None:
    wrong = LocalPostgres(make_conninfo(servers["sandbox"], password=secrets.token_urlsafe(8)))
    with pytest.raises(AuthFailed):
        wrong.find("k")
    assert wrong.check() == Health(False, "the cluster refuses our sign-in")


def test_a_cluster_that_is_away_is_unavailable(servers: dict[str, str]) -> None:
    away = LocalPostgres(make_conninfo(servers["sandbox"], port=1))
    with pytest.raises(Unavailable):
        away.find("k")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (errors.DuplicateDatabase(), Conflict),
        (errors.DuplicateObject(), Conflict),
        (errors.UniqueViolation(), Conflict),
        (errors.DiskFull(), QuotaExhausted),
        (errors.InsufficientPrivilege(), AuthFailed),
        (errors.UndefinedObject(), NotFound),
        (errors.InvalidCatalogName(), NotFound),
        (errors.ObjectInUse(), Unavailable),
        (errors.LockNotAvailable(), Unavailable),
        (errors.QueryCanceled(), Ambiguous),
        (errors.AdminShutdown(), Ambiguous),
        (psycopg.OperationalError("server closed the connection"), Ambiguous),
        (errors.SyntaxError(), Rejected),
    ],
)
def test_what_postgresql_answers_means(error: psycopg.Error, meaning: type[Exception]) -> None:
    assert type(local_pg._failed(error)) is meaning


def test_a_full_cluster_is_throttling() -> None:
    full = psycopg.OperationalError("FATAL: sorry, too many clients already")
    assert type(local_pg._refused(full)) is Throttled


def test_an_account_that_vanishes_while_it_is_made_is_not_found(driver: LocalPostgres) -> None:
    with pytest.raises(NotFound):
        driver._require(public_id())
