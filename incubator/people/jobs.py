"""Tables of the directory, checked and taken in."""

from collections.abc import Callable

from flask_babel import force_locale
from sqlalchemy import select

from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.people import services
from incubator.people.models import DirectoryImport, ImportKind, ImportState

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}


@job("people.check_imports", every=60)
def check_imports() -> int:
    """Check the tables that wait; returns how many. A second run beside it finds nothing to do."""
    return _each(ImportState.WAITING, services.check)


@job("people.apply_imports", every=60)
def apply_imports() -> int:
    """Take in the tables that are to be taken in; returns how many."""
    return _each(ImportState.APPLYING, _apply)


MOST_LEAVERS = 500


@job("people.leave", every=900)
def end_last_days() -> int:
    """Let those leave whose last day has passed; returns how many."""
    done = 0
    while True:
        with transaction():
            left = services.end_last_days(MOST_LEAVERS)
        done += left
        if left < MOST_LEAVERS:
            return done


def _apply(found: DirectoryImport) -> None:
    if found.kind is ImportKind.PEOPLE:
        services.apply_people(found.actor, found)
    else:
        services.apply_companies(found.actor, found)


def _each(state: ImportState, step: Callable[[DirectoryImport], None]) -> int:
    done = 0
    while _one(state, step):
        done += 1
    return done


def _one(state: ImportState, step: Callable[[DirectoryImport], None]) -> bool:
    """The longest waiting one, in its importer's language."""
    with transaction():
        rows = select(DirectoryImport).where(DirectoryImport.state == state).order_by(DirectoryImport.id).limit(1)
        found = db.session.scalar(rows.with_for_update(of=DirectoryImport, skip_locked=True))
        if found is None:
            return False
        with force_locale(LOCALES[found.actor.language]):
            step(found)
        return True
