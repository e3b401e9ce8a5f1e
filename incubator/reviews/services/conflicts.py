"""Conflicts of interest: written down, found again when the directory or a team changes, lifted by somebody else."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from incubator.core import audit
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.notifications.services import notify
from incubator.people import access
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM
from incubator.proposals.models import Proposal
from incubator.reviews import queries
from incubator.reviews.models import Conflict, ConflictKind, ConflictLift, Review, Round
from incubator.reviews.services.slots import free, tell_office
from incubator.reviews.states import COUNTED, REVIEW

FOUND = "The records show a conflict of interest since."
"""The reason at the event of a review that the system ends; a record, not a page."""


def write_conflict(proposal: Proposal, person_id: int, kind: ConflictKind, event: AuditEvent, **details: Any) -> None:
    """Keep a person from a proposal, because of an event."""
    conflict = Conflict(person_id=person_id, proposal_id=proposal.id, kind=kind, **details)
    audit.created(conflict, cause_id=event.id, payload={"kind": kind.value})
    access.deny(person_id, proposal, "conflict")


def declare_conflict(proposal: Proposal, person: Person, event: AuditEvent, statement: str) -> None:
    """Keep a person from a proposal by the person's own word; one who gave it before is kept out again."""
    if ConflictKind.DECLARED in queries.written_conflicts([proposal]).get((proposal.id, person.id), set()):
        access.deny(person.id, proposal, "conflict")
        return
    write_conflict(proposal, person.id, ConflictKind.DECLARED, event, declared_by_id=person.id, statement=statement)


def recompute(round_: Round) -> int:
    """Derive the conflicts of a round's committee again and write down what is new; answers how many. Called by a job.

    Whoever stands in one, however it came to be written, is taken off where the review is not sealed; of a sealed one
    the chair is told.
    """
    proposals = queries.under_review(round_)
    members = queries.committee_of(round_)
    known = queries.written_conflicts(proposals)
    found = queries.derive(proposals, members)
    new = 0
    for proposal in proposals:
        for person in members:
            kinds = found[proposal.id].get(person.id, set()) - known.get((proposal.id, person.id), set())
            if kinds:
                new += len(kinds)
                _keep_out(round_, proposal, person, sorted(kinds))
    for review in queries.unsealed_in_conflict(round_):
        with audit.because(SYSTEM, "conflict.derive", parent_id=review.cause_id):
            audit.record("conflict.derive", review.proposal, {"person": review.reviewer.public_id})
            _take_off(review)
    return new


def keep_onlookers_out(*, person_id: int | None = None, proposal_id: int | None = None) -> int:
    """Write down what the records tell against officers and auditors who could look on; answers how many are new.

    person_id, proposal_id: of that one alone, after a role was given or a proposal came to its committee.
    """
    found = queries.unwritten_of_onlookers(person_id=person_id, proposal_id=proposal_id)
    for person_id_, proposal_id_, kind in found:
        person, proposal = db.session.get_one(Person, person_id_), db.session.get_one(Proposal, proposal_id_)
        with audit.because(SYSTEM, "conflict.derive", parent_id=proposal.cause_id):
            event = audit.record("conflict.derive", proposal, {"person": person.public_id})
            write_conflict(proposal, person.id, ConflictKind(kind), event)
    for person_id_, proposal_id_ in sorted({(one, other) for one, other, _kind in found}):
        _take_off_all(db.session.get_one(Person, person_id_), db.session.get_one(Proposal, proposal_id_))
    return len(found)


def _take_off_all(person: Person, proposal: Proposal) -> None:
    """Of an onlooker who reviews it too, in whatever round."""
    for review in queries.live_reviews(proposal, person):
        with audit.because(SYSTEM, "conflict.derive", parent_id=review.cause_id):
            audit.record("conflict.derive", proposal, {"person": person.public_id})
            _take_off(review)


def _keep_out(round_: Round, proposal: Proposal, person: Person, kinds: Iterable[ConflictKind]) -> None:
    opened = audit.event_of(proposal, "proposal.open_review")
    with audit.because(SYSTEM, "conflict.derive", parent_id=opened.id):
        event = audit.record("conflict.derive", proposal, {"person": person.public_id})
        for kind in kinds:
            write_conflict(proposal, person.id, kind, event)
        review = queries.live_review(round_, proposal, person)
        if review is not None:
            _take_off(review)


def _take_off(review: Review) -> None:
    if review.state in COUNTED:
        chair = queries.chair_of(review.round)
        if chair is not None and not queries.is_conflicted(chair, review.proposal):
            address = f"/proposals/{review.proposal.public_id}"
            notify(chair.id, "review.conflict_found", address, title=review.proposal.title, name=review.reviewer.name)
        return
    REVIEW.move(review, "recuse", reason=FOUND, payload={"conflict": True})
    free(review)
    tell_office(review, "review.recused")


@action("conflict.lift")
def lift(actor: Person, conflict: Conflict, *, reason: str) -> None:
    """Let a person see and judge a proposal in spite of a conflict, which somebody else answers for with a reason."""
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason; the auditor will read it."), field="reason")
    if conflict.kind is ConflictKind.TEAM_MEMBER:
        raise Invalid(_("Nobody judges a proposal of their own: this conflict can’t be lifted."), field="reason")
    if queries.is_lifted(conflict):
        raise Invalid(_("This conflict was lifted already."), field="reason")
    event = audit.record("conflict.lift", conflict, {"kind": conflict.kind.value}, reason=words)
    audit.created(ConflictLift(conflict_id=conflict.id, lifted_by_id=actor.id, reason=words), cause_id=event.id)
    if not queries.conflicts_standing(conflict.proposal, conflict.person_id):
        access.withdraw(conflict.person_id, conflict.proposal, "conflict")
        if queries.is_chair_for(conflict.person, conflict.proposal):
            access.allow(conflict.person_id, conflict.proposal, "committee", fields=["text"])
