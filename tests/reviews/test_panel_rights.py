"""Who sees and who ends a round over one subject: conflicts, blind calls, what is stuck, two windows."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from incubator.calls.models import Blinding, Committee
from incubator.cloud.models import Provider
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, Stale, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.models import Access, Person, Role
from incubator.proposals.models import Proposal
from incubator.proposals.predicates import may_talk
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import ConflictKind, Panel, PanelKind, PanelOutcome
from incubator.reviews.services import Judgement
from incubator.reviews.states import PanelState
from tests.make import Make
from tests.reviews.conftest import KEYS, Story
from tests.reviews.test_correcting import change_manager
from tests.reviews.test_panels import decided, judge, opened, planned

SECRET = "Heat by Lin Yue"


def seen(person: Person) -> list[Panel]:
    return list(db.session.scalars(queries.panels_visible_to(person)))


def second(story: Story, proposal: Proposal) -> tuple[Panel, Committee]:
    """A second round by others than the first: a reviewer and the third of the call's committee."""
    reader = story.make.person(story.company, Role.REVIEWER, name="Zhu Er")
    chair = story.make.person(story.company, Role.CHAIR)
    committee = story.make.committee(story.company, chair, reader, story.third)
    return opened(story, PanelKind.SECOND, proposal, reader, story.third, committee=committee), committee


def cleared(panel: Panel) -> None:
    for review in panel.reviews:
        with transaction():
            services.clear_panel_review(review.reviewer, review)


def recused(panel: Panel) -> None:
    with transaction():
        services.recuse_from_panel(panel.reviews[0].reviewer, panel.reviews[0], statement="I know them.")


def test_who_declares_a_conflict_neither_sees_the_panel_nor_confirms_it(story: Story, sign_in: Any) -> None:
    tranche = planned(story)
    panel = opened(story, PanelKind.GATE, tranche, story.first, story.second, story.third)
    recused(panel)
    (written,) = queries.conflicts_of(tranche.venture.proposal)
    assert (written.person_id, written.kind) == (story.first.id, ConflictKind.DECLARED)
    for review in panel.reviews[1:]:
        with transaction():
            services.clear_panel_review(review.reviewer, review)
            services.seal_panel_review(review.reviewer, review, judgement=Judgement(dict.fromkeys(KEYS, 4)))
    decided(story, panel)
    assert (seen(story.first), seen(story.third)) == ([], [panel])
    assert sign_in(story.first).post(f"/panels/{panel.public_id}/confirm").status_code == 404
    again = opened(story, PanelKind.GATE, planned(story))
    recused(again)  # of another proposal
    assert len(queries.conflicts_of(again.proposal)) == 1  # type: ignore[arg-type]


def test_of_a_provider_too_which_has_no_proposal_and_the_head_company_is_nobodys_own(story: Story) -> None:
    provider = story.make.add(
        Provider(code="p1", name={"en": "Cloud", "zh": "云"}, company=story.company, driver="local", currency="CNY",
                 lag_seconds=60)
    )  # fmt: skip
    panel = opened(story, PanelKind.PROVIDER, provider)
    assert [queries.may_judge(panel, one) for one in (story.chair, story.first)] == [True, True]
    recused(panel)
    assert [queries.may_judge(panel, one) for one in (story.chair, story.first)] == [True, False]


def test_a_second_round_of_a_blind_call_shows_the_anonymised_text_alone(
    make: Make, sign_in: Callable[..., FlaskClient]
) -> None:
    story = Story(make, blinding=Blinding.BOTH_HIDDEN)
    proposal = story.proposal(title=SECRET)
    with transaction():
        services.anonymise(story.office, proposal, title="Heat unnamed", answers={"summary": "Pumps of nobody"})
    with transaction():
        services.approve_text(story.office, proposal)
    story.put(proposal)
    panel, _committee = second(story, proposal)
    browser = sign_in(panel.reviews[0].reviewer)
    mine = f"/panel-reviews/{panel.reviews[0].public_id}"
    read = [browser.get(one).text for one in ("/", mine, "/notices/")]
    assert browser.post(f"{mine}/declare", data={"conflict": "no"}).status_code == 303
    read += [browser.get(mine).text, browser.get("/").text]
    assert "Pumps of nobody" in read[3]
    assert browser.get(f"/proposals/{proposal.public_id}").status_code == 404
    assert [SECRET in page for page in read] == [False] * 5
    assert ["Heat unnamed" in page for page in (*read[:2], *read[3:])] == [True] * 4
    assert db.session.scalars(select(Access.id).where(Access.source.startswith("panel:"))).all() == []
    chair = sign_in(panel.committee.chair.person).get("/panels/").text
    assert (SECRET in chair, "Heat unnamed" in chair) == (False, True)


def test_who_judges_in_a_second_round_does_not_join_the_teams_talk(story: Story) -> None:
    proposal = story.reviewed((4,) * 4, (4,) * 4)
    panel, _committee = second(story, proposal)
    cleared(panel)
    reader = panel.reviews[0].reviewer
    opened_to = select(Access.source).where(Access.person_id == reader.id, Access.subject_id == proposal.id)
    assert db.session.scalars(opened_to).all() == [f"panel:{panel.public_id}"]
    assert (may_talk(reader, proposal), may_talk(proposal.lead, proposal)) == (False, True)


def test_the_text_is_taken_back_from_a_reviewer_who_may_judge_no_more(story: Story) -> None:
    proposal = story.reviewed((4,) * 4, (4,) * 4)
    panel, _committee = second(story, proposal)
    cleared(panel)
    change_manager(panel.reviews[0].reviewer, proposal.lead)
    jobs.derive_conflicts()
    sources = select(Access.person_id).where(Access.source == f"panel:{panel.public_id}")
    assert db.session.scalars(sources).all() == [panel.reviews[1].reviewer_id]


def test_a_chair_in_conflict_or_who_left_gets_no_round(story: Story) -> None:
    tranche = planned(story, lead=story.make.person(story.company, manager=story.chair))
    with pytest.raises(Invalid, match="chair of this committee") as refused:
        opened(story, PanelKind.GATE, tranche)
    assert refused.value.field == "committee"


def test_what_is_stuck_is_cancelled_by_the_office_and_opened_again(story: Story, sign_in: Any) -> None:
    tranche = planned(story)
    panel = opened(story, PanelKind.GATE, tranche)
    judge(panel, 4, 4)
    decided(story, panel, outcome=PanelOutcome.FAIL, reason="The customer left.")
    office, here = sign_in(story.office), f"/panels/{panel.public_id}"
    assert office.post(f"{here}/cancel", data={"reason": " "}).status_code == 422
    with pytest.raises(NotAllowed), transaction():
        services.cancel_panel(story.chair, panel, reason="Mine")
    assert office.post(f"{here}/cancel", data={"reason": "Two stepped back."}).status_code == 303
    assert "Two stepped back." in office.get(here).text
    assert (panel.state, panel.outcome, tranche.state) == (PanelState.CANCELLED, None, "planned")
    for step in (services.confirm_panel, services.decide_panel):
        with pytest.raises((WrongState, Invalid)), transaction():
            step(story.third if step is services.confirm_panel else story.chair, panel)
    with pytest.raises(WrongState), transaction():
        services.cancel_panel(story.office, panel, reason="Again")
    with pytest.raises(DBAPIError, match="never changed"), db.session.begin_nested():
        db.session.execute(text("UPDATE panel SET reason = 'x' WHERE id = :id"), {"id": panel.id})
    again = opened(story, PanelKind.GATE, tranche)
    page = f"/panel-reviews/{again.reviews[0].public_id}"
    cleared(again)
    with transaction():
        services.cancel_panel(story.office, again, reason="Wrong rubric.")
    assert "The office cancelled this round." in sign_in(story.first).get(page).text


def test_a_second_window_does_not_overwrite_a_judgement(story: Story, sign_in: Any) -> None:
    panel = opened(story, PanelKind.GATE, planned(story))
    cleared(panel)
    review, browser = panel.reviews[0], sign_in(story.first)
    mine, version = f"/panel-reviews/{review.public_id}", review.version
    assert f'name="version" type="hidden" value="{version}"' in browser.get(mine).text
    first = {"score_team": "4", "note": "First window", "version": str(version)}
    assert browser.post(f"{mine}/save", data=first).status_code == 303
    late = browser.post(f"{mine}/save", data=first | {"note": "Second window"})
    assert (late.status_code, "Second window" in late.text, review.note) == (409, True, "First window")
    assert f'value="{review.version}"' in late.text
    with pytest.raises(Stale), transaction():
        services.seal_panel_review(story.first, review, judgement=Judgement(), version=version)
    with transaction():
        told = select(Notice.id).where(Notice.person_id == story.first.id, Notice.kind == "review.panel")
        assert len(db.session.scalars(told).all()) == 1
