"""The same step on many decisions, each in a savepoint of its own: what is refused says why and stops nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import attempt
from incubator.people.models import Person
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Decision
from incubator.reviews.services.deciding import override
from incubator.reviews.services.superseding import reconsider


@dataclass(frozen=True)
class Done:
    """What became of one decision: refused is None where the step was taken, else why not."""

    decision: Decision
    refused: str | None


def decide_many(actor: Person, decisions: Sequence[Decision], *, outcome: Verdict, reason: str) -> list[Done]:
    """Decide each of them otherwise than the rule, with the same reason."""
    return _each(decisions, lambda one: override(actor, one, outcome=outcome, reason=reason))


def reconsider_many(actor: Person, decisions: Sequence[Decision], *, reason: str) -> list[Done]:
    """Take each of them back to the table."""
    return _each(decisions, lambda one: reconsider(actor, one, reason=reason))


def _each(decisions: Sequence[Decision], step: Callable[[Decision], object]) -> list[Done]:
    done = []
    for decision in decisions:
        refused = None
        try:
            with attempt():
                step(decision)
                db.session.flush()
        except DomainError as refusal:
            refused = str(refusal.message)
        done.append(Done(decision, refused))
    return done
