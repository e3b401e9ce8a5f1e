"""Input about credits: more of them, more days, freezes, returns, rates and suspense."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from flask_babel import lazy_gettext as _l
from pydantic import Field
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from incubator.cloud.forms import page_key
from incubator.cloud.forms.market import WHY
from incubator.cloud.market_words import CURRENCIES, FREEZES
from incubator.core import clock
from incubator.core.money import MINOR_DIGITS
from incubator.web.forms import AmountField, DayField, Form, Required, UploadField, WholeNumberField, read_decimal
from incubator.web.sheets import Day, Heading, Row

AMOUNT = _l("Enter an amount, such as 1,200.50")
FOREIGN = [key for key in CURRENCIES if key != "CNY"]


class AskForm(Form):
    """How much more, and why."""

    amount = AmountField(_l("Credits"), [Required(AMOUNT)])
    reason = TextAreaField(_l("Reason"), WHY)


class ExtensionForm(Form):
    """How many days more, and why."""

    days = WholeNumberField(_l("Days more"), [Required(_l("Enter a whole number, such as 30"))])
    reason = TextAreaField(_l("Reason"), WHY)


class FreezeForm(Form):
    """How far, and why."""

    level = RadioField(_l("Level"), coerce=int, choices=[SelectChoice(key, text) for key, text in FREEZES.items()],
                       default=1)  # fmt: skip
    reason = TextAreaField(_l("Reason"), [Required(_l("Say why")), Length(max=500)])


class GiveBackForm(Form):
    """How much goes back to the pool."""

    amount = AmountField(_l("Amount"), [Required(AMOUNT)])
    key = page_key()


class RateField(StringField):  # type: ignore[misc]
    """Yuan for one unit of a currency, at most eight decimals; data is an integer, times 10**8."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly."""
        self.data = None
        if valuelist and valuelist[0].strip():
            words = _l("Enter a rate above zero, such as 7.1234.")
            rate = read_decimal(valuelist[0], words)
            self.data = e8(rate)
            if self.data is None:
                raise ValueError(str(words))


def e8(rate: Decimal) -> int | None:
    """A rate times 10**8; None where it is not above zero, too large or finer than that."""
    scaled = rate.scaleb(8)
    return int(scaled) if scaled == scaled.to_integral_value() and 0 < scaled < 10**15 else None


class RateForm(Form):
    """The rate of a day."""

    currency = SelectField(_l("Currency"), choices=[SelectChoice(key, key) for key in FOREIGN])
    on_day = DayField(_l("Day"), [Required(_l("Choose a day"))], default=clock.today)
    rate = RateField(_l("Yuan for one"), [Required(_l("Enter a rate above zero, such as 7.1234."))])
    source = StringField(_l("Source"), [Required(_l("Name the source")), Length(max=200)])


class RateFileForm(Form):
    """Rates of many days from a file."""

    file = UploadField(_l("File"))
    source = StringField(_l("Source"), [Required(_l("Name the source")), Length(max=200)], id="file-source")


class RateLine(Row):
    """A line of a file of rates."""

    currency: Annotated[str, Heading(_l("Currency"))]
    on_day: Annotated[Day, Heading(_l("Day"))]
    rate: Annotated[Decimal, Heading(_l("Yuan for one")), Field(gt=0, lt=10**7, max_digits=15, decimal_places=8)]

    @property
    def as_rate(self) -> tuple[str, dt.date, int]:
        """As services.propose_rates takes it."""
        return self.currency.upper(), self.on_day, int(self.rate.scaleb(8))


class SuspenseForm(Form):
    """What of it, and to whom."""

    account = SelectField(_l("Suspense account"))
    venture = SelectField(_l("Charge to"))
    amount = AmountField(_l("Amount"), [Required(AMOUNT)])
    reason = TextAreaField(_l("Reason"), [Required(_l("Say why")), Length(max=500)])
    key = page_key()

    def read_in(self, currency: str, given: Any) -> None:
        """Read the amount with the decimals of the account's currency."""
        self.amount.digits = MINOR_DIGITS[currency]
        self.amount.process(given)


class MonthForm(Form):
    """Which month is closed: its first day."""

    month = DayField(_l("Month"), [Required(_l("Choose a day"))])
