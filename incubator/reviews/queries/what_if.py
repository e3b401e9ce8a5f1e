"""What a ranking would be under another budget or other weights: read, never saved."""

from array import array
from collections.abc import Sequence
from sys import byteorder
from typing import Any

from sqlalchemy import and_, select

from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.reviews.engines.what_if import Entrant
from incubator.reviews.models import RankingFigure, ReviewSummary, Round
from incubator.reviews.queries.reviews import unconflicted


def what_if_rows(round_: Round, person: Person, theme_id: int, run: Any | None, quorum: int) -> list[Any]:
    """(entrant of the engine, title, lang, number, currency, chance now) of a theme's proposals that have the rule's
    quorum and that the person is not kept from; one query."""
    rows = db.session.execute(
        select(
            Proposal.public_id, Proposal.title, Proposal.lang, Proposal.number, Proposal.currency,
            ReviewSummary.asked, ReviewSummary.total_hundredths, ReviewSummary.means, RankingFigure.funded,
            RankingFigure.draws,
        )
        .join(Proposal, Proposal.id == ReviewSummary.proposal_id)
        .outerjoin(
            RankingFigure,
            and_(RankingFigure.run_id == (run.id if run else None), RankingFigure.proposal_id == Proposal.id),
        )
        .where(
            ReviewSummary.round_id == round_.id,
            ReviewSummary.theme_id == theme_id,
            ReviewSummary.sealed >= max(quorum, 1),
            unconflicted(ReviewSummary.proposal_id, person),
        )
        .order_by(ReviewSummary.total_hundredths.desc(), ReviewSummary.id.desc())
    )  # fmt: skip
    return [
        (Entrant(key, asked, total, means, _draws(draws)), title, lang, number, currency, funded)
        for key, title, lang, number, currency, asked, total, means, funded, draws in rows
    ]


def _draws(kept: bytes | None) -> Sequence[int] | None:
    """The draws of a score in hundredths, as a run keeps them."""
    if kept is None:
        return None
    found = array("h", kept)
    if byteorder == "big":
        found.byteswap()
    return found
