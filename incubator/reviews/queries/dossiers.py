"""A decision with every number behind it, as one reader may have it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from incubator.core.db import db
from incubator.people.models import Person
from incubator.reviews.models import (
    Decision,
    DecisionSignature,
    MeetingItem,
    RankingFigure,
    Review,
    ReviewSummary,
)
from incubator.reviews.predicates import is_chair, is_office_of
from incubator.reviews.queries.explaining import score_text
from incubator.reviews.queries.meetings import votes_of
from incubator.reviews.queries.reviews import is_audited_by
from incubator.reviews.queries.runs import runs_of
from incubator.reviews.queries.told import told_to
from incubator.reviews.states import COUNTED, ReviewState
from incubator.web.formats import datetime, money, percent
from incubator.web.words import local_words

HUNDREDTHS, POINTS = "1/100", "1/10000"


@dataclass(frozen=True)
class Line:
    """One figure: the part of the dossier it belongs to, what it is, in words, and as a whole number of its unit."""

    part: str
    item: str
    text: str
    number: int | None = None
    unit: str = ""


def dossier(decision: Decision, person: Person) -> list[Line]:
    """The lines of a decision's dossier for a reader who may see the decision; a fixed number of queries.

    Who reviewed is named to the chair, the office and an auditor whose case opens the proposal; a member who sealed a
    review of it reads the scores without names, and anybody else the means alone.
    """
    makers = (_head, _rule, _summary, _reviews, _calibrated, _meeting, _signatures, _letters)
    return [line for make in makers for line in make(decision, person)]


def _score(part: str, item: str, value: int | None) -> Line:
    return Line(part, item, score_text(value), value, HUNDREDTHS if value is not None else "")


def _head(decision: Decision, person: Person) -> Iterator[Line]:
    part, proposal = _("Decision"), decision.proposal
    yield Line(part, _("Number"), decision.number)
    yield Line(part, _("Proposal"), f"{proposal.number} {proposal.title}")
    yield Line(part, _("Outcome"), decision.outcome.value)
    yield Line(part, _("Status"), decision.state.value)
    yield Line(part, _("Why"), told_to(person, decision.round)(decision.result, proposal.currency, proposal.public_id))
    if decision.override:
        yield Line(part, _("Departs from the rule:"), decision.reason)


def _rule(decision: Decision, _person: Person) -> Iterator[Line]:
    part, rule = _("Decision rule"), decision.rule
    yield Line(part, _("Rule"), f"{local_words(rule.name)} ({rule.code}, {rule.number})")
    yield Line(part, _("As data"), json.dumps(rule.data, sort_keys=True, ensure_ascii=False))
    yield Line(part, _("Inputs (SHA-256)"), decision.inputs_hash)
    yield Line(part, _("Engine"), str(decision.inputs["engine"]))


def _summary(decision: Decision, _person: Person) -> Iterator[Line]:
    rows = select(ReviewSummary).where(
        ReviewSummary.round_id == decision.round_id, ReviewSummary.proposal_id == decision.proposal_id
    )
    summary, part = db.session.scalars(rows).one(), _("Scores")
    yield Line(part, _("Reviews"), str(summary.sealed), summary.sealed, "")
    yield _score(part, _("Mean"), summary.total_hundredths if summary.sealed else None)
    yield _score(part, _("Spread"), summary.spread_hundredths)
    yield _score(part, _("Interval of nine in ten, from"), summary.low_hundredths)
    yield _score(part, _("Interval of nine in ten, to"), summary.high_hundredths)
    for criterion in decision.round.rubric.criteria:
        name = f"{local_words(criterion.name)} ({percent(criterion.weight_bp)})"
        yield _score(part, name, summary.means.get(criterion.key))
    yield Line(
        part, _("Asks for"), money(summary.asked, decision.proposal.currency), summary.asked, decision.proposal.currency
    )


def _reviews(decision: Decision, person: Person) -> Iterator[Line]:
    rows = (
        select(Review)
        .where(
            Review.round_id == decision.round_id,
            Review.proposal_id == decision.proposal_id,
            Review.state.in_((*COUNTED, ReviewState.EXCLUDED)),
        )
        .order_by(Review.id)
        .options(selectinload(Review.scores), selectinload(Review.reviewer))
    )
    found = list(db.session.scalars(rows))
    named = _names_are_for(decision, person)
    if not named and all(one.reviewer_id != person.id or one.state not in COUNTED for one in found):
        return
    names = {criterion.id: local_words(criterion.name) for criterion in decision.round.rubric.criteria}
    for number, review in enumerate(found, 1):
        part = review.reviewer.name if named else _("Reviewer %(number)s", number=number)
        yield _score(part, _("Total"), review.total)
        if review.state is ReviewState.EXCLUDED:
            yield Line(part, _("Status"), _("Not counted"))
        for score in review.scores:
            value = None if score.value is None else 100 * score.value
            yield _score(part, names[score.criterion_id], value)


def _names_are_for(decision: Decision, person: Person) -> bool:
    if is_chair(person, decision) or is_office_of(person, decision):
        return True
    case = select(Review.id).where(Review.proposal_id == decision.proposal_id, is_audited_by(person)).limit(1)
    return db.session.scalar(case) is not None


def _calibrated(decision: Decision, person: Person) -> Iterator[Line]:
    run = runs_of(decision.round, person).done
    rows = select(RankingFigure).where(
        RankingFigure.run_id == (run.id if run else None), RankingFigure.proposal_id == decision.proposal_id
    )
    found = db.session.scalar(rows) if run else None
    if run is None or found is None:
        return
    part = _("Calibrated ranking")
    yield Line(part, _("Inputs (SHA-256)"), str(run.inputs_hash))
    yield Line(part, _("Seed"), run.seed)
    yield _score(part, _("Calibrated"), found.shown)
    yield _score(part, _("Interval of nine in ten, from"), found.low)
    yield _score(part, _("Interval of nine in ten, to"), found.high)
    yield Line(part, _("Rank"), str(found.place), found.place)
    yield Line(part, _("Rank by the mean"), str(found.plain_place), found.plain_place)
    for name, bounds in ((_("Ranks, half of the draws"), found.inner), (_("Ranks, nine in ten draws"), found.outer)):
        if bounds:
            yield Line(part, name, f"{bounds[0]}–{bounds[1]}")
    if found.funded is not None:
        yield Line(part, _("Chance of funding"), percent(found.funded), found.funded, POINTS)


def _meeting(decision: Decision, person: Person) -> Iterator[Line]:
    rows = select(MeetingItem).where(MeetingItem.proposal_id == decision.proposal_id)
    item = db.session.scalar(rows)
    if item is None:
        return
    part, votes = _("Meeting"), votes_of(item.meeting, person)
    for ballot in range(1, item.ballot + 1):
        counts = votes.counts.get((item.id, ballot))
        if counts:
            said = ", ".join(f"{choice} {n}" for choice, n in sorted(counts.items()))
            yield Line(part, _("Vote %(number)s", number=ballot), said)
    if item.minutes:
        yield Line(part, _("Minutes"), item.minutes)


def _signatures(decision: Decision, _person: Person) -> Iterator[Line]:
    rows = (
        select(DecisionSignature.created_at, Person.name)
        .join(Person, Person.id == DecisionSignature.person_id)
        .where(DecisionSignature.decision_id == decision.id)
        .order_by(DecisionSignature.id)
    )
    for at, name in db.session.execute(rows):
        yield Line(_("Signed by"), name, datetime(at))


def _letters(decision: Decision, _person: Person) -> Iterator[Line]:
    for letter in decision.letters:
        yield Line(_("Letters"), letter.language, letter.hash.hex())


def told_lines(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """The lines part by part, in their order."""
    parts: dict[str, list[Line]] = {}
    for line in lines:
        parts.setdefault(line.part, []).append(line)
    return list(parts.items())


def as_mapping(line: Line) -> dict[str, Any]:
    """A line as a row of a table."""
    return {"part": line.part, "item": line.item, "text": line.text, "number": line.number, "unit": line.unit}
