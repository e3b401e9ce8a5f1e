"""Whether this process can serve."""

import re
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.core import queue
from incubator.core.db import db

OWN, BELOW = r"^revision = ['\"](.+)['\"]", r"^down_revision = ['\"](.+)['\"]"


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
    return Health(True, found == newest(current_app.root_path), queue.is_reachable())


@cache
def newest(root: str) -> str | None:
    """The newest migration of this program: the one that no other builds on. Read from the files, as Alembic does when
    it migrates; a web process that loaded it for this would be 16 MB larger."""
    texts = [path.read_text() for path in (Path(root) / "migrations" / "versions").glob("*.py")]
    names = {kind: {name for text in texts for name in re.findall(kind, text, re.MULTILINE)} for kind in (OWN, BELOW)}
    return next(iter(names[OWN] - names[BELOW]), None)


def _answers() -> bool:
    try:
        return bool(db.session.scalar(text("SELECT 1")))
    except DBAPIError:
        return False
