"""One PostgreSQL and Valkey a run, one database an xdist worker, one savepoint a test.

A test that uses `app` (or `make`, `client`, ...) runs in a transaction that is rolled back. Marked `committed` it
gets a database of its own, made from a template, and really commits: for races, workers and the browser.
"""

import base64
import contextlib
import gc
import itertools
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from playwright import sync_api as playwright
from psycopg import sql
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from incubator import config, embedded
from incubator.app import create_app
from incubator.core.db import Model, db, dispose
from incubator.people.models import Person
from tests import tracing
from tests.make import Make

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_running: list[contextlib.ExitStack] = []
_numbers = itertools.count()

# no assertion is timed: a busy machine is no failure
settings.register_profile("gate", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=10_000)
settings.load_profile("nightly" if os.environ.get("NIGHTLY") else "gate")


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the servers; its workers are told where they are."""
    if config.getoption("cov_source", None):
        tracing.install()
    if hasattr(config, "workerinput"):
        config.servers = config.workerinput["servers"]
        return
    stack = contextlib.ExitStack()
    home = stack.enter_context(embedded.scratch_home())
    servers = stack.enter_context(embedded.start(home, fast=True))
    _running.append(stack)
    config.servers = {
        "database": servers.database_url,
        "redis": servers.redis_url,
        "sandbox": servers.sandbox_database_url,
        "files": str(home / "files"),
        "secret": secrets.token_urlsafe(32),
        "encryption": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: the collector need not look at it again, nor after each few hundred
    objects."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what pytest_configure started."""
    while _running:
        _running.pop().close()


class Nodes:
    """Tells each xdist worker where the servers are."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["servers"] = node.config.servers


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    """Register the hook of xdist once, where xdist is there."""
    if not manager.has_plugin("incubator-nodes"):
        manager.register(Nodes(), "incubator-nodes")


@pytest.fixture(scope="module", autouse=True)
def _anew(request: pytest.FixtureRequest) -> None:
    """An engine's tests reach all of it, whatever ran before them in the same process."""
    if "engines" in request.path.parts:
        tracing.forget()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> dict[str, str]:
    """Addresses: database (of a role that may create databases), redis, sandbox (superuser of a second cluster); and
    what all processes of the run share besides: the folder of files, the keys."""
    return pytestconfig.servers


def _database(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"


def _run(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _drop(servers: dict[str, str], name: str) -> None:
    """Drop a database; an autovacuum that is just there belongs to the superuser and ends by itself."""
    for _ in range(50):
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            _run(servers["database"], "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            return
        time.sleep(0.2)
    pytest.fail(f"{name} could not be dropped")


def environment(servers: dict[str, str], database: str, redis_number: int) -> dict[str, str]:
    """The variables of an installation on the servers of the tests."""
    return {
        "DATABASE_URL": _database(servers["database"], database),
        "REDIS_URL": f"{servers['redis'].rsplit('/', 1)[0]}/{redis_number}",
        "INCUBATOR_SECRET_KEY": servers["secret"],
        "INCUBATOR_ENCRYPTION_KEY": servers["encryption"],
        "INCUBATOR_SANDBOX_DATABASE_URL": servers["sandbox"],
        "INCUBATOR_FILES": servers["files"],
        "INCUBATOR_LOG_LEVEL": "WARNING",
    }


def create_database(servers: dict[str, str], name: str, template: str) -> None:
    """A database for as long as the servers run."""
    _run(servers["database"], "CREATE DATABASE {} TEMPLATE {}", name, template)


@contextlib.contextmanager
def own_database(servers: dict[str, str], name: str, template: str = "template1") -> Iterator[str]:
    """A database for a while."""
    name = f"{name}_{os.getpid()}_{next(_numbers)}"
    create_database(servers, name, template)
    try:
        yield name
    finally:
        _drop(servers, name)


@pytest.fixture
def shell_environment(servers: dict[str, str]) -> Callable[..., dict[str, str]]:
    """The environment of a process of the product on a database: `shell_environment(name)`."""

    def make(database: str, redis_number: int = 9) -> dict[str, str]:
        ours = environment(servers, database, redis_number)
        return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | ours

    return make


def settings_for(servers: dict[str, str], database: str, redis_number: int) -> config.Settings:
    return config.load(environment(servers, database, redis_number))


TEST_SETTINGS = {"TESTING": True, "CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}


@pytest.fixture(scope="session")
def template(servers: dict[str, str], worker_id: str) -> str:
    """The name of an empty database with the schema of the models."""
    name = f"template_{worker_id}_{os.getpid()}"
    _run(servers["database"], "CREATE DATABASE {}", name)
    app = create_app(settings_for(servers, name, 0), **TEST_SETTINGS)
    with app.app_context():
        Model.metadata.create_all(db.engine)
    close(app)
    return name


@pytest.fixture(scope="session")
def shared_app(servers: dict[str, str], template: str) -> Iterator[Flask]:
    """The application of all tests that roll back."""
    name = template.replace("template", "shared")
    _run(servers["database"], "CREATE DATABASE {} TEMPLATE {}", name, template)
    app = create_app(settings_for(servers, name, 0), **TEST_SETTINGS)
    remember_statements(app)
    yield app
    close(app)


def remember_statements(app: Flask) -> None:
    """Keep every statement that was compiled: all tests together send far more than an engine keeps by itself."""
    with app.app_context():
        for engine in db.engines.values():
            engine.update_execution_options(compiled_cache={})


def close(app: Flask) -> None:
    """Give back what an application holds open."""
    with app.app_context():
        db.session.remove()
        dispose()
    app.extensions["redis"].close()


@pytest.fixture
def app(request: pytest.FixtureRequest, servers: dict[str, str]) -> Iterator[Flask]:
    """The application, with its context pushed; each request of its browsers has a context of its own."""
    if request.node.get_closest_marker("committed"):
        made = _committed_app(request, servers)
    elif request.node.get_closest_marker("fresh"):
        made = _fresh_app(request, servers)
    else:
        made = _rolled_back_app(request.getfixturevalue("shared_app"))
    for app in made:
        app.test_client_class = Browser
        yield app


def _rolled_back_app(app: Flask) -> Iterator[Flask]:
    with app.app_context(), db.engine.connect() as connection:
        outer = connection.begin()
        session_class = db.session.session_factory.class_
        original = session_class.get_bind
        session_class.get_bind = lambda *args, **kwargs: connection
        db.session.configure(join_transaction_mode="create_savepoint")
        event.listen(session_class, "after_begin", _defer_again)
        event.listen(session_class, "before_commit", _check_deferred)
        try:
            yield app
        finally:
            event.remove(session_class, "after_begin", _defer_again)
            event.remove(session_class, "before_commit", _check_deferred)
            db.session.remove()
            session_class.get_bind = original
            db.session.configure(join_transaction_mode="conditional_savepoint")
            outer.rollback()


def _fresh_app(request: pytest.FixtureRequest, servers: dict[str, str]) -> Iterator[Flask]:
    """Without what other tests have rolled back: PostgreSQL still reads over it, row by row."""
    template = request.getfixturevalue("template")
    with own_database(servers, f"fresh_{request.getfixturevalue('worker_id')}", template) as name:
        app = create_app(settings_for(servers, name, 0), **TEST_SETTINGS)
        remember_statements(app)
        yield from _rolled_back_app(app)
        close(app)


def _defer_again(_session: object, _begun: object, connection: Connection) -> None:
    """Each savepoint stands for a transaction, in which deferred constraints wait for its end."""
    connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")


def _check_deferred(session: Session) -> None:
    """A savepoint that is released checks nothing that was deferred, as COMMIT does."""
    session.flush()
    session.connection().exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture(scope="session")
def committing_app(servers: dict[str, str], template: str, worker_id: str) -> Iterator[Flask]:
    """The application of all tests that commit; each has a database of this one's name to itself."""
    number = 1 + int(worker_id[2:] or 0) if worker_id != "master" else 1
    app = create_app(settings_for(servers, template.replace("template", "own"), number), **TEST_SETTINGS)
    remember_statements(app)
    yield app
    close(app)


def _committed_app(request: pytest.FixtureRequest, servers: dict[str, str]) -> Iterator[Flask]:
    app, template = request.getfixturevalue("committing_app"), request.getfixturevalue("template")
    settings, configured = app.extensions["settings"], dict(app.config)
    name = settings.database_url.rsplit("/", 1)[1]
    create_database(servers, name, template)
    app.extensions["redis"].flushdb()
    try:
        with app.app_context():
            yield app
    finally:
        app.extensions["settings"] = settings
        app.config.clear()
        app.config.update(configured)
        with app.app_context():
            db.session.remove()
            dispose()
        _drop(servers, name)


class Browser(FlaskClient):
    """Each request gets a context, and so a session, of its own, as on a server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Let go of what the test has read, so that both see what the other committed."""
        db.session.rollback()
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def make(app: Flask) -> Make:
    """Builds rows with sensible defaults."""
    return Make()


@pytest.fixture
def sign_in(app: Flask, client: FlaskClient, make: Make) -> Callable[..., FlaskClient]:
    """Sign a person in: `sign_in(person)` for `client`, `sign_in(person, app.test_client())` for another browser."""

    def act(person: Person, browser: FlaskClient = client) -> FlaskClient:
        token = make.session_for(person)
        browser.set_cookie("session", token, domain="localhost")
        return browser

    return act


@pytest.fixture(scope="session")
def chromium() -> Iterator[playwright.Browser]:
    """The Chromium of this machine, one a process (Playwright starts once in it). Fails, saying so, without one."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail("browser tests need Chromium or Google Chrome on PATH; BROWSER=none leaves them out")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return Path(__file__).parent.parent
