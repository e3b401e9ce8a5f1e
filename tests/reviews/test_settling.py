"""An upheld appeal against a decision: the committee decides anew, by the same signatures, end to end."""

import pytest
from sqlalchemy import select

from incubator.core import audit, outbox
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.home import queries as home
from incubator.notifications.models import Notice
from incubator.people import access
from incubator.people.models import Role
from incubator.proposals import queries as proposal_queries
from incubator.proposals import services as proposals
from incubator.proposals.states import ProposalState
from incubator.reviews import queries, services
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Decision
from incubator.reviews.states import DecisionState
from incubator.ventures.models import Venture
from tests.reviews.conftest import decision_of


@pytest.fixture
def rejected(story):
    """Found too weak, released."""
    proposal = story.reviewed((2, 2, 2, 2), (2, 2, 2, 2), asked=10_000_000)
    story.released()
    assert proposal.state is ProposalState.REJECTED
    return proposal


@pytest.fixture
def upheld(rejected, story):
    with transaction():
        proposals.appeal(rejected.lead, rejected, reason="The pumps were overlooked")
    with transaction():
        proposals.answer_appeal(story.office, rejected, upheld=True, answer="They were")
    outbox.drain()
    return rejected


def act(name, actor, decision, **details):
    with transaction():
        return getattr(services, name)(actor, decision, **details)


def waits(person):
    return {row.kind for row in home.waiting_for(person)}


def letters(story):
    with transaction():
        services.write_letters(story.round)


def test_it_is_settled_by_two_and_supersedes(upheld, story):
    former = decision_of(upheld)
    assert (upheld.state, proposal_queries.is_referred(upheld)) == ("appealed", True)
    assert "decision.settle" in waits(story.chair)
    assert "proposal.answer_appeal" not in waits(story.office)
    kinds = db.session.scalars(select(Notice.kind).where(Notice.person_id == story.chair.id))
    assert "appeal.referred" in set(kinds)
    for actor in (story.office, upheld.lead):
        with pytest.raises(NotAllowed):
            act("settle", actor, former, outcome=Verdict.ACCEPTED, reason="The pumps")
    with pytest.raises(NotAllowed, match="chair"):
        act("settle", story.first, former, outcome=Verdict.ACCEPTED, reason="The pumps")
    for details, field in (
        ({"outcome": Verdict.NOT_DECIDABLE, "reason": "Why"}, "outcome"),
        ({"outcome": Verdict.ACCEPTED, "reason": " "}, "reason"),
        ({"outcome": Verdict.ACCEPTED, "reason": "x" * 4_001}, "reason"),
    ):
        with pytest.raises(Invalid) as refused:
            act("settle", story.chair, former, **details)
        assert refused.value.field == field
    decision = act("settle", story.chair, former, outcome=Verdict.ACCEPTED, reason="The pumps count")
    assert (former.state, decision.state, decision.override) == ("superseded", "prepared", True)
    assert {"decision.sign_settled"} <= waits(story.first) & waits(story.chair)
    act("sign_settled", story.chair, decision)
    with pytest.raises(WrongState, match="signed already"):
        act("sign_settled", story.chair, decision)
    with pytest.raises(WrongState):
        act("release_settled", story.chair, decision)
    act("sign_settled", story.first, decision)
    assert decision.state is DecisionState.HELD
    with pytest.raises(WrongState, match="letters"):
        act("release_settled", story.chair, decision)
    letters(story)
    db.session.expire_all()
    assert "decision.release_settled" in waits(story.chair)
    act("release_settled", story.chair, decision)
    assert (upheld.state, upheld.answer_by) == ("accepted", None)
    assert db.session.scalar(select(Venture).where(Venture.proposal_id == upheld.id)) is not None
    assert [step.name for step in proposal_queries.history(upheld)][-4:] == [
        "proposal.appeal", "proposal.refer_appeal", "proposal.answer_appeal", "proposal.charter",
    ]  # fmt: skip
    assert waits(story.chair) & {"decision.settle", "decision.sign_settled", "decision.release_settled"} == set()
    with pytest.raises(WrongState):
        act("settle", story.chair, decision, outcome=Verdict.REJECTED, reason="Again")


def test_until_the_new_one_is_released_the_proposer_reads_what_stands(upheld, story):
    former = decision_of(upheld)
    letter = queries.letter_file(upheld, "en")
    decision = act("settle", story.chair, former, outcome=Verdict.SHELVED, reason="Next year")
    for _ in ("prepared", "held"):
        assert queries.released_decision(upheld).id == former.id
        assert queries.letter_file(upheld, "en").id == letter.id
        if decision.state is DecisionState.PREPARED:
            act("sign_settled", story.chair, decision)
            act("sign_settled", story.first, decision)
            letters(story)
            db.session.expire_all()
    act("release_settled", story.chair, decision)
    assert queries.released_decision(upheld).id == decision.id
    assert queries.letter_file(upheld, "en").id != letter.id


def test_what_is_settled_is_not_overridden(upheld, story):
    decision = act("settle", story.chair, decision_of(upheld), outcome=Verdict.SHELVED, reason="Next year")
    with pytest.raises(WrongState, match="not waiting"):
        act("override", story.chair, decision, outcome=Verdict.NOT_DECIDABLE, reason="Never")
    with pytest.raises(WrongState, match="not waiting"):
        act("override", story.chair, decision, outcome=Verdict.ACCEPTED, reason="After all")


def test_it_may_also_be_confirmed(upheld, story):
    decision = act("settle", story.chair, decision_of(upheld), outcome=Verdict.REJECTED, reason="Weighed, still weak")
    act("sign_settled", story.first, decision)
    act("sign_settled", story.second, decision)
    assert decision.state is DecisionState.PREPARED
    act("sign_settled", story.chair, decision)
    letters(story)
    act("release_settled", story.chair, decision)
    assert upheld.state is ProposalState.REJECTED


def test_a_released_decision_without_an_upheld_appeal_stands(rejected, story):
    with pytest.raises(WrongState):
        act("settle", story.chair, decision_of(rejected), outcome=Verdict.ACCEPTED, reason="Why not")


def test_conditions_are_settled_as_met_or_not(make, story, rejected):
    with transaction():
        rejected.state = ProposalState.ACCEPTED_CONDITIONAL
    former = decision_of(rejected)
    with pytest.raises(Invalid):
        act("settle", story.chair, former, outcome=Verdict.SHELVED, reason="Neither")
    decision = act("settle", story.chair, former, outcome=Verdict.REJECTED, reason="Not met")
    for signer in (story.chair, story.first):
        act("sign_settled", signer, decision)
    letters(story)
    act("release_settled", story.chair, decision)
    assert rejected.state is ProposalState.REJECTED
    assert "proposal.settle" in {step.name for step in proposal_queries.history(rejected)}


def test_where_the_chair_is_in_conflict_members_act(upheld, story, make):
    with make.acting():
        audit.record("test.conflict", upheld)
        access.deny(story.chair.id, upheld, "conflict")
    assert "decision.settle" in waits(story.first)
    assert "decision.settle" not in waits(story.chair)
    former = decision_of(upheld)
    with pytest.raises(NotAllowed):
        act("settle", story.chair, former, outcome=Verdict.SHELVED, reason="Mine")
    decision = act("settle", story.first, former, outcome=Verdict.SHELVED, reason="Later")
    act("sign_settled", story.first, decision)
    act("sign_settled", story.second, decision)
    letters(story)
    act("release_settled", story.second, decision)
    assert upheld.state is ProposalState.SHELVED


def test_the_pages(upheld, story, sign_in, app, make):
    former = decision_of(upheld)
    at = f"/decisions/{former.public_id}/settle"
    chair = sign_in(story.chair)
    assert "They were" in chair.get(at).text
    refused = chair.post(at, data={"outcome": "accepted", "reason": ""})
    assert (refused.status_code, "Give the reason" in refused.text) == (422, True)
    new = chair.post(at, data={"outcome": "shelved", "reason": "Next year"}).location
    assert chair.get(at).location == new
    assert "Nobody has signed yet" in chair.get(new).text
    assert chair.post(f"{new}/sign").location == new
    first = sign_in(story.first, app.test_client())
    assert first.post(f"{new}/sign").location == new
    assert "letters are being written" in first.get(new).text
    letters(story)
    assert chair.post(f"{new}/release").location == new
    assert "nothing is to be decided anew" in chair.get(new).text
    stranger = sign_in(make.person(story.company, Role.REVIEWER), app.test_client())
    assert stranger.get(new).status_code == 404
    page = sign_in(upheld.lead, app.test_client()).get(f"/proposals/{upheld.public_id}").text
    assert "Appeal upheld: the committee decides anew" in page
    assert db.session.scalar(select(Decision.id).where(Decision.proposal_id == upheld.id, Decision.state == "released"))
