"""The demonstration: made once a run by whichever process needs it first, then only copied."""

import dataclasses
import datetime as dt
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from incubator.app import create_app
from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.demo.commands import demo_data
from incubator.people import queries as people
from tests.conftest import TEST_SETTINGS, close, create_database, settings_for
from tests.tracing import untraced

LEAP_DAY = dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Demonstration:
    """What `incubator demo-data` left in a database and a data folder, both to be copied and never used; and what a run
    before it left, which failed at its very end, when it wrote the list: its status and error, whether the database was
    empty, its events, whether it was a demonstration."""

    database: str
    folder: str
    failed: tuple[int, str]
    left: tuple[bool, int, bool]
    said: str

    @property
    def home(self) -> Path:
        """The data folder."""
        return Path(self.folder)


def as_demo(app: Flask, home: Path) -> None:
    """Set an application to demonstration mode, with a data folder of its own."""
    settings = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(settings, demo=True, home=home)


def made(servers: dict[str, str], template: str) -> Demonstration:
    """The demonstration of this run."""
    folder = Path(servers["files"]).with_name("demonstration")
    folder.mkdir(exist_ok=True)
    told = folder / "made.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(asdict(_make(servers, template, folder))))
    found = json.loads(told.read_text())
    return Demonstration(**found | {name: tuple(found[name]) for name in ("failed", "left")})


def _make(servers: dict[str, str], template: str, folder: Path) -> Demonstration:
    name, home, in_the_way = f"demonstration_{os.getpid()}", folder / "home", folder / "file"
    in_the_way.write_text("a file where the data folder should be")
    create_database(servers, name, template)
    app = create_app(settings_for(servers, name, 8), **TEST_SETTINGS)
    try:
        with app.app_context():
            as_demo(app, in_the_way)
            failed = _fail()
            left = (people.is_empty(), _events(), people.is_demo())
            db.session.rollback()
            as_demo(app, home)
            outcome = CliRunner().invoke(demo_data, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
    finally:
        close(app)
    return Demonstration(
        name, str(home), (failed.exit_code, type(failed.exception).__name__), left, outcome.output
    )  # fmt: skip


@untraced
def _fail() -> Result:
    """A whole run on the one day that three years of four do not have; the one that succeeds is today's."""
    with clock.travelled(LEAP_DAY):
        return CliRunner().invoke(demo_data)


def _events() -> int:
    return db.session.scalar(select(func.count(AuditEvent.id)))
