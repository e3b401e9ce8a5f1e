"""A decision's reason as one reader is told it: nothing in it tells of proposals the reader is kept from."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import select

from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.reviews.engines import deciding
from incubator.reviews.engines.deciding import Decided, DecidingError, Outcome
from incubator.reviews.models import Evaluation, Round
from incubator.reviews.queries.derived import kept_from
from incubator.reviews.queries.explaining import explain, explain_apart

Told = Callable[[Mapping[str, Any], str, str], str]
"""Words for a decision's stored result, its currency and its proposal's public id."""


def result_of(decided: Decided) -> dict[str, object]:
    """What a decision stores of the rule's answer: verdict, reason and the figures behind them."""
    return {"verdict": decided.verdict.value, "reason": decided.reason.value, **decided.values()}


def told_to(person: Person, round_: Round, kept: Collection[int] | None = None) -> Told:
    """How a round's decisions are explained to a person: place and budget left as if nothing hidden had been there.

    Where that gives another verdict than the true one, no place and no budget are named. kept: the proposals the person
    is kept from, read here where it is None. Two statements more for who is kept from something; everybody else is told
    what was stored.
    """
    ids = kept_from(person, round_) if kept is None else kept
    hidden = set(db.session.scalars(select(Proposal.public_id).where(Proposal.id.in_(tuple(ids))))) if ids else set()
    seen = _without(hidden, round_) if hidden else None

    def told(result: Mapping[str, Any], currency: str, key: str) -> str:
        if not hidden:
            return explain(result, currency)
        again = seen.by_key.get(key) if seen else None
        if again is None or again.verdict.value != result["verdict"]:
            return explain_apart(result, currency)
        return explain(result_of(again), currency)

    return told


def _without(hidden: set[str], round_: Round) -> Outcome | None:
    """The rule's newest evaluation of the round again, without these proposals; None when it can't be."""
    newest = select(Evaluation.inputs).where(Evaluation.round_id == round_.id).order_by(Evaluation.id.desc()).limit(1)
    inputs = db.session.scalar(newest)
    if inputs is None:
        return None
    try:
        return deciding.replay({**inputs, "rows": [row for row in inputs["rows"] if row["key"] not in hidden]})
    except DecidingError:
        return None
