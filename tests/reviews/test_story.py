"""From the committee to the letter, through the services."""

from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.ledger import services as ledger
from incubator.proposals.states import ProposalState
from incubator.reviews import queries, services
from incubator.reviews.states import DecisionState, ReviewState, RoundState
from incubator.ventures.models import CreditGrant, Venture
from tests.reviews.conftest import Story, decision_of


def test_an_accepted_proposal_becomes_a_venture_with_its_credits_and_every_link_knows_its_cause(story: Story) -> None:
    proposal = story.reviewed((5, 4, 4, 4), (4, 4, 4, 4), asked=30_000_000)
    story.released()
    decision = decision_of(proposal)
    venture = db.session.query(Venture).one()
    grant = db.session.query(CreditGrant).one()
    cause = lambda row: db.session.get(AuditEvent, row.cause_id)  # noqa: E731
    review = db.session.scalars(queries.visible_to(story.first)).unique().one()
    assert (proposal.state, decision.state, story.round.state) == (
        ProposalState.ACCEPTED, DecisionState.RELEASED, RoundState.RELEASED,
    )  # fmt: skip
    assert [(cause(row).name, cause(row).subject_id) for row in (grant, venture, decision, review)] == [
        ("decision.release", decision.id), ("decision.release", decision.id),
        ("proposal.deliberate", proposal.id), ("proposal.open_review", proposal.id),
    ]  # fmt: skip
    assert review.state is ReviewState.LOCKED
    assert (grant.amount, grant.pool_id) == (30_000_000, story.pool.id)
    assert ledger.account_of("pool", story.pool, "CNY").balance == 70_000_000
    assert [(letter.language, letter.released_at is not None) for letter in decision.letters] == [
        ("en", True), ("zh", True),
    ]  # fmt: skip
    assert services.replay(decision).equal
