"""A reviewer's evening beside the scoring form: the table, the offline form, own figures, reminders, handing over."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from incubator.calls.models import CommitteeMember, Seat
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import HandOver, HandOverState, Review
from incubator.reviews.services.reminding import RULE, Whom, steps_due
from incubator.reviews.states import ReviewState, RoundState
from tests.reviews.conftest import KEYS, Story, content
from tests.reviews.test_meetings import take
from tests.reviews.test_sight import hide

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cleared(story: Story, *titles: str) -> list[Review]:
    """Open reviews of the first reviewer."""
    found = []
    for title in titles:
        review = story.put(story.proposal(title=title))[0]
        take(services.declare, story.first, review, has_conflict=False)
        found.append(review)
    return found


def test_many_are_scored_in_one_table(story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any):
    one, two = cleared(story, "One", "Two")
    browser = sign_in(story.first)
    page = browser.get("/reviews/table").text
    assert ("One" in page, "Two" in page, "Reuse" in page or "Summary" in page) == (True, True, True)
    few = count_statements(lambda: browser.get("/reviews/table"))
    cleared(story, "Three")
    assert count_statements(lambda: browser.get("/reviews/table")) == few
    body = {f"s-{one.public_id}-team": "4", f"c-{one.public_id}": "high", f"r-{one.public_id}": "fund"}
    body |= {f"s-{two.public_id}-team": "9", f"v-{one.public_id}": "2", f"v-{two.public_id}": "2"}
    answer = browser.post("/reviews/table", data=body)
    assert (answer.status_code, "Choose a score from 1 to 5" in answer.text) == (200, True)
    db.session.expire_all()
    assert (services.saved(one).scores["team"], one.state) == (4, ReviewState.DRAFT)
    assert two.state is ReviewState.CLEARED
    stale = browser.post("/reviews/table", data={f"s-{one.public_id}-team": "5", f"v-{one.public_id}": "2"})
    assert "changed in another window" in stale.text
    fresh = {f"s-{one.public_id}-team": "5", f"v-{one.public_id}": str(one.version)}
    assert browser.post("/reviews/table", data=fresh).status_code == 303


def test_the_offline_form_comes_back_with_its_differences_shown(story: Story, sign_in: Callable[..., FlaskClient]):
    browser = sign_in(story.first)
    assert browser.get("/reviews/form.xlsx").status_code == 303
    assert browser.post("/reviews/form", data={}).status_code == 422
    (one,) = cleared(story, "One")
    take(services.save, story.first, one, content=content(3))
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/reviews/form.xlsx").data))
    sheet = book.active
    head = [cell.value for cell in sheet[1]]
    line = [cell.value for cell in sheet[2]]
    assert (line[0], line[3]) == (one.public_id, 3)
    sheet.cell(2, 4, 5)
    sheet.cell(2, 5, "Rests on the pilot")
    sheet.append(["nothing", "V-1", "Other"])
    assert len(head) == 3 + 2 * len(KEYS) + 3
    out = io.BytesIO()
    book.save(out)

    def send(data: bytes) -> Any:
        return browser.post("/reviews/form", data={"file": (io.BytesIO(data), "reviews.xlsx", XLSX)})

    answer = send(out.getvalue())
    assert (answer.status_code, "was 3" in answer.text, "Rests on the pilot" in answer.text) == (422, True, True)
    assert "of no review that is open to you" in answer.text
    db.session.expire_all()
    assert services.saved(one).scores["uniqueness"] == 3
    assert send(b"no workbook").status_code == 422
    body = {f"s-{one.public_id}-uniqueness": "5", f"n-{one.public_id}-uniqueness": "Rests on the pilot"}
    assert browser.post("/reviews/table", data=body | {f"v-{one.public_id}": str(one.version)}).status_code == 303
    db.session.expire_all()
    assert (services.saved(one).scores["uniqueness"], services.saved(one).notes["uniqueness"]) == (
        5, "Rests on the pilot",
    )  # fmt: skip


def test_own_figures_stand_against_the_committees_without_names(story: Story, sign_in: Callable[..., FlaskClient]):
    browser = sign_in(story.first)
    assert "Nothing sealed yet" in browser.get("/reviews/mine").text
    story.reviewed((5,) * 4, (3,) * 4)
    own = queries.own_figures(story.first)
    assert (own.done, own.all, own.mean, own.committee) == (1, 1, 500, None)
    fourth, fifth = (story.make.person(story.company, name=name) for name in ("Fang Rui", "Hu Jie"))
    committee = story.call.committee
    for person in (fourth, fifth):
        story.make.add(CommitteeMember(committee=committee, person=person, seat=Seat.MEMBER))
    for _ in range(4):
        proposal = story.proposal()
        for review, score in zip(story.put(proposal, story.second, fourth, fifth), (3, 2, 1), strict=True):
            story.review(review, score)
    own = queries.own_figures(story.first)
    assert own.committee == round((5 * 300 + 4 * 200 + 4 * 100) / 13)
    assert own.scores[0][3] == {5: 1}
    assert own.scores[0][4] == {3: 5, 2: 4, 1: 4}
    text = browser.get("/reviews/mine").text
    assert "He Wen" not in text
    hidden = story.reviewed((1,) * 4, (1,) * 4)
    before = queries.own_figures(story.first).all
    hide(story, story.first, hidden)
    assert queries.own_figures(story.first).all == before - 1


def test_a_note_written_twice_is_pointed_out(story: Story, sign_in: Callable[..., FlaskClient]):
    one, two = cleared(story, "One", "Two")
    note = {"team": "A strong team with a record in heat"}
    take(services.seal, story.first, one, content=content(4, notes=note))
    assert queries.repeated_notes(one) == []
    body = {f"score_{key}": "4" for key in KEYS} | {"confidence": "high", "recommendation": "fund"}
    answer = sign_in(story.first).post(
        f"/reviews/{two.public_id}/seal", data=body | {"note_team": note["team"]}, follow_redirects=True
    )
    assert "word for word" in answer.text
    assert queries.repeated_notes(two) == ["team"]
    assert "Word for word" in sign_in(story.chair).get(f"/reviews/{two.public_id}/chair").text


def test_the_rule_of_reminders():
    due = dt.date(2026, 11, 20)

    def names(day: int) -> list[str]:
        return [step.name for step in steps_due(due, due + dt.timedelta(days=day))]

    assert [names(day) for day in (-8, -7, -1, 1, 2, 9)] == [
        [], ["week_before"], ["day_before"], ["late"], ["late", "late_chair"], ["late", "late_chair", "late_office"],
    ]  # fmt: skip
    assert [step.whom for step in RULE][-2:] == [Whom.CHAIR, Whom.OFFICE]


def test_reminders_go_once_and_never_to_who_is_kept_from_it(story: Story, monkeypatch: pytest.MonkeyPatch):
    proposal = story.proposal(title="Slow")
    story.put(proposal)
    hide(story, story.chair, proposal)
    day = story.call.review_due_on + dt.timedelta(days=4)
    monkeypatch.setattr(clock, "today", lambda *_: day)
    assert jobs.remind_reviewers() == 6
    assert jobs.remind_reviewers() == 0
    told = db.session.execute(
        select(Notice.person_id, Notice.kind, func.count()).group_by(Notice.person_id, Notice.kind)
    )
    found = {(person, kind): n for person, kind, n in told if "late" in kind}
    assert found == {
        (story.first.id, "review.late"): 1, (story.second.id, "review.late"): 1, (story.office.id, "review.late_of"): 2,
    }  # fmt: skip


def test_the_chair_reminds_once_a_day_of_what_the_chair_may_see(
    story: Story, sign_in: Callable[..., FlaskClient]
) -> None:
    hidden = story.proposal(title="Hidden")
    story.put(story.proposal(title="Slow"))
    story.put(hidden)
    hide(story, story.chair, hidden)
    browser, page = sign_in(story.chair), f"/rounds/{story.round.public_id}"
    assert f'action="{page}/remind"' in browser.get(page).text
    for words in ("Reminders went out: 2,", "Everybody was reminded today already."):
        assert browser.post(f"{page}/remind").status_code == 303
        assert words in browser.get(page).text
    told = db.session.execute(select(Notice.person_id, Notice.kind).where(Notice.kind == "review.due_soon"))
    assert sorted(told) == sorted([(story.first.id, "review.due_soon"), (story.second.id, "review.due_soon")])
    with pytest.raises(NotAllowed):
        take(services.remind_now, story.third, story.round)
    with transaction():
        story.round.state = RoundState.CLOSED
    assert browser.post(f"{page}/remind").status_code == 409


def test_a_review_is_handed_over_when_the_office_agrees(story: Story, sign_in: Callable[..., FlaskClient]):
    (one, two) = cleared(story, "One", "Two")
    browser, address = sign_in(story.first), f"/reviews/{one.public_id}/hand-over"
    assert browser.post(address, data={"to": "nobody", "reason": "Away"}).status_code == 422
    assert browser.post(address, data={"to": story.third.public_id, "reason": ""}).status_code == 422
    assert browser.post(address, data={"to": story.third.public_id, "reason": "Away"}).status_code == 303
    with pytest.raises(WrongState):
        take(services.ask_hand_over, story.first, one, to=story.third.public_id, reason="Again")
    assert "Ma Li" in browser.get(address).text
    take(services.ask_hand_over, story.first, two, to=story.second.public_id, reason="Away")
    office = sign_in(story.office)
    assert "asks to hand a review over" in office.get("/").text
    page = office.get("/hand-overs/").text
    assert page.count("Away") == 2
    wishes = {wish.review_id: wish for wish in db.session.scalars(select(HandOver))}
    taken = f"/hand-overs/{wishes[one.id].public_id}"
    refused = office.post(f"/hand-overs/{wishes[two.id].public_id}", data={"answer": "approve"})
    assert (refused.status_code, "may not review this proposal" in refused.text) == (422, True)
    assert office.post(f"/hand-overs/{wishes[two.id].public_id}", data={"answer": "refuse"}).status_code == 303
    assert office.post(taken, data={"answer": "approve"}).status_code == 303
    assert office.post(taken, data={"answer": "approve"}).status_code == 409
    db.session.expire_all()
    assert (one.state, two.state) == (ReviewState.DECLINED, ReviewState.CLEARED)
    assert {wish.state for wish in wishes.values()} == {HandOverState.APPROVED, HandOverState.REFUSED}
    assert queries.live_review(story.round, one.proposal, story.third) is not None
    with pytest.raises(Invalid):
        take(services.ask_hand_over, story.first, two, to="nobody", reason="A")


def test_save_and_next_goes_on_in_the_order_of_the_list(story: Story, sign_in: Callable[..., FlaskClient]):
    one, two, three = cleared(story, "One", "Two", "Three")
    browser = sign_in(story.first)
    for now, then in ((one, two), (two, three), (three, one)):
        answer = browser.post(f"/reviews/{now.public_id}/save?next=1", data={"score_team": "4"})
        assert answer.location.endswith(then.public_id)
