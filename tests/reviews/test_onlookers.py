"""Who looks on without a seat: conflicts of officers and auditors, and runs with what is not written down yet."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from incubator.core import audit, outbox
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import services as people
from incubator.people.models import Person, Role
from incubator.people.predicates import SYSTEM
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import Conflict, ConflictKind, RankingRun
from incubator.reviews.queries.derived import derived_against
from incubator.reviews.services import conflicts
from incubator.reviews.states import ReviewState
from tests.make import Make
from tests.reviews.conftest import Story
from tests.reviews.test_assignment_runs import prepared
from tests.reviews.test_correcting import change_manager, sees
from tests.reviews.test_ranking_runs import scored


def replays(browser: FlaskClient, story: Story) -> int:
    """How many runs the page offers to work out again."""
    return int(browser.get(f"/rounds/{story.round.public_id}/replay").text.count('name="run"'))


@pytest.mark.parametrize("who", ["chair", "office", "auditor"])
def test_no_run_with_a_proposal_whose_conflict_is_not_written_down_yet(story: Story, sign_in: Any, who: str) -> None:
    reader = story.make.person(story.company, Role.AUDITOR) if who == "auditor" else getattr(story, who)
    scored(story, 5, 4, 3)
    jobs.rank_rounds()
    fresh = story.proposal(title="Not put to anybody")
    prepared(story)
    browser = sign_in(reader)
    assert replays(browser, story) == 2
    change_manager(reader, fresh.lead)
    assert replays(browser, story) == 1  # the assignment names it, the ranking does not
    run = db.session.scalars(select(RankingRun)).one()
    ranked = db.session.get_one(type(fresh), queries.proposals_of(story.round, "in_review")[0][1].id)
    change_manager(ranked.lead, reader)
    assert replays(browser, story) == 0
    answer = browser.post(f"/rounds/{story.round.public_id}/replay", data={"run": run.public_id})
    assert answer.status_code == 404
    assert jobs.derive_conflicts() == {"chair": 1}.get(who, 2)  # of the chair only what is under review
    assert jobs.rank_rounds() == 1
    assert replays(browser, story) == 1  # the ranking of its own


def test_who_is_appointed_after_the_handing_in_is_kept_out_as_those_before(make: Make, story: Story) -> None:
    proposal, other = story.proposal(), story.proposal(title="Of others")
    new, apart = make.person(story.company, manager=proposal.lead), make.person(make.company(), manager=proposal.lead)
    with transaction():
        for person, company in ((new, story.company), (apart, apart.company)):
            people.give_role(SYSTEM, company, person=person, role=Role.OFFICE)
    outbox.drain()
    assert [sees(new, proposal), sees(new, other), sees(apart, proposal)] == [False, True, False]
    written = db.session.scalars(select(Conflict)).one()
    assert (written.person_id, written.proposal_id, written.kind) == (new.id, proposal.id, ConflictKind.LINE_MANAGER)
    assert jobs.derive_conflicts() == 0
    with transaction():
        services.lift(story.office, written, reason="She left his unit.")
    assert (jobs.derive_conflicts(), sees(new, proposal)) == (0, True)
    assert proposal.id not in db.session.scalars(derived_against(new)).all()


def test_an_onlooker_who_reviews_it_is_taken_off_however_the_conflict_came_to_be_written(story: Story) -> None:
    review = story.put(story.proposal())[0]
    sealed = story.put(story.proposal(title="Sealed"))[0]
    story.review(sealed, 4)
    with transaction():
        people.give_role(SYSTEM, story.company, person=story.first, role=Role.OFFICE)
    outbox.drain()
    change_manager(story.first, review.proposal.lead)
    change_manager(sealed.proposal.lead, story.first)
    jobs.derive_conflicts()
    assert (review.state, sealed.state) == (ReviewState.RECUSED, ReviewState.SEALED)
    told = select(Notice.person_id).where(Notice.kind == "review.conflict_found")
    assert db.session.scalars(told).all() == [story.chair.id]
    assert jobs.derive_conflicts() == 0


def test_an_old_case_is_mended_by_the_next_run(story: Story) -> None:
    review = story.put(story.proposal())[0]
    with transaction(), audit.because(SYSTEM, "conflict.derive"):
        event = audit.record("conflict.derive", review.proposal)
        conflicts.write_conflict(review.proposal, story.first.id, ConflictKind.LINE_MANAGER, event)
    assert (jobs.derive_conflicts(), review.state) == (0, ReviewState.RECUSED)
    assert queries.summary_of(story.round, review.proposal).assigned == 1


def test_one_round_that_fails_stops_no_other(make: Make, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    stories = [Story(make), Story(make)]
    for one in stories:
        one.put(one.proposal())
    true, bad = services.recompute, stories[0].round.id
    monkeypatch.setattr(services, "recompute", lambda one: 1 / 0 if one.id == bad else true(one))
    proposal = queries.under_review(stories[1].round)[0]
    change_manager(stories[1].third, proposal.lead)
    assert jobs.derive_conflicts() == 1
    assert "the conflicts of a round failed" in caplog.text


def test_an_officer_in_conflict_is_kept_out_when_it_comes_to_the_committee(make: Make, story: Story) -> None:
    auditor, own = make.person(story.company, Role.AUDITOR), make.person(story.company, Role.OFFICE)
    proposal = story.proposal(lead=make.person(story.company, manager=auditor))
    mine = story.proposal(lead=own, title="Of an officer")
    story.put(proposal)
    story.put(mine)
    assert [one.person_id for one in db.session.scalars(select(Conflict))] == [auditor.id]
    assert sees(own, mine)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2)), min_size=6, max_size=6))
def test_the_statement_tells_what_the_python_tells(make: Make, given: list[tuple[int, int, int]]) -> None:
    """Managers and cost centres at random: both derivations agree on every pair of person and proposal."""
    company, call = make.company(), make.call()
    persons: list[Person] = [make.person(company, cost_center=f"C{center}" if center else None) for *_, center in given]
    with transaction():
        for person, (manager, *_) in zip(persons, given, strict=True):
            person.manager_id = None if persons[manager] is person else persons[manager].id
    proposals = [make.proposal(call, persons[lead]) for _, lead, _ in given[:3]]
    told = queries.derive(proposals, persons)
    for person in persons:
        ours = set(db.session.scalars(derived_against(person)))
        theirs = {key for key, found in told.items() if found.get(person.id, set()) - {ConflictKind.TEAM_MEMBER}}
        assert ours & set(told) == theirs
        kept = {one.id for one in proposals if queries.is_conflicted(person, one)}
        assert kept == theirs | {one.id for one in proposals if one.lead_id == person.id}
