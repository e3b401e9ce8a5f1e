"""Asking for a transfer: the units must be there and free of their lock on that day."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.engines import transfers as engine
from incubator.equity.models import EquityTransaction, EquityTransfer, Instrument, Movement, SecurityClass
from incubator.equity.services import caps
from incubator.equity.services.capital import holders_by_key, lock_class
from incubator.equity.services.issuers import articles_of
from incubator.equity.services.transfers.free import unvested_of
from incubator.equity.states import TRANSFER, TransferState
from incubator.people.models import Person

MOST = 10**15
OPEN = (TransferState.LOCK_CHECK, TransferState.NOTICE, TransferState.TAKEN, TransferState.WAIVED,
        TransferState.PRICED, TransferState.APPROVED)  # fmt: skip


def lots_of(security: SecurityClass, holder: str) -> list[engine.Lot]:
    """The lots of shares a holder has of a class: days they were acquired, oldest first, what left taken from those.

    A balance that stays in the same hand is no acquisition, and a correction takes back what it names.
    """
    row, reversed_ = (
        EquityTransaction,
        select(EquityTransaction.reverses_id).where(EquityTransaction.reverses_id.is_not(None)),
    )
    found = db.session.execute(
        select(row.effective_on, row.quantity).where(
            row.class_public_id == security.public_id, row.holder_public_id == holder,
            row.instrument == Instrument.SHARE, row.quantity != 0,
            row.kind.not_in((Movement.BALANCE, Movement.CORRECTION)), row.id.not_in(reversed_),
        )
    )  # fmt: skip
    return engine.lots_left([engine.Lot(day, units) for day, units in found])


def _promised_away(security: SecurityClass, holder: str) -> int:
    """Units of transfers that are under way already."""
    statement = select(func.coalesce(func.sum(EquityTransfer.units), 0)).where(
        EquityTransfer.security_class_id == security.id, EquityTransfer.seller_public_id == holder,
        EquityTransfer.state.in_(OPEN),
    )  # fmt: skip
    return int(db.session.scalar(statement) or 0)


@action("transfer.request")
def request_transfer(
    actor: Person,
    security: SecurityClass,
    /,
    *,
    seller: str,
    buyer: str,
    units: int,
    price_minor: int,
    payment: str,
    complete_by: dt.date,
) -> EquityTransfer:
    """Ask to transfer issued units. seller, buyer: keys of the register; price_minor: for one whole unit.

    The lock is checked at once: Invalid at `units` names the day from which units are free, and the rule.
    """
    security = lock_class(security)
    names = holders_by_key([seller, buyer])
    _check_parties(seller, buyer, names)
    _check_terms(units, price_minor, payment, complete_by)
    checked = _check_lock(security, seller, units)
    transfer = EquityTransfer(
        number=keys.spoken("T"), security=security, company_id=security.issuer.company_id, maker=actor,
        seller_public_id=seller, seller_name=names[seller][0], buyer_public_id=buyer, buyer_name=names[buyer][0],
        units=units, price_minor=price_minor, payment=payment.strip(), complete_by=complete_by,
        requested_on=clock.today(), lock=checked, articles=dict(security.issuer.articles),
    )  # fmt: skip
    origin = audit.record("transfer.request", security, {"number": transfer.number, "units": units, "seller": seller})
    transfer.cause_id = origin.id
    db.session.add(transfer)
    db.session.flush()
    TRANSFER.move(transfer, "check_lock", payload=checked)
    return transfer


def _check_parties(seller: str, buyer: str, names: dict[str, Any]) -> None:
    if seller not in names:
        raise Invalid(_("Choose a known holder"), field="seller")
    if buyer not in names:
        raise Invalid(_("Choose a known buyer"), field="buyer")
    if buyer == seller:
        raise Invalid(_("Seller and buyer are the same"), field="buyer")


def _check_terms(units: int, price_minor: int, payment: str, complete_by: dt.date) -> None:
    if not 0 < units < MOST:
        raise Invalid(_("Enter at least 1"), field="units")
    if not 0 < price_minor < MOST:
        raise Invalid(_("Enter an amount above 0"), field="price_minor")
    if not payment.strip():
        raise Invalid(_("Say how and when it is paid"), field="payment")
    if complete_by <= clock.today():
        raise Invalid(_("Choose a day to come"), field="complete_by")


def _check_lock(security: SecurityClass, seller: str, units: int) -> dict[str, Any]:
    """The check with its dates. Raises Invalid when fewer units are free."""
    today, articles = clock.today(), articles_of(security.issuer.articles)
    found = engine.check_lock(lots_of(security, seller), months=articles.lock_months, on=today)
    unvested, promised = unvested_of(security, seller, today), _promised_away(security, seller)
    held = found.free + found.locked
    if units > held - promised:
        raise Invalid(_("There are not so many units"), field="units", code="short")
    if units > held - promised - unvested:
        raise Invalid(
            _("%(n)s of these units are restricted shares that have not vested yet: they cannot be sold",
              n=caps.units_text(unvested, security)),
            field="units", code="unvested",
        )  # fmt: skip
    free = min(found.free, held - unvested) - promised
    if units > free and found.next_free:
        lock = found.next_free
        raise Invalid(
            _("%(free)s are free of the lock-up today; the next are from %(day)s (acquired %(since)s, %(months)s"
              " months, Civil Code 201–203)", free=caps.units_text(max(free, 0), security),
              day=lock.free_from.isoformat(), since=lock.begins.isoformat(), months=articles.lock_months),
            field="units", code="locked",
        )  # fmt: skip
    return {
        "on": today.isoformat(), "months": articles.lock_months, "free": found.free, "locked": found.locked,
        "next_free_on": found.next_free.free_from.isoformat() if found.next_free else None,
        "engine": engine.ENGINE_VERSION,
    }  # fmt: skip
