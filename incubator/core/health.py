"""Whether this process can serve."""

from dataclasses import asdict, dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.core import queue
from incubator.core.db import db


@dataclass(frozen=True)
class Health:
    """database: it answers. schema: it stands at this program's newest migration. queue: Redis answers."""

    database: bool
    schema: bool
    queue: bool

    @property
    def ready(self) -> bool:
        """Requests can be served; without the queue jobs wait for the periodic run."""
        return self.database and self.schema

    def as_data(self) -> dict[str, bool]:
        """The parts and the whole, for the answer."""
        return {"ready": self.ready, **asdict(self)}


def check() -> Health:
    """Ask PostgreSQL and Redis."""
    try:
        found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        db.session.rollback()
        return Health(_answers(), False, queue.is_reachable())
    return Health(True, found == newest(), queue.is_reachable())


def newest() -> str | None:
    """The newest migration of this program."""
    return ScriptDirectory(str(Path(current_app.root_path) / "migrations")).get_current_head()


def _answers() -> bool:
    try:
        return bool(db.session.scalar(text("SELECT 1")))
    except DBAPIError:
        return False
