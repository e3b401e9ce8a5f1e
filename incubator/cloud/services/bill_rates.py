"""What amounts on bills are in the currency of a sandbox's credits, at the stored rates of their days."""

import datetime as dt
from fractions import Fraction

from sqlalchemy import select

from incubator.cloud.engines import fx as engine
from incubator.cloud.models import FxRate
from incubator.cloud.services import fx
from incubator.core.db import db
from incubator.core.money import MINOR_DIGITS


class Rates:
    """The stored rates that are asked for: of the day, else the newest within fx.OLDEST before it."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, dt.date], FxRate | None] = {}

    def exact(self, minor: int, currency: str, own: str, day: dt.date) -> tuple[Fraction, FxRate | None] | None:
        """An amount in minor units of another currency, not rounded, and the rate that it is changed at (none where
        both are the same); None where a rate is missing."""
        if currency == own:
            return Fraction(minor), None
        found = {one: self._of(one, day) for one in (currency, own) if one != fx.OWN}
        rates = {one: rate for one, rate in found.items() if rate is not None}
        if len(rates) < len(found):
            return None
        e8 = {fx.OWN: engine.E8} | {one: rate.rate_e8 for one, rate in rates.items()}
        amount = engine.exact(
            minor, rate_e8=e8[currency], to_rate_e8=e8[own],
            from_digits=MINOR_DIGITS[currency], to_digits=MINOR_DIGITS[own],
        )  # fmt: skip
        return amount, next(iter(rates.values()))

    def _of(self, currency: str, day: dt.date) -> FxRate | None:
        if (currency, day) not in self.known:
            near = FxRate.on_day.between(day - fx.OLDEST, day)
            found = select(FxRate).where(FxRate.currency == currency, near).order_by(FxRate.on_day.desc()).limit(1)
            self.known[currency, day] = db.session.scalar(found)
        return self.known[currency, day]
