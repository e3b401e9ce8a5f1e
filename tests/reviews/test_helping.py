"""Wishes before an assignment, a cap on chances, sub-reviewers, and ratings of reviews."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from incubator.calls.models import Blinding
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import services as people
from incubator.people.models import Person, Role
from incubator.people.predicates import SYSTEM
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import ConflictKind, HelpState, Review, ReviewBid, SubReview, Wish
from tests.make import Make
from tests.reviews.conftest import Story, content
from tests.reviews.test_correcting import change_manager

SETTINGS = {
    "reviews": 1, "least": 0, "most": 9, "unknown": 20, "per_company": None, "seats": [], "needs_senior": False,
    "fair": False, "partial": False, "members": {},
}  # fmt: skip


def assigned(story: Story, **more: Any) -> Any:
    with transaction():
        run = services.prepare_assignment(story.office, story.call, settings=SETTINGS | more)
    jobs.assign_reviewers()
    db.session.refresh(run)
    return run


@pytest.fixture
def browser_of(app: Flask, sign_in: Callable[..., FlaskClient]) -> Callable[[Person], FlaskClient]:
    """A browser of their own for each person."""
    return lambda person: sign_in(person, app.test_client())


def kinds(person: Person) -> list[str]:
    rows = select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)
    return [kind for kind in db.session.scalars(rows) if kind.startswith("review.help")]


def test_the_assignment_goes_by_what_reviewers_want(
    story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any
) -> None:
    wanted, hidden = story.proposal(title="Wanted"), story.proposal(title="Of my manager")
    change_manager(story.third, hidden.lead)
    browser = sign_in(story.third)
    page = browser.get("/reviews/wishes").text
    assert ("Wanted" in page, "Of my manager" in page) == (True, False)
    address = f"/calls/{story.call.public_id}/wishes"
    data = {f"w-{wanted.public_id}": "want", f"w-{hidden.public_id}": "want", "w-nothing": "want"}
    assert browser.post(address, data=data).status_code == 303
    kept = db.session.scalars(select(ReviewBid)).one()
    assert (kept.proposal_id, kept.wish) == (wanted.id, Wish.WANT)
    rows = {row.name: row for row in queries.pairs_of(assigned(story))}
    assert "Ma Li" in rows
    with transaction():
        assert services.save_bids(story.third, story.call, wishes={wanted.public_id: None}) == 1
        assert services.save_bids(story.third, story.call, wishes={wanted.public_id: None}) == 0
    assert db.session.scalars(select(ReviewBid)).all() == []
    with pytest.raises(NotAllowed), transaction():
        services.save_bids(story.chair, story.call, wishes={})
    one = count_statements(lambda: browser.get("/reviews/wishes"))
    story.proposal()
    assert count_statements(lambda: browser.get("/reviews/wishes")) == one <= 8


def test_a_cap_on_chances_is_kept_told_and_worked_out_again(story: Story, sign_in: Callable[..., FlaskClient]) -> None:
    for n in range(3):
        story.proposal(title=f"P{n}")
    run = assigned(story, parts=2)
    assert (run.result["status"], run.result["chance"]["parts"], run.result["proof"]["gap"]) == ("done", 2, 0)
    assert "No pair was surer than one in 2" in sign_in(story.office).get(f"/assignments/{run.public_id}").text
    with pytest.raises(Invalid, match="joined"), transaction():
        services.prepare_assignment(story.office, story.call, settings=SETTINGS | {"parts": 2, "fair": True})
    form = {"reviews": "1", "least": "0", "most": "9", "unknown": "20", "company": "any", "parts": "3"}
    answer = sign_in(story.office).post(f"/calls/{story.call.public_id}/reviewers", data=form)
    assert answer.status_code == 303
    both = form | {"senior": "y", **{f"senior_{one.public_id}": "y" for one in (story.first, story.second)}}
    for parts, words in (("2", "the seed drew one"), ("3", "there are not so many")):
        made = sign_in(story.office).post(f"/calls/{story.call.public_id}/reviewers", data=both | {"parts": parts})
        jobs.assign_reviewers()
        assert words in sign_in(story.office).get(made.location).text


def cleared(story: Story, title: str = "Heat") -> Review:
    review, _other = story.put(story.proposal(title=title))
    with transaction():
        services.declare(story.first, review, has_conflict=False)
    return review


def test_a_colleague_gives_an_opinion_once_the_office_agrees(
    story: Story, browser_of: Callable[[Person], FlaskClient]
) -> None:
    review, helper = cleared(story), story.make.person(story.company)
    reviewer, address = browser_of(story.first), f"/reviews/{review.public_id}/help"
    assert reviewer.post(address, data={"hr_number": "0", "reason": "Chemistry"}).status_code == 422
    asked = {"hr_number": helper.hr_number, "reason": "Chemistry"}
    assert reviewer.post(address, data=asked).status_code == 303
    wish = db.session.scalars(select(SubReview)).one()
    office, here = browser_of(story.office), f"/sub-reviews/{wish.public_id}"
    assert "Chemistry" in office.get("/hand-overs/").text
    assert browser_of(helper).get(here).status_code == 404
    assert office.post(f"{here}/answer", data={"answer": "approve"}).status_code == 303
    mine = browser_of(helper)
    assert "Reuse the heat." not in mine.get(here).text
    assert mine.post(f"{here}/declare", data={}).status_code == 422
    assert mine.post(f"{here}/declare", data={"conflict": "no"}).status_code == 303
    assert "Reuse the heat." in mine.get(here).text
    assert mine.post(f"{here}/give", data={"opinion": " "}).status_code == 422
    refused = mine.post(f"{here}/give", data={"opinion": "Sound.", "score_team": "9", "score_fit": "2"})
    assert (refused.status_code, "Choose a score from 1 to 5." in refused.text) == (422, True)
    given = {"opinion": "Sound chemistry.", "score_team": "4", "score_fit": ""}
    assert mine.post(f"{here}/give", data=given).status_code == 303
    assert wish.scores == {"team": 4}
    for page in (reviewer.get(address).text, mine.get(here).text):
        assert ("Sound chemistry." in page, "<dd>4</dd>" in page) == (True, True)
    with pytest.raises(DBAPIError, match="never changed"), db.session.begin_nested():
        db.session.execute(text("UPDATE sub_review SET scores = '{}'"))
    assert (kinds(story.office), kinds(helper)) == (["review.help_asked"], ["review.help"])
    assert kinds(story.first) == ["review.help_given"]
    assert browser_of(story.second).get(here).status_code == 404
    with pytest.raises(WrongState), transaction():
        services.give_opinion(helper, wish, opinion="More.")


def test_nobody_in_conflict_helps_and_who_steps_back_frees_the_place(story: Story) -> None:
    review = cleared(story)
    helper, close = story.make.person(story.company), story.make.person(story.company)
    change_manager(close, review.proposal.lead)
    for wrong in (close, story.second, review.proposal.lead):
        with pytest.raises(Invalid, match="Nobody with this number"), transaction():
            services.ask_help(story.first, review, hr_number=wrong.hr_number, reason="Help")
    with pytest.raises(Invalid, match="Give the reason"), transaction():
        services.ask_help(story.first, review, hr_number=helper.hr_number, reason="")
    with transaction():
        wish = services.ask_help(story.first, review, hr_number=helper.hr_number, reason="Help")
    other = story.make.person(story.company)
    with pytest.raises(WrongState), transaction():
        services.ask_help(story.first, review, hr_number=other.hr_number, reason="Help")
    change_manager(helper, review.proposal.lead)
    with pytest.raises(Invalid, match="refuse it"), transaction():
        services.answer_help(story.office, wish, approves=True)
    with transaction():
        helper.manager_id = None
    with transaction():
        services.answer_help(story.office, wish, approves=True)
    with pytest.raises(WrongState), transaction():
        services.answer_help(story.office, wish, approves=False)
    with pytest.raises(Invalid, match="few words"), transaction():
        services.declare_for_help(helper, wish, has_conflict=True)
    with transaction():
        services.declare_for_help(helper, wish, has_conflict=True, statement="My cousin leads it.")
    assert (wish.state, queries.help_of(review), kinds(story.first)) == (
        HelpState.RECUSED,
        None,
        ["review.help_refused"],
    )


def wished(story: Story, review: Review, helper: Person) -> SubReview:
    with transaction():
        return services.ask_help(story.first, review, hr_number=helper.hr_number, reason="Help")


def helped(story: Story, review: Review, helper: Person) -> SubReview:
    """Approved, and declared to be free of conflict."""
    wish = wished(story, review, helper)
    with transaction():
        services.answer_help(story.office, wish, approves=True)
    with transaction():
        services.declare_for_help(helper, wish, has_conflict=False)
    return wish


def test_nobody_approves_help_of_their_own(story: Story) -> None:
    review = cleared(story)
    officer = story.make.person(story.company, Role.OFFICE)
    wish = wished(story, review, officer)
    with pytest.raises(NotAllowed), transaction():
        services.answer_help(officer, wish, approves=True)
    assert (queries.sub_reviews_waiting(officer), queries.sub_reviews_waiting(story.office)) == ([], [wish])
    with transaction():
        people.give_role(SYSTEM, story.company, person=story.first, role=Role.OFFICE)
    with pytest.raises(NotAllowed), transaction():
        services.answer_help(story.first, wish, approves=True)
    assert queries.sub_reviews_waiting(story.first) == []


def test_the_dossier_closes_to_a_helper_with_the_review(
    story: Story, browser_of: Callable[[Person], FlaskClient]
) -> None:
    helper, other = story.make.person(story.company), story.make.person(story.company)
    review = cleared(story)
    wish, gone = helped(story, review, helper), cleared(story, "Gone")
    lost = helped(story, gone, other)
    with transaction():
        services.give_opinion(helper, wish, opinion="Sound chemistry.")
        services.seal(story.first, review, content=content(4))
        services.recuse(story.first, gone, statement="My cousin leads it.")
    page = browser_of(helper).get(f"/sub-reviews/{wish.public_id}").text
    assert ("Sound chemistry." in page, "Reuse the heat." in page) == (True, False)
    assert browser_of(other).get(f"/sub-reviews/{lost.public_id}").status_code == 404
    with pytest.raises(WrongState), transaction():
        services.give_opinion(other, lost, opinion="Late.")


def test_a_helper_in_conflict_is_kept_from_the_proposal(story: Story) -> None:
    helper, review = story.make.person(story.company), cleared(story)
    wish = wished(story, review, helper)
    with transaction():
        services.answer_help(story.office, wish, approves=True)
    with transaction():
        services.declare_for_help(helper, wish, has_conflict=True, statement="My cousin leads it.")
    (written,) = queries.conflicts_of(review.proposal)
    assert (written.person_id, written.kind, queries.is_conflicted(helper, review.proposal)) == (
        helper.id, ConflictKind.DECLARED, True,
    )  # fmt: skip


def test_in_a_blind_call_asking_a_colleague_tells_nothing_of_who_proposes(make: Make) -> None:
    story = Story(make, blinding=Blinding.BOTH_HIDDEN)
    proposal = story.proposal()
    with transaction():
        services.anonymise(story.office, proposal, title="Heat", answers={})
    with transaction():
        services.approve_text(story.office, proposal)
    review = story.put(proposal)[0]
    with transaction():
        services.declare(story.first, review, has_conflict=False)
    with pytest.raises(Invalid, match="Nobody with this number"):
        wished(story, review, story.second)
    wish = wished(story, review, proposal.lead)
    with pytest.raises(Invalid, match="refuse it"), transaction():
        services.answer_help(story.office, wish, approves=True)


def test_a_sealed_review_is_rated_and_its_reviewer_reads_it_without_a_name(
    story: Story, sign_in: Callable[..., FlaskClient]
) -> None:
    story.reviewed((4,) * 4, (5,) * 4)
    review = db.session.scalars(select(Review).where(Review.reviewer_id == story.first.id)).one()
    address = f"/reviews/{review.public_id}/rate"
    for who in (story.chair, story.second):
        browser = sign_in(who)
        assert browser.post(address, data={"note": "Kept"}).status_code == 422
        assert browser.post(address, data={"helpful": "3", "note": f"Clear, says {who.public_id}"}).status_code == 303
    assert [sign_in(who).get(address).status_code for who in (story.first, story.third, story.office)] == [404] * 3
    own = sign_in(story.first).get(f"/reviews/{review.public_id}/said").text
    assert (own.count("Clear, says"), "He Wen" in own[own.index("<main") : own.index("</main>")]) == (2, False)
    assert "How helpful others found your reviews" in sign_in(story.first).get("/reviews/mine").text
    assert sign_in(story.chair).get(f"/reviews/{review.public_id}/chair").text.count("Clear, says") == 2
    with pytest.raises(Invalid), transaction():
        services.rate_review(story.chair, review, helpful=4)
