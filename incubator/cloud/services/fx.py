"""Credits changed into a provider's currency at the day's rate, and back at the rate they were changed at."""

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.cloud.engines import fx as engine
from incubator.cloud.models import FxExchange, FxRate, Sandbox
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.ledger import services as ledger
from incubator.ledger.models import Account, Entry
from incubator.ledger.services import Leg
from incubator.people.models import Company

OWN = "CNY"
"""The currency in which credits are granted."""
OLDEST = dt.timedelta(days=7)
"""A rate older than this is no rate of the day any more (the longest holidays have eight days: enter one within)."""


def rate_of(currency: str) -> FxRate:
    """The newest rate of a currency. Raises Invalid when finance has entered none lately."""
    found = db.session.scalar(
        select(FxRate)
        .where(FxRate.currency == currency, FxRate.on_day.between(clock.today() - OLDEST, clock.today()))
        .order_by(FxRate.on_day.desc())
        .limit(1)
    )
    if found is None:
        raise Invalid(
            _("There is no rate of the last days for %(currency)s. Ask finance to enter one.", currency=currency),
            field="limit",
        )
    return found


def in_own(minor: int, rate: FxRate) -> int:
    """What an amount of a foreign currency costs in credits."""
    return engine.cost_of(minor, rate.rate_e8, from_digits=MINOR_DIGITS[OWN], to_digits=MINOR_DIGITS[rate.currency])


def change(sandbox: Sandbox, grant: Account, held: Account, amount: int, key: str) -> None:
    """Hold `amount` of the provider's currency, paid from the grant in its own. Raises Overdrawn, Invalid."""
    rate = rate_of(held.currency)
    paid = in_own(amount, rate)
    own, foreign = _accounts(sandbox.company, grant.currency, held.currency)
    legs = [Leg(grant, -paid), Leg(own, paid), Leg(foreign, -amount), Leg(held, amount)]
    entry = ledger.post(key, legs, memo=f"Changed and set aside for {sandbox.number}")
    _note(sandbox, rate.id, entry, legs, amount)


def change_back(sandbox: Sandbox, grant: Account, held: Account, key: str) -> None:
    """Give all that is still held back to the grant, at the mean rate it was changed at."""
    now = held.balance
    rows = db.session.scalars(
        select(FxExchange).where(FxExchange.sandbox_id == sandbox.id).order_by(FxExchange.id)
    ).all()
    back = engine.given_back(changed=_sum(rows, 1), returned=_sum(rows, -1), now=now)
    own, foreign = _accounts(sandbox.company, grant.currency, held.currency)
    legs = [Leg(held, -now), Leg(foreign, now)]
    if back:
        legs += [Leg(own, -back), Leg(grant, back)]
    entry = ledger.post(key, legs, memo=f"Changed back by {sandbox.number}")
    _note(sandbox, rows[-1].rate_id, entry, [Leg(grant, back)], -now)


def _sum(rows: Sequence[FxExchange], sign: int) -> tuple[int, int]:
    """(own, foreign) of what was changed (1) or came back (-1)."""
    mine = [row for row in rows if row.to_minor * sign > 0]
    return sum(abs(row.from_minor) for row in mine), sum(abs(row.to_minor) for row in mine)


def _accounts(company: Company, own: str, foreign: str) -> tuple[Account, Account]:
    """The company's fx accounts, which may stand on either side of zero: their sum is what rates have done."""
    return (
        ledger.account_of("fx", company, own, min_balance=None),
        ledger.account_of("fx", company, foreign, min_balance=None),
    )


def _note(sandbox: Sandbox, rate_id: int, entry: Entry, legs: Sequence[Leg], to_minor: int) -> None:
    """One row an entry; the same entry again (an order sent twice) writes no second one."""
    if db.session.scalar(select(func.count()).where(FxExchange.entry_id == entry.id)):
        return
    grant = legs[0]
    cause = audit.current().latest_parent or sandbox.cause_id
    db.session.add(
        FxExchange(
            sandbox_id=sandbox.id, rate_id=rate_id, entry_id=entry.id, from_currency=grant.account.currency,
            from_minor=-grant.amount, to_currency=sandbox.lease.currency,
            to_minor=to_minor, cause_id=cause,
        )
    )  # fmt: skip
    db.session.flush()
