"""Pricing, approving, settling a transfer, and taking a wrong one back by counter-entries."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.approvals.services import fingerprint
from incubator.core import clock
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.models import (
    Appraisal,
    EquitySecurity,
    EquityTransaction,
    EquityTransfer,
    Instrument,
    Movement,
)
from incubator.equity.services import appraisals, register, replacing
from incubator.equity.services.capital import holders_by_key, lock_class
from incubator.equity.services.plans import open_approval
from incubator.equity.services.transfers.free import sellable
from incubator.equity.services.transfers.notice import lock
from incubator.equity.states import TRANSFER
from incubator.notifications.services import notify
from incubator.people.models import Person, Role
from incubator.web.formats import money


@action("transfer.price")
def price_transfer(actor: Person, transfer: EquityTransfer, *, appraisal: Appraisal | None) -> None:
    """Hold the notice's price against an approved appraisal, freeze the transfer, and ask a second person to approve.

    Others waived or took on the notice's terms, so another price needs another notice. Raises Invalid at `appraisal`.
    """
    lock(transfer)
    used = appraisals.refuse_unusable(appraisal, transfer.security, clock.today(), "appraisal")
    if used.unit_minor != transfer.price_minor:
        currency = transfer.security.currency
        raise Invalid(
            _("The notice said %(noticed)s and the appraisal says %(appraised)s: withdraw this and ask anew at the"
              " appraised price", noticed=money(transfer.price_minor, currency),
              appraised=money(used.unit_minor, currency)),
            field="appraisal", code="other_price",
        )  # fmt: skip
    transfer.appraisal = used
    transfer.content = content_of(transfer)
    transfer.content_hash = fingerprint(transfer.content)
    TRANSFER.move(transfer, "price", payload=transfer.content)
    parties = [transfer.seller_public_id, *(transfer.outcome or {})]
    people = {person for _name, person in holders_by_key(parties).values() if person is not None}
    approvals.request(
        actor,
        transfer,
        title={"en": f"Transfer {transfer.number}", "zh": f"转让 {transfer.number}"},
        address=f"/equity/transfers/{transfer.public_id}",
        company=transfer.company,
        content=transfer.content,
        steps=[Role.HR],
        beneficiaries=sorted(people),
    )


def content_of(transfer: EquityTransfer) -> dict[str, Any]:
    """What is signed, from the rows as they are now."""
    appraisal = transfer.appraisal
    return {
        "number": transfer.number, "class": transfer.security.public_id, "seller": transfer.seller_public_id,
        "buyer": transfer.buyer_public_id, "units": transfer.units, "price_minor": transfer.price_minor,
        "currency": transfer.security.currency, "payment": transfer.payment,
        "complete_by": transfer.complete_by.isoformat(), "lock": transfer.lock, "articles": transfer.articles,
        "outcome": transfer.outcome, "appraisal": appraisal.public_id if appraisal else None,
        "answers": [[a.holder_public_id, a.wanted] for a in transfer.answers],
    }  # fmt: skip


@action("transfer.approve")
def approve_transfer(actor: Person, transfer: EquityTransfer) -> None:
    """Sign a transfer as the second person; an appraisal that expired meanwhile stops it."""
    lock(transfer)
    appraisals.refuse_unusable(transfer.appraisal, transfer.security, clock.today(), "appraisal")
    if approvals.sign(actor, open_approval(transfer), content=content_of(transfer)):
        TRANSFER.move(transfer, "approve")
        notify(transfer.maker_id, "transfer.approved", f"/equity/transfers/{transfer.public_id}",
               number=transfer.number)  # fmt: skip


@action("transfer.refuse")
def refuse_transfer(actor: Person, transfer: EquityTransfer, *, reason: str) -> None:
    """Refuse a transfer with a reason."""
    lock(transfer)
    approvals.refuse(actor, open_approval(transfer), reason=reason)
    TRANSFER.move(transfer, "refuse", reason=reason)
    replacing.let_go(transfer)
    notify(transfer.maker_id, "transfer.refused", f"/equity/transfers/{transfer.public_id}", number=transfer.number)


@action("transfer.withdraw")
def withdraw_transfer(actor: Person, transfer: EquityTransfer, *, reason: str) -> None:
    """Give a transfer up before it is priced."""
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    lock(transfer)
    TRANSFER.move(transfer, "withdraw", reason=reason.strip())
    replacing.let_go(transfer)


@action("transfer.settle")
def settle_transfer(actor: Person, transfer: EquityTransfer, *, settled_on: dt.date, payment_reference: str) -> None:
    """Enter an approved transfer in the register once it is paid: all of it or nothing.

    Units leave the seller's oldest securities first; each taker gets a new one.
    """
    if not payment_reference.strip():
        raise Invalid(_("Name the payment's reference"), field="payment_reference")
    if not transfer.requested_on <= settled_on <= clock.today():
        raise Invalid(_("Choose a day between the request and today"), field="settled_on")
    security = lock_class(transfer.security)
    lock(transfer)
    event = TRANSFER.move(transfer, "settle", payload={"on": settled_on.isoformat(), "paid": payment_reference.strip()})
    transfer.settled_on, transfer.payment_reference = settled_on, payment_reference.strip()
    transfer.settler_id = actor.id
    details = {"transfer": transfer.public_id}
    parents = _take(transfer, settled_on, event, details)
    for holder, units in (transfer.outcome or {}).items():
        register.issue(
            security, holder=holder, instrument=Instrument.SHARE, quantity=units, effective_on=settled_on, event=event,
            kind=Movement.TRANSFER, price_minor=transfer.price_minor, parent=parents[0], details=details,
        )  # fmt: skip
    replacing.pay_taken(transfer, event)


def _take(transfer: EquityTransfer, day: dt.date, event: AuditEvent, details: dict[str, Any]) -> list[EquitySecurity]:
    """Take the units out of the seller's securities, oldest first, none that has not vested; those they came from."""
    left, parents = transfer.units, []
    for security, there in sellable(transfer.security, transfer.seller_public_id, day):
        part = min(there, left)
        if part:
            register.take(security, Movement.TRANSFER, part, day, event, price_minor=transfer.price_minor,
                          details=details)  # fmt: skip
            parents.append(security)
            left -= part
    if left:
        raise Invalid(_("The seller no longer has so many units"), field="settled_on", code="short")
    return parents


@action("transfer.reverse")
def reverse_transfer(actor: Person, transfer: EquityTransfer, *, reason: str) -> None:
    """Take a settled transfer back by counter-entries, as another person than who settled it.

    Refused once a taker's units have moved on.
    """
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    lock_class(transfer.security)
    lock(transfer)
    event = TRANSFER.move(transfer, "reverse", reason=reason.strip())
    rows = _entries_of(transfer)
    for row in rows:
        if row.quantity > 0 and register.units_in(register.of_transaction(row)) < row.quantity:
            raise Invalid(_("Units of this transfer have moved on; correct those movements first"), field="reason")
    for row in sorted(rows, key=lambda row: (row.quantity < 0, row.id)):
        register.reverse(row, clock.today(), event, reason.strip())
    replacing.take_back(transfer)


def _entries_of(transfer: EquityTransfer) -> list[EquityTransaction]:
    """The movements of a settlement that are no balance: the seller's units that left and the takers' that came."""
    statement = select(EquityTransaction).where(
        EquityTransaction.class_public_id == transfer.security.public_id,
        EquityTransaction.details["transfer"].astext == transfer.public_id,
        EquityTransaction.kind == Movement.TRANSFER,
    )
    return list(db.session.scalars(statement).all())
