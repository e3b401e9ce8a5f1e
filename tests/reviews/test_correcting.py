"""Declining, opening again, striking; conflicts found later, and lifted by somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import access
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal, TeamMember
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import Conflict, ConflictKind, ConflictLift, Review, ReviewVersion
from incubator.reviews.queries.derived import derived_against
from incubator.reviews.states import ReviewState
from incubator.ventures.models import VentureMember
from tests.reviews.conftest import Story, content


def sees(person: Any, proposal: Proposal) -> bool:
    return db.session.scalar(proposals.visible_to(person).where(Proposal.id == proposal.id)) is not None


def kinds(story: Story, proposal: Proposal) -> list[str]:
    return [notice.kind for notice in db.session.scalars(select(Notice).order_by(Notice.id))]


def test_a_reviewer_declines_and_the_office_is_asked_for_another(story: Story) -> None:
    proposal = story.proposal()
    review, _other = story.put(proposal)
    with pytest.raises(Invalid, match="Give the reason"), transaction():
        services.decline(story.first, review, reason=" ")
    with transaction():
        services.decline(story.first, review, reason="I am abroad.")
    assert review.state is ReviewState.DECLINED
    assert queries.summary_of(story.round, proposal).assigned == 1
    assert kinds(story, proposal)[-1] == "review.declined"
    with pytest.raises(NotAllowed), transaction():
        services.decline(story.second, review, reason="No.")


def test_only_who_of_the_office_sees_the_proposal_is_told_who_declined(story: Story) -> None:
    proposal = story.proposal()
    review, _other = story.put(proposal)
    hidden = story.make.person(story.company, Role.OFFICE)
    near = story.make.person(story.company, Role.OFFICE, manager=proposal.lead)
    with story.make.acting():
        audit.record("test.happened", proposal)
        access.deny(hidden.id, proposal, "conflict")
    with transaction():
        services.decline(story.first, review, reason="I am abroad.")
    rows = select(Notice.person_id).where(Notice.kind == "review.declined")
    told = set(db.session.scalars(rows)) & {hidden.id, near.id, story.office.id}
    assert told == {story.office.id}


def test_the_assignment_after_a_decline_fills_the_place_and_moves_nobody(story: Story) -> None:
    proposal = story.proposal()
    review, _other = story.put(proposal)
    with transaction():
        services.decline(story.first, review, reason="I am abroad.")
    settings = {"reviews": 2, "least": 0, "most": 9, "unknown": 20, "per_company": None, "seats": [],
                "needs_senior": False, "fair": False, "partial": False, "members": {}}  # fmt: skip
    with transaction():
        run = services.prepare_assignment(story.office, story.call, settings=settings)
    jobs.assign_reviewers()
    (pair,) = queries.pairs_of(run)
    assert pair.name == "Ma Li"
    with transaction():
        services.publish_assignment(story.office, run)
    jobs.place_reviewers()
    live = [review.reviewer.name for review in db.session.scalars(select(Review)) if review.state != "declined"]
    assert live == ["He Wen", "Ma Li"]


def test_a_reopened_review_keeps_what_was_sealed_and_counts_anew(story: Story) -> None:
    proposal = story.reviewed((5, 5, 5, 5), (3, 3, 3, 3))
    review = db.session.scalars(select(Review).where(Review.reviewer_id == story.first.id)).one()
    with transaction():
        services.reopen(story.chair, review, reason="The wrong proposal was meant.")
    summary = queries.summary_of(story.round, proposal)
    assert (review.state, summary.sealed, summary.total_hundredths) == (ReviewState.REOPENED, 1, 300)
    with transaction():
        services.seal(story.first, review, content=content(2))
    (version,) = queries.versions_of(review)
    assert (version.number, version.total, version.content["scores"]["team"]) == (1, 500, 5)
    assert queries.summary_of(story.round, proposal).total_hundredths == 250
    with transaction():
        services.reopen(story.chair, review, reason="Once more.")
    assert [version.number for version in queries.versions_of(review)] == [2, 1]
    with pytest.raises(Exception, match="never changed"), transaction():
        db.session.scalars(select(ReviewVersion)).first().total = 1


def test_a_struck_review_counts_in_nothing_and_stays(story: Story) -> None:
    proposal = story.reviewed((5, 5, 5, 5), (3, 3, 3, 3), (3, 3, 3, 3))
    review = db.session.scalars(select(Review).where(Review.reviewer_id == story.first.id)).one()
    with transaction():
        services.exclude(story.chair, review, reason="Copied from another review.")
    summary = queries.summary_of(story.round, proposal)
    assert (review.state, review.excluded, review.total) == ("excluded", "Copied from another review.", 500)
    assert (summary.sealed, summary.assigned, summary.total_hundredths) == (2, 2, 300)
    story.decided()
    other = db.session.scalars(select(Review).where(Review.reviewer_id == story.second.id)).one()
    for step in (services.exclude, services.reopen):
        with pytest.raises(WrongState), transaction():
            step(story.chair, other, reason="Too late.")
    with pytest.raises(NotAllowed), transaction():
        services.exclude(story.office, other, reason="Not mine.")


def test_the_chair_and_the_reviewer_do_it_in_the_browser(story: Story, sign_in: Callable[..., FlaskClient]) -> None:
    proposal = story.reviewed((5, 5, 5, 5), (3, 3, 3, 3))
    review = db.session.scalars(select(Review).where(Review.reviewer_id == story.first.id)).one()
    browser, address = sign_in(story.chair), f"/reviews/{review.public_id}"
    assert f"{address}/chair" in browser.get(f"/proposals/{proposal.public_id}").text
    assert "Open again" in browser.get(f"{address}/chair").text
    refused = browser.post(f"{address}/reopen", data={"reason": ""})
    assert (refused.status_code, "Give the reason." in refused.text) == (422, True)
    assert browser.post(f"{address}/reopen", data={"reason": "Look again."}).status_code == 303
    page = browser.get(f"{address}/chair").text
    assert "As it was sealed" in page
    assert "This review is not sealed" in page
    with transaction():
        services.seal(story.first, review, content=content(4))
    assert browser.post(f"{address}/exclude", data={"reason": "Copied."}).status_code == 303
    assert "Copied." in browser.get(f"{address}/chair").text
    assert sign_in(story.second).get(f"{address}/chair").status_code == 404
    fresh, _other = story.put(story.proposal(title="Another"))
    browser = sign_in(story.first)
    assert "Decline the review" in browser.get(f"/reviews/{fresh.public_id}").text
    decline = f"/reviews/{fresh.public_id}/decline"
    assert browser.get(decline).status_code == 200
    assert browser.post(decline, data={"reason": ""}).status_code == 422
    assert browser.post(decline, data={"reason": "No time."}).status_code == 303


def test_inventions_ventures_proposals_and_the_home_company_make_conflicts(story: Story) -> None:
    from tests.patents.scene import Scene

    scene = Scene(story.make)
    scene.disclose()
    inventor, other = scene.lead, scene.mate
    proposal = story.proposal(lead=inventor)
    third = story.make.person(story.make.company())
    with transaction():
        db.session.add(VentureMember(venture_id=scene.venture.id, person_id=third.id, share_bp=0))
    earlier = story.make.proposal(story.call, inventor, state=proposal.state)
    with transaction():
        db.session.add(TeamMember(proposal_id=earlier.id, person_id=story.third.id, share_bp=0))
    found = queries.derive([proposal], [other, third, story.third, story.first])[proposal.id]
    assert ConflictKind.CO_INVENTOR in found[other.id]
    assert found[third.id] == {ConflictKind.TEAM_MATE}
    assert found[story.third.id] == {ConflictKind.CO_PROPOSER}
    assert story.first.id not in found
    people = (other, third, story.third, story.first, inventor)
    told = [proposal.id in db.session.scalars(derived_against(person)).all() for person in people]
    assert told == [True, True, True, False, False]
    set_committed_value(story.call, "keeps_company_out", True)  # of a published call it stands
    found = queries.derive([proposal], [story.first, scene.counsel])[proposal.id]
    assert story.first.id not in found
    assert found[scene.counsel.id] == {ConflictKind.HOME_COMPANY}


def change_manager(person: Any, manager: Any) -> None:
    with transaction():
        person.manager_id = manager.id


def test_a_conflict_that_arises_later_takes_the_reviewer_off_or_tells_the_chair(story: Story) -> None:
    proposal = story.proposal()
    draft, sealed = story.put(proposal)
    story.review(sealed, 4)
    assert jobs.derive_conflicts() == 0
    change_manager(story.first, proposal.lead)
    change_manager(story.second, proposal.lead)
    change_manager(story.third, proposal.lead)
    assert jobs.derive_conflicts() == 3
    assert jobs.derive_conflicts() == 0
    assert (draft.state, sealed.state) == (ReviewState.RECUSED, ReviewState.SEALED)
    assert queries.summary_of(story.round, proposal).assigned == 1
    assert {"review.recused", "review.conflict_found"} <= set(kinds(story, proposal))
    assert not any(sees(person, proposal) for person in (story.first, story.second, story.third))


def test_a_conflicted_chair_is_told_nothing_of_it(story: Story) -> None:
    proposal = story.proposal()
    _draft, sealed = story.put(proposal)
    story.review(sealed, 4)
    for person in (story.chair, story.second):
        change_manager(person, proposal.lead)
    assert jobs.derive_conflicts() == 2
    assert "review.conflict_found" not in kinds(story, proposal)


def conflict_of(person: Any) -> Conflict:
    return db.session.scalars(select(Conflict).where(Conflict.person_id == person.id)).one()


def test_nobody_lifts_their_own_and_another_does_with_a_reason(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.third)
    proposal = story.proposal(lead=lead)
    story.put(proposal)
    conflict = conflict_of(story.third)
    own, admin = (story.make.person(story.company, role) for role in (Role.OFFICE, Role.ADMINISTRATOR))
    with pytest.raises(Invalid, match="Give the reason"), transaction():
        services.lift(story.office, conflict, reason="")
    with pytest.raises(NotAllowed), transaction():
        services.lift(story.third, conflict, reason="I am fair.")
    with pytest.raises(NotAllowed), transaction():
        services.lift(admin, conflict, reason="I may do all.")
    with transaction():
        services.lift(own, conflict, reason="He no longer manages her.")
    assert queries.conflicts_standing(proposal, story.third.id) == 0
    assert next(c for c in queries.candidates(proposal) if c.person == story.third).is_choosable
    assert jobs.derive_conflicts() == 0
    with pytest.raises(Invalid, match="already"), transaction():
        services.lift(own, conflict, reason="Again.")
    with pytest.raises(Exception, match="never changed"), transaction():
        db.session.scalars(select(ConflictLift)).one().reason = "x"


def test_a_member_of_the_team_never_judges_and_the_chair_gets_the_text_back(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.chair)
    proposal = story.proposal(lead=lead)
    with transaction():
        db.session.add(TeamMember(proposal_id=proposal.id, person_id=story.third.id, share_bp=0))
    story.put(proposal)
    assert not sees(story.chair, proposal)
    with pytest.raises(Invalid, match="can’t be lifted"), transaction():
        services.lift(story.office, conflict_of(story.third), reason="Please.")
    with transaction():
        services.lift(story.office, conflict_of(story.chair), reason="She moved on.")
    assert sees(story.chair, proposal)


def test_the_office_sees_the_conflicts_and_lifts_one(story: Story, sign_in: Callable[..., FlaskClient]) -> None:
    lead = story.make.person(story.company, manager=story.third)
    proposal = story.proposal(lead=lead)
    browser, address = sign_in(story.office), f"/proposals/{proposal.public_id}/conflicts"
    assert "No conflict of interest" in browser.get(address).text
    story.put(proposal)
    assert "Line manager" in browser.get(address).text
    given = {"person": story.third.public_id, "kind": "line_manager", "reason": "He no longer manages her."}
    assert browser.post(address, data=given | {"reason": ""}).status_code == 422
    assert browser.post(address, data=given | {"kind": "odd"}).status_code == 422
    assert browser.post(address, data=given).status_code == 303
    assert "By Shen Lan: He no longer manages her." in browser.get(address).text
    assert sign_in(story.first).get(address).status_code in {403, 404}


def test_two_conflicts_are_lifted_one_by_one(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.third, cost_center="4711")
    with transaction():
        story.third.cost_center = "4711"
    proposal = story.proposal(lead=lead)
    story.put(proposal)
    first, second = db.session.scalars(select(Conflict).where(Conflict.person_id == story.third.id))
    with transaction():
        services.lift(story.office, first, reason="One.")
    assert not next(c for c in queries.candidates(proposal) if c.person == story.third).is_choosable
    with transaction():
        services.lift(story.office, second, reason="Two.")
    assert next(c for c in queries.candidates(proposal) if c.person == story.third).is_choosable
    assert audit.event_of(first, "conflict.lift").actor_id == story.office.id
    assert SYSTEM.actor_id is None
