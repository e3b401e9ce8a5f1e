"""The accounts' side of grants: fair value on the grant date with its inputs, and the expense by period (IFRS 2)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core import audit
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.equity.engines import expense, valuation
from incubator.equity.engines.vesting import Timeline, timeline
from incubator.equity.models import EquityGrant, EquityTransaction, GrantValue, ValueSource
from incubator.equity.services import vesting
from incubator.equity.states import GRANTED
from incubator.people.models import Person

MILLION = 10**6


@action("grant_value.create")
def value_grant(
    actor: Person,
    grant: EquityGrant,
    /,
    *,
    spot: Decimal,
    rate: int,
    volatility: int,
    dividend: int,
    months: int,
    forfeiture: int,
    basis: str,
    appraised: Decimal | None = None,
) -> GrantValue:
    """Record the fair value of one whole unit on the grant date. Rates in basis points, the term in months.

    The appraiser's figure counts where there is one; the model's stands beside it. A later row replaces an earlier.
    """
    if grant.state not in GRANTED:
        raise Invalid(_("Only an approved grant has a grant date"), field="spot")
    if not basis.strip():
        raise Invalid(_("Name the source"), field="basis")
    model = _model(grant, spot, rate, volatility, dividend, months)
    if appraised is not None and not 0 <= appraised < 10**9:
        raise Invalid(_("Enter an amount of 0 or more"), field="appraised")
    value = model if appraised is None else _millionths(appraised)
    made = GrantValue(
        grant=grant, maker=actor, source=ValueSource.MODEL if appraised is None else ValueSource.APPRAISER,
        value_millionths=value, model_millionths=model, forfeiture_bp=forfeiture,
        inputs={"spot": str(spot), "strike_minor": grant.price_minor, "rate_bp": rate, "volatility_bp": volatility,
                "dividend_bp": dividend, "months": months, "basis": basis.strip(),
                "engine": valuation.ENGINE_VERSION},
    )  # fmt: skip
    origin = audit.record("grant_value.create", grant, made.inputs | {"millionths": value, "by": actor.public_id})
    made.cause_id = origin.id
    db.session.add(made)
    db.session.flush()
    return made


def _model(  # noqa: PLR0917 - the inputs of the model
    grant: EquityGrant, spot: Decimal, rate: int, volatility: int, dividend: int, months: int
) -> int:
    strike = Decimal(grant.price_minor).scaleb(-MINOR_DIGITS[grant.currency])
    try:
        inputs = valuation.Inputs(
            spot, strike, Decimal(rate).scaleb(-4), Decimal(volatility).scaleb(-4),
            Decimal(months) / 12, Decimal(dividend).scaleb(-4),
        )  # fmt: skip
    except valuation.ValuationError as error:
        raise Invalid(_("Enter a price above 0 and a term of at most 100 years"), field="spot") from error
    return _millionths(valuation.black_scholes(inputs))


def _millionths(value: Decimal) -> int:
    return int(valuation.in_minor(value * MILLION))


def values_of(grants: Sequence[EquityGrant]) -> dict[int, GrantValue]:
    """The value that counts of each grant that has one: the latest."""
    latest = (
        select(func.max(GrantValue.id))
        .where(GrantValue.grant_id.in_([grant.id for grant in grants]))
        .group_by(GrantValue.grant_id)
    )
    rows = db.session.scalars(select(GrantValue).where(GrantValue.id.in_(latest)))
    return {row.grant_id: row for row in rows}


def logs_of(grants: Sequence[EquityGrant]) -> dict[int, list[EquityTransaction]]:
    """The movements of several grants that stand, in one statement."""
    logs: dict[int, list[EquityTransaction]] = {grant.id: [] for grant in grants}
    rows = db.session.scalars(
        select(EquityTransaction).where(EquityTransaction.grant_id.in_(logs)).order_by(EquityTransaction.id)
    )
    for row in rows:
        logs[row.grant_id or 0].append(row)
    return {key: vesting.standing(rows) for key, rows in logs.items()}


def tranches_of(grant: EquityGrant, log: Sequence[Any]) -> list[expense.Tranche]:
    """A grant's instalments as the expense takes them: what lapsed is forfeited on its day, what was brought forward
    is recognised on the day it was."""
    planned = timeline(
        vesting.graph_of(grant.terms), units=grant.units, starts_on=grant.starts_on, granted_on=grant.granted_on
    )
    actual = vesting.timeline_of(grant, log)
    due = {instalment.number: instalment.vests_on for instalment in planned.instalments}
    begins = min(grant.starts_on, grant.granted_on)
    found = []
    for part in actual.instalments:
        until = max(due.get(part.number, part.vests_on), part.vests_on)
        early = part.vests_on if part.vests_on < until else None
        found.append(expense.Tranche(part.units, begins, max(until, begins), ended_on=early))
    return found + _lapsed(planned, actual, begins)


def _lapsed(planned: Timeline, actual: Timeline, begins: dt.date) -> list[expense.Tranche]:
    """Units that lapsed, taken from the instalments planned last."""
    found: list[expense.Tranche] = []
    rest = [(Fraction(part.units), part.vests_on) for part in planned.instalments]
    for lapse in actual.lapses:
        left = Fraction(lapse.units)
        while left > 0 and rest:
            units, vests_on = rest.pop()
            taken = min(left, units)
            gone = expense.Forfeiture(lapse.on, taken)
            found.append(expense.Tranche(taken, begins, max(vests_on, begins), (gone,)))
            left -= taken
            if units > taken:
                rest.append((units - taken, vests_on))
    return found


@dataclass(frozen=True)
class Cost:
    """What one grant costs in each of the periods asked for, in minor units; None where no fair value is recorded."""

    grant: EquityGrant
    value: GrantValue | None
    minor: list[int] | None


def costs(grants: Sequence[EquityGrant], periods: Sequence[tuple[dt.date, dt.date]]) -> list[Cost]:
    """The expense of grants by period; two statements however many there are."""
    values, logs = values_of(grants), logs_of(grants)
    return [_cost(grant, values.get(grant.id), logs[grant.id], periods) for grant in grants]


def _cost(
    grant: EquityGrant, value: GrantValue | None, log: Sequence[Any], periods: Sequence[tuple[dt.date, dt.date]]
) -> Cost:
    if value is None:
        return Cost(grant, None, None)
    decimals = grant.plan.security.decimals
    each = Fraction(value.value_millionths * 10 ** MINOR_DIGITS[grant.currency], MILLION * 10**decimals)
    estimates = [expense.Estimate(dt.date.min, value.forfeiture_bp)]
    found = expense.by_period(tranches_of(grant, log), periods, value=each, estimates=estimates)
    return Cost(grant, value, [period.minor for period in found])
