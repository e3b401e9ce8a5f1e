"""Asking for signatures, giving and refusing them.

There are no deciding pages here: the package that owns the subject takes the step in its own action, calls sign()
and acts in the same transaction. Rights are checked here, because every refusal has its own words.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import rfc8785
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from incubator.approvals import predicates, queries
from incubator.approvals.models import Approval, ApprovalDelegation, ApprovalStep
from incubator.approvals.states import LIFE, Verdict
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import Model, db
from incubator.core.errors import Invalid, NotAllowed, Stale, WrongState
from incubator.core.transaction import attempt
from incubator.notifications.services import notify
from incubator.people.models import Company, Person, Role
from incubator.people.predicates import has_role

LONGEST = 2000
"""Characters of a reason."""


def fingerprint(content: dict[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON (RFC 8785) of what is signed; 32 bytes."""
    return hashlib.sha256(rfc8785.dumps(content)).digest()


def request(
    actor: Person,
    subject: Model,
    *,
    title: dict[str, str],
    address: str,
    company: Company,
    content: dict[str, Any],
    steps: Sequence[Role],
    beneficiaries: Sequence[int] = (),
    may_delegate: bool = False,
) -> Approval:
    """Freeze a draft and ask for signatures, one a role, in this order.

    content: plain JSON values. beneficiaries: ids of the persons who gain. may_delegate: an approver's stand-in may
    sign. Raises WrongState when a request on the subject is open already.
    """
    if not steps:
        raise ValueError("an approval needs at least one signature")
    cause = audit.record("approval.request", subject, {"content": content, "steps": [role.value for role in steps]})
    approval = Approval(
        subject_type=subject.__tablename__, subject_id=subject.id, title=title, address=address, company=company,
        maker=actor, beneficiary_ids=sorted(set(beneficiaries)), content=content, hash=fingerprint(content),
        cause_id=cause.id, may_delegate=may_delegate,
        steps=[ApprovalStep(position=at, role=role) for at, role in enumerate(steps)],
    )  # fmt: skip
    _add(approval, subject)
    return approval


def _add(approval: Approval, subject: Model) -> None:
    """The unique index decides when two ask at once."""
    try:
        if queries.open_of(subject) is not None:
            raise WrongState(_("This waits for a signature already. Cancel that request first."))
        with attempt():
            db.session.add(approval)
            db.session.flush()
    except IntegrityError as error:
        raise WrongState(_("This waits for a signature already. Cancel that request first.")) from error


def sign(actor: Person, approval: Approval, *, content: dict[str, Any]) -> bool:
    """Give the signature that is needed now; True when it was the last one.

    content: what the subject says at this moment, made anew by its owner. Raises WrongState when the request is no
    longer open, NotAllowed when the signature is not this person's to give, Stale when the content has changed.
    """
    step = _step_of(actor, approval)
    if not hmac.compare_digest(fingerprint(content), approval.hash):
        raise Stale(_("What you are asked to sign has changed since the request was made. It must be put to you anew."))
    step.given_for = predicates.giver_for(actor, approval)
    step.state, step.person, step.signed_at = Verdict.APPROVED, actor, clock.now()
    done = predicates.next_step(approval) is None
    target = Verdict.APPROVED if done else Verdict.WAITING
    LIFE.move(approval, "sign", to=target, payload=_given(step) | {"hash": approval.hash.hex()})
    return done


def refuse(actor: Person, approval: Approval, *, reason: str) -> None:
    """Decline to sign, with a reason; ends the request."""
    reason = _needed(reason)
    step = _step_of(actor, approval)
    step.given_for = predicates.giver_for(actor, approval)
    step.state, step.person, step.signed_at, step.reason = Verdict.REFUSED, actor, clock.now(), reason
    LIFE.move(approval, "refuse", reason=reason, payload=_given(step))


def _given(step: ApprovalStep) -> dict[str, Any]:
    """What the event says of a signature: which, and for whom a stand-in gave it."""
    return {"step": step.position} | ({"given_for": step.given_for.public_id} if step.given_for else {})


def cancel(actor: Person, approval: Approval, *, reason: str = "") -> None:
    """Take a request back; only its maker can."""
    _lock(approval)
    if not predicates.is_maker(actor, approval):
        raise NotAllowed(_("Only the person who made a request can take it back."))
    LIFE.move(approval, "cancel", reason=reason.strip() or None)
    for step in approval.steps:
        if step.state == Verdict.WAITING:
            step.state = Verdict.CANCELLED


def _needed(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Give a reason."), field="reason")
    if len(reason.strip()) > LONGEST:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST), field="reason")
    return reason.strip()


def _step_of(actor: Person, approval: Approval) -> ApprovalStep:
    """The step this person may take now; everybody else waits at the lock until it is taken."""
    _lock(approval)
    if approval.state != Verdict.WAITING:
        raise WrongState(_("This request is no longer open: it was signed, refused or taken back meanwhile."))
    objection = predicates.objection(actor, approval)
    step = predicates.next_step(approval)
    if objection is not None or step is None:
        raise NotAllowed(objection or "")
    return step


def _lock(approval: Approval) -> None:
    """Hold the request, and read it and its steps as they stand now."""
    db.session.flush()
    fresh = {"populate_existing": True}
    held = select(Approval).where(Approval.id == approval.id).with_for_update()
    db.session.scalars(held, execution_options=fresh).one()
    steps = select(ApprovalStep).where(ApprovalStep.approval_id == approval.id)
    db.session.scalars(steps, execution_options=fresh).all()


MOST_DAYS = 366
"""A delegation lasts no longer."""


@action("delegation.create")
def delegate(
    actor: Person, _subject: None, /, *, to: Person, role: str, from_on: dt.date, to_on: dt.date, reason: str
) -> ApprovalDelegation:
    """Let another person sign in one's place for a role, from a day to a day, both included.

    They sign what the giver could sign, and nothing in which they or the giver have an interest. Raises Invalid at
    the field.
    """
    if to.id == actor.id:
        raise Invalid(_("Choose somebody else than yourself"), field="hr_number")
    if to.left_on is not None:
        raise Invalid(_("This person has left"), field="hr_number")
    if role not in set(Role) or not has_role(Role(role))(actor, None):
        raise Invalid(_("Choose a role that you hold"), field="role")
    if from_on < clock.today():
        raise Invalid(_("Choose today or a day to come"), field="from_on")
    if not from_on <= to_on <= from_on + dt.timedelta(days=MOST_DAYS):
        raise Invalid(_("The last day is the first one or later, within a year"), field="to_on")
    said = _needed(reason)
    if len(said) > 400:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=400), field="reason")
    event = audit.record("delegation.create", actor, {"to": to.public_id, "role": role, "from": from_on.isoformat(),
                                                      "until": to_on.isoformat(), "reason": said})  # fmt: skip
    made = ApprovalDelegation(giver=actor, delegate=to, role=Role(role), from_on=from_on, to_on=to_on, reason=said,
                              cause_id=event.id)  # fmt: skip
    db.session.add(made)
    db.session.flush()
    notify(to.id, "delegation.given", "/", name=actor.name, day=to_on.isoformat())
    return made


@action("delegation.end")
def end_delegation(actor: Person, delegation: ApprovalDelegation) -> None:
    """End a delegation now, as who gave it."""
    db.session.refresh(delegation, with_for_update=True)
    if delegation.ended_at is not None:
        raise WrongState(_("This has ended already."))
    delegation.ended_at = clock.now()
    audit.record("delegation.end", actor, {"delegation": delegation.public_id})
    notify(delegation.delegate_id, "delegation.ended", "/", name=actor.name)
