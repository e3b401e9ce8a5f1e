"""Questions and their answers as reviewers see them; from the shelf into another call."""

import datetime as dt

import pytest
from sqlalchemy import select

from incubator.core import clock, outbox
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.models import Role
from incubator.proposals import services as proposals
from incubator.proposals.services import Asked
from incubator.proposals.states import ProposalState
from incubator.reviews import services
from incubator.reviews.models import Decision
from tests.reviews.conftest import FORM, RULE, decision_of


def notices(person):
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


def test_reviewers_are_told_of_answers_and_see_what_is_new(story, sign_in, make):
    proposal = story.proposal()
    first, second = story.put(proposal)
    story.review(first, 4)
    day = clock.today() + dt.timedelta(days=3)
    with transaction():
        proposals.ask(story.chair, proposal, questions=[Asked("How much heat?")], due_on=day)
    with pytest.raises(WrongState, match="wait for their answers"):
        story.step("close_round")
    with transaction():
        proposals.answer(proposal.lead, proposal, answers={1: "Forty *kilowatts*"})
    outbox.drain()
    assert (notices(story.first)[-1], notices(story.second)[-1]) == ("review.answered", "review.assigned")
    client = sign_in(story.first)
    html = client.get(f"/reviews/{first.public_id}").text
    assert "New since you last looked" in html
    assert "Forty <em>kilowatts</em>" in html
    with transaction():
        services.declare(story.second, second, has_conflict=False)
    html = sign_in(story.second).get(f"/reviews/{second.public_id}").text
    assert ("Forty <em>kilowatts</em>" in html, "New since you last looked" in html) == (True, False)


@pytest.fixture
def shelved(story):
    """Good, and over the budget."""
    first = story.reviewed((5, 5, 5, 5), (5, 5, 5, 5), asked=50_000_000)
    second = story.reviewed((4, 4, 4, 4), (4, 4, 4, 4), asked=10_000_000)
    story.released()
    assert (first.state, second.state) == (ProposalState.ACCEPTED, ProposalState.SHELVED)
    return second


@pytest.fixture
def later(story, make):
    """Another call of the same committee, theme and form."""
    return make.call(
        story.company, committee=story.call.committee, theme=story.theme, rule=make.rule(RULE), form=FORM
    )  # fmt: skip


def recall(story, proposal, call, reason="There is a budget now"):
    with transaction():
        return services.recall(story.office, proposal, call=call, reason=reason)


def test_a_recalled_one_is_judged_anew_and_its_old_decision_is_superseded(story, shelved, later):
    old = decision_of(shelved)
    recall(story, shelved, later)
    assert (shelved.state, shelved.call, old.state) == ("submitted", later, "superseded")
    assert notices(shelved.lead)[-1] == "proposal.recalled"
    with transaction():
        proposals.screen(story.office, shelved)
    story.call = later
    for review, score in zip(story.put(shelved), (5, 5), strict=True):
        story.review(review, score)
    story.released()
    assert shelved.state == ProposalState.ACCEPTED
    states = db.session.scalars(select(Decision.state).where(Decision.proposal_id == shelved.id).order_by(Decision.id))
    assert list(states) == ["superseded", "released"]


def test_a_call_that_does_not_take_it_is_refused(story, shelved, later, make):
    other_theme = make.call(story.company, committee=story.call.committee, form=FORM)
    other_form = make.call(
        story.company, committee=story.call.committee, theme=story.theme,
        form={"sections": [{**FORM["sections"][0], "fields": [{**FORM["sections"][0]["fields"][0], "key": "other"}]}]},
    )  # fmt: skip
    elsewhere = make.call()
    for call in (story.call, elsewhere, other_theme, other_form):
        with pytest.raises(Invalid) as refused:
            recall(story, shelved, call)
        assert refused.value.field == "call"
    with pytest.raises(Invalid) as refused:
        recall(story, shelved, later, reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(NotAllowed), transaction():
        services.recall(shelved.lead, shelved, call=later, reason="Mine")
    assert shelved.state == ProposalState.SHELVED


def test_the_page_of_recalling(story, shelved, later, sign_in, make):
    at = f"/proposals/{shelved.public_id}"
    client = sign_in(story.office)
    assert f"{at}/recall" in client.get(at).text
    assert "Recall from the shelf" in client.get(f"{at}/recall").text
    refused = client.post(f"{at}/recall", data={"call": later.public_id, "reason": ""})
    assert (refused.status_code, "Say why" in refused.text) == (422, True)
    assert client.post(f"{at}/recall", data={"call": later.public_id, "reason": "Budget"}).location == at
    assert client.get(f"{at}/recall").location == at
    stranger = make.person(make.company(), Role.OFFICE)
    assert sign_in(stranger).get(f"{at}/recall").status_code == 404
