"""Input about plans."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Optional

from incubator.equity.forms.fields import UnitsField, VestingFields, choices_of, smallest
from incubator.equity.models import EquityHolder
from incubator.equity.words import ISSUER_KINDS, KINDS, ON_CANCELLATION, REGIMES, SIGNERS, SIZES
from incubator.people.models import Role
from incubator.web.forms import AmountField, DayField, PercentField, Required, WholeNumberField

OFFER_DAYS = 30
FACTS = ("net_asset_growth_minor", "after_tax_profit_minor", "staff")
GROWTH = ("hurdle_minor", "cap_minor", "rate_bps", "milestone_minor", "years", "source")


class PlanForm(VestingFields):
    """A new plan for a venture."""

    title_en = StringField(_l("Name in English"), validators=[Required(_l("Enter the plan's name in English"))])
    title_zh = StringField(_l("Name in Chinese"), validators=[Required(_l("Enter the plan's name in Chinese"))])
    kind = SelectField(_l("What the plan gives"), choices=choices_of(KINDS))
    regime = SelectField(
        _l("Rules it stands under"), choices=choices_of({code: regime.text for code, regime in REGIMES.items()})
    )
    issuer_kind = SelectField(_l("Legal form of the issuer"), choices=choices_of(ISSUER_KINDS))
    size = SelectField(_l("Size of the enterprise"), choices=choices_of(SIZES), default="small")
    unit_en = StringField(_l("Word for its units in English"), default="shares", validators=[Required(_l("Enter it"))])
    unit_zh = StringField(_l("Word for its units in Chinese"), default="股", validators=[Required(_l("Enter it"))])
    decimals = SelectField(
        _l("Decimals of a unit"), choices=choices_of({str(n): str(n) for n in range(7)}), default="0"
    )
    total = UnitsField(_l("Total capital in units"), validators=[Required(_l("Enter the total, such as 10,000,000"))])
    pool = UnitsField(_l("Pool of the plan in units"), validators=[Required(_l("Enter the pool, such as 600,000"))])
    person = UnitsField(_l("Most for one person in units"), validators=[Optional()])
    starts_on = DayField(_l("The plan starts on"), validators=[Required(_l("Enter the day the plan starts"))])

    on_cancellation = SelectField(_l("Units that lapse"), choices=choices_of(ON_CANCELLATION), default="return")
    offer_days = WholeNumberField(_l("Days to answer an offer"), default=30, validators=[Optional()])
    net_asset_growth_minor = AmountField(_l("Growth of net assets in three years"), validators=[Optional()])
    after_tax_profit_minor = AmountField(_l("After-tax profit of the year"), validators=[Optional()])
    staff = WholeNumberField(_l("Staff of the company"), validators=[Optional()])
    hurdle_minor = AmountField(_l("Growth that pays nothing (hurdle)"), validators=[Optional()])
    cap_minor = AmountField(_l("Most that is paid"), validators=[Optional()])
    rate_bps = PercentField(_l("Part of the growth that is shared"), validators=[Optional()])
    milestone_minor = AmountField(_l("Growth from which units are handed over"), validators=[Optional()])
    years = WholeNumberField(_l("Paid over (years)"), default=3, validators=[Optional()])
    source = SelectField(_l("Whose units are handed over"), validators=[Optional()], validate_choice=False)

    signs_finance = BooleanField(SIGNERS[Role.FINANCE])
    signs_legal = BooleanField(SIGNERS[Role.LEGAL])
    signs_board = BooleanField(SIGNERS[Role.BOARD])
    signs_funder = BooleanField(SIGNERS[Role.FUNDER])

    def for_vehicles(self, vehicles: Sequence[EquityHolder]) -> "PlanForm":
        """Offer the holders whose units a share transfer can hand over."""
        named = {holder.public_id: holder.name for holder in vehicles}
        self.source.choices = choices_of({"": "–", **named})
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `create_plan`. Raises Invalid for fractions finer than the class has."""
        data, decimals = self.data, int(self.decimals.data)
        names = ("kind", "regime", "issuer_kind", "size", "starts_on", "months", "every_months", "cliff_months")
        return {name: data[name] for name in (*names, "allocation", "day_rule", "on_cancellation")} | {
            "title": {"en": data["title_en"].strip(), "zh": data["title_zh"].strip()},
            "unit": {"en": data["unit_en"].strip(), "zh": data["unit_zh"].strip()},
            "decimals": decimals,
            "signers": [role.value for role in SIGNERS if data[f"signs_{role.value}"]],
            "total_units": smallest(data["total"], decimals, "total"),
            "pool_units": smallest(data["pool"], decimals, "pool"),
            "person_units": smallest(data["person"], decimals, "person"),
            "offer_days": OFFER_DAYS if data["offer_days"] is None else data["offer_days"],
            "facts": {name: data[name] for name in FACTS},
            "growth": {name: data[name] for name in GROWTH},
        }
