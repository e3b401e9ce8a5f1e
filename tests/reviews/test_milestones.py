"""What a gate means to vesting: a condition named after it is put to HR's signature, and vests once it is signed."""

import json

import pytest
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import NotAllowed
from incubator.core.transaction import transaction
from incubator.equity import jobs
from incubator.equity import services as equity
from incubator.equity.models import EquityGrant, EquityStep
from incubator.people.models import Role
from incubator.reviews import services
from incubator.reviews.models import Panel, PanelKind
from incubator.ventures.models import Tranche
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
