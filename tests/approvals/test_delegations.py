"""Stand-ins: who signs in somebody's place, for which days, and what they may not."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from incubator.approvals import queries, services
from incubator.approvals.models import ApprovalDelegation, ApprovalStep
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.equity import services as equity
from incubator.equity.models import EquityGrant
from incubator.equity.states import GrantState
from incubator.people.models import Person, Role
from tests.equity.scene import Scene
from tests.make import Make

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def scene(make: Make) -> Scene:
    return Scene(make)


@pytest.fixture
def stand_in(scene: Scene) -> Person:
    """An employee without a role."""
    return scene.make.person(scene.company, name="Gu Yan")


def given(giver: Person, to: Person, *, role: str = "hr", first: int = 0, last: int = 7) -> ApprovalDelegation:
    """From so many days after today to so many."""
    today = clock.today()
    with transaction():
        return services.delegate(
            giver, None, to=to, role=role, from_on=today + dt.timedelta(days=first),
            to_on=today + dt.timedelta(days=last), reason="On leave",
        )  # fmt: skip


def waiting(person: Person) -> list[str]:
    (rows,) = queries.waiting_for(person)
    return [row.address for row in db.session.execute(rows)]


def approve(person: Person, grant: EquityGrant) -> None:
    with transaction():
        equity.approve(person, grant)


def test_a_stand_in_sees_signs_and_both_names_are_kept(scene: Scene, stand_in: Person, sign_in: SignIn) -> None:
    grant = scene.submitted(scene.plan())
    address = f"/equity/grants/{grant.public_id}"
    browser = sign_in(stand_in)
    assert browser.get(address).status_code == 404
    assert waiting(stand_in) == []
    delegation = given(scene.checker, stand_in)
    assert waiting(stand_in) == [address]
    assert "Your signature is needed" in browser.get(address).text
    assert browser.post(f"{address}/approve").status_code == 303
    db.session.refresh(grant)
    assert grant.state is GrantState.OFFERED
    step = db.session.scalars(db.select(ApprovalStep).order_by(ApprovalStep.id.desc()).limit(1)).one()
    assert (step.person_id, step.given_for_id) == (stand_in.id, scene.checker.id)
    assert browser.get(address).status_code == 404
    assert f"Signed by Gu Yan for {scene.checker.name}" in sign_in(scene.checker).get(address).text
    with transaction():
        services.end_delegation(scene.checker, delegation)
    with pytest.raises(WrongState), transaction():
        services.end_delegation(scene.checker, delegation)


def test_days_and_ends_count(scene: Scene, stand_in: Person) -> None:
    grant = scene.submitted(scene.plan())
    later = given(scene.checker, stand_in, first=1)
    assert waiting(stand_in) == []
    with pytest.raises(NotAllowed):
        approve(stand_in, grant)
    now = given(scene.checker, stand_in)
    assert len(waiting(stand_in)) == 1
    for one in (later, now):
        with transaction():
            services.end_delegation(scene.checker, one)
    assert waiting(stand_in) == []
    with pytest.raises(NotAllowed):
        approve(stand_in, grant)


def test_no_way_round_maker_and_beneficiary(scene: Scene, stand_in: Person) -> None:
    """Neither the maker's own stand-in, nor the holder, nor who reports to one of them."""
    plan = scene.plan()
    grant = scene.submitted(plan)
    given(scene.maker, stand_in)
    given(scene.checker, scene.lead)
    report = scene.make.person(scene.company, name="Report", manager=scene.lead)
    given(scene.checker, report)
    for person in (stand_in, scene.lead, report):
        assert waiting(person) == []
        with pytest.raises(NotAllowed):
            approve(person, grant)
    given(scene.checker, stand_in)
    approve(stand_in, grant)
    assert grant.state is GrantState.OFFERED


def test_an_approver_who_may_not_sign_cannot_have_it_signed(scene: Scene, stand_in: Person) -> None:
    """The giver's interest counts: what they gain from, what their manager made, what they signed already."""
    finance = scene.finance()
    plan = scene.drafted_plan(signers=["finance"])
    with transaction():
        equity.approve_plan(scene.checker, plan)
    given(scene.checker, stand_in)
    both = scene.make.person(scene.company, Role.HR, Role.FINANCE, name="Both")
    assert waiting(stand_in) == []
    given(finance, stand_in, role="finance")
    assert waiting(stand_in) == [f"/equity/plans/{plan.public_id}"]
    given(both, scene.checker, role="finance")
    assert f"/equity/plans/{plan.public_id}" not in waiting(scene.checker)
    with pytest.raises(NotAllowed, match="signed this already"), transaction():
        equity.approve_plan(scene.checker, plan)
    with transaction():
        equity.approve_plan(stand_in, plan)
    assert plan.state == "active"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "self"}, "hr_number"),
        ({"to": "left"}, "hr_number"),
        ({"role": "finance"}, "role"),
        ({"role": "king"}, "role"),
        ({"from_on": dt.date(2020, 1, 1)}, "from_on"),
        ({"to_on": dt.date(2020, 1, 1)}, "to_on"),
        ({"to_on": dt.date(2099, 1, 1)}, "to_on"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 401}, "reason"),
    ],
)
def test_what_cannot_be_given_is_refused(scene: Scene, stand_in: Person, changes: dict[str, Any], field: str) -> None:
    today = clock.today()
    left = scene.make.person(scene.company, name="Left")
    with transaction():
        left.left_on = dt.date(2026, 1, 1)
    people = {"self": scene.checker, "left": left}
    asked: dict[str, Any] = {"to": stand_in, "role": "hr", "from_on": today, "to_on": today, "reason": "Leave"}
    asked |= changes
    asked["to"] = people.get(str(asked["to"]), stand_in)
    with pytest.raises(Invalid) as caught, transaction():
        services.delegate(scene.checker, None, **asked)
    assert caught.value.field == field


def test_the_page_names_and_ends_a_stand_in(scene: Scene, stand_in: Person, sign_in: SignIn) -> None:
    browser, today = sign_in(scene.checker), clock.today().isoformat()
    assert "Nobody stands in for anybody" in browser.get("/stand-ins").text
    form = {"hr_number": "nobody", "role": "hr", "from_on": today, "to_on": today, "reason": "Leave"}
    answer = browser.post("/stand-ins", data=form)
    assert (answer.status_code, "Nobody has this HR number" in answer.text) == (422, True)
    assert browser.post("/stand-ins", data=form | {"hr_number": stand_in.hr_number}).status_code == 303
    assert "Gu Yan signs for you as human resources" in browser.get("/stand-ins").text
    made = db.session.scalars(db.select(ApprovalDelegation)).one()
    assert sign_in(scene.maker).post(f"/stand-ins/{made.public_id}/end").status_code == 404
    assert sign_in(scene.checker).post(f"/stand-ins/{made.public_id}/end").status_code == 303
    assert "Nobody stands in for anybody" in browser.get("/stand-ins").text
    assert sign_in(stand_in).get("/stand-ins").status_code == 404
    assert sign_in(stand_in).post("/stand-ins", data=form).status_code == 403
