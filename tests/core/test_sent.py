"""Statements sent again by their text: the same rows, typed, filled in anew each time."""

from typing import Any

import pytest
from sqlalchemy import BigInteger, Integer, Numeric, String, bindparam, cast, func, literal, select

from incubator.core import clock
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
    first, second = (rows_of(COLUMNS, {"person": officer.id, "unasked": 1}) for _ in range(2))
    assert [type(value) for value in second[0]] == [type(value) for value in by_session[0]]
    assert second[0].role is Role.OFFICE
    assert (second[0].called, second[0].name, second[0].from_on) == ("Bai Yun", officer.company.name, clock.today())
    assert [row[0].nth - by_session[0].nth for row in (first, second)] == [1, 2]
    assert first[0]._replace(nth=0, at=0) == second[0]._replace(nth=0, at=0)
    assert rows_of(COLUMNS, {"person": -1}) == []


def test_a_value_that_nobody_gives_is_never_the_last_one(app: Any, officer: Person, reads: Any) -> None:
    statement = select(Person.name).where(Person.id == bindparam("person", type_=BigInteger))
    assert [rows_of(statement, {"person": officer.id}) for _ in range(2)] == [[("Bai Yun",)]] * 2
    with pytest.raises(KeyError, match="person"):
        rows_of(statement)


def test_entities_are_left_to_the_session(app: Any, officer: Person, reads: Any) -> None:
    statement = select(Person).where(Person.id == officer.id)
    assert [rows_of(statement) for _ in range(2)] == [[(officer,)]] * 2


def test_a_request_that_writes_reads_what_it_changed(app: Any, officer: Person) -> None:
    statement = select(Person.name).where(Person.id == officer.id)
    sent, rows = send(statement)
    assert (rows, sent.run()) == ([("Bai Yun",)],) * 2
    with transaction():
        officer.name = "Bai Lan"
        assert rows_of(statement) == [("Bai Lan",)]
