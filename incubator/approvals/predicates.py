"""Who may sign a request: never its maker, nobody who gains from it, and nobody who reports to one of them."""

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incubator.approvals.models import Approval, ApprovalDelegation, ApprovalStep
from incubator.approvals.states import Verdict
from incubator.core import clock
from incubator.core.db import db
from incubator.people.models import Person, Role
from incubator.people.predicates import has_role

ROLES: dict[Role, object] = {
    Role.OFFICE: _l("the innovation office"),
    Role.REVIEWER: _l("a reviewer"),
    Role.CHAIR: _l("a committee chair"),
    Role.HR: _l("human resources"),
    Role.IP_COUNSEL: _l("IP counsel"),
    Role.CLOUD_OPERATOR: _l("a cloud operator"),
    Role.FINANCE: _l("finance"),
    Role.LEGAL: _l("the legal department"),
    Role.BOARD: _l("the board"),
    Role.FUNDER: _l("the funder of state capital"),
    Role.AUDITOR: _l("an auditor"),
    Role.ADMINISTRATOR: _l("an administrator"),
}
"""Who signs, in words."""


def next_step(approval: Approval) -> ApprovalStep | None:
    """The signature that is needed now; None when none is."""
    if approval.state != Verdict.WAITING:
        return None
    return next((step for step in approval.steps if step.state == Verdict.WAITING), None)


def objection(person: Person, approval: Approval) -> str | None:
    """Why a person may not sign what is needed now, in words; None when they may, or may for somebody else."""
    step = next_step(approval)
    if step is None:
        return str(_("Nothing is left to sign here."))
    return _of_interest(person, approval) or _of_role(person, approval, step)


def giver_for(person: Person, approval: Approval) -> Person | None:
    """The approver for whom a person would sign what is needed now as a stand-in; None where they need none.

    A stand-in signs what the approver could sign: an interest of the approver counts like one's own.
    """
    step = next_step(approval)
    if step is None or not approval.may_delegate or has_role(step.role)(person, approval):
        return None
    givers = (one.giver for one in delegations_to(person) if one.role is step.role)
    return next((giver for giver in givers if _could_sign(giver, approval, step)), None)


def _could_sign(giver: Person, approval: Approval, step: ApprovalStep) -> bool:
    is_free = giver.left_on is None and _of_interest(giver, approval) is None and not _has_signed(giver, approval)
    return is_free and bool(has_role(step.role)(giver, approval))


def _has_signed(person: Person, approval: Approval) -> bool:
    return any(person.id in (other.person_id, other.given_for_id) for other in approval.steps)


def delegations_to(person: Person) -> list[ApprovalDelegation]:
    """What stands given to a person today, the oldest first."""
    today = clock.today()
    return list(
        db.session.scalars(
            select(ApprovalDelegation)
            .where(ApprovalDelegation.delegate_id == person.id, ApprovalDelegation.ended_at.is_(None))
            .where(ApprovalDelegation.from_on <= today, ApprovalDelegation.to_on >= today)
            .options(joinedload(ApprovalDelegation.giver))
            .order_by(ApprovalDelegation.id)
        )
    )


def is_stand_in(actor: Any, _subject: Any = None) -> bool:
    """Somebody to whom an approver has given their signature for these days; which requests is asked when they sign."""
    return isinstance(actor, Person) and bool(delegations_to(actor))


def is_giver(actor: Any, delegation: Any) -> bool:
    """Whoever gave a delegation."""
    return isinstance(actor, Person) and delegation is not None and delegation.giver_id == actor.id


def _of_interest(person: Person, approval: Approval) -> str | None:
    return interest_of(person, approval.maker_id, approval.beneficiary_ids)


def interest_of(person: Person, maker_id: int, beneficiary_ids: Collection[int]) -> str | None:
    """Why a person may not sign what the maker asks for to the gain of these, in words; None when nothing is against
    it but what their roles say."""
    if person.id == maker_id:
        return str(_("You made this request, so somebody else must sign it."))
    if person.id in beneficiary_ids:
        return str(_("You gain from this, so somebody else must sign it."))
    if person.manager_id is not None and person.manager_id in beneficiary_ids:
        return str(_("You report to a person who gains from this, so somebody else must sign it."))
    if person.manager_id == maker_id:
        return str(_("You report to the person who made this request, so somebody else must sign it."))
    return None


def _of_role(person: Person, approval: Approval, step: ApprovalStep) -> str | None:
    if _has_signed(person, approval):
        return str(_("You have signed this already; the next signature is another person's."))
    if not has_role(step.role)(person, approval) and giver_for(person, approval) is None:
        return str(_("This signature is for %(role)s of this company or of one above it.", role=ROLES[step.role]))
    return None


def can_sign(actor: Any, approval: Approval | None) -> bool:
    """A person whose signature is the one needed now, and who has no interest in the matter."""
    return isinstance(actor, Person) and approval is not None and objection(actor, approval) is None


def is_maker(actor: Any, approval: Approval | None) -> bool:
    """The person who made the request."""
    return isinstance(actor, Person) and approval is not None and actor.id == approval.maker_id
