"""Fields that the forms of this package share."""

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, TextAreaField
from wtforms.validators import Length, ValidationError

from incubator.core.money import MINOR_DIGITS
from incubator.web.forms import DayField as Day
from incubator.web.forms import Form, Required, check_day

TYPED = MINOR_DIGITS["CNY"]
"""Decimals that an amount may have as it is typed; no currency here has more."""


class DayField(Day):
    """A day; one that does not exist, such as 30 February, is named in the refusal."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read YYYY-MM-DD."""
        self.data = None
        given = valuelist[0].strip() if valuelist else ""
        if given:
            try:
                self.data = dt.date.fromisoformat(given)
            except ValueError as error:
                words = _l("There is no such day: %(given)s. Write it like 2026-11-24.", given=given)
                raise ValueError(str(words)) from error
        check_day(self)


class Rows(FieldList):  # type: ignore[misc]
    """Rows of a table; what is wrong in one of them stands in plain words at the whole."""

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Gather the rows' own messages."""
        super().validate(form, extra_validators)
        self.errors = [message for row in self.entries for field in row.form for message in field.errors]
        return not self.errors


def check_decimals(field: Any, digits: int) -> None:
    """Raises ValidationError for an amount with more decimals than its currency has; today those have two or none."""
    if field.data is not None and field.data % 10 ** (TYPED - digits):
        raise ValidationError(str(_l("Enter a whole number here, without decimals.")))


def minor(field: Any, digits: int) -> int:
    """What was typed, in the smallest unit of a currency (or of a class of shares) with so many decimals."""
    typed: int = field.data or 0
    scale: int = 10 ** (TYPED - digits)
    return typed // scale


class ReasonForm(Form):
    """Why, in at most as many characters as are kept."""

    reason = TextAreaField(_l("Reason"), validators=[Required(_l("Give a reason.")), Length(max=2000)])
