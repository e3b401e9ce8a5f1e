"""Closing a month of a company's credits; what no sandbox can be charged with must be cleared before."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud.bill_states import BillState
from incubator.cloud.models import BillDelivery, CreditMonth, Provider
from incubator.cloud.queries import crediting as queries
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.ledger import days
from incubator.ledger import services as ledger
from incubator.ledger.models import Account, Entry
from incubator.ledger.services import Leg, Overdrawn
from incubator.people.models import Company, Person
from incubator.ventures.models import CreditGrant, Venture

UNDECIDED = (BillState.RECEIVED, BillState.HELD, BillState.RELEASED)
SHOWN = 5


@action("credit_month.close")
def close(actor: Person, company: Company, *, month: dt.date) -> CreditMonth:
    """Close a month that is over, of a company and all below it, on the figures of this moment.

    What is corrected later is a new entry of its own day. Raises WrongState while something is in suspense, or a bill
    that may be of the month is neither booked nor left unbooked.
    """
    if queries.next_month(month) > clock.today():
        raise WrongState(_("This month is not over."))
    db.session.execute(select(Company.id).where(Company.id == company.id).with_for_update(key_share=True))
    if closed(company, month) is not None:
        raise WrongState(_("This month is closed already."))
    if undecided := _undecided(company, month):
        raise WrongState(_("These bills are not decided yet: %(names)s.", names=", ".join(undecided[:SHOWN])))
    if any(one.balance for one in queries.suspense_of(company)):
        raise WrongState(_("Something is still in suspense. Charge it to a venture or to the company first."))
    days.total(since=month)
    figures: list[dict[str, Any]] = [line.as_data() for line in queries.month_lines(company, month)]
    event = audit.record("credit_month.close", company, {"month": month.isoformat(), "lines": figures})
    made = CreditMonth(
        company_id=company.id, month=month, figures=figures, person_id=actor.id, closed_at=clock.now(),
        cause_id=event.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _undecided(company: Company, month: dt.date) -> list[str]:
    """The names of the bills that charge something in a month, or may do so, and wait."""
    rows = db.session.execute(
        select(BillDelivery.name, BillDelivery.figures)
        .join(Provider, Provider.id == BillDelivery.provider_id)
        .join(Company, Company.id == Provider.company_id)
        .where(Company.path.startswith(company.path, autoescape=True), BillDelivery.state.in_(UNDECIDED))
        .order_by(BillDelivery.id)
    )
    begins = f"{month:%Y-%m}"
    return [name for name, figures in rows if not figures or any(one["period"].startswith(begins) for one in figures)]


def closed(company: Company, month: dt.date) -> CreditMonth | None:
    """The closing that stands."""
    return db.session.scalar(
        select(CreditMonth).where(CreditMonth.company_id == company.id, CreditMonth.month == month)
    )


@action("suspense.clear")
def clear_suspense(
    actor: Person,
    company: Company,
    *,
    account: Account,
    amount: int,
    reason: str,
    venture: Venture | None = None,
    key: str | None = None,
) -> None:
    """Charge an amount in suspense to a venture's credits, or (without one) to the company. One below zero is given
    back: a bill was corrected after what it charged had left suspense.

    key: of this wish; one that was fulfilled under it before is not fulfilled again.

    Raises Invalid when there is not that much in suspense, or not that much of the venture's credits.
    """
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    db.session.execute(select(Company.id).where(Company.id == account.owner_id).with_for_update(key_share=True))
    db.session.refresh(account, ["balance"])
    movement = f"suspense-{account.public_id}-{key or keys.public_id()}"
    if _was_charged(movement, account, amount):
        return
    if not (0 < amount <= account.balance or account.balance <= amount < 0):
        raise Invalid(_("Enter an amount up to what is in suspense."), field="amount")
    event = audit.record(
        "suspense.clear", company,
        {"amount": amount, "currency": account.currency, "venture": venture.public_id if venture else None},
        reason=reason,
    )  # fmt: skip
    legs = _to_company(company, account, amount) if venture is None else _to_venture(venture, account, amount)
    try:
        ledger.post(movement, legs, memo="Out of suspense", cause_id=event.id)
    except Overdrawn as short:
        field = "amount" if short.account.id == account.id else "venture"
        raise Invalid(_("There is not that much left to charge."), field=field) from short


def _was_charged(movement: str, account: Account, amount: int) -> bool:
    """Whether the wish was fulfilled before. Raises Invalid when it was for another amount."""
    entry = db.session.scalar(select(Entry).where(Entry.key == movement))
    if entry is not None and (account.id, -amount) not in {(one.account_id, one.amount) for one in entry.postings}:
        raise Invalid(_("Something was charged from this page already. Open it again."), field="amount")
    return entry is not None


def _to_company(company: Company, account: Account, amount: int) -> list[Leg]:
    overhead = ledger.account_of("overhead", company, account.currency)
    return [Leg(account, -amount), Leg(overhead, amount)]


def _to_venture(venture: Venture, account: Account, amount: int) -> list[Leg]:
    """The venture's credits become spent; what the bill was booked against is settled."""
    granted = select(CreditGrant.id).where(
        CreditGrant.venture_id == venture.id, CreditGrant.currency == account.currency
    )
    if db.session.scalar(granted.limit(1)) is None:
        words = _("This venture has no credits in %(currency)s.", currency=account.currency)
        raise Invalid(words, field="venture")
    grant = ledger.account_of("grant", venture, account.currency)
    spent = ledger.account_of("spent", venture, account.currency)
    owner = db.session.get_one(Company, account.owner_id)  # of the bill: what is in suspense is a company's
    billed = ledger.account_of("billed", owner, account.currency, min_balance=None)
    return [Leg(account, -amount), Leg(billed, amount), Leg(grant, -amount), Leg(spent, amount)]


def put_in_suspense(company: Company, *, currency: str, amount: int, key: str, memo: str, cause_id: int) -> None:
    """Book what a bill charges and no sandbox of ours has used. Called by imports (no right of its own)."""
    suspense = ledger.account_of("suspense", company, currency)
    billed = ledger.account_of("billed", company, currency, min_balance=None)
    ledger.post(key, [Leg(suspense, amount), Leg(billed, -amount)], memo=memo, cause_id=cause_id)
