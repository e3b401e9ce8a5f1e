"""The only place that commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from sqlalchemy import Connection, event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from incubator.core import pool
from incubator.core.db import READING, db, is_reading
from incubator.core.errors import NotInTransaction


@dataclass
class Transaction:
    """The running transaction; doom() makes it roll back at its end."""

    doomed: bool = False
    after: dict[Callable[[], None], None] = field(default_factory=dict)

    def doom(self) -> None:
        """Roll back instead of committing."""
        self.doomed = True


_current: ContextVar[Transaction | None] = ContextVar("transaction", default=None)


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Commit on success, roll back on error or doom. Opened at the edges, never nested."""
    if _current.get():
        raise NotInTransaction("transaction() is opened at the edges only")
    running = Transaction()
    token = _current.set(running)
    try:
        yield running
        if running.doomed:
            db.session.rollback()
            return
        db.session.commit()  # what was deferred is checked here: a test in a savepoint checks it before (conftest)
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _current.reset(token)
    for call in running.after:
        call()


@contextmanager
def reading() -> Iterator[None]:
    """Only reads: the database itself refuses a write that slips in."""
    token = is_reading.set(True)
    try:
        yield
    finally:
        is_reading.reset(token)
        db.session.close()  # nothing to undo: what was read is let go of as it is, not marked to be read anew


@contextmanager
def attempt() -> Iterator[None]:
    """One item of bulk work: a savepoint, so that its failure leaves the others standing."""
    with db.session.begin_nested():
        yield


def undo() -> None:
    """Take back what this request has written so far: it is going to be refused, and its page reads what stands."""
    db.session.rollback()


def after_commit(call: Callable[[], None]) -> None:
    """Do something, once, when the running transaction is safe in the database."""
    running = _current.get()
    if running is None:
        raise NotInTransaction("nothing to wait for")
    running.after[call] = None


def _guard(session: Session, *_: object) -> None:
    if not _current.get() and (session.new or session.dirty or session.deleted):
        raise NotInTransaction("write outside transaction()")


def _guard_bulk(statement: ORMExecuteState) -> None:
    if not _current.get() and (statement.is_insert or statement.is_update or statement.is_delete):
        raise NotInTransaction("write outside transaction()")


def _set_read_only(_session: Session, _begun: SessionTransaction, connection: Connection) -> None:
    if is_reading.get() and connection.engine is not db.engines[READING]:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def install_guard() -> None:
    """Refuse any write that no transaction() would commit."""
    if not event.contains(Session, "before_flush", _guard):
        event.listen(Session, "before_flush", _guard)
        event.listen(Session, "do_orm_execute", _guard_bulk)
        event.listen(Session, "after_begin", _set_read_only)
        pool.install()
