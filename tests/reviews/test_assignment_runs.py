"""The office's assignment: asked for, worked out by the job, looked at, changed, published, refused with reasons."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.proposals.states import ProposalState
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import AssignmentPair, AssignmentRun, Review
from incubator.reviews.services import assignment_runs
from incubator.reviews.states import RunState
from tests.reviews.conftest import Story

SETTINGS: dict[str, Any] = {
    "reviews": 2, "least": 0, "most": 10, "unknown": 20, "per_company": None, "seats": [], "needs_senior": False,
    "fair": False, "partial": False, "members": {},
}  # fmt: skip
FIELDS = {"reviews": "2", "least": "0", "most": "10", "unknown": "20", "company": "any"}


def prepared(story: Story, **settings: Any) -> AssignmentRun:
    """A run under these settings, worked out."""
    with transaction():
        run = services.prepare_assignment(story.office, story.call, settings=SETTINGS | settings)
    jobs.assign_reviewers()
    return run


def chosen(run: AssignmentRun) -> set[tuple[str, str]]:
    rows = db.session.scalars(select(AssignmentPair).where(AssignmentPair.run_id == run.id, ~AssignmentPair.dropped))
    return {(pair.proposal.title, pair.reviewer.name) for pair in rows}


def test_it_is_worked_out_proven_and_explained(story: Story):
    story.proposal(title="One", lead=story.make.person(story.company, manager=story.third))
    story.proposal(title="Two")
    run = prepared(story)
    assert (run.state, run.progress, run.result["status"]) == (RunState.DONE, 100, "done")
    assert (run.result["proof"]["gap"], run.result["proof"]["faults"], run.result["filled"]) == (0, [], 4)
    assert {pair for pair in chosen(run) if pair[0] == "One"} == {("One", "Gao Min"), ("One", "He Wen")}
    assert set(run.versions) == {"engine", "ortools", "numpy", "scipy"}


def test_loads_held_and_own_limits_count(story: Story):
    story.put(story.proposal(title="Given out"))
    story.proposal(title="New")
    run = prepared(
        story, most=1, members={story.third.public_id: {"most": 2, "roles": [], "senior": True}}, partial=True
    )
    assert run.result["status"] == "blocked"
    assert chosen(run) == {("New", "Ma Li")}
    assert run.result["block"]["missing"] == 1


def test_what_a_reviewer_judged_before_counts(story: Story):
    judged = story.reviewed((5, 5, 5, 5), (4, 4, 4, 4), title="Membrane electrolyser for hydrogen")
    later = Story(story.make)
    later.call.committee_id = story.call.committee_id
    with transaction():
        db.session.add(later.call)
    later.proposal(title="Hydrogen membrane stacks")
    inputs = queries.assignment_inputs(later.call, later.office, SETTINGS)
    known = {key: one["texts"] for key, one in inputs["reviewers"].items()}
    assert judged.title in known[story.first.public_id][0]
    assert known[story.third.public_id] == []
    assert inputs["reviewers"][story.first.public_id]["themes"] == {judged.theme.public_id: 1}


def test_a_proposal_hidden_from_the_officer_is_left_to_another(story: Story):
    story.proposal(title="Open")
    hidden = story.proposal(title="Hidden")
    other = story.make.person(story.company, *(grant.role for grant in story.office.roles))
    with transaction(), audit.because(story.chair, "test.hide"):
        audit.record("test.hide", hidden)
        access.deny(story.office.id, hidden, "conflict")
    run = prepared(story)
    assert {title for title, _ in chosen(run)} == {"Open"}
    with transaction():
        whole = services.prepare_assignment(other, story.call, settings=SETTINGS)
    jobs.assign_reviewers()
    visible = {one.id for one in db.session.scalars(queries.runs_visible_to(story.office)).unique()}
    assert visible == {run.id}
    assert {title for title, _ in chosen(whole)} == {"Open", "Hidden"}


def test_settings_that_contradict_are_refused_at_their_field(story: Story):
    for settings, field in (
        ({}, "reviews"),
        ({"least": 11}, "least"),
        ({"reviews": 1, "seats": ["a", "b"]}, "reviews"),
    ):
        with pytest.raises(Invalid) as refused, transaction():
            services.prepare_assignment(story.office, story.call, settings=SETTINGS | settings)
        assert refused.value.field == field
        if not settings:
            story.proposal()


def test_by_hand_out_and_in_and_published_to_the_reviewers(story: Story):
    lead = story.make.person(story.company, manager=story.third)
    proposal = story.proposal(title="One", lead=lead)
    run = prepared(story, unknown=None)
    assert chosen(run) == set()
    with pytest.raises(Invalid, match="may not review"), transaction():
        services.add_pair(story.office, run, proposal=proposal.public_id, reviewer=story.third.public_id)
    with pytest.raises(Invalid, match="waits for reviewers"), transaction():
        services.add_pair(story.office, run, proposal="nothing", reviewer=story.third.public_id)
    for person in (story.first, story.second):
        with transaction():
            services.add_pair(story.office, run, proposal=proposal.public_id, reviewer=person.public_id)
    pair = {"proposal": proposal.public_id, "reviewer": story.second.public_id}
    with transaction():
        services.drop_pair(story.office, run, **pair)
    assert chosen(run) == {("One", "Gao Min")}
    with transaction():
        services.add_pair(story.office, run, **pair)
        services.publish_assignment(story.office, run)
    assert jobs.place_reviewers() == 1
    assert jobs.place_reviewers() == 0
    assert proposal.state is ProposalState.IN_REVIEW
    assert {review.reviewer.name for review in db.session.scalars(select(Review))} == {"Gao Min", "He Wen"}
    with pytest.raises(WrongState), transaction():
        services.drop_pair(story.office, run, **pair)


def test_what_cannot_be_placed_says_why_and_the_others_go_on(story: Story):
    story.proposal(title="One")
    short = story.proposal(title="Short")
    run = prepared(story)
    with transaction():
        for pair in db.session.scalars(select(AssignmentPair).where(AssignmentPair.proposal_id == short.id)).all()[:1]:
            services.drop_pair(story.office, run, proposal=short.public_id, reviewer=pair.reviewer.public_id)
        services.publish_assignment(story.office, run)
    assert jobs.place_reviewers() == 1
    problems = {
        pair.proposal.title: pair.problem for pair in db.session.scalars(select(AssignmentPair)) if pair.problem
    }
    assert problems == {"Short": "Choose at least 2 reviewers."}


def test_more_reviewers_for_what_is_under_review_already(story: Story):
    story.put(story.proposal(title="Under review"))
    run = prepared(story, reviews=3)
    assert chosen(run) == {("Under review", "Ma Li")}
    with transaction():
        services.publish_assignment(story.office, run)
    assert jobs.place_reviewers() == 1


def test_a_run_that_fails_says_so(story: Story, monkeypatch, caplog):
    story.proposal()
    monkeypatch.setattr(assignment_runs, "work_out_assignment", lambda *_: 1 / 0)
    assert prepared(story).state is RunState.FAILED
    assert "a run of a solver failed" in caplog.text


def test_the_office_does_it_in_the_browser(story: Story, sign_in: Callable[..., FlaskClient]):
    proposal = story.proposal(title="One")
    browser, address = sign_in(story.office), f"/calls/{story.call.public_id}/reviewers"
    assert "1 proposal can be given reviewers" in browser.get(address).text
    assert "Assign reviewers" in browser.get(f"/calls/{story.call.public_id}").text
    key = story.first.public_id
    refused = browser.post(address, data=FIELDS | {"reviews": "many", f"most_{key}": "-1"})
    assert (refused.status_code, "Enter a whole number" in refused.text) == (422, True)
    made = browser.post(address, data=FIELDS | {f"most_{key}": "3", f"senior_{key}": "y", "senior": "y"})
    page = made.location
    assert "being worked out: 0%" in browser.get(page).text
    jobs.assign_reviewers()
    text = browser.get(page).text
    assert "Gao Min" in text
    assert "Take out" in text
    assert f'name="most_{key}" value="3"' in browser.get(address).text
    pair = {"proposal": proposal.public_id, "reviewer": key}
    assert browser.post(f"{page}/drop", data=pair | {"reviewer": "nobody"}).status_code == 422
    assert browser.post(f"{page}/drop", data=pair).status_code == 303
    assert "Put back" in browser.get(page).text
    assert browser.post(f"{page}/add", data=pair | {"proposal": "none"}).status_code == 422
    assert browser.post(f"{page}/add", data=pair).status_code == 303
    assert browser.post(f"{page}/publish").status_code == 303
    assert "Being asked" in browser.get(page).text
    jobs.place_reviewers()
    assert "Asked" in browser.get(page).text
    for person in (story.first, story.chair):
        assert sign_in(person).get(page).status_code in {403, 404}


def test_a_blocked_and_a_ruled_out_assignment_are_told_in_words(story: Story, sign_in: Callable[..., FlaskClient]):
    for title in ("One", "Two"):
        story.proposal(title=title)
    browser = sign_in(story.office)
    for settings, words in (
        ({"most": 1}, "1 review is lacking."),
        ({"least": 4, "most": 9}, "of the least loads can’t be given"),
        ({"seats": ["finance"]}, "No assignment keeps all the rules"),
        ({"unknown": None}, "Nothing can be given to"),
        ({"fair": True}, "that no assignment can pass"),
        ({"per_company": 1, "partial": True}, "No assignment keeps all the rules"),
    ):
        assert words in browser.get(f"/assignments/{prepared(story, **settings).public_id}").text


def test_a_cap_on_chances_beside_the_worst_served_is_refused_at_its_field(story: Story) -> None:
    story.proposal()
    with pytest.raises(Invalid, match="joined with") as refused:
        prepared(story, parts=2, fair=True)
    assert refused.value.field == "parts"


def test_the_pages_cost_the_same_for_three_rows_as_for_one(
    story: Story, sign_in: Callable[..., FlaskClient], count_statements
):
    counts = []
    get = sign_in(story.office).get
    for titles in (("One",), ("Two", "Three")):
        for title in titles:
            story.proposal(title=title)
        page = f"/assignments/{prepared(story).public_id}"
        counts.append((count_statements(lambda p=page: get(p)), len(db.session.scalars(select(AssignmentPair)).all())))
    assert counts[0][0] == counts[1][0] <= 8
