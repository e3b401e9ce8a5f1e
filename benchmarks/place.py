"""Servers for a run: an embedded PostgreSQL (with fsync) and Valkey in a scratch folder, and databases in it."""

import base64
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from flask import Flask
from psycopg import sql

from incubator import config, embedded
from incubator.app import create_app
from incubator.core.db import Model, db, dispose
from incubator.embedded import Servers


@dataclass
class Place:
    """Where a run takes place."""

    servers: Servers
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    encryption_key: str = field(default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())

    @property
    def logs(self) -> Path:
        """Where processes write."""
        folder = self.servers.home / "bench-log"
        folder.mkdir(exist_ok=True)
        return folder

    def url(self, database: str) -> str:
        """The address of one database."""
        return f"{self.servers.database_url.rsplit('/', 1)[0]}/{database}"

    def environment(self, database: str, *, redis: int = 0, port: int = 8000, level: str = "INFO") -> dict[str, str]:
        """What a process of the product is started with."""
        return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {
            "DATABASE_URL": self.url(database),
            "REDIS_URL": f"{self.servers.redis_url.rsplit('/', 1)[0]}/{redis}",
            "INCUBATOR_SANDBOX_DATABASE_URL": self.servers.sandbox_database_url,
            "INCUBATOR_SECRET_KEY": self.secret_key,
            "INCUBATOR_ENCRYPTION_KEY": self.encryption_key,
            "INCUBATOR_BIND": f"127.0.0.1:{port}",
            "INCUBATOR_SESSION_IDLE_MINUTES": "1440",
            "INCUBATOR_LOG_LEVEL": level,
        }

    def create(self, database: str) -> None:
        """Make an empty database."""
        with psycopg.connect(self.servers.database_url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def app(self, database: str, *, redis: int = 0) -> Flask:
        """The application in this process, on a database that has the schema of the models."""
        app = create_app(config.load(self.environment(database, redis=redis, level="WARNING")))
        with app.app_context():
            Model.metadata.create_all(db.engine)
        return app


@contextmanager
def place() -> Iterator[Place]:
    """Servers with fsync on, as in production, for one run; all of it is removed at the end."""
    with embedded.scratch_home() as home, embedded.start(home) as servers:
        yield Place(servers)


def close(app: Flask) -> None:
    """Give back what an application holds open."""
    with app.app_context():
        db.session.remove()
        dispose()
    app.extensions["redis"].close()


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
