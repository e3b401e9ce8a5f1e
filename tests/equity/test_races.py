"""Grants that race: the pool holds, whatever arrives together."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.equity import services
from incubator.equity.models import EquityGrant, EquityPlan, EquityTransaction
from incubator.equity.states import GRANTED, GrantState
from incubator.people.models import Person
from tests.equity.scene import Scene
from tests.make import Make

pytestmark = pytest.mark.committed
ROUNDS, AT_ONCE = (50, 100) if os.environ.get("NIGHTLY") else (3, 8)
"""How often, and how many at a time; 50 rounds of 100 at night."""
LANES = 20
"""A process has 21 connections (app.py): who waits for one longer than half a minute is answered that it is busy."""


def together(
    app: Flask, step: Callable[[Person, EquityGrant], None], person: Person, grants: Sequence[EquityGrant]
) -> Counter[str]:
    """Take a step on every grant, as many at the same time as there are connections, each in a transaction of its own;
    how many ended how."""
    person_id, ids = person.id, [grant.id for grant in grants]
    lanes = [ids[at::LANES] for at in range(min(LANES, len(ids)))]
    barrier, outcomes = threading.Barrier(len(lanes)), list[str]()

    def take(some: Sequence[int]) -> None:
        barrier.wait()
        for grant_id in some:
            with app.app_context():
                try:
                    with transaction():
                        step(db.session.get_one(Person, person_id), db.session.get_one(EquityGrant, grant_id))
                    outcomes.append("passed")
                except Invalid as refusal:
                    outcomes.append(refusal.code)

    threads = [threading.Thread(target=take, args=(some,)) for some in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return Counter(outcomes)


def resize(plan: EquityPlan, units: int) -> None:
    """The pool after an amendment."""
    with transaction():
        db.session.execute(text(f"UPDATE equity_plan SET pool_units = {units} WHERE id = {plan.id}"))
    db.session.expire_all()


def figures(plan: EquityPlan) -> tuple[int, int, int]:
    """What the plan says is granted, what its grants sum up to, and what its transactions do."""
    granted = select(func.coalesce(func.sum(EquityGrant.units), 0)).where(
        EquityGrant.plan_id == plan.id, EquityGrant.state.in_(GRANTED)
    )
    issued = (
        select(func.coalesce(func.sum(EquityTransaction.quantity), 0))
        .join(EquityGrant, EquityGrant.id == EquityTransaction.grant_id)
        .where(EquityGrant.plan_id == plan.id)
    )
    return plan.granted_units, int(db.session.scalar(granted) or 0), int(db.session.scalar(issued) or 0)


def test_of_two_approvals_that_break_the_pool_together_exactly_one_passes(app: Flask, make: Make) -> None:
    scene = Scene(make)
    plan = scene.plan()
    grants = [scene.submitted(plan, units=60_000, holder=who) for who in (scene.lead, scene.member)]
    resize(plan, 100_000)
    assert together(app, services.approve, scene.checker, grants) == {"passed": 1, "over_limit": 1}
    assert figures(plan) == (60_000, 60_000, 60_000)
    assert sorted(grant.state for grant in grants) == [GrantState.IN_APPROVAL, GrantState.OFFERED]


def test_fifty_grants_at_once_fill_the_pool_and_never_pass_it(app: Flask, make: Make) -> None:
    scene = Scene(make)
    plan = scene.plan()
    drafts = [scene.draft(plan, units=20_000) for _ in range(50)]
    assert together(app, services.submit, scene.maker, drafts) == {"passed": 30, "over_limit": 20}
    pending = [grant for grant in drafts if grant.state is GrantState.IN_APPROVAL]
    resize(plan, 250_000)
    assert together(app, services.approve, scene.checker, pending) == {"passed": 12, "over_limit": 18}
    assert figures(plan) == (240_000, 240_000, 240_000)


def test_round_after_round_exactly_one_of_those_that_break_the_pool_together_passes(app: Flask, make: Make) -> None:
    scene = Scene(make)
    plan = scene.plan()
    waiting = [scene.submitted(plan, units=100) for _ in range(AT_ONCE)]
    for done in range(ROUNDS):
        resize(plan, 100 * done + 199)
        assert together(app, services.approve, scene.checker, waiting) == {"passed": 1, "over_limit": AT_ONCE - 1}
        assert figures(plan) == (100 * (done + 1),) * 3
        waiting = [grant for grant in waiting if grant.state is GrantState.IN_APPROVAL]
        resize(plan, 600_000)
        waiting.append(scene.submitted(plan, units=100))
