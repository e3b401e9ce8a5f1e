"""Rounds over one subject: a second look at a proposal, the gate before a tranche, the evaluation of a provider."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from incubator.cloud.models import Provider
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.models import Person, Role
from incubator.proposals import queries as proposals
from incubator.reviews import queries, services
from incubator.reviews.models import Panel, PanelKind, PanelOutcome, PanelReview
from incubator.reviews.services import Judgement
from incubator.reviews.states import PanelReviewState, PanelState
from incubator.ventures import queries as venture_queries
from incubator.ventures import services as ventures
from incubator.ventures.models import Tranche
from incubator.ventures.states import VentureState
from tests.reviews.conftest import KEYS, Story, decision_of
from tests.reviews.test_correcting import change_manager

SOON = dt.timedelta(days=9)


def planned(story: Story, *, stage: VentureState | None = None, credit: int | None = None, **details: Any) -> Tranche:
    """A venture of the story's company with a planned tranche; with credits already where it opens more."""
    proposal = story.make.proposal(story.call, state="accepted", **details)
    venture = story.make.venture(proposal)
    if credit is not None:
        with story.make.acting():
            event = audit.record("test.grant", venture)
            ventures.grant_credit(venture, pool=story.pool, amount=1_00, cause_id=event.id)
    with transaction():
        return ventures.plan_tranche(
            story.office, venture, amount=50_000_00, due_on=clock.today() + SOON, stage=stage, credit=credit
        )


def opened(story: Story, kind: PanelKind, thing: Any, *reviewers: Person, **details: Any) -> Panel:
    values = {
        "committee": story.call.committee, "rubric": story.call.rubric, "rule": story.call.rule,
        "reviewers": reviewers or (story.first, story.second), "due_on": clock.today() + SOON, "brief": "As set.",
    }  # fmt: skip
    with transaction():
        return services.open_panel(story.office, services.subject_of(kind, thing), **values | details)


def judge(panel: Panel, *scores: int) -> None:
    """Every reviewer declares and seals, with the same score on every criterion."""
    for review, score in zip(panel.reviews, scores, strict=True):
        with transaction():
            services.clear_panel_review(review.reviewer, review)
            given = Judgement(dict.fromkeys(KEYS, score), {}, "Seen on site.")
            services.seal_panel_review(review.reviewer, review, judgement=given)


def decided(story: Story, panel: Panel, **details: Any) -> None:
    with transaction():
        services.decide_panel(story.chair, panel, **details)


def kinds_waiting(person: Person) -> set[str]:
    found = [row[0] for rows in queries.waiting_for(person) for row in db.session.execute(rows)]
    return {kind for kind in found if kind.startswith("panel.")}


def test_go_at_a_gate_makes_the_tranche_due_once_a_second_member_confirms(story: Story) -> None:
    tranche = planned(story)
    panel = opened(story, PanelKind.GATE, tranche)
    assert [kinds_waiting(one) for one in (story.first, story.chair)] == [{"panel.review"}, set()]
    judge(panel, 4, 5)
    assert [kinds_waiting(one) for one in (story.first, story.chair)] == [set(), {"panel.decide"}]
    decided(story, panel)
    assert (panel.outcome, panel.override, tranche.state) == (PanelOutcome.PASS, False, "planned")
    assert (panel.result or {})["total"] == 450
    with pytest.raises(Invalid, match="Another member"), transaction():
        services.confirm_panel(story.chair, panel)
    assert kinds_waiting(story.third) == {"panel.confirm"}
    with transaction():
        services.confirm_panel(story.third, panel)
    assert (panel.state, tranche.state) == (PanelState.CONFIRMED, "due")
    told = {
        notice.kind for notice in db.session.scalars(select(Notice).where(Notice.person_id == tranche.venture.lead_id))
    }
    assert "venture.tranche_due" in told
    assert services.replay_panel(panel) == ()
    with pytest.raises(DBAPIError, match="never changed"), db.session.begin_nested():
        db.session.execute(text("UPDATE panel SET outcome = 'fail' WHERE id = :id"), {"id": panel.id})


def test_kill_takes_a_reason_against_the_rule_and_cancels_and_a_member_may_send_it_back(story: Story) -> None:
    tranche = planned(story)
    panel = opened(story, PanelKind.GATE, tranche)
    with pytest.raises(Invalid, match="asks for 2 sealed reviews"):
        decided(story, panel)
    judge(panel, 4, 4)
    with pytest.raises(Invalid, match="Give the reason"):
        decided(story, panel, outcome=PanelOutcome.FAIL)
    decided(story, panel, outcome=PanelOutcome.FAIL, reason="The customer left.")
    with pytest.raises(Invalid, match="Give the reason"), transaction():
        services.send_back_panel(story.third, panel, reason=" ")
    with transaction():
        services.send_back_panel(story.third, panel, reason="Ask the customer.")
    assert (panel.state, panel.outcome, panel.inputs_hash) == (PanelState.OPEN, None, None)
    decided(story, panel, outcome=PanelOutcome.FAIL, reason="The customer left.")
    with transaction():
        later = ventures.plan_tranche(story.office, tranche.venture, amount=1_00, due_on=tranche.due_on)
    beside = opened(story, PanelKind.GATE, later)
    with transaction():
        services.confirm_panel(story.third, panel)
    assert (tranche.venture.state, tranche.state, later.state) == ("stopped", "cancelled", "cancelled")
    assert (beside.state, beside.reason) == (PanelState.CANCELLED, "The venture was stopped at another gate.")
    stopped = audit.event_of(tranche.venture, "venture.stop")
    assert (stopped.reason, stopped.parent_id) == ("The customer left.", audit.event_of(panel, "panel.confirm").id)
    assert audit.event_of(later, "tranche.cancel").parent_id == stopped.id
    with pytest.raises(WrongState):
        decided(story, panel)
    with pytest.raises(NotAllowed), transaction():
        services.decide_panel(story.office, panel)


def test_a_second_round_opens_the_text_to_its_reviewers_alone_while_it_lasts(story: Story) -> None:
    proposal = story.reviewed((4,) * 4, (4,) * 4)
    reader = story.make.person(story.company, Role.REVIEWER)
    chair = story.make.person(story.company, Role.CHAIR)
    committee = story.make.committee(story.company, chair, reader, story.third)
    panel = opened(story, PanelKind.SECOND, proposal, reader, story.third, committee=committee)
    seen = proposals.visible_to(reader).where(proposals.visible_to(reader).selected_columns.id == proposal.id)
    assert db.session.scalar(seen) is None
    with transaction():
        services.clear_panel_review(reader, panel.reviews[0])
    assert db.session.scalar(seen) is proposal
    with pytest.raises(Invalid, match="what the conflict is"), transaction():
        services.recuse_from_panel(story.third, panel.reviews[1], statement="")
    with transaction():
        services.recuse_from_panel(reader, panel.reviews[0], statement="I know them.")
    assert db.session.scalar(seen) is None
    with pytest.raises(Invalid, match="may not judge"):
        opened(story, PanelKind.SECOND, proposal, reader, story.third, committee=committee)
    other = story.make.person(story.company, Role.REVIEWER)
    wider = story.make.committee(story.company, chair, other, story.third)
    with pytest.raises(Invalid, match="under way"):
        opened(story, PanelKind.SECOND, proposal, other, story.third, committee=wider)


def test_a_provider_is_evaluated_and_its_results_stay(
    story: Story, make: Any, sign_in: Callable[..., FlaskClient]
) -> None:
    owner = make.company(story.company)
    provider = make.add(
        Provider(code="p1", name={"en": "North Cloud", "zh": "北云"}, company=owner, driver="local_pg", currency="CNY",
                 lag_seconds=60)
    )  # fmt: skip
    inside = make.person(owner, Role.REVIEWER)
    committee = make.committee(story.company, story.chair, story.first, story.second, inside)
    with pytest.raises(Invalid, match="may not judge"):
        opened(story, PanelKind.PROVIDER, provider, story.first, inside, committee=committee)
    panel = opened(story, PanelKind.PROVIDER, provider, committee=committee)
    judge(panel, 2, 3)
    decided(story, panel)
    with transaction():
        services.confirm_panel(story.first, panel)
    (row,) = queries.evaluations_of(provider)
    assert (row.outcome, row.result["total"], row.result["reviews"]) == (PanelOutcome.FAIL, 250, 2)
    page = sign_in(make.person(owner, Role.CLOUD_OPERATOR)).get(f"/catalogue/providers/{provider.public_id}").text
    assert "Evaluations by a committee" in page
    assert ">2.50<" in page


def test_who_is_close_to_the_venture_neither_judges_nor_sees_its_gate(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.first)
    tranche = planned(story, lead=lead)
    with pytest.raises(Invalid, match="may not judge"):
        opened(story, PanelKind.GATE, tranche)
    panel = opened(story, PanelKind.GATE, tranche, story.second, story.third)
    with transaction():
        lead.manager_id = story.chair.id
    assert list(db.session.scalars(queries.panels_visible_to(story.chair))) == []
    assert list(db.session.scalars(queries.panels_visible_to(story.office))) == [panel]
    for wrong in ({"due_on": clock.today() - SOON}, {"reviewers": (story.second,)}):
        with pytest.raises(Invalid):
            opened(story, PanelKind.GATE, planned(story), **wrong)
    with pytest.raises(Invalid, match="above zero"), transaction():
        ventures.plan_tranche(story.office, tranche.venture, amount=0, due_on=clock.today())
    with pytest.raises(Invalid, match="before it"), transaction():
        ventures.plan_tranche(story.office, tranche.venture, amount=1, due_on=clock.today())


def test_the_whole_way_in_the_browser(story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any) -> None:
    venture = story.make.venture(story.make.proposal(story.call, state="accepted"))
    office, page = sign_in(story.office), f"/ventures/{venture.public_id}/tranches"
    assert office.post(page, data={"amount": "x", "due_on": ""}).status_code == 422
    assert office.post(page, data={"amount": "50,000.00", "due_on": "2030-01-01"}).status_code == 303
    tranche = db.session.scalars(select(Tranche)).one()
    first = office.get(f"/panels/new?kind=gate&subject={tranche.public_id}").text
    assert tranche.public_id in first
    chosen = {"kind": "gate", "subject": tranche.public_id, "committee": story.call.committee.public_id}
    assert "Ma Li" in office.get("/panels/new", query_string=chosen).text
    short = office.post("/panels/new", data=chosen | {"reviewers": [story.first.public_id]})
    assert (short.status_code, "Choose a rubric." in short.text) == (422, True)
    whole = chosen | {
        "rubric": story.call.rubric.public_id, "rule": story.call.rule.public_id, "due_on": "2030-01-01",
        "brief": "The pilot’s figures", "reviewers": [story.first.public_id, story.second.public_id],
    }  # fmt: skip
    made = office.post("/panels/new", data=whole)
    assert made.status_code == 303
    panel = db.session.scalars(select(Panel)).one()
    for person in (story.first, story.second):
        browser = sign_in(person)
        review = db.session.scalars(select(PanelReview).where(PanelReview.reviewer_id == person.id)).one()
        mine = f"/panel-reviews/{review.public_id}"
        assert browser.post(f"{mine}/declare", data={}).status_code == 422
        assert browser.post(f"{mine}/declare", data={"conflict": "no"}).status_code == 303
        scores = {f"score_{key}": "4" for key in KEYS}
        lacking = browser.post(f"{mine}/seal", data={**scores, "score_team": "9", "note_fit": "Kept"})
        assert (lacking.status_code, "Kept" in lacking.text) == (422, True)
        assert browser.post(f"{mine}/save", data=scores).status_code == 303
        assert browser.post(f"{mine}/seal", data=scores).status_code == 303
        assert review.state is PanelReviewState.SEALED
        assert "4.00" in browser.get(mine).text
    chair, here = sign_in(story.chair), f"/panels/{panel.public_id}"
    assert chair.post(f"{here}/decide", data={"outcome": "hold"}).status_code == 422
    assert chair.post(f"{here}/decide", data={"outcome": ""}).status_code == 303
    assert "Worked out again from what was stored: equal." in chair.get(f"{here}?replay=1").text
    member = sign_in(story.third)
    assert member.post(f"{here}/send-back", data={"reason": ""}).status_code == 422
    assert member.post(f"{here}/confirm").status_code == 303
    assert "Go: the tranche falls due" in sign_in(story.office).get(f"/ventures/{venture.public_id}").text
    one = count_statements(lambda: chair.get("/panels/"))
    for _ in range(2):
        opened(story, PanelKind.GATE, planned(story))
    assert count_statements(lambda: chair.get("/panels/")) == one <= 8


def test_more_members_are_asked_after_one_stepped_back(
    story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any
) -> None:
    panel = opened(story, PanelKind.GATE, planned(story))
    with transaction():
        services.recuse_from_panel(story.first, panel.reviews[0], statement="My cousin leads it.")
    office, page = sign_in(story.office), f"/panels/{panel.public_id}/more"
    assert [judge.person for judge in queries.judges_to_ask(panel)] == [story.third]
    assert (office.post(page).status_code, "Ma Li" in office.get(page).text) == (422, True)
    asked = {"reviewers": [story.third.public_id, story.second.public_id]}
    assert office.post(page, data=asked).status_code == 303  # who was asked before is not understood
    assert [one.reviewer for one in queries.judgements_of(panel)] == [story.first, story.second, story.third]
    event = audit.event_of(panel, "panel.ask_more")
    assert (panel.reviews[2].cause_id, event.parent_id) == (event.id, panel.cause_id)
    assert "was asked already" in sign_in(story.chair).get(page).text
    assert sign_in(story.second).get(page).status_code in {403, 404}
    judge_rest = panel.reviews[1:]
    for review in judge_rest:
        with transaction():
            services.clear_panel_review(review.reviewer, review)
            services.seal_panel_review(review.reviewer, review, judgement=Judgement(dict.fromkeys(KEYS, 4)))
    decided(story, panel)
    with pytest.raises(WrongState), transaction():
        services.ask_more_judges(story.office, panel, reviewers=[story.third])


def test_the_rule_waits_for_a_second_round_and_the_chair_decides_by_it(
    story: Story, sign_in: Callable[..., FlaskClient]
) -> None:
    proposal = story.reviewed((5,) * 4, (5,) * 4, title="Looked at twice")
    story.reviewed((4,) * 4, (4,) * 4, title="Looked at once")
    reader, chair = (story.make.person(story.company, role) for role in (Role.REVIEWER, Role.CHAIR))
    committee = story.make.committee(story.company, chair, reader, story.make.person(story.company, Role.REVIEWER))
    judges = [member.person for member in committee.members[1:]]
    panel = opened(story, PanelKind.SECOND, proposal, *judges, committee=committee)
    story.step("close_round")
    with pytest.raises(WrongState, match="Looked at twice"):
        story.step("prepare")
    judge(panel, 2, 2)
    with transaction():
        services.decide_panel(chair, panel)
    with transaction():
        services.confirm_panel(judges[0], panel)
    story.step("prepare")
    browser = sign_in(story.chair)
    page = browser.get(f"/rounds/{story.round.public_id}/decision").text
    assert page.count("Second round:</b> Not supported, 2.00.") == 1
    form = browser.get(f"/decisions/{decision_of(proposal).public_id}/override").text
    assert ("mean 2.00." in form, 'value="rejected" id="outcome-2" checked' in form) == (True, True)


def test_a_second_round_that_is_hidden_from_the_chair_holds_the_rule_up_without_its_name(story: Story) -> None:
    proposal = story.reviewed((5,) * 4, (5,) * 4, title="Hidden")
    opened(story, PanelKind.SECOND, proposal)
    story.step("close_round")
    change_manager(story.chair, proposal.lead)
    with pytest.raises(WrongState, match="the innovation office sees which"):
        story.step("prepare")


def told(person: Person) -> set[str]:
    return {notice.kind for notice in db.session.scalars(select(Notice).where(Notice.person_id == person.id))}


def test_go_opens_stage_credits_and_tranche_together_or_nothing(story: Story) -> None:
    tranche = planned(story, stage=VentureState.VALIDATION, credit=99_999_900)
    venture, hr = tranche.venture, story.make.person(story.company, Role.HR)
    panel = opened(story, PanelKind.GATE, tranche)
    judge(panel, 4, 5)
    decided(story, panel)
    with pytest.raises(Invalid, match="stage before"), transaction():
        services.confirm_panel(story.third, panel)
    assert (panel.state, tranche.state, venture.state) == (PanelState.DECIDED, "planned", VentureState.CHARTERED)
    with story.make.acting():
        ventures.open_sandbox(venture)
    with transaction():
        services.confirm_panel(story.third, panel)
    assert (tranche.state, venture.state) == ("due", VentureState.VALIDATION)
    assert venture_queries.credits_of(venture).left == 100_000_000
    assert ("venture.gate_passed" in told(hr), "venture.tranche_due" in told(venture.lead)) == (True, True)
    refused = (
        ("stage", {"stage": VentureState.VALIDATION}),
        ("stage", {"stage": VentureState.SCALE}),  # the pilot stands between
        ("credits", {"credit": 0}),
    )
    for field, values in refused:
        with pytest.raises(Invalid) as error, transaction():
            ventures.plan_tranche(story.office, venture, amount=1, due_on=tranche.due_on, **values)
        assert error.value.field == field
    with transaction():
        later = ventures.plan_tranche(story.office, venture, amount=1, due_on=tranche.due_on, credit=1)
    second = opened(story, PanelKind.GATE, later)
    judge(second, 4, 5)
    decided(story, second)
    with pytest.raises(Invalid, match="does not hold enough"), transaction():
        services.confirm_panel(story.third, second)
    assert later.state == "planned"


def test_hold_stops_new_money_until_its_gate_is_set_again_and_says_go(story: Story, sign_in: Any) -> None:
    tranche = planned(story, credit=5_00)
    venture = tranche.venture
    panel = opened(story, PanelKind.GATE, tranche)
    judge(panel, 4, 5)
    day, hold = clock.today() + SOON, PanelOutcome.HOLD
    chair, page = sign_in(story.chair), f"/panels/{panel.public_id}"
    for left_out in ("asks", "until_on"):
        given = {"outcome": "hold", "reason": "Early.", "asks": "Two customers.", "until_on": day.isoformat()}
        answer = chair.post(f"{page}/decide", data=given | {left_out: ""})
        assert (answer.status_code, "Early." in answer.text, f'id="{left_out}-error"' in answer.text) == (
            422,
            True,
            True,
        )
    decided(story, panel, outcome=hold, reason="Early.", asks="Two customers.", until_on=day)
    with transaction():
        services.confirm_panel(story.third, panel)
    assert (tranche.state, venture.held_until) == ("planned", day)
    with story.make.acting(), pytest.raises(WrongState, match="on hold"):
        ventures.grant_credit(venture, pool=story.pool, amount=1, cause_id=audit.record("test.more", venture).id)
    text = sign_in(venture.lead).get(f"/ventures/{venture.public_id}").text
    assert ("On hold until" in text, "Two customers." in text) == (True, True)
    assert "venture.gate_asks" in told(venture.lead)
    assert [gates_waiting(one) for one in (venture.lead, story.office)] == [{"gate.asks"}, set()]
    with clock.travelled(clock.now() + SOON):
        assert gates_waiting(story.office) == {"gate.again"}
    again = opened(story, PanelKind.GATE, tranche)
    assert [gates_waiting(one) for one in (venture.lead, story.office)] == [set(), set()]
    judge(again, 4, 5)
    decided(story, again)
    with pytest.raises(Invalid, match="on hold until"), transaction():
        services.confirm_panel(story.third, again)
    with clock.travelled(clock.now() + SOON), transaction():
        services.confirm_panel(story.third, again)
    assert (tranche.state, venture.held_until, venture_queries.credits_of(venture).left) == ("due", None, 6_00)


def test_a_pivot_waits_for_the_lead_and_for_the_office(story: Story) -> None:
    tranche = planned(story)
    panel = opened(story, PanelKind.GATE, tranche)
    judge(panel, 4, 5)
    decided(story, panel, outcome=PanelOutcome.PIVOT, reason="No buyer.", asks="Sell to grids.")
    with transaction():
        services.confirm_panel(story.third, panel)
    assert (panel.asks, panel.until_on, tranche.state, tranche.venture.held_until) == (
        "Sell to grids.",
        None,
        "planned",
        None,
    )
    assert [gates_waiting(one) for one in (tranche.venture.lead, story.office)] == [{"gate.asks"}, {"gate.again"}]


def gates_waiting(person: Person) -> set[str]:
    found = [row[0] for rows in queries.waiting_for(person) for row in db.session.execute(rows)]
    return {kind for kind in found if kind.startswith("gate.")}
