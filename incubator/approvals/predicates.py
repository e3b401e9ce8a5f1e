"""Who may sign a request: never its maker, nobody who gains from it, and nobody who reports to one of them."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from incubator.approvals.models import Approval, ApprovalStep
from incubator.approvals.states import Verdict
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
    """Why a person may not sign what is needed now, in words; None when they may."""
    step = next_step(approval)
    if step is None:
        return str(_("Nothing is left to sign here."))
    return _of_interest(person, approval) or _of_role(person, approval, step)


def _of_interest(person: Person, approval: Approval) -> str | None:
    if person.id == approval.maker_id:
        return str(_("You made this request, so somebody else must sign it."))
    if person.id in approval.beneficiary_ids:
        return str(_("You gain from this, so somebody else must sign it."))
    if person.manager_id is not None and person.manager_id in approval.beneficiary_ids:
        return str(_("You report to a person who gains from this, so somebody else must sign it."))
    if person.manager_id == approval.maker_id:
        return str(_("You report to the person who made this request, so somebody else must sign it."))
    return None


def _of_role(person: Person, approval: Approval, step: ApprovalStep) -> str | None:
    if any(other.person_id == person.id for other in approval.steps):
        return str(_("You have signed this already; the next signature is another person's."))
    if not has_role(step.role)(person, approval):
        return str(_("This signature is for %(role)s of this company or of one above it.", role=ROLES[step.role]))
    return None


def can_sign(actor: Any, approval: Approval | None) -> bool:
    """A person whose signature is the one needed now, and who has no interest in the matter."""
    return isinstance(actor, Person) and approval is not None and objection(actor, approval) is None


def is_maker(actor: Any, approval: Approval | None) -> bool:
    """The person who made the request."""
    return isinstance(actor, Person) and approval is not None and actor.id == approval.maker_id
