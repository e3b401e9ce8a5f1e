"""One more review where the ranking is unsure: chosen by the chair, worked out with reasons, published."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.calls.models import CommitteeMember, Seat
from incubator.calls.states import CallState
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.people.models import Access, Effect, Role
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import AssignmentRun, Conflict, ConflictKind, Review
from tests.make import Make
from tests.reviews.conftest import Story
from tests.reviews.test_assignment_runs import chosen, prepared
from tests.reviews.test_correcting import change_manager


def test_the_chair_chooses_where_it_pays_and_publishes_what_is_suggested(
    story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any
) -> None:
    for n in range(5):
        story.reviewed((n + 1,) * 4, (min(5, n + 2),) * 4, title=f"P{n}", asked=20_000_000)
    prepared(story, reviews=3, members={story.third.public_id: {"most": 9, "roles": [], "senior": False}})
    jobs.rank_rounds()
    chair, page = sign_in(story.chair), f"/rounds/{story.round.public_id}"
    method = chair.get(f"{page}/method").text
    assert ("Suggest reviewers for those chosen" in method, "Ask one more<" in method) == (True, False)
    first = queries.where_one_more_pays(queries.runs_of(story.round, story.chair).done)[0]  # type: ignore[arg-type]
    refused = chair.post(f"{page}/ask-more", data={"proposals": ["none"]})
    assert (refused.status_code, "Tick at least one proposal" in refused.text) == (422, True)
    answer = chair.post(f"{page}/ask-more", data={"proposals": [first.public_id]})
    assert answer.status_code == 303
    jobs.assign_reviewers()
    run = db.session.scalars(select(AssignmentRun).order_by(AssignmentRun.id.desc())).first()
    assert chosen(run) == {(first.title, "Ma Li")}
    assert run.settings["members"][story.third.public_id]["most"] == 9
    text = chair.get(answer.location).text
    assert ("Ma Li" in text, "Publish" in text, "One more review" in text) == (True, True, True)
    pair = {"proposal": first.public_id, "reviewer": story.third.public_id}
    for _turn in range(2):
        assert chair.post(f"{answer.location}/drop", data=pair).status_code == 303
    assert chair.post(f"{answer.location}/publish").status_code == 303
    assert jobs.place_reviewers() == 1
    made = db.session.scalars(select(Review).where(Review.reviewer_id == story.third.id)).one()
    assert (made.proposal.title, queries.summary_of(story.round, made.proposal).assigned) == (first.title, 3)
    committee = sign_in(story.office).get(f"/proposals/{first.public_id}/committee").text
    assert f'action="{page}/ask-more"' in committee
    form = sign_in(story.office).get(f"/calls/{story.call.public_id}/reviewers").text
    assert 'name="reviews" value="3"' in form or 'value="3"' in form.split('name="reviews"')[1][:80]


def test_a_run_of_the_office_and_what_is_hidden_are_not_for_the_chair(story: Story) -> None:
    story.put(story.proposal(title="One"))
    hidden = story.proposal(title="Hidden")
    story.put(hidden)
    whole = prepared(story, reviews=3)
    with pytest.raises(NotAllowed), transaction():
        services.publish_assignment(story.chair, whole)
    with transaction():
        both = services.ask_more(story.office, story.round, proposals=[hidden.public_id])
    jobs.assign_reviewers()
    assert set(db.session.scalars(queries.runs_visible_to(story.chair))) == {both}
    change_manager(story.chair, hidden.lead)
    assert set(db.session.scalars(queries.runs_visible_to(story.chair))) == set()
    with pytest.raises(Invalid, match="Tick at least one"), transaction():
        services.ask_more(story.chair, story.round, proposals=[hidden.public_id])
    with pytest.raises(NotAllowed), transaction():
        services.ask_more(story.first, story.round, proposals=[hidden.public_id])


def test_a_conflict_that_nobody_wrote_down_yet_hides_its_decision_and_signs_nothing(
    story: Story, sign_in: Callable[..., FlaskClient]
) -> None:
    kept, other = story.reviewed((5,) * 4, (5,) * 4, title="Kept"), story.reviewed((4,) * 4, (4,) * 4, title="Other")
    story.decided()
    page = f"/rounds/{story.round.public_id}/decision?replay=1"
    text = sign_in(story.chair).get(page).text
    assert ("Kept" in text, "Other" in text, "Sign 2 decisions" in text) == (True, True, True)
    change_manager(story.chair, kept.lead)
    text = sign_in(story.chair).get(page).text
    assert ("Kept" in text, "Other" in text, "Sign 1 decision" in text) == (False, True, True)
    denied = select(Access.id).where(Access.person_id == story.chair.id, Access.effect == Effect.DENY)
    assert db.session.scalar(denied) is None
    story.step("sign")
    signed = {d.proposal.title: [s.person.name for s in d.signatures] for d in queries.current_decisions(story.round)}
    assert signed == {"Kept": [], "Other": ["Qin Zheng"]}
    assert jobs.derive_conflicts() >= 1  # also in a round that is decided and not released
    assert other.title in sign_in(story.chair).get(page).text


def test_whether_one_is_kept_from_a_proposal_is_asked_of_its_team_and_of_what_was_lifted(make: Make) -> None:
    story = Story(make, state=CallState.DRAFT)
    with transaction():
        story.call.keeps_company_out, story.call.state = True, CallState.PUBLISHED
    outside, other = (make.person(make.company(), Role.REVIEWER) for _ in range(2))
    for person in (outside, other):
        make.add(CommitteeMember(committee=story.call.committee, person=person, seat=Seat.MEMBER))
    proposal = story.proposal()
    story.put(proposal, outside, other)
    assert [queries.is_conflicted(one, proposal) for one in (story.first, story.office)] == [True, False]
    assert proposal.id in queries.kept_from(story.first, story.round)
    kinds = {one.kind: one for one in db.session.scalars(select(Conflict).where(Conflict.person_id == story.first.id))}
    with transaction():
        services.lift(story.office, kinds[ConflictKind.HOME_COMPANY], reason="Nobody else knows the matter.")
    assert (queries.is_conflicted(story.first, proposal), queries.kept_from(story.first, story.round)) == (False, set())
    change_manager(story.first, proposal.lead)
    assert queries.is_conflicted(story.first, proposal)
