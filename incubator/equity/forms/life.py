"""Input about grants in force: a step, a departure, payroll, tables that come in."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from incubator.core.errors import Invalid
from incubator.equity.forms.fields import UnitsField, choices_of, smallest
from incubator.equity.models import EquityGrant
from incubator.equity.words import ORDERS, REASONS
from incubator.web.forms import AmountField, DayField, Form, Required, UploadField


class StepAskForm(Form):
    """A step on a grant; which fields count depends on its kind. `for_grant` says what can be chosen."""

    kind = RadioField(
        _l("What should happen"), validators=[Required(_l("Choose what should happen"))], validate_choice=False
    )
    effective_on = DayField(_l("Counts from"), validators=[Required(_l("Enter a day"))])
    units = UnitsField(_l("Units"), validators=[Optional()])
    price_minor = AmountField(_l("Price of one unit"), validators=[Optional()])
    condition = SelectField(_l("Vesting event"), validators=[Optional()], validate_choice=False)
    order = SelectField(_l("What is brought forward"), choices=choices_of(ORDERS), default="next")
    to_on = DayField(_l("Last day of the leave"), validators=[Optional()])
    stops = BooleanField(_l("Vesting ends, and all that has not vested goes"))
    transaction = SelectField(_l("Movement to take back"), validators=[Optional()], validate_choice=False)
    reason = TextAreaField(_l("Reason"), validators=[Required(_l("Say why"))])

    def for_grant(
        self, grant: EquityGrant, kinds: dict[str, object], conditions: list[str], movements: dict[str, object]
    ) -> "StepAskForm":
        """Offer what fits the grant: kinds of steps, its vesting events, movements that can be taken back."""
        self.decimals = grant.plan.security.decimals
        self.kind.choices = choices_of(kinds)
        self.condition.choices = [("", "–"), *[(name, name) for name in conditions]]
        self.transaction.choices = [("", "–"), *[(key, str(text)) for key, text in movements.items()]]
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `propose_step`."""
        data = dict(self.data)
        return data | {
            "units": smallest(data["units"], self.decimals, "units"),
            "condition": data["condition"] or None,
            "transaction": data["transaction"] or None,
        }


class ExerciseForm(Form):
    """How many vested units the holder wants to exercise."""

    units = UnitsField(_l("Units to exercise"), validators=[Required(_l("Enter how many units, such as 48,000"))])
    value_minor = AmountField(_l("Value of one unit"), validators=[Optional()])

    def for_grant(self, grant: EquityGrant) -> "ExerciseForm":
        """How fine the units are."""
        self.decimals = grant.plan.security.decimals
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `exercise`."""
        return {
            "units": smallest(self.units.data, self.decimals, "units"),
            "value_minor": self.value_minor.data,
        }


class DepartureForm(Form):
    """Somebody leaves or moves. `confirmed` comes with the second sending, after the outcome was shown."""

    hr_number = StringField(_l("HR number"), validators=[Required(_l("Enter the HR number"))])
    reason = SelectField(_l("Why"), choices=choices_of(REASONS))
    last_day = DayField(_l("Last day of work"), validators=[Required(_l("Enter the last day of work"))])
    value_minor = AmountField(
        _l("Appraised value of one unit"),
        validators=[Optional()],
        description=_l("Where the plan buys back at a value: from the last approved appraisal"),
    )
    note = TextAreaField(_l("Evidence"), validators=[Required(_l("Name the letter or the decision"))])
    confirmed = HiddenField()


class BatchForm(Form):
    """The month and currency of a batch."""

    period = StringField(_l("Month"), validators=[Required(_l("Enter a month, such as 2026-11"))])
    currency = StringField(_l("Currency"), default="CNY", validators=[Required(_l("Enter a currency"))])


class TableForm(Form):
    """A table that comes in."""

    file = UploadField(_l("Table (CSV or XLSX)"), validators=[Required(_l("Choose a file"))])

    def read(self) -> tuple[bytes, str]:
        """The bytes and the name. Raises Invalid without a file."""
        chosen = self.file.data
        if chosen is None:
            raise Invalid(_("Choose a file"), field="file")
        return chosen.read(), chosen.filename or ""
