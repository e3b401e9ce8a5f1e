"""The committee at its table: agenda, who must leave, votes, minutes; and a decision taken back with its letters."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.people.models import Person
from incubator.reviews import queries, services
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Choice, Meeting, MeetingItem
from incubator.reviews.states import DecisionState
from tests.reviews.conftest import Story, decision_of
from tests.reviews.test_sight import hide


def convened(story: Story, *here: Person) -> Meeting:
    with transaction():
        meeting = services.convene(story.chair, story.round)
    with transaction():
        services.note_presence(story.chair, meeting, here=[one.public_id for one in here])
    return meeting


def take(step: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """A step in a transaction of its own."""
    with transaction():
        return step(*given, **more)


def item_of(meeting: Meeting, person: Person, at: int = 0) -> MeetingItem:
    return db.session.get_one(MeetingItem, queries.agenda(meeting, person)[at].id)


def test_agenda_votes_minutes_and_the_second_vote(story: Story):
    story.reviewed((5,) * 4, (4,) * 4, title="Best")
    story.reviewed((4,) * 4, (4,) * 4, title="Second")
    with pytest.raises(WrongState):
        take(services.convene, story.chair, story.round)
    story.step("close_round")
    meeting = convened(story, story.chair, story.first)
    with pytest.raises(WrongState):
        take(services.convene, story.chair, story.round)
    assert [row.title for row in queries.agenda(meeting, story.chair)] == ["Best", "Second"]
    item = item_of(meeting, story.chair)
    with pytest.raises(WrongState):
        take(services.vote, story.first, item, choice=Choice.ACCEPT)
    with pytest.raises(NotAllowed):
        take(services.open_item, story.first, item)
    take(services.open_item, story.chair, item)
    take(services.vote, story.first, item, choice=Choice.ACCEPT)
    take(services.vote, story.chair, item, choice=Choice.REJECT)
    with pytest.raises(WrongState):
        take(services.vote, story.first, item, choice=Choice.REJECT)
    with pytest.raises(NotAllowed):
        take(services.vote, story.second, item, choice=Choice.ACCEPT)
    take(services.vote_again, story.chair, item)
    take(services.vote, story.first, item, choice=Choice.ABSTAIN)
    votes = queries.votes_of(meeting, story.chair)
    assert [dict(votes.counts[item.id, n]) for n in (1, 2)] == [{"accept": 1, "reject": 1}, {"abstain": 1}]
    with pytest.raises(Invalid):
        take(services.note, story.chair, item, minutes="", allotted=0)
    take(services.close_item, story.chair, item, minutes=" Agreed. ", allotted=15)
    with pytest.raises(WrongState):
        take(services.close_item, story.chair, item, minutes="Again", allotted=15)
    other = item_of(meeting, story.chair, 1)
    take(services.move_item, story.chair, other, up=True)
    take(services.move_item, story.chair, other, up=True)
    assert [row.title for row in queries.agenda(meeting, story.chair)] == ["Second", "Best"]
    take(services.open_item, story.chair, other)
    take(services.open_item, story.chair, item)
    db.session.refresh(other)
    assert other.closed_at is not None
    take(services.end, story.chair, meeting)
    assert item.minutes == "Agreed."
    assert item.closed_at is not None
    with pytest.raises(WrongState):
        take(services.end, story.chair, meeting)


def test_who_is_in_conflict_leaves_and_reads_no_word_of_it(story: Story):
    proposal = story.reviewed((5,) * 4, (4,) * 4, title="Ours")
    hide(story, story.third, proposal)
    hide(story, story.chair, proposal)
    story.step("close_round")
    meeting = convened(story, story.chair, story.first, story.third)
    assert queries.must_leave(meeting, proposal.id) == {story.chair.id, story.third.id}
    assert queries.agenda(meeting, story.chair) == queries.agenda(meeting, story.third) == []
    item = item_of(meeting, story.first)
    with pytest.raises(NotAllowed):
        take(services.open_item, story.chair, item)
    take(services.open_item, story.first, item)
    with pytest.raises(NotAllowed):
        take(services.vote, story.third, item, choice=Choice.REJECT)
    take(services.vote, story.first, item, choice=Choice.ACCEPT)
    assert queries.votes_of(meeting, story.chair).counts == {}


def test_the_page_of_the_table(story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any):
    story.reviewed((5,) * 4, (4,) * 4, title="Best")
    story.step("close_round")
    chair, member = sign_in(story.chair), f"/rounds/{story.round.public_id}/meeting"
    assert "not open yet" in chair.get(member).text
    assert chair.post(member).status_code == 303
    meeting = queries.meeting_of(story.round)
    assert meeting is not None
    here = [story.chair.public_id, story.first.public_id]
    assert chair.post(f"{member}/presence", data={"here": here}).status_code == 303
    item = f"/agenda/{item_of(meeting, story.chair).public_id}"
    assert chair.post(f"{item}/open").status_code == 303
    assert "0 of 10 minutes" in chair.get(member).text
    assert count_statements(lambda: chair.get(member)) <= 10
    refused = chair.post(f"{item}/note", data={"minutes": "Long talk", "allotted": "0"})
    assert (refused.status_code, "Long talk" in refused.text, "from 1 to 240" in refused.text) == (422, True, True)
    first = sign_in(story.first)
    assert "your vote is asked" in first.get("/").text
    assert first.post(f"{item}/vote", data={"choice": "maybe"}).status_code == 422
    assert first.post(f"{item}/vote", data={"choice": "accept"}).status_code == 303
    assert "You have voted" in first.get(member).text
    chair = sign_in(story.chair)
    again = chair.post(f"{item}/vote-again", data={"minutes": "Once more", "allotted": "10"})
    assert (again.status_code, "Once more" in chair.get(member).text) == (303, True)
    assert chair.post(f"{item}/close", data={"minutes": "Done", "allotted": "10"}).status_code == 303
    assert chair.post(f"{member}/end").status_code == 303
    assert "Talked about" in chair.get(member).text


def test_a_decision_taken_back_voids_its_letters(story: Story, sign_in: Callable[..., FlaskClient]):
    proposal = story.reviewed((5,) * 4, (4,) * 4)
    story.decided()
    with pytest.raises(WrongState):
        take(services.reconsider, story.chair, decision_of(proposal), reason="Too soon")
    story.step("sign")
    story.step("sign", story.first)
    story.step("hold")
    with transaction():
        services.write_letters(story.round)
    before = decision_of(proposal)
    browser = sign_in(story.chair)
    assert browser.get(f"/decisions/{before.public_id}/letter-en.pdf").data[:4] == b"%PDF"
    assert browser.get(f"/decisions/{before.public_id}/letter-fr.pdf").status_code == 404
    address = f"/decisions/{before.public_id}/reconsider"
    assert browser.post(address, data={"reason": ""}).status_code == 422
    assert browser.post(address, data={"reason": "A figure was wrong"}).status_code == 303
    db.session.expire_all()
    after = decision_of(proposal)
    assert (before.state, after.state, after.outcome) == (
        DecisionState.SUPERSEDED, DecisionState.PREPARED, Verdict.ACCEPTED,
    )  # fmt: skip
    assert all(letter.voided_at for letter in before.letters)
    assert after.letters == after.signatures == []
    assert sign_in(story.first).get(f"/decisions/{after.public_id}/letter-en.pdf").status_code in {403, 404}


def test_many_at_once_say_what_became_of_each(story: Story, sign_in: Callable[..., FlaskClient]):
    proposals = [story.reviewed((5,) * 4, (4,) * 4, title=f"No {n}") for n in range(3)]
    story.decided()
    with transaction():
        services.override(story.chair, decision_of(proposals[0]), outcome=Verdict.REJECTED, reason="A")
    browser, address = sign_in(story.chair), f"/rounds/{story.round.public_id}/decisions-in-bulk"
    assert "No 1" in browser.get(address).text
    keys = [decision_of(one).public_id for one in proposals]
    for wrong in ({"id": keys, "outcome": "rejected"}, {"id": [], "outcome": "x", "reason": "A"}):
        assert browser.post(address, data=wrong).status_code == 422
    page = browser.post(address, data={"id": keys, "outcome": "rejected", "reason": "Doubles"})
    assert page.status_code == 200
    assert (page.text.count(">Done<"), page.text.count("Choose another outcome")) == (2, 1)
    assert {decision_of(one).outcome for one in proposals} == {Verdict.REJECTED}
    page = browser.post(address, data={"id": keys[:1], "outcome": "reconsider", "reason": "Doubles"})
    assert "Only a decision that is signed" in page.text
