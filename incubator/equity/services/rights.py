"""Appreciation rights: settled at the value of an approved appraisal that has not expired, in shares or in money."""

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.engines import rights as engine
from incubator.equity.models import Appraisal, EquityGrant, PlanKind
from incubator.equity.services import appraisals
from incubator.web.formats import money

RISES = (PlanKind.SAR_STOCK, PlanKind.SAR_CASH)
"""Kinds that are settled by their rise above a base price."""


@dataclass(frozen=True)
class Settlement:
    """What an exercise comes to: the appraisal it rests on, shares (smallest units), money (minor units)."""

    appraisal: Appraisal
    net: int
    minor: int


def settlement(grant: EquityGrant, units: int, *, base: int, given: int | None, on: dt.date) -> Settlement:
    """The rise of so many smallest units above the base price (minor units) on a day. given: the value that the asker
    named, which must be the appraised one. Raises Invalid at `units` or `value_minor`, with the rule."""
    security = grant.plan.security
    found = db.session.scalar(appraisals.usable(security).where(Appraisal.appraised_on <= on).limit(1))
    if found is None:
        raise Invalid(
            _("An appreciation right is settled at an appraised value, and no appraisal of this class is approved yet"),
            field="units", code="unapproved_appraisal",
        )  # fmt: skip
    appraisals.refuse_unusable(found, security, on, "units")
    value = found.unit_minor
    if given is not None and given != value:
        raise Invalid(
            _("The approved appraisal says %(value)s for one unit", value=money(value, grant.currency)),
            field="value_minor", code="other_price",
        )  # fmt: skip
    if value <= base:
        raise Invalid(
            _("One unit is worth %(value)s, which is not above the base of %(base)s",
              value=money(value, grant.currency), base=money(base, grant.currency)),
            field="units", code="under_water",
        )  # fmt: skip
    figures = {"value": value, "base": base, "decimals": security.decimals}
    if grant.plan.kind is PlanKind.SAR_CASH:
        return Settlement(found, 0, engine.rise(units, **figures))
    net = engine.net_shares(units, **figures)
    return Settlement(found, net.shares, net.minor)
