"""From an approved amount to payroll lines, to the payment, and back: what is undone is undone by new lines."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import Select, select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.ledger import services as ledger
from incubator.ledger.models import Account, Entry
from incubator.notifications.services import notify
from incubator.patents.models import Award, AwardShare, PayrollLine
from incubator.patents.services.texts import needed
from incubator.patents.states import AWARD, AwardState
from incubator.people.models import Person
from incubator.rules import queries as rules

PAYROLL_RULE = "cn.patent.payroll"


def enter(award: Award) -> None:
    """A line a person for the month of the approval, and the movement from the company to what it owes them."""
    event = AWARD.move(award, "enter_payroll", payload={"amount": award.amount})
    paid = [share for share in award.shares if share.amount]
    if paid:
        outside = ledger.account_of("external", award.company, award.currency, min_balance=None)
        legs = [ledger.Leg(_owed(share, award), share.amount) for share in paid]
        entry = ledger.post(
            f"award-{award.public_id}", [ledger.Leg(outside, -award.amount), *legs],
            memo=f"Inventors' award {award.number}", cause_id=event.id,
        )  # fmt: skip
        counted = _counts_in_total(award)
        for share in paid:
            _line(share, award, entry, share.amount, counted=counted, cause_id=event.id)
            notify(share.person_id, "award.in_payroll", "/inventions/", number=award.number)


def _owed(share: AwardShare, award: Award) -> Account:
    return ledger.account_of("payable", share, award.currency)


def _received(share: AwardShare, award: Award) -> Account:
    return ledger.account_of("disbursed", share, award.currency)


def _line(
    share: AwardShare,
    award: Award,
    entry: Entry,
    amount: int,
    *,
    counted: bool,
    cause_id: int,
    reverses: PayrollLine | None = None,
) -> PayrollLine:
    line = PayrollLine(
        award_share=share, company=award.company, period=f"{clock.today():%Y-%m}", amount=amount,
        currency=award.currency, in_wages_total=counted, entry=entry, reverses_id=reverses.id if reverses else None,
    )  # fmt: skip
    audit.created(line, cause_id=cause_id, payload={"amount": amount, "period": line.period})
    return line


def _counts_in_total(award: Award) -> bool:
    """Whether the payment counts in the year's payroll total (Transformation Law, Art. 45)."""
    rule = rules.in_force(PAYROLL_RULE, clock.today(), award.company)
    return bool(rule.parameters["counts_in_payroll_total"])


@action("award.pay")
def pay(actor: Person, award: Award, *, paid_on: dt.date, reference: str) -> None:
    """Record that payroll has paid it, on which day and under which reference. Raises Invalid at either."""
    if paid_on > clock.today():
        raise Invalid(_("This day is yet to come; record what has happened."), field="paid_on")
    entered = clock.today() if award.state != AwardState.IN_PAYROLL else _entered_on(award)
    if paid_on < entered:
        words = _("It came into the payroll on %(day)s, so it was not paid before.", day=entered.isoformat())
        raise Invalid(words, field="paid_on")
    reference = needed(reference, "reference", _("Enter the payroll run or the bank's reference."))
    if len(reference) > 120:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=120), field="reference")
    if AWARD.allows(award, "pay"):
        award.paid_on, award.payment_reference = paid_on, reference
    event = AWARD.move(award, "pay", payload={"on": paid_on.isoformat(), "reference": reference})
    legs = [
        leg
        for share in award.shares
        if share.amount
        for leg in (ledger.Leg(_owed(share, award), -share.amount), ledger.Leg(_received(share, award), share.amount))
    ]
    if legs:
        memo = f"Paid: inventors' award {award.number}"
        ledger.post(f"award-{award.public_id}-paid", legs, memo=memo, cause_id=event.id)
    for share in award.shares:
        notify(share.person_id, "award.paid", "/inventions/", number=award.number)


def _entered_on(award: Award) -> dt.date:
    at = audit.event_of(award, "award.enter_payroll").at
    return at.astimezone(clock.GROUP_ZONE).date()


def undo(award: Award, *, reason: str) -> None:
    """Undo every line of an award by a new one, and its movement: out of what was paid where it was paid already."""
    was_paid = award.state == AwardState.PAID
    event = AWARD.move(award, "replace", reason=reason)
    lines = list(db.session.scalars(_lines_of(award)))
    if not lines:
        return
    outside = ledger.account_of("external", award.company, award.currency, min_balance=None)
    held = _received if was_paid else _owed
    legs = [ledger.Leg(held(line.award_share, award), -line.amount) for line in lines]
    entry = ledger.post(
        f"award-{award.public_id}-undone", [ledger.Leg(outside, sum(line.amount for line in lines)), *legs],
        memo=f"Undone: inventors' award {award.number}", cause_id=event.id,
    )  # fmt: skip
    for line in lines:
        _line(
            line.award_share, award, entry, -line.amount, counted=line.in_wages_total, cause_id=event.id, reverses=line
        )  # fmt: skip


def _lines_of(award: Award) -> Select[PayrollLine]:
    return (
        select(PayrollLine)
        .join(AwardShare, AwardShare.id == PayrollLine.award_share_id)
        .where(AwardShare.award_id == award.id, PayrollLine.reverses_id.is_(None))
        .order_by(PayrollLine.id)
    )
