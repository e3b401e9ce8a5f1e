"""Fields that several forms of equity share."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, StringField

from incubator.core.errors import Invalid
from incubator.equity.engines.vesting import START_DAY
from incubator.equity.words import ALLOCATIONS, DAYS
from incubator.people.models import Person
from incubator.web.forms import Form, Required, WholeNumberField, read_decimal


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


def choices_of(words: Mapping[str, object]) -> list[SelectChoice]:
    return [SelectChoice(str(value), text) for value, text in words.items()]


def called(person: Person) -> str:
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
    allocation = SelectField(_l("What does not divide evenly"), choices=choices_of(ALLOCATIONS))

    day_rule = SelectField(_l("Day of the month"), choices=choices_of(DAYS), default=START_DAY)

    def start_from(self, terms: dict[str, Any]) -> None:
        """Fill in stored terms."""
        self.months.data, self.every_months.data = terms["months"], terms["months_between"]
        self.cliff_months.data, self.allocation.data = terms["cliff_months"], terms["allocation"]
        self.day_rule.data = terms.get("day_rule", START_DAY)
