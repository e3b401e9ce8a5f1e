"""Closing, deciding, signing, holding and releasing a round, with every refusal."""

import hashlib
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from incubator.core import audit, clock
from incubator.core.audit import AuditPayload
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.files import storage
from incubator.files.engines.checking import check
from incubator.files.engines.kinds import Kind
from incubator.home.queries import waiting_for
from incubator.ledger import services as ledger
from incubator.notifications.models import Notice
from incubator.people.models import Role
from incubator.proposals import services as proposals
from incubator.proposals.states import ProposalState
from incubator.reviews import jobs, queries, services
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Decision, DecisionSignature, Evaluation, Letter, Review
from incubator.reviews.services import BelowQuorum, PoolShort
from incubator.reviews.states import DecisionState, ReviewState, RoundState
from incubator.ventures.models import CreditGrant, Venture
from tests.make import Make
from tests.reviews.conftest import RULE, Story, decision_of

GOOD, FAIR, POOR = ((5, 5, 4, 4), (4, 4, 4, 4)), ((4, 4, 4, 4), (4, 4, 3, 4)), ((2, 2, 2, 2), (3, 3, 3, 3))


def states(story: Story) -> list[DecisionState]:
    """The states of the round's decisions that stand."""
    db.session.expire_all()
    return [decision.state for decision in queries.current_decisions(story.round)]


def kinds(person) -> list[str]:
    """What waits for a person."""
    return [waiting.kind for waiting in waiting_for(person) if waiting.address.startswith(("/rounds", "/reviews"))]


# ---- Closing


def test_closing_locks_what_is_sealed_expires_the_rest_and_sends_all_to_deliberation(story: Story) -> None:
    proposal = story.proposal()
    first, second, late = story.put(proposal, story.first, story.second, story.third)
    story.review(first, 4)
    story.review(second, 4)
    story.step("close_round")
    assert [r.state for r in (first, second, late)] == [ReviewState.LOCKED, ReviewState.LOCKED, ReviewState.EXPIRED]
    assert (proposal.state, story.round.state) == (ProposalState.DELIBERATION, RoundState.CLOSED)
    assert kinds(story.third) == []


def test_a_round_closes_only_with_the_quorum_of_every_proposal(story: Story) -> None:
    story.reviewed(*GOOD)
    story.put(story.proposal(title="Not yet read"))
    with pytest.raises(BelowQuorum) as refused:
        story.step("close_round")
    assert str(refused.value.message) == (
        "The rule asks for 2 sealed reviews of every proposal; 1 fall short: Not yet read"
    )
    assert story.round.state is RoundState.OPEN


def test_a_round_without_proposals_under_review_and_a_closed_one_are_not_closed(story: Story) -> None:
    proposal = story.reviewed(*GOOD)
    story.step("close_round")
    with pytest.raises(WrongState):
        story.step("close_round")
    assert proposal.state is ProposalState.DELIBERATION


@pytest.mark.parametrize("step", ["close_round", "prepare", "hold", "release"])
def test_only_the_chair_takes_the_steps_of_a_round(story: Story, step: str) -> None:
    story.put(story.proposal())
    for person in (story.first, story.office):
        with pytest.raises(NotAllowed):
            story.step(step, person)
    with pytest.raises(NotAllowed):
        story.step("sign", story.office)


# ---- Deciding


def test_the_rule_decides_by_score_minimum_and_budget_and_its_inputs_are_stored(story: Story) -> None:
    first = story.reviewed(*GOOD, asked=30_000_000)
    second = story.reviewed(*FAIR, asked=30_000_000, title="Second")
    third = story.reviewed(*POOR, asked=10, title="Third")
    story.decided()
    found = {d.proposal_id: d for d in queries.current_decisions(story.round)}
    results = [found[proposal.id] for proposal in (first, second, third)]
    assert [(d.outcome, d.result["reason"], d.result["rank"]) for d in results] == [
        (Verdict.ACCEPTED, "within_budget", 1), (Verdict.SHELVED, "over_budget", 2),
        (Verdict.REJECTED, "below_minimum", 3),
    ]  # fmt: skip
    (evaluation,) = db.session.scalars(select(Evaluation))
    assert found[first.id].inputs == evaluation.inputs
    assert found[first.id].inputs_hash == evaluation.inputs_hash
    assert {row["key"] for row in evaluation.inputs["rows"]} == {p.public_id for p in (first, second, third)}
    assert story.round.state is RoundState.DECIDED
    told = select(Notice.person_id).where(Notice.kind == "decision.prepared").order_by(Notice.person_id)
    assert list(db.session.scalars(told)) == [story.first.id, story.second.id, story.third.id]


def test_the_rule_decides_a_closed_round_once(story: Story) -> None:
    story.reviewed(*GOOD)
    with pytest.raises(WrongState):
        story.step("prepare")
    story.decided()
    with pytest.raises(WrongState):
        story.step("prepare")


def test_a_round_of_two_currencies_and_a_rule_that_cannot_be_applied_are_refused(story: Story) -> None:
    proposal = story.reviewed(*GOOD)
    given = story.make.rule(RULE | {"order": "given"})
    story.step("close_round")
    with transaction():
        proposal.currency = "USD"
    with pytest.raises(Invalid, match="one currency"):
        story.step("prepare")
    with transaction():
        proposal.currency = "CNY"
        story.round.rule = given
    with pytest.raises(Invalid, match="given_order"):
        story.step("prepare")


def test_a_decision_replays_equal_and_a_changed_one_does_not(story: Story) -> None:
    proposal = story.reviewed(*GOOD)
    story.decided()
    decision = decision_of(proposal)
    assert services.replay(decision) == services.Replay(True, ())
    with transaction():
        decision.result = decision.result | {"total": 500}
    assert services.replay(decision) == services.Replay(False, ("result",))
    with transaction():
        decision.outcome = Verdict.SHELVED
    assert services.replay_round(story.round)[decision.public_id].differences == ("result", "outcome")
    with transaction():
        db.session.execute(text("ALTER TABLE evaluation DISABLE TRIGGER USER"))  # as its owner can
        decision.evaluation.inputs = decision.evaluation.inputs | {"budgets": {story.theme.public_id: 1}}
    assert services.replay(decision).differences == ("inputs_hash", "result", "outcome")
    with transaction():
        decision.evaluation.inputs = {"engine": "older/0"}
    assert services.replay(decision) == services.Replay(False, ("these inputs belong to older/0, this is deciding/1",))


# ---- Otherwise than the rule


def test_an_override_takes_a_reason_another_outcome_and_comes_before_any_signature(story: Story) -> None:
    proposal = story.reviewed(*POOR)
    story.decided()
    decision = decision_of(proposal)

    def override(outcome: Verdict, reason: str = "The only one of its kind") -> None:
        with transaction():
            services.override(story.chair, decision, outcome=outcome, reason=reason)

    for outcome, reason, field in (
        (Verdict.ACCEPTED, " ", "reason"), (Verdict.REJECTED, "Same", "outcome"),
        (Verdict.NOT_DECIDABLE, "?", "outcome"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            override(outcome, reason)
        assert refused.value.field == field
    override(Verdict.ACCEPTED)
    assert (decision.outcome, decision.override, services.replay(decision).equal) == (Verdict.ACCEPTED, True, True)
    override(Verdict.REJECTED, "On second thoughts")
    assert (decision.outcome, decision.override) == (Verdict.REJECTED, False)
    story.step("sign")
    with pytest.raises(WrongState):
        override(Verdict.ACCEPTED)
    with pytest.raises(NotAllowed), transaction():
        services.override(story.first, decision, outcome=Verdict.ACCEPTED, reason="Mine")


def test_a_chair_in_conflict_neither_overrides_nor_signs_and_two_members_sign_instead(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.chair)
    hidden = story.reviewed(*GOOD, lead=lead)
    story.reviewed(*FAIR, title="In the open")
    story.decided()
    decision = decision_of(hidden)
    with pytest.raises(NotAllowed), transaction():
        services.override(story.chair, decision, outcome=Verdict.SHELVED, reason="?")
    assert [story.step("sign", p) for p in (story.chair, story.first, story.second)] == [0, 1, 1]
    signers = select(DecisionSignature.person_id).where(DecisionSignature.decision_id == decision.id)
    assert set(db.session.scalars(signers)) == {story.first.id, story.second.id}


# ---- Signing


def test_the_second_signer_is_never_the_chair(story: Story) -> None:
    story.reviewed(*GOOD)
    story.decided()
    assert story.step("sign") == 0
    with pytest.raises(WrongState):
        story.step("sign")
    assert states(story) == [DecisionState.PREPARED]
    assert story.step("sign", story.second) == 1
    assert states(story) == [DecisionState.SIGNED]
    with pytest.raises(WrongState):
        story.step("sign", story.third)


def test_two_members_without_the_chair_do_not_make_a_decision(story: Story) -> None:
    story.reviewed(*GOOD)
    story.decided()
    assert [story.step("sign", p) for p in (story.first, story.second, story.chair)] == [0, 0, 1]


def test_before_the_rule_decided_there_is_nothing_to_sign(story: Story) -> None:
    story.reviewed(*GOOD)
    with pytest.raises(WrongState, match="nothing to sign"):
        story.step("sign")


# ---- Holding and releasing


def test_letters_are_written_by_the_job_in_both_languages_once(story: Story, app: Flask) -> None:
    proposal = story.reviewed(*GOOD)
    story.decided()
    with pytest.raises(WrongState, match="two signatures"):
        story.step("hold")
    story.step("sign")
    story.step("sign", story.first)
    story.step("hold")
    assert (jobs.write_letters(), jobs.write_letters()) == (2, 0)
    english, chinese = db.session.scalars(select(Letter).order_by(Letter.language))
    assert f"has accepted your proposal “{proposal.title}” ({proposal.number})" in english.body
    assert ("获得通过" in chinese.body, proposal.title in chinese.body) == (True, True)
    assert (len(english.hash), english.released_at) == (32, None)
    for letter in (english, chinese):
        data = storage.read(letter.hash)
        assert check(data) is Kind.PDF
        assert (letter.file.sha256, letter.file.media_type) == (letter.hash, "application/pdf")
    assert english.hash != chinese.hash


def test_the_proposer_downloads_the_released_letter_and_nobody_sees_it_before(story: Story, sign_in: Any) -> None:
    proposal = story.reviewed(*GOOD)
    story.held()
    address = f"/proposals/{proposal.public_id}/decision-zh.pdf"
    browser = sign_in(proposal.lead)
    assert browser.get(address).status_code == 404
    story.step("release")
    letter = queries.released_decision(proposal).letters[1]
    answer = browser.get(address)
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert hashlib.sha256(answer.data).digest() == letter.hash
    assert f"{letter.file.name}" in answer.headers["Content-Disposition"]
    assert address in browser.get(f"/proposals/{proposal.public_id}").text
    event = audit.event_of(queries.released_decision(proposal), "decision.release")
    payload = db.session.scalar(select(AuditPayload.payload).where(AuditPayload.event_id == event.id))
    assert payload["letters"]["zh"] == letter.hash.hex()
    assert browser.get(address.replace("-zh", "-fr")).status_code == 404
    assert sign_in(story.make.person()).get(address).status_code == 404


def test_what_is_shelved_rejected_overridden_or_asks_nothing_gets_its_own_letter(story: Story) -> None:
    accepted = story.reviewed(*GOOD, asked=0)
    shelved = story.reviewed(*GOOD, asked=99_000_000, title="Too dear")
    rejected = story.reviewed(*POOR, title="Too early")
    story.decided()
    with transaction():
        services.override(story.chair, decision_of(rejected), outcome=Verdict.SHELVED, reason="Wait a year.")
    story.step("sign")
    story.step("sign", story.first)
    story.step("hold")
    with transaction():
        services.write_letters(story.round)
    story.step("release")
    body = {p.id: queries.released_decision(p).letters[0].body for p in (accepted, shelved, rejected)}
    assert "It asked for no credits." in body[accepted.id]
    assert ("on the shelf" in body[shelved.id], "too little" in body[shelved.id]) == (True, True)
    assert "Why: Wait a year." in body[rejected.id]
    assert (db.session.query(Venture).count(), db.session.query(CreditGrant).count()) == (1, 0)
    assert [p.state for p in (accepted, shelved, rejected)] == [
        ProposalState.ACCEPTED, ProposalState.SHELVED, ProposalState.SHELVED,
    ]  # fmt: skip


def test_nothing_is_released_before_every_letter_is_there_nor_twice(story: Story) -> None:
    story.reviewed(*GOOD)
    with pytest.raises(WrongState, match="not waiting"):
        story.step("release")
    story.decided()
    story.step("sign")
    story.step("sign", story.first)
    story.step("hold")
    with pytest.raises(WrongState, match="letters"):
        story.step("release")
    with transaction():
        services.write_letters(story.round)
    story.step("release")
    with pytest.raises(WrongState, match="not waiting"):
        story.step("release")


def untouched(story: Story) -> bool:
    """Nothing of a release happened."""
    db.session.expire_all()
    return (
        {d.state for d in queries.current_decisions(story.round)} == {DecisionState.HELD}
        and story.round.state is RoundState.DECIDED
        and db.session.query(Venture).count() == 0
        and db.session.scalar(select(func.count(Letter.id)).where(Letter.released_at.is_not(None))) == 0
    )


def test_a_pool_that_lacks_money_releases_nothing_and_says_how_much_is_lacking(make: Make) -> None:
    story = Story(make, pool=40_000_000, budget=60_000_000)
    story.reviewed(*GOOD, asked=25_000_000)
    story.reviewed(*FAIR, asked=25_000_000, title="Second")
    story.held()
    with pytest.raises(PoolShort) as refused:
        story.step("release")
    name = story.company.name["en"]
    assert str(refused.value.message) == (
        f"The pool of {name} for Clean energy {story.pool.year} holds ¥400,000.00 and the accepted proposals need "
        "¥500,000.00: ¥100,000.00 is lacking. Nothing was released."
    )
    assert untouched(story)
    assert ledger.account_of("pool", story.pool, "CNY").balance == 40_000_000


def test_without_any_pool_nothing_is_released(make: Make) -> None:
    story = Story(make)
    with transaction():
        story.pool.year -= 1
    story.reviewed(*GOOD)
    story.held()
    with pytest.raises(PoolShort, match="no credit pool"):
        story.step("release")
    assert untouched(story)


def test_a_proposal_withdrawn_meanwhile_is_superseded_and_the_others_go_on(story: Story) -> None:
    gone, stays = story.reviewed(*GOOD), story.reviewed(*FAIR, title="Stays")
    story.held()
    with transaction():
        proposals.withdraw(gone.lead, gone, reason="Leaving the group")
    story.step("release")
    assert (gone.state, stays.state) == (ProposalState.WITHDRAWN, ProposalState.ACCEPTED)
    assert sorted(db.session.scalars(select(Decision.state))) == [DecisionState.RELEASED, DecisionState.SUPERSEDED]


@pytest.mark.committed
def test_of_two_releases_at_once_exactly_one_happens(app: Flask, make: Make) -> None:
    story = Story(make)
    story.reviewed(*GOOD, asked=30_000_000)
    story.held()
    ids, found, gate = (story.chair.id, story.round.id), [], threading.Barrier(2)

    def run() -> None:
        with app.app_context():
            chair, round_ = db.session.get(type(story.chair), ids[0]), queries.round_by_id(ids[1])
            gate.wait()
            try:
                with transaction():
                    found.append(len(services.release(chair, round_)))
            except DomainError as refused:
                found.append(refused.code)

    db.session.rollback()
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == ["1", "wrong_state"]
    assert (db.session.query(Venture).count(), db.session.query(CreditGrant).count()) == (1, 1)
    assert ledger.account_of("pool", db.session.merge(story.pool), "CNY").balance == 70_000_000


@pytest.mark.committed
def test_two_officers_opening_a_calls_first_reviews_at_once_share_one_round(app: Flask, make: Make) -> None:
    story = Story(make)
    ids = [story.proposal().id, story.proposal(title="Second").id]
    people, found, gate = (story.office.id, story.first.id, story.second.id), [], threading.Barrier(2)

    def run(proposal_id: int) -> None:
        with app.app_context():
            office, *reviewers = (db.session.get(type(story.chair), key) for key in people)
            proposal = db.session.get(proposals.chain.Proposal, proposal_id)
            gate.wait()
            with transaction():
                services.put_to_committee(office, proposal, reviewers=reviewers)
            found.append(proposal_id)

    db.session.rollback()
    threads = [threading.Thread(target=run, args=(key,)) for key in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(ids)
    assert (db.session.query(Review).count(), db.session.scalar(select(func.count(Review.round_id.distinct())))) == (
        4,
        1,
    )


# ---- What waits for whom


def test_each_finds_the_next_step_on_the_home_page(story: Story) -> None:
    proposal = story.proposal()
    first, second = story.put(proposal)
    assert (kinds(story.first), kinds(story.chair)) == (["review.write"], [])
    story.review(first, 4)
    assert (kinds(story.first), kinds(story.chair)) == ([], [])
    story.review(second, 4)
    assert kinds(story.chair) == ["round.close_early"]
    with transaction():
        story.call.closes_at = clock.now()
    assert kinds(story.chair) == ["round.close"]
    story.step("close_round")
    assert kinds(story.chair) == ["round.prepare"]
    story.step("prepare")
    assert (kinds(story.chair), kinds(story.third)) == (["decision.sign"], ["decision.second"])
    story.step("sign")
    assert kinds(story.chair) == []
    story.step("sign", story.third)
    assert (kinds(story.chair), kinds(story.first)) == (["decision.hold"], [])
    story.step("hold")
    assert kinds(story.chair) == []
    with transaction():
        services.write_letters(story.round)
    assert kinds(story.chair) == ["decision.release"]
    story.step("release")
    assert kinds(story.chair) == []


def test_the_office_finds_slots_that_a_recusal_left(story: Story) -> None:
    proposal = story.proposal()
    review, _ = story.put(proposal)
    assert "review.slot" not in [w.kind for w in waiting_for(story.office)]
    with transaction():
        services.recuse(story.first, review, statement="My wife's company supplies it.")
    assert ("review.slot", f"/proposals/{proposal.public_id}/committee") in [
        (w.kind, w.address) for w in waiting_for(story.office)
    ]


def test_auditors_and_the_office_in_scope_see_the_round_and_others_do_not(story: Story) -> None:
    story.reviewed(*GOOD)
    story.decided()
    auditor = story.make.person(story.company, Role.AUDITOR)
    stranger = story.make.person(None, Role.OFFICE, Role.AUDITOR, Role.CHAIR)
    both = (queries.rounds_visible_to, queries.decisions_visible_to)
    seen = [
        tuple(len(db.session.scalars(visible(person)).all()) for visible in both)
        for person in (story.chair, story.office, auditor, story.first, stranger)
    ]
    assert seen == [(1, 1), (1, 1), (1, 1), (0, 1), (0, 0)]
