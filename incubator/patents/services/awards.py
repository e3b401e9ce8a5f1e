"""What inventors are owed: born of a grant or a use, calculated, checked by a second person, replaced by another."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import queries as approval_queries
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.core import audit, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Stale, WrongState
from incubator.patents.engines.recalculation import Difference, differences
from incubator.patents.models import Award, AwardKind, AwardShare, Exploitation, Matter
from incubator.patents.services import computing, payroll
from incubator.patents.services.computing import Computed
from incubator.patents.services.texts import needed
from incubator.patents.states import AWARD, AwardState
from incubator.people.models import Person, Role
from incubator.rules import queries as rules


def owe(matter: Matter, *, cause_id: int) -> Award | None:
    """The award for a patent just granted, due by law; called in the transaction that records the grant.

    None for one of an office of which the rule does not speak. Raises Invalid at happened_on when no rule was in force
    that day.
    """
    if not computing.earns_award(matter):
        return None
    return _born(Award(kind=AwardKind.AWARD, matter=matter), computing.of_grant(matter), cause_id)


def owe_for_use(record: Exploitation, *, cause_id: int) -> Award | None:
    """The remuneration for a use just recorded; None for a loss, or where the years of it are over.

    Raises Invalid at the field of the record that keeps it from being computed.
    """
    computed = computing.of_use(record)
    if not computed.amount:
        return None
    award = Award(kind=AwardKind.REMUNERATION, matter=record.matter, exploitation=record)
    return _born(award, computed, cause_id)


def _born(award: Award, computed: Computed, cause_id: int) -> Award:
    award.number, award.company, award.state = keys.spoken("A"), award.matter.company, AwardState.DUE
    _take_over(award, computed)
    audit.created(award, cause_id=cause_id, payload=content_of(award))
    return award


def _take_over(award: Award, computed: Computed) -> None:
    """The amount, the rule and every part as computed; who has no share any more has no part."""
    award.rule, award.amount, award.currency = computed.rule, computed.amount, computed.currency
    award.due_on, award.calculation = computed.due_on, computed.calculation
    standing = {share.person_id: share for share in award.shares}
    for person, points, minor in computed.parts:
        share = standing.pop(person.id, None)
        if share is None:
            award.shares.append(AwardShare(person=person, share_bp=points, amount=minor))
        else:
            share.share_bp, share.amount = points, minor
    for share in standing.values():
        award.shares.remove(share)
        db.session.delete(share)


def content_of(award: Award) -> dict[str, Any]:
    """What is put to approval and signed: the rule, the inputs, and every part."""
    return computing.stored(award).content(award.number, award.matter)


def content_anew(award: Award) -> dict[str, Any]:
    """The same, as it comes out by what stands now."""
    return computing.anew(award).content(award.number, award.matter)


def changes_of(award: Award) -> tuple[Difference, ...]:
    """Why the award would come out otherwise now; nothing when it would not."""
    return differences(content_of(award), content_anew(award))


@action("award.calculate")
def calculate(actor: Person, award: Award) -> Approval:
    """Compute the award by the rules and shares as they stand now and put it to a second person of HR."""
    _hold(award)
    return _put(actor, award)


def _put(actor: Person, award: Award) -> Approval:
    computed = computing.anew(award)
    AWARD.move(award, "calculate", payload={"amount": computed.amount}, rule_version_id=computed.rule.id)
    _take_over(award, computed)
    db.session.flush()
    return approvals.request(
        actor,
        award,
        title=_title(award),
        address=f"/awards/{award.public_id}",
        company=award.company,
        content=content_of(award),
        steps=[Role.HR],
        beneficiaries=[share.person_id for share in award.shares],
    )


def _title(award: Award) -> dict[str, str]:
    if award.kind == AwardKind.REMUNERATION:
        return {"en": f"Inventors' remuneration {award.number}", "zh": f"发明人报酬 {award.number}"}
    return {"en": f"Inventors' award {award.number}", "zh": f"发明人奖励 {award.number}"}


@action("award.approve")
def approve(actor: Person, award: Award) -> None:
    """Sign the award as the second person; it then stands in the payroll, in the same transaction.

    Raises WrongState while the rule is not confirmed by two persons or counsel has not chosen it, Stale when shares,
    rule or record have changed since, and whatever approvals.sign() raises.
    """
    approval = _open(award)
    _check_rule(award)
    if changes_of(award):
        raise Stale(
            _("The rule, the shares or the record behind it have changed since. Send it back; it is calculated anew.")
        )
    if approvals.sign(actor, approval, content=content_of(award)):
        AWARD.move(award, "approve", rule_version_id=award.rule_version_id)
        if award.replaces is not None:
            payroll.undo(award.replaces, reason=_("Replaced by %(number)s", number=award.number))
        payroll.enter(award)


def _check_rule(award: Award) -> None:
    if award.calculation.get("ask_counsel"):
        raise WrongState(
            _(
                "The patent was announced before the rule of today came into force. "
                "IP counsel must say first which rule applies."
            )
        )
    if not rules.is_confirmed(award.rule):
        raise WrongState(
            _(
                "The rule this award rests on (%(code)s, version %(number)s) is not confirmed by two persons yet. "
                "Confirm it first.",
                code=award.rule.code,
                number=award.rule.number,
            )
        )


@action("award.return")
def send_back(actor: Person, award: Award, *, reason: str) -> None:
    """Decline to sign, with a reason; the award is due again and can be calculated anew."""
    approvals.refuse(actor, _open(award), reason=reason)
    AWARD.move(award, "return", reason=reason.strip())


@action("award.recalculate")
def replace(actor: Person, award: Award, *, reason: str) -> Award:
    """Put to approval what takes the place of an award that is in the payroll, or paid, and would differ now.

    With the signature its lines are undone by new ones; nothing of it is edited. Raises WrongState when it would come
    out the same, or a replacement is under way.
    """
    _hold(award)
    if not AWARD.allows(award, "replace"):
        raise WrongState(_("Only what is in the payroll is replaced; anything else is calculated anew."))
    reason = needed(reason, "reason", _("Give a reason."))
    if db.session.scalar(select(Award.id).where(Award.replaces_id == award.id)) is not None:
        raise WrongState(_("A replacement of this award is under way already."))
    found = changes_of(award)
    if not found:
        raise WrongState(_("It comes out the same: there is nothing to replace."))
    told = {"differences": [[one.what, one.key, one.before, one.after] for one in found]}
    event = audit.record("award.recalculate", award, told, reason=reason)
    record = computing.live_of(award.exploitation) if award.exploitation is not None else None
    new = Award(kind=award.kind, matter=award.matter, exploitation=record, replaces=award)
    _born(new, computing.anew(award), event.id)
    _put(actor, new)
    return new


def _hold(award: Award) -> None:
    """Two people who act on an award at once do it one after the other."""
    db.session.flush()
    held = select(Award).where(Award.id == award.id).with_for_update()
    db.session.scalars(held, execution_options={"populate_existing": True}).one()


def _open(award: Award) -> Approval:
    approval = approval_queries.open_of(award)
    if approval is None:
        raise WrongState(_("This award does not wait for a signature."))
    return approval
