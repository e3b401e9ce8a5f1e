"""A real round from files: loaded whole or not at all, and proved again from what was loaded."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.calls.models import Criterion
from incubator.core import audit
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries
from incubator.reviews.engines import deciding, rounds, scoring
from incubator.reviews.engines.deciding import Rule, Verdict
from incubator.reviews.models import ImportedResult, Review, ReviewScore, Round
from incubator.reviews.services import loading, ranking_runs
from incubator.reviews.services.reviewing import engine_rubric
from incubator.reviews.states import COUNTED

FILES = ("themes.csv", "proposals.csv", "assessments.csv")
DECIDED = (ProposalState.ACCEPTED, ProposalState.REJECTED)


@dataclass(frozen=True)
class ImportReplay:
    """What recomputing an imported round gave; differing: one line for each figure that is not the published one."""

    scores: int
    scores_equal: int
    decisions: int
    decisions_equal: int
    not_put_to_vote: int
    differing: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Everything came out as published."""
        return not self.differing


def import_round(actor: Actor, directory: Path) -> Round:
    """Load the round of a directory's three files as a call of a company of its own, released as it was.

    Its ranking is worked out by the next job. Raises RoundErrors with every bad line (file and line), Invalid when
    these files are loaded already; nothing is written then. The verdicts are the product's own; what was published
    stands beside them for replay_import.
    """
    data = rounds.read_round(directory)
    digest = hash_of(directory)
    if db.session.scalar(select(Round.id).where(Round.imported_hash == digest)) is not None:
        raise Invalid(_("This round is loaded already."), code="loaded_already")
    with audit.because(actor, "round.import"):
        round_ = loading.load(data, digest)
    ranking_runs.ask_for(round_)
    return round_


def hash_of(directory: Path) -> bytes:
    """SHA-256 over the three files, each with its name and length before it."""
    total = hashlib.sha256()
    for name in FILES:
        content = (directory / name).read_bytes()
        total.update(f"{name}:{len(content)}:".encode())
        total.update(content)
    return total.digest()


def replay_import(round_: Round) -> ImportReplay:
    """Recompute every score and decision from the rows in the database and compare them with the published ones."""
    published = _published(round_)
    summaries = _summaries(round_)
    verdicts = _verdicts(round_, summaries)
    scored = [row for row in published.values() if row.published_score is not None]
    voted = {key: row for key, row in published.items() if row.put_to_vote}
    bad_scores = [
        f"{row.label}: score {summaries[row.proposal_id].total}, published {row.published_score}"
        for row in scored
        if summaries[row.proposal_id].total != row.published_score
    ]
    bad_decisions = [
        f"{row.label}: {verdicts[key].value}, published {'funded' if row.published_funded else 'not funded'}"
        for key, row in voted.items()
        if (verdicts[key] is Verdict.ACCEPTED) != row.published_funded
    ]
    return ImportReplay(
        scores=len(scored),
        scores_equal=len(scored) - len(bad_scores),
        decisions=len(voted),
        decisions_equal=len(voted) - len(bad_decisions),
        not_put_to_vote=len(published) - len(voted),
        differing=(*bad_scores, *bad_decisions),
    )


def _published(round_: Round) -> dict[str, ImportedResult]:
    """What was published, by the proposal's public id."""
    rows = db.session.execute(
        select(Proposal.public_id, ImportedResult)
        .join(ImportedResult, ImportedResult.proposal_id == Proposal.id)
        .where(Proposal.call_id == round_.call_id)
        .order_by(ImportedResult.id)
    )
    return dict(rows.all())


def _summaries(round_: Round) -> dict[int, scoring.Summary]:
    """Each proposal's summary by its id, computed from its single scores."""
    reviews: dict[int, dict[int, dict[str, int | None]]] = {}
    for (proposal_id,) in db.session.execute(select(Proposal.id).where(Proposal.call_id == round_.call_id)):
        reviews[proposal_id] = {}
    rows = db.session.execute(
        select(Review.proposal_id, Review.id, Criterion.key, ReviewScore.value)
        .join(ReviewScore, ReviewScore.review_id == Review.id)
        .join(Criterion, Criterion.id == ReviewScore.criterion_id)
        .where(Review.round_id == round_.id, Review.state.in_(COUNTED))
    )
    for proposal_id, review_id, key, value in rows:
        reviews[proposal_id].setdefault(review_id, {})[key] = value
    rubric = engine_rubric(round_.rubric)
    return {key: scoring.summarise(rubric, list(found.values())) for key, found in reviews.items()}


def _verdicts(round_: Round, summaries: Mapping[int, scoring.Summary]) -> dict[str, Verdict]:
    """The rule's verdict on every proposal put to the vote, by public id; totals are those just computed."""
    ids = _ids(round_)
    rows = [_fresh(row, summaries[ids[key]]) for key, row in queries.rule_rows(round_, *DECIDED).items()]
    outcome = deciding.evaluate(Rule.from_data(round_.rule.data), rows, queries.budgets(round_))
    return {decided.key: decided.verdict for decided in outcome.rows}


def _ids(round_: Round) -> dict[str, int]:
    rows = db.session.execute(select(Proposal.public_id, Proposal.id).where(Proposal.call_id == round_.call_id))
    return dict(rows.all())


def _fresh(row: deciding.Row, summary: scoring.Summary) -> deciding.Row:
    return deciding.Row(
        row.key, row.theme, summary.reviews, row.requested, summary.total, summary.means, row.given_order,
        row.given_flag,
    )  # fmt: skip


def imported_rounds() -> Sequence[Round]:
    """Every round that came from files, the oldest first."""
    return db.session.scalars(select(Round).where(Round.imported_hash.is_not(None)).order_by(Round.id)).all()
