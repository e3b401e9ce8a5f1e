"""What a gate means to vesting: a condition named after it is put to HR's signature, and vests once it is signed."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import NotAllowed
from incubator.core.transaction import transaction
from incubator.equity import jobs
from incubator.equity import services as equity
from incubator.equity.engines.vesting import VestingError
from incubator.equity.models import EquityGrant, EquityStep
from incubator.equity.services import caps, milestones, vesting
from incubator.people.models import Role
from incubator.reviews import services
from incubator.reviews.models import Panel, PanelKind
from incubator.ventures.models import Tranche, Venture
from incubator.ventures.states import VentureState
from tests.equity.scene import Scene
from tests.reviews.conftest import Story
from tests.reviews.test_panels import decided, judge, opened, planned


def waiting_for(*names: str) -> str:
    """Terms of which an even part vests with each of these events."""
    part = {"numerator": "1", "denominator": str(len(names))}
    conditions = [
        {"id": name, "trigger": {"type": "VESTING_EVENT"}, "portion": part, "next_condition_ids": []} for name in names
    ]
    return json.dumps({"allocation_type": "CUMULATIVE_ROUNDING", "vesting_conditions": conditions})


def steps_of(*grants: EquityGrant) -> list[EquityStep]:
    db.session.expire_all()
    rows = select(EquityStep).where(EquityStep.grant_id.in_([grant.id for grant in grants])).order_by(EquityStep.id)
    return list(db.session.scalars(rows))


@pytest.fixture
def scene(story: Story) -> Scene:
    """The plan of a venture whose next gate opens the stage of validation, with two persons of HR."""
    scene = Scene(story.make)
    scene.company, scene.venture = story.company, planned(story, stage=VentureState.VALIDATION).venture
    scene.lead = scene.venture.lead
    scene.maker, scene.checker = (story.make.person(story.company, Role.HR) for _ in range(2))
    with transaction():
        scene.venture.state = VentureState.SANDBOX
    return scene


def gone(story: Story, scene: Scene) -> Panel:
    """Its gate, which says go."""
    tranche = db.session.scalars(select(Tranche).where(Tranche.venture_id == scene.venture.id)).one()
    panel = opened(story, PanelKind.GATE, tranche)
    judge(panel, 4, 5)
    decided(story, panel)
    with transaction():
        services.confirm_panel(story.third, panel)
    return panel


def test_go_puts_the_milestone_to_signature_and_it_vests_once_another_of_hr_has_signed(
    story: Story, scene: Scene
) -> None:
    plan = scene.plan()
    day = plan.starts_on
    both = scene.live(plan, conditions=waiting_for("gate-1", "stage-validation"), starts_on=day)
    other = scene.live(plan, conditions=waiting_for("gate-2", "sale"), starts_on=day)
    panel = gone(story, scene)
    (step,) = steps_of(both, other)  # one of a grant at a time
    tranche = panel.tranche
    assert tranche is not None
    fell_due = audit.event_of(tranche, "tranche.fall_due")
    assert (step.details, step.effective_on, step.state) == ({"condition": "gate-1"}, clock.today(), "in_approval")
    assert (step.cause_id, fell_due.parent_id) == (fell_due.id, audit.event_of(panel, "panel.confirm").id)
    assert equity.rebuild(both) == []
    for person in (scene.maker, scene.lead, story.chair):
        with pytest.raises(NotAllowed), transaction():
            equity.approve_step(person, step)
    with transaction():
        equity.approve_step(scene.checker, step)
    assert [(line.vests_on, line.units) for line in equity.rebuild(both)] == [(clock.today(), 24_000)]

    assert jobs.put_milestones() == 1
    second = steps_of(both, other)[-1]
    assert second.details == {"condition": "stage-validation"}
    with transaction():
        equity.refuse_step(scene.checker, second, reason="Not yet.")
    assert jobs.put_milestones() == 0


def test_a_grant_that_comes_in_force_after_its_gate_has_the_milestone_on_its_own_day(
    story: Story, scene: Scene
) -> None:
    plan = scene.plan()
    gone(story, scene)
    grant = scene.live(plan, conditions=waiting_for("gate-1"), granted_on=clock.today(), starts_on=clock.today())
    assert (jobs.put_milestones(), jobs.put_milestones()) == (1, 0)
    assert [(step.effective_on, step.maker_id) for step in steps_of(grant)] == [(clock.today(), scene.maker.id)]


def test_one_grant_that_cannot_be_read_and_one_venture_that_fails_keep_no_other_back(
    story: Story, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, events_of = scene.plan(), vesting.events_of
    bad, good = (
        scene.live(plan, conditions=waiting_for(*names), starts_on=plan.starts_on)
        for names in (("gate-1", "of-no-use"), ("gate-1",))
    )

    def read(terms: dict[str, Any]) -> list[str]:
        if "of-no-use" in (found := events_of(terms)):
            raise VestingError("a graph of another time")
        return found

    monkeypatch.setattr(vesting, "events_of", read)
    gone(story, scene)
    assert [step.grant_id for step in steps_of(bad, good)] == [good.id]

    done, put, worked_on = scene.venture, milestones.put_milestones, list[Venture]()

    def first_fails(venture: Venture) -> int:
        worked_on.append(venture)
        if venture is not done:
            raise VestingError("what nobody foresaw")
        return put(venture)

    both = [story.make.venture(), done]
    monkeypatch.setattr(milestones, "ventures_with_milestones", lambda: both)
    monkeypatch.setattr(milestones, "put_milestones", first_fails)
    monkeypatch.setattr(caps, "lock", lambda _plan: pytest.fail("a lock for what is known already"))
    assert (jobs.put_milestones(), worked_on) == (0, both)


@pytest.mark.parametrize("why", ["all report to the head", "has left"])
def test_a_milestone_is_asked_for_by_one_of_hr_beside_whom_another_may_sign(
    story: Story, scene: Scene, why: str
) -> None:
    grant = scene.live(plan := scene.plan(), conditions=waiting_for("gate-1"), starts_on=plan.starts_on)
    head, officer = scene.maker, scene.checker
    with transaction():
        head.left_on = clock.today() if why == "has left" else None
        officer.manager_id = head.id
    if why == "has left":
        gone(story, scene)
        assert steps_of(grant) == []  # one is left of HR, and nobody to sign: it waits, and blocks no other step
        head = story.make.person(scene.company, Role.HR)
        assert jobs.put_milestones() == 1
    else:
        gone(story, scene)
    (step,) = steps_of(grant)
    assert step.maker == officer
    with transaction():
        equity.approve_step(head, step)
