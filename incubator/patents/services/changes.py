"""Changing agreed shares later: proposed with a reason, and done when everybody whom it affects has agreed."""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.notifications.services import notify
from incubator.patents.models import Disclosure, InventorShare, ShareChange, ShareChangePart
from incubator.patents.services.holding import hold
from incubator.patents.services.shares import Shares, check_sum
from incubator.patents.services.texts import needed
from incubator.patents.states import SHARE_CHANGE, ShareChangeState
from incubator.people.models import Person
from incubator.proposals.models import Consent


@action("share_change.propose")
def propose_change(actor: Person, disclosure: Disclosure, *, shares: Shares, reason: str) -> ShareChange:
    """Propose other shares for agreed ones (0: no longer an inventor); whoever gets another share is asked.

    Raises Invalid at shares or reason, WrongState while the first shares are not agreed or another change is open.
    """
    hold(disclosure)
    if not disclosure.is_agreed:
        raise WrongState(_("Not all inventors have accepted their shares yet."))
    if _open_of(disclosure) is not None:
        raise WrongState(_("Another change of the shares waits for its answers."))
    reason = needed(reason, "reason", _("Say why the shares change; everybody concerned reads it."))
    cause = audit.event_of(disclosure, "disclosure.create").id
    change = ShareChange(
        disclosure=disclosure, proposer=actor, reason=reason, parts=_parts(disclosure, shares, actor)
    )  # fmt: skip
    changes = [[part.person.public_id, part.before_bp, part.after_bp] for part in change.parts]
    audit.created(change, cause_id=cause, payload={"shares": changes})
    for part in change.parts:
        if part.consent == Consent.ASKED:
            address, number = _address(disclosure), disclosure.number
            notify(part.person_id, "share_change.asked", address, name=actor.name, number=number)
    _settle(change)
    return change


def _parts(disclosure: Disclosure, shares: Shares, actor: Person) -> list[ShareChangePart]:
    """Everybody with their share before and after; those whose share stays have nothing to answer."""
    if len({person.id for person, _points in shares}) < len(shares):
        raise Invalid(_("A person stands twice among the inventors."), field="shares")
    check_sum([points for _person, points in shares])
    after = {person.id: (person, points) for person, points in shares}
    before = {share.person_id: share for share in disclosure.shares}
    people = [share.person for share in disclosure.shares]
    people += [person for person, _points in shares if person.id not in before]
    parts = []
    for person in people:
        old = before[person.id].share_bp if person.id in before else 0
        new = after[person.id][1] if person.id in after else 0
        settled = person.id == actor.id or old == new
        parts.append(
            ShareChangePart(
                person=person, before_bp=old, after_bp=new, consent=Consent.ACCEPTED if settled else Consent.ASKED,
                answered_at=clock.now() if settled else None,
            )
        )  # fmt: skip
    if all(part.before_bp == part.after_bp for part in parts):
        raise Invalid(_("These are the shares that stand already."), field="shares")
    return parts


@action("share_change.accept")
def accept_change(actor: Person, change: ShareChange) -> None:
    """Agree to one's own part; with the last answer the new shares stand."""
    part = _mine(actor, change)
    part.consent, part.answered_at = Consent.ACCEPTED, clock.now()
    audit.record("share_change.accept", change, {"share_bp": part.after_bp})
    _settle(change)


@action("share_change.decline")
def decline_change(actor: Person, change: ShareChange, *, reason: str) -> None:
    """Disagree, with a reason; the shares stay as they are."""
    part = _mine(actor, change)
    part.reason = needed(reason, "reason", _("Say why, so that the others understand."))
    part.consent, part.answered_at = Consent.DECLINED, clock.now()
    SHARE_CHANGE.move(change, "decline", reason=part.reason)
    number = change.disclosure.number
    notify(change.proposer_id, "share_change.declined", _address(change.disclosure), name=actor.name, number=number)


@action("share_change.withdraw")
def withdraw_change(actor: Person, change: ShareChange) -> None:
    """Take the proposal back."""
    hold(change.disclosure)
    SHARE_CHANGE.move(change, "withdraw")


def _mine(actor: Person, change: ShareChange) -> ShareChangePart:
    hold(change.disclosure)
    db.session.refresh(change)
    part = next((one for one in change.parts if one.person_id == actor.id), None)
    if change.state != ShareChangeState.PROPOSED or part is None or part.consent != Consent.ASKED:
        raise NotAllowed(_("This step is not yours to take here, or not now."))
    return part


def _settle(change: ShareChange) -> None:
    """With everybody's word the shares become what was proposed; nobody's row is taken away."""
    if any(part.consent != Consent.ACCEPTED for part in change.parts):
        return
    SHARE_CHANGE.move(change, "agree", reason=change.reason)
    standing = {share.person_id: share for share in change.disclosure.shares}
    for part in change.parts:
        share = standing.get(part.person_id)
        if share is None:
            share = InventorShare(person=part.person, company=part.person.company, share_bp=part.after_bp)
            change.disclosure.shares.append(share)
        share.share_bp, share.consent, share.answered_at = part.after_bp, Consent.ACCEPTED, part.answered_at
    for part in change.parts:
        notify(part.person_id, "share_change.agreed", _address(change.disclosure), number=change.disclosure.number)


def _open_of(disclosure: Disclosure) -> ShareChange | None:
    proposed = select(ShareChange).where(
        ShareChange.disclosure_id == disclosure.id, ShareChange.state == ShareChangeState.PROPOSED
    )  # fmt: skip
    return db.session.scalar(proposed)


def _address(disclosure: Disclosure) -> str:
    return f"/inventions/{disclosure.public_id}"
