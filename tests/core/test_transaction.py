import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import InternalError

from incubator.core.db import db
from incubator.core.errors import NotInTransaction
from incubator.core.transaction import after_commit, attempt, reading, transaction
from incubator.people.models import Company


def add(name="Aurora"):
    db.session.add(Company(name={"en": name, "zh": "极光"}, path=f"{name}/"))


def count():
    return len(db.session.scalars(select(Company)).all())


def test_commits_once_and_calls_back_once(app):
    seen = []

    def call():
        seen.append(count())

    with transaction():
        add()
        after_commit(call)
        after_commit(call)

    assert (count(), seen) == (1, [1])


def test_an_error_rolls_back_and_calls_nobody(app):
    seen = []

    with pytest.raises(ZeroDivisionError), transaction():
        add()
        after_commit(lambda: seen.append(1))
        1 / 0  # noqa: B018

    assert (count(), seen) == (0, [])


def test_a_doomed_one_rolls_back_quietly(app):
    with transaction() as running:
        add()
        running.doom()

    assert count() == 0


def test_is_not_nested(app):
    with transaction(), pytest.raises(NotInTransaction), transaction():
        pass


def test_a_write_outside_is_refused(app):
    add()
    with pytest.raises(NotInTransaction):
        db.session.flush()
    db.session.rollback()
    with pytest.raises(NotInTransaction):
        db.session.execute(db.delete(Company))
    with pytest.raises(NotInTransaction):
        after_commit(print)


def test_an_attempt_that_fails_leaves_the_rest(app):
    with transaction():
        add("Aurora")
        with pytest.raises(ZeroDivisionError), attempt():
            add("Borealis")
            db.session.flush()
            1 / 0  # noqa: B018

    assert [company.name["en"] for company in db.session.scalars(select(Company))] == ["Aurora"]


@pytest.mark.committed
def test_the_database_refuses_a_write_while_reading(app):
    with reading(), pytest.raises(InternalError, match="read-only transaction"):
        db.session.execute(text("CREATE TABLE sneaked_in (id int)"))
