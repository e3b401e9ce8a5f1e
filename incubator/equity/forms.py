"""Input about plans and grants."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from incubator.core.errors import Invalid
from incubator.equity.models import EquityPlan
from incubator.equity.words import ALLOCATIONS, ISSUER_KINDS, KINDS, REGIMES, SIZES
from incubator.people.models import Person
from incubator.web.forms import AmountField, DayField, Form, Required, WholeNumberField, read_decimal


class UnitsField(StringField):  # type: ignore[misc]
    """A number of units as people write it; data is an exact decimal, turned into smallest units by `smallest`."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:,f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly: '1,20' is refused, not read as 120."""
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = read_decimal(valuelist[0], _l("Enter a number, such as 48,000"))


def smallest(value: Decimal | None, decimals: int, field: str) -> int | None:
    """A number of units in the smallest unit of a class. Raises Invalid at the field for a finer fraction."""
    if value is None:
        return None
    units = value.scaleb(decimals)
    if units != units.to_integral_value() or abs(units) >= 10**15:
        words = _("Enter a whole number: fractions of a unit do not exist here")
        finer = _("Enter a number with at most %(n)s decimals", n=decimals)
        raise Invalid(finer if decimals else words, field=field)
    return int(units)


def _choices(words: Mapping[str, object]) -> list[SelectChoice]:
    return [SelectChoice(str(value), text) for value, text in words.items()]


def _called(person: Person) -> str:
    return f"{person.name} ({person.title})" if person.title else person.name


class VestingFields(Form):
    """How something vests, in months."""

    months = WholeNumberField(_l("Vests over (months)"), validators=[Required(_l("Enter the number of months"))])
    every_months = WholeNumberField(
        _l("In parts every (months)"), validators=[Required(_l("Enter the number of months"))]
    )
    cliff_months = WholeNumberField(
        _l("Nothing before (months)"), validators=[Required(_l("Enter the number of months, or 0"))]
    )
    allocation = SelectField(_l("What does not divide evenly"), choices=_choices(ALLOCATIONS))

    def start_from(self, terms: dict[str, Any]) -> None:
        """Fill in stored terms."""
        self.months.data, self.every_months.data = terms["months"], terms["months_between"]
        self.cliff_months.data, self.allocation.data = terms["cliff_months"], terms["allocation"]


class PlanForm(VestingFields):
    """A new plan for a venture."""

    title_en = StringField(_l("Name in English"), validators=[Required(_l("Enter the plan's name in English"))])
    title_zh = StringField(_l("Name in Chinese"), validators=[Required(_l("Enter the plan's name in Chinese"))])
    kind = SelectField(_l("What the plan gives"), choices=_choices(KINDS))
    regime = SelectField(
        _l("Rules it stands under"), choices=_choices({code: regime.text for code, regime in REGIMES.items()})
    )
    issuer_kind = SelectField(_l("Legal form of the issuer"), choices=_choices(ISSUER_KINDS))
    size = SelectField(_l("Size of the enterprise"), choices=_choices(SIZES), default="small")
    unit_en = StringField(_l("Word for its units in English"), default="shares", validators=[Required(_l("Enter it"))])
    unit_zh = StringField(_l("Word for its units in Chinese"), default="股", validators=[Required(_l("Enter it"))])
    decimals = SelectField(_l("Decimals of a unit"), choices=_choices({str(n): str(n) for n in range(7)}), default="0")
    total = UnitsField(_l("Total capital in units"), validators=[Required(_l("Enter the total, such as 10,000,000"))])
    pool = UnitsField(_l("Pool of the plan in units"), validators=[Required(_l("Enter the pool, such as 600,000"))])
    person = UnitsField(_l("Most for one person in units"), validators=[Optional()])
    starts_on = DayField(_l("The plan starts on"), validators=[Required(_l("Enter the day the plan starts"))])

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `create_plan`. Raises Invalid for fractions finer than the class has."""
        data, decimals = self.data, int(self.decimals.data)
        names = ("kind", "regime", "issuer_kind", "size", "starts_on", "months", "every_months", "cliff_months")
        return {name: data[name] for name in (*names, "allocation")} | {
            "title": {"en": data["title_en"].strip(), "zh": data["title_zh"].strip()},
            "unit": {"en": data["unit_en"].strip(), "zh": data["unit_zh"].strip()},
            "decimals": decimals,
            "total_units": smallest(data["total"], decimals, "total"),
            "pool_units": smallest(data["pool"], decimals, "pool"),
            "person_units": smallest(data["person"], decimals, "person"),
        }


class GrantForm(VestingFields):
    """The terms of a grant. `for_plan` says whom it may be for and how fine its units are."""

    holder = SelectField(_l("Holder"), description=_l("Somebody of the venture's team"))
    units = UnitsField(_l("Units"), validators=[Required(_l("Enter how many units, such as 48,000"))])
    price_minor = AmountField(_l("Price of one unit"), validators=[Required(_l("Enter an amount, such as 1.20"))])
    granted_on = DayField(_l("Grant date"), validators=[Required(_l("Enter the grant date"))])
    starts_on = DayField(_l("Vesting starts on"), validators=[Required(_l("Enter the day vesting starts"))])

    def for_plan(self, plan: EquityPlan, maker_id: int) -> "GrantForm":
        """Offer the members of the plan's venture, without the maker."""
        self.plan = plan
        self.people = {m.person.public_id: m.person for m in plan.venture.members if m.person_id != maker_id}
        self.holder.choices = _choices({key: _called(person) for key, person in self.people.items()})
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `draft_grant`. Raises Invalid for a fraction of the smallest unit."""
        decimals = self.plan.security.decimals
        return dict(self.data) | {
            "holder": self.people[self.holder.data],
            "units": smallest(self.units.data, decimals, "units"),
        }


class ReasonForm(Form):
    """Why something is sent back, refused, cancelled or declined."""

    reason = TextAreaField(_l("Reason"), validators=[Required(_l("Say why"))])


class DeclineForm(Form):
    """Why an offer is declined, if the holder wants to say."""

    reason = TextAreaField(_l("Reason"), validators=[Optional()])


class AcceptForm(Form):
    """The fingerprint of the letter that was read."""

    letter_hash = HiddenField()


class StepForm(Form):
    """A step without further input."""
