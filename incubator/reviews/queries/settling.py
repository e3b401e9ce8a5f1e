"""A decision that takes the place of another after the release."""

from collections.abc import Sequence

from sqlalchemy import select

from incubator.core.db import db
from incubator.people.models import Person
from incubator.reviews.models import Decision
from incubator.reviews.states import DecisionState


def successor_of(decision: Decision) -> Decision | None:
    """The decision that stands in the place of a superseded one; None where this one stands."""
    if decision.state is not DecisionState.SUPERSEDED:
        return None
    rows = select(Decision).where(
        Decision.proposal_id == decision.proposal_id, Decision.state != DecisionState.SUPERSEDED
    )
    return db.session.scalar(rows)


def signed_by(person_ids: Sequence[int]) -> list[str]:
    """The names of these people, in order."""
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    found = {key: name for key, name in rows}  # noqa: C416 - a row is no pair to the type checker
    return [found[key] for key in person_ids]
