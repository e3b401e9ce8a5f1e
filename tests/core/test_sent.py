"""Statements sent again by their text: the same rows, typed, filled in anew each time."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import BigInteger, Integer, Numeric, String, bindparam, cast, event, func, literal, select
from sqlalchemy.exc import DataError, StatementError

from incubator.core import clock, sent
from incubator.core.db import db, is_reading
from incubator.core.sent import rows_of, send
from incubator.core.transaction import transaction
from incubator.people.models import Company, Person, Role, RoleGrant


@pytest.fixture
def reads() -> Any:
    """As in a request that only reads."""
    token = is_reading.set(True)
    yield
    is_reading.reset(token)


@pytest.fixture
def officer(make: Any) -> Person:
    return make.person(make.company(), Role.OFFICE, name="Bai Yun")  # type: ignore[no-any-return]


@pytest.fixture
def other(make: Any) -> Person:
    return make.person(name="Lu Min")  # type: ignore[no-any-return]


counter = iter(range(1_000))
COLUMNS = (
    select(
        RoleGrant.role, Company.name, Person.name.label("called"), RoleGrant.from_on,
        cast(literal(12), Numeric).label("figure"), func.now().label("at"), literal(None, String).label("nothing"),
        bindparam("nth", type_=Integer, callable_=lambda: next(counter)).label("nth"),
        func.count().over(),
    )
    .join(Person, Person.id == RoleGrant.person_id).join(Company, Company.id == Person.company_id)
    .where(Person.id == bindparam("person", type_=BigInteger), RoleGrant.role.in_((Role.OFFICE, Role.HR)))
)  # fmt: skip


def test_rows_are_those_of_the_session_typed_named_and_filled_in_anew(app: Any, officer: Person, reads: Any) -> None:
    by_session = db.session.execute(COLUMNS, {"person": officer.id}).all()
    _alone, first, second = (rows_of(COLUMNS, {"person": officer.id, "unasked": 1}) for _ in range(3))
    assert [type(value) for value in second[0]] == [type(value) for value in by_session[0]]
    assert second[0].role is Role.OFFICE
    assert (second[0].called, second[0].name, second[0].from_on) == ("Bai Yun", officer.company.name, clock.today())
    assert [row[0].nth - by_session[0].nth for row in (first, second)] == [2, 3]
    assert first[0]._replace(nth=0, at=0) == second[0]._replace(nth=0, at=0)
    assert rows_of(COLUMNS, {"person": -1}) == []


@pytest.mark.parametrize("moment", ["before_cursor_execute", "after_cursor_execute"])
def test_who_counts_statements_hears_of_those_too(app: Any, officer: Person, reads: Any, moment: str) -> None:
    statement = select(Person.name).where(Person.id == officer.id)
    heard: list[str] = []

    def note(*said: Any) -> None:
        heard.append(said[2])

    event.listen(db.engine, moment, note)
    try:
        for _ in range(4):
            rows_of(statement)
    finally:
        event.remove(db.engine, moment, note)
    assert len([text for text in heard if "person.name" in text]) == 4


def test_a_value_is_never_that_of_another_run(app: Any, officer: Person, other: Person, reads: Any) -> None:
    needed = select(Person.name).where(Person.id == bindparam("person", type_=BigInteger))
    preset = select(Person.name).where(Person.id == bindparam("person", officer.id))
    several = select(Person.name).where(Person.id.in_(bindparam("people", expanding=True)))
    for _ in range(3):
        for person in (officer, other):
            assert rows_of(needed, {"person": person.id}) == [(person.name,)]
            assert rows_of(several, {"people": [person.id]}) == [(person.name,)]
        assert rows_of(preset) == [("Bai Yun",)]
        assert rows_of(preset, {"person": other.id}) == [("Lu Min",)]
        with pytest.raises((KeyError, StatementError), match="person"):
            rows_of(needed)


def test_a_statement_built_anew_each_time_is_left_to_the_session(app: Any, officer: Person, reads: Any) -> None:
    before = len(sent._kept)
    assert [rows_of(select(Person.name).where(Person.id == officer.id)) for _ in range(3)] == [[("Bai Yun",)]] * 3
    assert len(sent._kept) <= before + 1


def test_entities_are_left_to_the_session(app: Any, officer: Person, reads: Any) -> None:
    statement = select(Person).where(Person.id == officer.id)
    assert [rows_of(statement) for _ in range(3)] == [[(officer,)]] * 3


def test_a_request_that_writes_reads_what_it_changed(app: Any, officer: Person) -> None:
    statement = select(Person.name).where(Person.id == officer.id)
    kept, rows = send(statement)
    assert kept is not None
    assert (rows, kept.run()) == ([("Bai Yun",)],) * 2
    with transaction():
        officer.name = "Bai Lan"
        assert rows_of(statement) == [("Bai Lan",)]


def test_what_the_driver_refuses_is_left_to_sqlalchemy_to_see(
    app: Any, officer: Person, reads: Any, monkeypatch: Any
) -> None:
    statement = select(Person.name).where(Person.id == bindparam("person", type_=BigInteger))
    assert [rows_of(statement, {"person": officer.id}) for _ in range(3)] == [[("Bai Yun",)]] * 3

    def lost(*_said: Any) -> Any:
        raise psycopg.OperationalError("the server has gone")

    monkeypatch.setattr(sent, "_by_driver", lost)
    assert rows_of(statement, {"person": officer.id}) == [("Bai Yun",)]
    with pytest.raises(DataError):
        rows_of(statement, {"person": 2**70})
