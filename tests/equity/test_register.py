"""The register: balance securities on partial moves, counter-entries, and what the database itself refuses."""

import datetime as dt

import pytest
from sqlalchemy.exc import IntegrityError

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.transaction import attempt, transaction
from incubator.equity.models import EquityGrant, EquitySecurity, EquityTransaction, Movement
from incubator.equity.queries import transactions_of
from incubator.equity.services import register
from tests.equity.scene import Scene

DAY = dt.date(2026, 9, 1)


@pytest.fixture
def grant(scene: Scene) -> EquityGrant:
    return scene.live(scene.plan())


def moved(scene: Scene, grant: EquityGrant, units: int) -> tuple[EquitySecurity, EquitySecurity | None]:
    """Cancel some of a grant's units: the security they left, and the one with the balance."""
    with transaction(), audit.because(scene.maker, "test"):
        (security,) = register.of_grant(grant)
        event = audit.record("test.cancel", grant)
        return security, register.take(security, Movement.CANCELLATION, units, DAY, event)


def test_a_partial_move_ends_the_security_and_makes_one_with_the_balance(scene: Scene, grant: EquityGrant) -> None:
    security, balance = moved(scene, grant, 18_000)
    assert balance is not None
    assert (register.units_in(security), register.units_in(balance)) == (0, 30_000)
    assert (balance.parent_id, balance.holder_public_id) == (security.id, scene.lead.public_id)
    assert [(row.kind, row.quantity, row.security_public_id) for row in transactions_of(grant)] == [
        ("issuance", 48_000, security.public_id),
        ("acceptance", 0, security.public_id),
        ("cancellation", -18_000, security.public_id),
        ("balance", -30_000, security.public_id),
        ("balance", 30_000, balance.public_id),
    ]


def test_a_whole_move_leaves_nothing(scene: Scene, grant: EquityGrant) -> None:
    security, balance = moved(scene, grant, 48_000)
    assert (balance, register.units_in(security), list(register.of_grant(grant))) == (None, 0, [])


@pytest.mark.parametrize("units", [0, -1, 48_001])
def test_no_more_leaves_than_there_is(scene: Scene, grant: EquityGrant, units: int) -> None:
    with pytest.raises(Invalid, match="not so many units"):
        moved(scene, grant, units)


def test_a_correction_is_a_counter_entry_and_comes_once(scene: Scene, grant: EquityGrant) -> None:
    moved(scene, grant, 48_000)
    wrong = transactions_of(grant)[-1]
    with transaction(), audit.because(scene.maker, "test"):
        event = audit.record("test.correct", grant)
        made = register.reverse(wrong, DAY, event, "The wrong grant")
        assert (made.kind, made.quantity, made.reverses_id) == ("correction", 48_000, wrong.id)
        assert register.units_in(register.of_transaction(wrong)) == 48_000
        for again in (wrong, made):
            with pytest.raises(WrongState, match="corrected already"):
                register.reverse(again, DAY, event, "Again")


def test_the_database_keeps_a_security_from_falling_short(scene: Scene, grant: EquityGrant) -> None:
    (security,) = register.of_grant(grant)
    wrong = transactions_of(grant)[0]
    with transaction(), audit.because(scene.maker, "test"):
        event = audit.record("test.cancel", grant)
        with pytest.raises(IntegrityError, match=r"does not have so many units|units_not_negative"), attempt():
            register.enter(security, Movement.CANCELLATION, -48_001, DAY, event)
        with pytest.raises(IntegrityError, match="exactly what it names"), attempt():
            register.enter(security, Movement.CORRECTION, -1, DAY, event, reverses=wrong)
        with pytest.raises(IntegrityError, match="correction_reverses"), attempt():
            register.enter(security, Movement.CORRECTION, -1, DAY, event)
        with pytest.raises(Invalid, match="at least 1"):
            register.issue(
                grant.plan.security, holder="x", instrument=security.instrument, quantity=0, effective_on=DAY,
                event=event,
            )  # fmt: skip
    assert db.session.scalar(db.select(db.func.sum(EquityTransaction.quantity))) == 48_000
