"""Statements of a reader: built once a set of roles, filled in with whoever reads, and never too many."""

import pytest
from sqlalchemy import Date, cast, select
from sqlalchemy.exc import StatementError

from incubator.core import clock
from incubator.core.db import db
from incubator.people import reader
from incubator.people.access import within
from incubator.people.models import Company, Person, Role
from incubator.people.reader import MOST_KEPT, NOW, TODAY, for_reader, is_above, sent_to

built: list[str] = []


@for_reader
def companies_of(person: Person, note: str = "") -> object:
    built.append(note)
    return select(Company.id).where(within(Company.id, person, Role.OFFICE)).order_by(Company.id)


@pytest.fixture
def offices(make):
    """Two companies, an officer in each, and a colleague without a role."""
    first, second = make.company(name="First"), make.company(name="Second")
    return [
        (make.person(first, Role.OFFICE), [first.id]), (make.person(second, Role.OFFICE), [second.id]),
        (make.person(first), []),
    ]  # fmt: skip


def ids(person: Person) -> list[int]:
    with reader.nobody_yet():
        reader.begin(person)
        return list(db.session.scalars(companies_of(person)))


def test_each_reader_is_filled_in_and_a_set_of_roles_builds_once(app, offices):
    built.clear()
    for person, expected in [*offices, *offices]:
        assert ids(person) == expected
    assert built == ["", ""]  # officers, and those without a role


def test_for_anybody_else_it_is_built_as_it_says(app, offices):
    (officer, own), (other, theirs), _ = offices
    with reader.nobody_yet():
        reader.begin(officer)
        assert list(db.session.scalars(companies_of(other))) == theirs
    assert list(db.session.scalars(companies_of(officer))) == own


def test_what_an_address_says_does_not_fill_the_memory(app, offices):
    built.clear()
    officer, _ = offices[0]
    with reader.nobody_yet():
        reader.begin(officer)
        first = companies_of(officer, "0")
        for n in range(MOST_KEPT + 1):
            companies_of(officer, str(n))
        assert companies_of(officer, "0") is not first
    assert len(built) == MOST_KEPT + 2


@sent_to
def companies_seen_by(person: Person, note: str = "") -> object:
    built.append(note)
    above, below = is_above(Company.id, person), within(Company.id, person, Role.OFFICE)
    columns = (
        Company.id,
        select(Person.id).where(Person.id == person.id).scalar_subquery().label("reader"),
        cast(NOW, Date).label("day"),
        TODAY.label("today"),
    )
    return select(*columns).where(above | below, Company.path != note + "%").order_by(Company.id)


def test_a_text_that_is_kept_is_filled_in_with_whoever_reads_and_when(app, offices):
    built.clear()
    for person, _ in [*offices, *offices]:
        plain = companies_seen_by(person)  # for a job
        with reader.nobody_yet():
            reader.begin(person)
            rows = companies_seen_by(person)
            assert ([row.id for row in rows], {row.reader for row in rows}) == ([person.company_id], {person.id})
            assert rows == plain == companies_seen_by(person)
            assert rows[0].today == clock.today()
    assert len(built) == 2 + len(offices) * 2
    built.clear()
    with reader.nobody_yet():
        reader.begin(offices[0][0])
        for n in range(MOST_KEPT + 1):
            companies_seen_by(offices[0][0], str(n))
    assert len(built) == MOST_KEPT + 1


def test_a_statement_that_outlives_its_request_says_so(app, offices):
    officer, _ = offices[0]
    with reader.nobody_yet():
        reader.begin(officer)
        statement = companies_of(officer)
    with pytest.raises(StatementError, match="after its request"):
        db.session.execute(statement)
