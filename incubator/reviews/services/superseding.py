"""A decision taken back before its release: its letters are void, and the committee decides again."""

from flask_babel import gettext as _

from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.people.models import Person
from incubator.reviews import queries
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Decision
from incubator.reviews.states import DECISION, DecisionState, RoundState

TAKEN_BACK = (DecisionState.SIGNED, DecisionState.HELD)


def supersede(decision: Decision, reason: str) -> None:
    """Let a decision stand no more; letters that were written for it are void."""
    moment = clock.now()
    hashes = {letter.language: letter.hash.hex() for letter in decision.letters}
    for letter in decision.letters:
        letter.voided_at = moment
    DECISION.move(decision, "supersede", reason=reason, payload={"void": hashes})
    db.session.flush()


@action("decision.reconsider")
def reconsider(actor: Person, decision: Decision, *, reason: str) -> Decision:
    """Take a signed or held decision back to the table: it is superseded with its letters, and one like the rule's
    stands in its place, to be overridden or signed anew."""
    round_ = queries.lock(decision.round)
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason."), field="reason")
    if queries.is_conflicted(actor, decision.proposal):
        raise NotAllowed(_("You are in conflict with this proposal."))
    db.session.refresh(decision)
    if round_.state is not RoundState.DECIDED or decision.state not in TAKEN_BACK:
        raise WrongState(_("Only a decision that is signed and not yet released can be taken back."))
    supersede(decision, words)
    again = Decision(
        number=keys.spoken("D"),
        round_id=decision.round_id,
        proposal=decision.proposal,
        evaluation_id=decision.evaluation_id,
        rule_version_id=decision.rule_version_id,
        outcome=Verdict(str(decision.result["verdict"])),
        result=decision.result,
    )
    payload = {"outcome": again.outcome.value, "instead_of": decision.public_id}
    audit.created(again, cause_id=decision.cause_id, payload=payload)
    return again
